"""Pixels of exemplars as files: nothing but values and pixel size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segmentation import Labels


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


def label_plane(labels: Labels | None, stack: PlaneStack, index: int) -> tuple[np.ndarray, list[str]]:
    """Numbers [H, W] of the structures on a slice, 0 for none, and their names in the order of the numbers."""
    painted = np.zeros(stack.shape, dtype=np.int64)
    if labels is None:
        return painted, []
    names = list(labels.names)
    for number, name in enumerate(names, start=1):
        painted[stack.view(labels.mask(name))[index]] = number
    # Only now is it known which structures show: one may be hidden by those painted later.
    shown, numbers = np.unique(painted, return_inverse=True)
    numbers = numbers.reshape(painted.shape) + (0 if shown[0] == 0 else 1)
    return numbers, [names[number - 1] for number in shown if number]
