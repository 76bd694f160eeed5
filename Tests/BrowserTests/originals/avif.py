"""AVIF, encoded by avifenc: depth, range, subsampling, nclx, ICC profiles, alpha, rotation and mirroring."""

import functools
import pathlib
import struct
import subprocess
import tempfile

from originals import picture, png, profiles
from originals.original import ORIENTATIONS, Original, box, name

# EXIF's orientation as rotation and mirroring (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
TURNS = {
    1: [],
    2: ["--imir", "1"],
    3: ["--irot", "2"],
    4: ["--imir", "0"],
    5: ["--irot", "1", "--imir", "0"],
    6: ["--irot", "3"],
    7: ["--irot", "3", "--imir", "0"],
    8: ["--irot", "1"],
}


def rgb16():
    return picture.deep(picture.rgb())


# Description: pixels, options, profile, brightest pixel in cd/m².
DESCRIPTIONS = {
    "plain": (picture.rgb, "--cicp 1/13/6", None, 0),
    "limited": (picture.rgb, "--cicp 1/13/1 -r limited", None, 0),
    "420": (picture.rgb, "--cicp 1/13/6 -y 420", None, 0),
    "10-bit": (rgb16, "--cicp 1/13/6 -d 10", None, 0),
    "12-bit-limited": (rgb16, "--cicp 1/13/6 -d 12 -r limited -y 422", None, 0),
    "grey": (picture.grey, "--cicp 1/13/6 -y 400", None, 0),
    "grey-limited": (picture.grey, "--cicp 1/13/6 -y 400 -r limited", None, 0),
    "display-p3": (picture.rgb, "--cicp 12/13/6", None, 0),
    "bt2020": (rgb16, "--cicp 9/1/9 -d 10 -r limited", None, 0),
    "linear": (png.linear, "--cicp 1/8/6 -d 12", None, 0),
    "pq": (picture.pq, "--cicp 9/16/9 -d 10", None, 0),
    "pq-limited": (picture.pq, "--cicp 9/16/9 -d 12 -r limited", None, 0),
    "pq-clli": (picture.pq, "--cicp 9/16/9 -d 10", None, 600),
    "hlg": (rgb16, "--cicp 9/18/9 -d 10", None, 0),
    "icc-display-p3": (picture.rgb, "--cicp 1/13/6", profiles.display_p3, 0),
    "icc-tables": (picture.rgb, "--cicp 1/13/6", profiles.tables, 0),
}


def encoded(frames, options, profile=None):
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, frame in enumerate(frames):
            files.append(pathlib.Path(folder, f"{number}.png"))
            files[-1].write_bytes(png.write(frame))
        made = pathlib.Path(folder, "made.avif")
        if profile:
            icc = pathlib.Path(folder, "profile.icc")
            icc.write_bytes(profile())
            options = [*options, "--icc", icc]
        quality = ["--min", "0", "--max", "2", "--minalpha", "0", "--maxalpha", "0", "--speed", "10"]
        subprocess.run(["avifenc", *quality, *options, *files, made], check=True, capture_output=True)
        return made.read_bytes()


def with_light_level(file, brightest):
    """The file with a `clli` property of its first item (ISO/IEC 23008-12, 6.5.35), which avifenc 0.11 cannot
    write."""
    added = box(b"clli", struct.pack(">HH", brightest, brightest // 10))
    file = bytearray(file)

    def position(kind):
        return file.index(kind) - 4

    def grow(kind, by):
        (length,) = struct.unpack_from(">I", file, position(kind))
        struct.pack_into(">I", file, position(kind), length + by)

    # Offsets of data in version 0 of iloc, after the number of items.
    at = position(b"iloc")
    assert file[at + 8] == 0 and file[at + 12 : at + 14] == b"\x44\x00"
    (items,) = struct.unpack_from(">H", file, at + 14)
    for item in range(items):
        assert file[at + 20 + 14 * item : at + 22 + 14 * item] == b"\0\x01"
        (offset,) = struct.unpack_from(">I", file, at + 22 + 14 * item)
        struct.pack_into(">I", file, at + 22 + 14 * item, offset + len(added) + 1)
    start = position(b"ipco")
    (length,) = struct.unpack_from(">I", file, start)
    properties, child = 0, start + 8
    while child < start + length:
        properties += 1
        child += struct.unpack_from(">I", file, child)[0]
    # The first entry of ipma: after the number of entries, the item and the number of its properties.
    at = position(b"ipma")
    assert file[at + 8 : at + 12] == b"\0\0\0\0"
    file[at + 18] += 1
    file.insert(at + 19, properties + 1)
    grow(b"ipma", 1)
    file[start + length : start + length] = added
    grow(b"ipco", len(added))
    for kind in (b"iprp", b"meta"):
        grow(kind, len(added) + 1)
    return bytes(file)


@functools.cache
def made(description, has_alpha, orientation):
    pixels, options, profile, brightest = DESCRIPTIONS[description]
    shown = picture.with_alpha(pixels()) if has_alpha else pixels()
    file = encoded([shown], [*options.split(), *TURNS[orientation]], profile)
    return with_light_level(file, brightest) if brightest else file


def reference(description, orientation):
    """The image without alpha. Chromium refuses AVIF files with these profiles, but not PNG files."""
    pixels, _, profile, _ = DESCRIPTIONS[description]
    if profile:
        return png.write(pixels(), png.embedded(profile), orientation=orientation)
    return made(description, False, orientation)


def originals():
    for description, (_, _, profile, _) in DESCRIPTIONS.items():
        for orientation in ORIENTATIONS:
            opaque = functools.partial(reference, description, orientation)
            yield Original(
                name("avif", description, False, orientation),
                functools.partial(made, description, False, orientation),
                opaque if profile else None,
            )
            yield Original(
                name("avif", description, True, orientation),
                functools.partial(made, description, True, orientation),
                opaque,
            )
    for description in ("plain", "10-bit"):
        pixels, options, _, _ = DESCRIPTIONS[description]
        yield Original(
            name("avif", f"animated-{description}"),
            lambda pixels=pixels, options=options: encoded([pixels(), pixels()[::-1, ::-1]], options.split()),
            # Chromium may show a later frame.
            functools.partial(made, description, False, 1),
            is_animated=True,
        )
