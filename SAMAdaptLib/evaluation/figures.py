"""What came out for the labels of a scan, and means over labels and scans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from SAMAdaptLib.evaluation.metrics import Score, mean_scores, score
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.planes import PlaneStack

# How hd95_mm and nsd were measured, see SAMAdaptLib.evaluation.metrics.CONVENTIONS.
IN_SPACE, BY_SLICE = "3D", "slices"


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


def label_result(
    stack: PlaneStack,
    truth: np.ndarray,
    mask: np.ndarray,
    slices: list[int],
    prompts: dict[int, Prompt],
    tolerance_mm: float,
) -> LabelResult:
    """Score one label. Surface figures are three-dimensional where several slices are scored and none between them that
    shows the label is left out, else means over slices; ``surfaces`` among the figures says which.

    Args:
        stack: the slices.
        truth: bool [count, H, W].
        mask: the prediction, bool [count, H, W].
        slices: those to score.
        prompts: given on slices, by index.
        tolerance_mm: of NSD.
    """
    spacing = (stack.step, *stack.pixel_spacing)
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
    return LabelResult(mask, truth, slices, figures | {"slices": len(slices)}, prompts)


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
        values = [float(value) for s in scored if (value := s[name]) is not None]
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
