"""Named structures on a grid: merging them, bringing them onto another grid."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.geometry import Geometry, nearest_index
from SAMAdaptLib.volume.image import resampled
from SAMAdaptLib.volume.terminology import Term
from SAMAdaptLib.volume.volume import Volume


@dataclass(frozen=True, eq=False)
class Labels:
    """Named structures on a grid.

    Attributes:
        array: [K, J, I] whole numbers, 0 = background; where structures overlap, the later one shows.
        geometry: the voxel grid, RAS mm.
        names: structure name to its value in ``array``.
        masks: bool [K, J, I] of those structures that others may cover in ``array``.
        made_up: the names are "label_1" and the like, because the file has none.
        colors: structure name to (red, green, blue) in 0..1, where a segmentation says it.
        terms: structure name to what it is, where a segmentation says it.
        items: structure name to all that a DICOM segmentation says of it, see
            :class:`SAMAdaptLib.volume.dicom_seg.Segment`.
        series: SeriesInstanceUID of the DICOM series that was segmented, where known; it goes into no file.
    """

    array: np.ndarray
    geometry: Geometry
    names: dict[str, int]
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    made_up: bool = False
    colors: dict[str, Color] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    items: dict[str, Any] = field(default_factory=dict)
    series: str = ""

    def mask(self, name: str) -> np.ndarray:
        """The whole structure, bool [K, J, I], also where others overlap it.

        Raises:
            InputError: no structure of that name.
        """
        if name not in self.names:
            listed = ", ".join(self.names) or "none"
            raise InputError("No such structure in the labels", name, f"Choose one of those present: {listed}")
        return self.masks[name] if name in self.masks else self.array == self.names[name]


def tell_of_other_source(labels: Labels, volume: Volume, path: str | os.PathLike[str]) -> None:
    """Note where labels were drawn on another DICOM series than the image; ``path`` is that of the labels."""
    if labels.series and volume.series and labels.series != volume.series:
        note("The labels refer to another DICOM series than that of the image", path, "Check that they belong together")


def parse_merge(texts: list[str]) -> dict[str, list[int]]:
    """Read ["liver=1,2", "spleen=4"] as {"liver": [1, 2], "spleen": [4]}.

    Raises:
        InputError: another form, a value of 0 or below, a name or value given twice.
    """
    spec: dict[str, list[int]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        name = name.strip()
        if not name or not re.fullmatch(r"\s*\d+\s*(,\s*\d+\s*)*", values, re.ASCII):
            raise InputError("Cannot understand which labels to merge", repr(text), "Write NAME=VALUE,... (liver=1,2)")
        if name in spec:
            raise InputError("A merged structure is given twice", name, "Name all its values at once: NAME=1,2")
        spec[name] = [int(value) for value in values.split(",")]
    _check_merge(spec)
    return spec


def merge(labels: Labels, spec: dict[str, list[int]], elsewhere: Collection[int] = ()) -> Labels:
    """Join label values into named structures; values that are not named become background.

    Args:
        labels: the source.
        spec: structure name to the values that it consists of, see :func:`parse_merge`.
        elsewhere: values that may be absent, since other scans have them: not every patient shows every structure.

    Returns:
        labels with values 1, 2, ... in the order of ``spec``.

    Raises:
        InputError: a value is 0, absent, or in two structures.
    """
    _check_merge(spec)
    present = sorted(set(labels.names.values()))
    for name, values in spec.items():
        for value in values:
            if value not in present and value not in elsewhere:
                listed = ", ".join(map(str, present)) or "none"
                raise InputError(f"No label {value} to merge", f"{name}={value}", f"Values present are {listed}")
    if labels.masks:
        nothing = np.zeros(labels.geometry.shape, bool)
        sources = defaultdict(lambda: nothing, {value: labels.mask(name) for name, value in labels.names.items()})
        return stacked(
            {name: np.logical_or.reduce([sources[value] for value in values]) for name, values in spec.items()},
            labels.geometry,
        )
    array = np.zeros(labels.array.shape, np.min_scalar_type(len(spec)))
    for index, values in enumerate(spec.values(), start=1):
        for value in values:
            array[labels.array == value] = index
    return Labels(array, labels.geometry, {name: index for index, name in enumerate(spec, start=1)})


def on_grid(labels: Labels, geometry: Geometry, resample: bool = False) -> Labels:
    """Bring labels onto the grid of an image.

    A segmentation that was cropped to a part of that grid is put back voxel by voxel, since Slicer saves segmentations
    so. Anything else is only resampled (nearest neighbour) when asked for, also a grid that reaches beyond the image's:
    scans of two patients may well share spacing and origin.

    Raises:
        InputError: another grid without ``resample``.
    """
    if labels.geometry.same_grid(geometry):
        return labels
    first = nearest_index(geometry.to_ijk(labels.geometry.to_ras([[0, 0, 0]])))[0]
    shifted = geometry.ijk_to_ras.copy()
    shifted[:3, 3] = geometry.to_ras(first)[0]
    if labels.geometry.same_grid(Geometry(labels.geometry.size, shifted)):
        inside = (first >= 0).all() and (first + labels.geometry.size <= geometry.size).all()
        if inside or resample:
            return _moved(labels, geometry, first)
        sizes = ["x".join(map(str, grid.size)) for grid in (labels.geometry, geometry)]
        raise InputError(
            f"The labels reach beyond the image ({sizes[0]} voxels on an image of {sizes[1]})",
            None,
            "Give labels drawn on this image, or take what lies on it with --resample",
        )
    if not resample:
        raise InputError(
            "The labels lie on another grid than the image (size, spacing, position or direction)",
            None,
            "Give labels drawn on this image, or allow nearest-neighbour resampling with --resample",
        )
    masks = {name: resampled(mask, labels.geometry, geometry) for name, mask in labels.masks.items()}
    array = resampled(labels.array, labels.geometry, geometry)
    return replace(labels, array=array, geometry=geometry, masks=masks)


def stacked(masks: dict[str, np.ndarray], geometry: Geometry) -> Labels:
    """Structures with values 1, 2, ... in their order; where they overlap, the later one shows."""
    array = np.zeros(geometry.shape, label_dtype(len(masks)))
    for value, mask in enumerate(masks.values(), start=1):
        array[mask] = value
    return Labels(array, geometry, {name: value for value, name in enumerate(masks, start=1)}, masks)


def stacked_as(masks: dict[str, np.ndarray], like: Labels) -> Labels:
    """Structures that labels became, with the values that they have there.

    Args:
        masks: structure name to bool [K, J, I], each of them in ``like``.
        like: labels on the same grid. Where structures overlap, one that was not there before shows, else the later.
    """
    array = np.zeros(like.geometry.shape, np.min_scalar_type(max(like.names.values(), default=0)))
    for name, mask in masks.items():
        array[mask] = like.names[name]
    for name, mask in masks.items():
        array[mask & ~like.mask(name)] = like.names[name]
    return replace(like, array=array, masks=masks)


def label_dtype(count: int) -> type[np.uint8] | type[np.uint16]:
    """The type of a label map of so many structures."""
    return np.uint8 if count <= 255 else np.uint16


def check_distinct(names: Collection[str], path: str | os.PathLike[str]) -> None:
    """Check that no two segments of a file have one name.

    Raises:
        InputError: two have.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"Two segments are named {name}", path, "Rename one of them")
        seen.add(name)


