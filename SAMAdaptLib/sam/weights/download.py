"""Fetch a file whose hash is known over HTTP, and remember that it was verified; and read short ones."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import patiently, private_folder, removed, sha256_file, unwritable, write_json
from SAMAdaptLib.locks import making

# Called with (bytes done, bytes in all or None).
Progress = Callable[[int, int | None], None]
TIMEOUT_S = 30
# A download that brings less than this in such a time, however often it goes on, is given up.
SLOW_BYTES, SLOW_S = 1 << 18, 60.0
BLOCK = 1 << 20
_BY_HAND = "fetch the file by hand and name it with --checkpoint"


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Goes on to another address of the web, and never from an encrypted one to one that is not."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        schemes = ("https",) if req.type == "https" else ("http", "https")
        if urllib.parse.urlsplit(newurl).scheme.lower() not in schemes:
            raise urllib.error.HTTPError(req.full_url, code, "with an address that is not gone to", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Interrupted(Exception):
    """The network failed; what has come so far is kept."""


class _Stalled(_Interrupted):
    """Going on does not pay."""


class _Pace:
    """How much has come lately."""

    def __init__(self) -> None:
        self._since, self._bytes = time.monotonic(), 0

    def add(self, count: int) -> None:
        """So many bytes have come; raises _Stalled where that is hardly anything for some time."""
        self._bytes += count
        if time.monotonic() - self._since > SLOW_S:
            if self._bytes < SLOW_BYTES:
                raise _Stalled(f"hardly anything comes: {self._bytes} bytes in {SLOW_S:.0f} s")
            self._since, self._bytes = time.monotonic(), 0


def download(
    url: str,
    path: str | os.PathLike[str],
    sha256: str | None,
    size: int | None = None,
    progress: Progress | None = None,
    by_hand: str = _BY_HAND,
) -> Path:
    """Fetch a file over HTTP; a broken download goes on where it stopped, now or at the next call.

    The bytes gather in ``<path>.part``, which becomes ``path`` only with the right hash. While another process
    fetches the same file, this one waits and shows how far that is. A server that says nothing for
    ``TIMEOUT_S`` or brings next to nothing in ``SLOW_S`` is given up.

    Args:
        url: address.
        path: where the file shall be.
        sha256: expected hash, lower-case hex.
        size: expected bytes, where known; a server that offers more or fewer is refused, and nothing more is taken.
        progress: called with (bytes done, bytes in all or None); what it raises stops the download, which stays
            resumable.
        by_hand: what else a user may do, for errors.

    Raises:
        InputError: no hash given, the network fails, no space, not writable, or the file is not the expected one.
    """
    if not sha256:
        raise InputError("No checksum is known for this download", url, f"To be safe, {by_hand}")
    path = Path(path)
    private_folder(path.parent)
    part = path.with_name(path.name + ".part")

    def waiting() -> None:
        if progress is not None:
            progress(_size(part), size)

    with making(path, waiting):
        if not is_verified(path, sha256):
            _gathered(url, part, size, progress, by_hand)
            _put(part, path, url, sha256, by_hand)
    return path


def _gathered(url: str, part: Path, size: int | None, progress: Progress | None, by_hand: str) -> None:
    """Fetch what ``part`` lacks, as long as the server brings something."""
    pace = _Pace()
    while True:
        before = _size(part)
        try:
            _fetch(url, part, size, pace, progress, by_hand)
            return
        except _Interrupted as error:
            # Going on pays as long as each attempt brings something.
            if isinstance(error, _Stalled) or _size(part) <= before:
                raise InputError(
                    f"The download failed ({error})", url, f"Try again to go on where it stopped, or {by_hand}"
                ) from error
        except OSError as error:
            raise unwritable(part, error) from error


def _put(part: Path, path: Path, url: str, sha256: str, by_hand: str) -> None:
    """Make what was fetched the file, if it has the right hash."""
    try:
        right = sha256_file(part) == sha256
        if right:
            patiently(os.replace, part, path)
        else:
            patiently(os.unlink, part)
    except OSError as error:
        raise unwritable(path, error) from error
    if not right:
        raise _another("The downloaded file is not the expected one (its checksum differs)", url, by_hand)
    _remember(path, sha256)


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


def _another(what: str, url: str, by_hand: str) -> InputError:
    return InputError(what, url, f"Try again; if it happens again, a proxy may alter downloads: {by_hand}")


def read_document(url: str, most: int) -> tuple[bytes, str]:
    """What lies at an address, and the address that it came from in the end, which a redirect may have changed.

    Args:
        url: address.
        most: bytes that it may have.

    Raises:
        InputError: the network fails, the server brings next to nothing, or more than that.
    """
    pace, found = _Pace(), b""
    try:
        response = _opened(url, {})
        assert response is not None
        with response:
            length = response.headers.get("Content-Length", "")
            while len(found) <= most and (block := response.read1(BLOCK)):
                found += block
                pace.add(len(block))
            if length.isdecimal() and len(found) < min(int(length), most + 1):
                raise _Interrupted(f"the connection closed after {len(found)} of {length} bytes")
    except (_Interrupted, OSError, HTTPException) as error:
        raise InputError(f"Nothing could be read there ({error})", url, "Check the address, and try again") from error
    if len(found) > most:
        raise InputError(f"There is more than the {most / 1e6:.0f} MB that may be read", url, "Check the address")
    return found, str(response.geturl())


def _opened(url: str, headers: dict[str, str], may_be_whole: bool = False) -> HTTPResponse | None:
    """A server's answer; None where it says that nothing is left, and that may be so."""
    headers = {"User-Agent": "samadapt", "Accept-Encoding": "identity"} | headers
    try:
        opener = urllib.request.build_opener(_Redirects)
        response: HTTPResponse = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == 416 and may_be_whole:
            return None
        # Python's words for some have several lines.
        raise _Interrupted(f"the server answers {error.code} {' '.join(str(error.reason).split())}") from error
    except (OSError, HTTPException) as error:
        raise _Interrupted(getattr(error, "reason", None) or error) from error
    return response


