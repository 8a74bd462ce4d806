"""Keeps the Escape key for the prompts while there are some."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import qt


class KeyFilter(qt.QWidget):
    """The Segment Editor has Escape as a shortcut of the main window that leaves the effect. A widget that accepts the
    shortcut's announcement gets the key instead, and its interactor passes it on to the effect.

    Args:
        wanted: tells whether Escape is needed now.
    """

    def __init__(self, wanted: Callable[[], bool]) -> None:
        qt.QWidget.__init__(self)
        self._wanted: Callable[[], bool] | None = wanted
        self._watched: list[Any] = []

    def watch(self, viewWidget: Any) -> None:
        """Listen to the drawing surface of a slice view."""
        surface = viewWidget.sliceView().VTKWidget()
        if surface not in self._watched:
            surface.installEventFilter(self)
            self._watched.append(surface)

    def remove(self) -> None:
        """Listen to nothing any more, and let go of whom it asks: the garbage collector cannot see what it holds."""
        watched, self._watched, self._wanted = self._watched, [], None
        for surface in watched:
            # A view that is gone is a ValueError in PythonQt.
            with contextlib.suppress(ValueError):
                surface.removeEventFilter(self)

    def eventFilter(self, _surface: Any, event: Any) -> bool:
        escape = event.type() == qt.QEvent.ShortcutOverride and event.key() == qt.Qt.Key_Escape
        if escape and self._wanted is not None and self._wanted():
            event.accept()
        return False
