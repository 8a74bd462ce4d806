"""What a study found, as rows: of every cell, scan, structure and prompt, and as means over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.evaluation.figures import label_figures, mean_figures
from SAMAdaptLib.evaluation.metrics import averaged, decimals, figure_text
from SAMAdaptLib.study.description import Cell
from SAMAdaptLib.study.naming import row_key, varying
from SAMAdaptLib.study.plan import Plan
from SAMAdaptLib.study.task import Asked, Target, Task
from SAMAdaptLib.study.trial import Trial

# Columns that results.csv has in any case, in their order; others only where rows differ in them.
SHOWN = ("method", "model", "slices", "rule", "synthesis", "prompts")
# Those of the volumes of truth and result on the tested slices, mL.
VOLUMES = ("truth_ml", "result_ml")

# Column that counts clicks, where each was scored.
CLICKS = "clicks"
CSV = "results.csv"

# Structure to figures.
Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Spread:
    """A figure over seeds: mean, standard deviation of the sample (None of one alone), and how many."""

    mean: float | None
    sd: float | None
    n: int


@dataclass(frozen=True)
class Row:
    """A row of a table: cells that differ in their seed only, tested with one prompt.

    Attributes:
        cell: one of them.
        prompt: as the description has it.
        seeds: how many are whole, and ``wanted`` how many there are to be; of tests without chance on a base model as
            it is, one.
        figures: metric to its spread over seeds, each the mean over structures within a scan and then over scans.
        structures: structure, as :func:`task_name` has it, to metric to the same for it alone.
    """

    cell: Cell
    prompt: str
    seeds: int
    wanted: int
    figures: dict[str, Spread]
    structures: dict[str, dict[str, Spread]]


class Results:
    """Scores of a study's tasks as far as they are there; each is read once.

    Args:
        plan: of the study.
        output: its folder.
    """

    def __init__(self, plan: Plan, output: Path) -> None:
        self._plan, self._output = plan, output
        self._tasks: Mapping[str, Task] = {task.key: task for task in plan.tasks}
        self._scores: dict[str, dict[str, dict[str, Any]]] = {}
        self.refresh(self._tasks)

    def refresh(self, keys: Iterable[str]) -> None:
        """Read the scores of these tasks anew."""
        for key in keys:
            task = self._tasks[key]
            self._scores[key] = {one.fingerprint: task.scores(self._output, one) for one in task.targets}

    def found(self, asked: Asked, target: Target, trial: Trial) -> dict[str, Any] | None:
        """What is kept of a trial of a cell on a scan; None where it is still to be done."""
        task = self._tasks[asked.task]
        found: dict[str, Any] | None = self._scores[task.key][target.fingerprint].get(task.trial_key(trial))
        return found

    def cases(self) -> list[dict[str, Any]]:
        """A row for every cell, scan, structure and prompt, by the names of the columns of results.csv."""
        shown = [*SHOWN, *(name for name in varying(self._plan.cells) if name not in SHOWN)]
        rows = []
        for asked in self._plan.asked:
            told = asked.cell.told()
            head = {"cell": asked.task, "row": asked.cell.own.name} | {name: told.get(name, "") for name in shown}
            head |= {"seed": told["seed"], "fold": asked.fold or ""}
            for target in self._tasks[asked.task].targets:
                scan = target.scan
                whose = {"patient": scan.patient, "site": scan.site, "modality": scan.modality}
                for trial in asked.cell.trials:
                    found = self.found(asked, target, trial)
                    for label, figures in (found["labels"] if found else {}).items():
                        row = {"test_prompt": trial.words, "scan": scan.name, **whose, "label": label}
                        volumes = dict(zip(VOLUMES, found["volumes"][label], strict=True)) if found else {}
                        *before, last = _answers(found, label, figures)
                        rows += [*(head | row | one for one in before), head | row | last | volumes]
        return rows

    def rows(self) -> list[Row]:
        """Means over seeds, in the order of the description; a prompt after the other."""
        groups: dict[tuple[str, ...], list[Asked]] = {}
        for asked in self._plan.asked:
            groups.setdefault(row_key(asked.cell), []).append(asked)
        words = dict.fromkeys(trial.words for cell in self._plan.cells for trial in cell.trials)
        rows = [self._row(group, prompt) for prompt in words for group in groups.values()]
        return [row for row in rows if row is not None]

    def _row(self, group: Sequence[Asked], prompt: str) -> Row | None:
        """The row of cells that differ in seed and fold; None where they are not tested so."""
        by_seed: dict[tuple[tuple[str, str], ...], list[Figures] | None] = {}
        for seed in dict.fromkeys(asked.cell.config.seed for asked in group):
            members = [asked for asked in group if asked.cell.config.seed == seed]
            trials = [trial for trial in members[0].cell.trials if trial.words == prompt]
            for trial in trials[:1]:
                key = tuple((asked.task, self._tasks[asked.task].trial_key(trial)) for asked in members)
                by_seed[key] = self._pooled(members, trial)
        if not by_seed:
            return None
        whole = [cases for cases in by_seed.values() if cases]
        means = [mean_figures(cases) for cases in whole]
        labels = [label_figures(cases) for cases in whole]
        return Row(
            group[0].cell,
            prompt,
            len(whole),
            len(by_seed),
            {name: spread(one[name] for one in means) for name in averaged()},
            {
                label: {name: spread(one[label][name]["mean"] for one in labels if label in one) for name in averaged()}
                for label in dict.fromkeys(label for one in labels for label in one)
            },
        )

    def _pooled(self, members: Sequence[Asked], trial: Trial) -> list[Figures] | None:
        """Figures of all scans of all folds; None where some are still to be found."""
        cases: list[Figures] = []
        several = len({scan.modality for scan in self._plan.scans}) > 1
        for asked in members:
            for target in self._tasks[asked.task].targets:
                found = self.found(asked, target, trial)
                if found is None:
                    return None
                labels = found["labels"].items()
                cases.append({task_name(label, target.scan.modality, several): figures for label, figures in labels})
        return cases


def _scored(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as columns; beside the setting "slices", how many were scored."""
    return {"scored_slices" if name == "slices" else name: value for name, value in figures.items()}


def _answers(found: Mapping[str, Any] | None, label: str, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The figures of a structure; where each click was scored, those after each answer, with its number of clicks."""
    if not found or "after" not in found:
        return [_scored(figures)]
    return [{CLICKS: found["first"] + place} | _scored(one) for place, one in enumerate(found["after"][label])]


def task_name(label: str, modality: str, several: bool) -> str:
    """What a structure is called; where scans are of several modalities, a structure of one is a task of its own, as in
    the tables of Qin 2024 (arXiv 2410.04172)."""
    return f"{label}, {modality or 'no modality'}" if several else label


def spread(values: Iterable[float | None]) -> Spread:
    """Mean and standard deviation of what is known."""
    known = [value for value in values if value is not None]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return Spread(float(np.mean(known)) if known else None, sd, len(known))


def cell_text(spread: Spread, metric: str) -> str:
    """Mean ± standard deviation of a metric; "-" of nothing."""
    return figure_text(spread.mean, spread.sd, decimals(metric))
