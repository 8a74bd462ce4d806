"""The options frame: widgets on one side, parameters of the effect on the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Protocol

import slicer
from SAMAdaptModuleLib.app.Connections import Connection, disconnectAll
from SAMAdaptModuleLib.app.DeviceSelector import fillDevices
from SAMAdaptModuleLib.app.Messages import explain
from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.app.Weights import fillWeights
from SAMAdaptModuleLib.scene.ChannelChoice import ChannelChoice
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import MODEL, WEIGHTS
from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.prompts.kinds import KINDS
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.protocol import Ready
from SegmentEditorSAMAdaptLib.edit.ModelUse import NO_ADAPTER, shelvedAdapters
from SegmentEditorSAMAdaptLib.edit.Propagation import BOTH, DOWN, UP

UI_FILE = Path(__file__).resolve().parents[2] / "Resources" / "UI" / "SegmentEditorSAMAdapt.ui"
BUSY_AFTER_MS = 300
# Below what says how grey levels are seen.
CHANNEL_ROW = 4
PARAMETERS = {
    "Model": MODEL,
    "Adapter": NO_ADAPTER,
    "Weights": WEIGHTS,
    "Intensity": "auto",
    "MultiMask": 0,
    "LivePreview": 1,
    "PropagateReach": 0,
    "MinIoU": PropagationRules.min_iou,
    "MaxMissing": PropagationRules.max_missing,
    "Memory": 0,
}


class Drafting(Protocol):
    """What the buttons for prompts do."""

    def accept(self) -> bool | None:
        """Write the previews."""

    def undoGesture(self) -> bool | None:
        """Take the last gesture back."""

    def newObject(self) -> None:
        """Begin another object with the next gesture."""


class Actions(Protocol):
    """What the other buttons do."""

    @property
    def controller(self) -> Drafting:
        """Whose prompts they are."""

    def choose(self, *_index: int) -> None:
        """Another model or device was chosen."""

    def drop(self) -> bool | None:
        """Drop what is not accepted."""

    def stop(self) -> None:
        """End what is under way."""

    def propagate(self, direction: int) -> None:
        """Carry the object on DOWN, UP or to BOTH."""

    def segmentVolume(self, byText: bool = False) -> None:
        """Segment all slices."""

    def addExemplar(self, prompted: bool = False) -> None:
        """Add the current slice to the library, or all that have prompts."""


class EffectOptions:
    """Fills the options frame and keeps it and the parameters alike.

    Args:
        scriptedEffect: whose parameters these are.
    """

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect
        self.widget = slicer.util.loadUI(str(UI_FILE))
        self.ui = slicer.util.childWidgetVariables(self.widget)
        scriptedEffect.addOptionsWidget(self.widget)
        self.channels = ChannelChoice(slicer.util.findChild(self.widget, "formLayout"), CHANNEL_ROW, self.setStatus)
        self._fill()
        self._connections: list[Connection] = []
        self._actions: list[Connection] = []
        self._connect()
        self.setBusy(None)
        self.setStatus(None)

    @property
    def negative(self) -> bool:
        """Whether plain clicks mark what does not belong to the object."""
        return self.ui.negativeButton.checked

    @property
    def tool(self) -> str:
        """The kind of prompt that a drag draws."""
        return next(name for name, button in self._tools.items() if button.checked)

    def toggleTool(self, key: str) -> bool:
        """Have drags draw lines of the kind whose name begins with a key, or boxes again; False for any other key."""
        found = [name for name in self._tools if KINDS[name].line and name[0] == key]
        for name in found:
            self._setTool("box" if self.tool == name else name)
        return bool(found)

    @property
    def defined(self) -> bool:
        """Whether the parameters are there; between the end of a scene and the defaults some are not."""
        return all(self.scriptedEffect.parameterDefined(name) for name in PARAMETERS)

    @property
    def text(self) -> str:
        """What is to be looked for, in words: those typed in, else the segment's name."""
        return self.ui.textEdit.text.strip() or self.ui.textEdit.placeholderText

    def clearText(self) -> None:
        """Forget the words, which were another segment's."""
        self.ui.textEdit.text = ""

    def setSegmentName(self, name: str) -> None:
        """Offer the selected segment's name as words."""
        self.ui.textEdit.placeholderText = name

    def followVolume(self) -> None:
        """Show what is seen together with the source volume, which may be another one, while the effect is active."""
        if self._actions:
            self.channels.setVolume(self.scriptedEffect.parameterSetNode().GetSourceVolumeNode())

    def showParameters(self) -> None:
        """Parameters to widgets, once they are defined."""
        effect, ui = self.scriptedEffect, self.ui
        self.followVolume()
        if not self.defined:
            return
        blocked = [widget for widget in self._inputs() if not widget.blockSignals(True)]
        try:
            self._select(ui.modelComboBox, effect.parameter("Model"))
            self._selectAdapter(effect.parameter("Adapter"))
            self._select(ui.weightsComboBox, effect.parameter("Weights"))
            self._select(ui.intensityComboBox, effect.parameter("Intensity"))
            ui.candidateComboBox.currentIndex = effect.integerParameter("MultiMask")
            ui.livePreviewCheckBox.checked = effect.integerParameter("LivePreview") != 0
            ui.reachSpinBox.value = effect.integerParameter("PropagateReach")
            ui.minIoUSpinBox.value = effect.doubleParameter("MinIoU")
            ui.maxMissingSpinBox.value = effect.integerParameter("MaxMissing")
            ui.memoryCheckBox.checked = effect.integerParameter("Memory") != 0
        finally:
            for widget in blocked:
                widget.blockSignals(False)
        ui.modelComboBox.enabled = effect.parameter("Adapter") == NO_ADAPTER
        ui.weightsComboBox.enabled = not ui.modelComboBox.enabled

    def storeParameters(self) -> None:
        """Widgets to parameters."""
        effect, ui = self.scriptedEffect, self.ui
        values = {
            "Model": ui.modelComboBox.currentData,
            "Adapter": ui.adapterComboBox.currentData,
            "Weights": ui.weightsComboBox.currentData,
            "Intensity": self._intensity(),
            "MultiMask": ui.candidateComboBox.currentIndex,
            "LivePreview": int(ui.livePreviewCheckBox.checked),
            "PropagateReach": ui.reachSpinBox.value,
            "MinIoU": ui.minIoUSpinBox.value,
            "MaxMissing": ui.maxMissingSpinBox.value,
            "Memory": int(ui.memoryCheckBox.checked),
        }
        for name, value in values.items():
            effect.setParameter(name, value)

    def enable(self, preview: bool, canUndo: bool, running: bool, whyNoPropagation: str | None) -> None:
        """Show what can be done now; ``whyNoPropagation`` is None where propagating is possible."""
        ui = self.ui
        ui.acceptButton.enabled = preview
        ui.dropButton.enabled = preview or running
        ui.undoPromptButton.enabled = canUndo
        for button, tip in self._directionTips.items():
            button.enabled = whyNoPropagation is None and not running
            button.toolTip = whyNoPropagation or tip

    def enableFor(self, info: Ready | None, running: bool) -> None:
        """Show what a model can do beside prompts; ``info`` is None while none is loaded."""
        loading = _("The model is not loaded yet.")
        onlyFinders = _("Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).")
        onlyReaders = _("Only with an adapter that was trained with texts (method msa with a text model).")
        onlyMemories = _("Only with a model that remembers other slices (SAM 2).")
        finds, reads = info is not None and info.finds, info is not None and info.texts
        for widget, able, otherwise in (
            (self.ui.autoButton, finds, onlyFinders),
            (self.ui.textEdit, reads, onlyReaders),
            (self.ui.findButton, reads, onlyReaders),
            (self.ui.memoryCheckBox, info is not None and info.memory, onlyMemories),
        ):
            widget.enabled = able and not running
            widget.toolTip = self._modelTips[widget] if able else loading if info is None else otherwise

    @property
    def busy(self) -> bool:
        """Whether the bar is there."""
        return self._busy

    def setBusy(self, progress: tuple[int, int] | None) -> None:
        """Show a bar with Stop: (done, in all), with 0 in all when that is not known; None takes it away."""
        self._busy = progress is not None
        self.ui.busyFrame.visible = self._busy
        if progress is not None:
            done, total = progress
            self.ui.busyBar.maximum = total
            self.ui.busyBar.value = done

    def setStatus(self, message: Any) -> None:
        """Show a text or an Exception as a few lines; None takes the last one away."""
        label = self.ui.statusLabel
        label.visible = message is not None
        label.toolTip = ""
        failed = isinstance(message, Exception)
        label.styleSheet = "color: #c0392b;" if failed else ""
        if isinstance(message, SAMAdaptError):
            label.text = str(message)
        elif failed:
            label.text = explain(message)
        else:
            label.text = message or ""
        if failed:
            details = getattr(message, "trace", "") or f"{type(message).__name__}: {message}"
            label.toolTip = _("Details: {details}").format(details=details)

    def close(self) -> None:
        """Let go of the callbacks; to be called before the editor is destroyed."""
        self.disconnectActions()
        connections, self._connections = self._connections, []
        disconnectAll(connections)
        self.channels.close()

    def connectActions(self, actions: Actions) -> None:
        """Have the buttons do something, until :meth:`disconnectActions`: PythonQt keeps what is connected alive."""
        ui, drafting = self.ui, actions.controller
        self._actions = [
            (ui.acceptButton, "clicked()", drafting.accept),
            (ui.undoPromptButton, "clicked()", drafting.undoGesture),
            (ui.newObjectButton, "clicked()", drafting.newObject),
            (ui.dropButton, "clicked()", actions.drop),
            (ui.stopButton, "clicked()", actions.stop),
            (ui.exemplarButton, "clicked()", lambda: actions.addExemplar()),
            (ui.promptedButton, "clicked()", lambda: actions.addExemplar(prompted=True)),
            (ui.downButton, "clicked()", lambda: actions.propagate(DOWN)),
            (ui.bothButton, "clicked()", lambda: actions.propagate(BOTH)),
            (ui.upButton, "clicked()", lambda: actions.propagate(UP)),
            (ui.autoButton, "clicked()", lambda: actions.segmentVolume()),
            (ui.findButton, "clicked()", lambda: actions.segmentVolume(byText=True)),
            (ui.textEdit, "returnPressed()", lambda: actions.segmentVolume(byText=True)),
            # After the parameters have been stored.
            (ui.modelComboBox, "currentIndexChanged(int)", actions.choose),
            (ui.adapterComboBox, "currentIndexChanged(int)", actions.choose),
            (ui.weightsComboBox, "currentIndexChanged(int)", actions.choose),
            (ui.deviceComboBox, "currentIndexChanged(int)", actions.choose),
        ]
        for widget, signal, slot in self._actions:
            widget.connect(signal, slot)
        self.followVolume()

    def disconnectActions(self) -> None:
        """The buttons do nothing any more."""
        actions, self._actions = self._actions, []
        disconnectAll(actions)
        self.channels.setVolume(None)

    def _inputs(self) -> tuple[Any, ...]:
        ui = self.ui
        return (
            ui.modelComboBox,
            ui.adapterComboBox,
            ui.weightsComboBox,
            ui.intensityComboBox,
            ui.candidateComboBox,
            ui.livePreviewCheckBox,
            ui.deviceComboBox,
            ui.reachSpinBox,
            ui.minIoUSpinBox,
            ui.maxMissingSpinBox,
            ui.memoryCheckBox,
        )

    def _fill(self) -> None:
        ui = self.ui
        for model in MODELS.values():
            ui.modelComboBox.addItem(model.title, model.name)
        fillWeights(ui.weightsComboBox)
        for text, data in (
            (_("Automatic"), "auto"),
            (_("As displayed"), "displayed"),
            (_("CT soft tissue (40/400)"), "window:40/400"),
            (_("CT lung (-600/1500)"), "window:-600/1500"),
            (_("CT bone (400/1800)"), "window:400/1800"),
            (_("Percentiles (0.5/99.5)"), "percentile:0.5/99.5"),
        ):
            ui.intensityComboBox.addItem(text, data)
        for text in (_("Automatic"), _("Smallest"), _("Middle"), _("Largest")):
            ui.candidateComboBox.addItem(text)
        self.fillDevices()
        ui.positiveButton.checked = True
        self._tools = {name: button for name in KINDS if (button := getattr(ui, f"{name}Button", None)) is not None}
        self._setTool("box")
        self._directionTips = {button: button.toolTip for button in (ui.downButton, ui.bothButton, ui.upButton)}
        ofModels = (ui.autoButton, ui.textEdit, ui.findButton, ui.memoryCheckBox)
        self._modelTips = {widget: widget.toolTip for widget in ofModels}

    def fillDevices(self) -> None:
        """List what networks can run on, as far as a worker has told."""
        fillDevices(self.ui.deviceComboBox, Settings())

    def fillAdapters(self) -> None:
        """List what is on the shelf now."""
        combo = self.ui.adapterComboBox
        was = combo.blockSignals(True)
        combo.clear()
        combo.addItem(_("None"), NO_ADAPTER)
        for title, path in shelvedAdapters():
            combo.addItem(title, path)
        if self.scriptedEffect.parameterDefined("Adapter"):
            self._selectAdapter(self.scriptedEffect.parameter("Adapter"))
        combo.blockSignals(was)

    def _selectAdapter(self, chosen: str) -> None:
        combo = self.ui.adapterComboBox
        if combo.findData(chosen) < 0:
            combo.addItem(Path(chosen).name if chosen != NO_ADAPTER else _("None"), chosen)
        combo.currentIndex = combo.findData(chosen)

    def _select(self, combo: Any, data: str) -> None:
        index = combo.findData(data)
        if index >= 0:
            combo.currentIndex = index
        elif combo.editable:
            combo.setEditText(data)

    def _intensity(self) -> str:
        combo = self.ui.intensityComboBox
        index = combo.findText(combo.currentText)
        return combo.itemData(index) if index >= 0 else combo.currentText.strip()

    def _connect(self) -> None:
        ui, store = self.ui, self.scriptedEffect.updateMRMLFromGUI

        def changed(*_value: Any) -> None:
            store()

        def moved(*_value: Any) -> None:
            Settings().device = ui.deviceComboBox.currentData

        for widget, signal, slot in (
            (ui.positiveButton, "clicked()", lambda: self._setSign(False)),
            (ui.negativeButton, "clicked()", lambda: self._setSign(True)),
            (ui.modelComboBox, "currentIndexChanged(int)", changed),
            (ui.adapterComboBox, "currentIndexChanged(int)", changed),
            (ui.weightsComboBox, "currentIndexChanged(int)", changed),
            (ui.deviceComboBox, "currentIndexChanged(int)", moved),
            (ui.intensityComboBox, "currentIndexChanged(int)", changed),
            (ui.intensityComboBox.lineEdit(), "editingFinished()", changed),
            (ui.candidateComboBox, "currentIndexChanged(int)", changed),
            (ui.livePreviewCheckBox, "toggled(bool)", changed),
            (ui.reachSpinBox, "valueChanged(int)", changed),
            (ui.minIoUSpinBox, "valueChanged(double)", changed),
            (ui.maxMissingSpinBox, "valueChanged(int)", changed),
            (ui.memoryCheckBox, "toggled(bool)", changed),
        ):
            widget.connect(signal, slot)
            self._connections.append((widget, signal, slot))
        for name, button in self._tools.items():
            choose = partial(self._setTool, name)
            button.connect("clicked()", choose)
            self._connections.append((button, "clicked()", choose))

    def _setTool(self, chosen: str) -> None:
        for name, button in self._tools.items():
            button.checked = name == chosen

    def _setSign(self, negative: bool) -> None:
        self.ui.negativeButton.checked = negative
        self.ui.positiveButton.checked = not negative
