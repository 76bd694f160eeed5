"""GIF: still and animated, with transparency, and with frames that are smaller than the canvas."""

import io
import struct

import numpy as np
from PIL import Image

from originals import picture
from originals.original import Original, name

CLEAR = 255


def image(has_alpha, angle=0):
    """With a palette. With alpha, its last index is transparent."""
    made = Image.fromarray(picture.rgb()).quantize(200, dither=Image.Dither.NONE).rotate(angle)
    if not has_alpha:
        return made
    indices = np.asarray(made).copy()
    indices[picture.alpha() < 128] = CLEAR
    clear = Image.fromarray(indices, "P")
    clear.putpalette(bytes(made.getpalette()).ljust(768, b"\0"))
    clear.info["transparency"] = CLEAR
    return clear


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "GIF", optimize=False, **options)
    return file.getvalue()


def within_canvas():
    """The image of another file, moved to the right and down on a larger canvas."""
    file = bytearray(saved(image(False)))
    colours = 2 << (file[10] & 7)
    start = 13 + 3 * colours
    while file[start : start + 1] == b"!":
        start += 2
        while length := file[start]:
            start += 1 + length
        start += 1
    assert file[start : start + 1] == b","
    struct.pack_into("<HH", file, 6, picture.WIDTH, picture.HEIGHT)
    return bytes(file)


def originals():
    for has_alpha in (False, True):
        yield Original(name("gif", "plain", has_alpha), lambda has_alpha=has_alpha: saved(image(has_alpha)))
        for disposal in (1, 2):
            yield Original(
                name("gif", f"animated-disposal-{disposal}", has_alpha),
                lambda has_alpha=has_alpha, disposal=disposal: saved(
                    image(has_alpha),
                    save_all=True,
                    append_images=[image(has_alpha, 180), image(has_alpha)],
                    duration=200,
                    disposal=disposal,
                    loop=0,
                ),
                is_animated=True,
            )
