"""`scriptedEffect`: what a Segment Editor effect sees, over the real vtkSlicerSegmentEditorLogic; and the factory.

Names without a leading underscore are those that PythonQt shows; anything else is an AttributeError, as there.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from Testing.harness.effect_parameters import Parameters
from Testing.harness.effect_views import Views
from Testing.harness.util import Signal, SignalOwner, fault, guarded

PROPERTIES = (
    "name",
    "title",
    "perSegment",
    "requireSegments",
    "showEffectCursorInSliceView",
    "showEffectCursorInThreeDView",
)
MODES = ("ModificationModeSet", "ModificationModeAdd", "ModificationModeRemove", "ModificationModeRemoveAll")


def _class_of(path: Path):
    """Slicer's rule: the module is named like the folder, the class like the file.

    A class already found in the loaded module of that name is taken; else the file is run and takes the module's place,
    which then is no package.
    """
    module_name, class_name = path.parent.name, path.stem if path.stem.endswith("Effect") else path.stem + "Effect"
    module = sys.modules.get(module_name)
    if not hasattr(module, class_name):
        spec = importlib.util.spec_from_file_location(module_name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
    return getattr(module, class_name)


class AbstractEffect:
    """qSlicerSegmentEditorAbstractEffect: not to be made, exists for its enums."""

    ModificationModeSet, ModificationModeAdd, ModificationModeRemove, ModificationModeRemoveAll = range(4)
    NotConfirmed, ConfirmedWithoutDialog, ConfirmedWithDialog = range(3)


class ScriptedEffect(AbstractEffect, Parameters, Views):
    """qSlicerSegmentEditorScriptedEffect."""

    def __init__(self, parent=None):
        self._self = self._node = self._editor = self._frame = self._hiddenConfirmed = None
        self._source, self._active = "", False
        self.name = self.title = "UnnamedScriptedEffect"
        self.perSegment = self.requireSegments = True
        self.showEffectCursorInSliceView, self.showEffectCursorInThreeDView = True, False

    def __setattr__(self, name, value):
        if not name.startswith("_") and name not in PROPERTIES:
            raise AttributeError(f"qSlicerSegmentEditorScriptedEffect has no property {name}")
        object.__setattr__(self, name, value)

    def className(self):
        return "qSlicerSegmentEditorScriptedEffect"

    # --- the Python side ---------------------------------------------------------------------------------------------
    def setPythonSource(self, path):
        if not str(path).endswith(".py"):
            return False
        self._self = guarded(lambda: _class_of(Path(path))(self))
        if self._self is None:
            return False
        self._source = str(path)
        return True

    def pythonSource(self):
        return self._source

    def self(self):
        return self._self

    def _call(self, method, *args, default=None):
        function = getattr(self._self, method, None)
        answer = guarded(function, *args) if function else None
        return default if answer is None else answer

    def _processInteractionEvents(self, interactor, event, viewWidget) -> bool:
        answer = self._call("processInteractionEvents", interactor, event, viewWidget, default=False)
        if not isinstance(answer, bool):
            fault(f"{self._source}: processInteractionEvents is expected to return a boolean, not {answer!r}")
        return answer is True

    def _interactionNodeModified(self, node) -> None:
        if hasattr(self._self, "interactionNodeModified"):
            self._call("interactionNodeModified", node)
        elif node.GetCurrentInteractionMode() != node.ViewTransform:
            self.selectEffect("")

    def helpText(self):
        return self._call("helpText", default="")

    def activate(self):
        self.optionsFrame().setVisible(True)
        self._active = True
        self.updateGUIFromMRML()
        self._call("activate")

    def deactivate(self):
        self.optionsFrame().setVisible(False)
        self._active = False
        self._call("deactivate")

    def active(self):
        return self._active

    def updateGUIFromMRML(self):
        if self._active:
            self._call("updateGUIFromMRML")

    def updateMRMLFromGUI(self):
        self._call("updateMRMLFromGUI")

    def cleanup(self):
        self._call("cleanup")

    def selectEffect(self, name):
        self._editor.setActiveEffectByName(name)

    # --- editing -----------------------------------------------------------------------------------------------------
    def saveStateForUndo(self):
        self._editor.logic.SaveStateForUndo()

    def modifySelectedSegmentByLabelmap(self, labelmap, mode, *extentAndBypass):
        rest = list(extentAndBypass)
        extent = [list(rest.pop(0))] if rest and isinstance(rest[0], (list, tuple)) else []
        if len(rest) > 1 or (extent and len(extent[0]) != 6):
            raise ValueError("expected labelmap, mode, [six extent values,] bypassMasking")
        node = self._node
        self._modify(node.GetSegmentationNode(), node.GetSelectedSegmentID() or "", labelmap, mode, extent, *rest)

    def modifySegmentByLabelmap(self, segmentationNode, segmentID, labelmap, mode, bypassMasking=False):
        # Its other overload takes a C array, which PythonQt cannot make.
        self._modify(segmentationNode, segmentID, labelmap, mode, [], bypassMasking)

    def _modify(self, segmentationNode, segmentID, labelmap, mode, extent, bypassMasking=False):
        logic = self._editor.logic
        logic.ModifySegmentByLabelmap(
            segmentationNode,
            segmentID,
            labelmap,
            getattr(logic, MODES[mode]),
            *extent,
            bool(self.perSegment),
            bool(bypassMasking),
        )

    def _image(self, update, get):
        logic = self._editor.logic
        return getattr(logic, get)() if getattr(logic, update)() else None

    def defaultModifierLabelmap(self):
        return self._image("ResetModifierLabelmapToDefault", "GetModifierLabelmap")

    def modifierLabelmap(self):
        return self._editor.logic.GetModifierLabelmap()

    def maskLabelmap(self):
        return self._image("UpdateMaskLabelmap", "GetMaskLabelmap")

    def sourceVolumeImageData(self):
        return self._image("UpdateAlignedSourceVolume", "GetAlignedSourceVolume")

    def selectedSegmentLabelmap(self):
        return self._image("UpdateSelectedSegmentLabelmap", "GetSelectedSegmentLabelmap")

    def referenceGeometryImage(self):
        return self._image("UpdateReferenceGeometryImage", "GetReferenceGeometryImage")

    def confirmCurrentSegmentVisible(self):
        """The dialog for a hidden segment is recorded; the answer `confirmCurrentSegmentVisible` is yes, no, cancel."""
        segmentation = self._node.GetSegmentationNode() if self._node else None
        segmentID = self._node.GetSelectedSegmentID() if self._node else None
        if not segmentation or not segmentID:
            return self.ConfirmedWithoutDialog
        segment = segmentation.GetSegmentation().GetSegment(segmentID)
        # Before anything is confirmed it is none, as is a segment that was removed.
        if self._hiddenConfirmed is segment:
            return self.ConfirmedWithoutDialog
        display = segmentation.GetDisplayNode()
        if display and display.GetVisibility() and display.GetSegmentVisibility(segmentID):
            return self.ConfirmedWithoutDialog
        answer = self._editor.dialogs.ask("confirmCurrentSegmentVisible", segmentID, "yes")
        if answer == "cancel":
            return self.NotConfirmed
        if answer == "yes" and display:
            display.SetVisibility(True)
            display.SetSegmentVisibility(segmentID, True)
        elif answer != "yes":
            self._hiddenConfirmed = segment
        return self.ConfirmedWithDialog

    # --- options -----------------------------------------------------------------------------------------------------
    def optionsFrame(self):
        if self._frame is None:
            import qt

            self._frame = qt.QFrame()
            qt.QFormLayout(self._frame)
        return self._frame

    def optionsLayout(self):
        return self.optionsFrame().layout()

    def addOptionsWidget(self, widget):
        self.optionsLayout().addRow(widget)

    def addLabeledOptionsWidget(self, text, widget):
        import qt

        label = qt.QLabel(text)
        self.optionsLayout().addRow(label, widget)
        return label


class EffectFactory(SignalOwner):
    """qSlicerSegmentEditorEffectFactory: one list of effects for all editors."""

    _effects: list[ScriptedEffect] = []
    effectRegistered = Signal()

    @classmethod
    def instance(cls):
        return cls()

    def registerEffect(self, effect):
        if any(known.name == effect.name for known in self._effects):
            return False
        self._effects.append(effect)
        self.effectRegistered.emit(effect.name)
        return True

    def registeredEffects(self):
        return tuple(self._effects)
