"""Radiotherapy structures (RTSTRUCT) as labels: contours on the slices of a series, filled on its grid.

Facts from DICOM part 3, C.8.8.6 (ROI Contour): points are LPS mm, a closed planar contour lies on one slice, and what
lies within an even number of contours of a structure is outside of it, whether a hole is an inner contour of its own or
is joined to the outer one by a narrow channel.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry
from SAMAdaptLib.volume.labels import Labels, check_distinct, stacked
from SAMAdaptLib.volume.multiframe import load_pydicom, reading
from SAMAdaptLib.volume.volume import Volume

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
# How far a contour may lie beside its slice, as a part of the slice step.
BESIDE = 0.2


def read_structures(file: str | os.PathLike[str], volume: Volume) -> Labels:
    """Fill the contours of an RTSTRUCT on the grid of the scan that they were drawn on.

    A pixel belongs to a structure where its centre lies within an odd number of the structure's contours. Points and
    open contours, such as marks, are passed over with a note, as are structures without contours.

    Args:
        file: the RTSTRUCT.
        volume: the scan.

    Returns:
        the structures by their names, on the scan's grid; their values are their places in the file, from 1.

    Raises:
        InputError: no pydicom; a damaged file; contours of another series, beside the slices or beyond the image; a
            structure that is outlined on some slices only, with others between them; two structures of one name, none.
    """
    file = Path(file)
    pydicom = load_pydicom(file, "An RTSTRUCT")
    with reading(file, "this RTSTRUCT"):
        data = pydicom.dcmread(file, force=True)
        series = _series(data)
        if series and volume.series and volume.series not in series:
            what = "The RTSTRUCT was drawn on another series than the image"
            raise InputError(what, file, "Give the scan that it refers to")
        names = {int(one.ROINumber): str(one.get("ROIName") or "").strip() for one in data.StructureSetROISequence}
        found: dict[str, np.ndarray] = {}
        colors: dict[str, Color] = {}
        others = []
        for roi in data.get("ROIContourSequence", []):
            number = int(roi.ReferencedROINumber)
            name = names.get(number) or f"structure_{number}"
            contours = [one for one in roi.get("ContourSequence", []) if str(one.ContourGeometricType) in CLOSED]
            if not contours:
                others.append(name)
                continue
            check_distinct([*found, name], file)
            points = [np.array(one.ContourData, float).reshape(-1, 3) for one in contours]
            found[name] = _filled(points, volume.geometry, name, file)
            if (rgb := roi.get("ROIDisplayColor")) is not None and len(rgb) == 3:
                colors[name] = (int(rgb[0]) / 255, int(rgb[1]) / 255, int(rgb[2]) / 255)
    if others:
        note(f"{counted(len(others), 'structure', 'has', 'have')} no closed contours: {', '.join(others)}", file)
    if not found:
        raise InputError("The RTSTRUCT holds no closed contours", file, "Give one that structures were outlined in")
    return replace(stacked(found, volume.geometry), colors=colors, series=volume.series)


def _series(data: Any) -> list[str]:
    """The series that a file says it was drawn on."""
    return [
        str(series.SeriesInstanceUID)
        for frame in data.get("ReferencedFrameOfReferenceSequence", [])
        for study in frame.get("RTReferencedStudySequence", [])
        for series in study.get("RTReferencedSeriesSequence", [])
    ]


def _filled(contours: list[np.ndarray], geometry: Geometry, name: str, file: Path) -> np.ndarray:
    """A structure, bool [K, J, I], from its contours, LPS mm [N, 3] each."""
    from skimage.draw import polygon2mask

    mask = np.zeros(geometry.shape, bool)
    slices = defaultdict(list)
    for points in contours:
        ijk = geometry.to_ijk(points @ LPS_TO_RAS[:3, :3])
        index = round(float(ijk[:, 2].mean()))
        if not np.isfinite(ijk).all() or np.abs(ijk[:, 2] - index).max() > BESIDE:
            what = f"The contours of {name} do not lie on slices of the image"
            raise InputError(what, file, "Open both in 3D Slicer with SlicerRT and save the structures as .seg.nrrd")
        inside = (ijk[:, :2] >= -1).all() and (ijk[:, :2] <= geometry.size[:2]).all() and 0 <= index < len(mask)
        if not inside:
            raise InputError(f"The contours of {name} reach beyond the image", file, "Give the scan they were drawn on")
        slices[index].append(ijk[:, 1::-1])
    steps = np.diff(sorted(slices))
    if len(steps) and np.median(steps) > 1:
        what = f"{name} is outlined on one of {int(np.median(steps))} slices of the image only"
        raise InputError(what, file, "Give the scan it was drawn on, or fill the slices between with SlicerRT")
    for index, outlines in slices.items():
        for outline in outlines:
            mask[index] ^= polygon2mask(mask[index].shape, outline)
    return mask
