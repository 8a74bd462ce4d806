"""Atomic writes and content hashes: the only way in which SAMAdapt leaves a file behind."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from SAMAdaptLib.errors import STILL_THERE, InputError, is_lost

T = TypeVar("T")

# How long another program's hold on a file is waited for. Virus scanners and indexers look at new files for less.
PATIENCE_S = 1.0
# Windows' limit for a path, unless its user has lifted it.
MAX_PATH = 260
# How the names of unfinished files and folders begin, and how long one that nobody adds to may still be worked on.
PART = ".part-"
UNFINISHED_S = 3600.0
CHECK = "Check the free space and the permissions"


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str], private: bool = False, anew: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that replaces it when the block ends without an error.

    The temporary name ends like the final one, because image writers choose the format by it.

    Args:
        path: the file.
        private: only this user can read it, and its folder where that has to be made; where the system knows such
            rights.
        anew: make its folder where there is none. Not so for what belongs to a folder that was there: where its disk
            has gone away, the rest would begin another one in its place.

    Raises:
        InputError: the folder cannot be written to.
    """
    path = Path(path)
    folder = path.parent
    if anew:
        folder = private_folder(folder) if private else writable_folder(folder)
    elif folder.is_dir():
        _check_rights(folder)
    try:
        handle, name = tempfile.mkstemp(prefix=PART, suffix="-" + path.name, dir=folder)
    except OSError as error:
        raise unwritable(path, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # For writing too: Windows synchronises no other descriptor.
        with open(temporary, "r+b") as written:
            os.fsync(written.fileno())
        # A library folder is meant to be shared.
        if not private:
            make_common(temporary, 0o666)
        patiently(os.replace, temporary, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        # What kept it from being written may keep it from being removed, and is what has to be told.
        removed(temporary)


def patiently(act: Callable[..., T], *given: Any) -> T:
    """Do something to a file or folder, and where another program holds it, again for a second.

    On Windows what is open anywhere can be neither replaced, renamed nor removed, and what is being replaced cannot be
    opened.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act(*given)
        except PermissionError:
            # Elsewhere nobody's hold is in the way, and waiting would help nobody.
            if os.name != "nt" or time.monotonic() >= end:
                raise
        time.sleep(0.02)


def remove(path: str | os.PathLike[str]) -> bool:
    """Remove a file that nobody needs any more; returns False where it has to stay, since a program holds it.

    Raises:
        InputError: the folder cannot be written to.
    """
    try:
        patiently(os.unlink, path)
    except FileNotFoundError:
        return True
    except OSError as error:
        if isinstance(error, PermissionError) and os.name == "nt":
            return False
        raise unwritable(path, error, "Cannot remove a file") from error
    return True


def removed(path: str | os.PathLike[str]) -> bool:
    """Remove a file that does no harm; returns False where it has to stay, whatever the reason."""
    try:
        return remove(path)
    except InputError:
        return False


def unwritable(
    path: str | os.PathLike[str],
    error: OSError,
    what: str = "Cannot write",
    remedy: str = CHECK,
) -> InputError:
    """What to tell of a file or folder that cannot be made, replaced or removed."""
    # Windows says of a path that is too long that there is none.
    long = isinstance(error, FileNotFoundError) and len(os.path.abspath(path)) + len(PART) + 9 >= MAX_PATH
    if long or error.errno == errno.ENAMETOOLONG:
        return InputError("The path is too long", path, "Choose a shorter name, or a folder nearer to the root")
    if isinstance(error, PermissionError) and os.name == "nt":
        remedy = "Close the programs that have it open, or check the permissions"
    if remedy == CHECK and is_lost(error):
        remedy = STILL_THERE
    return InputError(f"{what} ({error.strerror or error})", path, remedy)


def writable_folder(folder: str | os.PathLike[str]) -> Path:
    """Create ``folder`` where needed and return it.

    Raises:
        InputError: it cannot be created, is a file, or is not writable.
    """
    folder = Path(folder)
    try:
        # One that goes away at this moment is not begun anew.
        if not os.path.isdir(folder):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error, "Cannot create the output folder", "Choose another folder") from error
    _check_rights(folder)
    return folder


def _check_rights(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("The output folder is not writable", folder, "Choose another folder or change its permissions")


def private_folder(folder: str | os.PathLike[str]) -> Path:
    """:func:`writable_folder`, of which only this user can look into what has to be made; what is there stays as it is.

    Raises:
        InputError: as that function.
    """
    folder = Path(folder)
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(0o700, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error, "Cannot create the folder", "Choose another folder") from error
    return writable_folder(folder)


def part_folder(folder: str | os.PathLike[str]) -> Path:
    """A new hidden folder in ``folder`` for what is not whole yet; only this user can read it.

    Raises:
        InputError: it cannot be made.
    """
    folder = writable_folder(folder)
    try:
        return Path(tempfile.mkdtemp(prefix=PART, dir=folder))
    except OSError as error:
        raise unwritable(folder, error) from error


def make_common(path: str | os.PathLike[str], rights: int) -> None:
    """Give what was made for this user alone the rights that it would have without a word: ``rights``, 0o666 of a file
    and 0o777 of a folder, less those that the user keeps from others."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, rights & ~mask)


def sweep(folder: str | os.PathLike[str], seconds: float = UNFINISHED_S) -> None:
    """Remove what killed processes have left unfinished in a folder: files and folders that :func:`atomic_path` and
    :func:`part_folder` began there. What cannot be removed does no harm.

    Args:
        folder: need not be there; folders in it are not looked into.
        seconds: for how long nobody may have added to it; 0 where nobody else can be at work.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if not entry.name.startswith(PART):
                continue
            with contextlib.suppress(OSError):
                if seconds and time.time() - entry.stat(follow_symlinks=False).st_mtime <= seconds:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    removed(entry.path)


def write_text(path: str | os.PathLike[str], text: str, private: bool = False, anew: bool = True) -> None:
    """Write UTF-8 text atomically; names whose bytes are no text keep them written out, as JSON reads them again.

    ``private`` and ``anew``: see :func:`atomic_path`.
    """
    with atomic_path(path, private, anew) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: str | os.PathLike[str], data: Any, private: bool = False, anew: bool = True) -> None:
    """Write JSON atomically; NaN and infinity become null, since they are not JSON.

    ``private`` and ``anew``: see :func:`atomic_path`.
    """
    write_text(path, json_text(data) + "\n", private, anew)


def json_text(data: Any) -> str:
    """The JSON that :func:`write_json` writes, without the line end."""
    return json.dumps(finite(data), indent=2, ensure_ascii=False, allow_nan=False)


def file_stamp(path: str | os.PathLike[str]) -> tuple[int, ...] | None:
    """What changes when a file is replaced or written to; None where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_json(path: str | os.PathLike[str], what: str) -> Any:
    """Read a JSON file.

    Args:
        path: the file.
        what: what the file is, for the error message ("exemplar library manifest").

    Raises:
        InputError: missing, unreadable, not JSON, or nested deeper than anything that is written here.
    """
    path = Path(path)
    try:
        return json.loads(patiently(path.read_bytes).decode())
    except FileNotFoundError as error:
        raise InputError(f"No {what} here", path, "Check the path") from error
    except (OSError, RecursionError, ValueError) as error:
        raise InputError(f"Cannot read the {what} ({error})", path, "Restore it from a copy") from error


def read_mapping(
    path: str | os.PathLike[str],
    what: str,
    sound: Callable[[dict[str, Any]], bool] = lambda found: True,
    remedy: str = "Restore it from a copy",
) -> dict[str, Any]:
    """Read a JSON file that holds a mapping.

    Args:
        path, what: as for :func:`read_json`.
        sound: whether what stands in it can be used.
        remedy: for the error, where it cannot.

    Raises:
        InputError: what :func:`read_json` raises, or something else is in the file.
    """
    found = read_json(path, what)
    if not isinstance(found, dict) or not sound(found):
        raise InputError(f"The {what} is damaged", path, remedy)
    return found


def refuse_newer(version: int, newest: int, what: str, path: str | os.PathLike[str], by: str = "") -> None:
    """Refuse a format that only later versions know.

    Args:
        version: of the format, as it stands there.
        newest: that is known here.
        what: was written ("exemplar library").
        path: of it.
        by: which SAMAdapt wrote it, where that is known.

    Raises:
        InputError: it is newer.
    """
    if version > newest:
        raise InputError(f"A newer SAMAdapt{f' ({by})' if by else ''} wrote this {what}", path, "Update SAMAdapt")


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


def sha256_file(path: str | os.PathLike[str]) -> str:
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