def _fetch(url: str, part: Path, size: int | None, pace: _Pace, progress: Progress | None, by_hand: str) -> None:
    """One request for what ``part`` lacks."""
    have = _size(part)
    response = _opened(url, {"Range": f"bytes={have}-"} if have else {}, may_be_whole=have > 0)
    if response is None:
        # Nothing lies beyond what we have; the hash decides whether it is right.
        return
    with response:
        start, told = _place(response)
        if start not in (0, have):
            raise _Interrupted("the server sends another part of the file than asked for")
        total = size if told is None else told
        if size is not None and total != size:
            raise _another(f"The server offers a file of {total} bytes, and the expected one has {size}", url, by_hand)
        _check_space(part, (total or 0) - have)
        done = _write(response, part, start, total, pace, progress)
    if total is not None and done > total:
        removed(part)
        raise _another(f"The server sends more than the {total} bytes of the expected file", url, by_hand)


def _place(response: HTTPResponse) -> tuple[int, int | None]:
    """Offset of the first byte of an answer, 0 from a server that ignores ranges and -1 from one that does not say;
    and the bytes of the whole file, where it says that."""
    length = response.headers.get("Content-Length", "")
    if response.status != 206:
        return 0, int(length) if length.isdecimal() else None
    match = re.match(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None:
        return -1, None
    start = int(match[1])
    if match[2] != "*":
        return start, int(match[2])
    return start, start + int(length) if length.isdecimal() else None


def _write(
    response: HTTPResponse, part: Path, start: int, total: int | None, pace: _Pace, progress: Progress | None
) -> int:
    """Put what comes where it belongs, up to the first byte too many; returns how far that is."""
    # Bytes go to their own place and nothing is cut off first: on disks that know no locks, two processes that
    # fetch the same file at once write the same bytes to the same places.
    with open(os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+b") as file:
        file.seek(start)
        done = start
        while total is None or done <= total:
            try:
                # What is there, instead of waiting for a whole block.
                block = response.read1(BLOCK)
            except (OSError, HTTPException) as error:
                raise _Interrupted(error) from error
            if not block:
                break
            file.write(block)
            done += len(block)
            pace.add(len(block))
            if progress is not None:
                progress(done, total)
    if total is not None and done < total:
        pace.add(0)
        raise _Interrupted(f"the connection closed after {done} of {total} bytes")
    return done


def _check_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise InputError(
            f"Not enough space: {needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free",
            part.parent,
            "Make space, or set SAMADAPT_CACHE to a folder on another disk",
        )
