"""Pixels of exemplars as files: nothing but values and pixel size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path


def write_slice(path: Path, array: np.ndarray, pixel_spacing: tuple[float, float]) -> None:
    """Write a slice [H, W], or several [N, H, W], as NRRD atomically; (row mm, column mm) is all that its header tells
    of the patient.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((*pixel_spacing[::-1], 1.0)[: array.ndim])
    with atomic_path(path) as temporary:
        try:
            sitk.WriteImage(image, str(temporary), useCompression=True)
        except RuntimeError as error:
            raise InputError("Cannot write the slice", path, "Check the free space and the permissions") from error


def storable(pixels: np.ndarray) -> np.ndarray:
    """A contiguous copy in native byte order and a type that NRRD and SimpleITK both know."""
    widened = {"b": np.uint8, "f": np.float32}
    if pixels.dtype.kind == "b" or pixels.dtype == np.float16:
        return pixels.astype(widened[pixels.dtype.kind])
    return np.array(pixels, dtype=pixels.dtype.newbyteorder("="), order="C")


def read_slice(path: Path) -> np.ndarray:
    """Read what :func:`write_slice` wrote.

    Raises:
        InputError: the file is missing or unreadable.
    """
    try:
        return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError as error:
        state = "unreadable" if path.exists() else "missing"
        raise InputError(
            f"An exemplar's file is {state}", path, "Restore it from a copy or remove the exemplar"
        ) from error
