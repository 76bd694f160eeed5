"""ICC profiles (ICC.1:2010), made for the tests."""

import functools
import itertools
import struct

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
# RGB to XYZ, adapted to D50: the columns of the profiles that Apple and Adobe publish.
DISPLAY_P3 = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
ADOBE_RGB = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])


def fixed(*numbers):
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def profile(space, connection, tags, version=0x02400000):
    """Header, table of tags and tags (sections 7.2 to 7.4)."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(*D50), **tags}
    data, table = b"", struct.pack(">I", len(tags))
    for kind, tag in tags.items():
        table += struct.pack(">4sII", kind, 132 + 12 * len(tags) + len(data), len(tag))
        data += tag + b"\0" * (-len(tag) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    header = struct.pack(">4xI4s4s4s12x4s28x", version, kind, space, connection, b"acsp") + fixed(*D50)
    made = header.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(made)) + made[4:]


def gamma(exponent):
    """A curve with one number (section 10.5)."""
    return struct.pack(">4s4xIH2x", b"curv", 1, round(exponent * 256))


# A parametric curve (section 10.15): sRGB's.
SRGB_CURVE = struct.pack(">4s4xHH", b"para", 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def by_matrix(columns, curve):
    tags = {}
    for channel, letter in enumerate((b"r", b"g", b"b")):
        tags[letter + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*columns[:, channel])
        tags[letter + b"TRC"] = curve
    return profile(b"RGB ", b"XYZ ", tags, version=0x04300000)


def table(channels, points, colour):
    """Lut16Type (section 10.8): Lab of each combination of `points` levels of the channels."""
    levels = np.array(list(itertools.product(np.linspace(0, 1, points), repeat=channels)))
    lab = colour(levels)
    values = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], 1)
    line = struct.pack(">HH", 0, 65535)
    return (
        struct.pack(">4s4xBBBx", b"mft2", channels, 3, points)
        + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        + struct.pack(">HH", 2, 2)
        + line * channels
        + values.round().clip(0, 65535).astype(">u2").tobytes()
        + line * 3
    )


def lab(xyz):
    """CIELAB of XYZ relative to D50."""
    ratio = xyz / D50
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


@functools.cache
def display_p3():
    return by_matrix(DISPLAY_P3, SRGB_CURVE)


@functools.cache
def adobe_rgb():
    return by_matrix(ADOBE_RGB, gamma(563 / 256))


@functools.cache
def tables():
    """One table per intent. Red and blue are exchanged in the colorimetric one, so that a program that uses it
    shows entirely different colours."""

    def perceptual(levels):
        return lab((levels**1.8) @ ADOBE_RGB.T)

    return profile(
        b"RGB ",
        b"Lab ",
        {
            b"A2B0": table(3, 17, perceptual),
            b"A2B1": table(3, 17, lambda levels: perceptual(levels[:, ::-1])),
        },
    )


@functools.cache
def grey():
    return profile(b"GRAY", b"XYZ ", {b"kTRC": gamma(1.8)})


@functools.cache
def ink():
    """CMYK whose inks have the colours of Display P3."""

    def colour(levels):
        light = (1 - levels[:, :3]) * (1 - levels[:, 3:])
        return lab((light**2.2) @ DISPLAY_P3.T)

    return profile(b"CMYK", b"Lab ", {b"A2B0": table(4, 7, colour)})
