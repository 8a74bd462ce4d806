"""Lines that a user draws on a slice: the points that stand for one, and what a closed one goes around.

Lines are (x, y) [N, 2] in slice pixels, x = column, y = row, pixel centres at whole numbers.
"""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.arrays import Double, Mask, Real

# A point for each such share of the slice's longer side: 16 pixels of an input of 256, 64 of one of 1024. On the
# training patients of Resources/results/adaptation.md 2, 3, 5 and 9 points a stroke made no difference to LiteMedSAM as
# it is that its spread over slices would not hide; more than nine were no better.
STEP = 1 / 16
# SAM was trained with up to nine points of an object, one and eight that follow (Kirillov et al. 2023, appendix A).
MOST = 9


def lengths(line: Real) -> Double:
    """How far along the line each of its positions [N, D] lies from the first, float64 [N]."""
    steps = np.linalg.norm(np.diff(np.asarray(line, np.float64), axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def along(line: Real, places: Real) -> Double:
    """Positions [M, D] on the line [N, D], so far along it [M]."""
    known = lengths(line)
    return np.stack([np.interp(places, known, one) for one in np.asarray(line, np.float64).T], axis=1)


def points_along(line: Real, shape: tuple[int, int]) -> Double:
    """The points that stand for a line: evenly along it, both ends among them, from its middle outwards.

    To a decoder their order is nothing; an adapter that was taught fewer points is given the first of them.

    Of a length of L pixels on a slice whose longer side has S, they are ``1 + round(L / (S * STEP))``, at least 2 and
    at most :data:`MOST`; of a line no longer than a pixel the one in its middle.

    Args:
        line: [N, 2], N at least 1.
        shape: (H, W) of the slice.

    Returns:
        float64 [M, 2].
    """
    length = float(lengths(line)[-1])
    if length <= 1.0:
        return along(line, np.array([length / 2]))
    count = min(MOST, max(2, 1 + round(length / (max(shape) * STEP))))
    places = np.linspace(0.0, length, count)
    outwards = np.argsort(np.abs(places - length / 2).round(9), kind="stable")
    return along(line, places[outwards])


def enclosed(line: Real, shape: tuple[int, int]) -> Mask:
    """The pixels whose centres a closed line goes around, bool [H, W].

    Counted by its winding number, which is not 0 there, so that a line that overshoots its beginning or crosses itself
    leaves no hole. Centres on the line count at its left and upper side.

    Args:
        line: its corners [N, 2]; the last one is joined to the first.
        shape: (H, W) of the slice.
    """
    start = np.asarray(line, np.float64)
    end = np.roll(start, -1, axis=0)
    rows = np.arange(shape[0])
    (x0, y0), (x1, y1) = start.T[..., None], end.T[..., None]
    down, up = (y0 <= rows) & (rows < y1), (y1 <= rows) & (rows < y0)
    side, row = np.nonzero(down | up)
    x0, y0, x1, y1 = (one[side, 0] for one in (x0, y0, x1, y1))
    crossing = x0 + (row - y0) / (y1 - y0) * (x1 - x0)
    column = np.clip(np.ceil(crossing), 0, shape[1]).astype(np.int64)
    turns = np.zeros((shape[0], shape[1] + 1), np.int64)
    np.add.at(turns, (row, column), np.where(down[side, row], 1, -1))
    result: Mask = turns.cumsum(axis=1)[:, :-1] != 0
    return result
