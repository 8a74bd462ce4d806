"""Has a worker's words passed on by the event loop."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.Polling import Polling
from SAMAdaptModuleLib.app.Signal import Signal

PENDING_MS = 10
# Neighbours that become ready and a worker that dies are noticed without a request, too.
IDLE_MS = 250
BUSY_SECONDS = 0.3

R = TypeVar("R", bound=Reply[Any])


class Pump:
    """Polls a client while something is pending.

    Args:
        afterwards: called after each time.
        timerFactory: see :class:`SAMAdaptModuleLib.app.Polling.Polling`.

    Attributes:
        client: None until there is one.
        busyChanged: signal (bool); something has been pending for 300 ms, or nothing is any more.
        busy: what it told last.
    """

    def __init__(self, afterwards: Callable[[], None], timerFactory: Callable[[], Any] | None) -> None:
        self.client: Client | None = None
        self.busyChanged, self.busy = Signal(), False
        self._afterwards = afterwards
        self._polling = Polling(self.pump, timerFactory)
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
