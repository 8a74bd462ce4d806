"""A signal of plain Python objects."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any


class Signal:
    """Tells listeners that something happened.

    Qt's own signals would need a QObject, which a logic without a window does without.

    >>> stopped = Signal()
    >>> stopped.connect(print)
    >>> stopped.emit("resumable")
    resumable
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def connect(self, listener: Callable[..., Any]) -> None:
        """Call ``listener`` at every emission, once however often it is connected."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def disconnect(self, listener: Callable[..., Any]) -> None:
        """Do not call it any more; nothing happens where it was not connected."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def emit(self, *values: Any) -> None:
        """Call the listeners in the order of their connection. What one raises is logged, and the others still run."""
        for listener in list(self._listeners):
            # One that an earlier listener has disconnected may belong to a widget that is gone.
            if listener not in self._listeners:
                continue
            try:
                listener(*values)
            except Exception:
                logging.exception("A listener failed")
