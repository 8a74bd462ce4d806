"""What has become of many volumes, and a table node of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.volume.measures import Shown, measure_shown
from SAMAdaptModuleLib.scene.SceneVolume import isPicture, segmentationLabels, volumeArray

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
TEXTS, STATE = ("Volume", "Structure"), ("State", "Reason")
NUMBERS = ("Volume (mL)", "Surface (cm²)", "Pixels", "Mean value", "Slices")
DIGITS = 4


@dataclass(eq=False)
class Case:
    """A volume, and what has become of it.

    Attributes:
        volumeNode: it.
        name: its name when the work began.
        state: WAITING, RUNNING, DONE, FAILED or STOPPED.
        reason: why it failed; of one that is done what is to be known of it.
        done: slices that were looked at, of ``total``.
        segmentationNode: with what was found; None before.
        found: measures by the name of the segment.
    """

    volumeNode: slicer.vtkMRMLScalarVolumeNode
    name: str
    state: str = WAITING
    reason: str = ""
    done: int = 0
    total: int | None = None
    segmentationNode: slicer.vtkMRMLSegmentationNode | None = None
    found: dict[str, Shown] = field(default_factory=dict)


def measured(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, segmentationNode: slicer.vtkMRMLSegmentationNode
) -> dict[str, Shown]:
    """What a segmentation holds on the grid of its volume, by the name of the segment; empty ones are left out. Values
    are those of a scan's first channel, slices those along the axis with the fewest."""
    labels, found = segmentationLabels(segmentationNode, volumeNode), {}
    values, picture = volumeArray(volumeNode), isPicture(volumeNode)
    axis = min(("axial", "coronal", "sagittal"), key=lambda one: _steps(labels.geometry, one))
    for name in labels.names:
        mask = labels.mask(name)
        if mask.any():
            found[name] = measure_shown(mask, values, labels.geometry, axis, picture)
    return found


def _steps(geometry: Any, axis: str) -> int:
    from SAMAdaptLib.volume.planes import PlaneStack

    return PlaneStack(geometry, axis).count


def volumeTable(cases: Iterable[Case]) -> slicer.vtkMRMLTableNode:
    """A new table with a row for each structure of each volume, and one for each volume without any; Slicer saves it as
    .csv, too."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", _("SAM Adapt volumes"))
    node.SetUseColumnTitleAsColumnHeader(True)
    rows: list[tuple[Any, ...]] = []
    for case in cases:
        for name, one in case.found.items() or [("", Shown(math.nan, math.nan, math.nan, math.nan, 0))]:
            numbers = [float(f"{value:.{DIGITS}g}") for value in one]
            # Counted, not measured.
            numbers[2:3] = [float(one.pixels)]
            rows.append((case.name, name, *numbers, case.state, case.reason))
    for place, title in enumerate((*TEXTS, *NUMBERS, *STATE)):
        array = vtk.vtkDoubleArray() if title in NUMBERS else vtk.vtkStringArray()
        array.SetName(title)
        for row in rows:
            array.InsertNextValue(row[place])
        node.AddColumn(array)
    return node
