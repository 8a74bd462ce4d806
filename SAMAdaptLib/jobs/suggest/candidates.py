"""Slices that may be suggested beside the exemplars there are, and which of them add most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.suggest.anatomy import Anatomy
from SAMAdaptLib.jobs.suggest.appearance import shares_of
from SAMAdaptLib.jobs.suggest.ranking import Pick, take

# What a slice counts on which nothing is expected: there may be what no exemplar shows.
UNEXPECTED = 0.1
# Parts along each side of a slice by which it is compared; a whole number of those that are seen lies in each.
LAYOUT = 4


class Known(NamedTuple):
    """What exemplars teach without a training.

    Attributes:
        cells: of E exemplars, float32 [C, n, n] each.
        names: of the P structures outlined on some.
        anatomy: where those are expected; None where none is outlined.
    """

    cells: list[np.ndarray]
    names: tuple[str, ...]
    anatomy: Anatomy | None

    @classmethod
    def of(cls, library: Library | None, exemplars: Sequence[Exemplar], cells: list[np.ndarray]) -> Known:
        """From exemplars of a library and their parts as the base model sees them."""
        names = () if library is None else tuple(name for name, outlined in library.counts().items() if outlined)
        if library is None or not names:
            return cls(cells, (), None)
        values = np.array([library.classes.index(name) + 1 for name in names])
        # Where nobody has outlined what is there, nothing can be learnt of what is not.
        told = [(seen, one.labels) for seen, one in zip(cells, exemplars, strict=True) if not one.info.present]
        shares = [shares_of(labels[None] == values[:, None, None]) for _, labels in told]
        return cls(cells, names, Anatomy([seen for seen, _ in told], shares))


class Candidates:
    """Slices that may be suggested.

    Args:
        cells: of N slices as the base model sees them, float32 [C, n, n] each.
        known: of the exemplars.

    Attributes:
        expected: how much each part of each slice looks like each structure, float32 [P, n, n] each; None where no
            structure is known.
        presence: the most of that on each slice, [N]; 1 where no structure is known.
        away: distance [N] of each from the nearest exemplar, where 1 is that of two slices on average; None without
            exemplars.
    """

    def __init__(self, cells: Sequence[np.ndarray], known: Known) -> None:
        self.expected = _expected(known.anatomy, cells)
        self.presence = np.ones(len(cells)) if self.expected is None else np.array([e.max() for e in self.expected])
        rows = _vectors(cells)
        self._between = cdist(rows, rows)
        usual = float(self._between.mean()) or 1.0
        self._between /= usual
        self.away = cdist(rows, _vectors(known.cells)).min(axis=1) / usual if known.cells else None

    def take(self, count: int, among: np.ndarray | None = None, factor: np.ndarray | None = None) -> list[Pick]:
        """See :func:`SAMAdaptLib.jobs.suggest.ranking.take`; slices are worth serving by what is expected on them."""
        return take(self._between, self.away, np.maximum(self.presence, UNEXPECTED), count, among, factor)


def _expected(anatomy: Anatomy | None, cells: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    return None if anatomy is None else [anatomy.expected(one) for one in cells]


def _vectors(cells: Sequence[np.ndarray]) -> np.ndarray:
    """What slices are compared by, float64 [N, C LAYOUT LAYOUT]: means of their parts in a coarser grid, so that it
    matters what is where."""
    side = cells[0].shape[-1] // LAYOUT
    return np.stack(
        [one.reshape(-1, LAYOUT, side, LAYOUT, side).mean(axis=(2, 4), dtype=np.float64).ravel() for one in cells]
    )
