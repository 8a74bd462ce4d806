"""Fine-tuning beside the application: the training worker as panel and console use it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, SAMAdaptError
from SAMAdaptLib.service.protocol import Answer, Done, Final, Log, Progress, Stopped
from SAMAdaptLib.service.training import TrainingClient
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.Polling import Polling, errorOf
from SAMAdaptModuleLib.app.Signal import Signal

POLL_MS = 50
SECONDS_BETWEEN_LOGS = 1.0


class TrainingSession:
    """One run at a time, in a process of its own at low priority. Use it on the main thread only.

    Args:
        client: by default made at the first start, with what ``installation`` says.
        installation: asked before the first run.
        timerFactory: see :class:`SAMAdaptModuleLib.app.Polling.Polling`.

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
        timerFactory: Callable[[], Any] | None = None,
    ) -> None:
        self.progress, self.finished, self.failed = Signal(), Signal(), Signal()
        self.stopped, self.logged, self.downloadProgress = Signal(), Signal(), Signal()
        self._client, self._installation = client, installation
        self._installed = False
        self._polling = Polling(self.pump, timerFactory)
        self._figures: dict[str, Any] = {}
        self._outcome: dict[str, Any] | SAMAdaptError | None = None
        self._saidAt = 0.0
        self._last: tuple[tuple, dict[str, Any]] | None = None

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
        entry: Any = None,
        resume: bool = False,
    ) -> None:
        """Start a run; returns at once.

        Args:
            library: folder of exemplars.
            output: run folder.
            config: fields of :class:`SAMAdaptLib.training.config.TrainConfig`.
            checkpoint: local file with the base model's weights.
            entry: a ``BaseModel`` that the registry does not know, named in ``config["model"]``.
            resume: go on with the run in ``output``.

        Raises:
            InputError: a run is going on; settings that cannot be; packages are missing and may not be installed.
        """
        from SAMAdaptLib.training.config import TrainConfig

        TrainConfig.from_dict(config).limited()
        self._connect()
        self._client.train(library, output, config, checkpoint=checkpoint, entry=entry, resume=resume)
        self._last = (library, output, config), {"checkpoint": checkpoint, "entry": entry}
        self._figures = dict.fromkeys(("step", "steps", "loss", "dice", "seconds_left", "validation", "stage"))
        self._outcome = None
        self._polling.setInterval(POLL_MS)

    def resume(self) -> None:
        """Go on with the run that was stopped last; raises as :meth:`start`, and ValueError where there was none."""
        if self._last is None:
            raise ValueError("nothing has been started")
        given, options = self._last
        self.start(*given, **options, resume=True)

    def stop(self) -> None:
        """Write a checkpoint and stop; ``stopped`` follows, after a grace period by force."""
        if self.running:
            self._client.cancel()

    def waitForCompletion(self, seconds: float | None = None) -> dict[str, Any]:
        """For scripts: work without the event loop until the run is over.

        Returns:
            What ``finished`` gives.

        Raises:
            SAMAdaptError: it failed; ``Cancelled`` where it was stopped.
            TimeoutError: it goes on after ``seconds``.
            ValueError: nothing has been started.
        """
        end = float("inf") if seconds is None else time.monotonic() + seconds
        if self._last is None:
            raise ValueError("nothing has been started")
        while self._outcome is None:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the training goes on after {seconds} s")
            self._client.wait(min(0.1, left))
            self.pump()
        if isinstance(self._outcome, SAMAdaptError):
            raise self._outcome
        return self._outcome

    def pump(self) -> None:
        """Pass on what the worker has said, as the timer does."""
        if self._client is None:
            return
        for event in self._client.poll():
            self._hear(event)
        self._polling.setInterval(POLL_MS if self.running else 0)

    def close(self) -> None:
        """Kill the run with all its processes, without a signal; it can be resumed from its last checkpoint."""
        if self.running:
            self._outcome = Cancelled(_("Stopped on request"))
        if self._client is not None:
            self._client.close()
            # What it has said since must not be taken for words about the next run.
            self._client.poll()
        self._polling.setInterval(0)

    def _connect(self) -> None:
        if not self._installed:
            self._installation = self._installation or Installation()
            self._installation.ensure()
            self._installed = True
        if self._client is None:
            self._client = TrainingClient(self._installation.pythonExecutable(), self._installation.environment())

    def _hear(self, event: Answer) -> None:
        if isinstance(event, Log):
            logging.warning("SAM Adapt training: %s", event.text)
            self.logged.emit(event.text)
        elif isinstance(event, Progress) and "download" in event.values:
            self.downloadProgress.emit(event.done, event.total)
        elif isinstance(event, Progress):
            self._onProgress(event)
        elif isinstance(event, Done):
            self._outcome = event.values
            self.finished.emit(event.values)
        elif isinstance(event, Final):
            self._outcome = errorOf(event)
            if isinstance(event, Stopped):
                self.stopped.emit(event.resumable)
            else:
                self.failed.emit(self._outcome)

    def _onProgress(self, event: Progress) -> None:
        known = {name: value for name, value in event.values.items() if name in self._figures}
        stage = event.values.get("stage")
        known["stage"] = stageWords().get(stage, stage)
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
        "first": _("trying the first steps"),
        "check": _("checking on the held-out patients"),
        "final": _("final check, and writing the result"),
    }
