"""How long cells will take: by their budgets, by what cells before them took, and else by a rough count."""

from __future__ import annotations

import contextlib
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import read_json, write_json
from SAMAdaptLib.sam.kept import TIMES
from SAMAdaptLib.sam.registry import check_size, get_model
from SAMAdaptLib.sam.weights.locate import cache_folder
from SAMAdaptLib.study.config import UNET
from SAMAdaptLib.study.naming import row_header, row_words
from SAMAdaptLib.study.plan import Plan
from SAMAdaptLib.study.task import Task

TRAINING, TEST = "training", "test"
# Of 10^9 operations: one answer of the decoder (docs/performance.md), and an encoder of which nothing is said.
DECODE, ENCODE = 2.0, 500.0
# Of 10^9 operations: a slice through the U-Net.
UNET_WORK = 3.0
# A training step goes forth and back; the way back costs somewhat more than the way there.
BACK = 1.4
# Share of a processor's speed in large products that networks reach.
REACHED = 0.4
SIDE = 1024
# Loading torch and a model, which every cell does.
START_S = 10.0


@dataclass(frozen=True)
class Estimate:
    """Seconds of a task, and whether anything but a rough count speaks for them."""

    seconds: float
    known: bool


def step_work(task: Task) -> float:
    """A rough number of operations, 10^9, of a training step."""
    config = task.cell.config
    if task.cell.other == UNET:
        return config.batch_size * UNET_WORK * (1 + BACK)
    prompts = config.prompts_per_slice * (1 + config.corrections)
    return config.batch_size * (_encode(task) + prompts * DECODE) * (1 + BACK)


def test_work(task: Task, plan: Plan) -> list[float]:
    """A rough number of operations, 10^9, of the tests on each of a task's scans; the plan knows what is on them."""
    surveyed = {seen.fingerprint: seen for seen in plan.surveyed}
    found = []
    for target in task.targets:
        encoded, answered = set[int](), 0
        for trial in task.trials:
            scoring = trial.scoring()
            asked = 1 if scoring.automatic else 1 + scoring.strategy.clicks
            for areas in surveyed[target.fingerprint].areas.values():
                slices = sorted(areas)
                if not trial.propagate and scoring.choose is not None:
                    slices = scoring.choose(np.array(slices))
                encoded.update(slices)
                answered += len(slices) * asked
        found.append(len(encoded) * _encode(task) + answered * DECODE)
    return found


def _encode(task: Task) -> float:
    if task.cell.other == UNET:
        return UNET_WORK
    base = get_model(task.cell.config.model)
    side = check_size(base, task.cell.config.input_size) / base.input_size
    return (base.gflop or ENCODE) * side**2


