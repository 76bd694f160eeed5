"""Small photos from Debian's mate-backgrounds, each with different bytes."""

import pathlib
import struct
import subprocess
import zlib

NATURE = sorted(pathlib.Path("/usr/share/backgrounds/mate/nature").glob("*.jpg"))


class Photos:
    def __init__(self, folder):
        self.plain = {}
        for number, (width, height) in enumerate(((320, 240), (200, 260), (640, 420))):
            for ending in ("jpg", "png"):
                path = pathlib.Path(folder) / f"plain-{number}.{ending}"
                scale = 1 if ending == "jpg" else 2
                subprocess.run(
                    [
                        "vips",
                        "thumbnail",
                        NATURE[number],
                        path,
                        str(width // scale),
                        "--height",
                        str(height // scale),
                        "--crop",
                        "centre",
                    ],
                    check=True,
                    env={"PATH": "/usr/bin:/bin", "VIPS_WARNING": "0"},
                )
                self.plain.setdefault(ending, []).append(path.read_bytes())

    def make(self, dice, words, damaged=False):
        """Returns the bytes, the file name extension and the media type. A damaged file is cut in half."""
        ending = dice.choice(("jpg", "jpg", "png"))
        photo, words = dice.choice(self.plain[ending]), words.encode()
        if ending == "jpg":
            # A comment segment (ITU-T T.81, B.2.4.5) after the start-of-image marker.
            photo = photo[:2] + b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words + photo[2:]
        else:
            # A tEXt chunk (PNG, 11.3.3.2) after the header.
            chunk = b"tEXtComment\0" + words
            chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
            photo = photo[:33] + chunk + photo[33:]
        if damaged:
            photo = photo[: len(photo) // 2]
        return photo, ending, {"jpg": "image/jpeg", "png": "image/png"}[ending]


def dimensions(photo):
    """Width and height from the file's header, or None when the file is incomplete."""
    if photo[:8] == b"\x89PNG\r\n\x1a\n":
        return struct.unpack(">II", photo[16:24]) if photo[-8:-4] == b"IEND" else None
    if photo[:2] != b"\xff\xd8" or photo[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 9 < len(photo):
        marker, length = photo[at + 1], struct.unpack(">H", photo[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", photo[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
