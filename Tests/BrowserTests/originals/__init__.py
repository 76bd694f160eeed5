"""Files of every format, with every kind of colour description, orientation and alpha."""

from originals import avif, gif, jpeg, png, webp

ORIGINALS = {original.name: original for module in (jpeg, png, webp, gif, avif) for original in module.originals()}
