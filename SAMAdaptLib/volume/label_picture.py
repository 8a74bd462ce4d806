"""Labels of pictures as PNG with a palette, as many public sets of pictures have them (PASCAL VOC): the number that is
stored for a pixel is its label, and the palette only what colour it is shown in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.image import extension
from SAMAdaptLib.volume.mark import KEY, mark_of

PNG = ".png"
# Of a byte, beside the background.
MOST = 255
# Formats that store colours near those that were given.
_LOSSY = (".jpg", ".jpeg")


def is_label_picture(path: str | os.PathLike[str]) -> bool:
    """Whether a file to be written is such a picture by its name."""
    return extension(path) == PNG


def stored_labels(path: str | os.PathLike[str]) -> np.ndarray | None:
    """The numbers of a picture with a palette, uint8 [1, J, I]; None of another one, whose values are the labels.

    Raises:
        InputError: a format that changes values.
    """
    if Path(path).suffix.lower() in _LOSSY:
        raise InputError("JPEG changes the values of labels", path, "Give them as PNG")
    with Image.open(path) as picture:
        return np.asarray(picture)[None] if picture.mode == "P" else None


def check_label_picture(path: str | os.PathLike[str], count: int, geometry: Geometry | None) -> None:
    """Check that structures could be written to such a picture.

    Args:
        path: the file.
        count: of structures.
        geometry: their grid, where it is known already.

    Raises:
        InputError: too many; a grid that is not a picture's, whose place and size in mm would be lost.
    """
    if count > MOST:
        raise InputError(f"A PNG holds {MOST} structures, and there are {count}", path, "Write .seg.nrrd")
    if geometry is not None and not geometry.same_grid(_of_picture(geometry)):
        raise InputError(
            "A PNG holds the labels of a picture, and no slices with a place and a size in mm", path, "Write .seg.nrrd"
        )


def write_label_picture(path: Path, array: np.ndarray, colors: Mapping[int, Color]) -> None:
    """Write labels atomically, marked as SAMAdapt's.

    Args:
        path: ends with .png.
        array: whole numbers [1, J, I], 0 = background, which is shown black.
        colors: (red, green, blue) in 0..1 of each label.

    Raises:
        InputError: labels above :data:`MOST`.
    """
    if (highest := max(colors, default=0)) > MOST:
        raise InputError(f"A PNG holds labels up to {MOST}, and there is {highest}", path, "Write .seg.nrrd")
    black = (0.0, 0.0, 0.0)
    every = [colors.get(value, black) for value in range(highest + 1)]
    # Pillow makes a palette of colours of this.
    picture = Image.fromarray(array[0])
    picture.putpalette([round(255 * part) for color in every for part in color])
    text = PngInfo()
    text.add_text(KEY, mark_of(array))
    with atomic_path(path) as temporary:
        picture.save(temporary, "PNG", pnginfo=text)


def _of_picture(geometry: Geometry) -> Geometry:
    """The grid that a picture of the same size gets where it is read."""
    return Geometry.from_lps((*geometry.size[:2], 1), (1.0,) * 3, (0.0,) * 3, np.eye(3).ravel().tolist())
