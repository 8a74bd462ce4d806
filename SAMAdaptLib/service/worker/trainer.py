"""The training worker: ``python -m SAMAdaptLib.service.worker.trainer PORT``.

:mod:`SAMAdaptLib.service.training` starts it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from SAMAdaptLib.errors import Cancelled, notes_to
from SAMAdaptLib.service.protocol import Cancel, Done, Final, Log, Message, Progress, Stopped, Train
from SAMAdaptLib.service.training import has_checkpoint
from SAMAdaptLib.service.worker.application import Application, failure

SECONDS_BETWEEN = 1.0
NICENESS = 10


class Reporter:
    """Passes on what the training loop tells, steps once a second at most.

    Args:
        application: that has started this process.
        request: the run's id.
    """

    def __init__(self, application: Application, request: int) -> None:
        self._application, self._request = application, request
        self._told = 0.0

    def __call__(self, event: dict[str, Any]) -> None:
        """Take in an event of ``finetune``."""
        values = {name: value for name, value in event.items() if name not in ("event", "step", "total", "adapter")}
        now = time.monotonic()
        if event["event"] == "step" and now - self._told < SECONDS_BETWEEN and event["step"] < event["total"]:
            return
        if event["event"] == "step":
            self._told = now
        self._application.say(Progress(self._request, event["step"], event["total"], values))


def train(application: Application, request: Train, cancelled: threading.Event) -> Final:
    """Do the run; returns its final answer. Weights that are not there are fetched first, with ``Progress`` in bytes
    that says "download"."""

    def fetched(done: int, total: int | None) -> None:
        if cancelled.is_set():
            raise Cancelled
        application.say(Progress(request.id, done, total, {"download": True}))

    try:
        from SAMAdaptLib.exemplars.library import Library
        from SAMAdaptLib.sam.registry import MODELS, BaseModel, get_model
        from SAMAdaptLib.sam.weights.locate import obtain
        from SAMAdaptLib.training.config import TrainConfig
        from SAMAdaptLib.training.finetune import finetune

        if request.entry is not None:
            MODELS[request.entry["name"]] = BaseModel(**request.entry)
        # Mistakes are told before anything is fetched.
        config, library = TrainConfig.from_dict(request.config).with_length(), Library.open(request.library)
        with notes_to(lambda text: application.say(Log(request.id, "warning", text))):
            info = finetune(
                library,
                request.output,
                config,
                checkpoint=obtain(get_model(config.model), request.checkpoint, progress=fetched),
                resume=request.resume,
                listener=Reporter(application, request.id),
                cancelled=cancelled.is_set,
            )
    except Cancelled:
        return Stopped(request.id, resumable=has_checkpoint(request.output))
    except Exception as error:
        return failure(request.id, error)
    return Done(request.id, {"adapter": str(Path(request.output) / "adapter"), "info": asdict(info)})


def main() -> None:
    """Do one run and end."""
    if hasattr(os, "nice"):
        # Prompts are answered by another process meanwhile, and someone waits for those.
        os.nice(NICENESS)
    application = Application(int(sys.argv[1]))
    requests: SimpleQueue[Train] = SimpleQueue()
    cancelled = threading.Event()

    def take(message: Message) -> None:
        if isinstance(message, Train):
            requests.put(message)
        elif isinstance(message, Cancel):
            cancelled.set()

    application.listen(take)
    application.say(train(application, requests.get(), cancelled))


if __name__ == "__main__":
    main()
