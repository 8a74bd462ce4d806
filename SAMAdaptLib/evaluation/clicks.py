"""How many clicks a model needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from SAMAdaptLib.evaluation.metrics import BOTH_EMPTY

# Dice.
GOALS = (0.8, 0.85, 0.9)


def dice_series(cases: Iterable[Sequence[Mapping[str, Any]]]) -> list[list[float]]:
    """The Dice of each case after each answer, of its figures; a case in which nothing is there or found is none."""
    return [[float(one["dice"]) for one in after] for after in cases if after[-1]["status"] != BOTH_EMPTY]


class Effort(NamedTuple):
    """Clicks to a goal.

    Attributes:
        clicks: mean over cases; one that does not get there counts with all its clicks, as in the literature ("NoC",
            Mahadevan et al. 2018, arXiv 1805.04398).
        reached: how many cases got there.
        cases: of so many.
    """

    clicks: float
    reached: int
    cases: int


def effort(cases: Sequence[Sequence[float]], goal: float, first: int = 1) -> Effort | None:
    """Clicks to a Dice.

    Args:
        cases: of each its Dice after each answer.
        goal: Dice to be reached.
        first: clicks of the first answer.

    Returns:
        None of no case.
    """
    if not cases:
        return None
    needed = [next((place for place, dice in enumerate(one) if dice >= goal), None) for one in cases]
    counted = [first + (len(one) - 1 if place is None else place) for one, place in zip(cases, needed, strict=True)]
    return Effort(sum(counted) / len(cases), sum(place is not None for place in needed), len(cases))
