"""Scripted modules: loaded from their file, set up with a widget, closed again, as the module factory does it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import slicer

from Testing.harness.util import fault


class LoadedModule:
    """A module with its Python side.

    `parent` is the qSlicerScriptedLoadableModule, `module` the instance of the module class, `source` the Python
    module. Loading emits `startupCompleted`, after which the module has registered what it wants to.
    """

    def __init__(self, path: Path):
        self.path, self.name = str(path), path.stem
        self._widget = self._representation = None
        if str(path.parent) not in sys.path:
            sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(self.name, path)
        self.source = importlib.util.module_from_spec(spec)
        sys.modules[self.name] = self.source
        spec.loader.exec_module(self.source)
        self.parent = slicer.qSlicerScriptedLoadableModule()
        self.module = getattr(self.source, self.name)(self.parent)
        slicer.app.moduleManager().add(self.name, self)
        setup = getattr(self.module, "setup", None)
        if setup:
            setup()
        started = slicer.app.startupCompleted
        started.emit()
        # The application starts once, however many modules are loaded here; what was connected is held all the same.
        self._connected = [*started._slots]
        started._slots.clear()

    def __getattr__(self, name):
        # slicer.modules.<name> is the C++ module: its properties are the parent's.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.parent, name)

    @property
    def __class__(self):
        # `slicer.util.getModuleLogic` asks whether this is the application's class for scripted modules.
        return slicer.qSlicerScriptedLoadableModule

    def logic(self):
        """None, as for every scripted module."""
        return None

    def widgetRepresentation(self):
        """The C++ widget whose `self()` is the Python one; made at the first call."""
        self.widget()
        return self._representation

    def widget(self):
        """The module's Python widget after `setup()`, with `enter()` not yet called."""
        if self._widget is None:
            self._representation = Representation(self.name)
            self._widget = getattr(self.source, f"{self.name}Widget")(self._representation.widget)
            self._representation.python = self._widget
            self._widget.setup()
            self._representation.widget.setMRMLScene(slicer.mrmlScene)
        return self._widget

    def enter(self) -> None:
        self.widget()
        self._entered(True)
        self._call("enter")

    def exit(self) -> None:
        self._entered(False)
        self._call("exit")

    def _entered(self, entered: bool) -> None:
        from Testing.harness.qtgate import unwrap

        # What the property isEntered reads; the C++ side sets it before it calls Python.
        unwrap(self._representation.widget)._isEntered = entered

    def _call(self, name) -> None:
        function = getattr(self._widget, name, None)
        if function:
            function()

    def grab(self, path, size=(420, 900)) -> None:
        """The panel as a PNG file."""
        from Testing.harness.qtgate import unwrap

        self.widget()
        widget = unwrap(self._representation.widget)
        widget.resize(*size)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if not widget.grab().save(str(path)):
            fault(f"{path} could not be written")

    def close(self) -> None:
        """Unload: `exit`, `cleanup` of the widget, then module and widget are gone."""
        if self._widget is not None:
            from Testing.harness.qtgate import unwrap

            self._call("exit")
            cleanup = self._widget.cleanup
            slicer.app.moduleManager().remove(self.name)
            cleanup()
            # Or its selectors would go on following the scene, for all tests to come.
            unwrap(self._representation.widget).deleteLater()
            self._widget = self._representation = None
        elif slicer.app.moduleManager().module(self.name) is self:
            slicer.app.moduleManager().remove(self.name)
        sys.modules.pop(self.name, None)


class Representation:
    """qSlicerScriptedLoadableModuleWidget: with a vertical layout, and it hands out the Python widget."""

    def __init__(self, name):
        import qt

        from Testing.harness.qtgate.gate import gate_class

        self.moduleName, self.python = name, None
        # Python sees it as the parent of its widget; the class in slicer is this one, which the application asks for.
        self.widget = gate_class("qSlicerScriptedLoadableModuleWidget")()
        self.widget.setLayout(qt.QVBoxLayout())

    def self(self):
        return self.python
