"""The gate shows of Qt what PythonQt shows, and nothing else."""

from __future__ import annotations

import gc
import time
import weakref

import pytest

pytest.importorskip("PySide6", reason="PySide6 is not installed")
from Testing.harness import qtgate  # noqa: E402

qtgate.install()
import qt  # noqa: E402


@pytest.fixture(autouse=True)
def slot_errors():
    qtgate.slot_errors.clear()
    yield qtgate.slot_errors
    qtgate.slot_errors.clear()


def pump(until, seconds=5.0):
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        qt.QApplication.processEvents(qt.QEventLoop.AllEvents, 20)
    assert until()


def test_properties_are_attributes():
    spin = qt.QSpinBox()
    spin.maximum = 10
    spin.value = 7.9
    assert spin.value == 7
    spin.setValue(3)
    assert spin.value == 3
    with pytest.raises(TypeError, match="not callable"):
        spin.value()
    with pytest.raises(AttributeError, match="is no int"):
        spin.value = "many"
    with pytest.raises(AttributeError, match="read only"):
        spin.cleanText = "5"


def test_unknown_members_are_refused():
    button = qt.QPushButton("text")
    for name in ("setTextt", "objectname", "isFlatt", "metaTypeId"):
        with pytest.raises(AttributeError):
            getattr(button, name)
    for name in ("tooltip", "clicked", "Ok"):
        with pytest.raises(AttributeError):
            setattr(button, name, 1)
    with pytest.raises(AttributeError):
        qt.QPushBotton  # noqa: B018
    with pytest.raises(AttributeError):
        qt.Signal  # noqa: B018


def test_snake_case_and_pyside_names_do_not_leak():
    label = qt.QLabel()
    assert not hasattr(label, "set_text")
    assert not hasattr(qt.QTimer, "Signal")
    assert not hasattr(qt.QSpinBox(), "grabb")


def test_python_subclass_takes_attributes_and_overrides():
    class Panel(qt.QWidget):
        def __init__(self, parent=None):
            qt.QWidget.__init__(self, parent)
            self.sizes = []

        def resizeEvent(self, event):
            self.sizes.append((event.size().width(), event.size().height()))
            qt.QWidget.resizeEvent(self, event)

    panel = Panel()
    panel.resize(123, 45)
    panel.show()
    assert panel.sizes[-1] == (123, 45)
    assert panel.width == 123


def test_event_filter_sees_and_stops_events():
    class Filter(qt.QObject):
        def __init__(self):
            super().__init__()
            self.seen = []

        def eventFilter(self, watched, event):
            self.seen.append((watched, event.type()))
            return event.type() == qt.QEvent.Close

    widget, watcher = qt.QWidget(), Filter()
    widget.installEventFilter(watcher)
    widget.show()
    widget.close()
    assert (widget, qt.QEvent.Show) in watcher.seen
    assert (widget, qt.QEvent.Close) in watcher.seen


def test_signals_by_signature_and_trimmed_arguments():
    spin, box, got = qt.QSpinBox(), qt.QCheckBox(), []
    assert spin.connect("valueChanged( int )", lambda: got.append("none"))
    spin.valueChanged.connect(lambda value: got.append(value))
    box.connect("toggled(bool)", lambda on=None: got.append(on))
    spin.value = 5
    box.checked = True
    assert got == ["none", 5, True]
    with pytest.raises(AttributeError, match="no signal"):
        spin.connect("valueChangd(int)", print)
    with pytest.raises(AttributeError, match="no signal"):
        spin.connect("valueChanged", print)


def test_disconnect_both_ways():
    button, got = qt.QPushButton(), []

    def first():
        got.append("first")

    def second(checked):
        got.append(checked)

    button.connect("clicked()", first)
    button.clicked.connect(second)
    dialog = qt.QDialog()
    button.connect("clicked()", dialog.accept)
    assert button.disconnect("clicked()", dialog.accept)
    button.click()
    assert dialog.result() == qt.QDialog.Rejected
    assert button.disconnect("clicked()", first)
    assert button.clicked.disconnect(second)
    button.click()
    assert sorted(got, key=str) == [False, "first"]


