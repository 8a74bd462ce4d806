"""Draws the picture of the page into Resources/Screenshots, as the last thing of `make screenshots`.

`samadapt view` in a process, LiteMedSAM, a CT (an example of TotalSegmentator, Apache-2.0), and Chromium's mouse: a box
around each organ on its largest slice, carried through the volume. Without the shared folder or Chromium nothing is
done.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels
from Testing.view.browser import CTRL, Browser, chromium

ROOT = Path(__file__).resolve().parents[2]
SCANS = Path(os.environ.get("SAMADAPT_SHARED", ROOT.parent / "shared")) / "data" / "abdomen_ct_totalsegmentator"
CASE = "example_ct_dicom_1mm"
# The last one is shown before it is accepted.
ORGANS = ("liver", "spleen", "stomach")
SIZE, DENSE = (1180, 760), 1.25


def main(output: Path = ROOT / "Resources" / "Screenshots" / "view.png") -> None:
    """Draw, unless something that this needs is missing."""
    if not SCANS.is_dir() or chromium() is None:
        print("No picture of the page: the shared folder with real scans, or Chromium, is not there.")
        return
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "abdomen.nrrd"
        image.symlink_to(SCANS / f"{CASE}_image.nrrd")
        command = [sys.executable, "-m", "SAMAdaptLib.cli", "view", image.name, "--no-browser"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            found = re.search(r"http\S+", process.stdout.readline() if process.stdout else "")
            assert found is not None
            asyncio.run(draw(found[0], boxes(), output))
        finally:
            process.kill()
            process.wait()


def boxes() -> dict[str, tuple[int, tuple[int, int, int, int]]]:
    """Of each organ the slice that shows most of it, and the box (x0, y0, x1, y1) around its largest part there."""
    labels = read_labels(SCANS / f"{CASE}_label.nrrd")
    entries = json.loads((SCANS.parent / "index.json").read_text())
    named = next(one["labels_present"] for one in entries if one["case"] == CASE)
    values = {name: int(value) for value, name in named.items()}
    shown = PlaneStack(labels.geometry, "axial").view(labels.array)
    found = {}
    for organ in ORGANS:
        mask = shown == values[organ]
        index = int(mask.sum(axis=(1, 2)).argmax())
        parts = sitk.RelabelComponent(sitk.ConnectedComponent(sitk.GetImageFromArray(mask[index].astype(np.uint8))))
        rows, columns = np.nonzero(sitk.GetArrayFromImage(parts) == 1)
        found[organ] = (index, (int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())))
    return found


async def draw(url: str, marked: dict[str, tuple[int, tuple[int, int, int, int]]], output: Path) -> None:
    """Segment all organs, and take the picture."""
    async with Browser(url, SIZE, DENSE) as browser:
        await browser.wait("shown && shown.model && canvas.dataset.drawn")
        for number, (organ, (index, (x0, y0, x1, y1))) in enumerate(marked.items()):
            if number:
                await browser.press("add")
                await browser.wait(f"shown.segments.length === {number + 1}")
            await browser.value(f"tell('rename', {{ name: '{organ}' }})")
            await browser.value(f"look('axial', {index})")
            await browser.wait(f"canvas.dataset.drawn === 'axial {index}'")
            left, top, width, height = await browser.value("frame()")
            rows, columns = await browser.value("about.axes.axial.shape")
            across, down = width / columns, height / rows
            corners = [(left + (x + 0.5) * across, top + (y + 0.5) * down) for x, y in ((x0, y0), (x1, y1))]
            await browser.drag(corners[0], corners[1])
            await browser.wait("shown.marks.length === 1 && !shown.busy && shown.iou !== null")
            if organ == ORGANS[-1]:
                break
            await browser.press("propagate")
            await browser.wait("!shown.carrying && shown.answered.length > 1")
            await browser.press("accept")
            await browser.wait(f"shown.segments[{number}].ml > 0")
        x, y = left + 0.5 * width, top + 0.57 * height
        for _ in range(2):
            await browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-120, modifiers=CTRL)
        await browser.wait("zoom > 1.4")
        await browser.screenshot(output)


if __name__ == "__main__":
    main()
