"""What a row of ``samadapt bench`` is: a measurement, what it is compared with in the same run, and a goal.

A file of rows holds ``ROWS``, a tuple of :class:`Row`, and is named in ``FILES`` of ``bench.py``. A row's function is
given the :class:`Machine` and returns :class:`Found`, most often by :func:`alternate`, or raises :class:`CannotRun`.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch

from SAMAdaptLib.sam.precision import encoder_dtype

T = TypeVar("T")

# Pairs of runs whose medians are reported: at least, at most, and no new one after so many seconds.
FEWEST, MOST, SECONDS = 3, 15, 20.0
GEMM_SIDE = 2048


class CannotRun(Exception):
    """A row that this machine has not what it takes for; the words are the reason that is reported."""


@dataclass(frozen=True)
class Check:
    """A number that has to lie on one side of a limit.

    Attributes:
        what: the number, such as "difference".
        value: as measured.
        sense: "<=" or ">=".
        limit: the goal.
    """

    what: str
    value: float
    sense: str
    limit: float

    @property
    def met(self) -> bool:
        """Whether the number is on the right side; NaN is on none."""
        return self.value <= self.limit if self.sense == "<=" else self.value >= self.limit


@dataclass(frozen=True)
class Goal:
    """What a row is to reach.

    Attributes:
        of: "speed" (reference / value), "share" (value / reference) or "value".
        limit: the least for a speed, the most for the others.
    """

    of: str
    limit: float


def faster(times: float) -> Goal:
    """At least so many times as fast as the reference."""
    return Goal("speed", times)


def share(most: float) -> Goal:
    """At most so many times the reference."""
    return Goal("share", most)


def within(most: float) -> Goal:
    """The value itself, in its unit."""
    return Goal("value", most)


class Step(NamedTuple):
    """A measurement at one size of the work.

    Attributes:
        number: of slices, objects ...
        seconds: best of some runs.
        megabytes: taken during the work beyond what is kept of it; None where the system does not tell.
    """

    number: int
    seconds: float
    megabytes: float | None


@dataclass(frozen=True)
class Found:
    """What the function of a row has measured.

    Attributes:
        value: median of SAMAdapt's runs, in ``unit``.
        reference: median of the reference's runs, in the same unit; None where there is nothing to compare with.
        unit: "s", "ms", "MB" ...
        ratio: median of reference / value over the pairs; by default that of the medians.
        flops: floating point operations of one run (a multiplication and an addition are two), where a share of GEMM is
            asked for; ``unit`` is a time then.
        bf16: whether that share is of the bfloat16 GEMM.
        checks: what else has to hold.
        note: what one must know to read the numbers, such as "random weights".
        growth: what was measured at rising sizes, for a row about growth.
    """

    value: float
    reference: float | None = None
    unit: str = "s"
    ratio: float | None = None
    flops: float | None = None
    bf16: bool = False
    checks: tuple[Check, ...] = ()
    note: str = ""
    growth: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Machine:
    """Where the rows run.

    Attributes:
        gemm: FLOP/s of a float32 matrix product of torch, measured first.
        gemm_bf16: the same in bfloat16, None where the processor has none.
        threads: of torch.
        gpu: name of the first CUDA device, "" for none.
    """

    gemm: float
    gemm_bf16: float | None
    threads: int = field(default_factory=torch.get_num_threads)
    gpu: str = ""

    def need_gpu(self) -> None:
        """Raise CannotRun where there is none."""
        if not self.gpu:
            raise CannotRun("no GPU")

    def need_bf16(self) -> None:
        """Raise CannotRun where bfloat16 would be emulated."""
        if self.gemm_bf16 is None:
            raise CannotRun("the processor has no bfloat16")


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: of letters, digits and hyphens; what ``--only`` takes.
        title: for people.
        against: what the reference is, "" for none.
        goal: None where the number is only to be seen.
        measure: the function.
    """

    name: str
    title: str
    against: str
    goal: Goal | None
    measure: Callable[[Machine], Found]


