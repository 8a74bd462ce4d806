"""From a click in a slice view to the mask in the segment, with the real effect, for large volumes; and the memory.

    python Testing/benchmarks/click.py [--model lite_medsam] [--clicks 40] [--slices 64 600] [--json FILE]

Runs on the stand-in for the application (Testing/harness), without live preview: a click is written at once. The
embedding is ready before it. Every other click refines the object of the one before it, the others start a new one.
"organ": on four slices 12 apart. "body": on four slices from one end of the volume to the other, so that undo states
and the editor's merging, both of which the application does over the segment's whole extent, are as large as they get.

"own" is all but the decoder, "cpu" what this process has computed meanwhile, which tells on a busy machine too. Views
are drawn in software here, which is timed apart: "frame" is one picture of all three.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.files import write_json
from SAMAdaptLib.volume.geometry import Geometry
from Testing.benchmarks.worker import SIDE, phantom

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PATIENCE = 300.0
SPACING = (0.8, 0.8, 1.0)
FIRST = 0.4
STAGES = ("queue", "decode", "pack", "transfer", "write", "render")
MILLISECONDS = ("total", "own", *STAGES, "rest", "cpu", "frame")
# The size of a view in the usual layout of a large screen.
VIEW_SIZE = (900, 500)
CLICK_LIMIT, OWN_LIMIT = 150.0, 50.0
CLICKS_PER_FRAME = 5
HOVER_SECONDS = 5.0


class Editing:
    """The application with a volume in its views and the effect active on an empty segment.

    Args:
        array: [K, J, I].
        model: name of a base model.
        parameters: of the effect.
    """

    def __init__(self, array: np.ndarray, model: str = "lite_medsam", **parameters: Any) -> None:
        from Testing.harness.application import Application

        self.application = Application.start()
        from Testing.harness import scenes

        module = Path(__file__).resolve().parents[2] / "SAMAdapt" / "SAMAdapt.py"
        self.application.loadModule(module)
        geometry = Geometry.from_lps(array.shape[::-1], SPACING, (0, 0, 0), np.eye(3).ravel())
        self.volume = scenes.volume(matrix=geometry.ijk_to_ras, array=array, name="phantom")
        self.segmentation = scenes.segmentation(self.volume, "object")
        self.editor = self.application.segmentEditor(self.segmentation, self.volume, "object")
        for name, value in {"Model": model, **parameters}.items():
            self.editor.effectByName("SAM Adapt").setParameter(name, value)
        self.view = self.application.view("Red")
        for name in ("Red", "Green", "Yellow"):
            self.application.view(name).resize(*VIEW_SIZE)
            self.application.view(name).show(self.volume)

    def activate(self) -> None:
        """Start the effect, and with it the worker and the copy of the volume."""
        self.editor.setActiveEffect("SAM Adapt")
        self.session = self.editor.effect.workbench.session
        self.controller = self.editor.effect.workbench.controller

    def plane(self) -> Any:
        """What the Red view shows."""
        from SAMAdaptModuleLib.scene.FindPlane import planeOfView

        return planeOfView(self.view.sliceNode, self.volume)

    def scroll(self, index: int) -> Any:
        """Show another axial slice in the Red view, mouse over it; returns the plane."""
        self.view.sliceLogic.SetSliceOffset(index * SPACING[2])
        self.view.enter()
        return self.plane()

    def encoded(self, index: int) -> Any:
        """Show a slice, and wait until its embedding is there."""
        plane = self.scroll(index)
        self.until(lambda: self.session.isReady(plane) and not self.session._client.pending)
        return plane

    def until(self, condition: Any) -> None:
        """Run the event loop, as the application does, until then; a message in the effect's frame is an error."""
        from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

        wake = QTimer()
        wake.start(5)
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(self.editor.effect.options.ui.statusLabel.text if self.editor.effect else "")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        wake.stop()

    def close(self) -> None:
        """End the worker."""
        from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

        self.application.resetScene()
        self.application.close()
        InferenceSession.closeInstance()


