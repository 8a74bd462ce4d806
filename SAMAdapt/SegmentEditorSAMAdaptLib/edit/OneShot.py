"""A timer that calls something once, and that can be let go of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt


class OneShot:
    """Calls a function from the event loop some time after it was started; to be closed by whoever made it.

    PythonQt keeps what is connected to a timer, unseen by Python's garbage collector: an object that connects its own
    timer to itself would live for ever.

    Args:
        milliseconds: from the last start.
        onTimeout: called without arguments.
    """

    def __init__(self, milliseconds: int, onTimeout: Callable[[], Any]) -> None:
        self._onTimeout: Callable[[], Any] | None = onTimeout
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.connect("timeout()", onTimeout)

    @property
    def active(self) -> bool:
        """Whether it is going to call."""
        return self._timer.active

    def start(self) -> None:
        """Call after the whole time from now on; not any more once it is closed."""
        if self._onTimeout is not None:
            self._timer.start()

    def stop(self) -> None:
        """Do not call."""
        self._timer.stop()

    def close(self) -> None:
        """Let go of the function; may be called more than once."""
        self._timer.stop()
        if self._onTimeout is not None:
            self._timer.disconnect("timeout()", self._onTimeout)
            self._onTimeout = None
