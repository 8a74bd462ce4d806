"""The worst, the middle and the best case of a study's rows, as slices with the outlines of reference and result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.contours import Outlined, contour_sheet
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.evaluation.report import Figure, Section
from SAMAdaptLib.files import read_json
from SAMAdaptLib.study.shown import kept_slice
from SAMAdaptLib.study.task import CELLS, SCORES
from SAMAdaptLib.study.ways import KEY, LABEL, SCAN, Case, Way, distinct

PLACES = ("Worst", "Median", "Best")


def slices_section(folder: Path, ways: Sequence[Way], pictures: Path) -> list[Section]:
    """For each prompt the worst, the median and the best structure of a scan, by its Dice: of the first row, which is
    the base model where a study has it, and of the row with the highest mean. None where no slices were kept.

    Args:
        folder: of the study.
        ways: of it.
        pictures: folder for the pictures.

    Raises:
        InputError: a slice that is damaged; the folder cannot be written to.
    """
    figures, scores = [], _Scores(folder)
    for number, prompt in enumerate(distinct(way.prompt for way in ways), start=1):
        mine = [way for way in ways if way.prompt == prompt]
        best = max(mine, key=lambda way: way.spread("dice").mean or 0.0)
        rows = {way.name: _slices(folder, scores, way) for way in dict.fromkeys((mine[0], best))}
        shown = {name: slices for name, slices in rows.items() if slices}
        if shown:
            drawn = contour_sheet(pictures / f"slices-{number}.png", shown)
            figures.append(Figure(drawn, f"Prompt {prompt}: {_WHAT}"))
    return [Section("Worst, median and best", (), (), figures)] if figures else []


_WHAT = (
    "the structures of scans with the lowest, the median and the highest Dice in the volume, of the first row and of "
    "the one with the highest mean; each on the tested slice where the reference is largest, cut to what is outlined."
)


class _Scores:
    """What the cells wrote down of their tests, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, list[dict[str, Any]]] = {}

    def shown(self, case: Case, prompt: str) -> dict[str, Any] | None:
        """What was kept of a case."""
        key = case[KEY]
        if key not in self._known:
            files = sorted((self._folder / CELLS / key / SCORES).glob("[!.]*.json"))
            self._known[key] = [*_readable(files)]
        for file in self._known[key]:
            if file["scan"] == case[SCAN]:
                trials = [one for one in file["trials"].values() if one["prompt"] == prompt and _is(one, case)]
                found: dict[str, Any] = trials[0].get("shown", {}) if trials else {}
                return found.get(case[LABEL])
        return None


def _is(trial: dict[str, Any], case: Case) -> bool:
    """Whether a case is of a trial, by its figures: those of one cell and prompt may differ in their weights, too."""
    figures = trial["labels"].get(case[LABEL])
    if figures is None:
        return False
    return all(case[name] == ("" if figures[name] is None else str(figures[name])) for name in METRICS)


def _readable(files: Iterable[Path]) -> list[dict[str, Any]]:
    found = []
    for file in files:
        try:
            found.append(read_json(file, "scores of a scan"))
        except InputError:
            # Told by the study, which finds them anew.
            continue
    return found


def _slices(folder: Path, scores: _Scores, way: Way) -> list[Outlined]:
    cases = sorted((case for case in way.cases if case["dice"]), key=lambda case: float(case["dice"]))
    if not cases:
        return []
    chosen = (cases[0], cases[(len(cases) - 1) // 2], cases[-1])
    found = []
    for place, case in zip(PLACES, chosen, strict=True):
        kept = scores.shown(case, way.prompt)
        title = f"{place}: {case[SCAN]}, {case[LABEL]}, Dice {float(case['dice']):.2f}"
        one = None if kept is None else kept_slice(folder, kept, title)
        found += [] if one is None else [one]
    return found