def alternate(
    ours: Callable[[], object],
    reference: Callable[[], object],
    *,
    fewest: int = FEWEST,
    most: int = MOST,
    seconds: float = SECONDS,
    warm: int = 1,
    unit: str = "s",
) -> Found:
    """Run both in turns, and take the medians; which comes first changes from pair to pair.

    Args:
        ours: SAMAdapt's.
        reference: what it is compared with.
        fewest: pairs whatever they take; two where a pair takes longer than ``seconds``.
        most: pairs at most.
        seconds: after which no new pair begins.
        warm: runs of each before, which do not count; none where they took longer than ``seconds``, but count then.
        unit: "s" or "ms".
    """
    mine, theirs = [], []
    begun = time.perf_counter()
    while len(mine) < fewest or (len(mine) < most and time.perf_counter() - begun < seconds):
        pair = [(ours, mine), (reference, theirs)]
        for run, times in pair if len(mine) % 2 == 0 else reversed(pair):
            times.append(timed(run))
        # Of what takes so long the first run is like the others, and there is no time for many.
        if mine[-1] + theirs[-1] > seconds:
            warm, fewest = 0, min(fewest, 2)
        if warm:
            warm, begun = warm - 1, time.perf_counter()
            mine.clear(), theirs.clear()
    scale = {"s": 1.0, "ms": 1000.0}[unit]
    ratio = statistics.median(b / a for a, b in zip(mine, theirs, strict=True))
    return Found(scale * statistics.median(mine), scale * statistics.median(theirs), unit, ratio)


def timed(run: Callable[[], object]) -> float:
    """Seconds of a run, with what it has left for a GPU to do."""
    begun = time.perf_counter()
    run()
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def with_checks(found: Found, *checks: Check, note: str = "") -> Found:
    """The same with more that has to hold, and a note."""
    return replace(found, checks=(*found.checks, *checks), note=note or found.note)


def resident(name: str) -> float | None:
    """MB of this process: "VmRSS" now, "VmHWM" at most so far; None where no Linux tells.

    The system's resource usage would count what the parent had when it started this process, too.
    """
    try:
        told = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return next(float(line.split()[1]) / 1e3 for line in told.splitlines() if line.startswith(name + ":"))


def working_memory(run: Callable[[], T]) -> tuple[T, float | None]:
    """What a run returns, and the MB that it takes beyond what is left when it is over; None where no Linux tells."""
    tidy()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    kept = run()
    tidy()
    most, now = resident("VmHWM"), resident("VmRSS")
    return kept, None if most is None or now is None else most - now


def tidy() -> None:
    """Give back to the system what is free, where the C library can."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def this_machine() -> Machine:
    """Measure the matrix products, best of some."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    # Emulated, one product takes minutes.
    bf16 = _gemm(torch.bfloat16) if encoder_dtype("auto", "cpu") == torch.bfloat16 else None
    return Machine(_gemm(torch.float32), bf16, gpu=gpu)


def _gemm(dtype: torch.dtype) -> float:
    a, b = (torch.randn(GEMM_SIDE, GEMM_SIDE).to(dtype) for _ in range(2))
    torch.mm(a, b)
    return 2 * GEMM_SIDE**3 / min(timed(lambda: torch.mm(a, b)) for _ in range(7))


def outcome(row: Row, machine: Machine) -> dict[str, object]:
    """Run a row and say what came out, whatever happens in it; all values are of JSON."""
    line: dict[str, object] = {"name": row.name, "title": row.title, "against": row.against, "missing": ""}
    begun = time.perf_counter()
    try:
        found = row.measure(machine)
    except CannotRun as error:
        line["missing"] = str(error)
    except Exception as error:  # one row that breaks is no reason to lose the others
        line["missing"] = f"failed: {type(error).__name__}: {error}"
    else:
        line |= judged(row.goal, found, machine)
    return line | {"seconds": round(time.perf_counter() - begun, 1)}


def judged(goal: Goal | None, found: Found, machine: Machine) -> dict[str, object]:
    """The numbers of a row, and whether its goals are met."""
    ratio = found.ratio
    if ratio is None and found.reference is not None:
        ratio = found.reference / found.value if found.value else math.inf
    reached = None
    if goal is not None:
        if goal.of != "value" and ratio is None:
            raise ValueError(f"a goal of {goal.of} needs a reference")
        numbers = {"speed": ratio, "share": ratio and 1 / ratio, "value": found.value}
        reached = Check(goal.of, numbers[goal.of] or 0.0, ">=" if goal.of == "speed" else "<=", goal.limit)
    checks = ([reached] if reached else []) + list(found.checks)
    of_gemm = None
    if found.flops is not None:
        seconds = found.value / {"s": 1.0, "ms": 1000.0}[found.unit]
        gemm = machine.gemm_bf16 if found.bf16 else machine.gemm
        of_gemm = None if gemm is None else found.flops / seconds / gemm
    return {
        "value": found.value,
        "unit": found.unit,
        "reference": found.reference,
        "speed": ratio,
        "gemm_share": of_gemm,
        "goals": [vars(check) | {"met": check.met} for check in checks],
        "met": all(check.met for check in checks) if checks else None,
        "note": found.note,
        "growth": [step._asdict() for step in found.growth],
    }


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
