"""PNG (W3C, third edition): kinds of pixels, and chunks that describe colours."""

import struct
import zlib

import numpy as np
from PIL import Image

from originals import picture, profiles
from originals.original import ORIENTATIONS, Original, exif, name


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(pixels, chunks=b"", palette=None, orientation=1):
    """A PNG of grey, grey with alpha, RGB or RGBA, with 8 or 16 bits per channel, or of palette indices."""
    height, width, bands = (*pixels.shape, 1)[:3]
    kind = 3 if palette else {1: 0, 2: 4, 3: 2, 4: 6}[bands]
    depth = 8 * pixels.itemsize
    rows = pixels.astype(f">u{pixels.itemsize}").reshape(height, -1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    if orientation != 1:
        # The chunk has no identifier.
        chunks += chunk(b"eXIf", exif(orientation).removeprefix(b"Exif\0\0"))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
        + chunks
        + (palette or b"")
        + chunk(b"IDAT", zlib.compress(data, 1))
        + chunk(b"IEND", b"")
    )


SRGB = chunk(b"sRGB", b"\0")
CHROMATICITIES = {
    "srgb": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
    "display-p3": (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    "adobe-rgb": (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000),
}


def gamma(value):
    return chunk(b"gAMA", struct.pack(">I", value))


def primaries(space):
    return chunk(b"cHRM", struct.pack(">8I", *CHROMATICITIES[space]))


def code_points(colours, transfer):
    """Full range, without a matrix."""
    return chunk(b"cICP", bytes([colours, transfer, 0, 1]))


def embedded(profile):
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile()))


def light_level(brightest):
    """In cd/m²."""
    return chunk(b"cLLI", struct.pack(">II", brightest * 10_000, brightest * 1000))


def linear():
    """16 bits per channel in linear light."""
    value = picture.rgb() / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return (light * 65535).round().astype(np.uint16)


def rgb16():
    return picture.deep(picture.rgb())


# Description: pixels without alpha, chunks.
DESCRIPTIONS = {
    "plain": (picture.rgb, lambda: b""),
    "rgb16": (rgb16, lambda: b""),
    "grey": (picture.grey, lambda: b""),
    "grey16": (lambda: picture.deep(picture.grey()), lambda: b""),
    "grey-profile": (picture.grey, lambda: embedded(profiles.grey)),
    "grey-gama": (picture.grey, lambda: gamma(55556)),
    "srgb": (picture.rgb, lambda: SRGB),
    "display-p3": (picture.rgb, lambda: embedded(profiles.display_p3)),
    "tables": (picture.rgb, lambda: embedded(profiles.tables)),
    "profile-of-grey": (picture.rgb, lambda: embedded(profiles.grey)),
    "gama-45455": (picture.rgb, lambda: gamma(45455)),
    "gama-55556": (picture.rgb, lambda: gamma(55556)),
    "gama-100000": (linear, lambda: gamma(100_000)),
    "gama-45455-chrm-srgb": (picture.rgb, lambda: gamma(45455) + primaries("srgb")),
    "gama-chrm": (picture.rgb, lambda: gamma(45470) + primaries("adobe-rgb")),
    "srgb-gama-chrm": (picture.rgb, lambda: SRGB + gamma(45455) + primaries("display-p3")),
    "cicp-display-p3": (picture.rgb, lambda: code_points(12, 13)),
    "cicp-bt2020": (picture.rgb, lambda: code_points(9, 1)),
    "cicp-pq": (picture.pq, lambda: code_points(9, 16)),
    "cicp-pq-clli": (picture.pq, lambda: code_points(9, 16) + light_level(600)),
    "cicp-hlg": (rgb16, lambda: code_points(9, 18)),
    "cicp-srgb-iccp": (picture.rgb, lambda: code_points(12, 13) + SRGB + embedded(profiles.tables)),
}


def indexed(has_alpha, chunks=b"", orientation=1):
    """With a palette of 256 colours and, in tRNS, their alpha."""
    image = Image.fromarray(picture.rgb()).quantize(256, dither=Image.Dither.NONE)
    colours = bytes(image.getpalette()).ljust(768, b"\0")
    palette = chunk(b"PLTE", colours)
    if has_alpha:
        palette += chunk(b"tRNS", bytes(255 - abs(128 - index) for index in range(256)))
    return write(np.asarray(image), chunks, palette, orientation)


def originals():
    for has_alpha in (False, True):
        for orientation in ORIENTATIONS:
            for description, (pixels, chunks) in DESCRIPTIONS.items():

                def make(pixels=pixels, chunks=chunks, has_alpha=has_alpha, orientation=orientation):
                    shown = picture.with_alpha(pixels()) if has_alpha else pixels()
                    return write(shown, chunks(), orientation=orientation)

                yield Original(name("png", description, has_alpha, orientation), make)

            for description, chunks in {"palette": b"", "palette-display-p3": code_points(12, 13)}.items():

                def make_indexed(has_alpha=has_alpha, chunks=chunks, orientation=orientation):
                    return indexed(has_alpha, chunks, orientation)

                yield Original(name("png", description, has_alpha, orientation), make_indexed)
