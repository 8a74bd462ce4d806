"""DICOM images: which series a file or folder holds, and the volume of one of them.

Headers of files with one slice each, and the pixels of all, are read by SimpleITK; objects of many frames need pydicom
for their headers, see :mod:`SAMAdaptLib.volume.multiframe`.
"""

from __future__ import annotations

import math
import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.arrays import Single
from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.shortage import out_of_memory, require_memory, too_little_memory
from SAMAdaptLib.volume.colour import colours_of
from SAMAdaptLib.volume.dicom_whole import require_whole
from SAMAdaptLib.volume.frame_choice import choose_frames
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.multiframe import by_table, frames_of, stored_values
from SAMAdaptLib.volume.series_choice import choose_series
from SAMAdaptLib.volume.stack import Frame
from SAMAdaptLib.volume.ultrasound import region_spacing

STORAGE = "1.2.840.10008.5.1.4.1.1."
SEGMENTATIONS = (STORAGE + "66.4", STORAGE + "66.7")
STRUCTURES = STORAGE + "481.3"
# Objects that hold no pixels of a scan: the beginnings of their SOP classes. The last one is a DICOMDIR.
NO_IMAGES = (*(STORAGE + end for end in "66 481.3 481.5 481.8 88. 11. 104. 9.".split()), "1.2.840.10008.1.3.10")
# Objects whose geometry and rescaling are in functional groups, even where they have one frame only.
ENHANCED = tuple(
    STORAGE + end
    for end in ("2.1", "2.2", "4.1", "4.3", "4.4", "6.2", "12.1.1", "13.1.1", "13.1.3", "30", "128.1", "130")
)
# What some tools take out of headers, and what SimpleITK takes in place of it.
UNSAID = {
    "0028|0030": "how large its pixels are; they were taken as 1 x 1 mm",
    "0020|0037": "how its slices are turned; they were taken as axial",
}
# Modalities whose values have a unit.
MEASURED = ("CT", "PT")
SUFFIXES = (".dcm", ".dicom", ".ima")
# The beginning of a table of grey values (ModalityLUTSequence) and of the item in it, little and big endian. SimpleITK
# neither applies it nor names sequences.
TABLE = re.compile(
    rb"\x28\x00\x00\x30(?:SQ\x00\x00)?.{4}\xfe\xff\x00\xe0|\x00\x28\x30\x00SQ\x00\x00.{4}\xff\xfe\xe0\x00", re.DOTALL
)
# Numbers that place and scale a slice, and how many; SimpleITK puts others in their place where they are none.
PLACING = {"0028|0030": 2, "0020|0032": 3, "0020|0037": 6, "0028|1053": 1, "0028|1052": 1}
# What may tell apart slices at one place in a series of single files, by SimpleITK's names of the tags.
MARKS = {
    "TemporalPositionIdentifier": "0020|0100",
    "AcquisitionNumber": "0020|0012",
    "EchoTime": "0018|0081",
    "InversionTime": "0018|0082",
    "TriggerTime": "0018|1060",
    "NominalPercentageOfCardiacPhase": "0020|9241",
    "DiffusionBValue": "0018|9087",
    "ImageType": "0008|0008",
}


class Pixels(NamedTuple):
    """What was read.

    Attributes:
        array: [K, J, I]; float32 where a rescale slope or intercept is fractional or not the same for all slices. Of a
            picture in colour uint8 [1, J, I, 3].
        geometry: its grid.
        modality: as the header spells it.
        series: SeriesInstanceUID, to be compared and never kept.
        body_part: what was examined, as the header spells it.
        patient: PatientID, to be compared and never kept.
    """

    array: np.ndarray
    geometry: Geometry
    modality: str
    series: str
    body_part: str
    patient: str


@dataclass(frozen=True, eq=False)
class Object:
    """A file with an image."""

    file: Path
    sop_class: str
    series: str
    number: int | None
    modality: str
    body_part: str
    patient: str
    count: int
    colour: bool
    inverted: bool
    table: bool
    kind: int
    unsaid: tuple[str, ...]
    frame: Frame


