"""What both worker sessions share: the timer that polls, and how a worker's answer becomes an error."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

import qt
from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.protocol import Failed, Final, Superseded
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.Signal import Signal

PENDING_MS = 10
# Neighbours that become ready and a worker that dies are noticed without a request, too.
IDLE_MS = 250
BUSY_SECONDS = 0.3

R = TypeVar("R", bound=Reply[Any])


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
    """

    def __init__(self, tick: Callable[[], Any]) -> None:
        self._tick = tick
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
            self._timer = qt.QTimer()
        if not polling:
            self._timer.timeout.connect(self._tick)
        self._timer.setInterval(milliseconds)
        self._timer.start()


class Pump:
    """Polls a client while something is pending.

    Args:
        afterwards: called after each time.

    Attributes:
        client: None until there is one.
        busyChanged: signal (bool); something has been pending for 300 ms, or nothing is any more.
        busy: what it told last.
    """

    def __init__(self, afterwards: Callable[[], None]) -> None:
        self.client: Client | None = None
        self.busyChanged, self.busy = Signal(), False
        self._afterwards = afterwards
        self._polling = Polling(self.pump)
        self._pumping = False

    def follow(self, reply: R) -> R:
        """Poll for it from now on."""
        self._polling.setInterval(PENDING_MS)
        return reply

    def pump(self) -> None:
        """Pass on what the worker has said, unless this is called by what it is passed on to: a callback may open a
        dialogue, whose event loop runs the timer."""
        if self._pumping:
            return
        self._pumping = True
        try:
            self.turn()
        finally:
            self._pumping = False

    def turn(self) -> None:
        """Pass on what the worker has said."""
        client = self.client
        if client is None:
            return
        client.poll()
        self._afterwards()
        pending = client.pending
        busy = any(perf_counter() - reply.begun > BUSY_SECONDS for reply in pending)
        if busy > self.busy or (self.busy and not pending):
            self.busy = busy
            self.busyChanged.emit(busy)
        self._polling.setInterval(PENDING_MS if pending else IDLE_MS if client.alive else 0)
