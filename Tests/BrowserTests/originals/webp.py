"""WebP: lossy and lossless, with alpha and ICC profiles, and animated."""

import io

from PIL import Image

from originals import picture, profiles
from originals.original import ORIENTATIONS, Original, exif, name

# Description: options for the encoder, profile.
DESCRIPTIONS = {
    "lossy": ({"quality": 95, "method": 0}, None),
    "lossless": ({"lossless": True, "method": 0, "quality": 0}, None),
    "display-p3": ({"quality": 95, "method": 0}, profiles.display_p3),
    "tables": ({"lossless": True, "method": 0, "quality": 0}, profiles.tables),
}


def image(has_alpha):
    return Image.fromarray(picture.with_alpha(picture.rgb()) if has_alpha else picture.rgb())


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "WEBP", **options)
    return file.getvalue()


def originals():
    for description, (options, profile) in DESCRIPTIONS.items():
        for has_alpha in (False, True):
            for orientation in ORIENTATIONS:

                def make(options=options, profile=profile, has_alpha=has_alpha, orientation=orientation):
                    if profile:
                        options = {**options, "icc_profile": profile()}
                    if orientation != 1:
                        options = {**options, "exif": exif(orientation)}
                    return saved(image(has_alpha), **options)

                yield Original(name("webp", description, has_alpha, orientation), make)
            yield Original(
                name("webp", f"animated-{description}", has_alpha),
                lambda options=options, profile=profile, has_alpha=has_alpha: saved(
                    image(has_alpha),
                    save_all=True,
                    append_images=[image(has_alpha).rotate(180)],
                    duration=200,
                    icc_profile=profile and profile(),
                    **options,
                ),
                is_animated=True,
            )
