"""Atomic writes and content hashes: the only way in which SAMAdapt leaves a file behind."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that replaces it when the block ends without an error.

    The temporary name ends like the final one, because image writers choose the format by it.

    Raises:
        InputError: the folder cannot be written to.
    """
    path = Path(path)
    folder = writable_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=".part-", suffix="-" + path.name, dir=folder)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        # mkstemp makes private files; a library folder is meant to be shared.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(
            f"Cannot write ({error.strerror or error})", path, "Check the free space and the permissions"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def writable_folder(folder: str | os.PathLike) -> Path:
    """Create ``folder`` where needed and return it.

    Raises:
        InputError: it cannot be created, is a file, or is not writable.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"Cannot create the output folder ({error.strerror or error})", folder, "Choose another folder"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("The output folder is not writable", folder, "Choose another folder or change its permissions")
    return folder


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | os.PathLike, data: Any) -> None:
    """Write JSON atomically; NaN and infinity become null, since they are not JSON."""
    write_text(path, json.dumps(finite(data), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | os.PathLike, what: str) -> Any:
    """Read a JSON file.

    Args:
        path: the file.
        what: what the file is, for the error message ("exemplar library manifest").

    Raises:
        InputError: missing, unreadable, or not JSON.
    """
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"No {what} here", path, "Check the path") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"Cannot read the {what} ({error})", path, "Restore it from a copy") from error


def finite(data: Any) -> Any:
    """Replace numpy scalars by Python's and non-finite floats by None, all the way down."""
    if isinstance(data, dict):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [finite(value) for value in data]
    if isinstance(data, np.ndarray):
        return finite(data.tolist())
    if isinstance(data, np.generic):
        return finite(data.item())
    if isinstance(data, float) and not np.isfinite(data):
        return None
    if isinstance(data, os.PathLike):
        return os.fspath(data)
    return data


def sha256_file(path: str | os.PathLike) -> str:
    """SHA-256 of a file's bytes, in lower-case hex."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def sha256_array(*arrays: np.ndarray) -> str:
    """SHA-256 over dtype, shape and values of arrays; independent of memory layout."""
    digest = hashlib.sha256()
    for array in arrays:
        array = np.asarray(array)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
