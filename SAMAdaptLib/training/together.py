"""Too little memory on a device: less of a batch at a time, and in the end the CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch

from SAMAdaptLib.errors import counted, note
from SAMAdaptLib.shortage import lack, out_of_memory, too_little_memory
from SAMAdaptLib.training.engine import Asked
from SAMAdaptLib.training.launch import place
from SAMAdaptLib.training.resume import CONFIG
from SAMAdaptLib.training.team import Team

T = TypeVar("T")


class Together:
    """How many slices of a batch go through the network together; half as many whenever there is too little memory.

    Where the gradients of the parts are summed, the result is that of the whole batch, but for rounding.

    Args:
        most: slices of a batch.
    """

    def __init__(self, most: int) -> None:
        self.most = self.number = most

    @property
    def all(self) -> bool:
        """Whether the whole batch goes at once."""
        return self.number >= self.most

    def done(self, work: Callable[[int], T], forget: Callable[[], None]) -> T:
        """Do some work with so many slices at a time.

        Args:
            work: is given the number.
            forget: called before the work begins anew.
        """
        while True:
            try:
                return work(self.number)
            except (RuntimeError, MemoryError) as error:
                if self.number <= 1 or not out_of_memory(error):
                    raise
            # Outside the handler, whose traceback would keep the tensors alive.
            forget()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            before, self.number = self.number, self.number // 2
            note(
                f"There is too little memory for {counted(before, 'slice')} at once: from now on {self.number} at a "
                "time, which learn the same and take longer"
            )


def on_device(device: str, asked: Asked, run: Callable[[Team, Asked], T]) -> T:
    """Do a run; where the device that was chosen for it has too little memory for a slice or lacks an operator, go on
    with it on the CPU, which a note tells.

    Args:
        device: see :class:`Team`; one that the user has named is not replaced.
        asked: what for; a model that the caller has built cannot be begun with anew.
        run: is given the processes, and what is asked of them: the second time to go on with what is in its folder.

    Raises:
        InputError: too little memory for a slice, and no other device to try.
    """
    with Team(device) as team:
        try:
            return run(team, asked)
        except (RuntimeError, MemoryError) as error:
            lacks = lack(error)
            if lacks is None:
                raise
            if device != "auto" or team.device.type == "cpu" or asked.model is not None or place().count > 1:
                if out_of_memory(error):
                    raise too_little_memory(error) from error
                raise
    # Outside the handler, whose traceback would keep the tensors alive.
    note(f"The device {lacks} this training; it goes on on the CPU, which takes longer")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    with Team("cpu") as team:
        return run(team, replace(asked, resume=True) if (Path(asked.output) / CONFIG).exists() else asked)
