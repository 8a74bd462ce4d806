"""What the application's ends of both workers share: requests with ids, and events to be fetched."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from SAMAdaptLib.errors import Cancelled, SAMAdaptError
from SAMAdaptLib.service.link.place import Local, Place, Worker
from SAMAdaptLib.service.protocol import (
    Answer,
    Died,
    Failed,
    Final,
    Log,
    Message,
    Predicted,
    Prefetched,
    Stopped,
    Superseded,
)

POLL_SECONDS = 0.008
_WORKER_STAGES = ("queue", "encode", "decode", "pack")


class Peer:
    """A worker seen from the application. No method but :meth:`result` waits for the worker.

    Call :meth:`poll` from a timer of the event loop (every 10 to 20 ms while something is pending).

    Args:
        python: the interpreter that has torch, in Slicer PythonSlicer; with arguments where it needs some. Or the place
            where workers run.
        env: the whole environment of the worker; this process's own by default.

    Attributes:
        bytes_sent: to workers so far; a volume goes through shared memory and does not count.
    """

    module = ""
    background = False

    def __init__(self, python: str | Sequence[str] | Place, env: Mapping[str, str] | None = None) -> None:
        self._python, self._env = python, env
        self._child: Worker | None = None
        self._leaving: list[Worker] = []
        self._events: deque[Answer] = deque()
        self._pending: dict[int, float] = {}
        self._last_id = 0
        self.bytes_sent = 0

    @property
    def _place(self) -> Place:
        return Local(self._python, self._env) if isinstance(self._python, (str, Sequence)) else self._python

    @property
    def pending(self) -> list[int]:
        """Requests without a final answer, oldest first."""
        return list(self._pending)

    @property
    def alive(self) -> bool:
        """Whether a worker has been started and has not been seen to end."""
        return self._child is not None and self._child.ended is None

    @property
    def pid(self) -> int | None:
        """The worker's process id, once it has reported."""
        return self._child.pid if self._child is not None else None

    def fileno(self) -> int:
        """A descriptor that is readable when there is something to poll for; -1 without a worker. It changes when a
        worker starts, connects or ends."""
        return self._child.fileno() if self._child is not None else -1

    def poll(self) -> list[Answer]:
        """What has happened since the last call; takes some 10 ms at most."""
        self._listen()
        events = list(self._events)
        self._events.clear()
        return events

    def wait(self, seconds: float) -> bool:
        """Sleep until there is something to poll for, so long at most; returns whether there is."""
        end = time.monotonic() + seconds
        while True:
            self._listen()
            left = end - time.monotonic()
            if self._events or left <= 0:
                return bool(self._events)
            self._sleep(left)

    def result(self, request: int, seconds: float | None = None) -> Final:
        """Wait for a request's final answer; other events stay for :meth:`poll`. For scripts, not for an event loop.

        Raises:
            SAMAdaptError: the request failed.
            Cancelled: it was cancelled or superseded.
            TimeoutError: no answer within ``seconds``.
            KeyError: no such request, or its answer was fetched already.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            self._listen()
            for event in self._events:
                if event.id == request and isinstance(event, Final):
                    self._events.remove(event)
                    return _raised(event)
            if request not in self._pending:
                raise KeyError(f"nothing is known of request {request}")
            left = 0.05 if end is None else end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no answer to request {request} within {seconds} s")
            self._sleep(left)

    def close(self) -> None:
        """End the worker at once, with all that it has started; pending requests are answered ``Stopped``."""
        self._drop_child()
        while self._leaving:
            self._leaving.pop().kill()
        for request in self.pending:
            self._answer(Stopped(request))

    def _sleep(self, seconds: float) -> None:
        if self._child is None:
            time.sleep(min(seconds, 0.01))
        else:
            self._child.wait(seconds)

    def _new_id(self) -> int:
        self._last_id += 1
        self._pending[self._last_id] = time.perf_counter()
        return self._last_id

    def _start(self) -> bool:
        """Start a worker where there is none; returns whether it was started now."""
        if self.alive:
            return False
        self._listen()
        self._child = self._place.start(self.module, self.background)
        return True

    def _send(self, message: Message) -> None:
        self.bytes_sent += self._child.send(message)

    def _listen(self) -> None:
        self._leaving = [child for child in self._leaving if not child.reap()]
        child = self._child
        if child is None:
            return
        for message in child.poll(POLL_SECONDS):
            self._hear(message)
        # An answer may have made another one of it.
        if child is self._child and child.ended is not None:
            self._drop_child()
            self._on_death(child.ended)

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _let_child_go(self) -> None:
        """Let a worker that has nothing left to do end by itself."""
        if self._child is not None:
            self._child.leave()
            self._leaving.append(self._child)
            self._child = None

    def _hear(self, message: Message) -> None:
        if isinstance(message, Final):
            self._answer(message)
        elif isinstance(message, (Log, Prefetched)) or (isinstance(message, Answer) and message.id in self._pending):
            self._events.append(message)

    def _answer(self, answer: Final) -> None:
        """Pass on a final answer, unless its request has been given up."""
        sent = self._pending.pop(answer.id, None)
        if sent is None:
            return
        if isinstance(answer, Predicted):
            total = (time.perf_counter() - sent) * 1000
            own = sum(answer.ms[stage] for stage in _WORKER_STAGES)
            answer = replace(answer, ms=answer.ms | {"transfer": total - own, "total": total})
        self._events.append(answer)

    def _on_death(self, died: Died) -> None:
        self._events.append(died)
        for request in self.pending:
            self._answer(Failed(request, died.what, None, died.remedy, died.last_words))


def _raised(answer: Final) -> Final:
    if isinstance(answer, Failed):
        error = SAMAdaptError(answer.what, answer.where, answer.remedy)
        if answer.trace:
            # For scripts, where there is no log to look into.
            error = SAMAdaptError(f"{answer.what}\n{answer.trace}\n", answer.where, answer.remedy)
        raise error
    if isinstance(answer, (Stopped, Superseded)):
        raise Cancelled("The request was " + ("cancelled" if isinstance(answer, Stopped) else "superseded"))
    return answer
