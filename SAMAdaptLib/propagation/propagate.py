"""Carry an object from the prompted slices through a volume, slice by slice, with any predictor of one slice."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.fusion import keep_touching
from SAMAdaptLib.propagation.rules import PropagationRules, broken_rule, next_prompt, overlap
from SAMAdaptLib.volume.masks import bounds

SlicePredictor = Callable[[int, Prompt], SliceResult]
# From the index of a slice, of the last one that was kept on the way to it, and its prompt.
SliceCarrier = Callable[[int, int, Prompt], SliceResult]
E = TypeVar("E")
R = TypeVar("R")
Source = Literal["prompted", "propagated", "both sides"]
_Number = TypeVar("_Number", int, float)


@dataclass
class SliceRecord:
    """Where the mask of a slice comes from.

    Attributes:
        index: the slice.
        source: its own prompt, a neighbour, or (halfway between two prompted slices) the union of both neighbours'.
        from_index: the slice whose mask was the prompt; None for a prompted slice; the lower one for both sides.
        predicted_iou: the model's own expectation; the lower of two.
        iou_previous: IoU with the mask of ``from_index``; None for a prompted slice; the lower of two.
        area: pixels in the final mask.
        by_base: see :class:`SliceResult`.
    """

    index: int
    source: Source
    from_index: int | None
    predicted_iou: float
    iou_previous: float | None
    area: int
    by_base: str = ""


class Stop(NamedTuple):
    """A slice that was not kept.

    ``direction`` is "up" for rising and "down" for falling indices. ``reason`` begins with "missing" where the way went
    on and with "stopped" where it ended.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks a stop for
    direction: str
    reason: str


@dataclass
class Propagated:
    """The object in the volume.

    Attributes:
        mask: bool [count, H, W], the slices in the predictor's order.
        records: one for each slice with a kept answer, by rising index.
        stops: the slices that broke a rule, in the order of the work.
        cancelled: the user stopped; all that was finished until then is in here.
    """

    mask: np.ndarray
    records: list[SliceRecord] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    cancelled: bool = False


@dataclass(frozen=True)
class Visited:
    """A slice is done, with those behind it where a way ended on it: ``done`` of ``total``. ``answer`` is what was
    found on it, whether it will be kept or not; None where it was not asked again, or a correction left it alone."""

    index: int
    done: int
    total: int
    answer: SliceResult | None


@dataclass(frozen=True, eq=False)
class Ask:
    """A slice is to be answered to a prompt; ``origin`` is the one that it was reached from, None of its own prompt."""

    index: int
    prompt: Prompt
    origin: int | None


