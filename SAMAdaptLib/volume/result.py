"""The file of a segmentation, in whichever format its name asks for: DICOM refers to what was segmented."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from SAMAdaptLib.volume.dicom_film import slices_of
from SAMAdaptLib.volume.dicom_write import DICOM, check_dicom_output, write_dicom_segmentation
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.image import extension
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.segfile import check_segmentation, write_segmentation


def is_dicom_result(path: str | os.PathLike[str]) -> bool:
    """Whether the name asks for a DICOM segmentation."""
    return extension(path) == DICOM


def check_result(
    path: str | os.PathLike[str],
    image: str | os.PathLike[str],
    names: Sequence[str] = (),
    geometry: Geometry | None = None,
    frame: Sequence[int] | None = None,
    series: str | int | None = None,
) -> None:
    """Refuse a file that could not be written, before the work for it begins.

    Args:
        path: the file.
        image: what is segmented.
        names: of the structures.
        geometry: of the image, where it is known already.
        frame: which one of an image over time.
        series: which one of a DICOM folder.

    Raises:
        InputError: a DICOM segmentation of a frame of a film; see :func:`check_dicom_output` and
            :func:`check_segmentation`.
    """
    if is_dicom_result(path):
        check_dicom_output(path, image, names)
        if frame is not None:
            slices_of(Path(image), series, frame[0])
    else:
        check_segmentation(path, names, geometry)


def write_result(
    path: str | os.PathLike[str],
    masks: Mapping[str, np.ndarray],
    geometry: Geometry,
    image: str | os.PathLike[str],
    series: str | int | None = None,
    frames: str | None = None,
    like: Labels | None = None,
    frame: int | None = None,
) -> None:
    """Write structures atomically: a DICOM segmentation, or what :func:`write_segmentation` writes.

    Args:
        path: the file; its extension chooses the format.
        masks: structure name to bool [K, J, I].
        geometry: the grid of all masks.
        image, series, frames: what was segmented, as it was read.
        like: the labels that these were, see :func:`write_segmentation`. What did not change of a DICOM segmentation
            is described as it was, and still said to be drawn by whom it was.
        frame: the number of the frame of an image over time.

    Raises:
        InputError: see :func:`write_dicom_segmentation` and :func:`write_segmentation`.
    """
    if is_dicom_result(path):
        if like is None:
            write_dicom_segmentation(path, masks, geometry, image, series, frames, frame=frame)
            return
        same = {name: item for name, item in like.items.items() if np.array_equal(masks[name], like.mask(name))}
        write_dicom_segmentation(
            path, masks, geometry, image, series, frames, like.terms, items=same, frame=frame
        )
    else:
        write_segmentation(path, dict(masks), geometry, like=like)
