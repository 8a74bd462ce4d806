"""Rows of how the work grows: the exponent of its time in the number of things, 1 where it is linear."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import Propagated, finish, propagate
from SAMAdaptLib.volume.captions import write_png
from SAMAdaptLib.volume.intensity import Intensity
from Testing.benchmarks.made import organs, predictor
from Testing.benchmarks.rows import Check, Found, Machine, Row, Step, timed, within, working_memory

LINEAR = 1.1
# What the work may take more at the largest size than at the smallest.
FLAT_MB = 100.0
# Of Okabe and Ito, which most colour-blind people can tell apart.
COLOURS, MARKERS = ("#0072B2", "#D55E00", "#009E73"), "os^"


def grown(steps: list[Step], note: str = "") -> Found:
    """Slope of log time over log number, by least squares, and how much more memory the largest size takes."""
    slope = float(np.polyfit(np.log([s.number for s in steps]), np.log([s.seconds for s in steps]), 1)[0])
    told = ", ".join(f"{step.number}: {step.seconds:.2g} s" for step in steps)
    first, last = steps[0].megabytes, steps[-1].megabytes
    flat = () if first is None or last is None else (Check("MB more", max(0.0, last - first), "<=", FLAT_MB),)
    return Found(slope, unit="", checks=flat, note=f"{told}. {note}".strip(), growth=tuple(steps))


def step(number: int, run: Callable[[], object], times: int = 3) -> Step:
    """Time and memory of a run: the best of some, and what one takes."""
    return Step(number, min(timed(run) for _ in range(times)), working_memory(run)[1])


def slices(machine: Machine) -> Found:
    """Propagation without its model, whose time a slice does not depend on how many there are."""
    mask = np.zeros((256, 256), bool)
    mask[80:160, 90:170] = True
    answer = SliceResult(mask, np.where(mask[::4, ::4], 5.0, -5.0).astype(np.float32), 0.9)
    prompt = Prompt(box=np.array([90, 80, 169, 159]))

    def through(count: int) -> Propagated:
        return finish(propagate(lambda index, asked: answer, {count // 2: prompt}, count, mask.shape))

    return grown([step(count, lambda count=count: through(count)) for count in (50, 100, 200, 400)])


def objects(machine: Machine) -> Found:
    """Boxes on an encoded slice of 256²."""
    frame = predictor().frame((256, 256))
    volume, _ = organs((10, 256, 256), 1)
    embedding = predictor().encode(volume.array[5].clip(0, 255).astype(np.uint8), frame)
    prompt = Prompt(box=np.array([60, 60, 180, 180]))
    return grown([
        step(count, lambda count=count: predictor().decode(embedding, [prompt] * count, frame))
        for count in (1, 2, 4, 8, 16, 32)
    ])  # fmt: skip


def exemplars(machine: Machine) -> Found:
    """A library from the first exemplar to the last, and opening it again."""
    steps, made = [], 0
    volume, labels = organs((1300, 64, 64), 2)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.create(Path(folder) / "library")
        seconds = 0.0
        for target in (10, 30, 100, 300, 1000):

            def fill(target: int = target, made: int = made) -> float:
                begun = time.perf_counter()
                for index in range(made, target):
                    library.add(volume, labels, "axial", 140 + index, Intensity.parse("minmax"))
                return time.perf_counter() - begun

            spent, megabytes = working_memory(fill)
            seconds, made = seconds + spent, target
            again = min(timed(lambda: Library.open(library.folder)) for _ in range(3))
            steps.append(Step(target, seconds + again, megabytes))
            # Where it is quadratic the rest would take minutes, and tell nothing new.
            if seconds > 30:
                break
    return grown(steps)


def plot(rows: Sequence[dict[str, Any]], path: Path) -> Path:
    """Draw time and memory over the number of things, from the JSON of rows; those without growth are left out.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), dpi=120, layout="constrained", facecolor="white")
    times, memory = figure.subplots(1, 2)
    for row, colour, marker in zip([row for row in rows if row.get("growth")], COLOURS, MARKERS, strict=False):
        numbers, seconds, megabytes = (
            np.array([step[name] for step in row["growth"]], float) for name in ("number", "seconds", "megabytes")
        )
        name = row["title"].removeprefix("exponent of growth with ").split(",")[0]
        look = {"color": colour, "marker": marker, "linewidth": 1.8, "markersize": 6}
        times.plot(numbers, seconds, label=f"{name}: exponent {row['value']:.2f}", **look)
        # From where the line of linear growth would have come to the largest.
        times.plot(numbers, seconds[-1] * numbers / numbers[-1], color=colour, linewidth=1, linestyle=":")
        memory.plot(numbers, megabytes, label=name, **look)
    times.plot([], [], color="black", linewidth=1, linestyle=":", label="linear")
    times.set(xscale="log", yscale="log", xlabel="number", ylabel="time (s)", title="Time")
    memory.set(xscale="log", xlabel="number", ylabel="memory beyond what is kept (MB)", title="Working memory")
    memory.set_ylim(0, 1.15 * max(memory.get_ylim()[1], FLAT_MB))
    for axes in (times, memory):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return write_png(figure, path)


ROWS = (
    Row("growth-slices", "exponent of growth with slices, 50 to 400", "", within(LINEAR), slices),
    Row("growth-objects", "exponent of growth with objects, 1 to 32", "", within(LINEAR), objects),
    Row("growth-exemplars", "exponent of growth with exemplars, 10 to 1000", "", within(LINEAR), exemplars),
)
