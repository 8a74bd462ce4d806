"""Label maps and Slicer segmentations: reading, merging, bringing onto a grid, writing."""

from __future__ import annotations

import colorsys
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.dicom import segmentation_file
from SAMAdaptLib.volume.dicom_seg import Segments, read_segments
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry, nearest_index
from SAMAdaptLib.volume.label_values import present_values, whole_numbers
from SAMAdaptLib.volume.mark import KEY, mark_of
from SAMAdaptLib.volume.terminology import terms_of
from SAMAdaptLib.volume.volume import (
    Volume,
    check_writable,
    extension,
    geometry_of,
    holds_dicom,
    load_image,
    read_volume,
    to_image,
    write_volume,
)


@dataclass(frozen=True, eq=False)
class Labels:
    """Named structures on a grid.

    Attributes:
        array: [K, J, I] whole numbers, 0 = background; where structures overlap, the later one shows.
        geometry: the voxel grid, RAS mm.
        names: structure name to its value in ``array``.
        masks: bool [K, J, I] of those structures that others may cover in ``array``.
        made_up: the names are "label_1" and the like, because the file has none.
        colors: structure name to (red, green, blue) in 0..1, and ``codes``: structure name to what it is in the words
            of coding schemes, see :class:`SAMAdaptLib.volume.dicom_seg.Segment`; both where a DICOM segmentation says
            it.
        series: SeriesInstanceUID of the DICOM series that was segmented, where known; it goes into no file.
    """

    array: np.ndarray
    geometry: Geometry
    names: dict[str, int]
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    made_up: bool = False
    colors: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    codes: dict[str, dict[str, tuple[str, str, str]]] = field(default_factory=dict)
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


def read_labels(path: str | os.PathLike) -> Labels:
    """Read a label map, a Slicer segmentation (.seg.nrrd) or a DICOM segmentation, these with names and overlaps.

    In a plain label map the structure of value v is named "label_v", and the names count as made up. Of a folder the
    DICOM segmentation in it is read, if there is one. Label maps that were stored with a scale (NIfTI) are rounded,
    with a note, where each value is the one that the scale leaves of a whole number.

    Raises:
        InputError: see :func:`SAMAdaptLib.volume.volume.read_volume` and
            :func:`SAMAdaptLib.volume.dicom_seg.read_segments`; values that are no whole numbers or negative; two
            segments of one name.
    """
    if holds_dicom(path):
        file = segmentation_file(path)
        if file is not None:
            return _from_dicom(read_segments(file), file)
        try:
            volume = read_volume(path)
        except InputError as error:
            if "--series" not in error.remedy and "--frames" not in error.remedy:
                raise
            # Those options are for the image.
            raise InputError(error.what, path, "Give a folder that holds the slices of one label map alone") from error
        array = whole_numbers(volume.array, path)
        return Labels(array, volume.geometry, _made_up(array), made_up=True, series=volume.series)
    image = load_image(path, layers=True)
    segments = _segments(image)
    layered = image.GetNumberOfComponentsPerPixel() > 1
    if layered and not segments:
        raise InputError("The labels have several values in each voxel", path, "Save them as a plain 3D label map")
    geometry = geometry_of(image, path)
    slope = float(image.GetMetaData("scl_slope")) if image.HasMetaDataKey("scl_slope") else 0.0
    array = whole_numbers(sitk.GetArrayFromImage(image), path, slope)
    if not segments:
        return Labels(array, geometry, _made_up(array), made_up=True)
    names = [segment["Name"] for segment in segments]
    _check_names(names, path)
    if not layered:
        found = {segment["Name"]: int(segment["LabelValue"]) for segment in segments}
        # Tools that edit voxels leave values of which the header says nothing; they are not lost.
        unnamed = {f"label_{value}": value for value in present_values(array) if value not in found.values()}
        _check_names([*found, *unnamed], path)
        return Labels(array, geometry, found | unnamed, made_up=bool(unnamed))
    masks = {}
    for index, segment in enumerate(segments):
        # Files from before Slicer 4.11 store one segment a layer and say neither layer nor value.
        layer = int(segment.get("Layer", index))
        if layer >= array.shape[-1]:
            raise InputError("The segmentation lacks a layer that its header names", path, "Save it again")
        masks[segment["Name"]] = array[..., layer] == int(segment["LabelValue"])
    return _stacked(masks, geometry)


