"""An object carried along time as along slices, with any predictor of one slice.

What was found of it on slice k of a frame prompts slice k of the next one, by the rules that hold from slice to slice.
Where it is wanted through the volume, too, the frames with prompts come first; then all slices that it is on there are
carried along time, and on each frame it is carried on from these to slices beside them: it may have more slices on one
frame than on another, and where the way through one frame would end early, the others know more.
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
    work = _Work(frames, axis, name, prompts, (rules, along), through, cancelled)
    stages = [work.along_time()]
    if through:
        given = [place for place in range(len(frames)) if work.starts_on(place)]
        others = [place for place in range(len(frames)) if place not in given]
        stages = [work.through(given, all_axes), work.along_time(), work.through(others, all_axes)]
    for stage in stages:
        if not (yield from stage):
            return work.found(cancelled=True)
    return work.found()


class _Moments:
    """One slice of all frames, as if they were the slices of a volume; keeps its answers, to begin with those known."""

    def __init__(self, frames: Sequence[Answering], index: int, known: Mapping[int, SliceResult]) -> None:
        height, width = frames[0].stack.shape
        self.stack = PlaneStack(Geometry((width, height, len(frames)), np.diag([-1.0, -1.0, 1.0, 1.0])))
        self.answers = dict(known)
        self._frames, self._index = frames, index

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        if index not in self.answers:
            self.answers[index] = self._frames[index](self._index, prompt)
        return self.answers[index]


class _Known:
    """The slices of a frame, some of which have been answered along time; keeps the answers to the others, too."""

    def __init__(self, slices: Answering, known: Mapping[int, SliceResult]) -> None:
        self.stack, self.answers, self._slices, self._known = slices.stack, dict(known), slices, known

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        if index not in self._known:
            self.answers[index] = self._slices(index, prompt)
        return self.answers[index]


class _Work:
    """The state of one object's way."""

    def __init__(
        self,
        frames: Sequence[Callable[[str], Answering]],
        axis: str,
        name: str,
        prompts: Mapping[int, Mapping[int, Prompt]],
        rules: tuple[PropagationRules, PropagationRules],
        through: bool,
        cancelled: Stop | None,
    ) -> None:
        self.frames, self.axis, self.name, self.prompts = frames, axis, name, prompts
        self.rules, self.along = rules
        self.slices = [frame(axis) for frame in frames]
        self.cancelled = cancelled
        starts = {k for given in prompts.values() for k, prompt in given.items() if prompt.starts}
        if not starts:
            raise InputError("There is no prompt to start from", name, "Give a box, or a point on the object")
        self.starting = sorted(starts)
        self.known: list[dict[int, SliceResult]] = [{} for _ in frames]
        self.records: list[dict[int, dict[str, Any]]] = [{} for _ in frames]
        self.whole: dict[int, Segmented] = {}
        self.stops: list[dict[str, Any]] = []
        # Slices that are looked at along time, as far as it is known, and through frames.
        self.done, self.total = 0, len(frames) * (2 * self.slices[0].stack.count if through else len(self.starting))

    def starts_on(self, place: int) -> bool:
        """Whether a frame has a prompt that starts something."""
        return any(prompt.starts for prompt in self.prompts.get(place, {}).values())

    def along_time(self) -> Generator[FrameEvent, None, bool]:
        """Carry it along time on each slice that it is on where there are prompts; False where the user stopped."""
        given = [place for place in self.prompts if self.starts_on(place)]
        found = {index for place in given for index in self.known[place]}
        if found:
            self.total -= len(self.frames) * (self.slices[0].stack.count - len(found | {*self.starting}))
        for index in sorted(found | {*self.starting}):
            known = {place: self.known[place][index] for place in given if index in self.known[place]}
            prompts = {place: one[index] for place, one in self.prompts.items() if index in one}
            prompts |= {place: _prompt(one) for place, one in known.items() if place not in prompts}
            moments = _Moments(self.slices, index, known)
            steps = propagated(
                lambda _, these=moments: these,  # type: ignore[misc]
                moments.stack.axis, self.name, prompts, self.along, cancelled=self.cancelled,
            )  # fmt: skip
            carried = yield from self._counted(steps, len(self.frames), None)
            self._keep(index, carried, moments.answers)
            if carried.cancelled:
                return False
        return True

    def through(self, places: Sequence[int], all_axes: bool) -> Generator[FrameEvent, None, bool]:
        """Carry it through the volume of frames, from prompts and what is known there; False where the user stopped."""
        for place in places:
            known = dict(self.known[place])
            prompts = {**self.prompts.get(place, {}), **{index: _prompt(one) for index, one in known.items()}}
            if not any(prompt.starts for prompt in prompts.values()):
                self.done += self.slices[0].stack.count
                continue
            slices = _Known(self.slices[place], known)
            steps = propagated(
                lambda along, here=slices, at=place: here if along == self.axis else self.frames[at](along),  # type: ignore[misc]
                self.axis, self.name, prompts, self.rules, all_axes=all_axes, cancelled=self.cancelled,
            )  # fmt: skip
            found = yield from self._counted(steps, self.slices[0].stack.count, place)
            masks = slices.stack.view(found.mask)
            for index in np.flatnonzero(masks.any(axis=(1, 2))):
                if int(index) in slices.answers:
                    self.known[place][int(index)] = replace(slices.answers[int(index)], mask=masks[index])
            self.whole[place] = found
            if found.cancelled:
                return False
        return True

    def found(self, cancelled: bool = False) -> OverTime:
        """What there is on all frames."""
        return OverTime(tuple(map(self._there, range(len(self.frames)))), self.stops, cancelled)

    def _there(self, place: int) -> Segmented:
        along = self.records[place]
        if place in self.whole:
            one = self.whole[place]
            records = [
                along.get(record["index"], record) if record["axis"] == self.axis else record for record in one.slices
            ]
            return replace(one, slices=records, cancelled=False)
        stack = self.slices[place].stack
        mask = np.zeros(stack.geometry.shape, bool)
        for index, answer in self.known[place].items():
            stack.view(mask)[index] = answer.mask
        return Segmented(mask, self.axis, [along[index] for index in sorted(along)])

    def _keep(self, index: int, found: Segmented, answers: Mapping[int, SliceResult]) -> None:
        for record in found.slices:
            place, mask = record["index"], found.mask[record["index"]]
            came_from = record.pop("from_index")
            told = {"index": index, "axis": self.axis, "from_frame": None if came_from is None else came_from + 1}
            if place not in self.whole:
                self.records[place][index] = record | told
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


def _prompt(known: SliceResult) -> Prompt:
    """What stands for an answer where a prompt is wanted."""
    return Prompt(box=box(known.mask).box)
