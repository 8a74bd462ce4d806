"""Where this process stands among those that ``accelerate launch`` has started for one training."""

from __future__ import annotations

import os
from dataclasses import dataclass

from SAMAdaptLib.errors import InputError, SAMAdaptError, counted

_met = False


@dataclass(frozen=True)
class Place:
    """A process among those of one job.

    Attributes:
        rank: its number, from 0.
        count: how many there are.
        local_rank: its number among those of its machine.
        local_count: how many its machine has.
    """

    rank: int
    count: int
    local_rank: int
    local_count: int


def place() -> Place:
    """What the launcher says; a process that nobody launched is alone."""
    rank, count, local_rank, local_count = (
        int(os.environ.get(name, alone))
        for name, alone in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0), ("LOCAL_WORLD_SIZE", 1))
    )
    return Place(rank, count, local_rank, local_count)


def check_batch(size: int, processes: int, where: str | None = None) -> None:
    """Raises InputError for a batch of which some of the processes that share it would have no slice."""
    if size < processes:
        raise InputError(
            f"{counted(size, 'slice')} a step cannot be shared by {processes} processes",
            where,
            f"Give a batch_size of {processes} or more, best a multiple of it, or launch fewer processes",
        )


def told_by_first() -> bool:
    """Whether an error here is told by another process: until they have met, all those of a machine fail alike."""
    return place().local_rank > 0 and not _met


def meet() -> None:
    """From now on the processes tell each other of their errors."""
    global _met
    _met = True


class ToldElsewhere(SAMAdaptError):
    """This process ends because of something that another one tells the user."""

    def __init__(self, exit_code: int = 1) -> None:
        super().__init__("Ended with another process of this training", None, "See what that one says")
        self.exit_code = exit_code
