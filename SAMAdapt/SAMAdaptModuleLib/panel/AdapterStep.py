"""Step 4 of the panel: adapters on this computer, and how well they segment."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import qt
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.adapters.comparison import ADAPTED, NOT_COMPARED, table
from SAMAdaptLib.defaults import BASE, HALFWAY, MODEL, WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Downloads import confirmDownload
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.app.Pictures import FittedPicture
from SAMAdaptModuleLib.app.Polling import Polling
from SAMAdaptModuleLib.app.Titles import titleOf
from SAMAdaptModuleLib.app.Weights import fillWeights
from SAMAdaptModuleLib.console import Evaluation
from SAMAdaptModuleLib.console.ModelChoices import baseName
from SAMAdaptModuleLib.panel.SignedText import signedText
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TaskButton import TaskButton

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.info import AdapterInfo
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

NAME, DATE, CLASSES, DICE = range(4)
POLL_MS = 50
# A large model on a slow disk takes so long to come in the place of the adapter's.
LET_GO_SECONDS = 60.0


class AdapterStep(Step):
    """The shelf, and evaluation against a reference."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._change: _Change | None = None
        self._polling = Polling(self._changeIfFree)
        logic.choiceChanged.connect(self.updateActive)
        ui.adapterTable.connect("itemSelectionChanged()", self.updateButtons)
        ui.adapterTable.connect("cellDoubleClicked(int,int)", self.onActivate)
        ui.activateButton.connect("clicked(bool)", self.onActivate)
        ui.baseButton.connect("clicked(bool)", self.onUseNone)
        fillWeights(ui.weightsSelector)
        ui.weightsSelector.connect("currentIndexChanged(int)", self.onWeights)
        ui.renameButton.connect("clicked(bool)", self.onRename)
        ui.deleteButton.connect("clicked(bool)", self.onDelete)
        ui.exportButton.connect("clicked(bool)", self.onExport)
        ui.importButton.connect("clicked(bool)", self.onImport)
        self._job = TaskButton(ui.evaluateButton, logic.newTasks(), self.onEvaluate)
        header = ui.adapterTable.horizontalHeader()
        header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(CLASSES, qt.QHeaderView.Stretch)
        ui.adapterTable.verticalHeader().visible = False
        # Row numbers say nothing here, and the panel is narrow.
        ui.resultTable.verticalHeader().visible = False
        self._boxPlot = FittedPicture(ui.boxPlotLabel)

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Show the figures that it holds."""
        super().setParameterNode(parameterNode)
        self._showResults()
        self._boxPlot.hide()

    def stop(self) -> None:
        """Give up an evaluation, whose segmentations are about to go."""
        self._job.stop()

    def cleanup(self) -> None:
        """Stop what is going on, and let go of the logic's signals; an adapter that is in use stays what it is."""
        self._job.close()
        self._stopWaiting()
        self.logic.choiceChanged.disconnect(self.updateActive)

    def refresh(self, chosen: str | None = None) -> None:
        """List what the shelf holds now, and select the adapter of this name, by default the one that was selected."""
        table = self.ui.adapterTable
        chosen = chosen or self._selected()
        entries = self.logic.shelf.list()
        table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            texts, tip = _described(entry.info) if entry.info else (("", _("damaged"), ""), entry.error)
            for column, text in enumerate((entry.name, *texts)):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(tip)
                table.setItem(row, column, item)
            if entry.name == chosen:
                table.selectRow(row)
        self.updateActive()
        self.updateButtons()

    def updateActive(self) -> None:
        """Tell which adapter is in use, and with which weights."""
        choice = self.logic.inference.choice
        self.ui.weightsSelector.blockSignals(True)
        weights = WEIGHTS if choice is None else choice.weights
        self.ui.weightsSelector.setCurrentIndex(self.ui.weightsSelector.findData(weights))
        self.ui.weightsSelector.blockSignals(False)
        if choice is None:
            self.ui.activeLabel.text = _("In use: no adapter, base model {model}").format(model=MODEL)
        elif choice.adapter is None:
            self.ui.activeLabel.text = _("In use: no adapter, base model {model}").format(model=baseName(choice))
        else:
            self.ui.activeLabel.text = _("In use: {name} on {model}").format(
                name=Path(choice.adapter).name, model=baseName(choice)
            )

    def updateButtons(self) -> None:
        """Enable what can be done with the selection."""
        chosen = self._selected() is not None and self._change is None
        for name in ("activateButton", "renameButton", "deleteButton", "exportButton"):
            getattr(self.ui, name).enabled = chosen
        self._showSelected()

    def onWeights(self) -> None:
        """Have other weights answer from now on, where an adapter is in use."""
        choice = self.logic.inference.choice
        if choice is not None and choice.adapter is not None:
            with errorsShown():
                self.logic.activateAdapter(choice.adapter, baseName(choice), self.ui.weightsSelector.currentData)

    def onActivate(self) -> None:
        """Use the selected adapter."""
        name = self._selected()
        if name is not None:
            with errorsShown():
                self._activate(name)

    def onUseNone(self) -> None:
        """Use the base model as it is."""
        with errorsShown():
            choice = self.logic.inference.choice
            self._activate(None, None if choice is None else baseName(choice))

    def onRename(self) -> None:
        """Ask for another name."""
        old = self._selected()
        if old is None:
            return
        new = qt.QInputDialog.getText(
            slicer.util.mainWindow(), _("Rename adapter"), _("Name:"), qt.QLineEdit.Normal, old
        )
        if new and new != old:
            self._whenFree(old, lambda: self.logic.shelf.rename(old, new))

    def onDelete(self) -> None:
        """Delete the selected adapter after a question."""
        name = self._selected()
        if name is None:
            return
        question = _("Delete the adapter {name} from this computer? This cannot be undone.").format(name=name)
        if slicer.util.confirmOkCancelDisplay(question):
            self._whenFree(name, lambda: self.logic.shelf.delete(name))

    def onExport(self) -> None:
        """Write the selected adapter into a file."""
        name = self._selected()
        if name is None:
            return
        path = qt.QFileDialog.getSaveFileName(
            slicer.util.mainWindow(), _("Export adapter"), f"{name}.zip", _("Adapter (*.zip)")
        )
        if path:
            with errorsShown():
                self.logic.shelf.export(name, path)

    def onImport(self) -> None:
        """Take in a file that was exported."""
        path = qt.QFileDialog.getOpenFileName(
            slicer.util.mainWindow(), _("Import adapter"), "", _("Adapter (*.zip)")
        )
        if path:
            name = None
            with errorsShown():
                name = self.logic.shelf.import_(path)
            self.refresh(name)

    def onEvaluate(self) -> None:
        """Compare the segmentation with the reference; the results come when they are there."""
        node = self.node
        if node.reference is None:
            raise InputError(_("No reference is selected"), None, _("Select the segmentation that counts as right"))
        if node.reference is node.segmentation:
            raise InputError(
                _("The segmentation would be compared with itself"),
                node.reference.GetName(),
                _("Select another segmentation at the top or as the reference"),
            )
        arguments = self.logic.comparison(node.segmentation, node.reference, node.volume, node.toleranceMm)
        # As they are now; the scene may be another one when the figures come.
        case, models = node.segmentation.GetName(), Evaluation.modelsOf(node.segmentation)
        self._job.start("compare", lambda figures: self._onFigures(node, case, models, figures), **arguments)

    def _onFigures(
        self, node: SAMAdaptParameterNode, case: str, models: dict[str, str], figures: dict[str, Any]
    ) -> None:
        node.results = node.results or Evaluation.newTable()
        Evaluation.addCase(node.results, case, figures, models)
        self._showResults()
        path = Path(slicer.util.tempDirectory(key="SAMAdapt")) / "evaluation.png"
        self._job.start("box_plot", self._boxPlot.show, values=Evaluation.plotted(node.results), path=str(path))

    def _showSelected(self) -> None:
        """Who has signed the selected adapter, and what it and the base reached on held-out slices."""
        chosen = self._selected()
        entry = next((entry for entry in self.logic.shelf.list() if entry.name == chosen), None)
        info = None if entry is None else entry.info
        self.ui.signatureLabel.text = "" if entry is None or info is None else signedText(entry.signed)
        self.ui.signatureLabel.visible = info is not None
        rows = [] if info is None else table(info.comparison)
        names = (_("base {dice}"), _("halfway {dice}"), _("adapted {dice}"))
        answers = {
            BASE: _("the base weights answer"),
            HALFWAY: _("the weights halfway answer"),
            ADAPTED: _("the adapter answers"),
        }
        lines = []
        for kind, *figures, used in rows:
            told = [name.format(dice=one) for name, one in zip(names, figures, strict=True) if one != "-"]
            lines.append(f"{kind}: {', '.join([*told, *([answers[used]] if used in answers else [])])}")
        if lines:
            lines.insert(0, _("Dice on held-out slices:"))
        elif info is not None and info.prompted:
            lines = [f"{NOT_COMPARED}."]
        self.ui.comparisonLabel.text = "\n".join(lines)
        self.ui.comparisonLabel.visible = bool(lines)

    def _activate(self, name: str | None, model: str | None = None) -> None:
        self.logic.installation.ensure()
        confirmDownload(self.logic.models.withAdapter(name, model))
        self.logic.activateAdapter(name, model, self.ui.weightsSelector.currentData)

    def _showResults(self) -> None:
        results = None if self._parameterNode is None else self._parameterNode.results
        self.ui.resultTable.setMRMLTableNode(results)
        self.ui.resultTable.visible = results is not None
        self.ui.resultTable.resizeColumnsToContents()
        self.ui.resultTable.resizeRowsToContents()

    def _selected(self) -> str | None:
        row = self.ui.adapterTable.currentRow()
        item = self.ui.adapterTable.item(row, NAME) if row >= 0 else None
        return item.text() if item is not None else None

    def _whenFree(self, name: str, change: Callable[[], Any]) -> None:
        """Change an adapter's folder as soon as the worker has let go of it: Windows neither renames nor removes what
        is open. Where it is in use, the base model comes in its place."""
        with errorsShown():
            choice = self.logic.inference.choice
            if choice is not None and choice.adapter is not None and Path(choice.adapter).name == name:
                self.logic.activateAdapter(None, baseName(choice))
            self._change = _Change(name, change, time.monotonic() + LET_GO_SECONDS)
            self._changeIfFree()

    def _changeIfFree(self) -> None:
        change = self._change
        if change is None:
            return
        if self.logic.inference.loading and time.monotonic() <= change.until:
            self._polling.setInterval(POLL_MS)
            self.ui.activeLabel.text = _("Waiting until {name} is free").format(name=change.name)
            self.updateButtons()
            return
        self._stopWaiting()
        with errorsShown():
            if self.logic.inference.loading:
                raise InputError(
                    _("The adapter is in use: a model is still being loaded"),
                    change.name,
                    _("Try again once it is loaded"),
                )
            change.make()
        self.refresh()

    def _stopWaiting(self) -> None:
        self._polling.setInterval(0)
        self._change = None


class _Change(NamedTuple):
    """What is to be done to which adapter once nobody reads it, and until when to wait for that."""

    name: str
    make: Callable[[], Any]
    until: float


def _described(info: AdapterInfo) -> tuple[tuple[str, str, str], str]:
    """An adapter's date, classes and Dice as the table shows them, and what its tip says."""
    dice = info.validation.get("dice")
    tip = _("{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}").format(
        method=info.method, base=info.base, steps=info.steps, axis=titleOf(info.axis), intensity=info.intensity
    )
    return (info.created[:10], ", ".join(info.classes), "" if dice is None else f"{dice:.3f}"), tip
