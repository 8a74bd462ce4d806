"""What a study is going to do: scans read, parts checked, work listed. Nothing is trained or written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SAMAdaptLib.study.description import Cell, Study
from SAMAdaptLib.study.launch import check_processes
from SAMAdaptLib.study.naming import cell_name
from SAMAdaptLib.study.scans import Fold, Scan, split_scans
from SAMAdaptLib.study.survey import Reading, Surveyed, structures, survey
from SAMAdaptLib.study.task import Asked, Task, tasks_of

SURVEY = "scans.json"


@dataclass(frozen=True)
class Plan:
    """A study whose scans are known.

    Attributes:
        study: the description.
        scans: all of them.
        surveyed: what is on them, in the same order.
        folds: who is trained on and who is tested on.
        structures: what is learnt and tested.
        asked: cells on folds, in the order in which they are done.
        tasks: what does them.
        survey: what :func:`SAMAdaptLib.study.survey.survey` would have kept.
    """

    study: Study
    scans: Sequence[Scan]
    surveyed: Sequence[Surveyed]
    folds: Sequence[Fold]
    structures: Sequence[str]
    asked: Sequence[Asked]
    tasks: Sequence[Task]
    survey: dict[str, Any]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Those of the description."""
        return self.study.cells

    def name_of(self, task: Task) -> str:
        """A task in a line: the first cell that it is done for."""
        return cell_name(task.cell, task.fold, self.cells)

    def of_task(self, key: str) -> list[Asked]:
        """The cells that a task is done for."""
        return [one for one in self.asked if one.task == key]


def make_plan(
    study: Study,
    scans: Sequence[Scan],
    kept: Path | None = None,
    progress: Callable[[int, int, str], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    processes: int = 1,
) -> Plan:
    """Look at the scans of a study and list its work.

    Args:
        study: the description.
        scans: as :func:`SAMAdaptLib.study.scans.find_scans` finds them.
        kept: file of what an earlier call found about the scans, which may not be there; None for none.
        progress: called with (scans read, scans in all, name).
        cancelled: asked before every scan.
        processes: that train a cell together.

    Raises:
        InputError: fewer slices a step than processes that share them; scans that cannot be read; a patient in both
            parts of a split; a structure that a part lacks; more slices than there are.
        Cancelled: ``cancelled`` said so.
    """
    check_processes(study.cells, processes)
    folds = split_scans(scans, study.data)
    reading = Reading.of(study.data, scans)
    surveyed, found = survey(scans, reading, kept, progress, cancelled)
    names = structures(surveyed, study.data.classes, folds)
    asked, tasks = tasks_of(study.cells, folds, scans, surveyed, reading, processes)
    return Plan(study, scans, surveyed, folds, names, asked, tasks, found)
