"""Figures of evaluations in a table node."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.metrics import BOTH_EMPTY, METRICS
from SAMAdaptLib.service.packed import PackedArray
from SAMAdaptModuleLib.scene.SegmentWriter import modelOf

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels

TEXTS = ("Case", "Structure", "Model")
STATUS = "Status"
DIGITS = 4
# A marker rather than a name: people rename nodes.
ATTRIBUTE = "SAMAdapt.Evaluation"


def comparison(reference: Labels, prediction: Labels, toleranceMm: float) -> dict[str, Any]:
    """What the task "compare" takes."""
    return {
        "size": reference.geometry.size,
        "ijk_to_ras": reference.geometry.ijk_to_ras,
        "reference": packedLabels(reference),
        "prediction": packedLabels(prediction),
        "tolerance_mm": toleranceMm,
    }


def packedLabels(labels: Labels) -> dict[str, Any]:
    """Labels as tasks take them, without their grid."""
    masks = {name: PackedArray.of(mask) for name, mask in labels.masks.items()}
    return {"array": PackedArray.of(labels.array), "names": labels.names, "masks": masks}


def newTable() -> slicer.vtkMRMLTableNode:
    """An empty table for figures."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", _("SAM Adapt evaluation"))
    node.SetAttribute(ATTRIBUTE, "1")
    node.SetUseColumnTitleAsColumnHeader(True)
    _addColumns(node)
    return node


def _addColumns(tableNode: slicer.vtkMRMLTableNode) -> None:
    """Those that are not there yet: all of a new table, of one of an earlier version what came since."""
    table = tableNode.GetTable()
    numbers = [metric.title for metric in METRICS.values()]
    for title in (*TEXTS, *numbers, STATUS):
        if table.GetColumnByName(title) is None:
            array = vtk.vtkDoubleArray() if title in numbers else vtk.vtkStringArray()
            array.SetName(title)
            array.SetNumberOfValues(table.GetNumberOfRows())
            if title in numbers:
                array.Fill(math.nan)
            tableNode.AddColumn(array)


def modelsOf(segmentationNode: slicer.vtkMRMLSegmentationNode) -> dict[str, str]:
    """Which model has written into each structure last, by name; "" where none has."""
    segmentation = segmentationNode.GetSegmentation()
    segments = (segmentation.GetNthSegment(number) for number in range(segmentation.GetNumberOfSegments()))
    return {segment.GetName(): modelOf(segment) for segment in segments}


def addCase(
    tableNode: slicer.vtkMRMLTableNode,
    case: str,
    figures: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, str] | None = None,
) -> None:
    """Write the figures of a case; rows of the same case, structure and model are replaced.

    Args:
        tableNode: made by :func:`newTable`.
        case: its name.
        figures: structure name to what ``SAMAdaptLib.evaluation.metrics.score`` gives.
        models: structure name to the model that has written it.

    Raises:
        InputError: another table.
    """
    if tableNode.GetAttribute(ATTRIBUTE) is None:
        raise InputError(
            _("This table holds something else"), tableNode.GetName(), _("Choose a table of an evaluation")
        )
    _addColumns(tableNode)
    table = tableNode.GetTable()
    texts = {(case, name, (models or {}).get(name, "")): values for name, values in figures.items()}
    for row in reversed(range(table.GetNumberOfRows())):
        if tuple(table.GetColumnByName(title).GetValue(row) for title in TEXTS) in texts:
            table.RemoveRow(row)
    for words, values in texts.items():
        row = table.InsertNextBlankRow(math.nan)
        for title, word in zip(TEXTS, words, strict=True):
            table.GetColumnByName(title).SetValue(row, word)
        table.GetColumnByName(STATUS).SetValue(row, values["status"])
        for field, metric in METRICS.items():
            table.GetColumnByName(metric.title).SetValue(row, round(values[field], DIGITS))
    table.Modified()
    tableNode.Modified()


def plotted(tableNode: slicer.vtkMRMLTableNode) -> dict[str, list[tuple[str, str, list[float]]]]:
    """The figures of a table for a box plot over its cases: by field a box for each structure and model.

    Raises:
        InputError: the table holds none.
    """
    table = tableNode.GetTable()
    values: dict[str, dict[tuple[str, str], list[float]]] = {field: {} for field in METRICS}
    models = table.GetColumnByName("Model")
    for row in range(table.GetNumberOfRows()):
        if table.GetColumnByName(STATUS).GetValue(row) == BOTH_EMPTY:
            continue
        key = table.GetColumnByName("Structure").GetValue(row), "" if models is None else models.GetValue(row)
        for field, metric in METRICS.items():
            column = table.GetColumnByName(metric.title)
            if column is not None and math.isfinite(column.GetValue(row)):
                values[field].setdefault(key, []).append(column.GetValue(row))
    if not any(values.values()):
        raise InputError(
            _("The table holds no figures to draw"), tableNode.GetName(), _("Evaluate a segmentation first")
        )
    return {field: [(*key, numbers) for key, numbers in boxes.items()] for field, boxes in values.items()}
