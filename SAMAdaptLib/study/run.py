"""A whole study: what is not done yet is done, what fails is written down, and the tables follow."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import read_mapping, refuse_newer, sweep, writable_folder, write_json
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import holds, keep_apart, require_same_version, require_still
from SAMAdaptLib.study.cell import Ended, Listener, attempt
from SAMAdaptLib.study.description import Study, read_study
from SAMAdaptLib.study.launch import check_devices, check_processes
from SAMAdaptLib.study.naming import row_header, row_words
from SAMAdaptLib.study.plan import SURVEY, Plan, make_plan
from SAMAdaptLib.study.results import CSV, Results
from SAMAdaptLib.study.scans import Scan, find_scans
from SAMAdaptLib.study.tables import MARKDOWN, write_tables
from SAMAdaptLib.study.task import FOLDER, LIBRARIES, STUDY, Task
from SAMAdaptLib.study.times import Times

if TYPE_CHECKING:
    from SAMAdaptLib.study.cluster import Crew

FORMAT_VERSION = 1

is_study = holds(STUDY, "format_version", "version", "title")


def run_study(
    description: Study | str | os.PathLike[str] | Mapping[str, Any],
    output: str | os.PathLike[str],
    *,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    processes: int = 1,
    threads: int | None = None,
) -> dict[str, Any]:
    """Train and test every cell of a study that is not done yet, and write results.csv and results.md.

    A cell that fails is written down with its error, and the others go on; the next call tries it again. A call after
    a kill goes on where that one was.

    Args:
        description: a TOML file, the name of a preset, what such a file holds, or a description that was read.
        output: folder of the study, a new one or that of an earlier call, whose finished cells stay whatever is changed
            in the description.
        listener: called with dicts of "event": "scan" while scans are read; "cell" at the start of each, with "number",
            "of", "row", "seconds_left", "worker" (its address, "" in this process) and "again" (a worker was lost with
            it); what its training tells; "test"; "failed" with "error"; "finished". All but the first have the cell's
            "key", by which those that are done at the same time are told apart.
        cancelled: asked between slices and steps.
        workers: processes of this machine, each of which does a cell at a time; 1 is this process.
        scheduler: address of a running dask cluster whose workers do the cells, in place of ``workers``; they see the
            scans and ``output`` under the same paths.
        processes: that train a cell together, where a SAM is adapted, each with a GPU or its share of the cores; they
            share the slices of a step, and one of them tests. Trainings by another number are cells of their own.
        threads: with which each cell is done, on any worker, so that figures do not depend on how many there are; by
            default this process has all cores, workers of this machine their share, others what they declare.

    Returns:
        "cells", by key "done" or the error of each; "table", the rows of results.md; and "files".

    Raises:
        InputError: a description or scans that cannot be used, before any work; results of another version in the
            folder, another study running there, or something else in it; workers without what they need; fewer GPUs or
            slices a step than processes, or fewer threads.
        Cancelled: ``cancelled`` said so.
    """
    study = description if isinstance(description, Study) else read_study(description)
    output = Path(output)
    tell: Listener = listener or (lambda event: None)
    stop: Callable[[], bool] = cancelled or (lambda: False)
    scans = find_scans(study.data)
    keep_apart(output, [*study.named_inputs(), *(file for scan in scans for file in scan.files)])
    with contextlib.ExitStack() as stack:
        check_processes(study.cells, processes)
        stack.enter_context(_with_threads(threads, processes))
        crew = _crew(study, scans, output, _Hands(workers, scheduler, processes, threads), stack)
        # A folder that is not there yet is made once nothing is left to be refused.
        there = output.is_dir()
        if there:
            stack.enter_context(_alone_in(output))
            _check_version(output)
        plan = make_plan(study, scans, output / SURVEY, _scans_told(tell), stop, processes)
        if not there:
            stack.enter_context(_alone_in(output))
        # Workers of a scheduler that was lost may still be at it, so that age decides.
        for folder in (output, output / LIBRARIES, *(task.folder(output) for task in plan.tasks)):
            sweep(folder)
        _note_down(plan, output)
        return _Runner(plan, output, tell, stop, crew).run()


def told_of(folder: Path) -> dict[str, Any]:
    """What stands in the file of a study.

    Raises:
        InputError: there is none, it is damaged, or a newer version wrote it.
    """
    path = folder / STUDY
    told = read_mapping(path, "study", remedy="Delete it and run `samadapt study` again, which writes it anew")
    version = told.get("format_version")
    by = str(told.get("version", ""))
    refuse_newer(version if isinstance(version, int) else 0, FORMAT_VERSION, "study", folder, by)
    return told


def failures(found: Mapping[str, Any], output: str | os.PathLike[str]) -> list[str]:
    """The errors of cells that failed, of what :func:`run_study` has returned.

    Raises:
        InputError: all of them did.
    """
    failed = [state for state in found["cells"].values() if state != "done"]
    if failed and len(failed) == len(found["cells"]):
        what = f"All {len(failed)} cells failed, the first" if len(failed) > 1 else "The only cell failed"
        raise InputError(f"{what}: {failed[0].rstrip('.')}", output, "See results.md there")
    return failed


class _Hands(NamedTuple):
    """Who does the work, see :func:`run_study`."""

    workers: int
    scheduler: str | None
    processes: int
    threads: int | None


def _crew(
    study: Study, scans: Sequence[Scan], output: Path, hands: _Hands, stack: contextlib.ExitStack
) -> Crew | None:
    """The workers that were asked for; None for this process."""
    workers, scheduler, processes, threads = hands
    if workers < 1 or (scheduler is not None and workers != 1):
        raise InputError("Give a number of workers from 1, or a scheduler", None, "A scheduler has workers of its own")
    together = tuple(dict.fromkeys(cell.config.device for cell in study.cells if not cell.other))
    if scheduler is None:
        check_devices(together, processes)
        if workers == 1:
            return None
    for package in ("distributed", "cryptography"):
        if importlib.util.find_spec(package) is None:
            remedy = 'Install it with: pip install "samadapt[cluster]"'
            raise InputError("Several workers need a package that is not installed", package, remedy)
    from SAMAdaptLib.study.cluster import Crew, connected, local_devices, started
    from SAMAdaptLib.study.worker import Required

    own = [cell.own for cell in study.cells]
    named = [path for one in own for path in (one.checkpoint, one.start_from) if path is not None]
    files = dict.fromkeys([*(file for scan in scans for file in scan.files), *map(Path, named)])
    if scheduler is not None:
        required = Required((*files,), processes=processes, together=together)
        return Crew(stack.enter_context(connected(scheduler)), output, required, threads)
    on_gpu = any(cell.config.device != "cpu" for cell in study.cells)
    devices = local_devices(workers, processes) if on_gpu else ()
    required = Required((*files,), local=True, devices=devices)
    return Crew(stack.enter_context(started(workers, threads)), output, required, threads)


@contextlib.contextmanager
def _with_threads(threads: int | None, processes: int) -> Iterator[None]:
    """Do what is done by torch in this process with so many threads; raises InputError for too few."""
    import torch

    if threads is None:
        yield
        return
    if threads < processes:
        raise InputError(f"{threads} threads for each cell", None, f"Give a number of threads from {processes}")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _scans_told(tell: Listener) -> Callable[[int, int, str], object]:
    return lambda done, total, name: tell({"event": "scan", "step": done, "total": total, "scan": name})


def _alone_in(output: Path) -> contextlib.AbstractContextManager[None]:
    """Keeps a second study out of the folder."""
    return changing(writable_folder(output), 0, "Another study is running in the folder")


def _check_version(output: Path) -> None:
    """Raises InputError for a folder with results of another version, or with something else in the study's place."""
    path = output / STUDY
    if path.is_file():
        require_same_version(told_of(output).get("version"), output)


