"""Who has used a server, when and how much: a line of JSON for each client that knew the token, and nothing of images,
names or files."""

from __future__ import annotations

import contextlib
import datetime
import hmac
import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import private_folder, unwritable

# A file that has grown so large becomes the older one, in place of that before: twice as much is kept at most.
MOST_BYTES = 1 << 20
OLDER = ".1"


def token_mark(token: bytes) -> str:
    """What tells tokens apart and does not tell them: 8 hexadecimal digits of an HMAC-SHA256."""
    return hmac.digest(token, b"audit", "sha256").hex()[:8]


@dataclass
class Visit:
    """One client's time on a server.

    Attributes:
        address: where it called from.
        came: UTC, as ISO 8601.
        requests: how many, by the kind of message.
        ended: why, in a few words.
    """

    address: str
    came: str = field(default_factory=lambda: _now().isoformat(timespec="seconds"))
    requests: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    # The clock may be set meanwhile.
    _begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since it came."""
        return time.monotonic() - self._begun


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class Audit:
    """The file that visits are noted in; only its owner can read it.

    Args:
        path: of the file; made where needed.
        token: that clients have to know.
        most_bytes: of the file.

    Attributes:
        path: as given.

    Raises:
        InputError: it cannot be written to.
    """

    def __init__(self, path: Path, token: bytes, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._token, self._most_bytes = token_mark(token), most_bytes
        self._append("", "Cannot note down who uses the server")

    def add(self, visit: Visit) -> None:
        """Note a visit that is over; where the disk refuses, there is a note in its place, and the server goes on."""
        values = {"came": visit.came, "seconds": round(visit.seconds, 1), "address": visit.address}
        values |= {"token": self._token, "requests": dict(sorted(visit.requests.items())), "ended": visit.ended}
        try:
            self._append(json.dumps(values) + "\n", "A client was served and could not be noted down")
        except InputError as error:
            note(error.what, error.where, error.remedy)

    def _append(self, text: str, failing: str) -> None:
        try:
            # Where it was cleared meanwhile, it begins anew.
            private_folder(self.path.parent)
            self._write(text)
        except OSError as error:
            raise unwritable(self.path, error, failing) from error

    def _write(self, text: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.path.stat().st_size + len(text) > self._most_bytes:
                os.replace(self.path, self.path.with_name(self.path.name + OLDER))
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Whoever made it, and however wide the rights were.
            if os.name == "posix":
                os.fchmod(handle, 0o600)
            os.write(handle, text.encode())
        finally:
            os.close(handle)
