"""What has been asked of the inference worker, and who wants to hear of it."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.protocol import (
    Answer,
    Died,
    Failed,
    Final,
    Predicted,
    Progress,
    SliceMask,
    Stopped,
    Superseded,
)
from SAMAdaptModuleLib.app.Polling import Polling, errorOf
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.worker.StageLog import StageLog

PENDING_MS = 10
# Neighbours that become ready and a worker that dies are noticed without a request, too.
IDLE_MS = 250
BUSY_SECONDS = 0.3
# After that, what was cancelled is ended by force. A propagation ends after its slice, which a large model on a CPU
# takes long for, and gives what it has.
CANCEL_SECONDS = 10.0
CANCEL_PROPAGATION_SECONDS = 60.0
FINISHED_KEPT = 20
STATE = ("load", "volume")


@dataclass(eq=False)
class Request:
    """One request without a final answer.

    Attributes:
        kind: "load", "volume", "encode", "predict", "propagate" or "segment".
        begun: ``time.monotonic()``.
        key: of the plane.
        replaced: its answer is not wanted any more.
        killAt: when the worker is ended because it does not let go of this.
    """

    kind: str
    begun: float
    key: Hashable = None
    onAnswer: Callable[[Any], Any] | None = None
    onError: Callable[[Exception], Any] | None = None
    onSlice: Callable[[SliceMask], Any] | None = None
    onProgress: Callable[[int, int | None], Any] | None = None
    replaced: bool = False
    killAt: float = float("inf")


class Requests:
    """Polls the client while something is pending, and passes its answers on, one after the other.

    Args:
        hear: gets every answer with its request (None: not asked for, or given up) before the request's own callbacks.
        lost: called when the worker is gone, and with it what it was told.
        timerFactory: see :class:`Polling`.

    Attributes:
        client: None until there is one.
        pending: by id, oldest first.
        reasons: why the model ("load") or the volume cannot be used; every prompt then fails for that reason.
        failed: signal (str); a model or volume cannot be used, or a request without ``onError`` has failed.
        busyChanged: signal (bool).
        busy: what it told last.
        stages: how long each prompt took.
    """

    def __init__(
        self,
        hear: Callable[[Answer, Request | None], Any],
        lost: Callable[[], Any],
        timerFactory: Callable[[], Any] | None = None,
    ) -> None:
        self.client: Client | None = None
        self.pending: dict[int, Request] = {}
        self.reasons: dict[str, Exception] = {}
        self.failed, self.busyChanged = Signal(), Signal()
        self.busy = False
        self.stages = StageLog()
        self._hear, self._lost = hear, lost
        self._polling = Polling(self.pump, timerFactory)
        self._events: deque[Answer] = deque()
        self._finished: OrderedDict[int, Any] = OrderedDict()
        self._pumping = False

    def add(self, request: int, kind: str, **fields: Any) -> int:
        """Take a request in that the client has been given; ``fields`` are those of :class:`Request`."""
        self.pending[request] = Request(kind, time.monotonic(), **fields)
        self._polling.setInterval(PENDING_MS)
        return request

    def replace(self, *kinds: str) -> None:
        """The answers to what is pending of these kinds are not wanted any more."""
        for request in self.pending.values():
            request.replaced |= request.kind in kinds

    def cancel(self, request: int) -> None:
        """Give a request up, see ``InferenceSession.cancel``."""
        found = self.pending.get(request)
        if found is not None:
            grace = CANCEL_PROPAGATION_SECONDS if found.kind == "propagate" else CANCEL_SECONDS
            found.killAt = min(found.killAt, time.monotonic() + grace)
            self.client.cancel(request)

    def answerWithin(self, request: int, seconds: float) -> Predicted | None:
        """Wait without the event loop for a prediction, which then counts as passed on; no callback runs meanwhile."""
        end = time.monotonic() + seconds
        while True:
            answer = next((e for e in self._events if e.id == request and isinstance(e, Final)), None)
            if isinstance(answer, Predicted):
                self._events.remove(answer)
                found = self.pending.pop(request)
                self._keep(request, answer)
                self.stages.add(request, answer.ms)
                self._hear(answer, found)
                return answer
            left = end - time.monotonic()
            if answer is not None or left <= 0:
                return None
            self.client.wait(left)
            self._events.extend(self.client.poll())

    def wait(self, request: int, seconds: float | None = None) -> Any:
        """See ``InferenceSession.wait``."""
        end = float("inf") if seconds is None else time.monotonic() + seconds
        while request in self.pending:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no answer to request {request} within {seconds} s")
            self.client.wait(min(0.05, left))
            self._turn()
        answer = self._finished[request]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pump(self) -> None:
        """Pass on what the worker has said."""
        # A callback may open a dialogue, whose event loop runs the timer.
        if self._pumping:
            return
        self._pumping = True
        try:
            self._turn()
        finally:
            self._pumping = False

    def stop(self) -> None:
        """End the worker with all its processes; what is pending is cancelled."""
        if self.client is not None:
            self.client.close()
        self._turn()
        self.stages.say(everything=True)
        self._polling.setInterval(0)

    def _turn(self) -> None:
        if self.client is not None:
            self._events.extend(self.client.poll())
        self.stages.say()
        now = time.monotonic()
        if any(request.killAt < now for request in self.pending.values()):
            self.client.close()
            self._lost()
            self._events.extend(self.client.poll())
        while self._events:
            self._pass(self._events.popleft())
        busy = any(now - request.begun > BUSY_SECONDS for request in self.pending.values())
        if busy > self.busy or (self.busy and not self.pending):
            self.busy = busy
            self.busyChanged.emit(busy)
        alive = self.client is not None and self.client.alive
        self._polling.setInterval(PENDING_MS if self.pending else IDLE_MS if alive else 0)

    def _pass(self, event: Answer) -> None:
        if isinstance(event, Died):
            # No fault of model and volume, which the next request tells to another worker.
            self.replace(*STATE)
            self._lost()
        request = self.pending.pop(event.id, None) if isinstance(event, Final) else self.pending.get(event.id)
        _guarded(self._hear, event, request)
        if request is None:
            return
        if isinstance(event, SliceMask):
            _guarded(request.onSlice, event)
        elif isinstance(event, Progress):
            _guarded(request.onProgress, event.done, event.total)
        elif isinstance(event, Final):
            self._conclude(event, request)

    def _conclude(self, answer: Final, request: Request) -> None:
        if isinstance(answer, Predicted) and request.replaced:
            answer = Superseded(answer.id)
        if not isinstance(answer, (Failed, Stopped, Superseded)):
            self._keep(answer.id, answer)
            if isinstance(answer, Predicted):
                self.stages.add(answer.id, answer.ms)
            _guarded(request.onAnswer, answer)
            return
        error: Exception = errorOf(answer)
        if isinstance(answer, Failed) and not request.replaced:
            if request.kind in STATE:
                self.reasons[request.kind] = error
            elif self.reasons:
                error = next(iter(self.reasons.values()))
        self._keep(answer.id, error)
        if request.onError is not None:
            _guarded(request.onError, error)
        elif request.kind != "encode" and not isinstance(error, Cancelled) and not request.replaced:
            # Nobody has asked for an encoding; the prompt on that plane will tell.
            self.failed.emit(str(error))

    def _keep(self, request: int, answer: Any) -> None:
        self._finished[request] = answer
        while len(self._finished) > FINISHED_KEPT:
            self._finished.popitem(last=False)


def _guarded(callback: Callable[..., Any] | None, *values: Any) -> None:
    """Call it; an exception there must not keep the other answers from being passed on."""
    if callback is None:
        return
    try:
        callback(*values)
    except Exception:
        logging.exception("A callback failed")
