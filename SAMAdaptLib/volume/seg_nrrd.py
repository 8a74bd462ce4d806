"""Slicer's segmentations (.seg.nrrd): a label map, or layers of them, and what the header says of each segment."""

from __future__ import annotations

import colorsys
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry
from SAMAdaptLib.volume.label_values import present_values
from SAMAdaptLib.volume.labels import Labels, check_distinct, label_dtype, stacked
from SAMAdaptLib.volume.mark import KEY, mark_of
from SAMAdaptLib.volume.terminology import Term, term_of_entry, terms_of

# A value of a label map, or the number of a layer.
_NUMBER = re.compile(r"[0-9]{1,10}")
# What a segment is, among its tags.
_ENTRY = re.compile(r"(?:^|\|)TerminologyEntry:([^|]+)")


def segments_of(image: sitk.Image) -> list[dict[str, str]]:
    """The segment fields (Name, LabelValue, Layer, ...) of a Slicer segmentation's header, in their order."""
    found: dict[int, dict[str, str]] = {}
    for key in image.GetMetaDataKeys():
        if match := re.fullmatch(r"Segment([0-9]{1,9})_(\w+)", key):
            found.setdefault(int(match[1]), {})[match[2]] = image.GetMetaData(key)
    segments = [found[index] for index in sorted(found)]
    for segment in segments:
        segment.setdefault("Name", segment.get("ID", "segment"))
        segment.setdefault("LabelValue", "1")
    return segments


def labels_of_segments(
    segments: list[dict[str, str]], array: np.ndarray, geometry: Geometry, path: str | os.PathLike[str]
) -> Labels:
    """The structures of a Slicer segmentation.

    Args:
        segments: see :func:`segments_of`.
        array: its voxels, [K, J, I], or [K, J, I, layers] where segments overlap.
        geometry: its grid.
        path: of the file, for errors.

    Raises:
        InputError: two segments of one name; a value that is none; a layer that is not there.
    """
    for segment in segments:
        # Files from before Slicer 4.11 store one segment a layer and say neither layer nor value.
        if not all(_NUMBER.fullmatch(segment.get(field, "0")) for field in ("LabelValue", "Layer")):
            raise InputError(
                f"The segment {segment['Name'][:60]!r} has a value or layer that is no number", path, "Save it again"
            )
    check_distinct([segment["Name"] for segment in segments], path)
    if array.ndim == 3:
        found = {segment["Name"]: int(segment["LabelValue"]) for segment in segments}
        # Tools that edit voxels leave values of which the header says nothing; they are not lost.
        unnamed = {f"label_{value}": value for value in present_values(array) if value not in found.values()}
        check_distinct([*found, *unnamed], path)
        return Labels(array, geometry, found | unnamed, made_up=bool(unnamed), **_shown(segments))
    masks = {}
    for index, segment in enumerate(segments):
        layer = int(segment.get("Layer", index))
        if layer >= array.shape[-1]:
            raise InputError("The segmentation lacks a layer that its header names", path, "Save it again")
        masks[segment["Name"]] = array[..., layer] == int(segment["LabelValue"])
    return replace(stacked(masks, geometry), **_shown(segments))


def _shown(segments: list[dict[str, str]]) -> dict[str, Any]:
    """Colours and terms of segments, as fields of :class:`Labels`."""
    colors: dict[str, Color] = {}
    terms: dict[str, Term] = {}
    for segment in segments:
        color = _color(segment.get("Color", ""))
        if color is not None:
            colors[segment["Name"]] = color
        entry = _ENTRY.search(segment.get("Tags", ""))
        if entry is not None and (term := term_of_entry(entry[1], color)) is not None:
            terms[segment["Name"]] = term
    return {"colors": colors, "terms": terms}


def _color(text: str) -> Color | None:
    try:
        red, green, blue = (float(part) for part in text.split())
    except ValueError:
        return None
    return (red, green, blue) if all(0 <= part <= 1 for part in (red, green, blue)) else None


def write_slicer(
    path: Path,
    masks: dict[str, np.ndarray],
    geometry: Geometry,
    colors: dict[str, Color],
    given: Mapping[str, Term] = MappingProxyType({}),
) -> None:
    """Write a Slicer segmentation, see :func:`SAMAdaptLib.volume.segfile.write_segmentation`.

    Args:
        given: structure name to what it is; where absent what its name says.
    """
    import slicerio

    segmentation = slicerio.create_segmentation(geometry.size, LPS_TO_RAS @ geometry.ijk_to_ras)
    # Transposed from [K, J, I], so that the writer's Fortran order is the order in memory.
    segmentation["voxels"] = np.zeros(geometry.shape, label_dtype(len(masks))).T
    segmentation["containedRepresentationNames"] = ["Binary labelmap"]
    full = [edge for n in geometry.size for edge in (0, n - 1)]
    spelled = in_ascii(list(masks))
    terms = [given.get(name, term) for name, term in zip(masks, terms_of(list(masks)), strict=True)]
    shown = shown_colors(terms, list(masks), colors)
    for index, (name, mask) in enumerate(masks.items()):
        segment = {
            "id": f"Segment_{index + 1}",
            "name": spelled[name],
            "color": list(shown[index]),
            "terminology": terms[index].to_dict(),
        }
        # Older Slicer versions crop a whole layer to the extent of its first segment.
        slicerio.add_segment(segmentation, mask.T, segment)["extent"] = full
    segmentation[KEY] = mark_of(segmentation["voxels"].T, list(masks))
    with atomic_path(path) as temporary:
        slicerio.write_segmentation(str(temporary), segmentation, compression_level=6)
        respell(temporary, spelled)


def in_ascii(names: list[str]) -> dict[str, str]:
    """What stands for each name in a header that pynrrd writes, which has ASCII only, until :func:`respell`."""
    return {name: name if name.isascii() else f"@segment-name-{index:05d}@" for index, name in enumerate(names)}


def respell(path: Path, spelled: dict[str, str]) -> None:
    """Put names into a header as they are, in UTF-8, which Slicer reads and writes."""
    others = {stored.encode(): name.encode() for name, stored in spelled.items() if stored != name}
    if others:
        head, gap, voxels = path.read_bytes().partition(b"\n\n")
        for stored, meant in others.items():
            head = head.replace(stored, meant)
        path.write_bytes(head + gap + voxels)


def shown_colors(terms: list[Term], names: list[str], given: dict[str, Color]) -> list[Color]:
    """The colours of structures: those that are given for some, else of their terms, else distinct hues."""
    return [
        given.get(name) or term.color or _hue(index)
        for index, (name, term) in enumerate(zip(names, terms, strict=True))
    ]


def _hue(index: int) -> Color:
    """Colours apart from each other for any number of segments: steps of the golden ratio around the hue circle."""
    red, green, blue = colorsys.hsv_to_rgb(index * 0.618033988749895 % 1.0, (0.75, 0.5)[index // 8 % 2], 0.9)
    return round(red, 4), round(green, 4), round(blue, 4)
