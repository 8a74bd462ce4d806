"""A whole study: what is not done yet is done, what fails is written down, and the tables follow."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.files import changing, read_json, writable_folder, write_json
from SAMAdaptLib.paths import holds, keep_apart
from SAMAdaptLib.study.cell import Listener, run_task
from SAMAdaptLib.study.description import Study, read_study
from SAMAdaptLib.study.naming import row_header, row_words
from SAMAdaptLib.study.plan import SURVEY, Plan, make_plan
from SAMAdaptLib.study.results import CSV, Results
from SAMAdaptLib.study.scans import find_scans
from SAMAdaptLib.study.tables import MARKDOWN, write_tables
from SAMAdaptLib.study.task import ERROR, Task
from SAMAdaptLib.study.times import Times

STUDY = "study.json"
FORMAT_VERSION = 1

is_study = holds(STUDY, "format_version", "version", "title")


def run_study(
    description: Study | str | os.PathLike[str] | Mapping[str, Any],
    output: str | os.PathLike[str],
    *,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Train and test every cell of a study that is not done yet, and write results.csv and results.md.

    A cell that fails is written down with its error, and the others go on; the next call tries it again. A call after
    a kill goes on where that one was.

    Args:
        description: a TOML file, the name of a preset, what such a file holds, or a description that was read.
        output: folder of the study, a new one or that of an earlier call, whose finished cells stay whatever is changed
            in the description.
        listener: called with dicts of "event": "scan" while scans are read; "cell" at the start of each, with "number",
            "of", "row", "key" and "seconds_left"; what its training tells; "test"; "failed" with "error".
        cancelled: asked between slices and steps.

    Returns:
        "cells", by key "done" or the error of each; "table", the rows of results.md; and "files".

    Raises:
        InputError: a description or scans that cannot be used, before any work; results of another version in the
            folder, another study running there, or something else in it.
        Cancelled: ``cancelled`` said so.
    """
    study = description if isinstance(description, Study) else read_study(description)
    output = Path(output)
    tell: Listener = listener or (lambda event: None)
    stop: Callable[[], bool] = cancelled or (lambda: False)
    scans = find_scans(study.data)
    keep_apart(output, [*study.named_inputs(), *(file for scan in scans for file in (scan.image, scan.labels))])
    with changing(writable_folder(output), 0, "Another study is running in the folder"):
        _open(study, output)
        plan = make_plan(study, scans, output / SURVEY, _scans_told(tell), stop)
        return _Runner(plan, output, tell, stop).run()


def _scans_told(tell: Listener) -> Callable[[int, int, str], object]:
    return lambda done, total, name: tell({"event": "scan", "step": done, "total": total, "scan": name})


def _open(study: Study, output: Path) -> None:
    """Note whose folder it is.

    Raises:
        InputError: that of another version, or something else is in it.
    """
    path = output / STUDY
    if path.is_file():
        there = read_json(path, "study")
        version = there.get("version") if isinstance(there, dict) else None
        if version != __version__:
            raise InputError(
                f"The results there are of SAMAdapt {version}, and this is {__version__}",
                output,
                "Choose another folder, or go on with that version",
            )
    cells = [cell.told() for cell in study.cells]
    values = {"format_version": FORMAT_VERSION, "version": __version__, "title": study.title}
    write_json(path, values | {"data": study.data.to_dict(), "cells": cells})


class _Runner:
    """The tasks of a plan, one after the other, in this process."""

    def __init__(self, plan: Plan, output: Path, tell: Listener, cancelled: Callable[[], bool]) -> None:
        self.plan, self.output, self.tell, self.cancelled = plan, output, tell, cancelled
        self.results = Results(plan, output)
        self.errors: dict[str, str] = {}
        self.times = Times()

    def run(self) -> dict[str, Any]:
        """Do what is left."""
        left = [task for task in self.plan.tasks if not task.finished(self.output)]
        for number, task in enumerate(left, start=1):
            seconds = sum(self.times.estimate(one, self.plan).seconds for one in left[number - 1 :])
            told = {"number": number, "of": len(left), "row": self.plan.name_of(task), "seconds_left": seconds}
            self.tell({"event": "cell", "key": task.key, **told})
            if self._one(task):
                self.times.learn(task, self.plan, self.output)
            self.results.refresh([task.key])
            self._write()
        self._write()
        return self._told()

    def _one(self, task: Task) -> bool:
        """Do a task, or note its error; whether it is done."""
        try:
            run_task(task, self.output, self.tell, self.cancelled)
        except Cancelled:
            raise
        except Exception as error:
            text = str(error) if isinstance(error, SAMAdaptError) else f"{type(error).__name__}: {error}"
            self.errors[task.key] = " ".join(text.split())
            written = {"error": self.errors[task.key], "traceback": traceback.format_exc(), "time": time.time()}
            write_json(task.folder(self.output) / ERROR, written)
            self.tell({"event": "failed", "key": task.key, "error": self.errors[task.key]})
        return task.key not in self.errors

    def _write(self) -> None:
        records = {task.key: task.record(self.output) for task in self.plan.tasks}
        write_tables(self.plan, self.results, records, self.errors, self.output)

    def _told(self) -> dict[str, Any]:
        states = {task.key: self.errors.get(task.key, "done") for task in self.plan.tasks}
        header = row_header(self.plan.cells)
        table = [
            dict(zip(header, row_words(row.cell, header), strict=True))
            | {"prompt": row.prompt, "seeds": row.seeds, "of": row.wanted}
            | {name: {"mean": one.mean, "sd": one.sd} for name, one in row.figures.items()}
            for row in self.results.rows()
        ]
        return {"cells": states, "table": table, "files": [self.output / name for name in (CSV, MARKDOWN)]}
