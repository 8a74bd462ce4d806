"""A part of step 1: which slices of unlabelled volumes are worth labelling next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import NEXT
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Downloads import progressText
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.app.Titles import titleOf
from SAMAdaptModuleLib.console.NextSliceLogic import SliceQuestion, SuggestedSlice, ofSlices
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TaskButton import TaskButton
from SAMAdaptModuleLib.scene.FindPlane import showPlane
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, greyVolumes

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Progress
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

ALL, ONE = "all", "one"


class NextSlices(Step):
    """A button, a bar, and a list that leads to the slices."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._found: list[SuggestedSlice] = []
        self._question: SliceQuestion | None = None
        for title, name in ((_("All of its kind"), ALL), (_("This one only"), ONE)):
            ui.nextScansSelector.addItem(title, name)
        ui.nextCountSpin.value = NEXT
        ui.nextSliceList.connect("currentRowChanged(int)", self.onSelected)
        ui.nextSliceList.connect("itemClicked(QListWidgetItem*)", self.onClicked)
        self._job = TaskButton(ui.nextSlicesButton, logic.newTasks(), self.onSuggest, self._onEnd)
        self._onEnd()
        self._show([])

    def stop(self) -> None:
        """Give up what is going on, and forget slices of volumes that are about to go."""
        self._job.stop()
        self._show([])

    def cleanup(self) -> None:
        """Stop what is going on."""
        self._job.close()
        self._onEnd()

    def onSuggest(self) -> None:
        """Look for slices; they are listed when they are found."""
        node = self.node
        checkVolume(node.volume)
        self.logic.installation.ensure()
        only = self.ui.nextScansSelector.currentData == ONE
        volumes = [node.volume] if only else greyVolumes(node.volume)
        intensity = "displayed" if node.intensity == "displayed" else None
        self._question = question = self.logic.sliceQuestion(
            volumes, self.ui.nextCountSpin.value, axis=node.axis, intensity=intensity
        )
        self._show([])
        self._job.start(
            "suggest", lambda found: self._show(question.answered(found)), self._onProgress, **question.arguments
        )
        self.ui.nextSlicesBar.maximum = 0
        self.ui.nextSlicesBar.visible = True

    def onSelected(self, row: int) -> None:
        """Show the slice of a row in the views."""
        if not 0 <= row < len(self._found):
            return
        with errorsShown():
            one = self._found[row]
            if one.volumeNode.GetScene() is None:
                raise InputError(_("The volume is no longer in the scene"), None, _("Ask for other slices"))
            slicer.util.setSliceViewerLayers(background=one.volumeNode)
            showPlane(one.volumeNode, one.axis, one.index)
            if self._parameterNode is not None:
                self._parameterNode.volume = one.volumeNode

    def onClicked(self, _item: Any) -> None:
        """Show it again, wherever the views have gone meanwhile."""
        self.onSelected(self.ui.nextSliceList.currentRow)

    def _onProgress(self, event: Progress) -> None:
        bar = self.ui.nextSlicesBar
        bar.format = "%v / %m" if ofSlices(event) else progressText(event.done, event.total)
        bar.maximum = event.total if event.total and ofSlices(event) else 0
        bar.value = event.done if bar.maximum else 0

    def _onEnd(self) -> None:
        self.ui.nextSlicesBar.visible = False
        if self._question is not None:
            self._question.close()
            self._question = None

    def _show(self, found: list[SuggestedSlice]) -> None:
        listed = self.ui.nextSliceList
        listed.blockSignals(True)
        listed.clear()
        self._found = found
        for number, one in enumerate(found, start=1):
            text = _("{number}. {volume}, {axis} slice {index}: {reason}").format(
                number=number,
                volume=one.volumeNode.GetName(),
                axis=titleOf(one.axis),
                index=one.index,
                reason=one.reason,
            )
            item = qt.QListWidgetItem(text)
            item.setToolTip(_("Click to show this slice in the slice views."))
            listed.addItem(item)
        listed.setCurrentRow(-1)
        listed.blockSignals(False)
        listed.visible = bool(found)
