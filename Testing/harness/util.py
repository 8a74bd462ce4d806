"""Faults the application would only print, answers to its dialogs, and small Qt-like parts."""

from __future__ import annotations

import sys
import traceback

import vtk
from PySide6.QtCore import QCoreApplication, QEventLoop

faults: list[str] = []
"""What the application would have printed in red since the last `take_faults`: VTK errors, exceptions in callbacks."""


def fault(text: str) -> None:
    """Note something that Slicer prints at error level and then goes on."""
    faults.append(text)


def guarded(function, *args):
    """Call as C++ calls Python: an exception is noted, not raised, and the answer is None."""
    try:
        return function(*args)
    except Exception:
        text = traceback.format_exc()
        print(text)
        fault(text)
        return None


def watch_errors() -> None:
    """From now on an error that VTK prints, or an exception in an observer, is a fault; a warning is not."""

    @vtk.calldata_type(vtk.VTK_STRING)
    def note(caller, event, text):
        fault(f"VTK: {text}")

    vtk.vtkOutputWindow.GetInstance().AddObserver("ErrorEvent", note)
    printed = sys.excepthook

    def hook(kind, error, trace):
        fault("".join(traceback.format_exception(kind, error, trace)))
        printed(kind, error, trace)

    # VTK and Qt print what Python raises in their callbacks, and go on.
    sys.excepthook = hook


class Signal:
    """A Qt signal as far as `connect`, `disconnect` and a call or `emit` go; exceptions of slots are faults."""

    def __init__(self):
        self._slots: list = []

    def connect(self, slot):
        self._slots.append(slot)
        return True

    def disconnect(self, slot):
        if slot in self._slots:
            self._slots.remove(slot)
        return True

    def emit(self, *args):
        for slot in list(self._slots):
            code = getattr(slot, "__code__", None)
            taken = len(args)
            if code is not None and not code.co_flags & 0x04:
                taken = min(taken, code.co_argcount - (1 if hasattr(slot, "__self__") else 0))
            guarded(slot, *args[:taken])

    __call__ = emit


class SignalOwner:
    """`object.connect("name(args)", slot)` for the signals an object has; any other name is an error in the tests."""

    def _signal(self, signature: str) -> Signal:
        signal = getattr(self, signature.split("(")[0], None)
        if not isinstance(signal, Signal):
            raise AttributeError(f"{type(self).__name__} has no signal {signature}")
        return signal

    def connect(self, signature, slot):
        return self._signal(signature).connect(slot)

    def disconnect(self, signature, slot):
        return self._signal(signature).disconnect(slot)


class Mouse:
    """The buttons that the window system says are down (Qt's numbers), whoever has got the press."""

    buttons = 0


class Dialogs:
    """Every message box that was asked for, and the answers it is to give. A button that was down when it opened is
    released over it, and timers and workers go on behind it.

    `shown` holds (kind, text); kind is the name of the `slicer.util` function. `answers` maps a kind to what its
    next calls return; without an entry confirmations are accepted.
    """

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.answers: dict[str, object] = {}
        self.pip: list[str] = []
        Mouse.buttons = 0

    def ask(self, kind: str, text: str, default: object = None) -> object:
        """Open one and get its answer."""
        self.shown.append((kind, text))
        Mouse.buttons = 0
        # As in QDialog::exec().
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        return self.answers.get(kind, default)

    def texts(self, kind: str) -> list[str]:
        return [text for shown, text in self.shown if shown == kind]

    def install(self, util) -> None:
        """Put recorders in place of what would open a window or start pip."""

        def recorder(kind, default):
            def show(text, *args, **kwargs):
                return self.ask(kind, str(text), default)

            show.__name__ = kind
            return show

        for kind, default in (
            ("infoDisplay", None),
            ("warningDisplay", None),
            ("errorDisplay", None),
            ("delayDisplay", None),
            ("confirmOkCancelDisplay", True),
            ("confirmYesNoDisplay", True),
            ("confirmRetryCloseDisplay", False),
            ("messageBox", 0x400),
        ):
            setattr(util, kind, recorder(kind, default))

        def pip(requirements, **kwargs):
            self.pip.append(requirements if isinstance(requirements, str) else " ".join(requirements))

        util.pip_install = pip
        util.pip_uninstall = pip
