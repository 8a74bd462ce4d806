"""Real .ui files, with the stand-ins in the places of Slicer's widgets."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QDir, QObject
from PySide6.QtUiTools import QUiLoader

from . import convert, facts
from .gate import gate_class
from .standin import stand_ins


def load_ui(path: str | Path) -> Any:
    """The top-level widget of the file as a proxy. Connections of the file are made by the gate, so a signal or slot
    that does not exist raises; so does a class or property that the facts do not name."""
    root = ET.parse(path).getroot()
    connections = root.find("connections")
    if connections is not None:
        root.remove(connections)
    loader = QUiLoader()
    loader.setWorkingDirectory(QDir(str(Path(path).resolve().parent)))
    for widget in root.iter("widget"):
        name = widget.get("class", "")
        if name not in facts.classes():
            raise ValueError(f"{path}: the facts do not know the class {name}")
        for entry in widget.findall("property"):
            if entry.get("name") not in facts.merged(name, "properties") and entry.get("stdset") != "0":
                raise ValueError(f"{path}: {name} has no property {entry.get('name')}")
        if convert.pyside_class(name) is None:
            for entry in widget.findall("property"):
                _spell_out(entry)
            gate_class(name)._pyside()
            loader.registerCustomWidget(stand_ins[name])
    buffer = QBuffer()
    buffer.setData(QByteArray(ET.tostring(root)))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    top = loader.load(buffer)
    if top is None:
        raise RuntimeError(f"{path}: {loader.errorString()}")
    proxy = convert.wrap(top)
    for connection in connections if connections is not None else ():
        sender, receiver = (_named(proxy, connection.findtext(k) or "") for k in ("sender", "receiver"))
        slot = (connection.findtext("slot") or "").split("(")[0]
        sender.connect(connection.findtext("signal") or "", getattr(receiver, slot))
    return proxy


def _spell_out(entry: ET.Element) -> None:
    """A stand-in's enum property by number; Qt could not read its names."""
    named = entry.find("set") if entry.find("set") is not None else entry.find("enum")
    if named is not None:
        number = 0
        for word in (named.text or "").split("|"):
            owner, *_, value = word.strip().split("::")
            number |= getattr(gate_class(owner), value)
        entry.remove(named)
        ET.SubElement(entry, "number").text = str(number)


def _named(top: Any, name: str) -> Any:
    found = top if top.objectName == name else top.findChild(None, name)
    if found is None:
        raise ValueError(f"a connection of the .ui file names {name}, which it has not")
    return found


class ChildWidgets:
    """One attribute for each descendant with an objectName."""


def child_widgets(widget: Any) -> ChildWidgets:
    found = ChildWidgets()
    for child in convert.unwrap(widget).findChildren(QObject):
        if child.objectName():
            setattr(found, child.objectName(), convert.wrap(child))
    return found


