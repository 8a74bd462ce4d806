"""Values across the gate: PythonQt's view of a PySide6 value, and back."""

from __future__ import annotations

import enum
import functools
import inspect
import math
import sys
import traceback
import types
import typing
import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets
from shibokensupport.signature import get_signature

from . import facts

slot_errors: list[str] = []
proxies: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def _no_gate(name: str) -> type:
    raise RuntimeError(f"Testing.harness.qtgate.gate, which makes {name}, was not imported")


# The class of a proxy by its name: the gate puts its own in, since it stands on this module.
gate_class: Callable[[str], type] = _no_gate


def pyside_class(name: str) -> type | None:
    for module in (QtCore, QtGui, QtWidgets, QtUiTools):
        if hasattr(module, name):
            return getattr(module, name)
    return None


def wrap(value: Any) -> Any:
    """What PythonQt would hand to Python: lists are tuples, enums ints, Qt objects proxies (the same one each time)."""
    if isinstance(value, enum.Enum):
        return int(value.value)
    if isinstance(value, (list, tuple)):
        return tuple(wrap(v) for v in value)
    if isinstance(value, dict):
        return {k: wrap(v) for k, v in value.items()}
    if not isinstance(value, shiboken6.Object):
        return value
    known = proxies.get(id(value))
    if known is not None and known._q is value:
        return known
    for base in type(value).__mro__:
        if base.__name__ in facts.classes():
            return adopt(gate_class(base.__name__), value)
    return value


def adopt(cls: type, value: Any) -> Any:
    """A proxy of that class for an existing PySide6 object, without running its __init__."""
    proxy = cls.__new__(cls)
    object.__setattr__(proxy, "_q", value)
    proxies[id(value)] = proxy
    return proxy


def unwrap(value: Any) -> Any:
    """The PySide6 object behind a proxy (in lists and dicts too); callables are guarded as slots."""
    if hasattr(type(value), "_pyside"):
        return target(value, "an argument")
    if isinstance(value, (list, tuple)):
        return [unwrap(v) for v in value]
    if isinstance(value, dict):
        return {k: unwrap(v) for k, v in value.items()}
    if callable(value) and not isinstance(value, type):
        return guard(value)
    return value


def target(proxy: Any, what: str) -> Any:
    q = proxy._q
    if not shiboken6.isValid(q):
        raise ValueError(f"Trying to use {what} of a destroyed {type(proxy).__name__} object")
    return q


def guard(function: Callable) -> Callable:
    """A slot as PythonQt calls it: as many arguments as its parameters take, errors printed and not raised."""
    limit = None
    if isinstance(function, (types.FunctionType, types.MethodType)):
        parameters = inspect.signature(function).parameters.values()
        if not any(p.kind is p.VAR_POSITIONAL for p in parameters):
            limit = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)

    def slot(*arguments: Any) -> Any:
        try:
            return unwrap(function(*[wrap(a) for a in arguments[:limit]]))
        except Exception:
            slot_errors.append(traceback.format_exc())
            print(slot_errors[-1], file=sys.stderr)
            return None

    return slot


def call(function: Callable, arguments: list[Any]) -> Any:
    """Call a PySide6 function with PythonQt's arguments: ints are enums where PySide6 wants one, floats are floored."""
    try:
        return function(*arguments)
    except TypeError as refusal:
        if not any(isinstance(a, (int, float)) for a in arguments):
            raise
        for form in _forms(function):
            fitted = _fitted(form, arguments)
            if fitted is None:
                continue
            try:
                return function(*fitted)
            except TypeError:
                continue
        raise refusal


def _forms(function: Callable) -> list[list[Any]]:
    if isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        function = function.__init__
    owner = getattr(function, "__self__", None)
    named = function if owner is None or isinstance(owner, type) else getattr(type(owner), function.__name__)
    found = get_signature(named)
    found = [] if found is None else found if isinstance(found, list) else [found]
    return [[p.annotation for n, p in f.parameters.items() if n != "self" and p.kind != p.KEYWORD_ONLY] for f in found]


def _fitted(form: list[Any], arguments: list[Any]) -> list[Any] | None:
    if len(arguments) > len(form):
        return None
    out = []
    for annotation, value in zip(form, arguments, strict=False):
        kinds = typing.get_args(annotation) or (annotation,)
        wanted = next((k for k in kinds if isinstance(k, type) and issubclass(k, enum.Enum)), None)
        if wanted and isinstance(value, int):
            value = wanted(value)
        elif annotation is int and isinstance(value, float):
            value = math.floor(value)
        out.append(value)
    return out


def to_property(value: Any, kind: str, where: str) -> Any:
    """The value for a property of a C++ type; a wrong type is an AttributeError, as in PythonQt."""
    number = isinstance(value, (int, float)) or hasattr(value, "__index__")
    if kind in ("int", "uint", "double", "float", "bool", "qreal"):
        if not number:
            raise AttributeError(f"{where}: {value!r} is no {kind}")
        return {"bool": bool, "double": float, "float": float, "qreal": float}.get(kind, math.floor)(value)
    if kind == "QString" and not isinstance(value, str):
        raise AttributeError(f"{where}: {value!r} is no str")
    if kind == "QStringList" and (isinstance(value, str) or not all(isinstance(v, str) for v in value)):
        raise AttributeError(f"{where}: {value!r} is no list of str")
    return unwrap(value)
