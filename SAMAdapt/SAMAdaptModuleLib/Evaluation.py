"""Figures of evaluations in a table node."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.volume.segmentation import Labels

# Column titles and the fields of ``SAMAdaptLib.evaluation.metrics.Score`` behind them.
FIGURES = {"Dice": "dice", "IoU": "iou", "HD95 (mm)": "hd95_mm", "NSD": "nsd"}
TEXTS = ("Case", "Structure")
STATUS = "Status"
BOTH_EMPTY = "both empty"
DIGITS = 4
# A marker rather than a name: people rename nodes.
ATTRIBUTE = "SAMAdapt.Evaluation"


def comparison(reference: Labels, prediction: Labels, toleranceMm: float) -> dict[str, Any]:
    """What ``LibraryProcess`` takes to do ``ChildTasks.compare``, with the voxels in a temporary folder."""
    arrays = {"ijk_to_ras": reference.geometry.ijk_to_ras}
    for which, labels in (("reference", reference), ("prediction", prediction)):
        arrays[f"{which}/names"] = np.array(json.dumps(labels.names))
        arrays[f"{which}/array"] = labels.array
        arrays |= {f"{which}/mask/{name}": mask for name, mask in labels.masks.items()}
    folder = tempfile.TemporaryDirectory(prefix="SAMAdapt-")
    file = Path(folder.name) / "labels.npz"
    np.savez(file, **arrays)
    size = list(reference.geometry.size)
    return {"folder": folder, "file": str(file), "size": size, "tolerance_mm": toleranceMm}


def newTable() -> slicer.vtkMRMLTableNode:
    """An empty table for figures."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", _("SAM Adapt evaluation"))
    node.SetAttribute(ATTRIBUTE, "1")
    node.SetUseColumnTitleAsColumnHeader(True)
    for title in (*TEXTS, *FIGURES, STATUS):
        array = vtk.vtkDoubleArray() if title in FIGURES else vtk.vtkStringArray()
        array.SetName(title)
        node.AddColumn(array)
    return node


def addCase(tableNode: slicer.vtkMRMLTableNode, case: str, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the figures of a case; rows that the case has already are replaced.

    Args:
        tableNode: made by :func:`newTable`.
        case: its name.
        figures: structure name to the fields of a ``Score``.

    Raises:
        InputError: another table.
    """
    if tableNode.GetAttribute(ATTRIBUTE) is None:
        raise InputError(
            _("This table holds something else"), tableNode.GetName(), _("Choose a table of an evaluation")
        )
    table = tableNode.GetTable()
    for row in reversed(range(table.GetNumberOfRows())):
        if table.GetColumnByName("Case").GetValue(row) == case:
            table.RemoveRow(row)
    for name, values in figures.items():
        row = table.InsertNextBlankRow()
        table.GetColumnByName("Case").SetValue(row, case)
        table.GetColumnByName("Structure").SetValue(row, name)
        table.GetColumnByName(STATUS).SetValue(row, values["status"])
        for title, field in FIGURES.items():
            table.GetColumnByName(title).SetValue(row, round(values[field], DIGITS))
    table.Modified()
    tableNode.Modified()


def plotted(tableNode: slicer.vtkMRMLTableNode) -> dict[str, dict[str, list[float]]]:
    """The figures of a table for a box plot over its cases, by field and structure.

    Raises:
        InputError: the table holds none.
    """
    table = tableNode.GetTable()
    values: dict[str, dict[str, list[float]]] = {field: {} for field in FIGURES.values()}
    for row in range(table.GetNumberOfRows()):
        if table.GetColumnByName(STATUS).GetValue(row) == BOTH_EMPTY:
            continue
        name = table.GetColumnByName("Structure").GetValue(row)
        for title, field in FIGURES.items():
            values[field].setdefault(name, []).append(table.GetColumnByName(title).GetValue(row))
    if not any(values.values()):
        raise InputError(
            _("The table holds no figures to draw"), tableNode.GetName(), _("Evaluate a segmentation first")
        )
    return values
