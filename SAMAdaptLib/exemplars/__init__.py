"""The library of labelled slices, and rules by which slices are suggested; a rule is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.exemplars.select import Candidates


class StrategyEntry(NamedTuple):
    """Where a rule is, and what it does in a few words for people.

    Attributes:
        module: imported at first use, since it needs what reads scans.
        function: from :class:`SAMAdaptLib.exemplars.select.Candidates` to the chosen slice indices, in that module.
        tip: for people.
    """

    module: str
    function: str
    tip: str


STRATEGIES = {
    "most-labels": StrategyEntry("SAMAdaptLib.exemplars.select", "most_labels", "many structures, well spread"),
    "diverse": StrategyEntry("SAMAdaptLib.exemplars.select", "diverse", "those that look least alike"),
    "uniform": StrategyEntry("SAMAdaptLib.exemplars.select", "uniform", "equal steps"),
    "random": StrategyEntry("SAMAdaptLib.exemplars.select", "drawn", "drawn by lot"),
}


def get_strategy(name: str) -> Callable[[Candidates], list[int]]:
    """The rule of this name.

    Raises:
        InputError: unknown name.
    """
    if name not in STRATEGIES:
        raise InputError("Unknown selection strategy", name, f"Choose one of {', '.join(STRATEGIES)}")
    entry = STRATEGIES[name]
    rule: Callable[[Candidates], list[int]] = getattr(import_module(entry.module), entry.function)
    return rule
