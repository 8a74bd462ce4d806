"""Embedding cache: in memory by bytes, and optionally on disk in half precision."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import threading
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import UNFINISHED_S, atomic_path, file_stamp, finite, private_folder, removed

CRC_BYTES = 4
# Of how slices become embeddings and embeddings files; a new one leaves alone what others have kept.
FORMAT_VERSION = 2
# What is written beyond this share of the budget, without a look at what other processes have written.
UNSEEN_SHARE = 0.05


def embedding_key(**parts: Any) -> str:
    """One key for everything that decides an embedding.

    Args:
        parts: JSON-like values, such as hashes of model, adapter and volume, intensity mapping, axis, slice index and
            input size.

    Returns:
        SHA-256 in hex; the order of the parts does not matter.
    """
    told = finite(parts | {"format_version": FORMAT_VERSION})
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class CacheStats:
    """What a cache has done, and how many bytes it holds."""

    ram_hits: int = 0
    disk_hits: int = 0
    misses: int = 0
    damaged: int = 0
    evicted_files: int = 0
    failed_writes: int = 0
    ram_bytes: int = 0
    disk_bytes: int = 0


class Embeddings(Protocol):
    """Keeps embeddings by key."""

    def get(self, key: str) -> np.ndarray | None:
        """See :meth:`EmbeddingCache.get`."""

    def put(self, key: str, array: np.ndarray) -> None:
        """See :meth:`EmbeddingCache.put`."""


class EmbeddingCache:
    """Embeddings by key; the least recently used go first. Safe to use from several threads and processes.

    Files are for this user alone, as an embedding shows much of its slice. A damaged file counts as missing. A disk
    that cannot be written to is only counted, because the work can go on without it.

    Args:
        ram_bytes: budget in memory.
        folder: where to keep embeddings between runs; None keeps none.
        disk_bytes: budget of the folder; each process that writes to it may exceed it by a twentieth for a while.

    Raises:
        InputError: the folder cannot be made or written to.
    """

    def __init__(self, ram_bytes: int = 512 << 20, folder: Path | None = None, disk_bytes: int = 4 << 30) -> None:
        self.ram_bytes = ram_bytes
        self.disk_bytes = disk_bytes
        self.folder = None if folder is None else private_folder(folder)
        self._kept: OrderedDict[str, np.ndarray] = OrderedDict()
        self._stats = CacheStats()
        self._lock = threading.RLock()
        self._stats.disk_bytes = sum(size for _, size, _ in self._files())
        # Bytes written since the files were last looked at, and how often they were.
        self._unseen = self._looks = 0

    @property
    def stats(self) -> CacheStats:
        """A copy of the counters."""
        with self._lock:
            return replace(self._stats)

    def get(self, key: str) -> np.ndarray | None:
        """The caller's own copy [C, h, w]; float16 where it comes from disk, otherwise as it was put. None: a miss."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self._stats.ram_hits += 1
                kept: np.ndarray = self._kept[key].copy()
                return kept
        array = self._read(key)
        with self._lock:
            if array is None:
                self._stats.misses += 1
                return None
            self._stats.disk_hits += 1
            self._keep(key, array)
        read: np.ndarray = array.copy()
        return read

    def holds(self, key: str) -> bool:
        """Whether there is an embedding, in memory or as a file; whether that is whole, only :meth:`get` tells."""
        path = self._path(key)
        with self._lock:
            return key in self._kept or (path is not None and path.is_file())

    def put(self, key: str, array: np.ndarray, spare: bool = False) -> None:
        """Keep a copy of an embedding.

        Args:
            key: from ``embedding_key``.
            array: [C, h, w], float32 or float16.
            spare: nobody has asked for it yet. Then it is kept in memory only where there is room left, and is the
                first to go.

        Raises:
            ValueError: another shape or dtype, or a key of another form.
        """
        if array.ndim != 3 or array.dtype not in (np.float32, np.float16):
            raise ValueError(f"an embedding is [C, h, w] in float32 or float16, not {array.dtype}{array.shape}")
        path = self._path(key)
        with self._lock:
            if not spare:
                self._keep(key, array.copy())
            elif key not in self._kept and self._stats.ram_bytes + array.nbytes <= self.ram_bytes:
                self._keep(key, array.copy())
                self._kept.move_to_end(key, last=False)
        if path is not None:
            self._write(path, array)

    def clear(self) -> None:
        """Drop everything, in memory and on disk; a file that another process is reading just now may stay."""
        with self._lock:
            self._kept.clear()
            self._stats.ram_bytes = 0
            self._stats.disk_bytes = sum(size for _, size, path in self._files() if not removed(path))

    def _keep(self, key: str, array: np.ndarray) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._stats.ram_bytes -= old.nbytes
        if array.nbytes > self.ram_bytes:
            return
        self._kept[key] = array
        self._stats.ram_bytes += array.nbytes
        while self._stats.ram_bytes > self.ram_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._stats.ram_bytes -= oldest.nbytes

    def _path(self, key: str) -> Path | None:
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise ValueError("a key comes from embedding_key()")
        return None if self.folder is None else self.folder / key[:2] / f"{key}.npy"

    def _read(self, key: str) -> np.ndarray | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        array = _decode(data)
        if array is None:
            gone = removed(path)
            with self._lock:
                self._stats.damaged += 1
                self._stats.disk_bytes -= len(data) if gone else 0
            return None
        try:
            # The time of change serves as time of last use; many systems do not keep the time of access.
            os.utime(path)
        except OSError:
            pass
        return array

    def _write(self, path: Path, array: np.ndarray) -> None:
        data = _encode(array)
        if len(data) > self.disk_bytes:
            return
        with self._lock:
            stamp, looks = file_stamp(path), self._looks
        before = 0 if stamp is None else stamp[1]
        try:
            with atomic_path(path, private=True) as temporary:
                temporary.write_bytes(data)
        except InputError:
            with self._lock:
                self._stats.failed_writes += 1
            return
        with self._lock:
            if self._looks == looks:
                self._stats.disk_bytes += len(data) - before
            else:
                # The file that was replaced may have gone meanwhile, and this one may have been counted already.
                self._stats.disk_bytes = sum(size for _, size, _ in self._files())
            self._unseen += len(data)
            if self._stats.disk_bytes > self.disk_bytes or self._unseen > UNSEEN_SHARE * self.disk_bytes:
                self._evict(path)

    def _evict(self, newest: Path) -> None:
        """Where there is more than the budget, other processes' files included, delete the longest unused ones down to
        nine tenths of it, so that this does not run at each put."""
        files = sorted(self._files())
        total, self._unseen = sum(size for _, size, _ in files), 0
        self._looks += 1
        for _, size, path in files if total > self.disk_bytes else ():
            if total <= 0.9 * self.disk_bytes:
                break
            if path != newest and removed(path):
                total -= size
                self._stats.evicted_files += 1
        self._stats.disk_bytes = total

    def _files(self) -> list[tuple[int, int, Path]]:
        """Time of last use, bytes and path of each file, other processes' included."""
        found = []
        for path in self.folder.glob("??/*.npy") if self.folder is not None else ():
            try:
                status = path.stat()
            except OSError:
                continue
            # Young hidden files are being written right now; old ones are left from a run that was killed.
            if path.name.startswith(".") and time.time() - status.st_mtime < UNFINISHED_S:
                continue
            found.append((status.st_mtime_ns, status.st_size, path))
        return found


