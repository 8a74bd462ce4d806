"""What a device or this machine lacks for some work, and how that is told."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

from SAMAdaptLib.errors import InputError

MEMORY = Path("/proc/meminfo")
OWN = Path("/proc/self/statm")
# In the words of CUDA and MPS, of torch's allocator for the CPU, and of ITK.
_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate memory", "bad_alloc")
_ASKED_FOR = re.compile(r"allocate ([\d.]+) ?([KMGT]?i?B|bytes)\b", re.IGNORECASE)
_UNITS = {"bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "b": 1, "kb": 10**3}
_UNITS |= {"mb": 10**6, "gb": 10**9, "tb": 10**12}
REMEDY = "Close other programs, crop the scan or take fewer voxels, or use a computer with more memory"


def out_of_memory(error: BaseException) -> bool:
    """Whether a device or this machine ran out of memory; torch has an exception of its own for CUDA only."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(lack in words for lack in _NO_MEMORY)
    )


def lacks_operator(error: BaseException) -> bool:
    """Whether a device cannot do what the network needs, as torch says it of MPS and some of its operators."""
    words = str(error)
    return isinstance(error, NotImplementedError) and ("The operator '" in words or "Could not run '" in words)


def lack(error: BaseException) -> str | None:
    """What a device lacks, as the end of a sentence about it that names the work; None where it is something else."""
    if out_of_memory(error):
        return "has too little memory for"
    return "lacks an operator of" if lacks_operator(error) else None


def too_little_memory(error: BaseException, where: str | os.PathLike[str] | None = None) -> InputError:
    """What :func:`out_of_memory` found, for people: with the size that was asked for last, where the error says it."""
    found = _ASKED_FOR.search(str(error))
    size = f" ({size_text(float(found[1]) * _UNITS[found[2].lower()])} more were needed)" if found else ""
    return InputError(f"There is too little memory for this{size}", where, REMEDY)


def require_memory(size: float, what: str, where: str | os.PathLike[str] | None) -> None:
    """Check that something fits into memory before it is begun: beyond what there is, a system ends processes without
    a word.

    Args:
        size: bytes.
        what: takes it, as the start of a sentence.
        where: see :class:`InputError`.

    Raises:
        InputError: it does not fit.
    """
    free = free_bytes(swap=True)
    if size > free:
        needed, there = size_text(size), size_text(max(0.0, free))
        raise InputError(f"{what} takes {needed} of memory, and {there} are free", where, REMEDY)


def free_bytes(swap: bool = False) -> float:
    """Memory that this process can still have, as far as the system tells without waiting; infinite where it does not.

    Args:
        swap: count what lies on the disk in place of memory as well.
    """
    free = [float("inf")]
    with contextlib.suppress(OSError, ValueError):
        lines = [line.split() for line in MEMORY.read_text(encoding="ascii").splitlines()]
        sizes = {words[0]: int(words[1]) << 10 for words in lines if len(words) > 1}
        free.append(sizes["MemAvailable:"] + (sizes.get("SwapFree:", 0) if swap else 0))
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            free.append(limit - int(OWN.read_text(encoding="ascii").split()[0]) * resource.getpagesize())
    return min(free)


def size_text(count: float) -> str:
    """A number of bytes for people."""
    return f"{count / 1e9:.1f} GB" if count >= 950_000_000 else f"{count / 1e6:.0f} MB"
