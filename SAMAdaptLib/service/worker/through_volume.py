"""What the inference worker does on one slice of a volume after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from SAMAdaptLib.jobs.correction import corrected
from SAMAdaptLib.jobs.load import LoadedModel, finds_objects, require_texts
from SAMAdaptLib.jobs.policy import propagation_rules, require_finder
from SAMAdaptLib.jobs.slices import Segmented, SliceEvent, automatic, by_text, propagated
from SAMAdaptLib.prompts.types import PROPAGATION
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.sam.decode import require_prompts
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles, tiled
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import Answer, Correct, Done, Progress, Propagate, SegmentVolume, SliceMask
from SAMAdaptLib.service.worker.scan import check_inside, check_plane
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_axis


class ThroughVolume:
    """Tells each slice as it is found, and at the end those that are kept.

    Args:
        say: takes what is not a final answer.
        slices: gives the slices along an axis; raises without a model or a volume.
    """

    def __init__(self, say: Callable[[Answer], None], slices: Callable[[str], VolumePredictor]) -> None:
        self._say, self._slices = say, slices

    def propagate(self, request: Propagate, model: LoadedModel, stop: Callable[[], bool]) -> Done:
        """Carry an object through the volume.

        Args:
            request: what and how.
            model: that answers.
            stop: asked before every slice.

        Raises:
            InputError: no model or volume; a model that answers no prompt; a prompt outside the plane.
        """
        require_prompts(model.predictor.model.labels)
        rules = propagation_rules(request.rules, model.predictor.answering(PROPAGATION).model.mask_prompts)
        stack = self._slices(request.axis).stack
        for _, prompt in request.prompts:
            check_inside(prompt, stack.shape)
        prompts, every = dict(request.prompts), request.all_axes
        slices = self._slices if rules.memory else self._parts
        events = propagated(slices, request.axis, "", prompts, rules, all_axes=every, cancelled=stop)
        found = finish(events, lambda event: self._tell(request.id, event, "propagated"))
        shown = stack.view(found.mask)
        records = {one["index"]: one for one in found.slices if one["axis"] == request.axis}
        # The majority of the axes may be on slices that the first of them had left empty.
        for index in sorted({*records, *np.flatnonzero(shown.any(axis=(1, 2))).tolist()}):
            one = records.get(index, {"predicted_iou": None, "source": "other axes"})
            mask = PackedMask.of(shown[index])
            self._say(SliceMask(request.id, request.axis, index, mask, one["predicted_iou"], one["source"]))
        values = {"cancelled": found.cancelled, "slices": len(found.slices), "stops": found.stops}
        return Done(request.id, values | {"ended_at_once": found.ended_at_once, "by_base": found.by_base})

    def correct(self, request: Correct, model: LoadedModel, stop: Callable[[], bool]) -> Done:
        """Mend an object that is there already, and carry it on.

        Args:
            request: what and how.
            model: that answers.
            stop: asked before every slice.

        Raises:
            InputError: as for :meth:`propagate`; a mask of another plane; everything that
                :func:`SAMAdaptLib.jobs.correction.corrected` raises.
        """
        slices = self._parts(request.axis)
        rules = propagation_rules(request.rules, model.predictor.answering(PROPAGATION).model.mask_prompts)
        stack = slices.stack
        present = np.zeros((stack.count, *stack.shape), bool)
        for index, mask in request.present:
            check_plane(index, mask.shape, stack)
            present[index] = mask.full()
        for index, prompt in request.prompts:
            check_plane(index, stack.shape, stack)
            check_inside(prompt, stack.shape)
        events = corrected(
            slices, "", present, dict(request.prompts), request.accepted, rules, through=request.through, cancelled=stop
        )
        found = finish(events, lambda event: self._tell(request.id, event, "propagated"))
        shown = stack.view(found.mask)
        records = {one["index"]: one for one in found.slices}
        for index in sorted({*records, *np.flatnonzero((shown != present).any(axis=(1, 2))).tolist()}):
            one = records.get(index, {"predicted_iou": None, "source": "cleared"})
            mask = PackedMask.of(shown[index])
            self._say(SliceMask(request.id, request.axis, index, mask, one["predicted_iou"], one["source"]))
        values = {"cancelled": found.cancelled, "slices": len(found.slices), "stops": found.stops}
        return Done(request.id, values | {"by_base": found.by_base})

    def segment(self, request: SegmentVolume, model: LoadedModel, stop: Callable[[], bool]) -> Done:
        """Segment all slices, without prompts on any.

        Args:
            request: what to look for.
            model: that answers.
            stop: asked before every slice.

        Raises:
            InputError: no model or volume; a model that does not find objects by itself, or reads no texts; everything
                that :func:`SAMAdaptLib.jobs.segment.segment` raises for a text.
        """
        axis = choose_axis(request.axis, model.predictor.model.axis)
        slices = self._parts(axis)
        if request.texts is None:
            require_finder(finds_objects(model.predictor.model))
            classes = () if model.info is None else model.info.classes
            events, source = automatic(slices, classes, request.clean, stop), "found"
        else:
            require_texts(model.predictor.model, list(request.texts.values()))
            events, source = by_text(slices, request.texts, request.clean, stop), "text"
        done = 0

        def tell(event: SliceEvent) -> None:
            nonlocal done
            done = event.done
            self._tell(request.id, event, source)

        found = finish(events, tell)
        self._say_kept(request.id, slices.stack, found, source)
        cancelled = any(one.cancelled for one in found.values())
        return Done(request.id, {"names": list(found), "axis": axis, "slices": done, "cancelled": cancelled})

    def _parts(self, axis: str) -> VolumePredictor | Tiles:
        """The slices along an axis, large ones in parts."""
        return tiled(self._slices(axis))

    def _tell(self, request: int, event: SliceEvent, source: str) -> None:
        for name, one in event.answers.items():
            # Of an object that is looked for on every slice only where it is; of one on its way, also where it is lost.
            if source == "propagated" or one.mask.any():
                packed = PackedMask.of(one.mask)
                self._say(SliceMask(request, event.axis, event.index, packed, one.iou, source, True, name))
        self._say(Progress(request, event.done, event.total, {"index": event.index}))

    def _say_kept(self, request: int, stack: PlaneStack, found: dict[str, Segmented], source: str) -> None:
        shown = {name: stack.view(one.mask) for name, one in found.items()}
        for index in range(stack.count):
            for name, masks in shown.items():
                if masks[index].any():
                    packed = PackedMask.of(masks[index])
                    self._say(SliceMask(request, stack.axis, index, packed, None, source, False, name))
