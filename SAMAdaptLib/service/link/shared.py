"""A volume in shared memory: written once by the application, read by the worker without a copy."""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import shutil
import sys
import time
import weakref
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.shortage import free_bytes, out_of_memory
from SAMAdaptLib.volume.intensity import CHANNELS

# Where Linux keeps segments. Writing to one beyond what is free there ends the process instead of raising.
SEGMENT_FOLDER = Path("/dev/shm")
# What nobody has asked for may take so many bytes, and has to leave so many times as much free.
SPARE_BYTES, SPARE_SHARE = 1 << 30, 3
SLAB_BYTES = 4 << 20


def volume_form(shape: tuple[int, ...], dtype: np.dtype[Any] | str) -> tuple[tuple[int, ...], str]:
    """[K, J, I], or of several channels [K, J, I, C], and ``np.dtype.str`` of a volume.

    Raises:
        InputError: not a 3D volume of real numbers, too many channels.
    """
    try:
        kind, sides = np.dtype(dtype), tuple(map(int, shape))
    except (TypeError, ValueError, OverflowError):
        kind, sides = np.dtype(object), ()
    channels = sides[3:] in ((), *((count,) for count in range(2, CHANNELS + 1)))
    if len(sides) < 3 or not channels or kind.kind not in "biuf" or min(sides) < 1:
        remedy = f"Give a 3D volume of real numbers, or up to {CHANNELS} of them as channels"
        raise InputError(f"The volume has shape {shape} and type {dtype}", None, remedy)
    return sides, kind.str


