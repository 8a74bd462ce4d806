"""What the application's ends of all workers share: requests, and the replies to them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.service.link.place import Place, Worker
from SAMAdaptLib.service.protocol import (
    Answer,
    Cancel,
    Died,
    Failed,
    Final,
    Log,
    Message,
    Predicted,
    Prefetched,
    Stopped,
)
from SAMAdaptLib.service.reply import Reply, error_of

POLL_SECONDS = 0.008
# After that, what was cancelled is ended by force.
CANCEL_SECONDS = 10.0
_WORKER_STAGES = ("queue", "encode", "decode", "pack")


class Peer:
    """A worker seen from the application.

    Every request gives a :class:`SAMAdaptLib.service.reply.Reply` at once, and each gets exactly one final answer: what
    was asked for, ``Superseded``, ``Stopped`` or ``Failed``.

    Call :meth:`poll` from a timer of the event loop (every 10 to 20 ms while something is pending).

    Args:
        place: where the worker runs.

    Attributes:
        hear: called by :meth:`poll` with ``Log``, ``Prefetched`` and ``Died``, which are nobody's reply. It hears
            ``Died`` before the requests that were lost are answered.
        error_of: words a final answer that is an error; by default as scripts want it.
        bytes_sent: to workers so far; a volume goes through shared memory and does not count.
    """

    module = ""
    background = False

    def __init__(self, place: Place) -> None:
        self._place = place
        self._child: Worker | None = None
        self._leaving: list[Worker] = []
        self._events: deque[tuple[Reply[Any] | None, Answer]] = deque()
        self._replies: dict[int, Reply[Any]] = {}
        self._last_id = 0
        self.hear: Callable[[Answer], Any] = _ignore
        self.error_of: Callable[[Final], SAMAdaptError] = error_of
        self.bytes_sent = 0

    @property
    def pending(self) -> list[Reply[Any]]:
        """Requests without a final answer, oldest first."""
        return list(self._replies.values())

    @property
    def alive(self) -> bool:
        """Whether a worker has been started and has not been seen to end."""
        return self._child is not None and self._child.ended is None

    @property
    def pid(self) -> int | None:
        """The worker's process id, once it has reported."""
        return self._child.pid if self._child is not None else None

    def poll(self) -> None:
        """Pass on what has happened since the last call; takes some 10 ms at most, without what is called."""
        self._listen()
        self._pass_on()

    def wait_for(self, reply: Reply[Any], seconds: float, alone: bool) -> bool:
        """Pass on what happens until a reply is done, so long at most; returns whether it is.

        Args:
            reply: to a request of this peer.
            seconds: may be infinite.
            alone: pass on what is about this reply only, and the rest later.
        """
        end = time.monotonic() + seconds
        while True:
            self._listen()
            self._pass_on(reply if alone else None)
            left = end - time.monotonic()
            if reply.done() or left <= 0:
                return reply.done()
            self._sleep(left)

    def cancel(self, reply: Reply[Any], seconds: float = CANCEL_SECONDS) -> None:
        """See :meth:`Reply.cancel`; the worker may take so long."""
        if reply.id in self._replies and reply.deadline == float("inf"):
            reply.deadline = time.monotonic() + seconds
            self._send(Cancel(reply.id))

    def close(self) -> None:
        """End the worker at once, with all that it has started; pending requests are answered ``Stopped``."""
        self._drop_child()
        while self._leaving:
            self._leaving.pop().kill()
        for reply in self.pending:
            self._answer(Stopped(reply.id))

    def _sleep(self, seconds: float) -> None:
        if self._child is None:
            time.sleep(min(seconds, 0.01))
        else:
            self._child.wait(seconds)

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _reply_to(self, message: Message) -> Reply[Any]:
        self._replies[message.id] = Reply(self, message)
        return self._replies[message.id]

    def _start(self) -> bool:
        """Start a worker where there is none; returns whether it was started now."""
        if self.alive:
            return False
        self._listen()
        self._child = self._place.start(self.module, self.background)
        return True

    def _send(self, message: Message) -> None:
        if self._child is not None:
            self.bytes_sent += self._child.send(message)

    def _listen(self) -> None:
        self._leaving = [child for child in self._leaving if not child.reap()]
        child = self._child
        if child is not None:
            for message in child.poll(POLL_SECONDS):
                self._take(message)
            # An answer may have made another one of it.
            if child is self._child and child.ended is not None:
                self._drop_child()
                self._on_death(child.ended)
        now = time.monotonic()
        for reply in self.pending:
            if reply.deadline < now and not reply.done():
                self._force(reply)

    def _pass_on(self, only: Reply[Any] | None = None) -> None:
        later = []
        while self._events:
            reply, event = self._events.popleft()
            if only is not None and reply is not only:
                later.append((reply, event))
            elif reply is not None:
                reply.tell(event)
            else:
                self.hear(event)
        self._events.extendleft(reversed(later))

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

    def _take(self, message: Message) -> None:
        if isinstance(message, Final):
            self._answer(message)
        elif isinstance(message, (Log, Prefetched)):
            self._events.append((None, message))
        elif isinstance(message, Answer) and message.id in self._replies:
            self._events.append((self._replies[message.id], message))

    def _answer(self, answer: Final) -> None:
        """Take a final answer in, unless its request has one already."""
        reply = self._replies.pop(answer.id, None)
        if reply is None:
            return
        if isinstance(answer, Predicted):
            total = (time.perf_counter() - reply.begun) * 1000
            own = sum(answer.ms[stage] for stage in _WORKER_STAGES)
            answer = replace(answer, ms=answer.ms | {"transfer": total - own, "total": total})
        reply.answer = answer
        self._events.append((reply, answer))

    def _on_death(self, died: Died) -> None:
        self._events.append((None, died))
        for reply in self.pending:
            self._answer(Failed(reply.id, died.what, None, died.remedy, died.last_words))

    def _force(self, reply: Reply[Any]) -> None:
        """The worker has not let go of what was cancelled."""
        self._events.append((None, Died(0, None, "")))
        self.close()


def _ignore(answer: Answer) -> None:
    """Nobody wants to know."""
