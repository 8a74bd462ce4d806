"""What the inference worker does on one slice of a volume after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TypeVar

import numpy as np

from SAMAdaptLib.adapters.file import AdapterInfo
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.inference.automatic import answer_texts, on_every_slice, require_finder, require_texts, segment_slice
from SAMAdaptLib.inference.segment import Segmented, default_rules
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import propagate
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.service.protocol import Answer, Done, PackedMask, Progress, Propagate, SegmentVolume, SliceMask
from SAMAdaptLib.volume.policy import choose_axis

T = TypeVar("T")


class ThroughVolume:
    """Tells each slice as it is found, and at the end those that are kept.

    Args:
        say: takes what is not a final answer.
        slices: gives the predictor for the slices along an axis. It is asked anew for every slice, since running out of
            memory changes the device in the middle; raises without a model or a volume.
        on_device: does some work, where needed once more on another device.
    """

    def __init__(
        self,
        say: Callable[[Answer], None],
        slices: Callable[[str], VolumePredictor],
        on_device: Callable[[Callable[[], T]], T],
    ) -> None:
        self._say, self._slices, self._on_device = say, slices, on_device

    def propagate(self, request: Propagate, stop: Callable[[], bool]) -> Done:
        """Carry an object through the volume.

        Args:
            request: what and how.
            stop: asked before every slice.
        """
        try:
            rules = default_rules(self._slices(request.axis).predictor, **request.rules)
        except TypeError as error:
            raise InputError(
                f"Unknown propagation rule ({error})", None, "Use the fields of PropagationRules"
            ) from error
        stack = self._slices(request.axis).stack
        last: dict[int, SliceResult] = {}

        def ask(index: int, prompt: Prompt) -> SliceResult:
            last[index] = self._on_device(lambda: self._slices(request.axis)(index, prompt))
            return last[index]

        def tell(done: int, total: int, index: int) -> None:
            result = last.pop(index, None)
            if result is not None:
                mask = PackedMask.of(result.mask)
                self._say(SliceMask(request.id, request.axis, index, mask, result.iou, "propagated", tentative=True))
            self._say(Progress(request.id, done, total, {"index": index}))

        for _, prompt in request.prompts:
            check_inside(prompt, stack.shape)
        found = propagate(ask, dict(request.prompts), stack.count, stack.shape, rules, tell, stop)
        for record in found.records:
            mask = PackedMask.of(found.mask[record.index])
            self._say(SliceMask(request.id, request.axis, record.index, mask, record.predicted_iou, record.source))
        stops = [stop._asdict() for stop in found.stops]
        whole = Segmented(found.mask, [asdict(record) for record in found.records], stops, found.cancelled)
        values = {"cancelled": found.cancelled, "slices": len(found.records), "stops": stops}
        return Done(request.id, values | {"ended_at_once": whole.ended_at_once})

    def segment(self, request: SegmentVolume, info: AdapterInfo | None, stop: Callable[[], bool]) -> Done:
        """Segment all slices, without prompts on any.

        Args:
            request: what to look for.
            info: of the adapter in use; names its classes.
            stop: asked before every slice.

        Raises:
            InputError: no model or volume; a model that does not find objects by itself, or reads no texts; everything
                that :func:`SAMAdaptLib.inference.automatic.segment_by_text` raises for a text.
        """
        axis = choose_axis(request.axis, "" if info is None else info.axis)
        stack, predictor = self._slices(axis).stack, self._slices(axis).predictor
        words = None if request.texts is None else list(request.texts.values())
        if words is None:
            require_finder(predictor)
            names, source = list(info.classes), "found"
        else:
            require_texts(predictor, words)
            names, source = list(request.texts), "text"
        last: dict[int, list[np.ndarray]] = {}
        done = 0

        def look(index: int) -> list[np.ndarray]:
            slices = self._slices(axis)
            if words is None:
                return segment_slice(slices, index, len(names))[0]
            return list(answer_texts(slices, index, words))

        def answer(index: int) -> list[np.ndarray]:
            last[index] = self._on_device(lambda: look(index))
            return last[index]

        def say(index: int, masks: Iterable[np.ndarray], tentative: bool) -> None:
            for name, mask in zip(names, masks, strict=True):
                if mask.any():
                    packed = PackedMask.of(mask)
                    self._say(SliceMask(request.id, axis, index, packed, None, source, tentative, name))

        def tell(count: int, total: int, index: int) -> None:
            nonlocal done
            done = count
            say(index, last.pop(index), tentative=True)
            self._say(Progress(request.id, count, total, {"index": index}))

        found = on_every_slice(stack, names, answer, request.clean, tell, stop)
        kept = [stack.view(mask) for mask in found.values()]
        for index in range(done):
            say(index, [mask[index] for mask in kept], tentative=False)
        cancelled = done < stack.count
        return Done(request.id, {"names": names, "axis": axis, "slices": done, "cancelled": cancelled})


def check_inside(prompt: Prompt, shape: tuple[int, int]) -> None:
    """Raises InputError for a point outside the plane."""
    x, y = prompt.points[:, 0], prompt.points[:, 1]
    if not ((x >= -0.5) & (x <= shape[1] - 0.5) & (y >= -0.5) & (y <= shape[0] - 0.5)).all():
        raise InputError("A point lies outside the image", None, "Click on the image")