def is_dicom(path: str | os.PathLike[str]) -> bool:
    """Whether a file is DICOM; very old ones do not say so in their first bytes."""
    if sop_class(path) is not None:
        return True
    reader = dicom_reader(Path(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return False
    return True


def sop_class(path: str | os.PathLike[str]) -> str | None:
    """The kind of a DICOM file (MediaStorageSOPClassUID), "" where it is not said; None for any other file."""
    with open(path, "rb") as handle:
        head = handle.read(4096)
    if head[128:132] != b"DICM":
        return None
    at = 132
    # The file meta information is explicit VR, little endian, in any transfer syntax.
    while at + 8 <= len(head) and head[at : at + 2] == b"\x02\x00":
        long = head[at + 4 : at + 6] in (b"OB", b"OW", b"SQ", b"UN", b"UT")
        start = at + (12 if long else 8)
        (length,) = struct.unpack("<I" if long else "<H", head[start - (4 if long else 2) : start])
        if head[at + 2 : at + 4] == b"\x02\x00":
            return head[start : start + length].rstrip(b"\0 ").decode("ascii", "replace")
        at = start + length
    return ""


def segmentation_file(path: str | os.PathLike[str]) -> Path | None:
    """The DICOM segmentation (SEG), else the radiotherapy structures (RTSTRUCT), that a file is or a folder holds; None
    where there are none.

    Raises:
        InputError: a folder with several.
    """
    kinds = {file: sop_class(file) for file in _files(Path(path))}
    for of, what in ((SEGMENTATIONS, "DICOM segmentations"), ((STRUCTURES,), "sets of radiotherapy structures")):
        found = [file for file, kind in kinds.items() if kind in of]
        if len(found) > 1:
            listed = ", ".join(file.name for file in found)
            raise InputError(f"{len(found)} {what} in this folder", path, f"Give one of the files: {listed}")
        if found:
            return found[0]
    return None


def pixels_of(chosen: list[Object], frames: str | Sequence[int] | None, path: Path) -> Pixels:
    """Read the one volume of the files of a series, or the one that is chosen.

    Args:
        chosen: from :func:`chosen_objects`.
        frames: of the series, counted from 1 as the list of stacks in the error counts them: "1-20", "1,3,5" or
            "1-39:2"; or the numbers themselves.
        path: of the file or folder, for errors.

    Raises:
        InputError: several stacks (phases, echoes, directions) without a choice, slices that form no even stack,
            several pictures in colour, grey values by a table, damaged files, a many-frame object without pydicom.
    """
    coloured = any(one.colour for one in chosen)
    pictures = sum(one.count for one in chosen)
    if coloured and pictures > 1:
        raise InputError(f"The DICOM series holds {pictures} pictures in colour", path, "Give the file of one picture")
    if any(one.table for one in chosen):
        raise by_table(path)
    single = [one for one in chosen if one.count == 1 and one.sop_class not in ENHANCED]
    tell_unsaid(single, path)
    places, geometry = _ordered(chosen, frames, path)
    array = picture_colours(chosen[0].file) if coloured else _values(places, chosen, path)
    return Pixels(array, geometry, chosen[0].modality, chosen[0].series, chosen[0].body_part, chosen[0].patient)


def tell_unsaid(objects: list[Object], path: Path) -> None:
    """Note what headers of pictures do not say of their places."""
    for words in {words for one in objects for words in one.unsaid}:
        note(f"The DICOM series does not say {words}", path, "Check sizes and sides, or export the series again")


def ordered_frames(
    path: str | os.PathLike[str], series: str | int | None = None, frames: str | Sequence[int] | None = None
) -> tuple[list[Frame], Geometry]:
    """The frames of a volume along its third axis, and its grid.

    Arguments and errors are those of :func:`chosen_objects` and :func:`pixels_of`, without those of pixels.
    """
    return _ordered(chosen_objects(Path(path), series), frames, Path(path))


def chosen_objects(path: Path, series: str | int | None) -> list[Object]:
    """The files with an image of the one series, or of the one that is chosen.

    Args:
        path: a file, or the folder of the files of a series; folders within it are not looked into.
        series: the number by which the list of series in the error names it, or a SeriesInstanceUID.

    Raises:
        InputError: no image, segmentations or structures in place of images, several series without a choice, damaged
            files.
    """
    return choose_series(_scan(path), series, path)


def _ordered(
    chosen: list[Object], frames: str | Sequence[int] | None, path: Path
) -> tuple[list[Frame], Geometry]:
    found = all_frames(chosen)
    order, geometry = choose_frames(found, frames, path)
    return [found[index] for index in order], geometry


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))


