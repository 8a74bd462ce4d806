"""The table of ``samadapt bench``: every row runs or says why not."""

from __future__ import annotations

import contextlib
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import InputError, counted
from Testing.benchmarks.rows import Machine, Row, cores, outcome, this_machine

# One file a subject; each has ROWS.
FILES = ("start", "encoder", "decoder", "training", "volumes", "synthesis", "growth", "gpu")
COLUMNS = ("row", "SAMAdapt", "reference", "which is", "ratio", "of GEMM", "goal", "met")


def all_rows() -> tuple[Row, ...]:
    """Those of every file, in their order."""
    return tuple(row for name in FILES for row in import_module(f"Testing.benchmarks.{name}").ROWS)


def chosen(only: Sequence[str]) -> list[Row]:
    """The rows of these names, or whose names begin with them; all where none is given.

    Raises:
        InputError: a name that is no row's.
    """
    rows = all_rows()
    for name in only:
        if not any(row.name.startswith(name) for row in rows):
            raise InputError("No such row", name, f"Give one of {', '.join(row.name for row in rows)}")
    return [row for row in rows if not only or row.name.startswith(tuple(only))]


def measured(rows: Sequence[Row], tell: Callable[[int, int, str], None]) -> Iterator[dict[str, Any]]:
    """First the machine, then row by row what has come out, as JSON; ``tell`` is given (done, all, title) before."""
    tell(0, len(rows), "matrix products")
    machine = this_machine()
    yield described(machine)
    for done, row in enumerate(rows):
        tell(done, len(rows), row.title)
        yield outcome(row, machine)


def described(machine: Machine) -> dict[str, Any]:
    """The machine, as JSON."""
    return vars(machine) | {
        "cores": cores(),
        "processor": _processor(),
        "system": platform.system(),
        "samadapt": f"{__version__} {_commit()}".strip(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def _commit() -> str:
    """Of the sources, "" where git does not tell."""
    with contextlib.suppress(OSError):
        command = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True).stdout.strip()
    return ""


def _processor() -> str:
    """Its name where Linux tells it, else its kind."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def markdown(machine: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """The table for people: goals with what was reached, and under it what could not run and why."""
    met = [row["met"] for row in rows if row.get("met") is not None]
    missing = [row for row in rows if row["missing"]]
    gemm, bf16 = machine["gemm"], machine["gemm_bf16"]
    products = f"{_number(gemm / 1e9)} GFLOP/s in float32"
    products += f" and {_number(bf16 / 1e9)} in bfloat16" if bf16 else "; the processor has no bfloat16"
    minutes = sum(row["seconds"] for row in rows) / 60
    lines = [
        "# Benchmark",
        "",
        f"- Machine: {machine['cores']} cores of {machine['processor']}, {machine['gpu'] or 'no GPU'}, "
        f"{machine['system']}. A matrix product has {products}.",
        f"- Versions: SAMAdapt {machine['samadapt']}, Python {machine['python']}, torch {machine['torch']} with "
        f"{counted(machine['threads'], 'thread')}, numpy {machine['numpy']}.",
        f"- Measured on {machine['date']} in {minutes:.1f} minutes. Values are medians of runs that alternate with "
        "those of the reference; the ratio is how many times as fast as it, or what it costs of it.",
        f"- {sum(met)} of {len(met)} goals met, {len(missing)} rows could not run.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|---" * len(COLUMNS) + "|",
    ]
    lines += [line(row) for row in rows]
    notes = [f"- {row['title']}: {row['note']}" for row in rows if row.get("note")]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def line(row: dict[str, Any]) -> str:
    """A row of the table for people."""
    return "| " + " | ".join(_cells(row)) + " |"


def _cells(row: dict[str, Any]) -> list[str]:
    if row["missing"]:
        return [row["title"], "–", "–", row["against"], "–", "–", "–", row["missing"]]
    share, reference = row["gemm_share"], row["reference"]
    goals = "; ".join(_goal(goal, row["unit"]) for goal in row["goals"])
    return [
        row["title"],
        f"{_number(row['value'])} {row['unit']}".strip(),
        "–" if reference is None else f"{_number(reference)} {row['unit']}",
        row["against"] or "–",
        "–" if row["speed"] is None else _ratio(row),
        "–" if share is None else f"{100 * share:.0f} %",
        goals or "–",
        {True: "yes", False: "**no**", None: "–"}[row["met"]],
    ]


def _ratio(row: dict[str, Any]) -> str:
    """How many times as fast as the reference, or what it costs of it, as the goal has it."""
    if any(goal["what"] == "share" for goal in row["goals"]):
        return f"costs {_number(1 / row['speed'])}x"
    return f"{_number(row['speed'])}x as fast"


def _goal(goal: dict[str, Any], unit: str) -> str:
    sign, limit = "≤" if goal["sense"] == "<=" else "≥", _number(goal["limit"])
    shown = {"value": f"{sign} {limit} {unit}".strip(), "speed": f"{sign} {limit}x", "share": f"costs {sign} {limit}x"}
    return shown.get(goal["what"]) or f"{goal['what']} {_number(goal['value'])} {sign} {limit}"


def _number(value: float) -> str:
    """To three digits, and never as a power of ten where people would not write one."""
    if value and not 1e-3 <= abs(value) < 1e7:
        digits, power = f"{value:.1e}".split("e")
        return f"{digits.removesuffix('.0')}e{int(power)}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
