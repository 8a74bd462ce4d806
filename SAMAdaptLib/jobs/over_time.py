"""An object carried along time as along slices, with any predictor of one slice.

What was found of it on slice k of a frame prompts slice k of the next one, by the rules that hold from slice to slice.
Where it is wanted through the volume, too, what was found so on a frame prompts the other slices of that frame then, as
a user's prompts would.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.slices import Answering, Segmented, SliceEvent, Stop, propagated
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack


@dataclass(frozen=True, eq=False)
class OverTime:
    """An object on all frames of an image over time.

    Attributes:
        frames: what was found on each, in their order. On the slices with prompts, "from_frame" of a record is the
            number of the frame whose mask was the prompt.
        stops: where a frame broke a rule on the way along time: "frame" from 1, "slice", "direction" ("later" or
            "earlier") and "reason".
        cancelled: the user stopped; what was finished until then is in here.
    """

    frames: tuple[Segmented, ...]
    stops: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False

    @property
    def mask(self) -> np.ndarray:
        """bool [T, K, J, I]."""
        return np.stack([one.mask for one in self.frames])


@dataclass(frozen=True)
class FrameEvent:
    """A slice of a frame was looked at: the number of the frame, from 1, and how much of all work is done."""

    frame: int
    done: int
    total: int


def over_time(
    frames: Sequence[Callable[[str], Answering]],
    axis: str,
    name: str,
    prompts: Mapping[int, Mapping[int, Prompt]],
    rules: PropagationRules,
    along: PropagationRules,
    *,
    through: bool = False,
    all_axes: bool = False,
    cancelled: Stop | None = None,
) -> Generator[FrameEvent, None, OverTime]:
    """An object on all frames from prompts on some.

    Args:
        frames: for each, what gives its slices along an axis.
        axis: of the prompts.
        name: of the object.
        prompts: index of the frame, from 0, to slice index to prompt in pixels.
        rules: of propagation through the volume of a frame.
        along: of propagation along time; without a range, which is one of slices.
        through: carry it through the volume of each frame; otherwise it stays on the slices of its prompts.
        all_axes: through the volume along all three axes, see :func:`SAMAdaptLib.jobs.slices.propagated`.
        cancelled: asked before every slice.

    Raises:
        InputError: no prompt to start from.
    """
    work = _Work(frames, axis, name, prompts, (rules, along), cancelled)
    if not (yield from work.along_time(through)):
        return work.found(cancelled=True)
    return (yield from work.through_frames(all_axes)) if through else work.found()


class _Moments:
    """One slice of all frames, as if they were the slices of a volume; keeps its answers."""

    def __init__(self, frames: Sequence[Answering], index: int) -> None:
        height, width = frames[0].stack.shape
        self.stack = PlaneStack(Geometry((width, height, len(frames)), np.diag([-1.0, -1.0, 1.0, 1.0])))
        self.answers: dict[int, SliceResult] = {}
        self._frames, self._index = frames, index

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        self.answers[index] = self._frames[index](self._index, prompt)
        return self.answers[index]


class _Known:
    """The slices of a frame, some of which have been answered along time."""

    def __init__(self, slices: Answering, known: Mapping[int, SliceResult]) -> None:
        self.stack, self._slices, self._known = slices.stack, slices, known

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        return self._known[index] if index in self._known else self._slices(index, prompt)


class _Work:
    """The state of one object's way."""

    def __init__(
        self,
        frames: Sequence[Callable[[str], Answering]],
        axis: str,
        name: str,
        prompts: Mapping[int, Mapping[int, Prompt]],
        rules: tuple[PropagationRules, PropagationRules],
        cancelled: Stop | None,
    ) -> None:
        self.frames, self.axis, self.name, self.prompts = frames, axis, name, prompts
        self.rules, self.along = rules
        self.slices = [frame(axis) for frame in frames]
        self.cancelled = cancelled
        self.by_slice: dict[int, dict[int, Prompt]] = {}
        for place, given in prompts.items():
            for index, prompt in given.items():
                self.by_slice.setdefault(index, {})[place] = prompt
        self.starting = [k for k, given in sorted(self.by_slice.items()) if any(p.starts for p in given.values())]
        if not self.starting:
            raise InputError("There is no prompt to start from", name, "Give a box, or a point on the object")
        self.known: list[dict[int, SliceResult]] = [{} for _ in frames]
        self.records: list[list[dict[str, Any]]] = [[] for _ in frames]
        self.stops: list[dict[str, Any]] = []

    def along_time(self, through: bool) -> Generator[FrameEvent, None, bool]:
        """Carry it along time on each slice with a prompt; False where the user stopped."""
        count = len(self.frames)
        self.done, self.total = 0, count * len(self.starting)
        self.total += count * self.slices[0].stack.count if through else 0
        for index in self.starting:
            moments = _Moments(self.slices, index)
            steps = propagated(
                lambda _, these=moments: these,  # type: ignore[misc]
                moments.stack.axis, self.name, self.by_slice[index], self.along, cancelled=self.cancelled,
            )  # fmt: skip
            found = yield from self._counted(steps, count, None)
            self._keep(index, found, moments.answers)
            if found.cancelled:
                return False
        return True

    def through_frames(self, all_axes: bool) -> Generator[FrameEvent, None, OverTime]:
        """Carry it through the volume of each frame from what was found on the slices with prompts."""
        done: list[Segmented] = []
        for place, known in enumerate(self.known):
            prompts = {index: Prompt(box=box(one.mask).box) for index, one in known.items()}
            if not prompts:
                self.done += self.slices[0].stack.count
                done.append(self._there(place))
                continue
            steps = propagated(
                lambda along, at=place: self._frame(along, at),  # type: ignore[misc]
                self.axis, self.name, {**self.prompts.get(place, {}), **prompts}, self.rules, all_axes=all_axes,
                cancelled=self.cancelled,
            )  # fmt: skip
            found = yield from self._counted(steps, self.slices[0].stack.count, place)
            along = {one["index"]: one for one in self.records[place]}
            records = [along.get(one["index"], one) if one["axis"] == self.axis else one for one in found.slices]
            done.append(replace(found, slices=records))
            if found.cancelled:
                return OverTime((*done, *map(self._there, range(place + 1, len(self.frames)))), self.stops, True)
        return OverTime(tuple(done), self.stops)

    def found(self, cancelled: bool = False) -> OverTime:
        """What is known of the slices with prompts."""
        return OverTime(tuple(map(self._there, range(len(self.frames)))), self.stops, cancelled)

    def _frame(self, along: str, place: int) -> Answering:
        slices = self.frames[place](along)
        return _Known(slices, self.known[place]) if along == self.axis else slices

    def _there(self, place: int) -> Segmented:
        stack = self.slices[place].stack
        mask = np.zeros(stack.geometry.shape, bool)
        for index, one in self.known[place].items():
            stack.view(mask)[index] = one.mask
        return Segmented(mask, self.axis, self.records[place])

    def _keep(self, index: int, found: Segmented, answers: Mapping[int, SliceResult]) -> None:
        for record in found.slices:
            place, mask = record["index"], found.mask[record["index"]]
            came_from = record.pop("from_index")
            told = {"index": index, "axis": self.axis, "from_frame": None if came_from is None else came_from + 1}
            self.records[place].append(record | told)
            if mask.any():
                self.known[place][index] = replace(answers[place], mask=mask)
        for stop in found.stops:
            direction = "later" if stop["direction"] == "up" else "earlier"
            told = {"frame": stop["index"] + 1, "slice": index, "direction": direction, "reason": stop["reason"]}
            self.stops.append(told)

    def _counted(
        self, steps: Generator[SliceEvent, None, Segmented], weight: int, place: int | None
    ) -> Generator[FrameEvent, None, Segmented]:
        """Tell steps as a part of all work, that weighs so much; of those along time each is of another frame."""
        before = self.done
        try:
            while True:
                event = next(steps)
                self.done = before + round(weight * event.done / event.total)
                yield FrameEvent((event.index if place is None else place) + 1, self.done, self.total)
        except StopIteration as end:
            self.done = before + weight
            result: Segmented = end.value
            return result
