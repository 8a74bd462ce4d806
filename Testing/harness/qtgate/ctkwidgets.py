"""CTK's widgets, as far as a panel uses them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QStyleOptionGroupBox,
    QToolButton,
    QWidget,
)

from .standin import assign, generate, stand_in


class _Collapsible:
    """Hides the children while collapsed, and shows again those that were not hidden on their own."""

    def _collapse(self, collapsed: bool) -> None:
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if collapsed and not child.isHidden():
                child.setProperty("_collapsed", True)
                child.hide()
            elif not collapsed and child.property("_collapsed"):
                child.setProperty("_collapsed", None)
                child.show()
        self.setMaximumHeight(self._header() if collapsed else 16777215)
        self.updateGeometry()

    def childEvent(self, event: Any) -> None:
        if event.type() == QEvent.Type.ChildPolished and self.__dict__.get("_collapsed"):
            self._collapse(True)
        super().childEvent(event)


@stand_in
class ctkCollapsibleButton(_Collapsible, generate("ctkCollapsibleButton")):
    def __init__(self, *arguments: Any) -> None:
        text = arguments[0] if arguments and isinstance(arguments[0], str) else ""
        super().__init__(*[a for a in arguments if not isinstance(a, str)])
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Preferred)
        self.setContentsMargins(0, self._header(), 0, 0)
        self.toggled.connect(lambda on: self.setProperty("collapsed", not on))

    def _header(self) -> int:
        return self.fontMetrics().height() + 8

    def _on_collapsed(self, collapsed: bool) -> None:
        if self.isChecked() == collapsed:
            self.setChecked(not collapsed)
            return
        self._collapse(collapsed)
        self.contentsCollapsed.emit(collapsed)

    def hitButton(self, position: QPoint) -> bool:
        return position.y() < self._header()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + 40
        inner = self.layout().totalSizeHint() if self.layout() and self.isChecked() else QSize(0, self._header())
        return QSize(max(width, inner.width()), max(inner.height(), self._header()))

    minimumSizeHint = sizeHint

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        option = QStyleOptionButton()
        option.initFrom(self)
        option.rect = QRect(0, 0, self.width(), self._header())
        option.state |= QStyle.StateFlag.State_Raised
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        arrow = QStyle.PrimitiveElement.PE_IndicatorArrowDown if self.isChecked() else (
            QStyle.PrimitiveElement.PE_IndicatorArrowRight)
        text = option.rect.adjusted(24, 0, 0, 0)
        option.rect = QRect(6, (self._header() - 12) // 2, 12, 12)
        self.style().drawPrimitive(arrow, option, painter, self)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


@stand_in
class ctkCollapsibleGroupBox(_Collapsible, generate("ctkCollapsibleGroupBox")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.setCheckable(True)
        self.toggled.connect(lambda on: self.setProperty("collapsed", not on))

    def _header(self) -> int:
        return self.fontMetrics().height() + 8

    def _on_collapsed(self, collapsed: bool) -> None:
        if self.isChecked() == collapsed:
            self.setChecked(not collapsed)
        else:
            self._collapse(collapsed)

    def paintEvent(self, event: Any) -> None:
        """As CTK: an arrow in the place of the check mark."""
        super().paintEvent(event)
        option = QStyleOptionGroupBox()
        self.initStyleOption(option)
        mark = QStyle.SubControl.SC_GroupBoxCheckBox
        place = self.style().subControlRect(QStyle.ComplexControl.CC_GroupBox, option, mark, self)
        painter = QPainter(self)
        painter.fillRect(place, self.palette().window())
        arrow = QStyle.PrimitiveElement.PE_IndicatorArrowDown if self.isChecked() else (
            QStyle.PrimitiveElement.PE_IndicatorArrowRight)
        option.rect = place
        self.style().drawPrimitive(arrow, option, painter, self)
        painter.end()


@stand_in
class ctkPathLineEdit(generate("ctkPathLineEdit")):
    Files, Dirs = 2, 1

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._box, self._button = QComboBox(self, editable=True), QToolButton(self, text="…")
        self._box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addWidget(self._button)
        for name, value in (("filters", 7 | 8192), ("showBrowseButton", True), ("showHistoryButton", True)):
            assign(self, name, value)
        self._box.editTextChanged.connect(lambda text: self.setProperty("currentPath", text))
        self._button.clicked.connect(self.browse)

    def _on_currentPath(self, path: str) -> None:
        if path != self.__dict__.get("_told", ""):
            self._told = path
            self._box.setEditText(path)
            self.currentPathChanged.emit(path)

    def _on_showBrowseButton(self, on: bool) -> None:
        self._button.setVisible(on)

    def browse(self) -> None:
        choose = QFileDialog.getOpenFileName if int(self.property("filters")) & self.Files else None
        path = choose(self)[0] if choose else QFileDialog.getExistingDirectory(self)
        if path:
            self.setCurrentPath(path)

    def addCurrentPathToHistory(self) -> None:
        if self._box.findText(self._box.currentText()) < 0:
            self._box.addItem(self._box.currentText())

    def comboBox(self) -> QComboBox:
        return self._box


class _Forwarded:
    """Properties of a QDoubleSpinBox within."""

    _FORWARDED = ("decimals", "singleStep", "prefix", "suffix")

    def _start(self, boxes: list[QDoubleSpinBox], **values: Any) -> None:
        self._boxes = boxes
        for name in self._FORWARDED:
            if not hasattr(self, "_on_" + name):
                setattr(self, "_on_" + name, lambda value, name=name: [b.setProperty(name, value) for b in self._boxes])
        for name, value in values.items():
            assign(self, name, value)


@stand_in
class ctkDoubleSpinBox(_Forwarded, generate("ctkDoubleSpinBox")):
    _FORWARDED = (*_Forwarded._FORWARDED, "minimum", "maximum", "readOnly", "frame", "alignment")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        box = QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(box)
        self._start([box], minimum=0.0, maximum=99.99, decimals=2, singleStep=1.0, value=0.0)
        box.valueChanged.connect(lambda value: self.setProperty("value", value))
        box.editingFinished.connect(self.editingFinished)

    def _on_value(self, value: float) -> None:
        self._boxes[0].setValue(value)
        kept = self._boxes[0].value()
        if kept != self.__dict__.get("_told"):
            self._told = self._value = kept
            self.valueChanged.emit(kept)


@stand_in
class ctkSliderWidget(_Forwarded, generate("ctkSliderWidget")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._slider, self._box = QSlider(Qt.Orientation.Horizontal, self), QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        layout.addWidget(self._box)
        self._start([self._box], minimum=0.0, maximum=99.0, decimals=2, singleStep=1.0, value=0.0, tracking=True)
        self._box.valueChanged.connect(lambda value: self.setProperty("value", value))
        self._slider.valueChanged.connect(self._slid)

    def _slid(self, tick: int) -> None:
        if tick != self._tick(self._value):
            self.setProperty("value", self._minimum + tick * self._singleStep)

    def _tick(self, value: float) -> int:
        return round((value - self._minimum) / (self.__dict__.get("_singleStep") or 1.0))

    def _on_minimum(self, _: float) -> None:
        low, high = self._minimum, max(self._minimum, self.__dict__.get("_maximum", 99.0))
        self._box.setRange(low, high)
        self._slider.setRange(0, self._tick(high))
        if "_value" in self.__dict__:
            self.setProperty("value", self._value)

    _on_maximum = _on_minimum

    def _on_singleStep(self, step: float) -> None:
        self._box.setSingleStep(step)
        self._on_minimum(0)

    def _on_spinBoxVisible(self, on: bool) -> None:
        self._box.setVisible(on)

    def _on_value(self, value: float) -> None:
        self._value = min(max(value, self._box.minimum()), self._box.maximum())
        if self._value != self.__dict__.get("_told"):
            self._told = self._value
            for widget, shown in ((self._slider, self._tick(self._value)), (self._box, self._value)):
                widget.blockSignals(True)
                widget.setValue(shown)
                widget.blockSignals(False)
            self.valueChanged.emit(self._value)


@stand_in
class ctkRangeWidget(_Forwarded, generate("ctkRangeWidget")):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        low, high = QDoubleSpinBox(self), QDoubleSpinBox(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        bar = QSlider(Qt.Orientation.Horizontal, self)
        for widget in (low, bar, high):
            layout.addWidget(widget)
        self._start([low, high], minimum=0.0, maximum=99.0, minimumValue=0.0, maximumValue=99.0)
        low.valueChanged.connect(lambda value: self.setMinimumValue(value))
        high.valueChanged.connect(lambda value: self.setMaximumValue(value))

    def _on_minimum(self, value: float) -> None:
        for box in self._boxes:
            box.setRange(self._minimum, self.__dict__.get("_maximum", 99.0))

    _on_maximum = _on_minimum

    def _on_minimumValue(self, value: float) -> None:
        self.setValues(value, max(value, self.__dict__.get("_maximumValue", 99.0)))

    def _on_maximumValue(self, value: float) -> None:
        self.setValues(min(value, self.__dict__.get("_minimumValue", 0.0)), value)

    def setRange(self, low: float, high: float) -> None:
        self.setProperty("minimum", low)
        self.setProperty("maximum", high)
        self.rangeChanged.emit(low, high)

    def setValues(self, low: float, high: float) -> None:
        old = self.__dict__.get("_told")
        self._told = self._minimumValue, self._maximumValue = low, high
        if old != self._told:
            self._boxes[0].setValue(low)
            self._boxes[1].setValue(high)
            if old and old[0] != low:
                self.minimumValueChanged.emit(low)
            if old and old[1] != high:
                self.maximumValueChanged.emit(high)
            self.valuesChanged.emit(low, high)