def _scan(path: Path) -> list[Object]:
    """The image objects of a file or folder."""
    found, others = [], []
    for file in _files(path):
        kind = sop_class(file)
        if kind is not None and kind.startswith(NO_IMAGES):
            others.append(kind)
            continue
        reader = dicom_reader(file)
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            # A damaged slice must not just be missing, nor one of which only the name has been copied.
            if kind is None and path.is_dir() and file.suffix.lower() not in SUFFIXES:
                continue
            raise InputError("Cannot read a DICOM slice", file, "Export the series again") from error
        require_whole(file, reader)
        one = _object(file, reader)
        if one.sop_class.startswith(NO_IMAGES):
            others.append(one.sop_class)
        else:
            found.append(one)
    if found:
        return found
    if any(kind in SEGMENTATIONS for kind in others):
        raise InputError(
            "This is a DICOM segmentation, not an image", path, "Give it as the labels, and its scan as the image"
        )
    if STRUCTURES in others:
        raise InputError("These are radiotherapy structures (RTSTRUCT), not an image", path, "Give the scan itself")
    if others:
        raise InputError("This DICOM object holds no image", path, "Give the folder that holds the slice files")
    raise InputError("No DICOM series in this folder", path, "Give the folder that holds the slice files")


def dicom_reader(file: Path) -> sitk.ImageFileReader:
    """What reads a DICOM file by SimpleITK."""
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(file))
    return reader


def _object(file: Path, reader: sitk.ImageFileReader) -> Object:
    def tag(name: str) -> str:
        # Some headers hold bytes that are no text; nothing that is asked for here does.
        return reader.GetMetaData(name).strip("\0 ") if reader.HasMetaDataKey(name) else ""

    wrong = [key for key, count in PLACING.items() if tag(key) and not _are_numbers(tag(key), count)]
    if wrong:
        what = f"A DICOM slice is placed or scaled by what is no number ({wrong[0]})"
        raise InputError(what, file, "Export the series again")
    size, spacing, origin = reader.GetSize(), reader.GetSpacing(), reader.GetOrigin()
    if tag("0008|0060") == "US" and not tag("0028|0030"):
        spacing = region_spacing(file) or spacing
    direction = np.array(reader.GetDirection()).reshape(reader.GetDimension(), -1)
    frame = Frame(
        file,
        0,
        (int(size[0]), int(size[1])),
        (float(spacing[0]), float(spacing[1])),
        np.array(origin) if tag("0020|0032") else None,
        direction[:, :2].T,
        _number(tag("0028|1053"), 1.0),
        _number(tag("0028|1052"), 0.0),
        _number(tag("0018|0050"), None),
        abs(_number(tag("0018|0088"), 0.0)) or None,
        None if (instance := _number(tag("0020|0013"), None)) is None else int(instance),
        {name: tag(key) for name, key in MARKS.items()},
    )
    number, frames = _number(tag("0020|0011"), None), int(_number(tag("0028|0008"), 1.0))
    return Object(
        file,
        tag("0008|0016"),
        tag("0020|000e"),
        None if number is None else int(number),
        tag("0008|0060"),
        tag("0018|0015"),
        tag("0010|0020"),
        frames,
        int(_number(tag("0028|0002"), 1.0)) > 1 or reader.GetNumberOfComponents() > 1,
        tag("0028|0004") == "MONOCHROME1",
        # An object has either a slope or a table; that of many frames is looked for with their places.
        frames == 1 and not tag("0028|1053") and _has_table(file),
        reader.GetPixelID(),
        # Scanned films have another tag for the first.
        tuple(
            words for key, words in UNSAID.items() if not tag(key) and (frame.spacing == (1, 1) or key != "0028|0030")
        ),
        frame,
    )


