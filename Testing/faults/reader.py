"""What a process does that reads files, so that a reader may crash or take too much memory without harm."""

from __future__ import annotations

import contextlib
import warnings
from multiprocessing.connection import Connection
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

SPARE_BYTES = 1 << 30


def _limit() -> None:
    """No more memory than is in use now and a little."""
    with contextlib.suppress(ImportError, OSError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + SPARE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _read(path: str) -> dict[str, object]:
    try:
        volume = read_volume(path)
        labels = "" if Path(path).is_dir() else _labels(path)
        return {"hash": volume.content_hash, "labels": labels}
    except InputError as error:
        return {"text": str(error), "remedy": error.remedy}
    except BaseException as error:
        return {"lost": f"{type(error).__name__}: {error}"}


def _labels(path: str) -> str:
    try:
        return str(read_labels(path).names)
    except InputError as error:
        return str(error)


def answer_all(pipe: Connection) -> None:
    """Read what is named until nobody asks any more."""
    warnings.simplefilter("ignore")
    _limit()
    with contextlib.suppress(EOFError):
        while True:
            pipe.send(_read(pipe.recv()))
