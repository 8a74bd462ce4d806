"""DICOM over time: films, whose frames are pictures, and series that hold one stack of slices for each moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.dicom import (
    STORAGE,
    UNSAID,
    Object,
    Pixels,
    all_frames,
    chosen_objects,
    dicom_reader,
    picture_colours,
    pixels_of,
    tell_unsaid,
)
from SAMAdaptLib.volume.frame_choice import frame_text
from SAMAdaptLib.volume.moments import Moment, Times, chosen_moments, times_of
from SAMAdaptLib.volume.multiframe import load_pydicom, reading, stored_values
from SAMAdaptLib.volume.stack import Frame, places_of, stacks

# Objects whose frames are pictures one after another: ultrasound, old and new, angiography, fluoroscopy, light.
FILMS = tuple(STORAGE + end for end in ("3", "3.1", "12.1", "12.2", "77.1.1.1", "77.1.2.1", "77.1.4.1"))
# Pictures of any origin, which may say of each where it lies.
CAPTURES = STORAGE + "7."
# What says when a frame was taken, by its mark, and its unit; what only gives an order has none.
CLOCKS = {
    "TemporalPositionTimeOffset": "s", "TriggerTime": "ms", "TemporalPositionIndex": "",
    "TemporalPositionIdentifier": "", "NominalPercentageOfCardiacPhase": "",
}  # fmt: skip
# Tags that say how fast a film runs, by SimpleITK's names: increments and one increment in ms, pictures a second.
VECTOR, STEP, RATES = "0018|1065", "0018|1063", ("0018|0040", "0008|2144")


def read_dicom_frames(
    path: Path, series: str | int | None = None, frames: str | Sequence[int] | None = None, frame: Moment = None
) -> tuple[list[Pixels], Times | None]:
    """Read the one volume of a DICOM file or folder, or the one that is chosen; or of what is there over time one frame
    or all.

    Args:
        path: and ``series``: see :func:`SAMAdaptLib.volume.dicom.chosen_objects`.
        series: which one.
        frames: which slices of a series that is none over time, see :func:`SAMAdaptLib.volume.dicom.pixels_of`.
        frame: the number of a frame, counted from 1, or all.

    Returns:
        one for each frame that is wanted; when all of them were taken, where the headers say it.

    Raises:
        InputError: see these; a choice that does not fit, see
            :func:`SAMAdaptLib.volume.moments.chosen_moments`; several films; moments on different grids.
    """
    chosen = chosen_objects(path, series)
    if any(_is_film(one) for one in chosen):
        if len(chosen) > 1:
            raise InputError(f"The DICOM series holds {len(chosen)} films and pictures", path, "Give the file of one")
        if frames is not None:
            raise InputError("A film has no slices to choose from", path, "Name one of its frames with --frame")
        return _film(chosen[0], path, frame)
    if frame is None:
        return [pixels_of(chosen, frames, path)], None
    if frames is not None:
        raise InputError("--frame chooses a time, and --frames slices", path, "Give one of the two")
    found = all_frames(chosen)
    moments = _moments(found)
    places = chosen_moments(len(moments), frame, path)
    read = [pixels_of(chosen, frame_text(moments[place]), path) for place in places]
    first = read[0].geometry
    if any(not first.same_grid(one.geometry) for one in read):
        raise InputError("The frames of the DICOM series lie on different grids", path, "Choose one with --frame")
    return read, _clock([found[part[0]] for part in moments])


def slices_of(path: Path, series: str | int | None, frame: int) -> str:
    """Which slices of a DICOM series a frame of it is, as ``frames`` of :func:`read_dicom_frames` names them.

    Raises:
        InputError: a film, whose frames lie nowhere in the patient; see :func:`read_dicom_frames`.
    """
    chosen = chosen_objects(path, series)
    if any(_is_film(one) for one in chosen):
        what = "A DICOM segmentation says where in the patient it lies, and the frames of a film do not"
        raise InputError(what, path, "Write .seg.nrrd instead")
    moments = _moments(all_frames(chosen))
    (place,) = chosen_moments(len(moments), frame, path)
    return frame_text(moments[place])


def _moments(frames: list[Frame]) -> list[list[int]]:
    """Indices of the frames of each moment, in the order in which :mod:`SAMAdaptLib.volume.frame_choice` lists stacks;
    where times differ from slice to slice (gated, one breath a slice), the first of each place, the second, and so on.
    """
    parts = sorted(stacks(frames), key=lambda part: part[0])
    if len(parts) > 1:
        return parts
    here: dict[int, list[int]] = defaultdict(list)
    for index, place in enumerate(places_of(frames)):
        here[place].append(index)
    if len({len(group) for group in here.values()}) > 1:
        return parts
    orders = [sorted(group, key=lambda index: _time(frames[index])) for group in here.values()]
    return [[*moment] for moment in zip(*orders, strict=True)]


def _time(frame: Frame) -> float:
    """What a frame says of its time, to sort those at one place by; 0 where it says nothing."""
    said = (_number(frame.marks.get(name)) for name in CLOCKS)
    return next((value for value in said if value is not None), 0.0)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _clock(firsts: list[Frame]) -> Times | None:
    """When moments were taken, by the first frame of each."""
    for name, unit in CLOCKS.items():
        values = [frame.marks.get(name, "") for frame in firsts]
        if unit and (times := times_of(values, unit, len(firsts))) is not None:
            return times
    return None


def _is_film(one: Object) -> bool:
    if one.count < 2:
        return False
    if not one.sop_class.startswith(CAPTURES):
        return one.sop_class in FILMS
    if one.colour:
        return True
    pydicom = load_pydicom(one.file, "A DICOM object of many frames")
    with reading(one.file, "the frames of this DICOM object"):
        return "PerFrameFunctionalGroupsSequence" not in pydicom.dcmread(one.file, stop_before_pixels=True)


def _film(one: Object, path: Path, frame: Moment) -> tuple[list[Pixels], Times | None]:
    places = chosen_moments(one.count, frame, path)
    # Pictures lie nowhere, but what is measured on them depends on their pixels.
    size = UNSAID["0028|0030"]
    tell_unsaid([replace(one, unsaid=(size,) if size in one.unsaid else ())], path)
    array = picture_colours(one.file) if one.colour else _greys(one)
    if len(array) != one.count:
        raise InputError("The film does not hold all of its frames", one.file, "Export it again")
    at = one.frame.position
    lying = Frame(one.file, 0, one.frame.size, one.frame.spacing, np.zeros(3) if at is None else at, one.frame.axes)
    told = (lying.grid_at(1.0, 1), one.modality, one.series, one.body_part, one.patient)
    return [Pixels(array[place : place + 1], *told) for place in places], _running(one)


def _greys(one: Object) -> np.ndarray:
    array = stored_values(one.file)
    if one.inverted:
        # Low values are to be shown bright.
        array = array.max() - array
    if (one.frame.slope, one.frame.intercept) == (1, 0):
        return array
    scaled: np.ndarray = (array * one.frame.slope + one.frame.intercept).astype(np.float32)
    return scaled


def _running(one: Object) -> Times | None:
    """When the frames of a film were taken, by the time from frame to frame or by their rate."""
    reader = dicom_reader(one.file)
    reader.ReadImageInformation()

    def numbers(tag: str) -> list[float]:
        text = reader.GetMetaData(tag).strip("\0 ") if reader.HasMetaDataKey(tag) else ""
        values = [_number(word) for word in text.split("\\")]
        return [value for value in values if value is not None]

    steps = numbers(VECTOR)
    if len(steps) != one.count:
        rates = [1000 / rate for tag in RATES for rate in numbers(tag) if rate > 0]
        steps = (numbers(STEP) or rates)[:1] * one.count
    return times_of([sum(steps[1 : number + 1]) for number in range(one.count)] if steps else [], "ms", one.count)
