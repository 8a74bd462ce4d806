"""Slice by slice through a volume: from prompts, carried on, by their names, or found by the model itself.

Each way is an iterator of :class:`SliceEvent`, one for every slice that was looked at, and ends with what is kept. The
command line, the worker and the evaluation all take the slices from here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.strategies import center_point
from SAMAdaptLib.prompts.types import FOUND, Prompt, SliceResult
from SAMAdaptLib.propagation.fusion import drop_lone_slices, fuse
from SAMAdaptLib.propagation.propagate import Propagated, SliceCarrier, SlicePredictor, Steps, propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import ConstantSlice, Prediction, VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles
from SAMAdaptLib.volume.planes import AXES, PlaneStack

Stop = Callable[[], bool]


class Answering(Protocol):
    """What answers prompts on slices, one prompt on one of them."""

    @property
    def stack(self) -> PlaneStack:
        """The slices."""

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        """See :class:`VolumePredictor`."""


class Slices(Answering, Protocol):
    """A model on the slices of a volume along an axis: a :class:`VolumePredictor`, or what answers like one."""

    def find(self, index: int) -> list[np.ndarray]:
        """See :meth:`VolumePredictor.find`, as for the others."""

    def label(self, index: int) -> np.ndarray | None:
        """See there."""

    def predict(self, index: int, prompts: Sequence[Prompt]) -> Prediction:
        """See there."""


class Answer(NamedTuple):
    """What was found of an object on a slice.

    Attributes:
        mask: bool [H, W].
        iou: the model's own estimate; None where the mask is no answer to a single prompt.
        prompt: what the model was prompted with; of several the first.
    """

    mask: np.ndarray
    iou: float | None = None
    prompt: Prompt | None = None


@dataclass(frozen=True)
class SliceEvent:
    """A slice was looked at; what was found there may still be dropped.

    Attributes:
        axis: of the slices.
        index: of the slice.
        done: slices done, those included that are not reached any more.
        total: slices in all.
        answers: object to what was found of it; without those that the slice was not asked for.
    """

    axis: str
    index: int
    done: int
    total: int
    answers: dict[str, Answer]


@dataclass(frozen=True, eq=False)
class Segmented:
    """An object in a volume.

    Attributes:
        mask: bool [K, J, I].
        axis: of the slices that were looked at first.
        slices: for every slice with an answer where it came from (SliceRecord as a dict, with "axis").
        stops: slices that broke a rule, as dicts.
        cancelled: the user stopped; what was finished until then is in here.
        intensity: mapping to grey levels under which the model saw the volume, as text.
    """

    mask: np.ndarray
    axis: str
    slices: list[dict[str, Any]] = field(default_factory=list)
    stops: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False
    intensity: str = ""

    @property
    def by_base(self) -> list[str]:
        """Kinds of prompts that base weights have answered in place of an adapter's."""
        return list(dict.fromkeys(one["by_base"] for one in self.slices if one.get("by_base")))

    @property
    def ended_at_once(self) -> str:
        """Why no slice beside the prompted ones was kept, in words: for each way which rule ended it, on which slice.
        Empty where some were, where none was asked for, and after a stop by the user.

        Which way that was is told by the slice alone: "up" is rising here, and towards the head in Slicer's effect.
        """
        beside = [one for one in self.slices if one["source"] != "prompted"]
        if self.cancelled or any(one["area"] for one in beside):
            return ""
        reasons = [
            f"at slice {one['index']}, {one['reason'].removeprefix('stopped: ')}"
            for one in self.stops
            if one["reason"].startswith("stopped")
        ]
        if beside:
            reasons.append("what was found on the other slices does not touch it")
        # Where the prompt finds nothing, both ways end on its own slice.
        return "; ".join(dict.fromkeys(reasons))


def on_each_slice(
    stack: PlaneStack, indices: Sequence[int], answer: Callable[[int], dict[str, Answer]], cancelled: Stop | None = None
) -> Generator[SliceEvent, None, bool]:
    """Look at slices one after the other, each for itself; whether the user stopped is the result.

    Args:
        stack: the slices.
        indices: of those to look at.
        answer: slice index to what is found there; may raise ``Cancelled`` to end it there, as ``cancelled`` does.
        cancelled: asked before every slice.
    """
    for done, index in enumerate(indices, start=1):
        if cancelled is not None and cancelled():
            return True
        try:
            found = answer(index)
        except Cancelled:
            return True
        yield SliceEvent(stack.axis, index, done, len(indices), found)
    return False


