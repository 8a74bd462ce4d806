"""The longest time for which the application does not react, while other processes work for it.

    python Testing/benchmarks/event_loop.py [--model lite_medsam] [--slices 600] [--seconds 15] [--json FILE]

A timer of 5 ms beats in the event loop of the stand-in for the application (Testing/harness), with the real effect and
panel logic; "gap" is the time between two beats. Where nothing is done ("idle") it tells what the machine itself takes.
Views are not drawn.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.files import write_json
from Testing.benchmarks.click import PATIENCE, SIDE, Editing
from Testing.benchmarks.worker import phantom

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

BEAT_MS = 5
GAP_LIMIT = 100.0
REACH = 6
TRAINING = {"prompts_per_slice": 1, "batch_size": 1, "synthesis": False, "device": "cpu"}


class Heartbeat:
    """Beats while it is in use.

    Attributes:
        gaps: ms between beats.
    """

    def __enter__(self) -> Heartbeat:
        from PySide6.QtCore import Qt, QTimer

        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)
        return self

    def __exit__(self, *_: Any) -> None:
        self._timer.stop()
        self._beat()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now


def observe(editing: Editing, begin: Callable[[], Any], over: Callable[[], bool]) -> dict[str, float]:
    """Gaps in ms from ``begin`` until ``over``."""
    gc.collect()
    with Heartbeat() as heart:
        started = time.perf_counter()
        begin()
        editing.until(over)
        seconds = time.perf_counter() - started
    gaps = np.array(heart.gaps)
    return {"seconds": seconds, "longest": gaps.max(), "p99": float(np.percentile(gaps, 99)), "beats": len(gaps)}


def library(folder: Path, editing: Editing) -> Path:
    """Two exemplars of the phantom with its bright part labelled."""
    import slicer
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    from Testing.harness import scenes

    rows, columns = np.mgrid[:SIDE, :SIDE]
    mask = (rows - 230) ** 2 + (columns - 300) ** 2 < 60**2
    labels = np.zeros(editing.volume.GetImageData().GetDimensions()[::-1], np.uint8)
    indices = (len(labels) // 3, len(labels) // 2)
    labels[list(indices)] = mask
    node = scenes.segmentation(editing.volume, part=labels)
    logic = SAMAdaptLogic()
    for index in indices:
        logic.addExemplar(editing.volume, node, index, library=folder)
    slicer.mrmlScene.RemoveNode(node)
    return folder


def measure(model: str, slices: int, seconds: float) -> dict[str, dict[str, float]]:
    """Each kind of work with its gaps."""
    editing = Editing(phantom(slices), model)
    found: dict[str, dict[str, float]] = {}
    try:
        end = time.monotonic() + 2
        found["idle"] = observe(editing, lambda: None, lambda: time.monotonic() > end)
        found["start, volume copied"] = observe(
            editing, editing.activate, lambda: editing.session.info is not None and not editing.session.busy
        )
        session, bench = editing.session, editing.editor.effect.workbench
        plane = editing.scroll(slices // 2)
        found["slice encoded"] = observe(editing, editing.view.enter, lambda: session.isReady(plane))
        plane = editing.encoded(slices // 2)
        world = plane.pixelToWorld(np.array([[300.0, 230.0]]))[0]
        # A click waits for its answer within the event, and is timed elsewhere.
        editing.view.clickAt(world)
        editing.until(lambda: not editing.controller.waiting)
        ui = editing.editor.effect.options.ui
        ui.reachSpinBox.value = REACH
        ui.minIoUSpinBox.value = 0.05
        found["propagation"] = observe(editing, ui.bothButton.click, lambda: not bench.propagation.running)
        found["undo"] = observe(editing, editing.editor.undo, lambda: True)
        editing.editor.setActiveEffect(None)
        session.close()
        found["training"] = training(editing, model, seconds)
    finally:
        editing.close()
    return found


def training(editing: Editing, model: str, seconds: float) -> dict[str, float]:
    """From the start of a training to its end, stopped so many seconds after its first step."""
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    logic = SAMAdaptLogic()
    steps, over = [], []
    logic.runs.progress.connect(lambda values: steps.append(time.monotonic()))
    for signal in (logic.runs.finished, logic.runs.failed, logic.runs.stopped):
        signal.connect(over.append)
    try:
        with tempfile.TemporaryDirectory() as folder:
            exemplars = library(Path(folder) / "library", editing)

            def begin() -> None:
                logic.fineTune(exemplars, "benchmark", model=model, steps=10**6, waitForCompletion=False, **TRAINING)

            def done() -> bool:
                if steps and time.monotonic() > steps[0] + seconds and logic.runs.running:
                    logic.runs.stop()
                return bool(over)

            found = observe(editing, begin, done)
        if isinstance(over[0], Exception):
            raise over[0]
        return found
    finally:
        logic.close()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lite_medsam")
    parser.add_argument("--slices", type=int, default=600)
    parser.add_argument(
        "--seconds", type=float, default=15, help=f"of training; each step waits {PATIENCE:g} s at most"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    found = measure(args.model, args.slices, args.seconds)
    print(f"{SIDE}x{SIDE}x{args.slices}, beats of {BEAT_MS} ms, gaps in ms")
    print(f"{'':>22}{'seconds':>10}{'99th':>10}{'longest':>10}   within {GAP_LIMIT:g} ms")
    for name, row in found.items():
        line = f"{name:>22}{row['seconds']:>10.1f}{row['p99']:>10.1f}{row['longest']:>10.1f}"
        print(f"{line}   {row['longest'] <= GAP_LIMIT}")
    if args.json is not None:
        write_json(args.json, found)


if __name__ == "__main__":
    main()
