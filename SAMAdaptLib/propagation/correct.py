"""An object that is there already, carried on anew from the slices that were corrected, as far as that changes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.types import PROPAGATION, SliceResult
from SAMAdaptLib.propagation.between import between, distances
from SAMAdaptLib.propagation.fusion import keep_touching
from SAMAdaptLib.propagation.mend import OPENING, changed_on
from SAMAdaptLib.propagation.propagate import Propagated, SlicePredictor, SliceRecord, Stop, Visited, outside
from SAMAdaptLib.propagation.rules import PropagationRules, broken_rule, next_prompt, overlap
from SAMAdaptLib.volume.masks import dice

# The Dice of new and old from which on a way ends, since what follows would be as it was. On the liver of a CT (see
# Resources/results/correction.md) ways that never ended so gave the same masks, from more answers.
AGREEMENT = 0.98
# The Dice from which on an answer between two known slices is taken, and not the shape that lies between theirs.
ALIKE = 0.9
# By how much less in Dice what is there may be like a new mask beside it than like itself beside it, to go on from it.
GOES_ON = 0.1


def correct(
    predict: SlicePredictor,
    present: np.ndarray,
    changed: Mapping[int, SliceResult],
    fixed: Collection[int] = (),
    rules: PropagationRules | None = None,
    cancelled: Callable[[], bool] | None = None,
    mended: Collection[int] = (),
    logits_of: Callable[[np.ndarray], np.ndarray] | None = None,
    opening: int = OPENING,
) -> Generator[Visited, None, Propagated]:
    """Carry corrections through a volume; :func:`SAMAdaptLib.propagation.propagate.finish` gives the result.

    From each corrected slice a way leads up and down. It ends before a fixed slice, halfway to another corrected one,
    or where the new mask agrees with the old one (:data:`AGREEMENT`).

    Where the next fixed or corrected slice holds the object, too, each slice on the way is prompted by the box of the
    shape between both masks (:func:`SAMAdaptLib.propagation.between.between`), which stands itself where the answer is
    unlike it (:data:`ALIKE`). Elsewhere the last mask is the prompt; a slice that breaks a rule keeps what it had, and
    ``rules.max_missing`` of them in a row end the way. Such a way ends as well before a slice on which what is there
    goes on from the last mask as it does from itself (:data:`GOES_ON`), or is more like that mask than the answer is.

    From a slice that was only mended its change is carried on, and nothing else: of each answer to the last mask the
    parts that touch the change beside it (:func:`SAMAdaptLib.propagation.mend.changed_on`). Such a way ends where there
    are none.

    In the end the parts of new masks that touch nothing of what they came from are dropped.

    A corrected slice that is empty ends the object: it is cleared beyond, on a side where no fixed or corrected slice
    holds any of it, if one on the other side does.

    Args:
        predict: (slice index, Prompt in pixels) to SliceResult.
        present: bool [count, H, W], what is there; stays as it is.
        changed: slice index to what the object is there now.
        fixed: slices that never change; those corrected are none of them.
        rules: by default PropagationRules().
        cancelled: asked before every slice.
        mended: those of the corrected slices that were changed in part, and otherwise are what they were.
        logits_of: float32 [h, w] of a mask, for models that take masks; those of the answer by default.
        opening: see :func:`SAMAdaptLib.propagation.mend.changed_on`.

    Yields:
        every slice as it is done, with what it is now, or None where it stays as it was; those not reached because a
        way ended early count as done.

    Raises:
        InputError: the range of the rules does not fit the volume, or a corrected slice lies outside it.
    """
    given = predict, present, changed, fixed, rules or PropagationRules(), cancelled
    return _Correction(*given, {*mended}, logits_of, opening).run()


class _Way(NamedTuple):
    """Slices from a corrected one on; the first one beyond is ``known`` where it stays or is corrected, too, and holds
    the object."""

    start: int
    step: int
    length: int
    known: int | None

    @property
    def direction(self) -> str:
        return "up" if self.step > 0 else "down"

    def slices(self) -> range:
        return range(self.start + self.step, self.start + self.step * (self.length + 1), self.step)


def _nothing(_index: int) -> None:
    """No shape lies between known slices."""


class _Correction:
    """The state of one correction."""

    def __init__(
        self,
        predict: SlicePredictor,
        present: np.ndarray,
        changed: Mapping[int, SliceResult],
        fixed: Collection[int],
        rules: PropagationRules,
        cancelled: Callable[[], bool] | None,
        mended: set[int],
        logits_of: Callable[[np.ndarray], np.ndarray] | None,
        opening: int,
    ) -> None:
        self.predict, self.present, self.changed, self.rules = predict, present, dict(changed), rules
        self.first, self.last = rules.span(len(present))
        for index in changed:
            if not self.first <= index <= self.last:
                raise outside(index, self.first, self.last)
        self.fixed = {*fixed} - {*changed}
        self.holds = {index for index in self.fixed if present[index].any()}
        self.holds |= {index for index, found in changed.items() if found.mask.any()}
        self.cancelled = cancelled
        self.mended, self.logits_of, self.opening = mended, logits_of, opening
        self.ways = [way for index in sorted(changed) for way in (self._way(index, -1), self._way(index, 1))]
        self.total, self.done = len(changed) + sum(way.length for way in self.ways), 0
        self.result = Propagated(present.copy())
        self.records: dict[int, SliceRecord] = {}
        # Old masks that new ones may touch, and slices of which only a part is new.
        self.edges: set[int] = set()
        self.partial: set[int] = set()

    def _way(self, index: int, step: int) -> _Way:
        end = self.last + 1 if step > 0 else self.first - 1
        beyond = [other for other in {*self.fixed, *self.changed} if (other - index) * step > 0]
        nearest = min(beyond, key=lambda other: abs(other - index), default=end)
        end = min(nearest, end) if step > 0 else max(nearest, end)
        length = max(0, (end - index) * step - 1)
        if end in self.changed and end in self.holds:
            # The middle one of an odd number of slices belongs to the lower of both.
            length = (length + 1) // 2 if step > 0 else length // 2
        return _Way(index, step, length, end if end in self.holds else None)

    def run(self) -> Generator[Visited, None, Propagated]:
        for index, found in sorted(self.changed.items()):
            self._keep(SliceRecord(index, "prompted", None, found.iou, None, 0, found.by_base), found)
            yield self._visited(index, found)
        for way in self.ways:
            start = self.changed[way.start]
            if start.mask.any():
                yield from self._walk(way, start)
            else:
                self._clear(way)
                self.done += max(0, way.length - 1)
                if way.length:
                    yield self._visited(way.start, None)
            if self.result.cancelled:
                break
        return self._finish()

    def _walk(self, way: _Way, last: SliceResult) -> Generator[Visited, None, None]:
        origin, missing = way.start, 0
        key_iou = {bool(last.by_base): last.iou}
        change = last.mask ^ self.present[origin] if origin in self.mended else None
        shape_on = self._between(way) if change is None else _nothing
        # Nothing but the last mask, and what is there, tell what to expect.
        alone = change is None and way.known is None
        for number, index in enumerate(way.slices(), start=1):
            if self.cancelled is not None and self.cancelled():
                self.result.cancelled = True
                return
            if alone and self._goes_on(index, last.mask):
                self.edges.add(index)
                self.done += way.length - number
                yield self._visited(index, None)
                return
            shape = shape_on(index)
            if shape is None:
                found = self.predict(index, next_prompt(last.mask, last.logits, last.mask.shape, self.rules))
                expected = key_iou.setdefault(bool(found.by_base), found.iou)
                reason = broken_rule(found, last.mask, self.rules, expected)
            else:
                found, reason = self._like(index, shape), None
            ended, kept = False, None
            if reason is None and change is not None:
                found, change = self._part(index, found, change)
            if reason is not None:
                missing += 1
                ended = missing >= self.rules.max_missing
                self.edges.add(index)
                told = f"{'stopped' if ended else 'missing'}: {reason}"
                self.result.stops.append(Stop(index, way.direction, told))
            elif self._agrees(index, found, change) or (alone and self._fits(index, last.mask, found.mask)):
                self.edges.add(index)
                ended = True
            else:
                iou = overlap(found.mask, last.mask)
                self._keep(SliceRecord(index, "propagated", origin, found.iou, iou, 0, found.by_base), found)
                origin, last, missing, kept = index, found, 0, found
                # Beyond a slice of which nothing is left there is nothing to ask by.
                ended = not found.mask.any()
            if ended:
                self.done += way.length - number
                yield self._visited(index, kept)
                return
            yield self._visited(index, kept)
        self.edges |= {way.start + way.step * (way.length + 1)} & self.fixed

    def _between(self, way: _Way) -> Callable[[int], np.ndarray | None]:
        """What gives the shape on a slice between the two known ones of a way; None without a second one, or where
        nothing lies between."""
        if way.known is None or not way.length:
            return _nothing
        known = way.known
        near, far = (
            distances(self.changed[k].mask if k in self.changed else self.present[k]) for k in (way.start, known)
        )

        def shape_on(index: int) -> np.ndarray | None:
            shape = between(near, far, (index - way.start) / (known - way.start))
            return shape if shape.any() else None

        return shape_on

    def _like(self, index: int, shape: np.ndarray) -> SliceResult:
        """The answer to a shape's box, or the shape where that is another one."""
        found = self.predict(index, replace(box(shape), origin=PROPAGATION))
        return found if dice(found.mask, shape, 0.0) >= ALIKE else replace(found, mask=shape)

    def _part(self, index: int, answer: SliceResult, change: np.ndarray) -> tuple[SliceResult, np.ndarray]:
        """What a slice is after a change beside it, and what changes on it."""
        mask = changed_on(self.present[index], answer.mask, change, self.opening)
        self.partial.add(index)
        logits = answer.logits if self.logits_of is None else self.logits_of(mask)
        return replace(answer, mask=mask, logits=logits), mask ^ self.present[index]

    def _agrees(self, index: int, found: SliceResult, change: np.ndarray | None) -> bool:
        """Whether what lies behind a slice would be as it was."""
        if change is not None:
            return not change.any()
        return dice(found.mask, self.present[index], 0.0) >= AGREEMENT

    def _goes_on(self, index: int, mask: np.ndarray) -> bool:
        """Whether what is there on a slice is like a new mask beside it as it is like what is there on either side."""
        here = self.present[index]
        beside = [self.present[other] for other in (index - 1, index + 1) if 0 <= other < len(self.present)]
        own = max((dice(here, one, 0.0) for one in beside), default=0.0)
        return own > 0 and dice(mask, here, 0.0) >= own - GOES_ON

    def _fits(self, index: int, mask: np.ndarray, answer: np.ndarray) -> bool:
        """Whether what is there on a slice is more like a new mask beside it than an answer is."""
        return dice(mask, self.present[index], 0.0) > dice(mask, answer, 0.0)

    def _clear(self, way: _Way) -> None:
        sides = {(index > way.start) == (way.step > 0) for index in self.holds if index != way.start}
        if sides == {False}:
            beyond = slice(way.start, self.last + 1) if way.step > 0 else slice(self.first, way.start + 1)
            self.result.mask[beyond] = False

    def _keep(self, record: SliceRecord, found: SliceResult) -> None:
        self.records[record.index] = record
        self.result.mask[record.index] = found.mask

    def _visited(self, index: int, answer: SliceResult | None) -> Visited:
        self.done += 1
        return Visited(index, self.done, self.total, answer)

    def _finish(self) -> Propagated:
        result, seen = self.result, sorted({*self.records} | self.edges)
        found = result.mask[seen]
        sources = [index in self.changed or index in self.edges or index in self.partial for index in seen]
        kept = keep_touching(found, found & np.reshape(sources, (-1, 1, 1)))
        for index, mask in zip(seen, kept, strict=True):
            if index in self.records:
                result.mask[index] = mask
                self.records[index].area = int(np.count_nonzero(mask))
        result.records = [self.records[index] for index in sorted(self.records)]
        return result