def memory(pid: int | str = "self") -> dict[str, float]:
    """Resident MB of a process: all, its own, and shared with others."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "Rss"))}
    names = {"all": "VmRSS", "own": "RssAnon", "shared": "RssShmem"}
    return {name: int(found[key]) / 1024 for name, key in names.items()}


def click(editing: Editing, plane: Any, pixel: np.ndarray, new: bool) -> dict[str, float]:
    """One click, in milliseconds by stage."""
    controller = editing.controller
    if new:
        controller.newObject()
    ras = plane.pixelToWorld(pixel[None])[0]
    last = len(editing.session.stageLog) and editing.session.stageLog[-1]["id"]
    begun, computed = time.perf_counter(), time.process_time()
    editing.view.clickAt(ras)
    editing.until(lambda: not controller.waiting)
    total, cpu = (time.perf_counter() - begun) * 1000, (time.process_time() - computed) * 1000
    entry = editing.session.stageLog[-1]
    if entry["id"] <= last or "write" not in entry:
        raise RuntimeError(f"nothing was written: {editing.editor.effect.options.ui.statusLabel.text}")
    row = {stage: entry.get(stage, 0.0) for stage in STAGES}
    row |= {"total": total, "own": total - row["decode"], "cpu": cpu}
    return {**row, "rest": total - sum(row[stage] for stage in STAGES)}


def hover(editing: Editing, plane: Any, seconds: float) -> float:
    """Answers a second that are shown under a mouse which moves at 60 Hz while H is held; drawing them is not in it."""
    view, held, keep = editing.view, editing.editor.effect.workbench.hover, []
    height, width = plane.shape
    start = last = time.perf_counter()
    view.event("KeyPressEvent", key="h")
    while time.perf_counter() - start < seconds:
        angle = 2 * (time.perf_counter() - start)
        pixel = np.array([[width * (0.5 + 0.1 * np.cos(angle)), height * (0.5 + 0.1 * np.sin(angle))]])
        view.move(tuple(plane.pixelToWorld(pixel)[0]))
        last += 1 / 60
        editing.until(lambda due=last: time.perf_counter() >= due)
        mask = held.maskOn(plane)
        if mask is not None and not any(mask is other for other in keep[-1:]):
            keep.append(mask)
    took = time.perf_counter() - start
    held.end()
    return len(keep) / took


def frame(editing: Editing) -> float:
    """Milliseconds for a picture of all slice views."""
    begun = time.perf_counter()
    for name in ("Red", "Green", "Yellow"):
        editing.application.view(name).picture()
    return (time.perf_counter() - begun) * 1000


def work(editing: Editing, indices: list[int], clicks: int, rng: np.random.Generator) -> dict[str, Any]:
    """Click on some slices; medians and 95th percentiles in milliseconds."""
    rows, frames = [], []
    for index in indices:
        plane = editing.encoded(index)
        for number in range(-(-clicks // len(indices))):
            angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(0, 180)
            pixel = SIDE / 2 + radius * np.array([np.cos(angle), np.sin(angle)])
            rows.append(click(editing, plane, pixel, number % 2 == 0))
            if number % CLICKS_PER_FRAME == 0:
                frames.append(frame(editing))
    values = {name: [row[name] for row in rows] for name in MILLISECONDS if name != "frame"} | {"frame": frames}
    return {
        "clicks": len(rows),
        "median": {name: float(np.median(values[name])) for name in MILLISECONDS},
        "p95": {name: float(np.percentile(values[name], 95)) for name in MILLISECONDS},
    }


def measure(model: str, slices: int, clicks: int) -> dict[str, Any]:
    """Times of both kinds of work, and memory in volumes."""
    array = phantom(slices)
    size = array.nbytes / 2**20
    editing = Editing(array, model, LivePreview=0)
    del array
    first = int(slices * FIRST)
    try:
        # What the views and the display need is no copy of the volume.
        frame(editing)
        with_node = memory()
        editing.activate()
        plane = editing.encoded(first)
        with_copy, worker = memory(), memory(editing.session._client.pid)
        # The first click pays for what is made once.
        click(editing, plane, np.array([SIDE / 2, SIDE / 2]), True)
        rng = np.random.default_rng(0)
        organ = work(editing, [first + 12 * step for step in range(4)], clicks, rng)
        with_organ = memory()
        ends = [round(part * (slices - 1)) for part in (0.15, 0.85, 0.2, 0.8)]
        body = work(editing, ends, clicks, rng)
        hovering = hover(editing, editing.encoded(first), HOVER_SECONDS)
    finally:
        editing.close()
    return {
        "slices": slices,
        "organ": organ,
        "body": body,
        "volume_mb": size,
        "copies": (with_copy["all"] - with_node["all"]) / size,
        "copies_own": (with_copy["own"] - with_node["own"]) / size,
        "copies_after_clicks": (with_organ["all"] - with_node["all"]) / size,
        "worker_own_mb": worker["own"],
        "hover": hovering,
    }


def table(results: list[dict[str, Any]]) -> str:
    """What :func:`measure` has found, for people."""
    columns = [(r["slices"], kind, r[kind]) for r in results for kind in ("organ", "body")]
    lines = [f"{'ms':>26}" + "".join(f"{f'{slices} slices, {kind}':>20}" for slices, kind, _ in columns)]
    lines.append(f"{'':>26}" + f"{'median':>11}{'95th':>9}" * len(columns))
    for name in MILLISECONDS:
        lines.append(f"{name:>26}" + "".join(f"{c['median'][name]:>11.1f}{c['p95'][name]:>9.1f}" for *_, c in columns))
    for name, title in (
        ("volume_mb", "volume, MB"),
        ("copies", "more copies, model ready"),
        ("copies_own", "of these not shared"),
        ("copies_after_clicks", "more copies, after clicks"),
        ("worker_own_mb", "the worker's own MB"),
        ("hover", "hover answers a second"),
    ):
        lines.append(f"{title:>26}" + "".join(f"{r[name]:>40.2f}" for r in results))
    for name, limit in (("total", CLICK_LIMIT), ("own", OWN_LIMIT)):
        met = ", ".join(f"{slices} {kind} {c['p95'][name] <= limit}" for slices, kind, c in columns)
        lines.append(f"{name} within {limit:g} ms at the 95th percentile: {met}")
    # The interpreter and its modules grow by some MB meanwhile, which tells on a small volume.
    met = ", ".join(f"{r['slices']} {r['copies'] * r['volume_mb'] <= r['volume_mb'] + 64}" for r in results)
    return "\n".join([*lines, f"one more copy at most: {met}"])


def main() -> None:
    """Measure each size in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lite_medsam")
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--slices", type=int, nargs="+", default=[64, 600])
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    if len(args.slices) == 1:
        results = [measure(args.model, args.slices[0], args.clicks)]
    else:
        results = []
        for slices in args.slices:
            own = ["--model", args.model, "--clicks", str(args.clicks), "--slices", str(slices)]
            done = subprocess.run([sys.executable, __file__, *own], capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stdout + done.stderr)
            results.append(json.loads(done.stdout.splitlines()[-1]))
    print(table(results))
    if len(args.slices) == 1:
        print(json.dumps(results[0]))
    if args.json is not None:
        write_json(args.json, results)


if __name__ == "__main__":
    main()
