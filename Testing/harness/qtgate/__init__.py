"""The Qt side of the stand-in for Slicer: `qt` and `ctk` as PythonQt shows them, on PySide6.

Entry points:
    install() -> QApplication         puts modules `qt` and `ctk` into sys.modules (idempotent)
    slicer_classes() -> dict          the classes `slicer.q*`, to be set as attributes of `slicer`
    load_ui(path) -> proxy            what `slicer.util.loadUI` returns
    child_widgets(widget)             what `slicer.util.childWidgetVariables` returns
    wrap(pyside_object) -> proxy      as PythonQt would show it; plain values come back converted
    unwrap(proxy) -> pyside_object    for grab(), QTest and the like
    slot_errors: list[str]            tracebacks of exceptions that slots raised (they are printed, not raised)
`Testing.harness.packages.install(slicer)` adds slicer.i18n, slicer.ScriptedLoadableModule, slicer.parameterNodeWrapper,
slicer.packaging, SegmentEditorEffects, SampleData.
"""

from __future__ import annotations

import locale
import sys
import tempfile
import types
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from . import facts
from .convert import slot_errors, unwrap, wrap
from .gate import gate_class
from .ui import child_widgets, load_ui

__all__ = ["child_widgets", "install", "load_ui", "slicer_classes", "slot_errors", "unwrap", "wrap"]
_kept: list[Any] = []


class _Kit(types.ModuleType):
    """`qt` or `ctk`: makes each class when it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        if _namespace(name) != self.__name__:
            raise AttributeError(f"{self.__name__} has no {name} (or Testing/harness/facts/qt.json lacks it)")
        setattr(self, name, gate_class(name))
        return getattr(self, name)


def _namespace(name: str) -> str | None:
    entry = facts.classes().get(name)
    return None if entry is None else entry.get("namespace", "qt")


def install() -> QApplication:
    """Put `qt` and `ctk` into sys.modules; settings go to a folder of this process, not to the user's."""
    if "qt" not in sys.modules:
        from . import ctkwidgets, mrmlwidgets  # noqa: F401  they register themselves

        folder = tempfile.TemporaryDirectory(prefix="qtgate")
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
            QSettings.setPath(QSettings.Format.IniFormat, scope, folder.name)
        # Qt takes over the system's locale, and Python would decode what programs print by it.
        before = locale.setlocale(locale.LC_ALL)
        app = QApplication.instance() or QApplication(["Slicer"])
        locale.setlocale(locale.LC_ALL, before)
        app.setOrganizationName("NA-MIC")
        app.setApplicationName("Slicer")
        app.setQuitOnLastWindowClosed(False)
        _kept.extend((folder, app))
        for name in ("qt", "ctk"):
            sys.modules[name] = _Kit(name)
    return QApplication.instance()


def slicer_classes() -> dict[str, type]:
    """The classes that real Slicer has as `slicer.q*`."""
    return {name: gate_class(name) for name in facts.classes() if _namespace(name) == "slicer"}
