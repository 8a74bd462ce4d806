"""Slices that are much larger than a model's input, seen in parts: seen whole, small objects on them are lost.

A prompt is answered on the part around it. How large that is goes by the prompt: a box has :data:`AROUND` times its
longer side, so that the object is as large in the model's input as in the slices it was trained with. Points alone say
nothing of a size: they are asked on a tile, on a part of twice its side and so on, and the answer is taken of which the
model expects most, less a tenth for each doubling: seen small, much looks like one object. What is large against the
slice is seen best whole, and its parts are taken for objects: so where the answer on a small copy of the slice is large
and is found again on the largest part, the slice is asked whole.

What a model finds by itself is looked for in tiles that overlap, and in the slice as a whole, as SAM's automatic masks
are (Kirillov et al. 2023, appendix B, and its public code): what ends at the border of a tile is left to the next one,
or, where it is larger than the overlap, to the whole, and of two boxes that are much alike one counts. Label maps, and
what words name, are put together of the tiles, each up to the middle of what it shares with the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from SAMAdaptLib.defaults import LARGE
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import box_overlap
from SAMAdaptLib.prompts.types import FOUND, Prompt, SliceResult
from SAMAdaptLib.sam.predictor import ConstantSlice, Prediction, Predictor, VolumePredictor
from SAMAdaptLib.volume.masks import bounds, dice
from SAMAdaptLib.volume.planes import Part, PlaneStack
from SAMAdaptLib.volume.policy import choose_tile

# Sides of a part by that of a box: of 2, 3, 5 and 8, 5 was best on organs of 8 to 200 pixels (docs/prompts.md).
AROUND = 5
# What an expected IoU counts at each doubling of a part around points, and where the answer reaches its border.
WIDER, AT_BORDER = 0.9, 0.5
# So often at most: what an answer takes of memory must not grow with the slice.
DOUBLINGS = 4
# Points are asked on the whole slice where their object has so much of its longer side, the model expects so much of
# it, and finds it again, with so much Dice, on the largest part around them (docs/prompts.md).
FILLED, EXPECTED, AGAIN = 1 / 8, 0.8, 0.8
# More than so many times a picture is not made larger for the model.
MAGNIFIED = 4
# Sides of parts by the extent of points; room for an answer on all sides.
ROOM = 2
# Shares of a tile: what it has in common with the next, how finely parts are placed, so that prompts beside each other
# are answered on one, and how near to its border a box ends there.
OVERLAP, PLACED, NEAR = 1 / 3, 1 / 8, 1 / 50
# IoU from which on two boxes are one object's.
ALIKE = 0.7


def tiled(slices: VolumePredictor, tile: int | None = None) -> VolumePredictor | Tiles:
    """Slices in parts, where that is wanted, see :func:`SAMAdaptLib.volume.policy.choose_tile`."""
    model = slices.predictor.model
    side = choose_tile(tile, slices.stack.shape, model.input_size, bool(model.adapter_hash), model.tile)
    return Tiles(slices, side, model.tile > 0) if side else slices


def refined(slices: VolumePredictor | Tiles, index: int, prompt: Prompt, mask: np.ndarray) -> SliceResult:
    """Answer a prompt about a mask that is there, with it as a prompt where the model takes masks.

    Args:
        slices: in whose pixels all is.
        index: of the slice.
        prompt: with a box.
        mask: bool [H, W].
    """
    if isinstance(slices, Tiles):
        return slices.refined(index, prompt, mask)
    model = slices.answering(prompt.kind).predictor.model
    if model.mask_prompts:
        prompt = replace(prompt, mask_logits=slices.frame.mask_to_logits(mask, model.low_res_size))
    return slices(index, prompt)


class Tiles:
    """A model on the slices of a volume in parts: answers as a :class:`VolumePredictor` does, in slice pixels.

    Args:
        whole: the slices.
        side: of a tile in slice pixels.
        fixed: every prompt is asked on a part of this side, as an adapter was that was trained on such tiles; on a
            larger one only what does not fit.
    """

    def __init__(self, whole: VolumePredictor, side: int, fixed: bool = False) -> None:
        self.whole, self.side, self.fixed = whole, side, fixed

    @property
    def stack(self) -> PlaneStack:
        """The slices."""
        return self.whole.stack

    @property
    def predictor(self) -> Predictor:
        """The model."""
        return self.whole.predictor

    def answering(self, kind: str) -> VolumePredictor:
        """See :meth:`VolumePredictor.answering`, of whole slices."""
        return self.whole.answering(kind)

    def require(self, index: int, prompt: Prompt) -> None:
        """Encode what a prompt is about; raises as :meth:`VolumePredictor.embedding`."""
        for on, moved in (self._seen(part, prompt) for part in self._wider(prompt)):
            try:
                on.require(index, moved)
                return
            except ConstantSlice as error:
                lost = error
        if not self._is_large(index, prompt):
            raise lost

    def ask(self, index: int, prompt: Prompt, multimask: bool = False) -> tuple[Part, Prediction]:
        """Answer a prompt; the answer is in pixels of the part, which is returned with it.

        Raises:
            ConstantSlice: there is nothing to see.
        """
        if self._is_large(index, prompt):
            return self._all, self.whole.predict(index, [prompt.moved(0, 0)], multimask)
        best: tuple[Part, Prediction] | None = None
        most = 0.0
        for doubling, part in enumerate(self._wider(prompt)):
            if best is not None and most >= WIDER**doubling:
                # No expectation is above 1.
                break
            on, moved = self._seen(part, prompt)
            try:
                answer = on.predict(index, [moved], multimask)
            except ConstantSlice as error:
                lost = error
                continue
            expected = float(answer.iou[0].max()) * WIDER**doubling
            if self._reaches(part, answer.masks[0, int(answer.iou[0].argmax())]):
                expected *= AT_BORDER
            if best is None or expected > most:
                best, most = (part, answer), expected
        if best is None:
            raise lost
        return best

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        try:
            part, answer = self.ask(index, prompt)
        except ConstantSlice:
            return self.whole.nothing()
        mask = np.zeros(self.stack.shape, bool)
        part.of(mask)[:] = answer.masks[0, 0]
        by_base = prompt.kind if prompt.kind in self.whole.predictor.by_base else ""
        return SliceResult(mask, answer.low_res[0, 0], float(answer.iou[0, 0]), by_base)

    def refined(self, index: int, prompt: Prompt, mask: np.ndarray) -> SliceResult:
        """See :func:`refined`."""
        part = self._first(prompt)
        on, moved = self._seen(part, prompt)
        found = refined(on, index, moved, part.of(mask))
        answer = np.zeros(self.stack.shape, bool)
        part.of(answer)[:] = found.mask
        return replace(found, mask=answer)

    def coarseness(self, prompt: Prompt) -> int:
        """How many pixels of the slice, along a side, one of the model's input is where a prompt is asked first."""
        return math.ceil(max(self._first(prompt).shape) / self.whole.frame.input_size)

    def named(self, index: int, prompt: Prompt) -> np.ndarray:
        """All that words name on a slice, bool [H, W]."""

        def answer(on: VolumePredictor) -> np.ndarray:
            found: np.ndarray = on.predict(index, [prompt]).masks[0, 0]
            return found

        return self._together(index, answer, np.zeros(self.stack.shape, bool))

    def label(self, index: int) -> np.ndarray | None:
        """See :meth:`VolumePredictor.label`."""
        if not self.whole.predictor.model.labels:
            return None

        def answer(on: VolumePredictor) -> np.ndarray:
            found = on.label(index)
            assert found is not None
            return found

        return self._together(index, answer, np.zeros(self.stack.shape, np.int64))

    def find(self, index: int) -> list[np.ndarray]:
        """See :meth:`VolumePredictor.find`."""
        every: list[np.ndarray] = []
        for part in (*self._tiles(), self._all):
            boxes = (self.whole if part == self._all else self.whole.within(part)).find(index)
            every = every or [np.zeros((0, 4), np.float32)] * len(boxes)
            for number, found in enumerate(boxes):
                there = found + np.tile(np.array([part.left, part.top], np.float32), 2)
                kept = ~self._cut_off(part, found)
                if part == self._all:
                    # What is smaller was seen better in a tile, which holds all of it.
                    kept &= (found[:, 2:] - found[:, :2]).max(axis=1, initial=0.0) >= OVERLAP * self.side
                for box in there[kept]:
                    if (box_overlap(every[number], box) < ALIKE).all():
                        every[number] = np.concatenate([every[number], box[None]])
        return every

    @property
    def _all(self) -> Part:
        return Part(0, 0, *self.stack.shape)

    def _seen(self, part: Part, prompt: Prompt) -> tuple[VolumePredictor, Prompt]:
        """The slices and the prompt in pixels of a part."""
        # What was answered before was so on another part.
        on = self.whole if part == self._all else self.whole.within(part)
        return on, prompt.moved(part.left, part.top)

    def _first(self, prompt: Prompt) -> Part:
        """The part on which a prompt is asked first."""
        outline = np.zeros((0, 2)) if prompt.outline is None else prompt.outline
        corners = np.zeros((0, 2)) if prompt.box is None else prompt.box.reshape(2, 2)
        places = np.concatenate([prompt.points, outline, corners])
        if not len(places):
            if prompt.mask_logits is not None:
                what = "In parts of large slices an earlier answer alone is no prompt"
                raise InputError(what, None, "Use boxes, too, or see the slices whole (tile 0)")
            return self._all
        low, high = places.min(axis=0), places.max(axis=0)
        if prompt.origin == FOUND:
            return self._holding(low, high)
        extent = float((high - low).max() + 1)
        room = ROOM * extent
        if self.fixed:
            return self._around(low, high, self.side if extent <= self.side else room)
        if prompt.box is None:
            return self._around(low, high, max(self.side, room))
        return self._around(low, high, max(room, AROUND * float(np.ptp(corners, axis=0).max() + 1)))

    def _around(self, low: np.ndarray, high: np.ndarray, side: float) -> Part:
        """A part of at least this side around places (x, y), or all of the slice."""
        least = self.side if self.fixed else self.whole.frame.input_size / MAGNIFIED
        # In steps, and at places that are multiples: prompts beside each other are answered on one part.
        side = least * 2 ** (math.ceil(2 * math.log2(max(side / least, 1.0))) / 2)
        ends = np.array(self.stack.shape[::-1])
        size = np.minimum(math.ceil(side), ends)
        step = max(1, int(side * PLACED))
        start = np.rint(((low + high + 1) / 2 - size / 2) / step) * step
        left, top = np.clip(start, 0, ends - size).astype(int).tolist()
        return Part(top, left, top + int(size[1]), left + int(size[0]))

    def _wider(self, prompt: Prompt) -> Iterator[Part]:
        """The parts on which a prompt is asked: one, but around points alone several, each of twice the side."""
        part = self._first(prompt)
        yield part
        for _ in range(DOUBLINGS if prompt.box is None and len(prompt.points) and not self.fixed else 0):
            if part == self._all:
                break
            part = self._around(prompt.points.min(axis=0), prompt.points.max(axis=0), 2.0 * max(part.shape))
            yield part

    def _is_large(self, index: int, prompt: Prompt) -> bool:
        """Whether points alone mean an object that is large against the slice."""
        parts = [part for part in self._wider(prompt) if part != self._all]
        if self.fixed or prompt.box is not None or not prompt.labels.any() or not parts:
            return False
        by = math.ceil(max(self.stack.shape) / (LARGE * self.whole.frame.input_size))
        copy = self.whole if by == 1 else self.whole.within(self._all, by)
        try:
            small = copy.predict(index, [replace(prompt.moved(0, 0), points=(prompt.points + 0.5) / by - 0.5)])
            mask, box = small.masks[0, 0], bounds(small.masks[0, 0])
            extent = 0 if box is None else max(way.stop - way.start for way in box)
            if small.iou[0, 0] < EXPECTED or extent < FILLED * max(mask.shape):
                return False
        except ConstantSlice:
            return False
        on, moved = self._seen(parts[-1], prompt)
        try:
            again = on.predict(index, [moved]).masks[0, 0]
        except ConstantSlice:
            # It is all of the object, or nothing of it.
            again = np.ones(parts[-1].shape, bool)
        part, middles = parts[-1], [np.arange(side) * by + by // 2 for side in mask.shape]
        ends = (part.top, part.bottom), (part.left, part.right)
        there = [(low <= at) & (at < high) for at, (low, high) in zip(middles, ends, strict=True)]
        rows, columns = (at[kept] - low for at, kept, (low, _) in zip(middles, there, ends, strict=True))
        return dice(mask[np.ix_(*there)], again[np.ix_(rows, columns)]) >= AGAIN

    def _reaches(self, part: Part, mask: np.ndarray) -> bool:
        """Whether a mask, bool [h, w], reaches a border of a part where the slice goes on."""
        ends = self.stack.shape
        return bool(
            (part.top > 0 and mask[0].any())
            or (part.left > 0 and mask[:, 0].any())
            or (part.bottom < ends[0] and mask[-1].any())
            or (part.right < ends[1] and mask[:, -1].any())
        )

    def _tiles(self) -> Iterator[Part]:
        """Tiles that cover the slice, each with :data:`OVERLAP` of the next at least."""
        tops, lefts = (self._starts(end) for end in self.stack.shape)
        height, width = (min(self.side, end) for end in self.stack.shape)
        return (Part(top, left, top + height, left + width) for top in tops for left in lefts)

    def _starts(self, end: int) -> list[int]:
        if end <= self.side:
            return [0]
        count = 1 + math.ceil((end - self.side) / (self.side * (1 - OVERLAP)))
        return [round(start) for start in np.linspace(0, end - self.side, count).tolist()]

    def _holding(self, low: np.ndarray, high: np.ndarray) -> Part:
        """The tile in which a box lies the farthest from the border; the whole slice where it is in none."""

        def room(part: Part) -> float:
            inside = (*(low - (part.left, part.top)), *((part.right - 1, part.bottom - 1) - high))
            return float(min(inside))

        best = max(self._tiles(), key=room)
        return best if room(best) >= 0 else self._all

    def _cut_off(self, part: Part, boxes: np.ndarray) -> np.ndarray:
        """Which boxes [N, 4] in pixels of a part end at its border, where the slice goes on: bool [N]."""
        near = NEAR * self.side
        height, width = part.shape
        ends = np.array([width, height]) - 1 - near
        low = (boxes[:, :2] < near) & (np.array([part.left, part.top]) > 0)
        high = (boxes[:, 2:] > ends) & (np.array([part.right, part.bottom]) < np.array(self.stack.shape[::-1]))
        cut: np.ndarray = np.any(low | high, axis=1)
        return cut

    def _together(self, index: int, answer: Callable[[VolumePredictor], np.ndarray], out: np.ndarray) -> np.ndarray:
        """Answers of tiles, [h, w] each, in ``out`` [H, W]: each up to the middle of what it shares with the next."""
        ends = self.stack.shape
        for part in self._tiles():
            on = self.whole.within(part)
            if on.is_constant(index):
                continue
            top, bottom = _middle(part.top, self._starts(ends[0]), part.shape[0], ends[0])
            left, right = _middle(part.left, self._starts(ends[1]), part.shape[1], ends[1])
            kept = answer(on)[top - part.top : bottom - part.top, left - part.left : right - part.left]
            out[top:bottom, left:right] = kept
        return out


def _middle(start: int, starts: list[int], side: int, end: int) -> tuple[int, int]:
    """From where to where a tile that begins at ``start`` counts, one of several along a side of the slice."""
    place = starts.index(start)
    low = 0 if place == 0 else (starts[place - 1] + side + start) // 2
    high = end if place == len(starts) - 1 else (start + side + starts[place + 1]) // 2
    return low, high
