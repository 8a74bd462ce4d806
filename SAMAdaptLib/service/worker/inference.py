"""The inference worker: ``python -m SAMAdaptLib.service.worker.inference PORT``.

:class:`SAMAdaptLib.service.client.Client` starts it.
"""

from __future__ import annotations

import sys
import time
import traceback
from typing import TYPE_CHECKING

from SAMAdaptLib.errors import notes_to
from SAMAdaptLib.service.protocol import (
    Cancel,
    Correct,
    Done,
    Encode,
    Final,
    ForgetVolume,
    Load,
    Log,
    Message,
    Predict,
    Predicted,
    Propagate,
    SegmentVolume,
    SetNext,
    SetVolume,
    Stopped,
)
from SAMAdaptLib.service.worker.application import Application, failure
from SAMAdaptLib.service.worker.inbox import Inbox, Interrupted

if TYPE_CHECKING:
    from SAMAdaptLib.service.worker.engine import Engine


# What is given up in the middle of a slice; a propagation would lose the way that it has come.
_STOPS_WITHIN = (Encode, Predict, SegmentVolume)
# Neighbours are left alone so long after a prompt.
PAUSE_SECONDS = 1.0


class Worker:
    """Takes requests from the inbox and has the engine answer them, for ever.

    Args:
        application: that has started this process.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._inbox = Inbox(self._drop)
        self._came: dict[int, float] = {}
        self._in_hand: list[Message] = []
        self._engine: Engine | None = None
        application.listen(self._take_in, self._orphaned)

    def run(self) -> None:
        """Work; in idle time on the neighbours of the viewed slice, and then on the volume that may come next."""
        # After the thread that listens, so that the application can hang up while torch is being loaded.
        from SAMAdaptLib.service.worker.engine import Engine

        self._engine = Engine(self._application.say, self._go_on)
        with notes_to(lambda text: self._application.say(Log(0, "warning", text))):
            self._work_on()

    def _work_on(self) -> None:
        pause = 0.0
        while True:
            message = self._inbox.take(pause) or self._inbox.take(0 if self._ahead() else None)
            pause = 0.0
            if message is not None:
                self._answer(message)
                # Who has just clicked may click again, and would wait for a layer of a neighbour to end.
                pause = PAUSE_SECONDS if isinstance(message, Predict) else 0.0

    def _take_in(self, message: Message) -> None:
        if not isinstance(message, Cancel):
            self._came[message.id] = time.perf_counter()
        self._inbox.put(message)

    def _drop(self, answer: Final) -> None:
        self._came.pop(answer.id, None)
        self._application.say(answer)

    def _orphaned(self) -> None:
        if self._engine is not None:
            self._engine.orphaned()

    @property
    def _ready(self) -> Engine:
        """The engine, which is there before the first message is taken."""
        assert self._engine is not None
        return self._engine

    def _ahead(self) -> bool:
        if self._inbox.waiting:
            return True
        try:
            return self._ready.work_ahead()
        except Interrupted:
            return True
        except Exception:
            # Nobody has asked for it; the request that needs this slice will tell.
            traceback.print_exc()
            self._ready.forget_ahead()
            return False

    def _answer(self, message: Message) -> None:
        self._in_hand.append(message)
        try:
            answer = self._work(message)
        except Interrupted:
            answer = None
        except Exception as error:
            answer = failure(message.id, error)
        self._in_hand.pop()
        unwanted = self._inbox.unwanted(message.id)
        # A way through the volume that was cancelled has given what it has.
        if unwanted is not None and not (isinstance(answer, Done) and isinstance(unwanted, Stopped)):
            answer = unwanted
        self._inbox.finish(message)
        if answer is not None:
            self._drop(answer)

    def _work(self, message: Message) -> Final | None:
        begun = time.perf_counter()
        if isinstance(message, ForgetVolume):
            self._ready.forget_volume()
            return None
        if isinstance(message, SetNext):
            self._ready.set_next(message)
            return None
        if isinstance(message, Load):
            return self._ready.load(message)
        if isinstance(message, SetVolume):
            return self._ready.set_volume(message)
        if isinstance(message, Encode):
            return self._ready.encode(message.id, message.plane)
        if isinstance(message, Predict):
            answer: Predicted = self._ready.predict(message)
            answer.ms["queue"] = (begun - self._came[message.id]) * 1000
            return answer
        if isinstance(message, SegmentVolume):
            return self._ready.segment_volume(message, self._between_slices)
        if isinstance(message, Propagate):
            return self._ready.propagate(message, self._between_slices)
        if isinstance(message, Correct):
            return self._ready.correct(message, self._between_slices)
        raise ValueError(f"nothing is known of {type(message).__name__}")

    def _between_slices(self) -> bool:
        """Answer prompts that came during a way through the volume; returns whether it shall stop."""
        while (message := self._inbox.take(0, on_plane=True)) is not None:
            self._answer(message)
        return self._inbox.unwanted(self._in_hand[-1].id) is not None

    def _go_on(self) -> None:
        """Asked within the encoder, which may take seconds."""
        if not self._in_hand:
            if self._inbox.waiting:
                raise Interrupted
        elif isinstance(self._in_hand[-1], _STOPS_WITHIN) and self._inbox.unwanted(self._in_hand[-1].id) is not None:
            raise Interrupted


def main() -> None:
    """Run until the application hangs up."""
    Worker(Application(int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
