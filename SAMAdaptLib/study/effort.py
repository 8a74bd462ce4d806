"""Tables of what clicks bring: Dice after each, and how many are needed."""

from __future__ import annotations

from collections.abc import Sequence

from SAMAdaptLib.evaluation.clicks import GOALS, Effort, effort
from SAMAdaptLib.evaluation.metrics import BOTH_EMPTY, figure_text
from SAMAdaptLib.evaluation.report import Table
from SAMAdaptLib.study.results import Spread, cell_text, spread
from SAMAdaptLib.study.ways import LABEL, SCAN, SEED, STATUS, Way, distinct

NOC = (
    "Clicks to a Dice: mean over structures and scans, ± the standard deviation over seeds; what does not get there "
    "counts with all its clicks, and in brackets is how many did."
)


def dice_after(way: Way) -> dict[int, Spread]:
    """Clicks to the Dice after as many, over seeds; empty of a way that nobody clicks in."""
    return {clicks: way.after(clicks).spread("dice") for clicks in way.clicks}


def clicks_to(way: Way, goal: float) -> tuple[Spread, Effort] | None:
    """Clicks to a Dice: over seeds, and of all cases together; None where nothing was scored."""
    first = min(way.clicks)
    series: dict[str, dict[tuple[str, str, str], list[float]]] = {}
    for clicks in way.clicks:
        for case in way.clicks[clicks]:
            if case[STATUS] != BOTH_EMPTY:
                whose = case[SCAN], case[LABEL], case["fold"]
                series.setdefault(case[SEED], {}).setdefault(whose, []).append(float(case["dice"]))
    each = [effort([*cases.values()], goal, first) for cases in series.values()]
    every = effort([one for cases in series.values() for one in cases.values()], goal, first)
    return None if every is None else (spread(one.clicks for one in each if one is not None), every)


def click_tables(ways: Sequence[Way]) -> list[tuple[str, list[Table]]]:
    """For each prompt with clicks its name, the table of Dice after each and that of the clicks to a Dice."""
    found = []
    clicked = [way for way in ways if way.clicks]
    for prompt in distinct(way.prompt for way in clicked):
        mine = [way for way in clicked if way.prompt == prompt]
        numbers = sorted({clicks for way in mine for clicks in way.clicks})
        rows: list[list[str | float | int | None]] = []
        for way in mine:
            dice = dice_after(way)
            rows.append([way.name, *(cell_text(dice[k], "dice") if k in dice else "-" for k in numbers)])
        needed: list[list[str | float | int | None]] = [
            [way.name, *(_needed(clicks_to(way, goal)) for goal in GOALS)] for way in mine
        ]
        after = Table(["row", *map(str, numbers)], rows, "Dice after so many clicks.")
        found.append((prompt, [after, Table(["row", *(f"Dice {goal:g}" for goal in GOALS)], needed, NOC)]))
    return found


def _needed(found: tuple[Spread, Effort] | None) -> str:
    if found is None or found[0].mean is None:
        return "-"
    clicks, every = found
    return f"{figure_text(clicks.mean, clicks.sd, 1)} ({every.reached} of {every.cases})"
