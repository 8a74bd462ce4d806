"""What the worker is asked to do, in which order, and what has become pointless."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.service.protocol import (
    Cancel,
    Encode,
    Final,
    ForgetVolume,
    Load,
    Message,
    Picture,
    Predict,
    SetVolume,
    Stopped,
    Superseded,
    supersedes,
)

_ON_PLANE = (Encode, Predict)
_STATE = (Load, SetVolume, ForgetVolume)


class Interrupted(Cancelled):
    """The work in hand is not wanted any more."""


class Inbox:
    """Requests that wait. One that a newer one supersedes is answered at once, or stopped if it is in hand, unless both
    need the same plane's embedding.

    Args:
        answer: sends a final answer; called from any thread.
    """

    def __init__(self, answer: Callable[[Final], None]) -> None:
        self._answer = answer
        self._waiting: deque[Message] = deque()
        self._in_hand: list[Message] = []
        self._unwanted: dict[int, Final] = {}
        self._news = threading.Condition()

    def put(self, message: Message) -> None:
        """Take a request in; returns at once."""
        with self._news:
            if isinstance(message, Cancel):
                self._cancel(message.id)
                return
            for waiting in [w for w in self._waiting if supersedes(message, w)]:
                self._waiting.remove(waiting)
                self._answer(Superseded(waiting.id))
            for working in self._in_hand:
                if supersedes(message, working) and not _same(message, working):
                    self._unwanted.setdefault(working.id, Superseded(working.id))
            self._waiting.append(message)
            self._news.notify()

    def take(self, seconds: float | None = None, on_plane: bool = False) -> Message | None:
        """The next request, which then is in hand until :meth:`finish`.

        Args:
            seconds: how long to wait for one; None waits for ever, 0 not at all.
            on_plane: only a prompt or an encoding, and none that came after another model or volume.
        """
        with self._news:
            if not self._waiting and seconds != 0:
                self._news.wait(seconds)
            for message in self._waiting:
                if on_plane and isinstance(message, _STATE):
                    return None
                if not on_plane or isinstance(message, _ON_PLANE):
                    self._waiting.remove(message)
                    self._in_hand.append(message)
                    return message
            return None

    def finish(self, message: Message) -> None:
        """The request is answered."""
        with self._news:
            self._in_hand.remove(message)
            self._unwanted.pop(message.id, None)

    def unwanted(self, request: int) -> Final | None:
        """The answer that a request in hand should end with instead of going on; None: go on."""
        with self._news:
            return self._unwanted.get(request)

    @property
    def waiting(self) -> bool:
        """Whether a request waits."""
        return bool(self._waiting)

    def _cancel(self, request: int) -> None:
        for waiting in self._waiting:
            if waiting.id == request:
                self._waiting.remove(waiting)
                self._answer(Stopped(request))
                return
        # A model or volume that is nearly there is better taken in than left half done.
        if any(working.id == request and not isinstance(working, _STATE) for working in self._in_hand):
            self._unwanted.setdefault(request, Stopped(request))


def _same(new: Message, old: Message) -> bool:
    """Whether both need the embedding of the same plane."""
    if not isinstance(new, _ON_PLANE) or not isinstance(old, _ON_PLANE):
        return False
    a, b = new.plane, old.plane
    if isinstance(a, Picture) or isinstance(b, Picture):
        return isinstance(a, Picture) and isinstance(b, Picture) and a.values.tobytes() == b.values.tobytes()
    return a == b
