"""One Python class for each class of the facts; it has exactly the members that the facts name."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt

from . import convert, facts, signals
from .convert import target, unwrap, wrap
from .standin import pyside_behind

# What Python subclasses keep in themselves, by id. Here and not in them, since the garbage collector cannot look into
# PythonQt's objects: one of them in a circle of references is never freed.
_attributes: dict[int, dict[str, Any]] = {}


class Property:
    def __init__(self, name: str, kind: str, writable: bool) -> None:
        self.name, self.kind, self.writable = name, kind, writable

    def __get__(self, proxy: Any, owner: type) -> Any:
        if proxy is None:
            return self
        q = target(proxy, self.name)
        if q.metaObject().indexOfProperty(self.name) < 0:
            raise NotImplementedError(f"property {self.name} is not in this stand-in for {owner.__name__}")
        return wrap(q.property(self.name))

    def __set__(self, proxy: Any, value: Any) -> None:
        q = target(proxy, self.name)
        where = f"{type(proxy).__name__}.{self.name}"
        if not self.writable:
            raise AttributeError(f"{where} is read only")
        if q.metaObject().indexOfProperty(self.name) < 0:
            raise NotImplementedError(f"property {self.name} is not in this stand-in for {type(proxy).__name__}")
        if not q.setProperty(self.name, convert.to_property(value, self.kind, where)):
            raise AttributeError(f"{where} refuses {value!r}")


class Method:
    """A method of the C++ class, non-virtual as `Base.method(self)` is in PythonQt."""

    def __init__(self, name: str, owner: str, static: bool = False) -> None:
        self.name, self.owner, self.static = name, owner, static

    def __get__(self, proxy: Any, owner: type) -> Callable:
        if proxy is None and not self.static:
            return self.call
        return BoundMethod(self, proxy)

    def call(self, proxy: Any, *arguments: Any) -> Any:
        cls = gate_class(self.owner)._pyside()
        where = cls if proxy is None or self.static else target(proxy, self.name)
        function = getattr(where, self.name, None) or getattr(where, self.name.removesuffix("_"), None)
        if proxy is not None and proxy._overrides and self.name in proxy._overrides:
            function = functools.partial(getattr(cls, self.name), where)
        if not callable(function):
            raise NotImplementedError(f"{self.owner}.{self.name} is not in this stand-in")
        return wrap(convert.call(function, [unwrap(a) for a in arguments]))


class BoundMethod:
    """Equal to another of the same object and name, so that it can be disconnected."""

    def __init__(self, method: Method, proxy: Any) -> None:
        self.key = (method, proxy)

    def __call__(self, *arguments: Any) -> Any:
        return self.key[0].call(self.key[1], *arguments)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, BoundMethod) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class Signal:
    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, proxy: Any, owner: type) -> Any:
        return self if proxy is None else signals.BoundSignal(proxy, self.name)


class GateObject:
    """Base of all classes of `qt`, `ctk` and `slicer.q*`."""

    _gate = ""
    _overrides: frozenset[str] = frozenset()

    def __init__(self, *arguments: Any) -> None:
        if not facts.classes()[self._gate].get("new", True):
            raise TypeError(f"{self._gate} cannot be made from Python")
        plain = self._pyside()
        cls = _forwarding(plain, type(self))
        q = convert.call(cls, [unwrap(a) for a in arguments])
        object.__setattr__(self, "_q", q)
        convert.proxies[id(q)] = self
        if cls is not plain:
            q._gate_proxy = self  # C++ keeps the Python part of a subclass alive as long as itself
            _attributes[id(self)] = {}
            weakref.finalize(self, _attributes.pop, id(self), None)

    @classmethod
    def _pyside(cls) -> type:
        return pyside_behind(cls._gate)

    def __getattr__(self, name: str) -> Any:
        if name in _attributes.get(id(self), ()):
            return _attributes[id(self)][name]
        if name.startswith("_"):
            raise AttributeError(name)
        q = target(self, name)
        if isinstance(q, QObject):
            if name.encode() in [bytes(n.data()) for n in q.dynamicPropertyNames()]:
                return wrap(q.property(name))
            child = q.findChild(QObject, name, Qt.FindChildOption.FindDirectChildrenOnly)
            if child is not None:
                return wrap(child)
        if name.endswith("_"):
            return getattr(self, name[:-1])
        raise AttributeError(f"{self._gate} has no member {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        known = next((vars(c)[name] for c in type(self).__mro__ if name in vars(c)), None)
        if isinstance(known, property) or hasattr(known, "__set__"):
            object.__setattr__(self, name, value)
            return
        q = target(self, name)
        if isinstance(q, QObject) and name.encode() in [bytes(n.data()) for n in q.dynamicPropertyNames()]:
            q.setProperty(name, unwrap(value))
        elif "_gate" not in vars(type(self)):
            _attributes[id(self)][name] = value
        else:
            raise AttributeError(f"{self._gate} has no property {name}")

    def __delattr__(self, name: str) -> None:
        if name not in _attributes.get(id(self), ()):
            raise AttributeError(name)
        del _attributes[id(self)][name]

    def className(self) -> str:
        return self._gate

    def inherits(self, name: str) -> bool:
        return name in facts.chain(self._gate)

    def delete(self) -> None:
        shiboken6.delete(target(self, "delete"))

    def help(self) -> None:
        print(sorted(dir(type(self))))

    def __eq__(self, other: Any) -> bool:
        return self is other or (hasattr(type(other), "_pyside") and not isinstance(self._q, QObject)
                                 and self._q == other._q)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._q!r}>"

    def __str__(self) -> str:
        return str(self._q)


def _arithmetic(name: str) -> Callable:
    def operator(self: Any, *others: Any) -> Any:
        function = getattr(self._q, name, None)
        return NotImplemented if function is None else wrap(function(*[unwrap(o) for o in others]))

    return operator


for _name in ("add", "sub", "mul", "truediv", "and", "or", "neg", "lt"):
    setattr(GateObject, f"__{_name}__", _arithmetic(f"__{_name}__"))


class QObjectMembers:
    """What every QObject has beyond the plain members."""

    def connect(self, signature: str, function: Any, slot: str | None = None) -> bool:
        return signals.connect(self, signature, function, slot)

    def disconnect(self, signature: str, function: Any = None, slot: str | None = None) -> bool:
        return signals.disconnect(self, signature, function, slot)

    def findChildren(self, kind: Any = None, name: str = "") -> tuple:
        wanted = kind if isinstance(kind, (str, type(None))) else kind._gate
        found = [wrap(c) for c in target(self, "findChildren").findChildren(QObject)]
        return tuple(c for c in found if (not wanted or c.inherits(wanted)) and (not name or c.objectName == name))

    def findChild(self, kind: Any = None, name: str = "") -> Any:
        return next(iter(self.findChildren(kind, name)), None)


def _forwarding(plain: type, cls: type) -> type:
    """A PySide6 class whose virtual methods call what the Python subclass defines."""
    own = [vars(c) for c in cls.__mro__[:cls.__mro__.index(gate_class(cls._gate))]]
    methods = [n for v in own for n, f in v.items() if callable(f) and not n.startswith("__")]
    names = frozenset(n for n in methods if hasattr(plain, n))
    if not own:
        return plain
    if "_forwarding" in vars(cls):
        return cls._forwarding

    def forward(name: str) -> Callable:
        def method(self: Any, *arguments: Any) -> Any:
            proxy = getattr(self, "_gate_proxy", None)
            # Half taken apart by the garbage collector, it may still be sent the end of what it watches.
            override = getattr(proxy, name, None) if id(proxy) in _attributes else None
            if override is None:
                return getattr(plain, name)(self, *arguments)
            return convert.guard(override)(*arguments)

        return method

    cls._overrides = names
    cls._forwarding = type(cls.__name__, (plain,), {n: forward(n) for n in names})
    return cls._forwarding


def _enum(name: str, pyside: type, enum_name: str, values: Any) -> dict[str, int]:
    if isinstance(values, dict):
        return values
    holders = [getattr(pyside, n, None) for n in (enum_name, enum_name.removesuffix("s"))] + [pyside]
    out = {}
    for value in values:
        found = next((getattr(h, value) for h in holders if h is not None and hasattr(h, value)), None)
        if hasattr(found, "value"):
            out[value] = int(found.value)
    return out


class EnumType(int):
    """`qt.Qt.MouseButton`: its values are attributes; calling it makes an int."""


@functools.cache
def gate_class(name: str) -> type:
    entry = facts.classes()[name]
    base = gate_class(entry["base"]) if entry.get("base") in facts.classes() else GateObject
    space: dict[str, Any] = {"_gate": name, "__doc__": f"{name} as PythonQt shows it."}
    pyside = convert.pyside_class(name)
    for enum_name, values in entry.get("enums", {}).items():
        numbers = _enum(name, pyside, enum_name, values)
        space.update(numbers)
        space[enum_name] = type(enum_name, (EnumType,), numbers)
    static = entry.get("static", [])
    inherited = {p for p in facts.merged(name, "properties")}
    for member in entry.get("methods", []):
        if member not in inherited:
            space[member] = Method(member, name)
    for signal in entry.get("signals", []):
        space[signal.split("(")[0]] = Signal(signal.split("(")[0])
    for member, (kind, writable, _) in entry.get("properties", {}).items():
        space[member] = Property(member, kind, writable)
    for member in static:
        space[member] = Method(member, name, static=True)
    if name == "QObject":
        space.update({k: v for k, v in vars(QObjectMembers).items() if not k.startswith("__")})
        space["name"] = Property("objectName", "QString", True)
    return type(name, (base,), space)


convert.gate_class = gate_class