def _check_merge(spec: dict[str, list[int]]) -> None:
    owner: dict[int, str] = {}
    for name, values in spec.items():
        for value in values:
            if value <= 0:
                raise InputError("Label 0 is the background and cannot be merged", name, "Give values of 1 and above")
            if value in owner:
                raise InputError(
                    f"Label {value} is given twice", f"{owner[value]}, {name}", "Put each value into one structure only"
                )
            owner[value] = name


def _moved(labels: Labels, geometry: Geometry, first: np.ndarray) -> Labels:
    """Copy voxel by voxel onto a grid in which the labels' first voxel has the index ``first`` (I, J, K)."""
    start = np.array(first[::-1])
    low = np.maximum(start, 0)
    high = np.minimum(start + labels.array.shape, geometry.shape)
    target = tuple(slice(a, max(a, b)) for a, b in zip(low, high, strict=True))
    source = tuple(slice(part.start - at, part.stop - at) for part, at in zip(target, start, strict=True))

    def paste(array: np.ndarray) -> np.ndarray:
        out = np.zeros(geometry.shape, array.dtype)
        out[target] = array[source]
        return out

    masks = {name: paste(mask) for name, mask in labels.masks.items()}
    return replace(labels, array=paste(labels.array), geometry=geometry, masks=masks)
