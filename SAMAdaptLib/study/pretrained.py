"""What a cell's training starts from: given weights, or an encoder that has seen the training scans without labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from SAMAdaptLib.adapters.info import INFO
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import folder_within
from SAMAdaptLib.study.launch import Job, train
from SAMAdaptLib.study.task import PRETRAININGS, RUN, Task


class Beginning(NamedTuple):
    """Where a training begins.

    Attributes:
        checkpoint: weights of the base model, None for its own.
        start_from: run whose adapter is the start, None for the method's own.
    """

    checkpoint: str | Path | None
    start_from: str | Path | None


def beginning(task: Task, output: Path) -> Beginning:
    """Of a task's training, in the folder of its study; what is pretrained may not be there yet."""
    own = task.cell.own
    if task.pretraining is None:
        return Beginning(own.checkpoint, own.start_from)
    run = output / PRETRAININGS / task.pretraining.key / RUN
    if task.pretraining.config.train == "encoder":
        from SAMAdaptLib.training.initial_weights import CHECKPOINT

        return Beginning(run / CHECKPOINT, None)
    return Beginning(own.checkpoint, run)


def pretrain_for(
    task: Task, output: Path, tell: Callable[[dict[str, Any]], None], cancelled: Callable[[], bool]
) -> None:
    """Pretrain what a task begins with where that is not there yet; cells that begin with the same share it.

    Args:
        task: to be trained.
        output: folder of the study.
        tell: hears the events of the run.
        cancelled: asked between scans and steps.

    Raises:
        InputError: what pretraining raises.
        Cancelled: ``cancelled`` said so; the next call goes on from there.
    """
    if task.pretraining is None:
        return
    place = folder_within(output, output / PRETRAININGS / task.pretraining.key)
    # Another worker may be at it.
    with changing(place, math.inf):
        if has_pretraining(task, output):
            return
        images = [(scan.image, scan.series, scan.frames) for scan in task.pretraining.scans]
        run = folder_within(place, place / RUN)
        job = Job(str(run), task.pretraining.config.to_dict(), task.cell.own.checkpoint, images=images)
        train(job, task.processes, tell, cancelled)


def has_pretraining(task: Task, output: Path) -> bool:
    """Whether what a task begins with is there, or needs no pretraining."""
    if task.pretraining is None:
        return True
    start = beginning(task, output)
    if task.pretraining.config.train == "encoder":
        return start.checkpoint is not None and Path(start.checkpoint).is_file()
    return start.start_from is not None and (Path(start.start_from) / "adapter" / INFO).is_file()
