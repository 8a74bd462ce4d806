"""What came out for the labels of a scan, and means over labels and scans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SAMAdaptLib.evaluation.metrics import BOTH_EMPTY, METRICS, averaged, mean, mean_scores, over_slices, score
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.planes import PlaneStack

# How surfaces were measured, see SAMAdaptLib.evaluation.metrics.conventions.
IN_SPACE, BY_SLICE = "3D", "slices"


@dataclass(frozen=True, eq=False)
class LabelResult:
    """What came out for one label.

    Attributes:
        prediction: bool [count, H, W], slices as in the predictor's stack.
        truth: bool [count, H, W].
        slices: the slices that were scored.
        figures: those of :func:`SAMAdaptLib.evaluation.metrics.score` and what
            :func:`SAMAdaptLib.evaluation.metrics.conventions` tells of; slices, how many were scored.
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
    figures = score(truth[scored], mask[scored], spacing, tolerance_mm)
    present = [i for i in slices if truth[i].any()]
    flat = mean_scores([score(truth[i], mask[i], spacing, tolerance_mm) for i in present], METRICS)
    figures |= {field: flat[key] for field, key in over_slices().items()} | {"surfaces": IN_SPACE}
    if not isinstance(scored, slice) and slices:
        # On a slice that does not show the label, what was found is in the pooled figures only.
        figures |= {"surfaces": BY_SLICE}
        if present:
            figures |= {key: flat[key] for key, metric in METRICS.items() if metric.surfaces}
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
        the fields of :func:`SAMAdaptLib.evaluation.metrics.averaged` (None when nothing could be scored), n, n_missed,
        n_false_positive, n_both_empty, and surfaces: how these were measured, "3D", "slices" or, where both are in the
        mean, "3D and slices".
    """
    cases = list(cases)
    scored = [mean_scores(list(case.values()), averaged()) for case in cases]
    means = {name: mean(one[name] for one in scored) for name in averaged()}
    counts = {name: sum(one[name] for one in scored) for name in ("n", "n_missed", "n_false_positive", "n_both_empty")}
    return means | counts | {"surfaces": _surfaces(f for case in cases for f in case.values())}


def label_figures(cases: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Mean and spread of each label over scans, from {label: figures} dicts, one a scan.

    Returns:
        label, in the order of first appearance, to the fields of :func:`SAMAdaptLib.evaluation.metrics.averaged`, each
        a dict of mean, sd (of the sample, with n - 1; None with fewer than two) and n, how many scans went in. A scan
        without the label is none of them: neither one whose labels have no such name, nor one where truth and
        prediction are both empty. Then "n" scans with the label, of "cases" in all; "n_missed", "n_false_positive" and
        "surfaces" as for :func:`mean_figures`.
    """
    cases = list(cases)
    means = {}
    for label in dict.fromkeys(name for case in cases for name in case):
        counted = [case[label] for case in cases if label in case and case[label]["status"] != BOTH_EMPTY]
        row: dict[str, Any] = {name: _spread([f[name] for f in counted if f[name] is not None]) for name in averaged()}
        totals = mean_scores(counted, ())
        row |= {name: totals[name] for name in ("n", "n_missed", "n_false_positive")}
        means[label] = row | {"cases": len(cases), "surfaces": _surfaces(counted)}
    return means


def _spread(values: list[float]) -> dict[str, Any]:
    return {
        "mean": mean(values),
        "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "n": len(values),
    }


def _surfaces(figures: Iterable[dict[str, Any]]) -> str:
    """How the surface figures of what is not empty were measured."""
    kinds = {f.get("surfaces") for f in figures if f["status"] != BOTH_EMPTY}
    return " and ".join(kind for kind in (IN_SPACE, BY_SLICE) if kind in kinds)
