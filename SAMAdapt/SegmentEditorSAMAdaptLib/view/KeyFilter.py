"""Keeps keys for the effect that the Segment Editor has as shortcuts, while the effect has use for them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import qt

HELD = qt.Qt.Key_H


class KeyFilter(qt.QWidget):
    """Escape, which leaves the effect, and digits, which choose another one, are shortcuts of the main window. A widget
    that accepts the shortcut's announcement gets the key instead, and its interactor passes it on to the effect.

    VTK does not tell the release of a key from the pauses of its repetition, which come while it is held; Qt does.

    Args:
        wanted: tells of a key, as Qt numbers them, whether it is needed now.
        released: called when HELD is let go of, or the view has no keyboard any more.
    """

    def __init__(self, wanted: Callable[[int], bool], released: Callable[[], None]) -> None:
        qt.QWidget.__init__(self)
        self._wanted: Callable[[int], bool] | None = wanted
        self._released: Callable[[], None] | None = released
        self._watched: list[Any] = []

    def watch(self, viewWidget: Any) -> None:
        """Listen to the drawing surface of a slice view."""
        surface = viewWidget.sliceView().VTKWidget()
        if surface not in self._watched:
            surface.installEventFilter(self)
            self._watched.append(surface)

    def remove(self) -> None:
        """Listen to nothing any more, and let go of whom it asks: the garbage collector cannot see what it holds."""
        watched, self._watched, self._wanted, self._released = self._watched, [], None, None
        for surface in watched:
            # A view that is gone is a ValueError in PythonQt.
            with contextlib.suppress(ValueError):
                surface.removeEventFilter(self)

    def eventFilter(self, _surface: Any, event: Any) -> bool:
        if event.type() == qt.QEvent.ShortcutOverride and self._wanted is not None:
            others = qt.Qt.ControlModifier | qt.Qt.AltModifier | qt.Qt.MetaModifier
            if not int(event.modifiers()) & others and self._wanted(event.key()):
                event.accept()
        elif self._released is not None and _endsHolding(event):
            self._released()
        return False


def _endsHolding(event: Any) -> bool:
    if event.type() == qt.QEvent.KeyRelease:
        return event.key() == HELD and not event.isAutoRepeat()
    return event.type() == qt.QEvent.FocusOut
