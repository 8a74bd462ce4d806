"""Run a model on one labelled scan in the two settings that matter, and score every label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.metrics import Score, mean_scores, score
from SAMAdaptLib.prompts.strategies import Strategy, generator, next_click
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.volume.labels import Labels

if TYPE_CHECKING:
    from SAMAdaptLib.sam.predictor import VolumePredictor

ORACLE = (
    "Oracle slices: the model is prompted from the truth on every scored slice where the label is, and nowhere else, "
    "as in the published studies; false positives on other slices are impossible."
)
AUTOMATIC = (
    "Oracle slices, found prompts: on every scored slice where the label is, the model finds its own prompts and is "
    "told nothing; what it finds on other slices is not scored."
)
FOUND = (
    "Whole volume, found prompts: on every slice of the volume the model finds its own prompts and is told nothing; "
    "what it finds on a single slice only is dropped, and all slices are scored."
)
PROPAGATED = (
    "Whole volume: the model is prompted from the truth on one slice, the one where the label is largest, and the "
    "result is propagated through the volume and scored on all slices."
)
# How hd95_mm and nsd were measured, see SAMAdaptLib.evaluation.metrics.CONVENTIONS.
IN_SPACE, BY_SLICE = "3D", "slices"
Progress = Callable[[int, int], None]
# From a slice index and names of labels to each one's mask [H, W] and what the model was prompted with, if anything.
Answer = Callable[[int, Sequence[str]], dict[str, tuple[np.ndarray, Prompt | None]]]


@dataclass(frozen=True, eq=False)
class LabelResult:
    """What came out for one label.

    Attributes:
        prediction: bool [count, H, W], slices as in the predictor's stack.
        truth: bool [count, H, W].
        slices: the slices that were scored.
        figures: the fields of :class:`Score` and those of :data:`SAMAdaptLib.evaluation.metrics.CONVENTIONS`; slices,
            how many were scored.
        prompts: slice index to the prompt that was given there, the last of several.
    """

    prediction: np.ndarray
    truth: np.ndarray
    slices: list[int]
    figures: dict[str, Any]
    prompts: dict[int, Prompt] = field(default_factory=dict)


def parse_slices(text: str | None) -> Callable[[np.ndarray], list[int]]:
    """Read which slices to score: None for all, "every:9", or "12,40".

    Returns a function from the indices where the label is (ascending) to those scored.

    Raises:
        InputError: another form.
    """
    if text is None:
        return lambda present: [int(i) for i in present]
    word, _, number = text.partition(":")
    if word == "every" and number.isdigit() and int(number) > 0:
        step = int(number)
        # The middle of each run of nine rather than its first: object ends hold a few pixels only.
        return lambda present: [int(i) for i in present[min(step // 2, (len(present) - 1) // 2) :: step]]
    try:
        wanted = sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise InputError("Cannot read which slices to score", text, "Write every:9 or 12,40") from None
    return lambda present: [i for i in wanted if i in set(present.tolist())]


def _frame_box(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    height, width = mask.shape
    return Prompt(box=np.array([0, 0, width - 1, height - 1]))


# The box of the whole slice, whatever is on it: the strategy that knows nothing, for comparison.
whole_image = Strategy("whole-image", (_frame_box,))


def evaluate_oracle(
    predictor: VolumePredictor,
    labels: Labels,
    strategy: Strategy,
    choose: Callable[[np.ndarray], list[int]],
    seed: int = 0,
    tolerance_mm: float = 2.0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Prompt from the truth on each chosen slice of each label (:data:`ORACLE`).

    Surface figures are three-dimensional where several slices are chosen and none between them that shows the label is
    left out, else means over slices; ``surfaces`` among the figures says which.

    Args:
        predictor: on the scan.
        labels: on the scan's grid.
        strategy: how truth becomes a prompt; further clicks go to the innermost pixel of the largest error, and with
            them the last answer where mask prompts help the model. The last answer is scored.
        choose: from the slices where a label is to those scored; see :func:`parse_slices`.
        seed: of random strategies.
        tolerance_mm: of NSD.
        progress: called with (slices done, slices in all).
        cancelled: asked before every slice.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    from SAMAdaptLib.inference.segment import default_rules

    truths = {name: predictor.stack.view(labels.mask(name)) for name in labels.names}
    rules = default_rules(predictor.predictor)

    def answer(index: int, names: Sequence[str]) -> dict[str, tuple[np.ndarray, Prompt | None]]:
        def ask(prompts: Sequence[Prompt]) -> list[SliceResult]:
            found = predictor.predict(index, prompts)
            return [
                SliceResult(mask[0], logits[0], float(iou[0]))
                for mask, logits, iou in zip(found.masks, found.low_res, found.iou, strict=True)
            ]

        prompts = [strategy(truths[name][index], generator(seed, index, list(truths).index(name))) for name in names]
        answers, prompts = _clicked(ask, prompts, [truths[name][index] for name in names], strategy.clicks, rules)
        return {name: (one.mask, prompt) for name, one, prompt in zip(names, answers, prompts, strict=True)}

    return _slice_by_slice(predictor, truths, answer, choose, tolerance_mm, progress, cancelled)


def evaluate_automatic(
    predictor: VolumePredictor,
    labels: Labels,
    classes: Sequence[str],
    choose: Callable[[np.ndarray], list[int]] | None,
    tolerance_mm: float = 2.0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Let the model find its own prompts on each chosen slice of each label (:data:`AUTOMATIC`), or on every slice of
    the volume (:data:`FOUND`).

    Labels that the adapter has no class for are left out; of several boxes of a class the largest is in the result.
    The other arguments are as for :func:`evaluate_oracle`.

    Args:
        classes: names of what the adapter finds, in its own order.
        choose: as there; None for the whole volume.

    Raises:
        InputError: a model that does not find objects, or no label with the name of a class.
        Cancelled: ``cancelled`` said so.
    """
    from SAMAdaptLib.inference.automatic import drop_lone_slices, require_finder, segment_slice

    require_finder(predictor.predictor)
    truths = {name: predictor.stack.view(labels.mask(name)) for name in labels.names if name in classes}
    if not truths:
        raise InputError(
            f"None of the labels ({', '.join(labels.names)}) has the name of a class of the adapter",
            None,
            f"Name labels {', '.join(classes)}, for instance with --merge",
        )

    def answer(index: int, names: Sequence[str]) -> dict[str, tuple[np.ndarray, Prompt | None]]:
        masks, prompts = segment_slice(predictor, index, len(classes))
        places = [classes.index(name) for name in names]
        return {name: (masks[p], next(iter(prompts[p]), None)) for name, p in zip(names, places, strict=True)}

    clean = None
    if choose is None:
        choose, clean = (lambda present: list(range(predictor.stack.count))), drop_lone_slices
    return _slice_by_slice(predictor, truths, answer, choose, tolerance_mm, progress, cancelled, clean)


