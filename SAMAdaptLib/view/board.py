"""What a user has made on the page: marks, answers, segments, and the way back. It knows neither page nor worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from SAMAdaptLib.arrays import Double, Mask
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.geometry import Geometry, nearest_index
from SAMAdaptLib.volume.measures import millilitres
from SAMAdaptLib.volume.planes import AXES, PlaneStack

FIRST_NAME = "Segment_1"
# Of the palette of Okabe and Ito (2008), which people with any kind of colour blindness tell apart, those that show on
# dark grey; the way they are told of to a page.
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00")
STEPS = 100


@dataclass(frozen=True)
class Placed:
    """A mark on a slice.

    Attributes:
        plane: the slice.
        kind: of :data:`SAMAdaptLib.prompts.kinds.KINDS`.
        at: positions (x, y) in the slice's pixels, centres at whole numbers.
        label: 1 = the object, 0 = not the object.
    """

    plane: SlicePlane
    kind: str
    at: tuple[tuple[float, float], ...]
    label: int = 1


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found on a slice.

    Attributes:
        marks: those that it answers.
        masks: the candidates, the best one first.
        iou: the model's own estimate of each; None where a mask answers no single prompt.
        chosen: the candidate that counts.
    """

    marks: tuple[Placed, ...]
    masks: tuple[PackedMask, ...]
    iou: tuple[float | None, ...]
    chosen: int = 0


@dataclass(frozen=True, eq=False)
class Segment:
    """A structure; its mask, bool [K, J, I], is never changed, but replaced.

    Attributes:
        name: see there.
        colour: as CSS writes it.
        mask: see above.
        ml: its volume.
    """

    name: str
    colour: str
    mask: Mask
    ml: float = 0.0


@dataclass(frozen=True, eq=False)
class Work:
    """All of it at one moment.

    Attributes:
        segments: in the order of the file.
        current: the number of the one that is worked on.
        marks: on slices, in the order in which they were made.
        answers: to them, by slice.
    """

    segments: tuple[Segment, ...]
    current: int = 0
    marks: tuple[Placed, ...] = ()
    answers: Mapping[SlicePlane, Answer] = field(default_factory=dict)


