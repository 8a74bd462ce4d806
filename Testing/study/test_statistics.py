"""Differences against formulas written out, and against every resample where they can be listed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from SAMAdaptLib.study.statistics import Difference, holm, paired

OURS = {"a": 0.91, "b": 0.84, "c": 0.77, "d": 0.95, "e": 0.88, "f": 0.9}
THEIRS = {"a": 0.80, "b": 0.82, "c": 0.70, "d": 0.78, "e": 0.83, "f": 0.865}


def bca(values):
    """Efron 1987: percentiles of all resamples' means, moved by bias and acceleration."""
    values = np.array(values)
    means = np.array([*itertools.product(values, repeat=len(values))]).mean(axis=1)
    # scipy counts half of those that equal the mean, as they are neither below nor above.
    below = (np.mean(means < values.mean() - 1e-12) + np.mean(means < values.mean() + 1e-12)) / 2
    bias = norm.ppf(below)
    left_out = np.array([np.delete(values, place).mean() for place in range(len(values))])
    apart = left_out.mean() - left_out
    acceleration = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    ends = []
    for z in norm.ppf([0.025, 0.975]):
        share = norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
        ends.append(np.quantile(means, share))
    return ends


def test_the_interval_is_that_of_all_resamples():
    found = paired(OURS, THEIRS)
    gains = [OURS[key] - THEIRS[key] for key in OURS]
    assert found.mean == pytest.approx(np.mean(gains)) and found.patients == 6
    assert (found.low, found.high) == pytest.approx(bca(gains), abs=0.004)
    # All six are gains: two of 2^6 choices of signs are as far from zero.
    assert found.p == pytest.approx(2 / 64)


def test_signed_ranks_by_hand():
    # Ranks 1 to 6 of the sizes; the one loss has rank 2. Sums of ranks up to 2 come by 3 of 2^6 choices: none, 1, 2.
    gains = {str(size): size / 100 * (-1 if size == 2 else 1) for size in range(1, 7)}
    found = paired(gains, dict.fromkeys(gains, 0.0))
    assert found.p == pytest.approx(2 * 3 / 64)


def test_patients_of_both_only():
    assert paired({"a": 0.5, "b": 0.7}, {"b": 0.6, "c": 0.1}) == Difference(pytest.approx(0.1), None, None, None, 1)
    assert paired({"a": 0.5}, {"b": 0.5}) is None


def test_nothing_differs():
    assert paired(OURS, OURS) == Difference(0.0, 0.0, 0.0, 1.0, 6)


def test_holm_by_hand():
    # Holm 1979: 0.005 x 4, 0.01 x 3, 0.03 x 2, and the last, 0.04 x 1, not below the one before.
    assert holm([0.01, 0.04, 0.03, None, 0.005]) == pytest.approx([0.03, 0.06, 0.06, None, 0.02])
    assert holm([0.7, 0.6]) == [1.0, 1.0] and holm([]) == []
