"""What a process does that reads files, so that a reader may crash or take too much memory without harm."""

from __future__ import annotations

import contextlib
import warnings
from multiprocessing.connection import Connection
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

SPARE_BYTES = 1 << 30


def limit(spare: int) -> None:
    """From now on this process may have so many bytes more than it has."""
    with contextlib.suppress(ImportError, OSError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + spare
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _read(path: str) -> dict[str, object]:
    """What comes of reading a file or folder as an image and as labels."""
    answer: dict[str, object] = {}
    try:
        # Of an image over time the second frame.
        answer["hash"] = read_volume(path, frame=2 if "film" in Path(path).name else None).content_hash
    except InputError as error:
        answer |= {"text": str(error), "remedy": error.remedy}
    except BaseException as error:
        return {"lost": f"{type(error).__name__}: {error}"}
    try:
        labels = read_labels(path)
        answer["labels"] = [*labels.names], sha256_array(labels.array)
    except InputError as error:
        answer |= {"label_text": str(error), "label_remedy": error.remedy}
    except BaseException as error:
        return {"lost": f"{type(error).__name__}: {error}, as labels"}
    return answer


def answer_all(pipe: Connection) -> None:
    """Read what is named until nobody asks any more."""
    warnings.simplefilter("ignore")
    limit(SPARE_BYTES)
    with contextlib.suppress(EOFError):
        while True:
            pipe.send(_read(pipe.recv()))
