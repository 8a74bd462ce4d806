"""The processes that train one model together, and what passes between them."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import torch

from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.sam.device import pick_device
from SAMAdaptLib.training.launch import Place, ToldElsewhere, meet, place

if TYPE_CHECKING:
    from accelerate import PartialState

# One of them may validate, write or fetch a model while the others wait. A lost one is noticed in other ways.
PATIENCE = timedelta(hours=6)

# How long the interpreter is left to the group's threads before their end.
LET_GO_S = 0.1

T = TypeVar("T")


class Team:
    """One process alone, or those that ``accelerate launch`` has started; used as a context around the whole work.

    Gradients are summed here and not by a wrapper around the model (``Accelerator.prepare``): a step goes through
    encoder and decoder apart, as often as its prompts need, which differs between processes, and leaves other
    parameters untouched each time, while such a wrapper counts on one pass of one module. Where each process has the
    gradients of its share of a mean, their sum is that of the whole batch, whatever led to them.

    Before each exchange every process says whether it is well; one that has failed says so in the place of the
    exchange that the others come to next. So nobody waits for a process that will not come, and the first of those
    that have failed is the one that tells the user.

    Args:
        device: see :func:`SAMAdaptLib.sam.device.pick_device`; of several on GPUs each takes its own.

    Attributes:
        count: processes.
        rank: number of this one.
        device: of this one.

    Raises:
        InputError: a device that is not there or cannot be shared.
    """

    def __init__(self, device: str) -> None:
        here = place()
        self.count, self.rank = here.count, here.rank
        self.device = pick_device(device)
        if self.count > 1:
            check_device(self.device, here)
            # Its functions keep the group that there is when they are loaded, and with it the group's threads.
            import_module("torch.distributed.nn.functional")
            from accelerate import PartialState

            # Without what the launcher's other options would have accelerate do to model and optimiser.
            state = PartialState(cpu=self.device.type == "cpu", timeout=PATIENCE)
            if self.device.type != "cpu":
                self.device = state.device
            # Its threads abort some of the processes whose interpreter ends before they do.
            atexit.register(_end, state)
            meet()

    def __enter__(self) -> Team:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.count == 1 or isinstance(error, (ToldElsewhere, Lost)):
            return
        if error is None:
            # Or one that fails after the last exchange would be left alone.
            self._exchange(lambda: None)
        elif isinstance(error, Exception) and self._first_failed(True) != self.rank:
            raise ToldElsewhere(getattr(error, "exit_code", 1)) from error

    @property
    def main(self) -> bool:
        """Whether this is the process that writes, validates and tells."""
        return self.rank == 0

    def share(self, number: int) -> range:
        """Which of ``number`` things are this process's: every one is one's, and nobody has two more than another."""
        return range(self.rank, number, self.count)

    def from_main(self, work: Callable[[], T]) -> T:
        """What ``work`` gives in the main process, which alone does it, for all."""
        if self.count == 1:
            return work()
        given = [work() if self.main else None]

        from accelerate.utils import broadcast_object_list

        found: T = self._exchange(lambda: broadcast_object_list(given))[0]
        return found

    def summed(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Sums over all processes of figures that each has by the same names in the same order."""
        if self.count == 1:
            return dict(figures)
        total = self._sum(torch.tensor([*figures.values()], dtype=torch.float64))
        return dict(zip(figures, total.tolist(), strict=True))

    def sum_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Give each parameter the sum of its gradients in all processes; one that has none anywhere keeps none."""
        if self.count == 1:
            return
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        there = torch.tensor([p.grad is not None for p in parameters], dtype=torch.float32, device=self.device)
        total = self._sum(torch.cat([*(gradient.flatten() for gradient in gradients), there]))
        *parts, there = total.split([*(p.numel() for p in parameters), len(parameters)])
        for parameter, part, some in zip(parameters, parts, there.tolist(), strict=True):
            parameter.grad = part.view_as(parameter) if some else None

    def joined(self, shares: torch.Tensor, number: int) -> torch.Tensor:
        """Rows of all processes in the order of :meth:`share`.

        Args:
            shares: [len(self.share(number)), ...], the rows of this process.
            number: of rows in all, [number, ...].

        Returns:
            all rows, of which those of this process have its gradients.
        """
        if self.count == 1:
            return shares
        from accelerate.utils import gather

        most = -(-number // self.count)
        # All send as many rows, of which the last may be nobody's.
        sent = shares.new_zeros(most, *shares.shape[1:])
        sent[: len(shares)] = shares.detach()
        came: torch.Tensor = self._exchange(lambda: gather(sent))
        rows: torch.Tensor = came.unflatten(0, (self.count, most)).transpose(0, 1).flatten(0, 1)[:number].clone()
        rows[self.rank :: self.count] = shares
        return rows

    def _sum(self, tensor: torch.Tensor) -> torch.Tensor:
        from accelerate.utils import reduce

        on_device = tensor.to(self.device)
        total: torch.Tensor = self._exchange(lambda: reduce(on_device, "sum"))
        return total

    def _exchange(self, work: Callable[[], T]) -> T:
        if self._first_failed(False) is not None:
            raise ToldElsewhere
        return self._connected(work)

    def _first_failed(self, failed: bool) -> int | None:
        """Meet the others; the lowest number of those that have failed."""
        from accelerate.utils import gather

        flag = torch.tensor([failed], dtype=torch.int32, device=self.device)
        flags = self._connected(lambda: gather(flag)).tolist()
        return flags.index(1) if 1 in flags else None

    def _connected(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except RuntimeError as error:
            # One of them is enough to tell.
            if self.main:
                raise Lost(error) from error
            raise ToldElsewhere from error


class Lost(SAMAdaptError):
    """One that has died cannot tell why, and the launcher does."""

    def __init__(self, error: RuntimeError) -> None:
        words = next(iter(str(error).splitlines()), "")
        super().__init__(
            f"Another process of this training has ended without a word ({words})",
            None,
            "See what the launcher says of it, and go on with --resume",
        )


def check_device(device: torch.device, here: Place) -> None:
    """Raises InputError where the processes of a machine have not a device each."""
    if device.index is not None:
        raise InputError(
            f"{here.count} processes cannot share one device",
            str(device),
            f"Name it {device.type}, and choose GPUs by CUDA_VISIBLE_DEVICES or `accelerate launch --gpu_ids`",
        )
    there = {"cpu": here.local_count, "cuda": torch.cuda.device_count()}.get(device.type, 1)
    if here.local_count > there:
        raise InputError(
            f"There are {here.local_count} processes on this machine, and only {there} of this device",
            str(device),
            f"Launch {there}, or name the device cpu",
        )


def _end(state: PartialState) -> None:
    """End the group; torch before 2.7 waits for its threads with the interpreter locked, which one of them may still
    want in order to let go of what was exchanged last."""
    time.sleep(LET_GO_S)
    state.destroy_process_group()
