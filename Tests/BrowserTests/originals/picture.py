"""One picture with smooth parts, hard edges, texture and saturated colours, as values of different kinds."""

import functools

import numpy as np

WIDTH, HEIGHT = 160, 112

# Linear light, from sRGB's primaries to those of BT.2020 (ITU-R BT.2087).
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
# Of white, in cd/m²: bright enough to be mapped to what an ordinary screen shows.
WHITE = 800

DISCS = [
    (24, 30, 14, (214, 40, 36)),
    (56, 26, 13, (36, 160, 62)),
    (88, 32, 15, (38, 62, 205)),
    (120, 28, 14, (230, 200, 40)),
    (142, 66, 12, (40, 180, 200)),
    (20, 78, 12, (190, 50, 170)),
]


@functools.cache
def rgb():
    """8 bits per channel."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    # A sky, and a textured hill below it.
    sky = np.stack([150 + 70 * y / HEIGHT, 175 + 40 * x / WIDTH, 235 - 50 * y / HEIGHT], 2)
    hill = y > 66 + 14 * np.sin(x / 23) + 5 * np.sin(x / 7)
    noise = np.random.default_rng(22).normal(0, 3, (HEIGHT, WIDTH, 1))
    ground = np.stack([70 + 50 * x / WIDTH, 96 + 0.5 * y, 40 + 30 * np.sin(x / 31) ** 2], 2) + noise
    made = np.where(hill[..., None], ground, sky)
    for left, top, radius, colour in DISCS:
        distance = np.hypot(x - left, y - top)[..., None]
        cover = np.clip(radius - distance + 0.5, 0, 1)
        made = made * (1 - cover) + np.array(colour) * cover
    # A ramp of grey from black to white, and black and white bars.
    made[96:104, 8:152] = np.linspace(0, 255, 144)[None, :, None]
    made[56:80, 60:64] = 0
    made[56:80, 64:68] = 255
    made[56:80, 76:84] = 16
    return np.clip(made.round(), 0, 255).astype(np.uint8)


@functools.cache
def grey():
    return (rgb() @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)


@functools.cache
def alpha():
    """Opaque at the left, a slope, and a hole."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    made = np.clip(255 * 1.3 * (1 - x / WIDTH) + 20, 0, 255)
    made[np.hypot(x - 70, y - 84) < 16] = 0
    return made.round().astype(np.uint8)


def deep(values):
    """8 bits per channel as 16."""
    return values.astype(np.uint16) * 257


def with_alpha(values):
    """Grey or RGB with the picture's alpha, of the same depth."""
    last = alpha() if values.dtype == np.uint8 else deep(alpha())
    return np.dstack([values, last])


@functools.cache
def pq():
    """16 bits per channel in BT.2020, coded by SMPTE ST 2084."""
    value = rgb() / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) @ TO_BT2020.T
    power = (light.clip(0, 1) * WHITE / 10_000) ** (2610 / 16384)
    root = (3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)
    coded = root ** (2523 / 32)
    return (coded * 65535).round().astype(np.uint16)