class Board:
    """The work, its history, and what of it is saved.

    Args:
        geometry: the grid of the scan.
        masks: name to bool [K, J, I], of segments to go on with.

    Attributes:
        stacks: the slices of the scan by axis.
        work: as it is now.
    """

    def __init__(self, geometry: Geometry, masks: Mapping[str, Mask] | None = None) -> None:
        self.geometry = geometry
        self.stacks = {axis: PlaneStack(geometry, axis) for axis in AXES}
        self.work = Work(())
        for name, mask in (masks or {}).items():
            self._append(Segment(name, self._colour(), mask, millilitres(mask, geometry)))
        if not masks:
            self._append(Segment(FIRST_NAME, self._colour(), np.zeros(geometry.shape, bool)))
        self._saved = self.work.segments
        self._before: list[Work] = []

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost: marks, or segments that are not those of the file."""
        return bool(self.work.marks or self.work.answers) or (
            self.work.segments is not self._saved and any(one.ml for one in (*self.work.segments, *self._saved))
        )

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._before)

    def plane(self, axis: str, index: int) -> SlicePlane:
        """A slice of the scan.

        Raises:
            InputError: there is none.
        """
        stack = self.stacks.get(axis)
        if stack is None or not 0 <= index < stack.count:
            raise InputError("There is no such slice", f"{axis} {index}", "Choose another one")
        return SlicePlane(index, axis)

    def mark(self, mark: Placed) -> None:
        """Add a mark; a box takes the place of another one on its slice."""
        kept = [one for one in self.work.marks if not (KINDS[mark.kind].box and _same_box(one, mark))]
        self._step(replace(self.work, marks=(*kept, mark)))

    def on(self, plane: SlicePlane) -> tuple[Placed, ...]:
        """The marks on a slice."""
        return tuple(one for one in self.work.marks if one.plane == plane)

    def prompt(self, plane: SlicePlane) -> Prompt:
        """What the marks on a slice say to a model."""
        shape, found = self.stacks[plane.axis].shape, Prompt()
        for one in self.on(plane):
            found = found.joined(KINDS[one.kind].prompt(np.array(one.at), one.label, shape))
        return found

    def prompts(self, axis: str) -> dict[int, Prompt]:
        """Those of all slices along an axis with marks, by index.

        Raises:
            InputError: none of them says where the object is.
        """
        found = {index: self.prompt(SlicePlane(index, axis)) for index in sorted(
            {one.plane.index for one in self.work.marks if one.plane.axis == axis}
        )}  # fmt: skip
        if not any(prompt.starts for prompt in found.values()):
            what = f"Nothing is marked on {axis} slices"
            raise InputError(what, None, "Click on the object or draw a box around it first")
        return found

    def waiting(self) -> Iterator[SlicePlane]:
        """Slices whose marks say where the object is and are not answered yet."""
        for plane in dict.fromkeys(one.plane for one in self.work.marks):
            answer = self.work.answers.get(plane)
            if (answer is None or answer.marks != self.on(plane)) and self.prompt(plane).starts:
                yield plane

    def answered(self, plane: SlicePlane, answer: Answer) -> None:
        """Take an answer in, unless it answers other marks than are there now."""
        if answer.marks == self.on(plane):
            self.work = replace(self.work, answers={**self.work.answers, plane: answer})

    def refused(self, plane: SlicePlane) -> None:
        """Take back the marks on a slice that could not be answered."""
        answer = self.work.answers.get(plane)
        kept = () if answer is None else answer.marks
        marks = tuple(one for one in self.work.marks if one.plane != plane or one in kept)
        self.work = replace(self.work, marks=marks)

    def choose(self, plane: SlicePlane, more: Sequence[tuple[PackedMask, float]] = ()) -> None:
        """Take the next candidate on a slice, of those that are known and ``more``, with the model's own estimates."""
        one = self.work.answers[plane]
        masks, iou = (*one.masks, *(mask for mask, _ in more)), (*one.iou, *(value for _, value in more))
        other = Answer(one.marks, masks, iou, (one.chosen + 1) % len(masks))
        self._step(replace(self.work, answers={**self.work.answers, plane: other}))

    def carried(self, axis: str, found: Mapping[int, tuple[PackedMask, float | None]]) -> None:
        """Take in what was carried through the volume: by index the object on the slices along an axis and the model's
        own estimate."""
        answers = {plane: one for plane, one in self.work.answers.items() if plane.axis != axis}
        for index, (mask, iou) in found.items():
            plane = SlicePlane(index, axis)
            answers[plane] = Answer(self.on(plane), (mask,), (iou,))
        self._step(replace(self.work, answers=answers))

    def accept(self, remove: bool = False) -> None:
        """Put what was found into the current segment, or take it away there; the marks are done with.

        Raises:
            InputError: nothing was found, or an answer is still to come.
        """
        if any(self.waiting()):
            raise InputError("An answer is still to come", None, "Wait for it")
        if not self.work.answers:
            raise InputError("There is nothing to accept", None, "Click on the object or draw a box around it first")
        segment = self.work.segments[self.work.current]
        mask = segment.mask.copy()
        for plane, answer in self.work.answers.items():
            shown = self.stacks[plane.axis].view(mask)[plane.index]
            found = answer.masks[answer.chosen].full()
            shown[:] = shown & ~found if remove else shown | found
        changed = replace(segment, mask=mask, ml=millilitres(mask, self.geometry))
        # Voxels are kept for this step only.
        self._before = [self.work]
        self.work = replace(self._with(changed), marks=(), answers={})

    def clear(self) -> None:
        """Drop marks and answers."""
        if self.work.marks or self.work.answers:
            self._step(replace(self.work, marks=(), answers={}))

    def undo(self) -> None:
        """Take the last step back."""
        if self._before:
            self.work = self._before.pop()

    def select(self, number: int) -> None:
        """Work on another segment; nothing before can be taken back.

        Raises:
            InputError: there is none of that number, or something is neither accepted nor cleared.
        """
        if not 0 <= number < len(self.work.segments):
            raise InputError("There is no such segment", str(number), "Choose another one")
        self._settle()
        self.work = replace(self.work, current=number)

    def add(self) -> None:
        """A new segment, to work on; nothing before can be taken back.

        Raises:
            InputError: something is neither accepted nor cleared.
        """
        self._settle()
        taken = {one.name for one in self.work.segments}
        name = next(name for name in (f"Segment_{number}" for number in range(1, len(taken) + 2)) if name not in taken)
        self._append(Segment(name, self._colour(), np.zeros(self.geometry.shape, bool)))

    def rename(self, name: str) -> None:
        """Name the current segment; nothing before can be taken back.

        Raises:
            InputError: no name, or that of another one.
        """
        name, current = name.strip(), self.work.segments[self.work.current]
        if not name or not name.isprintable() or any(one.name == name for one in self.work.segments if one != current):
            raise InputError("A segment needs a printable name of its own", repr(name), "Choose another name")
        self._before = []
        self.work = self._with(replace(current, name=name))

    def saved(self, segments: tuple[Segment, ...]) -> None:
        """These are in the file."""
        self._saved = segments

    def _append(self, segment: Segment) -> None:
        self.work = replace(self.work, segments=(*self.work.segments, segment), current=len(self.work.segments))

    def _colour(self) -> str:
        return COLOURS[len(self.work.segments) % len(COLOURS)]

    def _settle(self) -> None:
        if self.work.marks or self.work.answers:
            name = self.work.segments[self.work.current].name
            raise InputError("What is shown belongs to another segment", name, "Accept or clear it first")
        self._before = []

    def _with(self, segment: Segment) -> Work:
        """The work with another one in place of the current segment."""
        segments = list(self.work.segments)
        segments[self.work.current] = segment
        return replace(self.work, segments=tuple(segments))

    def _step(self, after: Work) -> None:
        self._before = [*self._before[-STEPS:], self.work]
        self.work = after


