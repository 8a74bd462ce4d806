"""Fetch a file whose hash is known over HTTP, and remember that a file has been verified."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import patiently, private_folder, sha256_file, unwritable, write_json

# Called with (bytes done, bytes in all or None).
Progress = Callable[[int, int | None], None]
TIMEOUT_S = 30
BLOCK = 1 << 20


class _Interrupted(Exception):
    """The network failed; what has come so far is kept."""


def download(
    url: str,
    path: str | os.PathLike[str],
    sha256: str | None,
    size: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetch a file over HTTP; a broken download goes on where it stopped, now or at the next call.

    The bytes gather in ``<path>.part``, which becomes ``path`` only with the right hash.

    Args:
        url: address.
        path: where the file shall be.
        sha256: expected hash, lower-case hex.
        size: expected bytes, where known.
        progress: called with (bytes done, bytes in all or None); what it raises stops the download, which stays
            resumable.

    Raises:
        InputError: no hash given, the network fails, no space, not writable, or the file is not the expected one.
    """
    by_hand = "fetch the file by hand and name it with --checkpoint"
    if not sha256:
        raise InputError("No checksum is known for this download", url, f"To be safe, {by_hand}")
    path = Path(path)
    private_folder(path.parent)
    part = path.with_name(path.name + ".part")
    while True:
        before = _size(part)
        try:
            _fetch(url, part, size, progress)
            break
        except _Interrupted as error:
            # Going on pays as long as each attempt brings something.
            if _size(part) <= before:
                raise InputError(
                    f"The download failed ({error})", url, f"Try again to go on where it stopped, or {by_hand}"
                ) from error
        except OSError as error:
            raise unwritable(part, error) from error
    try:
        right = sha256_file(part) == sha256
        if right:
            patiently(os.replace, part, path)
        else:
            patiently(os.unlink, part)
    except OSError as error:
        # Another process may have fetched the same file and been faster.
        if is_verified(path, sha256):
            return path
        raise unwritable(path, error) from error
    if not right:
        if is_verified(path, sha256):
            return path
        raise InputError(
            "The downloaded file is not the expected one (its checksum differs)",
            url,
            f"Try again; if it happens again, a proxy may alter downloads: {by_hand}",
        )
    _remember(path, sha256)
    return path


def is_verified(path: Path, sha256: str | None) -> bool:
    """Whether a file has this hash; remembered in ``<path>.ok``, since hashing gigabytes takes seconds."""
    if sha256 is None or not path.is_file():
        return False
    try:
        if json.loads(_note(path).read_text(encoding="utf-8")) == _state(path, sha256):
            return True
    except (OSError, ValueError):
        pass
    if sha256_file(path) != sha256:
        return False
    # Without a right to write there, the file is hashed each time.
    if os.access(path.parent, os.W_OK):
        _remember(path, sha256)
    return True


def _remember(path: Path, sha256: str) -> None:
    """Note that a file has this hash; where the disk is full, it is hashed each time."""
    with contextlib.suppress(InputError):
        write_json(_note(path), _state(path, sha256))


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".ok")


def _state(path: Path, sha256: str) -> dict[str, int | str]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256}


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _fetch(url: str, part: Path, size: int | None, progress: Progress | None) -> None:
    """One request for what ``part`` lacks."""
    have = _size(part)
    headers = {"User-Agent": "samadapt", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            # Nothing lies beyond what we have; the hash decides whether it is right.
            return
        raise _Interrupted(f"the server answers {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _Interrupted(getattr(error, "reason", None) or error) from error
    with response:
        start = _start(response)
        if start not in (0, have):
            raise _Interrupted("the server sends another part of the file than asked for")
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else size
        _check_space(part, (total or 0) - have)
        _write(response, part, start, total, progress)


def _start(response: HTTPResponse) -> int:
    """Offset of the first byte of an answer; 0 from a server that ignores ranges."""
    if response.status != 206:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _write(response: HTTPResponse, part: Path, start: int, total: int | None, progress: Progress | None) -> None:
    # Bytes go to their own place and nothing is cut off first: two processes that fetch the same file at once write
    # the same bytes to the same places.
    with open(os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+b") as file:
        file.seek(start)
        done = start
        while True:
            try:
                block = response.read(BLOCK)
            except (OSError, HTTPException) as error:
                raise _Interrupted(error) from error
            if not block:
                break
            file.write(block)
            done += len(block)
            if progress is not None:
                progress(done, total)
    if total is not None and done < total:
        raise _Interrupted(f"the connection closed after {done} of {total} bytes")


def _check_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise InputError(
            f"Not enough space: {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free",
            part.parent,
            "Make space, or set SAMADAPT_CACHE to a folder on another disk",
        )
