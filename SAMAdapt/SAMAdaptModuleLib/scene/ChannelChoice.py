"""A row of a form in which a user chooses what a model sees together with a volume."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from SAMAdaptLib.errors import SAMAdaptError, notes_to
from SAMAdaptModuleLib.app.Connections import disconnectAll
from SAMAdaptModuleLib.scene.Channels import furtherVolumes, mayResample, setFurther
from SAMAdaptModuleLib.scene.SceneVolume import checkTogether

UI_FILE = Path(__file__).resolve().parents[2] / "Resources" / "UI" / "Channels.ui"


class ChannelChoice(VTKObservationMixin):
    """Two lists of volumes and a box. What is chosen is noted on the volume, and another row shows it, too.

    Args:
        form: a QFormLayout, which gets the row.
        row: where in it.
        tell: shows an error.
    """

    def __init__(self, form: Any, row: int, tell: Callable[[SAMAdaptError], None]) -> None:
        super().__init__()
        self._tell = tell
        self._volume: slicer.vtkMRMLScalarVolumeNode | None = None
        widget = slicer.util.loadUI(str(UI_FILE))
        form.insertRow(row, _("Seen with:"), widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        self._selectors = self.ui.secondChannelSelector, self.ui.thirdChannelSelector
        self._connections = [(one, "currentNodeChanged(vtkMRMLNode*)", self._onChosen) for one in self._selectors]
        self._connections.append((self.ui.resampleCheckBox, "toggled(bool)", self._onChosen))
        for sender, signal, slot in self._connections:
            sender.connect(signal, slot)
        self._show()

    def setVolume(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """The volume whose channels are shown and chosen from now on."""
        if volumeNode is self._volume:
            return
        self.removeObservers()
        self._volume = volumeNode
        with self._silent():
            for selector in self._selectors:
                # Without a volume there is nothing to choose, and nothing to be heard of the scene.
                selector.setMRMLScene(None if volumeNode is None else slicer.mrmlScene)
        if volumeNode is not None:
            scene = slicer.mrmlScene
            self.addObserver(volumeNode, "ModifiedEvent", self._show)
            self.addObserver(scene, scene.StartCloseEvent, self._onClose)
            self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._onNodeRemoved)
        self._show()

    def close(self) -> None:
        """Let go of the volume and of the callbacks."""
        self.setVolume(None)
        disconnectAll(self._connections)

    def _show(self, _caller: Any = None, _event: Any = None) -> None:
        volume, box = self._volume, self.ui.resampleCheckBox
        further = [] if volume is None else furtherVolumes(volume)
        with self._silent():
            for selector, node in zip_longest(self._selectors, further[: len(self._selectors)]):
                selector.setCurrentNode(node)
                selector.enabled = volume is not None
            box.checked = volume is not None and mayResample(volume)
        box.visible = bool(further)

    def _onClose(self, _caller: Any, _event: Any) -> None:
        self.setVolume(None)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeRemoved(self, _caller: Any, _event: Any, node: Any) -> None:
        if node is self._volume:
            self.setVolume(None)

    def _onChosen(self, *_value: Any) -> None:
        if self._volume is None:
            return
        chosen = [node for node in (one.currentNode() for one in self._selectors) if node is not None]
        try:
            setFurther(self._volume, chosen, self.ui.resampleCheckBox.checked)
            notes: list[str] = []
            with notes_to(notes.append):
                checkTogether(self._volume)
            if notes:
                self._tell(SAMAdaptError("; ".join(notes)))
        except SAMAdaptError as error:
            self._tell(error)
        self._show()

    @contextlib.contextmanager
    def _silent(self) -> Any:
        blocked = [one for one in (*self._selectors, self.ui.resampleCheckBox) if not one.blockSignals(True)]
        try:
            yield
        finally:
            for one in blocked:
                one.blockSignals(False)