class SpareRoom:
    """The room of a cache that nobody needs at present: what is put here pushes nothing out of memory.

    Args:
        cache: whose room.
    """

    def __init__(self, cache: EmbeddingCache) -> None:
        self._cache = cache

    def get(self, key: str) -> np.ndarray | None:
        """See :meth:`EmbeddingCache.get`."""
        return self._cache.get(key)

    def put(self, key: str, array: np.ndarray) -> None:
        """See :meth:`EmbeddingCache.put`."""
        self._cache.put(key, array, spare=True)


def _encode(array: np.ndarray) -> bytes:
    """A .npy file in half precision, then a checksum, which readers of .npy ignore."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    # Values beyond half precision's 65504 would come back infinite.
    kept = half if np.isfinite(half).all() else array
    buffer = io.BytesIO()
    np.save(buffer, kept, allow_pickle=False)
    data = buffer.getvalue()
    return data + zlib.crc32(data).to_bytes(CRC_BYTES, "little")


def _decode(data: bytes) -> np.ndarray | None:
    body, crc = data[:-CRC_BYTES], data[-CRC_BYTES:]
    if zlib.crc32(body).to_bytes(CRC_BYTES, "little") != crc:
        return None
    try:
        array = np.load(io.BytesIO(body), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    return array if array.ndim == 3 and array.dtype in (np.float32, np.float16) else None
