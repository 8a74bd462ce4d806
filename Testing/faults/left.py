"""What a process has left behind: others that it has started, and shared memory."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from Testing.service.serving import SEGMENTS


def children() -> list[str]:
    """Processes that this one has started and that still are there, those that nobody has waited for included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            if int(rest.split()[1]) == os.getpid():
                found.append(name)
    return found


def segments() -> list[str]:
    """Segments of shared memory of this process."""
    return [path.name for path in SEGMENTS.glob(f"samadapt-{os.getpid()}-*")]