def prompted(
    slices: Answering, name: str, prompts: Mapping[int, Prompt], cancelled: Stop | None = None
) -> Generator[SliceEvent, None, Segmented]:
    """An object on the slices of its prompts, by slice index in pixels."""
    mask, records = _empty(slices.stack), []
    shown = slices.stack.view(mask)

    def answer(index: int) -> dict[str, Answer]:
        found = slices(index, prompts[index])
        shown[index] = found.mask
        told = {"predicted_iou": found.iou, "area": int(np.count_nonzero(found.mask)), "by_base": found.by_base}
        records.append({"index": index, "source": "prompted", **told})
        return {name: Answer(found.mask, found.iou, prompts[index])}

    stopped = yield from on_each_slice(slices.stack, list(prompts), answer, cancelled)
    axis = slices.stack.axis
    return Segmented(mask, axis, [record | {"axis": axis} for record in records], cancelled=stopped)


def propagated(
    slices: Callable[[str], Answering],
    axis: str,
    name: str,
    prompts: Mapping[int, Prompt],
    rules: PropagationRules,
    *,
    all_axes: bool = False,
    cancelled: Stop | None = None,
) -> Generator[SliceEvent, None, Segmented]:
    """An object carried through the volume from the slices of its prompts.

    Args:
        slices: gives those along an axis.
        axis: of the prompts.
        name: of the object.
        prompts: by slice index, in pixels.
        rules: of propagation.
        all_axes: propagate along the other two axes as well, prompted by the first result, and take the majority.
        cancelled: asked before every slice.
    """
    stack, count = slices(axis).stack, len(AXES) if all_axes else 1
    walks = [(yield from _walked(slices(axis), name, prompts, rules, (0, count), cancelled))]
    masks = [on_grid(stack, walks[0].mask)]
    if all_axes and masks[0].any() and not walks[0].cancelled:
        along = replace(rules, first=None, last=None)
        for other in (one for one in AXES if one != axis):
            start = _largest(slices(other).stack, masks[0])
            place = len(walks), count
            walks.append((yield from _walked(slices(other), name, start, along, place, cancelled)))
            if walks[-1].cancelled:
                break
            masks.append(on_grid(slices(other).stack, walks[-1].mask))
    axes = [axis, *(one for one in AXES if one != axis)]
    records = [asdict(one) | {"axis": way} for way, found in zip(axes, walks, strict=False) for one in found.records]
    stops = [one._asdict() | {"axis": way} for way, found in zip(axes, walks, strict=False) for one in found.stops]
    mask = _fused(masks, stack, walks[0], rules) if len(masks) == len(AXES) else masks[0]
    return Segmented(mask, axis, records, stops, any(found.cancelled for found in walks))


def automatic(
    slices: Slices | Tiles, classes: Sequence[str], clean: bool = True, cancelled: Stop | None = None
) -> Generator[SliceEvent, None, dict[str, Segmented]]:
    """Every class that the model finds by itself, on all slices; the names of the classes in the adapter's order."""
    return on_all(slices.stack, classes, lambda index: find_objects(slices, index, classes), clean, cancelled)


def by_text(
    slices: Slices | Tiles, texts: Mapping[str, str], clean: bool = True, cancelled: Stop | None = None
) -> Generator[SliceEvent, None, dict[str, Segmented]]:
    """What words name, on all slices: each is asked for all of it with one decoder call."""
    prompts = [Prompt(text=text) for text in texts.values()]

    def answer(index: int) -> dict[str, Answer]:
        masks: Iterable[np.ndarray]
        try:
            masks = _masks(slices, index, prompts)
        except ConstantSlice:
            masks = np.zeros((len(prompts), *slices.stack.shape), bool)
        return {name: Answer(mask) for name, mask in zip(texts, masks, strict=True)}

    return on_all(slices.stack, list(texts), answer, clean, cancelled)


def find_objects(slices: Slices | Tiles, index: int, classes: Sequence[str]) -> dict[str, Answer]:
    """The objects on one slice with one decoder call: for each class what the model labels so, or all masks together of
    what it finds."""
    labels = slices.label(index)
    if labels is not None:
        return labelled(labels, classes)
    masks = {name: np.zeros(slices.stack.shape, bool) for name in classes}
    boxes = slices.find(index) or [np.zeros((0, 4), np.float32)] * len(classes)
    pairs = zip(classes, boxes, strict=True)
    prompts = {name: [Prompt(box=one, origin=FOUND) for one in members] for name, members in pairs}
    every = [(name, prompt) for name, members in prompts.items() for prompt in members]
    if every:
        found = _masks(slices, index, [prompt for _, prompt in every])
        for (name, _), mask in zip(every, found, strict=True):
            masks[name] |= mask
    return {name: Answer(mask, None, next(iter(prompts[name]), None)) for name, mask in masks.items()}