def tell_of_other_source(labels: Labels, volume: Volume, path: str | os.PathLike) -> None:
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
        return _stacked(
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
    reference = to_image(np.zeros(geometry.shape, np.uint8), geometry)

    def resampled(array: np.ndarray) -> np.ndarray:
        image = sitk.Resample(to_image(array, labels.geometry), reference, sitk.Transform(), sitk.sitkNearestNeighbor)
        return sitk.GetArrayFromImage(image).astype(array.dtype, copy=False)

    masks = {name: resampled(mask) for name, mask in labels.masks.items()}
    return replace(labels, array=resampled(labels.array), geometry=geometry, masks=masks)


def write_segmentation(
    path: str | os.PathLike,
    masks: dict[str, np.ndarray],
    geometry: Geometry,
    colors: dict[str, tuple[float, float, float]] | None = None,
) -> None:
    """Write structures atomically, in the order of ``masks``.

    ``.seg.nrrd`` becomes a Slicer segmentation: one label map while nothing overlaps, layers where it does. Any other
    format becomes a label map of values 1..n (uint8, or uint16 for more than 255), where the later structure wins.
    The file is marked, see :mod:`SAMAdaptLib.volume.mark`.

    Args:
        path: the file; its extension chooses the format.
        masks: structure name to bool [K, J, I].
        geometry: the grid of all masks.
        colors: structure name to (red, green, blue) in 0..1; where absent those of the terminology, else distinct hues.

    Raises:
        InputError: an empty name or one with control characters, an extension or folder that cannot be written to.
    """
    check_segmentation(path, masks, geometry)
    for name, mask in masks.items():
        if mask.shape != geometry.shape or mask.dtype != bool:
            raise ValueError(f"mask {name}: {mask.dtype} {mask.shape}, wanted bool {geometry.shape}")
    if extension(path) == ".seg.nrrd":
        _write_slicer(Path(path), masks, geometry, colors or {})
    else:
        stacked = _stacked(masks, geometry)
        write_volume(path, stacked.array, geometry, mark=True)


def check_segmentation(path: str | os.PathLike, names: Iterable[str], geometry: Geometry | None = None) -> None:
    """Check that structures of these names could be written to a file, before the work for them begins.

    Args:
        path: the file.
        names: of the structures.
        geometry: their grid, where it is known already.

    Raises:
        InputError: an extension that cannot be written, an empty name or one with control characters, a sheared grid
            for NIfTI.
    """
    check_writable(path, geometry)
    for name in names:
        if not name.strip() or not name.isprintable():
            raise InputError("A segment needs a printable name", repr(name), "Rename the structure")


def _write_slicer(path: Path, masks: dict, geometry: Geometry, colors: dict) -> None:
    import slicerio

    segmentation = slicerio.create_segmentation(geometry.size, LPS_TO_RAS @ geometry.ijk_to_ras)
    # Transposed from [K, J, I], so that the writer's Fortran order is the order in memory.
    segmentation["voxels"] = np.zeros(geometry.shape, _label_dtype(len(masks))).T
    segmentation["containedRepresentationNames"] = ["Binary labelmap"]
    full = [edge for n in geometry.size for edge in (0, n - 1)]
    spelled = {}
    terms = terms_of(list(masks))
    for index, (name, mask) in enumerate(masks.items()):
        ascii_name = name
        if not name.isascii():
            ascii_name = f"@segment-name-{index:05d}@"
            spelled[ascii_name.encode()] = name.encode()
        segment = {
            "id": f"Segment_{index + 1}",
            "name": ascii_name,
            "color": list(colors.get(name) or terms[index].color or _hue(index)),
            "terminology": terms[index].to_dict(),
        }
        # Older Slicer versions crop a whole layer to the extent of its first segment.
        slicerio.add_segment(segmentation, mask.T, segment)["extent"] = full
    segmentation[KEY] = mark_of(segmentation["voxels"].T, list(masks))
    with atomic_path(path) as temporary:
        slicerio.write_segmentation(str(temporary), segmentation, compression_level=6)
        if spelled:
            # pynrrd writes ASCII only, Slicer reads and writes UTF-8.
            head, gap, voxels = temporary.read_bytes().partition(b"\n\n")
            for ascii_name, name in spelled.items():
                head = head.replace(ascii_name, name)
            temporary.write_bytes(head + gap + voxels)


def _hue(index: int) -> tuple[float, ...]:
    """Colours apart from each other for any number of segments: steps of the golden ratio around the hue circle."""
    rgb = colorsys.hsv_to_rgb(index * 0.618033988749895 % 1.0, (0.75, 0.5)[index // 8 % 2], 0.9)
    return tuple(round(part, 4) for part in rgb)


def _segments(image: sitk.Image) -> list[dict[str, str]]:
    """The segment fields (Name, LabelValue, Layer, ...) of a Slicer segmentation's header, in their order."""
    found: dict[int, dict[str, str]] = {}
    for key in image.GetMetaDataKeys():
        if match := re.fullmatch(r"Segment(\d+)_(\w+)", key):
            found.setdefault(int(match[1]), {})[match[2]] = image.GetMetaData(key)
    segments = [found[index] for index in sorted(found)]
    for segment in segments:
        segment.setdefault("Name", segment.get("ID", "segment"))
        segment.setdefault("LabelValue", "1")
    return segments


def _from_dicom(read: Segments, path: str | os.PathLike) -> Labels:
    names = {segment.number: segment.name or f"label_{segment.number}" for segment in read.segments}
    # A label map may hold values of which the file says nothing.
    names |= {value: f"label_{value}" for value in present_values(read.array) if value not in names}
    _check_names([*names.values()], path)
    return Labels(
        read.array,
        read.geometry,
        {name: number for number, name in names.items()},
        {names[number]: mask for number, mask in read.masks.items()},
        made_up=any(name == f"label_{number}" for number, name in names.items()),
        colors={names[segment.number]: segment.color for segment in read.segments if segment.color is not None},
        codes={names[segment.number]: segment.codes for segment in read.segments if segment.codes},
        series=read.series,
    )


def _made_up(array: np.ndarray) -> dict[str, int]:
    return {f"label_{value}": value for value in present_values(array)}


def _check_names(names: list[str], path: str | os.PathLike) -> None:
    if len(set(names)) < len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise InputError(f"Two segments are named {doubled}", path, "Rename one of them")


def _label_dtype(count: int) -> type:
    return np.uint8 if count <= 255 else np.uint16


def _stacked(masks: dict[str, np.ndarray], geometry: Geometry) -> Labels:
    array = np.zeros(geometry.shape, _label_dtype(len(masks)))
    for value, mask in enumerate(masks.values(), start=1):
        array[mask] = value
    return Labels(array, geometry, {name: value for value, name in enumerate(masks, start=1)}, masks)


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
