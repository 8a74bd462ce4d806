"""The application's end of the training worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.peer import Peer
from SAMAdaptLib.service.protocol import Done, Final, Stopped, Train
from SAMAdaptLib.service.reply import Reply

if TYPE_CHECKING:
    from SAMAdaptLib.sam.registry import BaseModel

GRACE_SECONDS = 20.0


class TrainingClient(Peer):
    """Fine-tuning in a process of its own, one run at a time."""

    module = "SAMAdaptLib.service.worker.trainer"
    background = True

    def __init__(self, place: Local) -> None:
        super().__init__(place)
        self._train: Train | None = None

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
        entry: BaseModel | None = None,
        resume: bool = False,
    ) -> Reply[Done]:
        """Start a run.

        Progress comes once a second at most with the figures of the last step ("loss", "dice", "lr", "seconds",
        "seconds_left"), after each validation with "validation", and before all that in bytes with "download" while
        weights are fetched. It is done with values "adapter" (its folder) and "info", the fields of its
        ``AdapterInfo``. When it is cancelled, it writes a checkpoint first; after a grace period it is killed, and goes
        on from the checkpoint before.

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
        if self._train is not None:
            raise InputError("A training is running already", self._train.output, "Wait for it, or stop it first")
        self._train = Train(
            self._new_id(),
            os.path.abspath(library),
            os.path.abspath(output),
            dict(config),
            None if checkpoint is None else os.path.abspath(checkpoint),
            None if entry is None else asdict(entry),
            resume,
        )
        reply = self._reply_to(self._train)
        self._launch(self._train)
        return reply

    def cancel(self, reply: Reply[Any], seconds: float = GRACE_SECONDS) -> None:
        """See :meth:`train`."""
        super().cancel(reply, seconds)

    def _launch(self, message: Train) -> None:
        self._start()
        self._send(message)

    def _force(self, reply: Reply[Any]) -> None:
        self._drop_child()
        self._answer(Stopped(reply.id, self._train is not None and has_checkpoint(self._train.output)))

    def _answer(self, answer: Final) -> None:
        if answer.id not in self._replies or self._train is None:
            return
        self._train = None
        # It has nothing left to do, and the next run must not be given to it while it ends.
        self._let_child_go()
        super()._answer(answer)


def has_checkpoint(output: str) -> bool:
    """Whether a run in this folder could go on."""
    return any((Path(output) / "checkpoints").glob("step-*.safetensors"))
