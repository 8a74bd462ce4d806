"""All loaded volumes, one after the other: what becomes of each is a line of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import MODEL
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.measures import Shown
from SAMAdaptModuleLib.app.Downloads import confirmDownload
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.console.ManyVolumes import Wish
from SAMAdaptModuleLib.console.VolumeTable import DONE, FAILED, RUNNING, STOPPED, WAITING, Case, volumeTable
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, scans

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

ALL, KIND = "all", "kind"
CLASSES, WORDS, PROMPTS = "classes", "words", "prompts"
NAME, STATE, FOUND = range(3)
NAME_WIDTH = 110


class VolumesStep(Step):
    """Choices, a button, a bar and the table."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._states = {
            WAITING: _("waiting"),
            RUNNING: _("running"),
            DONE: _("done"),
            FAILED: _("failed"),
            STOPPED: _("stopped"),
        }
        for title, name in ((_("All that are loaded"), ALL), (_("Those of the kind of the volume above"), KIND)):
            ui.allScansSelector.addItem(title, name)
        for title, name in (
            (_("all classes of the adapter"), CLASSES),
            (_("what these words name"), WORDS),
            (_("what has prompts"), PROMPTS),
        ):
            ui.allModeSelector.addItem(title, name)
        ui.allModeSelector.connect("currentIndexChanged(int)", self.onMode)
        ui.allButton.connect("clicked(bool)", self.onClick)
        ui.allTable.connect("cellDoubleClicked(int,int)", self.onShow)
        ui.allTableButton.connect("clicked(bool)", self.onTable)
        header = ui.allTable.horizontalHeader()
        header.setSectionResizeMode(STATE, qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(FOUND, qt.QHeaderView.Stretch)
        # Names may be long; what was found, or why not, is what is read.
        ui.allTable.setColumnWidth(NAME, NAME_WIDTH)
        ui.allTable.verticalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        ui.allTable.verticalHeader().visible = False
        self._text = ui.allButton.text
        self._many.changed.connect(self._onCase)
        self._many.ended.connect(self._onEnd)
        self.onMode()
        self._showAll()

    @property
    def _many(self) -> Any:
        return self.logic.manyVolumes

    def stop(self) -> None:
        """End what is going on, and forget volumes that are about to go."""
        self._many.stop()
        self._many.cases = []
        self._showAll()

    def cleanup(self) -> None:
        """End what is going on, and let go of the logic's signals."""
        self._many.stop()
        self._many.changed.disconnect(self._onCase)
        self._many.ended.disconnect(self._onEnd)

    def onMode(self, _index: int = 0) -> None:
        """Words are asked for where they count."""
        words = self.ui.allModeSelector.currentData == WORDS
        self.ui.allTextEdit.visible = self.ui.allTextEditLabel.visible = words

    def onClick(self) -> None:
        """Begin, or stop."""
        if self._many.running:
            self._many.stop()
            return
        with errorsShown():
            self._start()
        self._showAll()

    def onShow(self, row: int, _column: int = 0) -> None:
        """Show a volume with what was found in it, and no other's."""
        case = self._many.cases[row]
        with errorsShown():
            if case.volumeNode.GetScene() is None:
                raise InputError(_("The volume is no longer in the scene"), case.name, _("Load it again"))
            slicer.util.setSliceViewerLayers(background=case.volumeNode, fit=True)
            for other in self._many.cases:
                if other.segmentationNode is not None and other.segmentationNode.GetScene() is not None:
                    other.segmentationNode.GetDisplayNode().SetVisibility(other is case)

    def onTable(self) -> None:
        """Keep the table in the scene."""
        volumeTable(self._many.cases)

    def _start(self) -> None:
        ui, volume = self.ui, self.node.volume
        like = None
        if ui.allScansSelector.currentData == KIND:
            checkVolume(volume)
            like = volume
        mode = ui.allModeSelector.currentData
        words = [word.strip() for word in ui.allTextEdit.text.split(",") if word.strip()]
        if mode == WORDS and not words:
            raise InputError(_("There are no words to look for"), None, _("Type some, such as: liver, left kidney"))
        self.logic.installation.ensure()
        choice = self.logic.inference.choice or self.logic.models.choice(MODEL)
        confirmDownload(choice)
        wish = Wish(dict(zip(words, words, strict=True)) if mode == WORDS else None, mode == PROMPTS)
        self._many.start(scans(like), choice, wish)

    def _onCase(self, case: Case) -> None:
        if case in self._many.cases:
            self._show(self._many.cases.index(case), case)
        self._showProgress()

    def _onEnd(self) -> None:
        self._showProgress()

    def _showAll(self) -> None:
        self.ui.allTable.setRowCount(len(self._many.cases))
        for row, case in enumerate(self._many.cases):
            self._show(row, case)
        self._showProgress()

    def _show(self, row: int, case: Case) -> None:
        found = ", ".join(f"{name} {_size(one)}" for name, one in case.found.items())
        state = self._states[case.state]
        if case.state == RUNNING and case.total:
            state += f" {case.done}/{case.total}"
        result = "; ".join(text for text in (found, case.reason) if text)
        for column, text in ((NAME, case.name), (STATE, state), (FOUND, result)):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            self.ui.allTable.setItem(row, column, item)

    def _showProgress(self) -> None:
        ui, cases, running = self.ui, self._many.cases, self._many.running
        over = sum(case.state in (DONE, FAILED) for case in cases)
        ui.allButton.text = _("Stop") if running else self._text
        ui.allBar.visible, ui.allBar.maximum, ui.allBar.value = running, max(1, len(cases)), over
        ui.allBar.format = "%v / %m"
        ui.allTable.visible = bool(cases)
        for button in (ui.allTableButton, ui.allDicomButton):
            button.visible, button.enabled = bool(cases), not running


def _size(found: Shown) -> str:
    if math.isnan(found.ml):
        return _("{count} pixels").format(count=int(found.pixels))
    return f"{found.ml:.1f} mL ({found.surface_cm2:.1f} cm²)"