def _note_down(plan: Plan, output: Path) -> None:
    """Note whose folder it is, and what is on the scans."""
    cells = [cell.told() for cell in plan.study.cells]
    values = {"format_version": FORMAT_VERSION, "version": __version__, "title": plan.study.title}
    write_json(output / STUDY, values | {"data": plan.study.data.to_dict(), "cells": cells}, anew=False)
    write_json(output / SURVEY, plan.survey, anew=False)


class _Runner:
    """The tasks of a plan, one after the other in this process, or by a crew."""

    def __init__(
        self, plan: Plan, output: Path, tell: Listener, cancelled: Callable[[], bool], crew: Crew | None
    ) -> None:
        self.plan, self.output, self.tell, self.cancelled, self.crew = plan, output, tell, cancelled, crew
        self.results = Results(plan, output)
        self.errors: dict[str, str] = {}
        self.times = Times()
        self.left = {task.key: task for task in plan.tasks if not task.finished(output)}
        self.numbers = {key: number for number, key in enumerate(self.left, start=1)}

    def run(self) -> dict[str, Any]:
        """Do what is left."""
        left = [*self.left.values()]
        ended = self._here(left) if self.crew is None else self.crew.do(left, self._begin, self.tell, self.cancelled)
        with contextlib.closing(ended):
            for key, error in ended:
                require_still(self.output / STUDY, FOLDER)
                task = self.left.pop(key)
                if error is None:
                    # Other machines, and processes that share this one, are no measure for it.
                    self.times.learn(task, self.plan, self.output, keep=self.crew is None)
                    self.tell({"event": "finished", "key": key})
                else:
                    self.errors[key] = error
                    self.tell({"event": "failed", "key": key, "error": error})
                self.results.refresh([key])
                self._write()
        self._write()
        return self._told()

    def _here(self, tasks: Sequence[Task]) -> Ended:
        for task in tasks:
            self._begin(task.key)
            yield task.key, attempt(task, self.output, self.tell, self.cancelled)

    def _begin(self, key: str, worker: str = "", again: bool = False) -> None:
        seconds = sum(self.times.estimate(one, self.plan).seconds for one in self.left.values())
        at_once = 1 if self.crew is None else min(self.crew.size, len(self.left))
        told = {"number": self.numbers[key], "of": len(self.numbers), "row": self.plan.name_of(self.left[key])}
        told |= {"seconds_left": seconds / at_once, "worker": worker, "again": again}
        self.tell({"event": "cell", "key": key, **told})

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
