"""DICOM segmentations (SEG): segments with their names, codes and colours, each frame at its own position.

Facts from DICOM part 3, C.8.20 (Segmentation) and C.7.6.16.2.13: a frame belongs to the segment of its
ReferencedSegmentNumber; writers leave out empty frames, so that the frames of a segment may have gaps and differ from
those of another; in a label map (SegmentationType LABELMAP) the stored values are segment numbers.

Read with pydicom alone: highdicom refuses a segmentation whose writer left out what the standard wants and the geometry
does not need; the tests hold the two against each other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.colours import Color
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.multiframe import frames_in, group, load_pydicom, reading
from SAMAdaptLib.volume.stack import SHIFT_TOLERANCE, SLICE_TOLERANCE, Frame
from SAMAdaptLib.volume.terminology import DICOM as CODES
from SAMAdaptLib.volume.terminology import Term

# No scan has more.
MAX_SLICES = 1 << 14
CATEGORY, TYPE = "SegmentedPropertyCategoryCodeSequence", "SegmentedPropertyTypeCodeSequence"
SIDE = "SegmentedPropertyTypeModifierCodeSequence"
REGION, REGION_SIDE = "AnatomicRegionSequence", "AnatomicRegionModifierSequence"


class Segment(NamedTuple):
    """What a SEG says of a segment.

    Attributes:
        number: SegmentNumber, the value in the array.
        name: SegmentLabel; empty where there is none.
        color: red, green, blue in 0..1, where the file recommends one.
        term: what it is; None where category or type is not told.
        item: all that the file says of it, a pydicom Dataset.
    """

    number: int
    name: str
    color: Color | None
    term: Term | None
    item: Any


class Segments(NamedTuple):
    """A whole SEG.

    Attributes:
        array: [K, J, I] segment numbers, 0 = background; where segments overlap, the higher number shows.
        geometry: from the first to the last frame that the file has.
        segments: by their number.
        masks: bool [K, J, I] by number, of those segments that others cover in part.
        series: SeriesInstanceUID of the series that was segmented, empty where it is not said.
    """

    array: np.ndarray
    geometry: Geometry
    segments: list[Segment]
    masks: dict[int, np.ndarray]
    series: str


def read_segments(file: str | os.PathLike[str]) -> Segments:
    """Read a DICOM segmentation: binary, label map or, cut at one half with a note, fractional.

    Raises:
        InputError: no pydicom; a damaged file; frames that do not lie on one grid; a compression that is not known.
    """
    file = Path(file)
    pydicom = load_pydicom(file, "A DICOM segmentation")
    with reading(file, "this DICOM segmentation"):
        data = pydicom.dcmread(file, force=True)
        # Label maps describe their background, too.
        segments = [_segment(item) for item in data.get("SegmentSequence", []) if int(item.SegmentNumber)]
        frames = frames_in(data, file)
        kind = str(data.get("SegmentationType", "BINARY"))
        owners = [
            int(group(data, index, "SegmentIdentificationSequence", "ReferencedSegmentNumber"))
            for index in range(0 if kind == "LABELMAP" else len(frames))
        ]
        referenced = data.get("ReferencedSeriesSequence") or []
        series = str(referenced[0].get("SeriesInstanceUID", "")) if referenced else ""
        places, geometry = _places(frames, file)
        planes = _Planes(data, file, kind)
        # A label map may say nothing of a value, but a frame of no segment is a fault.
        if not set(owners) <= {segment.number for segment in segments}:
            raise InputError("Frames of this DICOM segmentation belong to no segment", file, "Export it again")
        array, masks = _fill(planes, owners, places, geometry)
    return Segments(array, geometry, sorted(segments), masks, series)


class _Planes:
    """The frames of a SEG one after the other, since all of them unpacked may not fit into memory."""

    def __init__(self, data: Any, file: Path, kind: str) -> None:
        self.shape, self.whole, self.packed = (int(data.Rows), int(data.Columns)), None, data.get("PixelData", b"")
        self.count = int(data.NumberOfFrames)
        self.threshold = 0.0
        if kind == "FRACTIONAL":
            self.threshold = int(data.get("MaximumFractionalValue", 255)) / 2
            note(
                f"The DICOM segmentation holds fractions ({str(data.get('SegmentationFractionalType', '')).lower()}); "
                "voxels of one half and more were taken as labelled",
                file,
            )
        self.labels = kind == "LABELMAP"
        syntax = data.file_meta.get("TransferSyntaxUID")
        if int(data.BitsAllocated) == 1 and (syntax is None or (syntax.is_little_endian and not syntax.is_compressed)):
            if len(self.packed) * 8 < self.count * self.shape[0] * self.shape[1]:
                raise InputError("The file ends before its last voxel", file, "Copy or download it again")
            return
        try:
            self.whole = data.pixel_array.reshape(-1, *self.shape)
        except (RuntimeError, NotImplementedError) as error:
            raise InputError(
                "The compression of this DICOM segmentation is not known", file, "Export it uncompressed"
            ) from error

    def __iter__(self) -> Iterator[np.ndarray]:
        for index in range(self.count):
            plane = self._unpacked(index) if self.whole is None else self.whole[index]
            yield plane if self.labels else plane >= self.threshold if self.threshold else plane > 0

    def _unpacked(self, index: int) -> np.ndarray:
        """Bits follow each other from frame to frame without a gap, the lowest of a byte first."""
        size = self.shape[0] * self.shape[1]
        first, last = index * size, (index + 1) * size
        bits = np.unpackbits(np.frombuffer(self.packed[first // 8 : -(-last // 8)], np.uint8), bitorder="little")
        return bits[first % 8 : first % 8 + size].reshape(self.shape)


def _fill(
    planes: _Planes, owners: list[int], places: list[int], geometry: Geometry
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    top = max(owners, default=0)
    array = np.zeros(geometry.shape, np.uint8 if top <= 255 else np.uint16)
    if planes.labels:
        array = array.astype(np.uint16)
        for plane, k in zip(planes, places, strict=True):
            array[k] = np.where(plane > 0, plane, array[k])
        return array.astype(np.min_scalar_type(int(array.max()))), {}
    covered: set[int] = set()
    for plane, owner, k in zip(planes, owners, places, strict=True):
        before = array[k][plane]
        covered.update(np.unique(np.minimum(before, owner)[(before > 0) & (before != owner)]).tolist())
        array[k][plane] = np.maximum(before, owner)
    masks = {number: np.zeros(geometry.shape, bool) for number in sorted(covered)}
    for plane, owner, k in zip(planes, owners, places, strict=True) if covered else ():
        if owner in masks:
            masks[owner][k] |= plane
    return array, masks


def _places(frames: list[Frame], file: Path) -> tuple[list[int], Geometry]:
    """The slice number of each frame, and the grid from the first to the last of them."""
    first = frames[0]
    places = np.array([frame.position for frame in frames])
    along = places @ first.normal
    start = frames[int(np.argmin(along))]
    beside = (places - start.position) @ start.axes.T / start.spacing
    if any(first.differs(frame) for frame in frames) or np.abs(beside).max() > SHIFT_TOLERANCE:
        raise InputError(
            "The frames of this DICOM segmentation do not lie behind each other", file, "Save it as .seg.nrrd"
        )
    heights = np.sort(along)
    heights = heights[np.concatenate([[True], np.diff(heights) > 1e-3])]
    step = _step(frames, heights, file)
    total = round(float(heights[-1] - heights[0]) / step)
    if total >= MAX_SLICES:
        what = f"The frames of this DICOM segmentation lie {total} slices apart, which no scan has"
        raise InputError(what, file, "Export it again")
    return np.rint((along - heights[0]) / step).astype(int).tolist(), start.grid_at(step, total + 1)


def _step(frames: list[Frame], heights: np.ndarray, file: Path) -> float:
    """Mm from slice to slice of frames at these heights; slices without a label leave gaps between them."""
    gaps = np.diff(heights)
    stated = {frame.step for frame in frames if frame.step}
    thick = {frame.thickness for frame in frames if frame.thickness}
    if not len(gaps):
        return next(iter((*stated, *thick)), 1.0)
    smallest = float(gaps.min())
    usual = float((gaps < (1 + SLICE_TOLERANCE) * smallest).mean()) > 0.5
    # Where most neighbours are equally far apart, no slice is left out between them, however thin the slices are.
    for step in (*stated, *([smallest] if usual else thick), *thick, smallest):
        if (even := _even_step(heights, step)) is None:
            continue
        fits = [mm for mm in thick if mm < 0.9 * even and abs(even / mm - round(even / mm)) < 0.01]
        if fits and not stated:
            note(
                f"The DICOM segmentation says slices of {fits[0]:.4g} mm but not how far they are apart; {even:.4g} mm "
                "were taken from their positions",
                file,
                "Check that no slice between them is missing",
            )
        return even
    raise InputError("The frames of this DICOM segmentation are unevenly spaced", file, "Save it as .seg.nrrd")


def _even_step(heights: np.ndarray, about: float) -> float | None:
    """The step, close to ``about`` mm, of which all distances between the heights are multiples; None for none."""
    gaps = np.diff(heights)
    counts = np.rint(gaps / about)
    if counts.min() < 1 or np.abs(gaps - counts * about).max() > SLICE_TOLERANCE * about * counts.max():
        return None
    step = float(heights[-1] - heights[0]) / int(counts.sum())
    slices = (heights - heights[0]) / step
    return step if np.abs(slices - np.rint(slices)).max() <= SLICE_TOLERANCE else None


def _segment(item: Any) -> Segment:
    lab = item.get("RecommendedDisplayCIELabValue")
    color = None if lab is None or len(lab) != 3 else _rgb(np.array(lab, float))
    name = str(item.get("SegmentLabel") or "").strip()
    return Segment(int(item.SegmentNumber), name, color, _term(item, color), item)


def _term(item: Any, color: Color | None) -> Term | None:
    category, kind, region = (_code(item, keyword) for keyword in (CATEGORY, TYPE, REGION))
    if category is None or kind is None:
        return None
    # Older writers put what belongs into the type beside it.
    side = _code(item[TYPE][0], SIDE) or _code(item, SIDE)
    region_side = None if region is None else _code(item[REGION][0], REGION_SIDE)
    return Term(CODES, category, kind, side, color, region, region_side)


def _code(item: Any, keyword: str) -> tuple[str, str, str] | None:
    """Coding scheme, value and meaning; None where one of them is not there."""
    found = item.get(keyword)
    if not found:
        return None
    value = found[0].get("CodeValue") or found[0].get("LongCodeValue") or found[0].get("URNCodeValue")
    code = (found[0].get("CodingSchemeDesignator"), value, found[0].get("CodeMeaning"))
    return (str(code[0]), str(code[1]), str(code[2])) if all(code) else None


def _rgb(stored: np.ndarray) -> Color:
    """Of a CIELab colour as DICOM stores it (part 3, C.10.7.1.1): 0..65535 for L 0..100, and for a and b -128..127."""
    from skimage.color import lab2rgb

    lab = stored / 65535 * [100, 255, 255] - [0, 128, 128]
    red, green, blue = (round(float(part), 4) for part in np.clip(lab2rgb(lab), 0, 1))
    return red, green, blue
