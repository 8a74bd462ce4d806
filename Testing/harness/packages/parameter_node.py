"""`slicer.parameterNodeWrapper`: a class of annotations over a parameter node."""

from __future__ import annotations

import enum
import pathlib
import types
import typing
from typing import Any

import slicer

from .parameter_gui import SingleStep, bind, widgets_by_parameter

__all__ = ["Choice", "Default", "Maximum", "Minimum", "SingleStep", "SlicerParameterNamePropertyName", "WithinRange",
           "findChildWidgetForParameter", "isParameterNodeWrapper", "parameterNodeWrapper"]

SlicerParameterNamePropertyName = "SlicerParameterName"


class Default:
    def __init__(self, value: Any = None, *, generator: Any = None) -> None:
        self._value, self._generator = value, generator

    @property
    def value(self) -> Any:
        return self._generator() if self._generator else self._value


class WithinRange:
    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: float) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value!r} is not within {self.minimum} and {self.maximum}")


class Minimum(WithinRange):
    def __init__(self, minimum: float) -> None:
        super().__init__(minimum, float("inf"))


class Maximum(WithinRange):
    def __init__(self, maximum: float) -> None:
        super().__init__(float("-inf"), maximum)


class Choice:
    def __init__(self, choices: typing.Iterable) -> None:
        self.choices = list(choices)

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"{value!r} is not one of {self.choices}")


class Parameter:
    """One annotation: how its value is checked, stored and read."""

    def __init__(self, name: str, annotation: Any, given: Any) -> None:
        self.name = name
        self.notes = list(getattr(annotation, "__metadata__", ()))
        kind = typing.get_args(annotation)[0] if self.notes else annotation
        kinds = [k for k in typing.get_args(kind) if k is not type(None)]
        if typing.get_origin(kind) in (typing.Union, types.UnionType) and len(kinds) == 1:
            kind = kinds[0]
        self.kind = kind
        self.node = isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode)
        plain = isinstance(kind, type) and issubclass(kind, (str, int, float, bool, pathlib.Path, enum.Enum))
        if not (self.node or plain):
            raise TypeError(f"{name}: {annotation!r} is not in this stand-in for parameterNodeWrapper")
        named = next((n.value for n in self.notes if isinstance(n, Default)), None)
        self.default = given if given is not None else named if named is not None else self._empty()
        self.check(self.default)

    def note(self, kind: type) -> Any:
        return next((n for n in self.notes if isinstance(n, kind)), None)

    def _empty(self) -> Any:
        if self.node:
            return None
        if self.note(Choice):
            return self.note(Choice).choices[0]
        if issubclass(self.kind, enum.Enum):
            return next(iter(self.kind))
        return self.kind()

    def check(self, value: Any) -> None:
        if self.node and value is None:
            return
        wanted = (int, float) if self.kind is float else pathlib.PurePath if self.kind is pathlib.Path else self.kind
        if self.kind is pathlib.Path and isinstance(value, str):
            wanted = str
        if not isinstance(value, wanted):
            raise TypeError(f"{self.name}: {value!r} is no {self.kind.__name__}")
        for note in self.notes:
            if hasattr(note, "validate"):
                note.validate(value)

    def write(self, node: Any, key: str, value: Any) -> None:
        self.check(value)
        if self.node:
            node.SetNodeReferenceID(key, value.GetID() if value is not None else None)
        else:
            text = value.name if isinstance(value, enum.Enum) else str(value)
            node.SetParameter(key, text.lower() if self.kind is bool else text)

    def read(self, node: Any, key: str) -> Any:
        if self.node:
            return node.GetNodeReference(key)
        text = node.GetParameter(key)
        if self.kind is bool:
            return text == "true"
        return self.kind[text] if issubclass(self.kind, enum.Enum) else self.kind(text)


class _Wrapper:
    """What a decorated class can do. The instance is made from a vtkMRMLScriptedModuleNode."""

    _parameters: dict[str, Parameter]

    def __init__(self, parameterNode: Any, prefix: str | None = None) -> None:
        self.parameterNode = parameterNode
        self._prefix = prefix + "." if prefix else ""
        self._guis: dict[int, Any] = {}
        self._showing = False
        for name, parameter in self._parameters.items():
            if not parameter.node and not parameterNode.GetParameter(self._prefix + name):
                parameter.write(parameterNode, self._prefix + name, parameter.default)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._parameters and name not in ("parameterNode", "_prefix", "_guis", "_showing"):
            raise AttributeError(f"{type(self).__name__} has no parameter {name}")
        object.__setattr__(self, name, value)

    def getValue(self, name: str) -> Any:
        return getattr(self, name)

    def setValue(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def default(self, paramName: str) -> Default:
        return Default(self._parameters[paramName].default)

    def dataType(self, name: str) -> Any:
        return self._parameters[name].kind

    def isCached(self, paramName: str) -> bool:
        self._parameters[paramName]
        return False

    def connectParametersToGui(self, mapping: dict[str, Any]) -> int:
        bindings = [bind(self, self._parameters[name], widget) for name, widget in mapping.items()]

        def show(*_: Any) -> None:
            if self._showing:
                return
            self._showing = True
            try:
                for binding in bindings:
                    binding.show()
            finally:
                self._showing = False

        show()
        for binding in bindings:
            binding.listen()
        tag = self.parameterNode.AddObserver("ModifiedEvent", show)
        self._guis[tag] = bindings
        return tag

    def connectGui(self, gui: Any) -> int:
        found = widgets_by_parameter(gui, SlicerParameterNamePropertyName)
        unknown = set(found) - set(self._parameters)
        if unknown:
            raise ValueError(f"{type(self).__name__} has no parameters {sorted(unknown)}")
        return self.connectParametersToGui(found)

    def disconnectGui(self, guiTag: int) -> None:
        self.parameterNode.RemoveObserver(guiTag)
        for binding in self._guis.pop(guiTag):
            binding.deaf()


def _forward(name: str) -> Any:
    return lambda self, *arguments: getattr(self.parameterNode, name)(*arguments)


for _name in ("AddObserver", "RemoveObserver", "HasObserver", "StartModify", "EndModify", "Modified", "InvokeEvent"):
    setattr(_Wrapper, _name, _forward(_name))


def parameterNodeWrapper(classtype: type | None = None) -> Any:
    """Decorator; every annotation becomes a property that is stored in the parameter node."""
    if classtype is None:
        return parameterNodeWrapper
    hints = typing.get_type_hints(classtype, include_extras=True)
    parameters = {n: Parameter(n, h, vars(classtype).get(n)) for n, h in hints.items() if not n.startswith("_")}
    space: dict[str, Any] = {k: v for k, v in vars(classtype).items() if k not in ("__dict__", "__weakref__")}
    for name in parameters:
        space[name] = _property(name)
    return type(classtype.__name__, (_Wrapper, *classtype.__bases__), {**space, "_parameters": parameters})


def _property(name: str) -> property:
    def read(self: _Wrapper) -> Any:
        return self._parameters[name].read(self.parameterNode, self._prefix + name)

    def write(self: _Wrapper, value: Any) -> None:
        self._parameters[name].write(self.parameterNode, self._prefix + name, value)

    return property(read, write)


def isParameterNodeWrapper(classOrObj: Any) -> bool:
    cls = classOrObj if isinstance(classOrObj, type) else type(classOrObj)
    return issubclass(cls, _Wrapper)


def findChildWidgetForParameter(widget: Any, parameter: str) -> Any:
    return widgets_by_parameter(widget, SlicerParameterNamePropertyName).get(parameter)
