"""Signals as PythonQt has them: `object.connect("clicked(bool)", f)` and `object.clicked.connect(f)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import SIGNAL, QMetaMethod, QMetaObject, QObject

from . import convert, facts

# By the address of the sender. As in PythonQt, what is connected is kept by the C++ sender, where the garbage collector
# does not see it: until it is disconnected, or the sender is destroyed.
_connected: dict[int, list[tuple[str, Callable, Callable]]] = {}


def _qt_signature(q: QObject, signature: str) -> str | None:
    """The signature in Qt's meta object; VTK types travel as Python objects there."""
    name, arguments = signature[:-1].split("(", 1)
    types = ["PyObject" if a.startswith("vtk") else a for a in arguments.split(",")]
    for form in (signature, f"{name}({','.join(types)})"):
        if q.metaObject().indexOfSignal(form) >= 0:
            return form
    return None


def _checked(proxy: Any, signature: str) -> str:
    signature = bytes(QMetaObject.normalizedSignature(signature)).decode()
    name = signature.split("(")[0]
    known = facts.signals(proxy._gate, name)
    if signature not in known:
        raise AttributeError(f"{proxy._gate} has no signal {signature}; of that name: {', '.join(known) or 'none'}")
    return signature


def _first(proxy: Any, name: str) -> str:
    """The overload that `object.name` means: the first of the header."""
    known = facts.signals(proxy._gate, name)
    meta = convert.target(proxy, name).metaObject()
    for i in range(meta.methodCount()):
        method = meta.method(i)
        signature = bytes(method.methodSignature()).decode()
        if method.methodType() == QMetaMethod.MethodType.Signal and signature in known:
            return signature
    return known[0]


def connect(proxy: Any, signature: str, function: Callable, slot: str | None = None) -> bool:
    signature = _checked(proxy, signature)
    if slot is not None:  # connect("signal()", receiver, "slot()")
        function = getattr(function, slot.split("(")[0])
    if not callable(function):
        raise TypeError(f"{function!r} cannot be called")
    q = convert.target(proxy, "connect")
    form = _qt_signature(q, signature)
    if form is None:
        raise NotImplementedError(f"{signature} of {proxy._gate} is not in this stand-in")
    guarded = convert.guard(function)
    QObject.connect(q, SIGNAL(form), guarded)
    key = shiboken6.getCppPointer(q)[0]
    if key not in _connected:
        _connected[key] = []
        q.destroyed.connect(lambda *_: _connected.pop(key, None))
    _connected[key].append((form, function, guarded))
    return True


def disconnect(proxy: Any, signature: str, function: Callable | None = None, slot: str | None = None) -> bool:
    form = _qt_signature(convert.target(proxy, "disconnect"), _checked(proxy, signature))
    if slot is not None:
        function = getattr(function, slot.split("(")[0])
    records = _connected.get(shiboken6.getCppPointer(proxy._q)[0], [])
    found = [r for r in records if r[0] == form and (function is None or r[1] == function)]
    for record in found:
        QObject.disconnect(proxy._q, SIGNAL(form), record[2])
        records.remove(record)
    return bool(found)


class BoundSignal:
    """`object.clicked`: connect, disconnect, emit; calling it emits too."""

    def __init__(self, proxy: Any, name: str) -> None:
        self._proxy, self._name = proxy, name

    def connect(self, function: Callable, slot: str | None = None) -> bool:
        return connect(self._proxy, _first(self._proxy, self._name), function, slot)

    def disconnect(self, function: Callable | None = None, slot: str | None = None) -> bool:
        return disconnect(self._proxy, _first(self._proxy, self._name), function, slot)

    def emit(self, *arguments: Any) -> None:
        signal = getattr(convert.target(self._proxy, self._name), self._name)
        signal.emit(*[convert.unwrap(a) for a in arguments])

    __call__ = emit