class Segment:
    """Shared memory for a volume, which this process owns and may write to.

    Args:
        shape: [K, J, I], or [K, J, I, C].
        dtype: real numbers.

    Attributes:
        name: by which other processes find it.
        nbytes: of the volume.

    Raises:
        InputError: not a 3D volume of numbers, or no memory for it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any] | str) -> None:
        self.shape, self.dtype = volume_form(shape, dtype)
        self.nbytes = math.prod(self.shape) * np.dtype(dtype).itemsize
        if SEGMENT_FOLDER.is_dir():
            _sweep()
            if shutil.disk_usage(SEGMENT_FOLDER).free < self.nbytes:
                raise _no_room(self.nbytes)
        try:
            with _untracked() as options:
                self._memory = SharedMemory(
                    # With the process, so that a leftover can be told from what is in use.
                    f"samadapt-{os.getpid()}-{secrets.token_hex(4)}",
                    create=True,
                    size=self.nbytes,
                    **options,
                )
        except (OSError, ValueError, OverflowError) as error:
            raise _no_room(self.nbytes) from error
        self.name = self._memory.name
        self._release = weakref.finalize(self, _destroy, self._memory, _owned(SEGMENT_FOLDER / self.name))

    def reserve(self) -> None:
        """Take the memory now instead of when it is written to, for which there may be too little left by then.

        Raises:
            InputError: no memory; to be closed.
        """
        if (SEGMENT_FOLDER / self.name).is_file():
            try:
                with open(SEGMENT_FOLDER / self.name, "r+b") as file:
                    os.posix_fallocate(file.fileno(), 0, self.nbytes)
            except OSError as error:
                raise _no_room(self.nbytes) from error

    def write(self, offset: int, data: bytes) -> None:
        """Put bytes of the volume in C order where they belong."""
        buffer = self._memory.buf
        assert buffer is not None
        buffer[offset : offset + len(data)] = data

    def close(self) -> None:
        """Give the memory back; may be called more than once."""
        self._release()


class SharedVolume(Segment):
    """A copy of a volume, filled piece by piece so that an event loop can go on.

    Args:
        array: [K, J, I] or [K, J, I, C], real numbers; read until ``complete``.

    Raises:
        InputError: see :class:`Segment`.
    """

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array.shape, array.dtype)
        # Rows where they lie in order, since a plane may be gigabytes, else planes.
        rows = array.reshape(-1, math.prod(array.shape[2:])) if array.flags.c_contiguous else array
        self._source: np.ndarray | None = rows
        self._slab = max(1, SLAB_BYTES // max(1, self._source[0].nbytes))
        self._next = 0

    @property
    def complete(self) -> bool:
        """Whether the whole array is in the segment."""
        return self._source is None

    @property
    def busy(self) -> bool:
        """Whether :meth:`fill` has something to do."""
        return not self.complete

    def fill(self, seconds: float) -> bool:
        """Copy on for about so long; returns ``complete``."""
        end = time.perf_counter() + seconds
        while self._source is not None:
            part = slice(self._next, self._next + self._slab)
            # The view must not outlive the turn: memory that something looks at cannot be given back.
            _view(self._memory, self._source.shape, self.dtype)[part] = self._source[part]
            self._next = part.stop
            if self._next >= len(self._source):
                self._source = None
            if time.perf_counter() >= end:
                break
        return self.complete

    def close(self) -> None:
        self._source = None
        super().close()


def require_spare(size: int) -> None:
    """Check that there is memory for a copy of a volume that may never be needed.

    Args:
        size: in bytes.

    Raises:
        InputError: it is larger than what may be taken for that, or would leave little to others.
    """
    if size > SPARE_BYTES or size * (1 + SPARE_SHARE) > _free_bytes():
        raise InputError(
            f"Too little memory to prepare the next volume ({size / 2**20:.0f} MB)",
            None,
            "Choose it when it is needed",
        )


def _free_bytes() -> float:
    """What is free for segments and in memory altogether, as far as the system tells without waiting."""
    free = [free_bytes()]
    if SEGMENT_FOLDER.is_dir():
        free.append(shutil.disk_usage(SEGMENT_FOLDER).free)
    return min(free)


class AttachedVolume:
    """The worker's end: the same memory, read-only.

    Raises:
        InputError: the segment is gone, or finds no place in this process.
    """

    def __init__(self, name: str, shape: tuple[int, ...], dtype: str) -> None:
        self.name = name
        try:
            with _untracked() as options:
                self._memory = SharedMemory(name, **options)
        except OSError as error:
            if out_of_memory(error):
                raise _no_room(math.prod(shape) * np.dtype(dtype).itemsize) from error
            raise InputError("The shared copy of the volume is gone", name, "Choose the volume again") from error
        self.array = _view(self._memory, shape, dtype)
        self.array.flags.writeable = False

    def detach(self) -> None:
        """Let go of the memory, unless something still looks at it."""
        self.array = np.zeros((0, 0, 0), self.array.dtype)
        with contextlib.suppress(BufferError):
            self._memory.close()

    def remove(self) -> None:
        """Remove the segment in place of an owner that died."""
        _unlink(self._memory)


def _view(memory: SharedMemory, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    assert memory.buf is not None
    # Unlike ndarray(buffer=...), frombuffer keeps the memory mapped for as long as the array lives.
    return np.frombuffer(memory.buf, dtype, count=int(np.prod(shape, dtype=np.int64))).reshape(shape)


def _owned(segment: Path) -> BinaryIO | None:
    """A lock for as long as this process lives, where segments are files: its number says nothing to the processes of
    another container that shares the folder."""
    if not segment.is_file():
        return None
    import fcntl

    held = open(segment, "rb")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def _sweep() -> None:
    """Remove the segments of processes that were killed together with the worker, which removes those of a dead owner.
    They would take memory, and show a patient's pixels, until the computer is started anew."""
    import fcntl

    for segment in SEGMENT_FOLDER.glob("samadapt-*-*"):
        owner = segment.name.split("-")[1]
        if not owner.isdecimal() or _alive(int(owner)):
            continue
        with contextlib.suppress(OSError), open(segment, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            segment.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True


def _destroy(memory: SharedMemory, held: BinaryIO | None) -> None:
    _unlink(memory)
    with contextlib.suppress(BufferError):
        memory.close()
    if held is not None:
        held.close()


def _unlink(memory: SharedMemory) -> None:
    with contextlib.suppress(FileNotFoundError), _untracked():
        memory.unlink()


@contextlib.contextmanager
def _untracked() -> Iterator[dict[str, bool]]:
    """Keep multiprocessing's resource tracker out; gives the options to open a segment with.

    The tracker of a worker would remove the application's segment when the worker ends, and inside an application that
    embeds Python a tracker would start a second copy of the application.
    """
    if sys.version_info >= (3, 13):
        yield {"track": False}
        return
    if os.name != "posix":
        yield {}
        return
    kept = resource_tracker.register, resource_tracker.unregister
    resource_tracker.register = resource_tracker.unregister = lambda *given: None
    try:
        yield {}
    finally:
        resource_tracker.register, resource_tracker.unregister = kept


def _no_room(size: int) -> InputError:
    return InputError(
        f"No shared memory for a copy of the volume ({size / 2**20:.0f} MB)",
        None,
        "Close other programs, or crop the volume",
    )
