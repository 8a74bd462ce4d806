"""Fine-tuning beside the application: the training worker as panel and console use it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import Answer, Done, Log, Progress, Stopped
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.service.training import TrainingClient
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.Polling import Polling, errorOf
from SAMAdaptModuleLib.app.Signal import Signal

if TYPE_CHECKING:
    from SAMAdaptLib.sam.registry import BaseModel

POLL_MS = 50
SECONDS_BETWEEN_LOGS = 1.0


class TrainingSession:
    """One run at a time, in a process of its own at low priority. Use it on the main thread only.

    Args:
        client: by default made at the first start, with what ``installation`` says.
        installation: asked before the first run.

    Attributes:
        progress: signal (dict), once a second at most and after each validation: "step", "steps" (None: not known
            yet), "loss", "dice", "seconds_left" and "validation" (dict of figures), each None before it is known;
            "stage": what is being done while no steps are counted, else None.
        finished: signal (dict): "adapter" (its folder) and "info" (the fields of its ``AdapterInfo``).
        failed: signal (SAMAdaptError); ``str()`` gives one text.
        stopped: signal (bool): whether the run can be resumed.
        downloadProgress: signal (done, total) in bytes, before a run whose model is not there; total may be None.
        logged: signal (str); something the user should read, such as that the run goes on on the CPU.
    """

    def __init__(
        self,
        client: TrainingClient | None = None,
        installation: Installation | None = None,
    ) -> None:
        self.progress, self.finished, self.failed = Signal(), Signal(), Signal()
        self.stopped, self.logged, self.downloadProgress = Signal(), Signal(), Signal()
        self._client, self._installation = client, installation or Installation()
        self._installed = False
        self._polling = Polling(self.pump)
        self._figures: dict[str, Any] = {}
        self._reply: Reply[Done] | None = None
        self._saidAt = 0.0

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._client is not None and self._client.running

    def start(
        self,
        library: str | Path,
        output: str | Path,
        config: Mapping[str, Any],
        *,
        checkpoint: str | Path | None = None,
        entry: BaseModel | None = None,
        resume: bool = False,
    ) -> Reply[Done]:
        """Start a run. The reply's values are those of ``finished``; what is to be told of it, the signals tell first.

        Args:
            library: folder of exemplars.
            output: run folder.
            config: fields of :class:`SAMAdaptLib.training.config.TrainConfig`.
            checkpoint: local file with the base model's weights.
            entry: a model that the registry does not know, named in ``config["model"]``.
            resume: go on with the run in ``output``.

        Raises:
            InputError: a run is going on; settings that cannot be; packages are missing and may not be installed.
        """
        from SAMAdaptLib.training.config import TrainConfig

        TrainConfig.from_dict(config)
        client = self._connect()
        reply = client.train(library, output, config, checkpoint=checkpoint, entry=entry, resume=resume)
        self._reply = reply
        self._figures = dict.fromkeys(("step", "steps", "loss", "dice", "seconds_left", "validation", "stage"))
        reply.on_progress(self._onProgress)
        reply.on_done(self._onDone)
        self._polling.setInterval(POLL_MS)
        return reply

    def stop(self) -> None:
        """Write a checkpoint and stop; ``stopped`` follows, after a grace period by force."""
        if self._reply is not None:
            self._reply.cancel()

    def pump(self) -> None:
        """Pass on what the worker has said, as the timer does."""
        if self._client is None:
            return
        self._client.poll()
        self._polling.setInterval(POLL_MS if self.running else 0)

    def close(self) -> None:
        """Kill the run with all its processes, without a signal; it can be resumed from its last checkpoint."""
        if self._reply is not None:
            self._reply.abandon()
        if self._client is not None:
            self._client.close()
        self._polling.setInterval(0)

    def _connect(self) -> TrainingClient:
        if not self._installed:
            self._installation.ensure()
            self._installed = True
        if self._client is None:
            here = Local(self._installation.pythonExecutable(), self._installation.environment())
            self._client = TrainingClient(here)
        self._client.hear, self._client.error_of = self._hear, errorOf
        return self._client

    def _hear(self, event: Answer) -> None:
        if isinstance(event, Log):
            logging.warning("SAM Adapt training: %s", event.text)
            self.logged.emit(event.text)

    def _onDone(self, reply: Reply[Done]) -> None:
        if isinstance(reply.answer, Done):
            self.finished.emit(reply.answer.values)
        elif isinstance(reply.answer, Stopped):
            self.stopped.emit(reply.answer.resumable)
        else:
            self.failed.emit(reply.error)

    def _onProgress(self, event: Progress) -> None:
        if "download" in event.values:
            self.downloadProgress.emit(event.done, event.total)
            return
        known = {name: value for name, value in event.values.items() if name in self._figures}
        stage = event.values.get("stage")
        known["stage"] = None if stage is None else stageWords().get(stage, stage)
        self._figures = {**self._figures, **known, "step": event.done, "steps": event.total}
        now = time.monotonic()
        if now - self._saidAt >= SECONDS_BETWEEN_LOGS:
            self._saidAt = now
            said = {name: value for name, value in self._figures.items() if value is not None}
            logging.info("SAM Adapt training: %s", said)
        self.progress.emit(dict(self._figures))


def stageWords() -> dict[str, str]:
    """What a training is doing while no steps are counted, by its names in the library."""
    return {
        "model": _("loading the base model"),
        "data": _("reading the exemplars"),
        "images": _("reading the images"),
        "in turn": _("short trainings without one patient each, to compare on that one"),
        "first": _("trying the first steps"),
        "check": _("checking on the held-out patients"),
        "final": _("final check, and writing the result"),
    }
