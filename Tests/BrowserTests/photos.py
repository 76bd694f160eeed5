"""Photos from Debian's package mate-backgrounds, and files made from them."""

import pathlib
import subprocess

NATURE = sorted(pathlib.Path("/usr/share/backgrounds/mate/nature").glob("*.jpg"))
# Each has a megabyte or more.
LARGE = sorted(NATURE, key=lambda photo: -photo.stat().st_size)[:3]


def vips(*words):
    subprocess.run(["vips", *map(str, words)], check=True, env={"PATH": "/usr/bin:/bin", "VIPS_WARNING": "0"})


def smaller(photo, folder, side):
    """The whole photo scaled to fit a square of this side, with the same file name."""
    path = folder / photo.name
    vips("thumbnail", photo, path, side)
    return path


def numbered(folder, count, width=400, height=300):
    """Files with the same pixels and different bytes."""
    source = folder / "source.jpg"
    vips("thumbnail", NATURE[0], source, width, "--height", height, "--crop", "centre")
    bytes_ = source.read_bytes()
    made = []
    for number in range(count):
        path = folder / f"photo-{number:03}.jpg"
        path.write_bytes(commented(bytes_, f"photo {number}"))
        made.append(path)
    return made


def commented(jpeg, text):
    """The same image with a comment segment (ITU-T T.81, B.2.4.5) after the start-of-image marker."""
    words = text.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + jpeg[2:]


def truncated(folder):
    """A JPEG with a valid header whose pixel data ends early."""
    path = folder / "broken.jpg"
    path.write_bytes(NATURE[1].read_bytes()[:20_000])
    return path
