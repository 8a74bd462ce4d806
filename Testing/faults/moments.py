"""Ends a process, or takes its disk away, at a counted moment: before one of its changes of a folder."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

# What Python does to files, by the names of its audit events, and where among their arguments the paths are.
CHANGES = {"os.rename": (0, 1), "os.remove": (0,), "os.mkdir": (0,), "os.rmdir": (0,), "os.link": (0, 1),
           "os.truncate": (0,), "os.chmod": (0,), "os.utime": (0,), "os.symlink": (1,)}  # fmt: skip
MAKES = ("open", "os.mkdir", "os.link", "os.symlink")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

KILLED, FULL, NO_FILES, READ_ONLY, DENIED = "killed", "full", "no more files", "read-only", "denied"
# A folder of a share that is gone, under another name, until somebody brings it back; and a share that answers no more.
AWAY, STALE = "folder away", "share lost"
# Once, by so many seconds: back where the moment's number is even, as a clock that is set, else ahead, as for a laptop
# that has slept. All files become that much younger or older, which is the same to who compares them with the clock.
CLOCK, CLOCK_SECONDS = "clock moved", 7200.0
# No file may be longer from then on, which fails within every writer, those of other languages too.
LONGEST = 64
ERRORS = {NO_FILES: errno.ENOSPC, READ_ONLY: errno.EROFS, DENIED: errno.EACCES, STALE: errno.EIO}


class Fault(NamedTuple):
    """What happens, and from which change on; the first is 0."""

    kind: str
    moment: int


def away(folder: Path) -> Path:
    """Where a folder is that has gone away."""
    return folder.with_name(folder.name + ".away")


class Watch:
    """Counts the changes of what lies in a folder, and lets a fault happen. It stays until the process ends.

    Args:
        folder: whose changes are counted.
        fault: None to count only.
    """

    def __init__(self, folder: Path, fault: Fault | None) -> None:
        self.folder, self.inside, self.fault, self.count = folder, str(folder) + os.sep, fault, 0
        self._own = False
        sys.addaudithook(self._hear)
        sync = os.fsync

        def synchronised(handle: int) -> None:
            self._happened("fsync", None)
            sync(handle)

        os.fsync = synchronised

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if self._own:
            return
        if event == "open":
            places = (0,) if isinstance(given[2], int) and given[2] & WRITES else ()
        else:
            places = CHANGES.get(event, ())
        for place in places:
            if isinstance(given[place], (str, bytes, os.PathLike)):
                path = os.path.abspath(os.fsdecode(given[place]))
                if path.startswith(self.inside):
                    made = event in MAKES and (event != "open" or bool(given[2] & os.O_CREAT))
                    self._happened("made" if made else event, path)
                    return

    def _happened(self, what: str, path: str | None) -> None:
        number, self.count = self.count, self.count + 1
        if self.fault is None or number < self.fault.moment:
            return
        kind = self.fault.kind
        if kind == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        elif kind == FULL:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST, resource.RLIM_INFINITY))
        elif kind in (AWAY, CLOCK):
            if number == self.fault.moment:
                self._own = True
                self._move() if kind == AWAY else self._age(CLOCK_SECONDS if number % 2 == 0 else -CLOCK_SECONDS)
                self._own = False
        elif kind != NO_FILES or what == "made":
            # A file that is open already may still be synchronised.
            if what != "fsync":
                raise OSError(ERRORS[kind], os.strerror(ERRORS[kind]), path)

    def _move(self) -> None:
        os.rename(self.folder, away(self.folder))

    def _age(self, seconds: float) -> None:
        for path in [self.folder, *self.folder.rglob("*")]:
            seen = path.stat()
            os.utime(path, (seen.st_atime + seconds, seen.st_mtime + seconds))
