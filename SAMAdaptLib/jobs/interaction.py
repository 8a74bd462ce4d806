"""A model that is clicked at until it is right, as by a user who knows the truth; what it gave after each click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.evaluation.figures import LabelResult, label_result
from SAMAdaptLib.jobs.scoring import Progress, clicked, rules_of_propagation, slice_by_slice
from SAMAdaptLib.jobs.slices import Answer, SliceEvent, propagated
from SAMAdaptLib.prompts.strategies import Strategy, generator, next_click
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles
from SAMAdaptLib.volume.labels import Labels

CLICKED = (
    "Oracle slices, clicked: on every scored slice where the label is, the model is prompted from the truth, and after "
    "each answer a click goes to the innermost pixel of the largest region that is wrong."
)
CLICKED_IN_SPACE = (
    "Whole volume, clicked: the model is prompted from the truth on the slice where the label is largest, the result "
    "is propagated through the volume and scored on all slices, and after each propagation a click goes to the "
    "innermost pixel of the largest region that is wrong on the slice with the most wrong pixels."
)


@dataclass(frozen=True, eq=False)
class Clicked:
    """What came out for the labels of a scan.

    Attributes:
        results: the last ones, by label.
        after: of each label its figures after each answer, the first prompt's first; empty where nobody clicked on.
    """

    results: dict[str, LabelResult]
    after: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def click_on_slices(
    predictor: VolumePredictor | Tiles,
    labels: Labels,
    strategy: Strategy,
    choose: Callable[[np.ndarray], list[int]],
    seed: int = 0,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Clicked:
    """Click slice by slice (:data:`CLICKED`): after each click all slices have had as many, or are right.

    The rule for the next click is that of Mahadevan et al. 2018 (arXiv 1805.04398), as the literature on interactive
    segmentation has it. Arguments and errors are as for :func:`SAMAdaptLib.jobs.scoring.evaluate_oracle`, whose result
    for the same strategy is the last one.
    """
    stack = predictor.stack
    truths = {name: stack.view(labels.mask(name)) for name in labels.names}
    ask = clicked(predictor, truths, strategy, seed)
    # Of each number of clicks and each label, by slice; packed, since there are as many volumes as clicks.
    masks: list[dict[str, dict[int, np.ndarray]]] = [{name: {} for name in truths} for _ in range(1 + strategy.clicks)]

    def answer(index: int, names: Sequence[str]) -> dict[str, Answer]:
        last: dict[str, Answer] = {}
        asked = ask(index, names)
        for stage in masks:
            # Where nothing is wrong any more there is no further round.
            last = next(asked, last)
            for name in names:
                stage[name][index] = np.packbits(last[name].mask)
        return last

    results = slice_by_slice(stack, truths, answer, choose, tolerance_mm, progress, cancelled)
    after: dict[str, list[dict[str, Any]]] = {}
    for name, last in results.items():
        each = after[name] = []
        for stage in masks[:-1]:
            mask = np.zeros(last.truth.shape, bool)
            for index, packed in stage[name].items():
                mask[index] = np.unpackbits(packed, count=mask[index].size).reshape(stack.shape)
            each.append(label_result(stack, last.truth, mask, last.slices, last.prompts, tolerance_mm).figures)
        each.append(last.figures)
    return Clicked(results, after)


def click_in_space(
    predictor: VolumePredictor | Tiles,
    labels: Labels,
    strategy: Strategy,
    seed: int = 0,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    memory: bool = False,
) -> Clicked:
    """Click on the worst slice and propagate anew (:data:`CLICKED_IN_SPACE`).

    All clicks stay: those of a slice are its prompt, and negative ones on a slice that has no other join what reaches
    it. Arguments and errors are as for :func:`SAMAdaptLib.jobs.scoring.evaluate_propagated`.
    """
    stack, rules = predictor.stack, rules_of_propagation(predictor, memory)
    names, results, after = list(labels.names), {}, {}
    total = len(names) * (1 + strategy.clicks) * stack.count
    for number, name in enumerate(names):
        truth = stack.view(labels.mask(name))
        prompts: dict[int, Prompt] = {}
        if truth.any():
            key = int(truth.sum(axis=(1, 2)).argmax())
            prompts = {key: strategy(truth[key], generator(seed, key, number))}
        each: list[dict[str, Any]] = []
        for click in range(1 + strategy.clicks):
            before = (number * (1 + strategy.clicks) + click) * stack.count

            def tell(event: SliceEvent, before: int = before) -> None:
                if progress is not None:
                    progress(before + event.done * stack.count // event.total, total)

            mask = np.zeros(truth.shape, bool)
            if prompts:
                walk = propagated(lambda axis: predictor, stack.axis, name, prompts, rules, cancelled=cancelled)
                found = finish(walk, tell)
                if found.cancelled:
                    raise Cancelled()
                mask = stack.view(found.mask)
            results[name] = label_result(stack, truth, mask, [*range(stack.count)], prompts, tolerance_mm)
            each.append(results[name].figures)
            further = _further(predictor, prompts, truth, mask, rules)
            if further is None:
                break
            prompts = further
        after[name] = each + [each[-1]] * (1 + strategy.clicks - len(each))
    return Clicked(results, after)


def _further(
    predictor: VolumePredictor | Tiles,
    prompts: dict[int, Prompt],
    truth: np.ndarray,
    mask: np.ndarray,
    rules: PropagationRules,
) -> dict[int, Prompt] | None:
    """The prompts with one click more, on the slice with the most wrong pixels; None where nothing is wrong, or where
    there is nothing to find."""
    wrong = np.count_nonzero(truth ^ mask, axis=(1, 2))
    if not prompts or not wrong.any():
        return None
    worst = int(wrong.argmax())
    prompt, logits = prompts.get(worst, Prompt()), None
    if prompt.starts:
        logits = rules.carried(predictor(worst, prompt).logits)
    following = next_click(prompt, truth[worst], mask[worst], logits)
    assert following is not None  # there is an error
    return {**prompts, worst: following}


def clicks_before(strategy: Strategy) -> int:
    """How many clicks a strategy's first prompt is: the points in it."""
    return len(strategy(np.ones((3, 3), bool), generator(0)).points)
