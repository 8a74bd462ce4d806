"""Widgets that show a parameter of a parameter node."""

from __future__ import annotations

import enum
import pathlib
from typing import Any

import ctk
import qt
import slicer


class SingleStep:
    def __init__(self, value: float) -> None:
        self.value = value


class Binding:
    """Keeps one widget and one parameter equal."""

    def __init__(self, wrapper: Any, parameter: Any, widget: Any, member: str, signal: str) -> None:
        self.wrapper, self.parameter, self.widget = wrapper, parameter, widget
        self.member, self.signal = member, signal

    def listen(self) -> None:
        self.widget.connect(self.signal, self._changed)

    def deaf(self) -> None:
        self.widget.disconnect(self.signal, self._changed)

    def _changed(self) -> None:
        if not self.wrapper._showing:
            setattr(self.wrapper, self.parameter.name, self.read())

    def read(self) -> Any:
        value = getattr(self.widget, self.member)
        return self.parameter.kind(value) if self.parameter.kind in (int, float, pathlib.Path) else value

    def show(self) -> None:
        value = getattr(self.wrapper, self.parameter.name)
        if self.read() != value:
            setattr(self.widget, self.member, str(value) if isinstance(value, pathlib.Path) else value)


class NodeBinding(Binding):
    def read(self) -> Any:
        return self.widget.currentNode()

    def show(self) -> None:
        node = getattr(self.wrapper, self.parameter.name)
        if node is not self.read():
            self.widget.setCurrentNode(node)


class ComboBinding(Binding):
    """The items are made here: the labels of the enum, or the choices as text. What is chosen goes by its place."""

    def __init__(self, wrapper: Any, parameter: Any, widget: Any, choices: list[Any]) -> None:
        super().__init__(wrapper, parameter, widget, "currentIndex", "currentIndexChanged(int)")
        self.choices = list(choices)
        was = widget.blockSignals(True)
        widget.clear()
        widget.addItems([_label(choice) for choice in self.choices])
        widget.blockSignals(was)

    def read(self) -> Any:
        row = self.widget.currentIndex
        return self.choices[row] if row >= 0 else None

    def show(self) -> None:
        value = getattr(self.wrapper, self.parameter.name)
        if value != self.read():
            self.widget.setCurrentIndex(self.choices.index(value))


def _label(choice: Any) -> str:
    if isinstance(choice, enum.Enum):
        return choice.label() if hasattr(choice, "label") else choice.name
    return str(choice)


def bind(wrapper: Any, parameter: Any, widget: Any) -> Binding:
    """The binding for this widget and type; TypeError where Slicer has none."""
    kind = parameter.kind
    choices = next((n.choices for n in parameter.notes if hasattr(n, "choices")), None)
    if isinstance(widget, qt.QComboBox) and (choices or issubclass(kind, enum.Enum)):
        return ComboBinding(wrapper, parameter, widget, choices or list(kind))
    if isinstance(widget, slicer.qMRMLNodeComboBox) and parameter.node:
        return NodeBinding(wrapper, parameter, widget, "", "currentNodeChanged(vtkMRMLNode*)")
    for widgets, kinds, member, signal in _forms():
        if isinstance(widget, widgets) and kind in kinds:
            if member == "value":
                _limit(parameter, widget)
            return Binding(wrapper, parameter, widget, member, signal)
    raise TypeError(f"no connector between {widget!r} and {parameter.name}: {kind.__name__}")


def _forms() -> list[tuple]:
    return [
        ((qt.QCheckBox, qt.QPushButton), (bool,), "checked", "toggled(bool)"),
        ((qt.QSlider, qt.QSpinBox), (int,), "value", "valueChanged(int)"),
        ((qt.QDoubleSpinBox, ctk.ctkSliderWidget, ctk.ctkDoubleSpinBox), (int, float), "value", "valueChanged(double)"),
        ((qt.QLineEdit,), (str,), "text", "textChanged(QString)"),
        ((qt.QTextEdit, qt.QPlainTextEdit), (str,), "plainText", "textChanged()"),
        ((ctk.ctkPathLineEdit,), (pathlib.Path, str), "currentPath", "currentPathChanged(QString)"),
    ]


def _limit(parameter: Any, widget: Any) -> None:
    for note in parameter.notes:
        if isinstance(note, SingleStep):
            widget.singleStep = note.value
        elif hasattr(note, "minimum"):
            if note.minimum > float("-inf"):
                widget.minimum = note.minimum
            if note.maximum < float("inf"):
                widget.maximum = note.maximum


def widgets_by_parameter(gui: Any, property_name: str) -> dict[str, Any]:
    """`gui` is a widget (all its descendants count) or an object with widgets as attributes."""
    widgets = (gui, *gui.findChildren(qt.QWidget)) if isinstance(gui, qt.QWidget) else vars(gui).values()
    named = [(w.property(property_name), w) for w in widgets if isinstance(w, qt.QWidget)]
    return {name: widget for name, widget in named if name}
