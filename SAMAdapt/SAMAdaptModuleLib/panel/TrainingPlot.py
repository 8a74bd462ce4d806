"""Loss and Dice of a training as a Slicer plot that grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

LOSS_COLOUR, DICE_COLOUR, VALIDATION_COLOUR = (0.85, 0.35, 0.05), (0.05, 0.5, 0.75), (0.45, 0.45, 0.45)


class TrainingPlot:
    """Two tables, three series and a chart, made at the first figures.

    They are made anew with all figures where the scene was closed meanwhile, since the training goes on.
    """

    def __init__(self) -> None:
        self.chartNode: slicer.vtkMRMLPlotChartNode | None = None
        self.tableNode: slicer.vtkMRMLTableNode | None = None
        self.validationTableNode: slicer.vtkMRMLTableNode | None = None
        self._title = ""
        self._held: Mapping[str, Any] | None = None
        self._rows: list[tuple[float, ...]] = []
        self._validations: list[tuple[float, ...]] = []

    def start(self, title: str, keep: bool = False) -> None:
        """Begin another curve; with ``keep`` go on with the one that is there."""
        self._title = title
        if not keep:
            self._rows, self._validations = [], []
            self._forget()

    def add(self, values: Mapping[str, Any]) -> None:
        """Take in figures, see ``TrainingSession.progress``: the last validation comes along until the next one."""
        step, held = values["step"], values["validation"]
        if held is not None and held is not self._held:
            self._held = held
            self._validations.append((step, held["dice"]))
        if values["loss"] is not None and values["dice"] is not None:
            # A resumed run does steps again that came after its checkpoint.
            while self._rows and self._rows[-1][0] >= step:
                self._rows.pop()
            self._rows.append((step, values["loss"], values["dice"]))
        self._update()

    def show(self) -> None:
        """Show the chart in the layout, where there is one."""
        if not self._rows and not self._validations:
            return
        self._update()
        if slicer.app.layoutManager() is not None:
            slicer.modules.plots.logic().ShowChartInLayout(self.chartNode)

    def _update(self) -> None:
        if self.chartNode is None or self.chartNode.GetScene() is None:
            self._make()
        _fill(self.tableNode, self._rows)
        _fill(self.validationTableNode, self._validations)

    def _forget(self) -> None:
        self.chartNode = self.tableNode = self.validationTableNode = None

    def _make(self) -> None:
        name = self._title
        self.tableNode = _newTable(name, ("Step", "Loss", "Dice"))
        self.validationTableNode = _newTable(_("{name} validation").format(name=name), ("Step", "Dice"))
        series = [
            _newSeries(_("Loss"), self.tableNode, "Loss", LOSS_COLOUR),
            _newSeries(_("Dice, training"), self.tableNode, "Dice", DICE_COLOUR),
            _newSeries(_("Dice, held out"), self.validationTableNode, "Dice", VALIDATION_COLOUR, points=True),
        ]
        chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode", name)
        chart.SetTitle(name)
        chart.SetXAxisTitle(_("Step"))
        chart.SetYAxisTitle(_("Loss, Dice"))
        for node in series:
            chart.AddAndObservePlotSeriesNodeID(node.GetID())
        self.chartNode = chart


def _newTable(name: str, columns: tuple[str, ...]) -> slicer.vtkMRMLTableNode:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    for column in columns:
        array = vtk.vtkDoubleArray()
        array.SetName(column)
        node.AddColumn(array)
    return node


def _newSeries(
    name: str, table: slicer.vtkMRMLTableNode, column: str, colour: tuple[float, float, float], points: bool = False
) -> slicer.vtkMRMLPlotSeriesNode:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", name)
    node.SetAndObserveTableNodeID(table.GetID())
    node.SetXColumnName("Step")
    node.SetYColumnName(column)
    node.SetPlotType(node.PlotTypeScatter)
    node.SetLineStyle(node.LineStyleNone if points else node.LineStyleSolid)
    node.SetMarkerStyle(node.MarkerStyleDiamond if points else node.MarkerStyleNone)
    node.SetMarkerSize(12.0)
    node.SetColor(*colour)
    return node


def _fill(node: slicer.vtkMRMLTableNode, rows: list[tuple[float, ...]]) -> None:
    table = node.GetTable()
    present = table.GetNumberOfRows()
    table.SetNumberOfRows(len(rows))
    # A resumed run may have replaced rows at the end; the ones before never change.
    for index in range(max(0, min(present, len(rows)) - 1), len(rows)):
        for column, value in enumerate(rows[index]):
            table.GetColumn(column).SetValue(index, value)
    for column in range(table.GetNumberOfColumns()):
        table.GetColumn(column).Modified()
    table.Modified()
    node.Modified()
