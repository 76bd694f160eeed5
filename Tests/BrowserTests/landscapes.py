"""Generates landscapes with a sky, a sun and ridges of hills. The project can publish them, unlike the photos
of mate-backgrounds."""

import math
import random

from photos import vips

# Name, width, height, and the colours from the top of the sky to the nearest ridge.
VIEWS = [
    ("harbour.jpg", 1440, 960, [(255, 196, 138), (255, 140, 105), (150, 80, 110), (40, 26, 60)]),
    ("north-face.jpg", 960, 1200, [(206, 228, 245), (148, 184, 214), (84, 118, 150), (24, 40, 60)]),
    ("october.jpg", 1500, 1000, [(250, 224, 170), (226, 150, 72), (150, 76, 40), (52, 26, 22)]),
    ("first-frost.jpg", 1200, 900, [(236, 240, 250), (190, 204, 226), (126, 146, 178), (56, 72, 104)]),
    ("valley.jpg", 1600, 900, [(200, 236, 226), (120, 190, 160), (56, 124, 96), (14, 52, 44)]),
    ("night-train.jpg", 1300, 1000, [(20, 24, 62), (54, 44, 110), (100, 58, 130), (12, 10, 30)]),
    ("dunes.jpg", 1500, 900, [(255, 232, 200), (244, 196, 140), (206, 142, 92), (120, 70, 48)]),
    ("lagoon.jpg", 1100, 1100, [(180, 238, 246), (90, 196, 214), (30, 130, 156), (6, 58, 84)]),
    ("ridge-walk.jpg", 1400, 940, [(246, 214, 224), (220, 150, 180), (140, 84, 130), (50, 28, 64)]),
]


def ridge(numbers, width, height, level, rough):
    """The height of a line of hills at each column: a sum of waves, each about half as high as the previous
    one."""
    waves = [(numbers.uniform(0, 6.3), (0.9 + numbers.random()) * 2**k) for k in range(8)]
    return [
        level
        + height
        * rough
        * sum(
            math.sin(phase + frequency * 2 * math.pi * x / width) / 2 ** (k * 0.95)
            for k, (phase, frequency) in enumerate(waves)
        )
        for x in range(width)
    ]


def mix(a, b, part):
    return tuple(int(x + (y - x) * part) for x, y in zip(a, b, strict=False))


def draw(path, seed, width, height, colours):
    numbers = random.Random(seed)
    top, bottom, far, near = colours
    sun_x, sun_y = width * numbers.uniform(0.2, 0.8), height * numbers.uniform(0.2, 0.42)
    radius = min(width, height) * 0.06
    layers = 6
    ridges = [ridge(numbers, width, height, height * (0.45 + 0.1 * n), 0.018 + 0.012 * n) for n in range(layers)]
    tones = [mix(mix(bottom, far, 0.5), near, n / (layers - 1)) for n in range(layers)]
    rows = []
    for y in range(height):
        sky = mix(top, bottom, min(1, y / (height * 0.62)))
        row = bytearray()
        for x in range(width):
            colour = sky
            away = math.hypot(x - sun_x, y - sun_y) / radius
            if away < 5:
                colour = mix(sky, (255, 250, 236), 1 if away < 1 else 0.55 * (1 - (away - 1) / 4) ** 2)
            for line, tone in zip(ridges, tones, strict=False):
                if y >= line[x]:
                    # Haze below each ridge.
                    colour = mix(tone, bottom, max(0, 0.35 - (y - line[x]) / (height * 0.3)))
            row += bytes(colour)
        rows.append(row)
    source = path.with_suffix(".ppm")
    source.write_bytes(b"P6 %d %d 255\n" % (width, height) + b"".join(rows))
    vips("copy", source, f"{path}[Q=90]")
    source.unlink()


def landscapes(folder):
    for seed, (name, width, height, colours) in enumerate(VIEWS):
        draw(folder / name, seed, width, height, colours)
        yield folder / name
