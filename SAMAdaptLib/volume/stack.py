"""Frames in the patient: which of them form a stack of parallel slices, and the grid of that stack."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry

# How far a slice may lie from its place in an even stack along the stack, as a part of the slice step.
SLICE_TOLERANCE = 0.05
# How far a slice may lie beside its place, as a part of a pixel: below it, each pixel stays in its own voxel.
SHIFT_TOLERANCE = 0.5


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a DICOM object.

    Attributes:
        file: where its pixels are.
        index: which frame of that file, from 0.
        size: columns and rows.
        spacing: mm between columns, and between rows.
        position: the centre of the first pixel, LPS mm [3]; None where the file does not say.
        axes: [2, 3], unit vectors (LPS) along which the column and the row number grow.
        slope: and ``intercept``: what turns stored values into those of the image.
        thickness: of the slice, mm, where the file says it.
        step: mm from slice to slice as the header states it, which need not be true.
        instance: InstanceNumber of a file that holds a single frame.
        marks: what may set frames at one place apart, by its DICOM keyword: time, echo, ...
    """

    file: Path
    index: int
    size: tuple[int, int]
    spacing: tuple[float, float]
    position: np.ndarray | None
    axes: np.ndarray
    slope: float = 1.0
    intercept: float = 0.0
    thickness: float | None = None
    step: float | None = None
    instance: int | None = None
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def normal(self) -> np.ndarray:
        """The unit vector at right angles to the frame, LPS [3]."""
        return np.cross(*self.axes)

    def grid_at(self, step: float, count: int) -> Geometry:
        """The grid of ``count`` slices that begins with this one, ``step`` mm apart along its normal."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([*self.axes * np.array(self.spacing)[:, None], self.normal * step], axis=1)
        matrix[:3, 3] = self.position
        return Geometry((*self.size, count), LPS_TO_RAS @ matrix)

    def differs(self, other: Frame) -> bool:
        """Whether the two cannot be slices of one stack, wherever they lie."""
        # Between the ends of a row or column, so that an angle counts by what it moves.
        sides = zip(self.axes, self.spacing, other.axes, other.spacing, self.size, strict=True)
        limit = SHIFT_TOLERANCE * min(self.spacing)
        moved = (np.linalg.norm(a * s - b * t) * (n - 1) for a, s, b, t, n in sides)
        return self.size != other.size or any(mm > limit for mm in moved)


def stacks(frames: Sequence[Frame]) -> list[list[int]]:
    """Which frames, by their index, may form a volume each: alike in size and direction, and no two at one place.

    Frames at one place are told apart by their marks (time, echo, ...), else by their order.
    """
    found: list[list[int]] = []
    for alike in _alike(frames):
        parts = _apart(frames, alike)
        # Frames that are all at one place are no volumes of one slice each.
        found += [alike] if max(map(len, parts)) == 1 else parts
    return found


def stack_grid(frames: Sequence[Frame], where: str | os.PathLike[str]) -> tuple[list[int], Geometry]:
    """The order of the frames in their stack, and its grid.

    Args:
        frames: of one stack.
        where: file or folder, for errors.

    Returns:
        indices of the frames from the first slice to the last along the frames' normal; the grid.

    Raises:
        InputError: frames that differ in size, spacing or direction; that do not say where they are; uneven, doubled,
            missing or slanted slices.
    """
    first = frames[0]
    if any(first.differs(frame) for frame in frames):
        raise InputError(
            "The slices of the DICOM series differ in size, spacing or orientation",
            where,
            "Give a folder that holds one stack of parallel slices",
        )
    if len(frames) == 1:
        return [0], _single(first, where)
    if any(frame.position is None for frame in frames):
        raise InputError(
            "The slices of the DICOM series do not say where they lie in the patient", where, "Export the series again"
        )
    places = np.array([frame.position for frame in frames])
    along = places @ first.normal
    order = np.argsort(along, kind="stable")
    start, along = frames[order[0]], along[order]
    step = float(along[-1] - along[0]) / (len(frames) - 1)
    off = np.abs(along - along[0] - step * np.arange(len(frames))).max()
    if step < 1e-6 or off > SLICE_TOLERANCE * step:
        raise InputError(
            f"The slices of the DICOM series are unevenly spaced, doubled or missing{_gaps(along)}",
            where,
            "Export the whole series again, or resample it to even spacing",
        )
    shift = (places[order] - places[order[0]]) @ start.axes.T
    if (np.abs(shift) / start.spacing).max() > SHIFT_TOLERANCE:
        raise InputError(
            "The slices of the DICOM series are stacked at a slant (tilted gantry): "
            f"{np.linalg.norm(shift, axis=1).max():.3g} mm over the stack, for pixels of "
            f"{start.spacing[0]:.3g} x {start.spacing[1]:.3g} mm",
            where,
            "Resample it onto a regular grid first",
        )
    stated = {frame.step for frame in frames if frame.step}
    if any(abs(value - step) > SLICE_TOLERANCE * step for value in stated):
        listed = ", ".join(f"{value:.4g}" for value in sorted(stated))
        note(
            f"The slices lie {step:.4g} mm apart, and the header says {listed} mm; their positions were taken",
            where,
            "Check that no slices are missing",
        )
    _tell_of_numbers([frame.instance for frame in frames], step, where)
    return order.tolist(), start.grid_at(step, len(frames))


def _alike(frames: Sequence[Frame]) -> list[list[int]]:
    groups: list[list[int]] = []
    for index, frame in enumerate(frames):
        for group in groups:
            if not frames[group[0]].differs(frame):
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def _apart(frames: Sequence[Frame], alike: list[int]) -> list[list[int]]:
    """Part frames that are alike so that no two of a part are at one place."""
    places = places_of([frames[index] for index in alike])
    if len(set(places)) == len(places):
        return [alike] if _even(frames, alike) else _by_marks(frames, alike, ["StackID"])
    here: dict[int, list[int]] = defaultdict(list)
    for index, place in zip(alike, places, strict=True):
        here[place].append(index)
    names = {name for index in alike for name in frames[index].marks}
    telling = sorted(
        name for name in names if any(len({frames[i].marks.get(name) for i in group}) > 1 for group in here.values())
    )
    parts: list[list[int]] = []
    for part in _by_marks(frames, alike, telling):
        place_of = dict(zip(alike, places, strict=True))
        ranks: dict[int, list[int]] = defaultdict(list)
        seen: dict[int, int] = defaultdict(int)
        for index in part:
            ranks[seen[place_of[index]]].append(index)
            seen[place_of[index]] += 1
        parts += ranks.values()
    return parts


def _by_marks(frames: Sequence[Frame], indices: list[int], names: list[str]) -> list[list[int]]:
    parts: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for index in indices:
        parts[tuple(frames[index].marks.get(name) for name in names)].append(index)
    return list(parts.values())


def places_of(frames: Sequence[Frame]) -> list[int]:
    """A number for each frame; frames at one place have the same."""
    if any(frame.position is None for frame in frames):
        return [0] * len(frames)
    along = np.array([frame.position for frame in frames]) @ frames[0].normal
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    # Of several passes the mean gap is the smaller, so the limit is on the safe side.
    new = gaps > max(SLICE_TOLERANCE * float(np.ptp(along)) / max(len(frames) - 1, 1), 1e-4)
    places = np.empty(len(frames), int)
    places[order] = np.concatenate([[0], np.cumsum(new)])
    return [int(place) for place in places]


def _even(frames: Sequence[Frame], indices: list[int]) -> bool:
    if len(indices) < 3:
        return True
    along = np.sort([frames[index].position @ frames[indices[0]].normal for index in indices])
    gaps = np.diff(along)
    return float(np.ptp(gaps)) <= 2 * SLICE_TOLERANCE * float(gaps.mean())


def _gaps(along: np.ndarray) -> str:
    gaps = np.diff(along)
    usual = float(np.median(gaps))
    odd = gaps[np.abs(gaps - usual) > 2 * SLICE_TOLERANCE * max(usual, 1e-6)]
    if not len(odd) or usual < 1e-6:
        return ""
    listed = ", ".join(f"{gap:.4g}" for gap in odd[:3]) + (", ..." if len(odd) > 3 else "")
    return f" ({usual:.4g} mm apart, but {listed} mm in {len(odd)} place{'s' * (len(odd) > 1)})"


def _single(frame: Frame, where: str | os.PathLike[str]) -> Geometry:
    depth = frame.thickness or frame.step
    if not depth:
        told = "without a thickness: taken as 1 mm thick"
    elif frame.step and abs(frame.step - depth) > SLICE_TOLERANCE * depth:
        told = f"{depth:.4g} mm thick and {frame.step:.4g} mm from the next one: taken as {depth:.4g} mm thick"
    else:
        told = f"taken as {depth:.4g} mm thick, as its header says"
    note(f"A single slice, {told}", where, "Give the folder if the series has more slices")
    if frame.position is None:
        note("The slice does not say where it lies in the patient; its first pixel was put at the origin", where)
        frame = replace(frame, position=np.zeros(3))
    return frame.grid_at(depth or 1.0, 1)


def _tell_of_numbers(numbers: list[int | None], step: float, where: str | os.PathLike[str]) -> None:
    """Slices may be missing though the rest lie evenly: every second one, or those at an end."""
    known = {number for number in numbers if number is not None}
    if len(known) < len(numbers):
        return
    missing = max(known) - min(known) + 1 - len(known)
    if missing:
        note(
            f"{missing} of the instance numbers {min(known)} to {max(known)} are missing, but the {len(numbers)} "
            f"slices lie evenly, {step:.4g} mm apart; they were taken as the whole stack",
            where,
            "Export the series again if slices are missing",
        )
