"""The table of ``samadapt bench``: every row runs or says why not."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

import torch

from SAMAdaptLib.errors import InputError
from Testing.benchmarks.rows import Machine, Row, cores, outcome, this_machine

# One file a subject; each has ROWS.
FILES = ("start", "encoder", "decoder", "training", "volumes", "synthesis", "growth", "gpu")
COLUMNS = ("row", "value", "reference", "", "speed", "of GEMM", "goal", "met")


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
        "processor": platform.machine(),
        "torch": torch.__version__,
        "date": time.strftime("%Y-%m-%d"),
    }


def markdown(machine: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """The table for people: goals with what was reached, and under it what could not run and why."""
    met = [row["met"] for row in rows if row.get("met") is not None]
    missing = [row for row in rows if row["missing"]]
    gemm, gemm_bf16 = (_number(machine[name] / 1e9) for name in ("gemm", "gemm_bf16"))
    lines = [
        "# Benchmark",
        "",
        f"{machine['cores']} cores ({machine['processor']}), {machine['gpu'] or 'no GPU'}, torch {machine['torch']} "
        f"with {machine['threads']} threads, {machine['date']}. A matrix product has {gemm} GFLOP/s in float32 and "
        f"{gemm_bf16} in bfloat16. Values are medians of runs that alternate with those of the reference.",
        "",
        f"{sum(met)} of {len(met)} goals met, {len(missing)} rows could not run.",
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
        f"{_number(row['value'])} {row['unit']}",
        "–" if reference is None else f"{_number(reference)} {row['unit']}",
        row["against"] or "–",
        "–" if row["speed"] is None else f"{_number(row['speed'])}x",
        "–" if share is None else f"{100 * share:.0f} %",
        goals or "–",
        {True: "yes", False: "**no**", None: "–"}[row["met"]],
    ]


def _goal(goal: dict[str, Any], unit: str) -> str:
    sign = "≤" if goal["sense"] == "<=" else "≥"
    if goal["what"] == "value":
        return f"{sign} {_number(goal['limit'])} {unit}"
    if goal["what"] == "speed":
        return f"{sign} {_number(goal['limit'])}x"
    name = "cost" if goal["what"] == "share" else goal["what"]
    times = "x" if goal["what"] == "share" else ""
    return f"{name} {_number(goal['value'])}{times} {sign} {_number(goal['limit'])}{times}"


def _number(value: float) -> str:
    """To three digits, and never as a power of ten where people would not write one."""
    if value and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.1e}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
