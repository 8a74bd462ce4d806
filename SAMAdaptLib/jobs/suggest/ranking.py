"""Which of many slices to take, when a few are to stand for all.

Facility location (Wei, Iyer and Bilmes 2015, Submodularity in data subset selection and active learning): each slice
is served the better the more the nearest taken one is like it, and what is taken next is what serves all of them best.
Unlike the farthest-point rule (greedy k-centre, Sener and Savarese 2018, arXiv 1708.00489) it does not run after
outliers, which at a handful of labels teach least (Hacohen, Dekel and Weinshall 2022, arXiv 2202.02794).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Pick(NamedTuple):
    """A slice that was taken.

    Attributes:
        place: among the candidates.
        gain: share of all that there is to serve, weighted, which it serves and none before it did; 0..1.
        stands_for: how many candidates are nearest to it, itself among them, when it is taken.
    """

    place: int
    gain: float
    stands_for: int


def take(
    between: np.ndarray,
    served: np.ndarray | None,
    weights: np.ndarray,
    count: int,
    among: np.ndarray | None = None,
    factor: np.ndarray | None = None,
) -> list[Pick]:
    """Take candidates one after the other, the best first; of equals the first.

    Args:
        between: distances of the N candidates from one another, [N, N].
        served: distance [N] of each from the nearest that was taken before; None where nothing was.
        weights: how much each is worth serving, [N], 0 or more.
        count: how many; with fewer candidates all.
        among: which may be taken, bool [N]; all by default. The others are served, too.
        factor: what the gain of each is multiplied by to choose, [N]; 1 by default.
    """
    # Where nothing has been taken, everything is as far off as can be.
    left = np.full(len(between), between.max(initial=0.0)) if served is None else served.astype(np.float64)
    whole = float(weights @ left)
    free = np.ones(len(between), bool) if among is None else among.copy()
    picks: list[Pick] = []
    while free.any() and len(picks) < count:
        gains = weights @ np.clip(left[:, None] - between, 0, None)
        place = int(np.where(free, gains if factor is None else gains * factor, -1.0).argmax())
        free[place] = False
        closer = int(np.count_nonzero(between[place] < left))
        picks.append(Pick(place, float(gains[place] / whole) if whole else 0.0, max(1, closer)))
        left = np.minimum(left, between[place])
    return picks
