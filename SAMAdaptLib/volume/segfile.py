"""Files of labels: one reader and one writer for label maps, Slicer's segmentations and those of DICOM."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.colour import is_picture
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.dicom import STRUCTURES, segmentation_file, sop_class
from SAMAdaptLib.volume.dicom_seg import Segments, read_segments
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.image import SEGMENTATION, extension, geometry_of, load_image
from SAMAdaptLib.volume.label_picture import check_label_picture, is_label_picture, stored_labels, write_label_picture
from SAMAdaptLib.volume.label_values import present_values, whole_numbers
from SAMAdaptLib.volume.labels import Labels, check_distinct, stacked, stacked_as
from SAMAdaptLib.volume.rtstruct import read_structures
from SAMAdaptLib.volume.seg_nrrd import labels_of_segments, segments_of, shown_colors, write_slicer
from SAMAdaptLib.volume.terminology import terms_of
from SAMAdaptLib.volume.volume import Volume, check_writable, holds_dicom, read_volume, write_volume


def read_labels(path: str | os.PathLike[str], scan: Volume | None = None, frame: int | None = None) -> Labels:
    """Read a label map, a Slicer segmentation (.seg.nrrd), a DICOM segmentation or radiotherapy structures (RTSTRUCT),
    all but the first with names and overlaps.

    In a plain label map the structure of value v is named "label_v", and the names count as made up. A picture with a
    palette is such a map of the numbers that it stores. Of a folder the DICOM segmentation in it is read, if there is
    one. Label maps that were stored with a scale (NIfTI) are rounded, with a note, where each value is the one that the
    scale leaves of a whole number.

    Args:
        path: the file, or a folder of DICOM.
        scan: what contours were drawn on, on whose grid they are filled; only radiotherapy structures need it.
        frame: which one of labels over time, counted from 1; by default that of the scan.

    Raises:
        InputError: see :func:`SAMAdaptLib.volume.volume.read_volume`,
            :func:`SAMAdaptLib.volume.dicom_seg.read_segments` and
            :func:`SAMAdaptLib.volume.rtstruct.read_structures`; values that are no whole numbers or negative; two
            segments of one name; radiotherapy structures without their scan.
    """
    if holds_dicom(path):
        file = segmentation_file(path)
        if file is None:
            return _from_slices(path)
        if sop_class(file) != STRUCTURES:
            return _from_segments(read_segments(file), file)
        if scan is None:
            what = "Radiotherapy structures (RTSTRUCT) are contours, which can be filled only on the scan they lie on"
            raise InputError(what, file, "Give its scan with it, or save them as .seg.nrrd with SlicerRT")
        return read_structures(file, scan)
    if frame is None and scan is not None:
        frame = scan.frame
    image = load_image(path, layers=True, frame=frame)
    geometry = geometry_of(image, path)
    if is_picture(path) and (stored := stored_labels(path)) is not None:
        return Labels(stored, geometry, _made_up(stored), made_up=True)
    segments = segments_of(image)
    if image.GetNumberOfComponentsPerPixel() > 1 and not segments:
        raise InputError("The labels have several values in each voxel", path, "Save them as a plain 3D label map")
    slope = float(image.GetMetaData("scl_slope")) if image.HasMetaDataKey("scl_slope") else 0.0
    array = whole_numbers(sitk.GetArrayFromImage(image), path, slope)
    if segments:
        return labels_of_segments(segments, array, geometry, path)
    return Labels(array, geometry, _made_up(array), made_up=True)


def write_segmentation(
    path: str | os.PathLike[str],
    masks: dict[str, np.ndarray],
    geometry: Geometry,
    colors: dict[str, Color] | None = None,
    like: Labels | None = None,
) -> None:
    """Write structures atomically, in the order of ``masks``.

    ``.seg.nrrd`` becomes a Slicer segmentation: one label map while nothing overlaps, layers where it does. ``.png``,
    for a picture only, becomes one with a palette. Any other format becomes a label map of values 1..n (uint8, or
    uint16 for more than 255). In the last two the later structure wins.
    The file is marked, see :mod:`SAMAdaptLib.volume.mark`.

    Args:
        path: the file; its extension chooses the format.
        masks: structure name to bool [K, J, I].
        geometry: the grid of all masks.
        colors: structure name to (red, green, blue) in 0..1; where absent those of the terminology, else distinct hues.
        like: the labels that these were, all of them. Structures keep the values that they had in a label map, and in a
            segmentation their colours and terms; in a label map what is new of one covers others.

    Raises:
        InputError: an empty name or one with control characters, an extension or folder that cannot be written to;
            values above 255 of ``like`` for PNG.
    """
    colors = (like.colors if like is not None else {}) | (colors or {})
    check_segmentation(path, masks, geometry)
    for name, mask in masks.items():
        if mask.shape != geometry.shape or mask.dtype != bool:
            raise ValueError(f"mask {name}: {mask.dtype} {mask.shape}, wanted bool {geometry.shape}")
    if extension(path) == SEGMENTATION:
        write_slicer(Path(path), masks, geometry, colors, like.terms if like is not None else {})
        return
    if like is not None and not masks.keys() <= like.names.keys():
        raise ValueError(f"masks {[*masks]} are not all among those that they were: {[*like.names]}")
    values = stacked(masks, geometry) if like is None else stacked_as(masks, like)
    if is_label_picture(path):
        shown = dict(zip(masks, shown_colors(terms_of(list(masks)), list(masks), colors), strict=True))
        write_label_picture(Path(path), values.array, {values.names[name]: shown[name] for name in masks})
    else:
        write_volume(path, values.array, geometry, mark=True)


def check_segmentation(path: str | os.PathLike[str], names: Iterable[str], geometry: Geometry | None = None) -> None:
    """Check that structures of these names could be written to a file, before the work for them begins.

    Args:
        path: the file.
        names: of the structures.
        geometry: their grid, where it is known already.

    Raises:
        InputError: an extension that cannot be written, an empty name or one with control characters, a sheared grid
            for NIfTI, any but a picture's for PNG.
    """
    names = list(names)
    if is_label_picture(path):
        check_label_picture(path, len(names), geometry)
    else:
        check_writable(path, geometry)
    for name in names:
        if not name.strip() or not name.isprintable():
            raise InputError("A segment needs a printable name", repr(name), "Rename the structure")


def _from_slices(path: str | os.PathLike[str]) -> Labels:
    """A label map that was stored as a DICOM image."""
    try:
        volume = read_volume(path)
    except InputError as error:
        if not any(option in (error.remedy or "") for option in ("--series", "--frames")):
            raise
        # Those options are for the image.
        raise InputError(error.what, path, "Give a folder that holds the slices of one label map alone") from error
    array = whole_numbers(volume.array, path)
    return Labels(array, volume.geometry, _made_up(array), made_up=True, series=volume.series)


def _from_segments(read: Segments, path: str | os.PathLike[str]) -> Labels:
    names = {segment.number: segment.name or f"label_{segment.number}" for segment in read.segments}
    # A label map may hold values of which the file says nothing.
    names |= {value: f"label_{value}" for value in present_values(read.array) if value not in names}
    check_distinct(names.values(), path)
    return Labels(
        read.array,
        read.geometry,
        {name: number for number, name in names.items()},
        {names[number]: mask for number, mask in read.masks.items()},
        made_up=any(name == f"label_{number}" for number, name in names.items()),
        colors={names[segment.number]: segment.color for segment in read.segments if segment.color is not None},
        terms={names[segment.number]: segment.term for segment in read.segments if segment.term is not None},
        items={names[segment.number]: segment.item for segment in read.segments},
        series=read.series,
    )


def _made_up(array: np.ndarray) -> dict[str, int]:
    return {f"label_{value}": value for value in present_values(array)}
