"""The stand-in for the Slicer application: real MRML from slicer-core, widgets from PySide6.

    app = Application.start()
    app.view("Red").show(volumeNode)
    editor = app.segmentEditor(segmentationNode, volumeNode)
    app.view("Red").clickAt([10, 20, 30])
"""

from __future__ import annotations

import ctypes
import importlib
import os
import shutil
import sys
import tempfile
import time
import types
from pathlib import Path

import slicer
import slicer.util
import vtk

from Testing.harness import util

LOGICS = {
    "Colors": "vtkMRMLColorLogic",
    "Volumes": "vtkSlicerVolumesLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "Models": "vtkSlicerModelsLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Texts": "vtkSlicerTextsLogic",
    "Sequences": "vtkSlicerSequencesLogic",
    "CropVolume": "vtkSlicerCropVolumeLogic",
    "Plots": "vtkSlicerPlotsLogic",
}


class Application:
    """One per process; `Application.start()` gives it."""

    _one: Application | None = None

    @classmethod
    def start(cls) -> Application:
        if cls._one is None:
            cls._one = cls()
        return cls._one

    def __init__(self):
        self._immortal_none()
        self._hide()
        self._temporary = tempfile.TemporaryDirectory(prefix="application-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        # QStandardPaths would lead to the user's own folders.
        os.environ["XDG_DATA_HOME"] = str(self.folder / "data")
        os.environ["XDG_CONFIG_HOME"] = str(self.folder / "config")
        self.dialogs = util.Dialogs()
        self.faults = util.faults
        self._editors: list = []
        self._modules: list = []
        self._views: dict = {}
        # Before any error can occur, so that those of the start are seen too.
        util.watch_errors()
        self._qt()
        self._mrml()
        slicer.app._ioManager = self._manager("scene_io", "CoreIOManager")()
        self._layout = slicer.app._layoutManager = self._manager("layout", "LayoutManager")(self._logic)
        self._classes()
        self._mouseModes()
        self.dialogs.install(slicer.util)
        slicer.util.selectModule = lambda module: slicer.app.openedModules.append(getattr(module, "name", module))

    @staticmethod
    def _manager(module, name):
        # After slicer is set up: these files use its classes at their top.
        return getattr(importlib.import_module(f"Testing.harness.{module}"), name)

    # --- start -------------------------------------------------------------------------------------------------------
    @staticmethod
    def _immortal_none() -> None:
        """PySide6 6.12 gives one reference to None too many back at each call of a slot.

        Before Python 3.12, which never frees None, the process ends after some ten thousand.
        """
        if sys.version_info < (3, 12):
            ctypes.c_ssize_t.from_address(id(None)).value += 1 << 40

    @staticmethod
    def _hide() -> None:
        """Take away what the wheel has and the application has not, and name its modules as the application does."""
        for name in dir(slicer):
            if not name.startswith(("vtk", "_")) and name != "util":
                delattr(slicer, name)
        for name in list(sys.modules):
            package, _, short = name.partition(".")
            if package == "slicer_core" and short:
                sys.modules.setdefault(short, sys.modules[name])
                sys.modules.setdefault(f"{short}Python", sys.modules[name])
        mrml = types.ModuleType("mrml")
        mrml.__dict__.update({name: getattr(slicer, name) for name in dir(slicer) if name.startswith("vtk")})
        sys.modules["mrml"] = mrml

    def _qt(self) -> None:
        from PySide6.QtCore import QSettings

        from Testing.harness import packages, qtgate

        qtgate.install()
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(self.folder))
        self._gate = qtgate
        slicer.modules = types.ModuleType("slicer.modules")
        sys.modules["slicer.modules"] = slicer.modules
        for name, cls in qtgate.slicer_classes().items():
            setattr(slicer, name, cls)
        self._packages = packages
        slicer.util.loadUI = lambda path: qtgate.load_ui(str(path))
        slicer.util.childWidgetVariables = qtgate.child_widgets

    def _mrml(self) -> None:
        import qt

        scene = slicer.mrmlScene = slicer.vtkMRMLScene()
        self._crosshair()
        logic = self._logic = slicer.vtkSlicerApplicationLogic()
        logic.SetMRMLScene(scene)
        logic.GetColorLogic().SetMRMLScene(scene)
        logic.GetColorLogic().AddDefaultColorNodes()
        logic.SetSliceLogics(vtk.vtkCollection())
        logic.SetViewLogics(vtk.vtkCollection())
        for view in ("ThreeD", "Slice"):
            factory = getattr(slicer, f"vtkMRML{view}ViewDisplayableManagerFactory")
            factory.GetInstance().SetMRMLApplicationLogic(logic)
        from Testing.harness.app_object import ApplicationObject, CoreModule

        slicer.app = ApplicationObject(qt.QApplication.instance(), self.folder, logic)
        for name, class_name in LOGICS.items():
            module_logic = logic.GetColorLogic() if name == "Colors" else getattr(slicer, class_name)()
            module_logic.SetMRMLApplicationLogic(logic)
            if name != "Colors":
                module_logic.SetMRMLScene(scene)
            logic.SetModuleLogic(name, module_logic)
            slicer.app.moduleManager().add(name, CoreModule(name, module_logic))
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)

    @staticmethod
    def _crosshair() -> None:
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        slicer.mrmlScene.AddNode(crosshair)

    def _classes(self) -> None:
        """Classes of this side, also where scripts import them from; then Slicer's own Python packages."""
        from Testing.harness import effects, layout, modules, views

        for name, cls in {
            "qSlicerSegmentEditorAbstractEffect": effects.AbstractEffect,
            "qSlicerSegmentEditorScriptedEffect": effects.ScriptedEffect,
            "qSlicerScriptedLoadableModuleWidget": modules.Representation,
            "qMRMLSliceWidget": views.SliceWidget,
            "qMRMLSliceView": views.SliceView,
            "qMRMLThreeDWidget": layout.ThreeDWidget,
            "qMRMLThreeDView": layout.ThreeDView,
        }.items():
            setattr(slicer, name, cls)
        kit = types.ModuleType("qSlicerSegmentationsEditorEffectsPythonQt")
        kit.qSlicerSegmentEditorScriptedEffect = effects.ScriptedEffect
        kit.qSlicerSegmentEditorAbstractEffect = effects.AbstractEffect
        kit.qSlicerSegmentEditorEffectFactory = effects.EffectFactory
        sys.modules[kit.__name__] = kit
        self._packages.install(slicer)

    def _mouseModes(self) -> None:
        """The toolbar of the mouse modes gives all views the cursor of the mode; and the buttons are those of tests."""
        import qt

        qt.QGuiApplication.mouseButtons = staticmethod(lambda: util.Mouse.buttons)

        def changed(node, event):
            own = node.GetCurrentInteractionMode() == node.ViewTransform
            for name in self._layout.sliceViewNames():
                view = self._layout.sliceWidget(name).sliceView()
                cursor = qt.QCursor() if own else qt.QCursor(qt.QPixmap(16, 16))
                view.setViewCursor(cursor)
                view.setDefaultViewCursor(cursor)

        self._logic.GetInteractionNode().AddObserver("ModifiedEvent", changed)

    # --- what tests use ----------------------------------------------------------------------------------------------
    def view(self, name: str = "Red"):
        """The slice view Red, Yellow or Green: handles.ViewHandle."""
        if name not in self._views:
            from Testing.harness.handles import ViewHandle

            self._views[name] = ViewHandle(self._layout.sliceWidget(name))
        return self._views[name]

    def addView(self, name: str):
        """A further slice view, until it is removed or the scene is reset."""
        self._layout._add(name)
        self._layout.layoutChanged.emit(self._layout.layout)
        return self.view(name)

    def removeView(self, name: str) -> None:
        """As when a view's node leaves the scene: its widget is destroyed."""
        self._views.pop(name, None)
        self._layout._remove(name)

    def segmentEditor(self, segmentationNode=None, volumeNode=None, segmentID: str | None = None):
        """A new segment editor (editor.SegmentEditor) with clones of all registered effects; closed by `resetScene`."""
        from Testing.harness.editor import SegmentEditor

        editor = SegmentEditor(self.dialogs, slicer.app.layoutManager())
        self._editors.append(editor)
        if segmentationNode:
            editor.setSegmentationNode(segmentationNode)
        if volumeNode:
            editor.setSourceVolumeNode(volumeNode)
        if segmentID:
            editor.setCurrentSegmentID(segmentID)
        return editor

    def registerEffect(self, path) -> None:
        """Load an effect from its file and register it, as its module does at start-up."""
        from Testing.harness.effects import ScriptedEffect

        effect = ScriptedEffect(None)
        if not effect.setPythonSource(str(path)):
            raise RuntimeError(f"cannot load the effect {path}: {self.faults[-1:]}")
        effect.self().register()

    def forgetEffects(self) -> None:
        """No effect is registered any more; editors that exist keep their clones."""
        from Testing.harness.effects import EffectFactory

        EffectFactory._effects.clear()

    def headless(self, on: bool = True) -> None:
        """As with --no-main-window: no layout manager."""
        slicer.app._layoutManager = None if on else self._layout

    def loadModule(self, path):
        """Load a scripted module as the module factory does: modules.LoadedModule, with `widget()` and `close()`."""
        from Testing.harness.modules import LoadedModule

        module = LoadedModule(Path(path))
        self._modules.append(module)
        return module

    def pump(self, until=None, seconds: float = 10.0, what: str = "") -> None:
        """Run the event loop until `until()` is true, at most so long; without it, once through what is pending.

        Raises AssertionError naming what it waited for.
        """
        from PySide6.QtCore import QCoreApplication, QEventLoop

        deadline = time.monotonic() + seconds
        while True:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QCoreApplication.sendPostedEvents(None, 52)  # deleteLater waits for an outer loop that tests have not
            if until is None or until():
                return
            if time.monotonic() > deadline:
                name = what or getattr(until, "__qualname__", repr(until))
                raise AssertionError(f"waited {seconds} s in vain for {name}; faults: {self.faults}")
            time.sleep(0.002)

    def resetScene(self) -> None:
        """Close editors and the scene (with the scene's close events) and put everything back as after start-up."""
        for editor in self._editors:
            editor.close()
        self._editors.clear()
        self.headless(False)
        slicer.mrmlScene.Clear(0)
        self._removeLeftovers()
        if not slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode"):
            self._crosshair()
        interaction = self._logic.GetInteractionNode()
        interaction.SetCurrentInteractionMode(interaction.ViewTransform)
        self._layout.restore()
        self._views = {name: view for name, view in self._views.items() if name in self._layout.sliceViewNames()}
        self.dialogs.reset()
        slicer.app.openedModules.clear()
        slicer.app._testing = False
        slicer.app.userSettings().clear()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def _removeLeftovers(self) -> None:
        """Views and editor settings outlive a scene, as in the application; those of earlier tests should not."""
        own = [self._layout.sliceWidget(name).mrmlSliceNode() for name in ("Red", "Yellow", "Green")]
        for kind in ("vtkMRMLSliceNode", "vtkMRMLSegmentEditorNode"):
            for node in list(slicer.util.getNodesByClass(kind)):
                if node not in own:
                    slicer.mrmlScene.RemoveNode(node)

    def close(self) -> None:
        """Unload what `loadModule` loaded, the last first."""
        while self._modules:
            self._modules.pop().close()

    def takeFaults(self) -> list[str]:
        """What the application would have printed as errors since the last call, and forget it."""
        taken = [*self.faults, *self._gate.slot_errors]
        self.faults.clear()
        self._gate.slot_errors.clear()
        return taken
