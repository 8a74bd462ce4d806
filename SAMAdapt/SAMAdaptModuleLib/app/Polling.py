"""What both worker sessions share: the timer that polls, and how a worker's answer becomes an error."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.service.protocol import Failed, Final, Superseded


class WorkerError(SAMAdaptError):
    """Something went wrong in a worker that is no mistake in the input.

    Attributes:
        trace: the worker's last words or the end of its traceback, for a dialogue's details.
    """

    def __init__(self, what: str, where: str | None = None, remedy: str | None = None, trace: str = "") -> None:
        super().__init__(what, where, remedy)
        self.trace = trace


def errorOf(answer: Final) -> SAMAdaptError:
    """The error that a final answer stands for: ``Cancelled``, ``InputError`` or :class:`WorkerError`."""
    if not isinstance(answer, Failed):
        newer = isinstance(answer, Superseded)
        return Cancelled(_("A newer request has replaced this one") if newer else _("Stopped on request"))
    # The library speaks of options of the command line.
    remedy = answer.remedy and re.sub(r"--([a-z-]+)", r'the setting "\1"', answer.remedy)
    if not answer.trace and not answer.out_of_memory:
        return InputError(answer.what, answer.where, remedy)
    logging.error("%s\n%s", answer.what, answer.trace)
    words = next((line.strip() for line in reversed(answer.trace.splitlines()) if line.strip()), "")
    what = answer.what if words in answer.what else f"{answer.what} ({words})"
    return WorkerError(what, answer.where, remedy, answer.trace)


class Polling:
    """Calls a function from the event loop at a rate that can be changed.

    Args:
        tick: what to call.
        timerFactory: makes something like a ``qt.QTimer``, which it is by default.
    """

    def __init__(self, tick: Callable[[], Any], timerFactory: Callable[[], Any] | None = None) -> None:
        self._tick, self._factory = tick, timerFactory
        self._timer: Any = None
        self.interval = 0

    def setInterval(self, milliseconds: int) -> None:
        """Call every so many milliseconds from now on, 0 for not at all."""
        if milliseconds == self.interval:
            return
        polling, self.interval = self.interval > 0, milliseconds
        if not milliseconds:
            self._timer.stop()
            # PythonQt keeps what is connected to a timer, and with it whoever polls, for ever.
            self._timer.timeout.disconnect(self._tick)
            return
        if self._timer is None:
            self._timer = (self._factory or _qtTimer)()
        if not polling:
            self._timer.timeout.connect(self._tick)
        self._timer.setInterval(milliseconds)
        self._timer.start()


def _qtTimer() -> Any:
    import qt

    return qt.QTimer()