def test_errors_in_slots_are_kept_not_raised(slot_errors, capsys):
    button = qt.QPushButton()
    button.clicked.connect(lambda: 1 / 0)
    button.click()
    assert len(slot_errors) == 1 and "ZeroDivisionError" in slot_errors[0]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_enums_are_ints():
    assert qt.Qt.AlignHCenter | qt.Qt.AlignTop == 0x24
    assert qt.Qt.MouseButton.LeftButton == qt.Qt.LeftButton == 1
    label = qt.QLabel("x")
    label.setAlignment(qt.Qt.AlignRight | qt.Qt.AlignBottom)
    assert label.alignment == 0x42
    assert type(label.alignment) is int
    assert qt.QMessageBox.Yes == 0x4000


def test_identity_children_and_names():
    widget = qt.QWidget()
    layout = qt.QVBoxLayout(widget)
    button = qt.QPushButton("a")
    button.name = "go"
    layout.addWidget(button)
    assert widget.layout() is layout
    assert widget.go is button and widget.findChild("QPushButton", "go") is button
    assert widget.children() == (layout, button)
    assert button.parent() is widget and button.objectName == "go"
    assert button.className() == "QPushButton" and button.inherits("QWidget")


def test_dynamic_properties():
    widget = qt.QWidget()
    with pytest.raises(AttributeError):
        widget.kind = "a"
    widget.setProperty("kind", "a")
    assert widget.kind == "a" and widget.property("kind") == "a"
    widget.kind = "b"
    assert widget.property("kind") == "b"


def test_destroyed_object_is_a_value_error():
    parent = qt.QWidget()
    child = qt.QLabel("x", parent)
    parent.delete()
    with pytest.raises(ValueError, match="destroyed"):
        child.text  # noqa: B018


def test_timer_and_dialog_loop():
    got = []
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: got.append("timer"))
    timer.start(0)
    qt.QTimer.singleShot(0, lambda: got.append("shot"))
    pump(lambda: sorted(got) == ["shot", "timer"])
    dialog = qt.QDialog()
    qt.QTimer.singleShot(0, dialog.accept)
    assert dialog.exec_() == qt.QDialog.Accepted == 1


def test_lists_come_back_as_tuples_and_items_keep_their_identity():
    table = qt.QTableWidget(2, 2)
    item = qt.QTableWidgetItem("cell")
    table.setItem(1, 0, item)
    assert table.item(1, 0) is item
    table.selectAll()
    assert table.selectedItems() == (item,)
    combo = qt.QComboBox()
    combo.addItem("x", {"a": [1, 2]})
    assert combo.itemData(0) == {"a": (1, 2)}


def test_settings_stay_in_this_process():
    settings = qt.QSettings()
    settings.setValue("SAMAdapt/test", "here")
    assert qt.QSettings().value("SAMAdapt/test") == "here"
    assert settings.fileName().startswith(qt.QDir.tempPath())


def test_a_circle_through_qt_is_kept_until_it_is_broken():
    class Holder:
        def __init__(self):
            self.timer = qt.QTimer()
            self.timer.connect("timeout()", self.act)

        def act(self):
            pass

    class Filter(qt.QObject):
        def __init__(self, act):
            qt.QObject.__init__(self)
            self.act = act

    class Watcher:
        def __init__(self):
            self.filter = Filter(self.act)

        def act(self):
            pass

    holder, watcher = Holder(), Watcher()
    timer, kept = holder.timer, weakref.ref(holder)
    del holder
    gc.collect()
    assert kept() is not None
    timer.disconnect("timeout()", kept().act)
    del timer
    gc.collect()
    assert kept() is None
    watched, kept = watcher.filter, weakref.ref(watcher)
    del watcher
    gc.collect()
    assert kept() is not None
    del watched.act
    del watched
    gc.collect()
    assert kept() is None


def test_a_destroyed_sender_lets_go():
    class Listener:
        def hear(self):
            pass

    parent, listener = qt.QWidget(), Listener()
    button, kept = qt.QPushButton(parent), weakref.ref(listener)
    button.connect("clicked()", listener.hear)
    del button, listener
    gc.collect()
    assert kept() is not None
    parent.delete()
    gc.collect()
    assert kept() is None
