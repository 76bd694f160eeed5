"""JPEG: colour spaces, subsampling, ICC profiles, EXIF orientation."""

import io

import numpy as np
from PIL import Image

from originals import picture, profiles
from originals.original import ORIENTATIONS, Original, exif, name


def ink():
    """CMYK without undercolour removal, but with some black."""
    key = (255 - picture.rgb().max(2, keepdims=True)) // 2
    light = picture.rgb() / (255 - key) * 255
    return np.dstack([255 - light.round(), key]).clip(0, 255).astype(np.uint8)


def image(kind):
    match kind:
        case "grey":
            return Image.fromarray(picture.grey())
        case "cmyk":
            return Image.frombytes("CMYK", (picture.WIDTH, picture.HEIGHT), ink().tobytes())
        case _:
            return Image.fromarray(picture.rgb())


# Description: kind of pixels, options for the encoder, profile.
DESCRIPTIONS = {
    "plain": ("rgb", {"subsampling": "4:4:4"}, None),
    "420": ("rgb", {"subsampling": "4:2:0"}, None),
    "422": ("rgb", {"subsampling": "4:2:2"}, None),
    "progressive": ("rgb", {"progressive": True}, None),
    "grey": ("grey", {}, None),
    "grey-profile": ("grey", {}, profiles.grey),
    "cmyk": ("cmyk", {}, None),
    "cmyk-profile": ("cmyk", {}, profiles.ink),
    "display-p3": ("rgb", {}, profiles.display_p3),
    "adobe-rgb": ("rgb", {}, profiles.adobe_rgb),
    "tables": ("rgb", {}, profiles.tables),
    "profile-of-grey": ("rgb", {}, profiles.grey),
    "profile-of-ink": ("rgb", {}, profiles.ink),
}


def originals():
    for description, (kind, options, profile) in DESCRIPTIONS.items():
        for orientation in ORIENTATIONS:

            def make(kind=kind, options=options, profile=profile, orientation=orientation):
                file = io.BytesIO()
                image(kind).save(
                    file,
                    "JPEG",
                    quality=95,
                    exif=exif(orientation),
                    icc_profile=profile and profile(),
                    **options,
                )
                return file.getvalue()

            yield Original(name("jpeg", description, orientation=orientation), make)