def _slice_by_slice(
    predictor: VolumePredictor,
    truths: dict[str, np.ndarray],
    answer: Answer,
    choose: Callable[[np.ndarray], list[int]],
    tolerance_mm: float,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    clean: Callable[[np.ndarray], np.ndarray] | None = None,
) -> dict[str, LabelResult]:
    chosen = {name: choose(np.flatnonzero(truth.any(axis=(1, 2)))) for name, truth in truths.items()}
    masks = {name: np.zeros(truth.shape, bool) for name, truth in truths.items()}
    given: dict[str, dict[int, Prompt]] = {name: {} for name in truths}
    indices = sorted({i for slices in chosen.values() for i in slices})
    for done, index in enumerate(indices):
        if cancelled and cancelled():
            raise Cancelled()
        for name, (mask, prompt) in answer(index, [name for name in truths if index in chosen[name]]).items():
            masks[name][index] = mask
            if prompt is not None:
                given[name][index] = prompt
        if progress:
            progress(done + 1, len(indices))
    results = {}
    for name, truth in truths.items():
        mask = clean(masks[name]) if clean else masks[name]
        figures = _figures(predictor, truth, mask, chosen[name], tolerance_mm)
        results[name] = LabelResult(mask, truth, chosen[name], figures, given[name])
    return results