class Steps(Generic[E, R]):
    """The steps of work that tells them; iterated over to the end, it has the ``result``."""

    result: R

    def __init__(self, events: Generator[E, None, R]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[E]:
        self.result = yield from self._events


def finish(events: Generator[E, None, R], tell: Callable[[E], object] | None = None) -> R:
    """The result of work that tells its steps; ``tell`` hears each of them."""
    steps = Steps(events)
    for event in steps:
        if tell is not None:
            tell(event)
    return steps.result


def outside(index: int, first: int, last: int) -> InputError:
    """The refusal of a slice with prompts that the rules' range leaves out."""
    return InputError("A prompt lies outside the slice range", f"slice {index}", f"Stay in {first} to {last}")


def propagate(
    predict: SlicePredictor,
    prompts: dict[int, Prompt],
    count: int,
    shape: tuple[int, int],
    rules: PropagationRules | None = None,
    cancelled: Callable[[], bool] | None = None,
    carry: SliceCarrier | None = None,
) -> Generator[Visited, None, Propagated]:
    """Segment an object through a volume; :func:`finish` gives the result.

    Every prompted slice is predicted from its prompt and kept as it is. From the outer ones the way leads to the ends
    of the range, from two neighbours to the middle between them. Each slice is prompted by the last kept mask; one that
    breaks a rule stays empty, and ``rules.max_missing`` of them in a row end that way. A slice with negative points
    only starts nothing; its points join the prompt that reaches it. Last, only the 3D parts (26 neighbours) that
    touch a prompted slice's mask are kept, where slices left empty do not part what lies on either side.

    Args:
        predict: (slice index, Prompt in pixels) to SliceResult.
        prompts: slice index to Prompt.
        count: number of slices.
        shape: (H, W) of a slice in pixels.
        rules: by default PropagationRules().
        cancelled: asked before every slice.
        carry: what answers on slices that are reached from another, in place of ``predict``.

    Yields:
        every slice as it is done; those not reached because a way ended early count as done, so that done reaches
        total.

    Raises:
        InputError: no prompt to start from, one outside the range, or a rule that makes no sense.
    """
    walk = asking(prompts, count, shape, rules, cancelled)
    answer: SliceResult | None = None
    while True:
        try:
            event = walk.send(answer)
        except StopIteration as end:
            found: Propagated = end.value
            return found
        answer = None
        if isinstance(event, Visited):
            yield event
        elif event.origin is None or carry is None:
            answer = predict(event.index, event.prompt)
        else:
            answer = carry(event.index, event.origin, event.prompt)


def asking(
    prompts: dict[int, Prompt],
    count: int,
    shape: tuple[int, int],
    rules: PropagationRules | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Generator[Ask | Visited, SliceResult | None, Propagated]:
    """The same for whoever has to wait for answers: each :class:`Ask` is to be sent its answer, in the predictor's
    place."""
    return _Walker(prompts, count, shape, rules or PropagationRules(), cancelled).run()


@dataclass(frozen=True)
class _Walk:
    start: int
    step: int
    length: int

    @property
    def direction(self) -> str:
        return "up" if self.step > 0 else "down"


class _Walker:
    """The state of one propagation."""

    def __init__(
        self,
        prompts: dict[int, Prompt],
        count: int,
        shape: tuple[int, int],
        rules: PropagationRules,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self.first, self.last = rules.span(count)
        self.prompts, self.shape, self.rules = prompts, (shape[0], shape[1]), rules
        self.cancelled = cancelled
        self.keys = sorted(index for index, prompt in prompts.items() if prompt.starts)
        if not self.keys:
            raise InputError("There is no prompt to start from", None, "Give a box, or a point on the object")
        for index in self.keys:
            if not self.first <= index <= self.last:
                raise outside(index, self.first, self.last)
        self.walks = self._plan()
        self.total = len(self.keys) + sum(walk.length for walk in self.walks)
        self.done = 0
        self.result = Propagated(np.zeros((count, *self.shape), dtype=bool))
        self.records: dict[int, SliceRecord] = {}

    def _plan(self) -> list[_Walk]:
        walks = [_Walk(self.keys[0], -1, self.keys[0] - self.first)]
        for low, high in zip(self.keys, self.keys[1:], strict=False):
            # Both ways reach the single middle slice where the number of slices between is odd.
            length = (high - low) // 2
            walks += [_Walk(low, 1, length), _Walk(high, -1, length)]
        walks.append(_Walk(self.keys[-1], 1, self.last - self.keys[-1]))
        return walks

    def run(self) -> Generator[Ask | Visited, SliceResult | None, Propagated]:
        started: dict[int, SliceResult] = {}
        for index in self.keys:
            if self._stop_requested():
                return self._finish()
            started[index] = result = self._checked((yield Ask(index, self.prompts[index], None)))
            self._keep(SliceRecord(index, "prompted", None, result.iou, None, 0, result.by_base), result)
            yield self._visited(index, result)
        for walk in self.walks:
            if not (yield from self._walk(walk, started[walk.start])):
                break
        return self._finish()

    def _walk(self, walk: _Walk, last: SliceResult) -> Generator[Ask | Visited, SliceResult | None, bool]:
        """Return False when the user stopped."""
        if not last.mask.any():
            if walk.length:
                self.result.stops.append(Stop(walk.start, walk.direction, "stopped: the prompt found nothing"))
                self.done += walk.length - 1
                yield self._visited(walk.start, None)
            return True
        origin, missing = walk.start, 0
        # Base and adapter are not equally sure: each is held to what it expected on its first slice.
        key_iou = {bool(last.by_base): last.iou}
        for number in range(1, walk.length + 1):
            if self._stop_requested():
                return False
            index = walk.start + walk.step * number
            result = self._checked((yield Ask(index, self._prompt(index, last), origin)))
            expected = key_iou.setdefault(bool(result.by_base), result.iou)
            reason = broken_rule(result, last.mask, self.rules, expected)
            if reason is None:
                self._keep(self._reached(index, result, origin, overlap(result.mask, last.mask)), result)
                origin, last, missing = index, result, 0
            else:
                missing += 1
                ended = missing >= self.rules.max_missing
                self.result.stops.append(Stop(index, walk.direction, f"{'stopped' if ended else 'missing'}: {reason}"))
                if ended:
                    self.done += walk.length - number
                    yield self._visited(index, result)
                    return True
            yield self._visited(index, result)
        return True

    def _prompt(self, index: int, last: SliceResult) -> Prompt:
        prompt = next_prompt(last.mask, last.logits, self.shape, self.rules)
        hint = self.prompts.get(index)
        return prompt if hint is None else replace(prompt, points=hint.points, labels=hint.labels)

    def _checked(self, result: SliceResult | None) -> SliceResult:
        if result is None:
            raise ValueError("a slice was asked about, and no answer sent")
        if result.mask.shape != self.shape:
            raise ValueError(f"the predictor gave a mask of shape {result.mask.shape} on slices of shape {self.shape}")
        return replace(result, mask=np.asarray(result.mask, dtype=bool), iou=float(result.iou))

    def _reached(self, index: int, result: SliceResult, origin: int, iou: float) -> SliceRecord:
        """The record of a slice that was prompted by its neighbour, and perhaps by that on its other side before."""
        other = self.records.get(index)
        if other is None:
            return SliceRecord(index, "propagated", origin, result.iou, iou, 0, result.by_base)
        expected = min(result.iou, other.predicted_iou)
        lower, least = _least(origin, other.from_index), _least(iou, other.iou_previous)
        return SliceRecord(index, "both sides", lower, expected, least, 0, result.by_base)

    def _keep(self, record: SliceRecord, result: SliceResult) -> None:
        self.records[record.index] = record
        self.result.mask[record.index] |= result.mask

    def _visited(self, index: int, answer: SliceResult | None) -> Visited:
        self.done += 1
        return Visited(index, self.done, self.total, answer)

    def _stop_requested(self) -> bool:
        self.result.cancelled = self.cancelled is not None and bool(self.cancelled())
        return self.result.cancelled

    def _finish(self) -> Propagated:
        result = self.result
        kept = sorted(self.records)
        # Labelled without the empty slices between them, a single missing slice does not cut the object in two.
        around = bounds(result.mask)
        if around is not None:
            rows, columns = around[1:]
            found = result.mask[kept, rows, columns]
            prompted = [self.records[index].source == "prompted" for index in kept]
            result.mask[kept, rows, columns] = keep_touching(found, found & np.reshape(prompted, (-1, 1, 1)))
        for index in kept:
            self.records[index].area = int(np.count_nonzero(result.mask[index]))
        result.records = [self.records[index] for index in kept]
        return result


def _least(value: _Number, other: _Number | None) -> _Number:
    return value if other is None else min(value, other)
