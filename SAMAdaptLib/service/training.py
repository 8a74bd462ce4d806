"""The application's end of the training worker."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.peer import Peer
from SAMAdaptLib.service.protocol import Cancel, Failed, Final, Log, Stopped, Train

GRACE_SECONDS = 20.0
# Understood by accelerate and CUDA: what is left is the CPU.
CPU_ONLY = {"ACCELERATE_USE_CPU": "true", "CUDA_VISIBLE_DEVICES": "-1"}


class TrainingClient(Peer):
    """Fine-tuning in a process of its own, one run at a time.

    A run that does not fit into the device's memory, or needs an operator that it lacks, goes on on the CPU, unless a
    device was asked for by name.
    """

    module = "SAMAdaptLib.service.worker.trainer"
    background = True

    def __init__(self, python: str | list[str], env: Mapping[str, str] | None = None) -> None:
        super().__init__(python, env)
        self._usual_env = env
        self._train: Train | None = None
        self._kill_at: float | None = None

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._train is not None

    def train(
        self,
        library: str | Path,
        output: str | Path,
        config: Mapping[str, Any],
        *,
        checkpoint: str | Path | None = None,
        entry: Any = None,
        resume: bool = False,
    ) -> int:
        """Start a run; returns its id at once.

        ``Progress`` comes once a second at most with the figures of the last step ("loss", "dice", "lr", "seconds",
        "seconds_left"), after each validation with "validation", and before all that in bytes with "download" while
        weights are fetched; then ``Done`` with "adapter" and the fields of its
        ``AdapterInfo``, ``Stopped`` or ``Failed``.

        Args:
            library: folder of exemplars.
            output: run folder.
            config: fields of ``TrainConfig``.
            checkpoint: local file of the base model's weights.
            entry: a ``BaseModel`` of one's own, named in ``config["model"]``.
            resume: go on with the run in ``output``.

        Raises:
            InputError: a run is going on.
        """
        self._listen()
        if self.running:
            raise InputError("A training is running already", self._train.output, "Wait for it, or stop it first")
        self._env, self._kill_at = self._usual_env, None
        self._train = Train(
            self._new_id(),
            os.path.abspath(library),
            os.path.abspath(output),
            dict(config),
            None if checkpoint is None else os.path.abspath(checkpoint),
            None if entry is None else asdict(entry),
            resume,
        )
        self._launch()
        return self._train.id

    def cancel(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Ask the run to write a checkpoint and stop; after the grace period it is killed, and goes on from the
        checkpoint before. Answered by ``Stopped``."""
        if self.running and self._kill_at is None:
            self._kill_at = time.monotonic() + grace_seconds
            self._send(Cancel(self._train.id))

    def close(self) -> None:
        """Kill the run at once; it can be resumed from its last checkpoint."""
        super().close()
        self._train = None

    def _launch(self) -> None:
        self._start()
        self._send(self._train)

    def _listen(self) -> None:
        super()._listen()
        if self._kill_at is not None and time.monotonic() > self._kill_at:
            self._drop_child()
            self._answer(Stopped(self._train.id, resumable=has_checkpoint(self._train.output)))

    def _answer(self, answer: Final) -> None:
        train = self._train
        if train is None or answer.id != train.id:
            return
        if isinstance(answer, Failed) and (answer.out_of_memory or answer.lacks_operator) and self._may_fall_back():
            self._drop_child()
            lack = "has too little memory for" if answer.out_of_memory else "lacks an operator of"
            text = f"The device {lack} this training; it goes on on the CPU, which takes longer"
            self._events.append(Log(train.id, "warning", text))
            self._env = {**(os.environ if self._env is None else self._env), **CPU_ONLY}
            self._train = replace(train, resume=True)
            self._launch()
            return
        self._train = self._kill_at = None
        # It has nothing left to do, and the next run must not be given to it while it ends.
        self._let_child_go()
        super()._answer(answer)

    def _may_fall_back(self) -> bool:
        return (
            self._kill_at is None
            and self._train.config.get("device", "auto") == "auto"
            and self._env is self._usual_env
        )


def has_checkpoint(output: str) -> bool:
    """Whether a run in this folder could go on."""
    return any((Path(output) / "checkpoints").glob("step-*.safetensors"))
