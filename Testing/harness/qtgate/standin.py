"""Stand-ins for C++ widgets that no wheel has: members from the facts, behaviour where it is written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

from . import convert, facts

stand_ins: dict[str, type] = {}  # name of a ctk or slicer class -> PySide6 class that stands in for it
_EMPTY: dict[str, Any] = {"QString": "", "bool": False, "int": 0, "double": 0.0, "QStringList": [], "float": 0.0}
_PYTHON: dict[str, Any] = {"QString": str, "bool": bool, "int": int, "double": float, "QStringList": "QStringList"}


def generate(name: str) -> type:
    """A PySide6 class with the properties, signals and property setters of the facts. A property's value is kept; then
    a method `_on_<property>` is called, where the class has one. What else the facts name is not implemented."""
    entry = facts.classes()[name]
    base = pyside_behind(entry.get("base") or "QObject")
    space: dict[str, Any] = {}
    for property_name, (kind, writable, _) in entry.get("properties", {}).items():
        space[property_name] = _property(property_name, kind)
        setter = "set" + property_name[0].upper() + property_name[1:]
        if writable:
            space[setter] = _setter(property_name)
    if "setMRMLScene" in facts.merged(name, "methods"):
        space.update(setMRMLScene=_set_scene, mrmlScene=lambda self: self.__dict__.get("_scene"))
    overloads: dict[str, list[tuple]] = {}
    for signature in entry.get("signals", []):
        signal, types = signature[:-1].split("(", 1)
        overloads.setdefault(signal, []).append(tuple(_signal_type(t) for t in types.split(",") if t))
    for signal, forms in overloads.items():
        space[signal] = QtCore.Signal(*(forms if len(forms) > 1 else forms[0]))
    return type(name, (base,), space)


def stand_in(cls: type) -> type:
    """Decorator: this PySide6 class is the stand-in for the class of its name."""
    stand_ins[cls.__name__] = cls
    return cls


def pyside_behind(name: str) -> type:
    """The PySide6 class of a name, else what stands in for it."""
    found = stand_ins.get(name) or convert.pyside_class(name)
    if found is None:
        found = stand_ins[name] = generate(name)
    return found


def _property(name: str, kind: str) -> QtCore.Property:
    def read(self: Any) -> Any:
        return self.__dict__.get("_" + name, _EMPTY.get(kind, 0 if ":" in kind or kind[:1].isupper() else None))

    def write(self: Any, value: Any) -> None:
        assign(self, name, value)

    return QtCore.Property(_PYTHON.get(kind, "QVariant"), read, write)


def assign(self: Any, name: str, value: Any) -> None:
    self.__dict__["_" + name] = value
    follow = getattr(self, "_on_" + name, None)
    if follow is not None:
        follow(value)


def _set_scene(self: Any, scene: Any) -> None:
    if scene is not self.__dict__.get("_scene"):
        self._scene = scene
        if hasattr(self, "mrmlSceneChanged"):
            self.mrmlSceneChanged.emit(scene)


def _setter(name: str) -> Callable:
    return lambda self, value: self.setProperty(name, value)


def _signal_type(name: str) -> Any:
    known = {"QString": str, "bool": bool, "int": int, "double": float}
    return object if name.startswith("vtk") else known.get(name, name)
