"""Which parts of a slice look like the structures that exemplars have outlined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from SAMAdaptLib.volume.masks import bounds, largest_part

# Of the ridge: its weight beside the mean square of an embedding's numbers.
RIDGE = 1.0
# A part counts as a structure's where it covers half of it, or most of it of all parts: small ones fill none.
COVERED = 0.5


class Anatomy:
    """A ridge regression for each structure, of whether a part of a slice belongs to it on the part's embedding. What
    belongs to it and what does not weigh equally, however small it is.

    Args:
        cells: of the exemplars, float32 [E, C, n, n], see :func:`SAMAdaptLib.jobs.suggest.appearance.cells_of`.
        shares: of each part that each of P structures covers, float32 [E, P, n, n].
    """

    def __init__(self, cells: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> None:
        rows = _rows(np.stack(cells))
        self._mean, self._scale = rows.mean(axis=0), float(np.sqrt(rows.var(axis=0).mean())) or 1.0
        rows = self._known(rows)
        wanted = np.stack([_belongs(one) for one in shares]).transpose(0, 2, 3, 1).reshape(len(rows), -1)
        self._weights = np.stack([_ridge(rows, column) for column in wanted.T], axis=1)

    def expected(self, cells: np.ndarray) -> np.ndarray:
        """How much each part looks like each structure, float32 [P, n, n], 0..1."""
        side = cells.shape[-1]
        found: np.ndarray = np.clip(self._known(_rows(cells[None])) @ self._weights, 0, 1).T.reshape(-1, side, side)
        return found

    def _known(self, rows: np.ndarray) -> np.ndarray:
        known: np.ndarray = np.column_stack([(rows - self._mean) / self._scale, np.ones(len(rows), np.float32)])
        return known


def box_of(expected: np.ndarray, shape: tuple[int, int]) -> np.ndarray | None:
    """The box around the largest connected parts where a structure is expected, [n, n] as above, in the pixels of a
    slice [H, W]: float32 [4] (x0, y0, x1, y1); None where it is expected nowhere."""
    parts, count = ndimage.label(expected >= COVERED)
    if not count:
        return None
    largest = bounds(largest_part(parts))
    assert largest is not None
    (top, bottom), (left, right) = (
        (side.start * size / len(expected), side.stop * size / len(expected) - 1)
        for side, size in zip(largest, shape, strict=True)
    )
    # Where a part is smaller than a pixel, both corners lie in one.
    return np.array([left, top, max(left, right), max(top, bottom)], np.float32)


def _rows(cells: np.ndarray) -> np.ndarray:
    """[N, C, n, n] to [N n n, C]."""
    rows: np.ndarray = cells.astype(np.float32).transpose(0, 2, 3, 1).reshape(-1, cells.shape[1])
    return rows


def _belongs(shares: np.ndarray) -> np.ndarray:
    """Which parts belong to each structure: bool [P, n, n]."""
    most = shares.max(axis=(1, 2), keepdims=True)
    found: np.ndarray = (shares > 0) & ((shares >= COVERED) | (shares == most))
    return found


def _ridge(rows: np.ndarray, belongs: np.ndarray) -> np.ndarray:
    count = max(1, int(belongs.sum()))
    weights = np.where(belongs, 0.5 / count, 0.5 / max(1, len(rows) - count)).astype(np.float32)
    weighted = rows * weights[:, None]
    moments = rows.T @ weighted
    moments[np.diag_indices(len(moments) - 1)] += RIDGE
    found: np.ndarray = np.linalg.solve(moments, weighted.T @ belongs.astype(np.float32))
    return found