def _has_table(file: Path) -> bool:
    """Whether the header has a ModalityLUTSequence; what looks like it among the pixels does not count."""
    return TABLE.search(file.read_bytes().partition(b"\xe0\x7f\x10\x00")[0]) is not None


def _are_numbers(text: str, count: int) -> bool:
    try:
        numbers = [float(word) for word in text.split("\\")]
    except ValueError:
        return False
    return len(numbers) == count and bool(np.isfinite(numbers).all())


Absent = TypeVar("Absent", float, None)


def _number(text: str, otherwise: Absent) -> float | Absent:
    try:
        return float(text.split("\\")[0])
    except ValueError:
        return otherwise


def all_frames(objects: list[Object]) -> list[Frame]:
    """All frames of a series in the order in which a user counts them."""
    found: list[Frame] = []
    for one in sorted(objects, key=lambda one: (one.frame.instance is None, one.frame.instance, one.file.name)):
        found += frames_of(one.file) if one.count > 1 or one.sop_class in ENHANCED else [one.frame]
    return found


def picture_colours(file: Path) -> np.ndarray:
    """Red, green and blue of the pictures in a file, uint8 [N, J, I, 3], also of those that are stored as brightness
    and colour, or by a palette."""
    try:
        return colours_of(dicom_reader(file).Execute(), file)
    except RuntimeError as error:
        raise InputError("Cannot read the DICOM picture", file, "Export it again") from error


def _values(frames: list[Frame], objects: list[Object], path: Path) -> np.ndarray:
    """The image's values [K, J, I] of frames in their order."""
    slopes = {(frame.slope, frame.intercept) for frame in frames}
    as_float = len(slopes) > 1 or any(value != int(value) for value in next(iter(slopes)))
    # Of two or four bytes, with the copy that is made of them as an array.
    size = sum(math.prod(frame.size) for frame in frames) * (4 if as_float else 2)
    require_memory(2 * size, "The series", path)
    # SimpleITK turns over values that are to be shown inverted, which has to be undone where they are measured ones.
    single = {
        one.file: one
        for one in objects
        if one.count == 1 and one.sop_class not in ENHANCED and not (one.inverted and one.modality in MEASURED)
    }
    if all(frame.file in single for frame in frames):
        kinds = {single[frame.file].kind for frame in frames}
        # SimpleITK would press all slices into the type of the first one.
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames([str(frame.file) for frame in frames])
        if as_float or len(kinds) > 1:
            reader.SetOutputPixelType(sitk.sitkFloat32 if as_float else sitk.sitkInt32)
        try:
            return sitk.GetArrayFromImage(reader.Execute())
        except RuntimeError as error:
            if out_of_memory(error):
                raise too_little_memory(error, path) from error
            raise InputError("The DICOM slices do not form a volume", path, "Export the series again") from error
    stored = {file: stored_values(file) for file in {frame.file for frame in frames}}
    array = np.stack([stored[frame.file][frame.index] for frame in frames])
    if as_float:
        scales = np.array([(frame.slope, frame.intercept) for frame in frames], np.float32)[:, :, None, None]
        scaled: Single = array.astype(np.float32) * scales[:, 0] + scales[:, 1]
        return scaled
    (slope, intercept) = next(iter(slopes))
    if (slope, intercept) == (1, 0):
        return array
    whole: np.ndarray = array.astype(np.int32) * np.int32(slope) + np.int32(intercept)
    fits = np.iinfo(np.int16).min <= whole.min() and whole.max() <= np.iinfo(np.int16).max
    return whole.astype(np.int16) if fits else whole
