"""Locks among processes, which the system gives back where their holder dies."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import patiently, removed, unwritable

LOCK = ".lock"
LOCK_SECONDS = 30.0


@contextlib.contextmanager
def changing(
    folder: str | os.PathLike[str],
    seconds: float | None = None,
    what: str = "Another process is changing the folder",
) -> Iterator[None]:
    """Keep other processes from changing what lies in a folder meanwhile; waits for the one that does.

    Args:
        folder: there already.
        seconds: how long to wait; LOCK_SECONDS by default.
        what: for the error.

    Raises:
        InputError: another process takes longer than that, or the folder cannot be opened.
    """
    folder = Path(folder)
    try:
        # Windows opens no folder.
        named = (folder / LOCK, os.O_RDWR | os.O_CREAT) if os.name == "nt" else (folder, os.O_RDONLY)
        handle = patiently(os.open, *named)
    except OSError as error:
        raise unwritable(folder, error, "Cannot open the folder") from error
    try:
        end = time.monotonic() + (LOCK_SECONDS if seconds is None else seconds)
        while not _locked(handle):
            if time.monotonic() >= end:
                raise InputError(what, folder, "Wait until it is done, or end it")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)
        if os.name == "nt":
            # Stays where the next one has it open already, which is why it can go.
            with contextlib.suppress(OSError):
                os.unlink(folder / LOCK)


@contextlib.contextmanager
def making(path: Path, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Keep other processes from making a file meanwhile, by a lock beside it; waits for the one that does.

    Args:
        path: of the file, whose folder is there already.
        meanwhile: called while another one makes it; what it raises ends the waiting.

    Raises:
        InputError: the folder cannot be written to.
    """
    lock = path.with_name(path.name + LOCK)
    handle = _waited_for(lock, meanwhile)
    try:
        yield
    finally:
        # Windows removes nothing that is open; elsewhere those who wait must not find it free before it is gone.
        if os.name != "nt":
            removed(lock)
        os.close(handle)
        if os.name == "nt":
            removed(lock)


def _waited_for(lock: Path, meanwhile: Callable[[], object]) -> int:
    while True:
        try:
            handle = patiently(os.open, lock, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise unwritable(lock, error) from error
        try:
            while not _locked(handle):
                meanwhile()
                time.sleep(0.05)
            # Whoever had it may have removed it, and a third one made it anew.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), os.stat(lock)):
                    return int(handle)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # of Windows only
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Some network disks know no locks; one process after the other is all that they can have.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True