def _same_box(one: Placed, other: Placed) -> bool:
    return one.plane == other.plane and KINDS[one.kind].box


def pixel_at(at: tuple[float, float], frame: tuple[float, float, float, float], shape: tuple[int, int]) -> Double:
    """The position (x, y) on a slice under a position on the page, whatever zoom and proportion it is shown at.

    What lies beyond the centres of the outer pixels is moved there.

    Args:
        at: (x, y) on the page.
        frame: (left, top, width, height) of the slice's picture there, in the same unit; its edges are those of the
            outer pixels.
        shape: (H, W) of the slice.

    Raises:
        ValueError: positions that are no such numbers.
    """
    size = np.array(shape[::-1])
    (x, y), (left, top, width, height) = at, frame
    if not np.isfinite([x, y, left, top, width, height]).all() or width <= 0 or height <= 0:
        raise ValueError("a position that is none")
    share = np.array([(x - left) / width, (y - top) / height])
    found: Double = np.clip(share * size - 0.5, 0, size - 1)
    return found


def box_between(one: Double, other: Double) -> tuple[tuple[float, float], tuple[float, float]]:
    """The box from the pixel at one position to that at the other, both inclusive: its corners are centres of pixels.

    Raises:
        InputError: it is a single column or row.
    """
    (x0, y0), (x1, y1) = np.sort(nearest_index([one, other]), axis=0).tolist()
    if x0 == x1 or y0 == y1:
        raise InputError("The box is less than two pixels wide", None, "Draw it around the object")
    return (x0, y0), (x1, y1)
