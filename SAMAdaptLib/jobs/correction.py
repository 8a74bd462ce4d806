"""One object that is there already, mended by prompts on some of its slices, and carried on from these."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from dataclasses import asdict, replace
from functools import partial
from numbers import Integral

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.slices import Answer, Segmented, SliceEvent, Stop, on_grid
from SAMAdaptLib.prompts.types import PROPAGATION, Prompt, SliceResult
from SAMAdaptLib.propagation.correct import correct
from SAMAdaptLib.propagation.mend import OPENING, mended, prompt_of_mask
from SAMAdaptLib.propagation.propagate import Steps
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.decode import require_prompts
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles, refined
from SAMAdaptLib.volume.planes import PlaneStack


def check_accepted(
    stack: PlaneStack, accepted: Collection[int], prompted: Collection[int] = (), name: str = ""
) -> None:
    """Raises InputError for an accepted slice that is none of the stack, or that a prompt lies on."""
    for index in accepted:
        if not isinstance(index, Integral):
            raise InputError("An accepted slice is named by a whole number", repr(index), "Give indices, from 0")
        if not 0 <= index < stack.count:
            raise InputError("There is no such slice to accept", str(index), f"Stay in 0 to {stack.count - 1}")
    for index in sorted({*prompted} & {*accepted}):
        what = f"Slice {index} is accepted, and a prompt lies on it"
        raise InputError(what, name or None, "Leave out one of the two")


def corrected(
    slices: VolumePredictor | Tiles,
    name: str,
    present: np.ndarray,
    prompts: Mapping[int, Prompt],
    accepted: Collection[int],
    rules: PropagationRules,
    *,
    through: bool = True,
    cancelled: Stop | None = None,
) -> Generator[SliceEvent, None, Segmented]:
    """An object that is there already, with some slices mended, and those beside them as far as they change with them.

    An event answers with what a slice is now; with nothing where it stays as it was.

    Args:
        slices: along an axis.
        name: of the object.
        present: bool [count, H, W], what is there.
        prompts: by slice index, in pixels.
        accepted: slices that never change.
        rules: of propagation.
        through: change other slices, too.
        cancelled: asked before every slice.

    Raises:
        InputError: see :func:`SAMAdaptLib.jobs.segment.correct`.
    """
    stack = slices.stack
    require_prompts(slices.predictor.model.labels)
    check_accepted(stack, accepted, prompts, name)
    if rules.memory:
        raise InputError("A correction is carried on by masks, not by a memory", name or None, "Leave out memory")
    opening = _opening(slices, present, prompts)
    answers = {index: _mended(slices, index, prompt, present[index], opening) for index, prompt in prompts.items()}
    partly = [index for index, prompt in prompts.items() if not _anew(prompt, present[index])]
    fixed = accepted if through else range(stack.count)
    rules = rules if through else replace(rules, first=None, last=None)
    logits_of = partial(_logits, slices, PROPAGATION)
    steps = Steps(correct(slices, present, answers, fixed, rules, cancelled, partly, logits_of, opening))
    for step in steps:
        told = {} if step.answer is None else {name: Answer(step.answer.mask, step.answer.iou)}
        yield SliceEvent(stack.axis, step.index, step.done, step.total, told)
    found = steps.result
    records = [asdict(one) | {"axis": stack.axis} for one in found.records]
    stops = [one._asdict() | {"axis": stack.axis} for one in found.stops]
    return Segmented(on_grid(stack, found.mask), stack.axis, records, stops, found.cancelled)


def _anew(given: Prompt, mask: np.ndarray) -> bool:
    """Whether prompts say what all of an object is on a slice, where its mask is now, bool [H, W]."""
    return given.box is not None or not mask.any()


def _mended(slices: VolumePredictor | Tiles, index: int, given: Prompt, mask: np.ndarray, opening: int) -> SliceResult:
    """What an object is on a slice, by prompts and by its mask there, bool [H, W]."""
    anew = _anew(given, mask)
    if anew and not given.starts:
        what = f"There is nothing on slice {index} that negative points could change"
        raise InputError(what, None, "Add a point on the object or a box around it")
    prompt = given if anew else prompt_of_mask(mask, given)
    slices.require(index, prompt)
    if anew:
        return slices(index, prompt)
    found = refined(slices, index, prompt, mask)
    kept = mended(mask, found.mask, given, opening)
    return replace(found, mask=kept, logits=_logits(slices, prompt.kind, kept))


def _opening(slices: VolumePredictor | Tiles, present: np.ndarray, prompts: Mapping[int, Prompt]) -> int:
    """How often a difference between mask and answer is opened: on a large part their rims differ by as much as a pixel
    of the model has there."""
    if not isinstance(slices, Tiles):
        return OPENING
    asked = [prompt_of_mask(present[k], one) for k, one in prompts.items() if not _anew(one, present[k])]
    return max([OPENING, *map(slices.coarseness, asked)])


def _logits(slices: VolumePredictor | Tiles, kind: str, mask: np.ndarray) -> np.ndarray:
    """A mask [H, W] as an answer's logits, which are no prompt on the parts of a large slice."""
    if isinstance(slices, Tiles):
        return slices.whole.nothing().logits
    on = slices.answering(kind)
    return on.frame.mask_to_logits(mask, on.predictor.model.low_res_size)