def evaluate_propagated(
    predictor: VolumePredictor,
    labels: Labels,
    strategy: Strategy,
    rules: PropagationRules | None = None,
    seed: int = 0,
    tolerance_mm: float = 2.0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Prompt each label on its largest slice and propagate (:data:`PROPAGATED`); arguments as for the other setting.

    Clicks of the strategy go to that slice until its answer is as good as they make it, and propagation starts there.
    """
    from SAMAdaptLib.inference.segment import default_rules

    results = {}
    names = list(labels.names)
    count = predictor.stack.count
    rules = rules or default_rules(predictor.predictor)
    for number, name in enumerate(names):
        truth = predictor.stack.view(labels.mask(name))
        mask, given = np.zeros(truth.shape, bool), {}
        if truth.any():
            key = int(truth.sum(axis=(1, 2)).argmax())
            first = strategy(truth[key], generator(seed, key, number))
            if strategy.clicks:
                _, (first,) = _clicked(
                    lambda prompts, key=key: [predictor(key, one) for one in prompts],
                    [first], [truth[key]], strategy.clicks, rules,
                )  # fmt: skip
            given = {key: first}
            tell = progress and (
                lambda done, total, index, number=number: progress(number * count + done, len(names) * count)
            )
            out = propagate(predictor, given, count, predictor.stack.shape, rules, tell, cancelled)
            if out.cancelled:
                raise Cancelled()
            mask = out.mask
        every = list(range(count))
        figures = _figures(predictor, truth, mask, every, tolerance_mm)
        results[name] = LabelResult(mask, truth, every, figures, given)
    return results


def _clicked(
    ask: Callable[[Sequence[Prompt]], list[SliceResult]],
    prompts: list[Prompt],
    truths: Sequence[np.ndarray],
    clicks: int,
    rules: PropagationRules,
) -> tuple[list[SliceResult], list[Prompt]]:
    """The answers on a slice after up to ``clicks`` further clicks on each object, and the prompts that gave them."""
    answers, prompts = ask(prompts), list(prompts)
    for _ in range(clicks):
        again = {}
        for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
            logits = np.clip(answer.logits, -rules.logit_clip, rules.logit_clip) if rules.use_mask else None
            following = next_click(prompt, truths[row], answer.mask, logits)
            if following is not None:
                again[row] = following
        if not again:
            break
        for (row, prompt), answer in zip(again.items(), ask(list(again.values())), strict=True):
            prompts[row], answers[row] = prompt, answer
    return answers, prompts


def _figures(
    predictor: VolumePredictor, truth: np.ndarray, mask: np.ndarray, slices: list[int], tolerance_mm: float
) -> dict[str, Any]:
    spacing = (predictor.stack.step, *predictor.stack.pixel_spacing)
    scored = _span(truth, slices)
    figures = asdict(score(truth[scored], mask[scored], spacing, tolerance_mm))
    present = [i for i in slices if truth[i].any()]
    flat = mean_scores([score(truth[i], mask[i], spacing, tolerance_mm) for i in present])
    figures |= {f"slice_{name}": flat[name] for name in ("dice", "hd95_mm", "nsd")} | {"surfaces": IN_SPACE}
    if not isinstance(scored, slice) and slices:
        # On a slice that does not show the label, what was found is in the pooled figures only.
        figures |= {"surfaces": BY_SLICE}
        if present:
            figures |= {"hd95_mm": flat["hd95_mm"], "nsd": flat["nsd"]}
    return figures | {"slices": len(slices)}


def _span(truth: np.ndarray, slices: list[int]) -> slice | list[int]:
    """The part of the stack in which surfaces can be measured in space: from the first scored slice to the last, where
    several are scored and none between them that shows the label is left out; else the scored slices one by one."""
    if len(slices) < 2:
        return slices
    span = slice(min(slices), max(slices) + 1)
    left_out = set(range(span.start, span.stop)).difference(slices)
    return slices if any(truth[i].any() for i in left_out) else span


def mean_figures(cases: Iterable[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Means over labels within a case, then over cases, of {label: figures} dicts; misses are counted.

    Returns:
        dice, iou, hd95_mm, nsd, slice_dice (None when nothing could be scored), n, n_missed, n_false_positive,
        n_both_empty, and surfaces: how hd95_mm and nsd were measured, "3D", "slices" or, where both are in the mean,
        "3D and slices".
    """
    cases = list(cases)
    scored = []
    for case in cases:
        one = mean_scores([_score(f) for f in case.values()])
        slices = [f["slice_dice"] for f in case.values() if f["slice_dice"] is not None]
        scored.append(one | {"slice_dice": float(np.mean(slices)) if slices else None})
    means: dict[str, Any] = {}
    for name in ("dice", "iou", "hd95_mm", "nsd", "slice_dice"):
        values = [s[name] for s in scored if s[name] is not None]
        means[name] = float(np.mean(values)) if values else None
    for name in ("n", "n_missed", "n_false_positive", "n_both_empty"):
        means[name] = sum(s[name] for s in scored)
    return means | {"surfaces": _surfaces(f for case in cases for f in case.values())}


def label_figures(cases: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Mean and spread of each label over scans, from {label: figures} dicts, one a scan.

    Returns:
        label, in the order of first appearance, to "dice", "iou", "hd95_mm", "nsd" and "slice_dice", each a dict of
        mean, sd (of the sample, with n - 1; None with fewer than two) and n, how many scans went in. A scan without
        the label is none of them: neither one whose labels have no such name, nor one where truth and prediction are
        both empty. Then "n" scans with the label, of "cases" in all; "n_missed", "n_false_positive" and "surfaces" as
        for :func:`mean_figures`.
    """
    cases = list(cases)
    means = {}
    for label in dict.fromkeys(name for case in cases for name in case):
        counted = [case[label] for case in cases if label in case and case[label]["status"] != "both empty"]
        row: dict[str, Any] = {
            name: _spread([f[name] for f in counted if f[name] is not None])
            for name in ("dice", "iou", "hd95_mm", "nsd", "slice_dice")
        }
        totals = mean_scores([_score(f) for f in counted])
        row |= {name: totals[name] for name in ("n", "n_missed", "n_false_positive")}
        means[label] = row | {"cases": len(cases), "surfaces": _surfaces(counted)}
    return means


def _spread(values: list[float]) -> dict[str, Any]:
    return {
        "mean": float(np.mean(values)) if values else None,
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "n": len(values),
    }


def _score(figures: dict[str, Any]) -> Score:
    return Score(**{name: figures[name] for name in Score.__dataclass_fields__})


def _surfaces(figures: Iterable[dict[str, Any]]) -> str:
    """How the surface figures of what is not empty were measured."""
    kinds = {f.get("surfaces") for f in figures if f["status"] != "both empty"}
    return " and ".join(kind for kind in (IN_SPACE, BY_SLICE) if kind in kinds)
