"""What is kept in the cache folder: what it is for, how large it is, and how to be rid of it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import PART, UNFINISHED_S, remove
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.weights.locate import CHECKPOINTS, FETCHED, cache_folder

# Files and folders within the cache folder, by those who write them.
SERVED, SESSIONS, ESTIMATES, TIMES = "served-adapters", "served-sessions", "estimates.json", "study-times.json"
WHAT = {
    CHECKPOINTS: "weights of base models that were downloaded",
    FETCHED: "adapters that were not fetched to their end",
    SERVED: "adapters that clients of `samadapt serve` have sent",
    SESSIONS: "who has used `samadapt serve`, when and how much",
    ESTIMATES: "memory that trainings take on this computer",
    TIMES: "time that cells of studies take on this computer",
}


@dataclass(frozen=True)
class Kept:
    """Something that is kept.

    Attributes:
        path: of its file or folder.
        what: it is, for people.
        bytes: that it takes; 0 where there is none.
    """

    path: Path
    what: str
    bytes: int


def kept(embeddings: str | os.PathLike[str] | None = None) -> list[Kept]:
    """Everything that is kept, and what it takes.

    Args:
        embeddings: folder that was given as one for embeddings.

    Raises:
        InputError: no such folder.
    """
    found = [Kept(path := cache_folder() / name, what, _size(path)) for name, what in WHAT.items()]
    if embeddings is not None:
        cache = _embeddings(embeddings)
        found.append(Kept(Path(embeddings), "embeddings of slices", cache.stats.disk_bytes))
    return found


def clear(weights: bool = False, embeddings: str | os.PathLike[str] | None = None) -> int:
    """Delete what is kept, and nothing else in these folders; returns the bytes that this gave back.

    What somebody may be downloading or receiving just now stays.

    Args:
        weights: those that were downloaded, too.
        embeddings: folder that was given as one for embeddings, to delete these, too.

    Raises:
        InputError: no such folder, or one that cannot be written to.
    """
    before = sum(one.bytes for one in kept(embeddings))
    for name in WHAT:
        if name != CHECKPOINTS or weights:
            _delete(cache_folder() / name)
    if embeddings is not None:
        _embeddings(embeddings).clear()
    return before - sum(one.bytes for one in kept(embeddings))


def _embeddings(folder: str | os.PathLike[str]) -> EmbeddingCache:
    if not Path(folder).is_dir():
        raise InputError("There is no folder of embeddings here", folder, "Give the folder that --cache has named")
    return EmbeddingCache(folder=Path(folder))


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        for folder, _, names in os.walk(path):
            yield from (Path(folder) / name for name in names)
    elif path.is_file() or path.is_symlink():
        yield path


def _size(path: Path) -> int:
    total = 0
    for file in _files(path):
        # A server may be making room.
        with contextlib.suppress(FileNotFoundError):
            total += file.lstat().st_size
    return total


def _delete(path: Path) -> None:
    folders = [Path(folder) / name for folder, names, _ in os.walk(path, topdown=False) for name in names]
    # Looked at before anything is removed, which would make the folders young.
    folders = [folder for folder in folders if not _in_work(folder, path)]
    for file in [file for file in _files(path) if not _in_work(file, path)]:
        remove(file)
    for folder in folders:
        # One that something came into meanwhile stays.
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def _in_work(path: Path, within: Path) -> bool:
    parts = path.relative_to(within).parts
    if path.suffix != ".part" and not any(part.startswith(PART) for part in parts):
        return False
    try:
        return time.time() - path.lstat().st_mtime <= UNFINISHED_S
    except FileNotFoundError:
        return False
