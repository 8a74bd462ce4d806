"""One object from prompts in the patient to a mask on the volume's grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.prompts.strategies import center_point
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.fusion import fuse
from SAMAdaptLib.propagation.propagate import Propagated, propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import AXES
from SAMAdaptLib.volume.policy import choose_axis
from SAMAdaptLib.volume.volume import Volume

Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, eq=False)
class Segmented:
    """An object in a volume.

    Attributes:
        mask: bool [K, J, I].
        slices: for every slice with an answer where it came from (SliceRecord as a dict, with "axis").
        stops: slices that broke a rule, as dicts.
        cancelled: the user stopped; what was finished until then is in here.
    """

    mask: np.ndarray
    slices: list[dict[str, Any]] = field(default_factory=list)
    stops: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False

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


def default_rules(predictor: Predictor, **changes: Any) -> PropagationRules:
    """Rules of propagation that suit the model: no mask prompts for one that never saw any.

    LiteMedSAM, trained with boxes only, carried organs through an abdominal CT at Dice 0.93 to 0.96 from boxes, and at
    0.42 to 0.92 with its own masks beside them.
    """
    return PropagationRules(**{"use_mask": predictor.model.mask_prompts} | changes)


def segment_volume(
    predictor: Predictor,
    volume: Volume,
    prompts: RasPrompts,
    *,
    axis: str | None = None,
    intensity: Intensity | None = None,
    through_volume: bool = False,
    all_axes: bool = False,
    rules: PropagationRules | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Segmented:
    """Segment one object.

    Args:
        predictor: the model.
        volume: the scan.
        prompts: points and boxes in RAS mm.
        axis: of the slices on which the prompts lie; by default the adapter's, else axial.
        intensity: mapping to grey levels; by default the adapter's, else the one that suits the values.
        through_volume: propagate from the prompted slices; otherwise only these are segmented.
        all_axes: propagate along the other two axes as well, prompted by the first result, and take the majority.
        rules: of propagation, :func:`default_rules` by default; a box with depth narrows their range. The range belongs
            to ``axis``, everything else to all axes.
        cache: of embeddings.
        progress: called with (done, total, slice index).
        cancelled: asked before every slice.

    Raises:
        InputError: prompts outside the volume or without a positive one, a constant slice under a prompt, or a mapping
            that the adapter was not trained with.
    """
    axis = choose_axis(axis, predictor.model.axis)
    first = VolumePredictor(predictor, volume, axis, intensity, cache)
    placed = on_slices(prompts, first.stack)
    starts = {i: p for i, p in placed.prompts.items() if p.box is not None or p.labels.any()}
    if not starts:
        raise InputError("All prompts are negative", None, "Add a point on the object or a box around it")
    for index in starts:
        first.embedding(index)
    if not through_volume:
        return _prompted_only(first, starts)
    rules = rules or default_rules(predictor)
    if placed.limits is not None:
        low, high = placed.limits
        rules = replace(
            rules,
            first=low if rules.first is None else max(low, rules.first),
            last=high if rules.last is None else min(high, rules.last),
        )
    out = _Tally(progress, 3 if all_axes else 1)
    found = out.walk(first, placed.prompts, rules, cancelled)
    mask = _on_grid(first, found.mask)
    if all_axes and mask.any() and not found.cancelled:
        masks = [mask]
        for other in (a for a in AXES if a != axis):
            along = VolumePredictor(predictor, volume, other, first.intensity, first.cache)
            result = out.walk(along, _largest(along, mask), replace(rules, first=None, last=None), cancelled)
            if result.cancelled:
                break
            masks.append(_on_grid(along, result.mask))
        if len(masks) == 3:
            seeds = np.zeros(mask.shape, bool)
            for index in starts:
                first.stack.view(seeds)[index] = found.mask[index]
            mask = fuse(masks, "majority", seeds)
            low, high = rules.span(first.stack.count)
            beyond = first.stack.view(mask)
            beyond[:low] = beyond[high + 1 :] = False
    return Segmented(mask, out.slices, out.stops, out.cancelled)


class _Tally:
    """Adds up progress and provenance over one walk or three."""

    def __init__(self, progress: Progress | None, walks: int) -> None:
        self.progress, self.walks, self.walked = progress, walks, 0
        self.slices: list[dict[str, Any]] = []
        self.stops: list[dict[str, Any]] = []
        self.cancelled = False

    def walk(
        self, predictor: VolumePredictor, prompts: dict[int, Prompt], rules: PropagationRules, cancelled
    ) -> Propagated:
        def tell(done: int, total: int, index: int) -> None:
            if self.progress:
                self.progress(self.walked * total + done, self.walks * total, index)

        stack = predictor.stack
        found = propagate(predictor, prompts, stack.count, stack.shape, rules, tell, cancelled)
        self.walked += 1
        self.slices += [asdict(record) | {"axis": stack.axis} for record in found.records]
        self.stops += [stop._asdict() | {"axis": stack.axis} for stop in found.stops]
        self.cancelled |= found.cancelled
        return found


def _prompted_only(predictor: VolumePredictor, prompts: dict[int, Prompt]) -> Segmented:
    mask = np.zeros(predictor.volume.array.shape, bool)
    slices = []
    for index, prompt in prompts.items():
        answer = predictor(index, prompt)
        predictor.stack.view(mask)[index] = answer.mask
        area = int(answer.mask.sum())
        slices.append({"index": index, "source": "prompted", "predicted_iou": answer.iou, "area": area})
    return Segmented(mask, [s | {"axis": predictor.stack.axis} for s in slices])


def _on_grid(predictor: VolumePredictor, slices: np.ndarray) -> np.ndarray:
    mask = np.zeros(predictor.volume.array.shape, bool)
    predictor.stack.view(mask)[:] = slices
    return mask


def _largest(predictor: VolumePredictor, mask: np.ndarray) -> dict[int, Prompt]:
    slices = predictor.stack.view(mask)
    index = int(slices.sum(axis=(1, 2)).argmax())
    inside = center_point(slices[index])
    return {index: replace(inside, box=box(slices[index]).box)}
