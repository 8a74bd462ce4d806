"""Rows of how the work grows: the exponent of its time in the number of things, 1 where it is linear."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.volume.intensity import Intensity
from Testing.benchmarks.made import organs, predictor
from Testing.benchmarks.rows import Found, Machine, Row, timed, within

LINEAR = 1.1


def exponent(times: dict[int, float]) -> Found:
    """Slope of log time over log number, by least squares."""
    slope = float(np.polyfit(np.log([*times]), np.log([*times.values()]), 1)[0])
    told = ", ".join(f"{number}: {seconds:.2g} s" for number, seconds in times.items())
    return Found(slope, unit="exponent", note=told)


def _best(run: Callable[[], object], times: int = 3) -> float:
    return min(timed(run) for _ in range(times))


def slices(machine: Machine) -> Found:
    """Propagation without its model, whose time a slice does not depend on how many there are."""
    mask = np.zeros((256, 256), bool)
    mask[80:160, 90:170] = True
    answer = SliceResult(mask, np.where(mask[::4, ::4], 5.0, -5.0).astype(np.float32), 0.9)
    prompt = Prompt(box=np.array([90, 80, 169, 159]))

    def through(count: int) -> None:
        finish(propagate(lambda index, asked: answer, {count // 2: prompt}, count, mask.shape))

    return exponent({count: _best(lambda count=count: through(count)) for count in (50, 100, 200, 400)})


def objects(machine: Machine) -> Found:
    """Boxes on an encoded slice of 256²."""
    frame = predictor().frame((256, 256))
    volume, _ = organs((10, 256, 256), 1)
    embedding = predictor().encode(volume.array[5].clip(0, 255).astype(np.uint8), frame)
    prompt = Prompt(box=np.array([60, 60, 180, 180]))
    times = {}
    for count in (1, 2, 4, 8, 16, 32):
        times[count] = _best(lambda count=count: predictor().decode(embedding, [prompt] * count, frame))
    return exponent(times)


def exemplars(machine: Machine) -> Found:
    """A library from the first exemplar to the last, and opening it again."""
    times, made = {}, 0
    volume, labels = organs((1300, 64, 64), 2)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.create(Path(folder) / "library")
        seconds = 0.0
        for target in (10, 30, 100, 300, 1000):

            def fill(target: int = target, made: int = made) -> None:
                for index in range(made, target):
                    library.add(volume, labels, "axial", 140 + index, Intensity.parse("minmax"))

            seconds += timed(fill)
            made = target
            times[target] = seconds + _best(lambda: Library.open(library.folder))
            # Where it is quadratic the rest would take minutes, and tell nothing new.
            if seconds > 20:
                break
    return exponent(times)


ROWS = (
    Row("growth-slices", "growth with slices, 50 to 400", "", within(LINEAR), slices),
    Row("growth-objects", "growth with objects, 1 to 32", "", within(LINEAR), objects),
    Row("growth-exemplars", "growth with exemplars, 10 to 1000", "", within(LINEAR), exemplars),
)
