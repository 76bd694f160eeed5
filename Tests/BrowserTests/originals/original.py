"""What a test knows of a file before it is made."""

import dataclasses
import struct
from collections.abc import Callable

from PIL import Image

ORIENTATIONS = range(1, 9)


@dataclasses.dataclass(frozen=True)
class Original:
    name: str
    make: Callable[[], bytes]
    """The same image without alpha, perhaps in another format, if Chromium shows the file wrong. Its colours are
    compared, and the alpha that Pillow reads from the file."""
    opaque: Callable[[], bytes] | None = None
    is_animated: bool = False

    @property
    def format(self):
        return self.name.partition("-")[0]

    @property
    def mime(self):
        return f"image/{self.format}"


def name(format_, description, has_alpha=False, orientation=1):
    words = [format_, description]
    if has_alpha:
        words.append("alpha")
    if orientation != 1:
        words.append(f"orientation-{orientation}")
    return "-".join(words)


def exif(orientation):
    """An EXIF block with this orientation (CIPA DC-008, section 4.6.5), with its "Exif" identifier."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def box(kind, data):
    """A box of ISO/IEC 14496-12."""
    return struct.pack(">I4s", 8 + len(data), kind) + data
