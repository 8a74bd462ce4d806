"""Whether two ways differ: paired by patient, with an interval, and corrected for how often one has asked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import bootstrap, wilcoxon

# Of an interval that 95 of 100 such studies would have the truth in.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """Of one way to another on the same patients.

    Attributes:
        mean: of the differences, first minus second.
        low: of its interval (95 %, bias-corrected and accelerated bootstrap over patients; Efron 1987), None of fewer
            than two patients.
        high: likewise.
        p: of Wilcoxon's signed-rank test, two-sided, exact where there are few patients without ties; None of fewer
            than two, 1 where nothing differs.
        patients: how many have both.
    """

    mean: float
    low: float | None
    high: float | None
    p: float | None
    patients: int


def paired(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Difference | None:
    """The difference of two figures by patient, of those that have both; None where nobody has.

    A patient is one case however many scans, structures or seeds there are, since those of one are not independent:
    their mean is to be given.

    Args:
        ours: patient to figure.
        theirs: likewise.
    """
    gains = np.array([ours[key] - theirs[key] for key in ours if key in theirs], np.float64)
    if not len(gains):
        return None
    mean = float(gains.mean())
    if len(gains) < 2:
        return Difference(mean, None, None, None, len(gains))
    if np.ptp(gains) == 0:
        low = high = mean
    else:
        with warnings.catch_warnings():
            # Of samples in which all are equal, which a handful of patients brings about.
            warnings.simplefilter("ignore", category=RuntimeWarning)
            found = bootstrap(
                (gains,), np.mean, confidence_level=CONFIDENCE, random_state=np.random.default_rng(0)
            ).confidence_interval
        low, high = float(found.low), float(found.high)
    p = float(wilcoxon(gains).pvalue) if gains.any() else 1.0
    return Difference(mean, low, high, p, len(gains))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """P values corrected for their number (Holm 1979): of the k-th smallest of m, (m - k + 1) times it, none below the
    one before, and 1 at most.

    Args:
        values: P values; None, which was not tested, counts for nothing and stays.
    """
    tested = sorted((value, place) for place, value in enumerate(values) if value is not None)
    corrected: list[float | None] = [None] * len(values)
    least = 0.0
    for rank, (value, place) in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - rank) * value))
        corrected[place] = least
    return corrected
