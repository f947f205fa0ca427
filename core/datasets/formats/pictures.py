"""Pictures of any usual format: plain PNG by itself, all others through Pillow, where it is installed.

Transparent parts are black; where that leaves nothing to see (black ink on nothing), the ink is what is opaque.
"""

from __future__ import annotations

import os
import warnings

import numpy as np

from ...disk.files import read_regular
from ...errors import ConfigError
from ...text import safe_text
from .png import on_black, read_png

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
"""Endings of the names of files that are pictures."""
PLAIN = ".png"
CURE = "PNG alone, or install Pillow: pip install pillow"
MAX_FILE = 1 << 26
MAX_SIDE = 1 << 14


def has_pillow() -> bool:
    """Whether pictures of other formats can be read."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        return False
    return True


def read_picture(path: str, side: int = 0) -> np.ndarray:
    """The picture as float64 (1, 3 or 4 channels, height, width) in [0, 1].

    Args:
        path: The file.
        side: Pixels it is resized to along each side; 0 leaves it.

    Raises:
        ConfigError: It is no picture that can be read; names the file.
    """
    if not has_pillow():
        if side:
            raise ConfigError("needs Pillow", field="data.size", value=side, allowed="0, or: pip install pillow")
        if not path.lower().endswith(PLAIN):
            raise ConfigError("is not a PNG picture", file=safe_text(path), allowed=CURE)
        return read_png(path)
    if not side and path.lower().endswith(PLAIN):
        try:
            return read_png(path)
        except ConfigError:  # another kind of PNG, or damaged: Pillow knows, and says so
            return _by_pillow(path, side)
    return _by_pillow(path, side)


def _by_pillow(path: str, side: int) -> np.ndarray:
    import io

    from PIL import Image, ImageOps

    file, data = safe_text(path), read_regular(path, MAX_FILE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that would fill the memory is only warned of
            with Image.open(io.BytesIO(data)) as opened:
                if max(opened.size) > MAX_SIDE:
                    raise ConfigError(f"is {opened.size[0]} by {opened.size[1]} pixels", file=file)
                upright = ImageOps.exif_transpose(opened)
                clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
                gray = upright.mode in ("1", "L", "LA", "I;16", "I", "F")
                image = upright.convert("RGBA" if clear else "L" if gray else "RGB")
                if side:
                    image = image.resize((side, side), Image.Resampling.BOX if min(image.size) > side else None)
    except ConfigError:
        raise
    except Exception as error:  # Pillow raises a dozen kinds on damage
        raise ConfigError(f"is not a picture that can be read ({safe_text(error, 80)})", file=file) from error
    pixels = np.asarray(image, np.float64) / 255.0
    if pixels.ndim == 2:
        return pixels[None]
    channels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    if len(channels) < 4:
        return channels
    mixed = on_black(channels[:3], channels[3])
    return mixed[:1] if gray else mixed


def picture_name(name: str) -> bool:
    """Whether a file's name is that of a picture."""
    return os.path.splitext(name)[1].lower() in SUFFIXES