def _masks(slices: Slices | Tiles, index: int, prompts: Sequence[Prompt]) -> Iterable[np.ndarray]:
    """The mask of each prompt on a slice, bool [H, W]; of a slice in parts one after the other, since one may be large.
    """
    if isinstance(slices, Tiles):
        return (
            slices(index, prompt).mask if prompt.text is None else slices.named(index, prompt) for prompt in prompts
        )
    masks: np.ndarray = slices.predict(index, prompts).masks[:, 0]
    return masks


def labelled(labels: np.ndarray, classes: Sequence[str]) -> dict[str, Answer]:
    """The answers that a label map holds, int [H, W], 0 for the background and from 1 on the classes."""
    return {name: Answer(labels == value) for value, name in enumerate(classes, start=1)}


def on_all(
    stack: PlaneStack,
    names: Sequence[str],
    answer: Callable[[int], dict[str, Answer]],
    clean: bool = True,
    cancelled: Stop | None = None,
) -> Generator[SliceEvent, None, dict[str, Segmented]]:
    """Objects of these names on all slices, each for itself.

    Args:
        stack: the slices.
        names: of the objects.
        answer: slice index to what is found of them there.
        clean: drop what was found on a slice and on none beside it.
        cancelled: asked before every slice.
    """
    masks = {name: _empty(stack) for name in names}
    shown = {name: stack.view(mask) for name, mask in masks.items()}

    def kept(index: int) -> dict[str, Answer]:
        found = answer(index)
        for name, one in found.items():
            shown[name][index] = one.mask
        return found

    stopped = yield from on_each_slice(stack, range(stack.count), kept, cancelled)
    results = {}
    for name, mask in shown.items():
        if clean:
            mask[:] = drop_lone_slices(mask)
        areas = np.count_nonzero(mask, axis=(1, 2))
        records = [
            {"axis": stack.axis, "index": int(index), "source": "found", "area": int(areas[index])}
            for index in np.flatnonzero(areas)
        ]
        results[name] = Segmented(masks[name], stack.axis, records, cancelled=stopped)
    return results


def _walked(
    slices: Answering,
    name: str,
    prompts: Mapping[int, Prompt],
    rules: PropagationRules,
    place: tuple[int, int],
    cancelled: Stop | None,
) -> Generator[SliceEvent, None, Propagated]:
    """One of several walks, ``place`` = (walks before, walks in all), in the order of the stack."""
    stack, (before, walks) = slices.stack, place
    predict, carry = _by_memory(slices) if rules.memory else (slices, None)
    steps = Steps(propagate(predict, dict(prompts), stack.count, stack.shape, rules, cancelled, carry))
    for step in steps:
        answers = {} if step.answer is None else {name: Answer(step.answer.mask, step.answer.iou)}
        yield SliceEvent(stack.axis, step.index, before * step.total + step.done, walks * step.total, answers)
    return steps.result


def _by_memory(slices: Answering) -> tuple[SlicePredictor, SliceCarrier]:
    from SAMAdaptLib.sam.recall import VolumeMemory

    if not isinstance(slices, VolumePredictor):
        raise TypeError(f"{type(slices).__name__} is no single model, of which alone a memory is known")
    memory = VolumeMemory(slices)
    return memory.prompted, memory.carried


def _fused(masks: list[np.ndarray], stack: PlaneStack, first: Propagated, rules: PropagationRules) -> np.ndarray:
    """The majority of three axes, connected to the prompted slices and within the range of the first axis."""
    seeds = np.zeros(masks[0].shape, bool)
    for record in first.records:
        if record.source == "prompted":
            stack.view(seeds)[record.index] = first.mask[record.index]
    mask = fuse(masks, "majority", seeds)
    low, high = rules.span(stack.count)
    beyond = stack.view(mask)
    beyond[:low] = beyond[high + 1 :] = False
    return mask


def _empty(stack: PlaneStack) -> np.ndarray:
    return np.zeros(stack.geometry.shape, bool)


def on_grid(stack: PlaneStack, slices: np.ndarray) -> np.ndarray:
    """Slices, bool [count, H, W], as a mask bool [K, J, I] of the volume."""
    mask = _empty(stack)
    stack.view(mask)[:] = slices
    return mask


def _largest(stack: PlaneStack, mask: np.ndarray) -> dict[int, Prompt]:
    slices = stack.view(mask)
    index = int(slices.sum(axis=(1, 2)).argmax())
    inside = center_point(slices[index])
    return {index: replace(inside, box=box(slices[index]).box)}