class Times:
    """What cells took on this machine, in seconds for 10^9 operations.

    Args:
        folder: where it is kept between studies; by default the cache folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or cache_folder()) / TIMES
        self._known: dict[str, float] = {}
        with contextlib.suppress(InputError, TypeError, ValueError, AttributeError):
            found = read_json(self._path, "times of cells")
            self._known = {str(key): float(value) for key, value in found.items()}

    def learn(self, task: Task, plan: Plan, output: Path, keep: bool = True) -> None:
        """Take note of a task that was done.

        Args:
            task: done now.
            plan: of it.
            output: folder of the study.
            keep: for other studies, too.
        """
        training = task.record(output).get("training")
        if training and training["seconds"] and training["steps"]:
            self._known[_key(TRAINING, task)] = training["seconds"] / training["steps"] / step_work(task)
        rates = []
        for target, work in zip(task.targets, test_work(task, plan), strict=True):
            scores = task.scores(output, target)
            seconds = [scores[key]["seconds"] for key in map(task.trial_key, task.trials) if key in scores]
            rates += [sum(seconds) / work] if work and len(seconds) == len(task.trials) else []
        if rates:
            # The first scan of a process takes longer, as what measures is loaded then.
            self._known[_key(TEST, task)] = float(np.median(rates[1:] or rates))
        if not keep:
            return
        # A cache that cannot be written is no reason to fail.
        with contextlib.suppress(InputError, OSError):
            write_json(self._path, self._known, private=True)

    def estimate(self, task: Task, plan: Plan) -> Estimate:
        """How long a task takes from its beginning."""
        config = task.cell.config
        tested, known = self._rate(TEST, task)
        seconds = START_S + sum(test_work(task, plan)) * tested
        if not task.cell.trained:
            return Estimate(seconds, known)
        budget = None if config.budget_minutes is None else 60 * config.budget_minutes
        seconds += self._before(task)
        if config.steps is None:
            return Estimate(seconds + (budget or 0.0), known)
        rate, sure = self._rate(TRAINING, task)
        training = config.steps * step_work(task) * rate
        return Estimate(seconds + (training if budget is None else min(budget, training)), known and sure)

    def _before(self, task: Task) -> float:
        """Seconds of a pretraining, which cells may share."""
        if task.pretraining is None:
            return 0.0
        config = task.pretraining.config
        budget = math.inf if config.budget_minutes is None else 60 * config.budget_minutes
        work = config.batch_size * len(config.weights) * _encode(task) * (1 + BACK)
        return min(budget, math.inf if config.steps is None else config.steps * work * self._rate(TRAINING, task)[0])

    def _rate(self, kind: str, task: Task) -> tuple[float, bool]:
        """Seconds for 10^9 operations, and whether a cell of this kind was timed."""
        own = _key(kind, task)
        if own in self._known:
            return self._known[own], True
        device = own.rsplit(" ", 1)[1]
        others = [rate for key, rate in self._known.items() if key.startswith(kind) and key.endswith(f" {device}")]
        return (float(np.median(others)) if others else _measured() / REACHED), False


def _key(kind: str, task: Task) -> str:
    cell, config = task.cell, task.cell.config
    size = config.input_size or "native"
    together = f" by {task.processes}" if kind == TRAINING and task.processes > 1 else ""
    return f"{kind} {config.model} {size} {cell.method}{together} {config.precision} {config.device}"


_speed: list[float] = []


def _measured() -> float:
    """Seconds that the processor takes for 10^9 operations of a large matrix product in 32 bit."""
    if not _speed:
        matrix = np.ones((SIDE, SIDE), np.float32)
        matrix @ matrix
        begun = time.perf_counter()
        matrix @ matrix
        _speed.append((time.perf_counter() - begun) / (2 * SIDE**3 / 1e9))
    return _speed[0]


def timetable(plan: Plan, output: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """A row for every row of the description's tables, with its cells and the time that they take.

    Args:
        plan: of the study.
        output: its folder, of which finished cells are known; None for a study that has none yet.

    Returns:
        dicts of "row" in words, "cells", "done", "seconds_each" (of one cell that shares nothing with others),
        "seconds_left", and "known": whether more than a rough count speaks for them.
    """
    times, header = Times(), row_header(plan.cells)
    rows: dict[str, dict[str, Any]] = {}
    counted: set[str] = set()
    estimates = {task.key: times.estimate(task, plan) for task in plan.tasks}
    done = {task.key: output is not None and task.finished(Path(output)) for task in plan.tasks}
    for asked in plan.asked:
        words = ", ".join(word for word in row_words(asked.cell, header) if word != "-")
        row = rows.setdefault(words, {"row": words, "cells": 0, "done": 0, "seconds_left": 0.0, "known": True})
        found = estimates[asked.task]
        row["cells"] += 1
        row["done"] += done[asked.task]
        row["seconds_each"] = found.seconds
        row["known"] &= found.known
        # Cells that share their work take its time once.
        row["seconds_left"] += 0.0 if done[asked.task] or asked.task in counted else found.seconds
        counted.add(asked.task)
    return [*rows.values()]
