"""What a request to a worker returns: the answer to come."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

from SAMAdaptLib.errors import Cancelled, SAMAdaptError
from SAMAdaptLib.service.protocol import Answer, Failed, Final, Message, Progress, SliceMask, Stopped, Superseded

T = TypeVar("T", bound=Final)


class Asked(Protocol):
    """Who has been asked, see :class:`SAMAdaptLib.service.peer.Peer`."""

    @property
    def error_of(self) -> Callable[[Final], SAMAdaptError]:
        """Words a final answer that is an error."""

    def wait_for(self, reply: Reply[Any], seconds: float, alone: bool) -> bool:
        """Pass on what happens until a reply is done, so long at most; returns whether it is."""

    def cancel(self, reply: Reply[Any]) -> None:
        """See :meth:`Reply.cancel`."""


class Reply(Generic[T]):
    """The final answer to a request once it is there, as a ``concurrent.futures.Future`` without a thread.

    Somebody has to poll the worker: an event loop, or :meth:`result`, which waits. Callbacks run only then, in the
    order of the worker's words, and are forgotten after the last one. What one raises is logged, and stops no other.

    Args:
        peer: who has been asked.
        message: the request.

    Attributes:
        id: of the request.
        message: the request.
        begun: when it was made, ``time.perf_counter()``.
        deadline: after that, ``time.monotonic()``, a worker that does not let go of a cancelled request is ended.
        answer: the final answer, None before.
    """

    def __init__(self, peer: Asked, message: Message) -> None:
        self.id, self.message = message.id, message
        self.begun, self.deadline = time.perf_counter(), float("inf")
        self.answer: Final | None = None
        self._peer = peer
        self._error: SAMAdaptError | None = None
        self._told = False
        self._on_done: list[Callable[[Reply[T]], Any]] = []
        self._on_slice: list[Callable[[SliceMask], Any]] = []
        self._on_progress: list[Callable[[Progress], Any]] = []

    def done(self) -> bool:
        """Whether the final answer is there, an error included."""
        return self.answer is not None

    @property
    def superseded(self) -> bool:
        """Whether a newer request has made this one pointless."""
        return isinstance(self.answer, Superseded)

    @property
    def error(self) -> SAMAdaptError | None:
        """What it ended with in place of an answer, as :meth:`result` raises it."""
        if self._error is None and isinstance(self.answer, (Failed, Stopped, Superseded)):
            self._error = self._peer.error_of(self.answer)
        return self._error

    def result(self, seconds: float | None = None) -> T:
        """The answer. Waits for it, passing on whatever the worker says meanwhile. For scripts, not for an event loop.

        Raises:
            SAMAdaptError: the request failed.
            Cancelled: it was cancelled or superseded.
            TimeoutError: no answer within ``seconds``; the request goes on.
        """
        patience = float("inf") if seconds is None else seconds
        if not self._told and not self._peer.wait_for(self, patience, alone=False):
            raise TimeoutError(f"no answer to request {self.id} within {seconds} s")
        error = self.error
        if error is not None:
            raise error
        return cast(T, self.answer)

    def wait(self, seconds: float) -> bool:
        """Wait so long at most, and run no callbacks but those of this reply; returns :meth:`done`."""
        return self._peer.wait_for(self, seconds, alone=True)

    def cancel(self) -> None:
        """Give the request up: ``Stopped``; what goes through a volume ends early and gives what it has. Where the
        worker does not let go of it, the worker is ended with all its processes."""
        if not self.done():
            self._peer.cancel(self)

    def abandon(self) -> None:
        """Cancel it, and call nothing any more: what has asked is let go of at once."""
        self._on_done, self._on_slice, self._on_progress = [], [], []
        self.cancel()

    def on_done(self, callback: Callable[[Reply[T]], Any]) -> None:
        """Call with this reply once it is done; at once where that has been passed on already."""
        if self._told:
            callback(self)
        else:
            self._on_done.append(callback)

    def on_slice(self, callback: Callable[[SliceMask], Any]) -> None:
        """Call with every slice."""
        self._on_slice.append(callback)

    def on_progress(self, callback: Callable[[Progress], Any]) -> None:
        """Call with every step."""
        self._on_progress.append(callback)

    def tell(self, event: Answer) -> None:
        """Pass on what the worker has said; for the peer."""
        if isinstance(event, SliceMask):
            _call(self._on_slice, event)
        elif isinstance(event, Progress):
            _call(self._on_progress, event)
        elif isinstance(event, Final):
            self._told = True
            callbacks, self._on_done = self._on_done, []
            self._on_slice, self._on_progress = [], []
            _call(callbacks, self)


def error_of(answer: Final) -> SAMAdaptError:
    """The exception that a final answer amounts to that is none, in the words of scripts: with the traceback, since
    they have no log to look into."""
    if isinstance(answer, Failed):
        what = f"{answer.what}\n{answer.trace}\n" if answer.trace else answer.what
        return SAMAdaptError(what, answer.where, answer.remedy)
    return Cancelled("The request was " + ("superseded" if isinstance(answer, Superseded) else "cancelled"))


def _call(callbacks: list[Callable[[Any], Any]], value: Any) -> None:
    for callback in list(callbacks):
        try:
            callback(value)
        except Exception:
            logging.exception("A callback failed")
