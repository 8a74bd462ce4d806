"""The rows of a study's results, as read back from results.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.study.results import CLICKS, CSV, Spread, spread, task_name

# Columns: what stands before the seed tells rows apart, but for the key; what follows tells cases apart.
KEY, NAME, SEED, PROMPT, SCAN, PATIENT, LABEL = "cell", "row", "seed", "test_prompt", "scan", "patient", "label"
MODALITY, STATUS = "modality", "status"
# What a label is called beside those of other scans; no column of the file.
TASK = "task"

Case = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Way:
    """Cells that differ in seed and fold alone, tested with one prompt.

    Attributes:
        row: what may set it apart, column to value.
        name: what tables call it.
        prompt: of the tests.
        cases: rows of results.csv, where each click was scored those after the last.
        clicks: where each click was scored, how many to the rows after as many.
    """

    row: Mapping[str, str]
    name: str
    prompt: str
    cases: Sequence[Case]
    clicks: Mapping[int, Sequence[Case]] = field(default_factory=dict)

    def after(self, clicks: int) -> Way:
        """The same after so many clicks."""
        return replace(self, cases=self.clicks[clicks])

    def by_seed(self, metric: str) -> dict[str, float]:
        """Seed to the mean over scans of the mean over structures, as results.md has it."""
        return _means(self.cases, SEED, metric, (SCAN,))

    def by_patient(self, metric: str) -> dict[str, float]:
        """Patient to the mean over seeds, of that over scans, of that over structures."""
        return _means(self.cases, PATIENT, metric, (SEED, SCAN))

    def by_structure(self, metric: str) -> dict[str, float]:
        """Structure to the mean over seeds of that over scans."""
        return _means(self.cases, TASK, metric, (SEED, SCAN))

    def spread(self, metric: str) -> Spread:
        """Over seeds."""
        return spread(self.by_seed(metric).values())


def read_ways(folder: Path) -> list[Way]:
    """The ways of a study, in the order of its table.

    Args:
        folder: of the study.

    Raises:
        InputError: there are no results in it, or damaged ones.
    """
    path = folder / CSV
    try:
        with path.open(encoding="utf-8", newline="") as file:
            cases = [*csv.DictReader(file)]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError("No results of a study", path, "Give a folder that `samadapt study` has filled") from error
    columns = [*cases[0]] if cases else []
    if not {KEY, NAME, SEED, PROMPT, SCAN, PATIENT, LABEL, *METRICS} <= {*columns}:
        raise InputError("No results of a study yet", path, "Let `samadapt study` finish a cell first")
    damaged = next((row for row, case in enumerate(cases, start=1) if not _is_sound(case)), None)
    if damaged is not None:
        what = f"Row {damaged} of the study's results is damaged"
        raise InputError(what, path, "Run `samadapt study` again, which writes them anew")
    return ways_of(cases)


def _is_sound(case: Mapping[str | None, Any]) -> bool:
    """Whether a row has all its cells and no others, and numbers where there have to be some."""
    if None in case or None in case.values():
        return False
    try:
        numbers = [float(case[name]) for name in METRICS if case[name]]
        clicks = int(case.get(CLICKS) or 0)
    except ValueError:
        return False
    return all(map(isfinite, numbers)) and clicks >= 0


def ways_of(rows: Iterable[Mapping[str, Any]]) -> list[Way]:
    """The ways of a study's results, of the rows of results.csv, in their order."""
    cases = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    columns = list(dict.fromkeys(name for case in cases for name in case))
    if not cases:
        return []
    apart = [name for name in columns[: columns.index(SEED)] if name != KEY]
    groups: dict[tuple[str, ...], list[Case]] = {}
    several = len({case.get(MODALITY, "") for case in cases}) > 1
    for case in cases:
        case[TASK] = task_name(case[LABEL], case.get(MODALITY, ""), several)
        # Where nobody says whose it is, each scan is of another patient.
        case[PATIENT] = case[PATIENT] or case[SCAN]
        groups.setdefault((*(case[name] for name in apart), case[PROMPT]), []).append(case)
    found = [dict(zip(apart, key, strict=False)) for key in groups]
    return [
        _way(row, name, key[-1], group)
        for row, name, (key, group) in zip(found, _names(found), groups.items(), strict=True)
    ]


def _way(row: Mapping[str, str], name: str, prompt: str, cases: Sequence[Case]) -> Way:
    clicks: dict[int, list[Case]] = {}
    for case in cases:
        if case.get(CLICKS):
            clicks.setdefault(int(case[CLICKS]), []).append(case)
    ordered = {number: clicks[number] for number in sorted(clicks)}
    return Way(row, name, prompt, ordered[max(ordered)] if ordered else cases, ordered)


def distinct(values: Iterable[str]) -> list[str]:
    """Each once, in the order of first appearance."""
    return list(dict.fromkeys(values))


def _names(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The names that rows were given, with what differs among those of one name."""
    found = []
    for row in rows:
        same = [other for other in rows if other[NAME] == row[NAME]]
        apart = [column for column in row if column != NAME and varies(same, column)]
        words = [*([row[NAME]] if row[NAME] else []), *words_of(row, apart)]
        found.append(", ".join(words) or row.get("method", "") or "all")
    return found


def varies(rows: Iterable[Mapping[str, str]], column: str) -> bool:
    """Whether rows differ in a column; what a row without training lacks makes no difference."""
    return len({row[column] for row in rows if row[column]}) > 1


def words_of(row: Mapping[str, str], columns: Iterable[str]) -> list[str]:
    """What a row says in some columns; a method needs no name of its column."""
    return [row[column] if column == "method" else f"{column} {row[column]}" for column in columns if row[column]]


def _means(cases: Iterable[Case], by: str, metric: str, levels: Sequence[str]) -> dict[str, float]:
    values = {key: _nested(group, metric, levels) for key, group in _grouped(cases, by).items()}
    return {key: value for key, value in values.items() if value is not None}


def _nested(cases: Iterable[Case], metric: str, levels: Sequence[str]) -> float | None:
    """Mean over the groups of the first level of the means within them; None where nothing was scored."""
    if levels:
        parts = [_nested(group, metric, levels[1:]) for group in _grouped(cases, levels[0]).values()]
    else:
        parts = [float(case[metric]) if case[metric] else None for case in cases]
    known = [part for part in parts if part is not None]
    return float(np.mean(known)) if known else None


def _grouped(cases: Iterable[Case], by: str) -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case[by], []).append(case)
    return groups
