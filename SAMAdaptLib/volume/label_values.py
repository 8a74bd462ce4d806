"""The values of label maps, which are whole numbers even where a file stores them with a scale."""

from __future__ import annotations

import os

import numpy as np

from SAMAdaptLib.arrays import Double, Single
from SAMAdaptLib.errors import InputError, counted, note

# What arithmetic in single precision leaves beside whole numbers; no image has so little.
NOISE = 1e-4


def _beside(part: np.ndarray) -> Single | Double:
    """The distance of each value from the nearest whole number; NaN where there is none."""
    with np.errstate(invalid="ignore"):
        distance: Single | Double = np.abs(part - np.rint(part))
    return distance


def _stored_whole(array: np.ndarray, slope: float, off: float) -> bool:
    """Whether values up to ``off`` beside whole numbers may be what a scale leaves of a label map.

    A scale of 1 or more would have stored two labels as one; of an image, two stored values round to the same number.
    """
    # Single precision adds an error of its own.
    if not 0 < slope < 1 or off > slope / 2 + 1e-6 * max(1.0, float(array.max())):
        return False
    values = np.unique(array)
    return len(np.unique(np.rint(values))) == len(values)


def whole_numbers(array: np.ndarray, path: str | os.PathLike[str], slope: float = 0.0) -> np.ndarray:
    """The values of a label map as whole numbers.

    Args:
        array: of any shape, as read.
        path: of the file, for errors and notes.
        slope: the scale with which the file stores them, 0 or 1 for none.

    Raises:
        InputError: values between whole numbers, unless the scale or arithmetic explains them; below 0 or above
            4294967295.
    """
    if np.issubdtype(array.dtype, np.floating):
        off = np.array([_beside(part).max() for part in array]).max()
        scaled = off > NOISE and _stored_whole(array, slope, off)
        if scaled or 0 < off <= NOISE:
            array = np.rint(array)
            stored = f"were stored with a scale of {slope:.4g} and " if scaled else ""
            note(
                f"The labels {stored}lie up to {off:.2g} beside whole numbers; they were rounded",
                path,
                "Save label maps as whole numbers without a scale",
            )
        elif off != 0:
            bad = sum(int(np.count_nonzero(_beside(part) != 0)) for part in array)
            raise InputError(
                f"Of the labels {counted(bad, 'voxel', 'is', 'are')} no whole numbers",
                path,
                "Give a label map, not an image",
            )
    if array.min() < 0 or array.max() > np.iinfo(np.uint32).max:
        raise InputError("The labels hold values below 0 or above 4294967295", path, "Give a label map, not an image")
    if np.issubdtype(array.dtype, np.floating):
        return array.astype(np.min_scalar_type(int(array.max())))
    return array


def present_values(array: np.ndarray) -> list[int]:
    """The values of labels above 0, rising."""
    top = int(array.max())
    if top >= 1 << 16:
        return [int(value) for value in np.unique(array) if value > 0]
    counts = sum(np.bincount(part.ravel().astype(np.int64, copy=False), minlength=top + 1) for part in array)
    return [int(value) for value in np.flatnonzero(counts) if value > 0]
