"""`slicer.app` and `slicer.modules`: members of qSlicerApplication and its module manager that an extension uses."""

from __future__ import annotations

import os
import types
from pathlib import Path

import slicer

from Testing.harness.util import Signal, SignalOwner


class ProcessEnvironment:
    """QProcessEnvironment as `slicer.util.startupEnvironment` reads it."""

    def keys(self):
        return tuple(os.environ)

    def value(self, name, default=""):
        return os.environ.get(name, default)


class ModuleManager(SignalOwner):
    """qSlicerModuleManager; a module is found by its name with capitals, in `slicer.modules` without."""

    def __init__(self):
        self._modules: dict = {}
        self.moduleAboutToBeUnloaded = Signal()

    def add(self, name, module):
        self._modules[name] = module
        setattr(slicer.modules, name.lower(), module)

    def remove(self, name):
        self.moduleAboutToBeUnloaded.emit(name)
        del self._modules[name]
        delattr(slicer.modules, name.lower())

    def module(self, name):
        return self._modules.get(name)

    def modulesNames(self):
        return tuple(self._modules)

    def loadedModuleNames(self):
        return tuple(self._modules)

    def isLoaded(self, name):
        return name in self._modules

    def factoryManager(self):
        return self


class CoreModule:
    """A module of the application itself: its name and its real logic; no widget."""

    def __init__(self, name, logic):
        self.name = self.title = name
        self.path = ""
        self._logic = logic

    def logic(self):
        return self._logic

    def widgetRepresentation(self):
        return None


class ApplicationObject(SignalOwner):
    """qSlicerApplication. What is not here is asked of the QApplication."""

    applicationName = "Slicer"
    majorVersion, minorVersion = 5, 12
    applicationVersion = "5.12.0"
    revision = "33000"
    platform = "linux-amd64"

    def __init__(self, qapplication, folder: Path, logic):
        self._qapplication, self._logic = qapplication, logic
        self._layoutManager = self._ioManager = None
        self._renderPaused = 0
        self.startupCompleted, self.aboutToQuit, self.mrmlSceneChanged = Signal(), Signal(), Signal()
        self.openedModules: list = []
        self.translationsLoaded: list = []
        self._moduleManager = ModuleManager()
        for name in ("temporaryPath", "cachePath", "slicerHome", "extensionsInstallPath"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            setattr(self, name, str(folder / name))
        self._testing = False

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._qapplication, name)

    def loadTranslations(self, folder):
        """The application's language is English, in which nothing is installed."""
        self.translationsLoaded.append(str(folder))

    def applicationLogic(self):
        return self._logic

    def layoutManager(self):
        return self._layoutManager

    def moduleManager(self):
        return self._moduleManager

    def moduleLogic(self, name):
        module = self._moduleManager.module(name)
        return module.logic() if module else None

    def coreIOManager(self):
        return self._ioManager

    ioManager = coreIOManager

    def mrmlScene(self):
        return slicer.mrmlScene

    def mainWindow(self):
        return None

    def topLevelWidgets(self):
        return ()

    def testingEnabled(self):
        return self._testing

    def commandOptions(self):
        return types.SimpleNamespace(testingEnabled=self._testing, noMainWindow=self._layoutManager is None)

    def moduleDocumentationUrl(self, moduleName):
        return f"https://example.org/{moduleName}"

    def userSettings(self):
        import qt

        return qt.QSettings()

    settings = revisionUserSettings = userSettings

    @property
    def slicerUserSettingsFilePath(self):
        return self.userSettings().fileName()

    def startupEnvironment(self):
        return ProcessEnvironment()

    environment = startupEnvironment

    def processEvents(self):
        from PySide6.QtCore import QCoreApplication

        QCoreApplication.processEvents()

    def pauseRender(self):
        self._renderPaused += 1

    def resumeRender(self):
        if self._renderPaused == 0:
            raise AssertionError("resumeRender without pauseRender")
        self._renderPaused -= 1

    def setRenderPaused(self, pause):
        (self.pauseRender if pause else self.resumeRender)()

    def openNodeModule(self, node, role="", context=""):
        self.openedModules.append(node.GetClassName())
