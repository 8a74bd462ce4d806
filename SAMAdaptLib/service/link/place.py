"""Where a worker runs, as its application sees it: in a process of this machine, or beyond a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from SAMAdaptLib.service.link.process import ChildProcess
from SAMAdaptLib.service.link.shared import SharedVolume, require_spare
from SAMAdaptLib.service.protocol import Died, Message


class Worker(Protocol):
    """Takes messages and gives answers; no method waits but :meth:`wait`."""

    @property
    def ended(self) -> Died | None:
        """What became of it, once it ended."""

    @property
    def pid(self) -> int | None:
        """Of its process, where that runs; None until it has reported."""

    def send(self, message: Message) -> int:
        """Queue a message, which leaves now or at the next :meth:`poll`; returns its bytes."""

    def poll(self, seconds: float = 0.01) -> list[Message]:
        """What it has said, reading for about so long at most; sets ``ended`` when there is no more to come."""

    def wait(self, seconds: float) -> None:
        """Sleep until there is something to poll for, so long at most."""

    def kill(self) -> None:
        """End it and everything that it has started."""

    def leave(self) -> None:
        """Hang up, upon which it ends by itself; to be followed by :meth:`reap` until that is true."""

    def reap(self) -> bool:
        """Whether one that was left has ended; one that takes too long is killed."""


class VolumeCopy(Protocol):
    """A volume on its way to where workers run.

    Attributes:
        name: by which a request names it.
        shape: [K, J, I], or [K, J, I, C].
        dtype: as ``np.dtype.str``.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def complete(self) -> bool:
        """Whether a request may name it: it is there, or cannot be had there, which the answer then tells."""

    @property
    def busy(self) -> bool:
        """Whether :meth:`fill` has something to do at once, instead of waiting for the worker."""

    def fill(self, seconds: float) -> bool:
        """Bring it on its way for about so long; returns ``complete``."""

    def close(self) -> None:
        """Give it back; may be called more than once."""


class Place(Protocol):
    """Starts workers, and brings volumes to where they run."""

    def start(self, module: str, background: bool = False) -> Worker:
        """A worker that runs ``module``; ``background``: at lower priority."""

    def share(self, array: np.ndarray) -> VolumeCopy:
        """A copy of a volume [K, J, I] or [K, J, I, C] of real numbers, which is read until the copy is complete.

        Raises:
            InputError: no 3D volume of numbers, or no memory for a copy.
        """

    def share_ahead(self, array: np.ndarray) -> VolumeCopy:
        """The same of a volume that may never be needed, beside the one in use.

        Raises:
            InputError: also where there is little memory, or where workers hold one volume at a time.
        """


class Local:
    """Processes of this machine.

    Args:
        python: the interpreter that has torch, in Slicer PythonSlicer; with arguments where it needs some.
        env: the whole environment of the worker; this process's own by default.
    """

    def __init__(self, python: str | Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._python = [python] if isinstance(python, str) else list(python)
        self._env = env

    def start(self, module: str, background: bool = False) -> Worker:
        """See :class:`Place`."""
        return ChildProcess(module, self._python, self._env, background)

    def share(self, array: np.ndarray) -> VolumeCopy:
        """See :class:`Place`."""
        return SharedVolume(array)

    def share_ahead(self, array: np.ndarray) -> VolumeCopy:
        """See :class:`Place`."""
        require_spare(array.nbytes)
        return SharedVolume(array)
