"""Ways of a study, or of two, against one another, patient by patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from SAMAdaptLib.errors import InputError, listed
from SAMAdaptLib.evaluation.metrics import decimals
from SAMAdaptLib.study.statistics import Difference, holm, paired
from SAMAdaptLib.study.ways import NAME, PATIENT, Way

COLUMNS = ("row", "against", "prompt", "patients", "difference", "95 % interval", "P", "P (Holm)")
EXPLAINED = (
    "A difference is a mean over patients, each the mean over its structures, scans and seeds, with a bootstrap "
    "interval (bias-corrected and accelerated) and Wilcoxon's signed-rank test, corrected for the number of lines "
    "(Holm). With one seed it holds for that seed only."
)


@dataclass(frozen=True)
class Compared:
    """One way against another.

    Attributes:
        way: the one.
        reference: the other.
        difference: the one minus the other, of the patients of both.
        adjusted: P value corrected for the number of comparisons made at once (Holm).
    """

    way: Way
    reference: Way
    difference: Difference
    adjusted: float | None

    def words(self, metric: str) -> list[str]:
        """A line of a table, see COLUMNS."""
        digits = decimals(metric)
        one = self.difference
        interval = "-" if one.low is None or one.high is None else f"{one.low:+.{digits}f} to {one.high:+.{digits}f}"
        figures = [str(one.patients), f"{one.mean:+.{digits}f}", interval, _p(one.p), _p(self.adjusted)]
        return [self.way.name, self.reference.name, self.way.prompt, *figures]


def _p(value: float | None) -> str:
    return "-" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def against_first(ways: Sequence[Way], metric: str) -> list[Compared]:
    """Every way against the first of its prompt; corrected for as many as there are.

    Args:
        ways: of a study.
        metric: one of METRICS.
    """
    pairs = []
    for prompt in dict.fromkeys(way.prompt for way in ways):
        first, *others = (way for way in ways if way.prompt == prompt)
        pairs += [(way, first) for way in others]
    return _corrected(pairs, metric)


def compare(first: Sequence[Way], second: Sequence[Way], metric: str) -> list[Compared]:
    """The ways of a second study against those of a first that are set apart by the same, or, where none is and each
    study has one way for a prompt, those of the same prompt; corrected for as many as there are.

    Raises:
        InputError: no way, or no patient, in common.
    """
    pairs = [(one, other) for one in second for other in first if one.prompt == other.prompt and _same(one, other)]
    if not pairs:
        pairs = [(one, other) for one in _lone(second) for other in _lone(first) if one.prompt == other.prompt]
    if not pairs:
        raise InputError(
            "The two studies have no row in common that was tested with the same prompt",
            None,
            "Compare studies that share rows, or of which each has a single one",
        )
    found, studies = _corrected(pairs, metric), (first, second)
    if not found:
        theirs = [listed(sorted({case[PATIENT] for way in ways for case in way.cases})[:4]) for ways in studies]
        raise InputError(
            f"The two studies have no patient in common: {theirs[0]} are in the one, {theirs[1]} in the other",
            None,
            "Test both on the same scans",
        )
    return found


def _lone(ways: Sequence[Way]) -> list[Way]:
    prompts = [way.prompt for way in ways]
    return [way for way in ways if prompts.count(way.prompt) == 1]


def _same(one: Way, other: Way) -> bool:
    """Whether they are set apart by the same values; a column that one table lacks does not vary there."""
    return all(one.row[name] == other.row[name] for name in one.row.keys() & other.row.keys() if name != NAME)


def _corrected(pairs: Iterable[tuple[Way, Way]], metric: str) -> list[Compared]:
    found = [(one, other, paired(one.by_patient(metric), other.by_patient(metric))) for one, other in pairs]
    known = [(one, other, difference) for one, other, difference in found if difference is not None]
    adjusted = holm([difference.p for _, _, difference in known])
    return [Compared(*three, p) for three, p in zip(known, adjusted, strict=True)]
