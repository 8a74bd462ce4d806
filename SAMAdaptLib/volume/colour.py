"""Pictures: what their files say that ITK does not tell, and colours as channels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from PIL import Image

from SAMAdaptLib.errors import InputError, note

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
# Of which a browser or a phone makes pictures, and ITK none.
UNREAD_PICTURES = (".gif", ".webp", ".heic", ".heif", ".avif")
COLOURS = 3
# What Pillow raises for files of other kinds, and for damaged ones.
NO_PICTURE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
# Of the field of EXIF that tells how a camera was held, and of a camera held upright.
_ORIENTATION, _UPRIGHT = 0x0112, 1
# What a value of a colour may be, by SimpleITK's words; more than a byte only in files that hold nothing but pictures.
_BYTES, _WORDS = "vector of 8-bit unsigned integer", "vector of 16-bit unsigned integer"


def is_colour(path: Path, count: int, pixel: str) -> bool:
    """Whether several values of a voxel are its colours, with or without an opacity.

    Args:
        path: the file.
        count: of values.
        pixel: their kind, in SimpleITK's words.
    """
    kinds = (_BYTES, _WORDS) if is_picture(path) else (_BYTES,)
    return count in (COLOURS, COLOURS + 1) and pixel in kinds


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Whether a file of this name holds pictures, whose pixels have no size in mm."""
    return Path(path).suffix.lower() in PICTURES


def is_stack(path: Path) -> bool:
    """Whether a picture file holds several pages, by its header; grey ones are slices of a volume."""
    try:
        with Image.open(path) as header:
            return getattr(header, "n_frames", 1) > 1
    except NO_PICTURE:
        return False


def check_picture(path: Path) -> None:
    """Check what only the picture's own header tells.

    Raises:
        InputError: colours for print; several colour pictures in a file.
    """
    try:
        with Image.open(path) as header:
            mode, count, turned = header.mode, getattr(header, "n_frames", 1), header.getexif().get(_ORIENTATION)
    except NO_PICTURE:
        # Whoever reads the pixels says what is wrong.
        return
    if mode == "CMYK":
        raise InputError("The picture holds colours for print (CMYK)", path, "Save it as RGB")
    if count > 1 and mode not in ("1", "L", "I", "F", "I;16", "I;16B"):
        what = f"The file holds {count} colour pictures (pages, or an animation)"
        raise InputError(what, path, "Save each as a file of its own, or grey ones as a stack")
    if turned not in (None, _UPRIGHT):
        note("The camera was turned, as the picture says; it is taken as its pixels are stored", path)


def colours_of(image: sitk.Image, path: str | os.PathLike[str]) -> np.ndarray:
    """The colours of a picture without its opacity, uint8 [K, J, I, 3]; 16 bits are rounded to 8, which is what a model
    sees.

    Raises:
        InputError: parts of it are transparent.
    """
    array = sitk.GetArrayFromImage(image)
    full = np.iinfo(array.dtype).max
    if array.shape[-1] > COLOURS and (array[..., COLOURS] < full).any():
        raise InputError("Parts of the picture are transparent", path, "Save it without transparency (alpha channel)")
    array = array[..., :COLOURS]
    if full > np.iinfo(np.uint8).max:
        array = np.floor(array / full * 255 + 0.5).astype(np.uint8)
    return np.ascontiguousarray(array)
