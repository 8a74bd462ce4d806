"""Who has used a server, when and how much: a line of JSON for each client that knew the token, and nothing of images,
names or files; and in a file of their own those who did not know it, a line a minute at most."""

from __future__ import annotations

import contextlib
import datetime
import hmac
import json
import math
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import private_folder, unwritable
from SAMAdaptLib.locks import changing

# A file that has grown so large becomes the older one, in place of that before: twice as much is kept at most.
MOST_BYTES = 1 << 20
OLDER = ".1"
# Of those who do not know the token: seconds between two lines, and the most addresses in one.
EVERY_S = 60.0
MOST_HOSTS, OTHERS = 16, "others"


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
    came: str = field(default_factory=lambda: _told(_now()))
    requests: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    # The clock may be set meanwhile.
    _begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since it came."""
        return time.monotonic() - self._begun


class Strangers:
    """Those who called a server and did not know its token. The first is noted at once, and who follows within a minute
    together, so that a flood of them fills no disk.

    Args:
        audit: the file.
    """

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._came = self._ended = ""
        self._hosts: Counter[str] = Counter()
        self._written = -math.inf

    def add(self, address: str, ended: str) -> None:
        """Take note of one, who was turned away for a reason."""
        if not self._hosts:
            self._came, self._ended = _told(_now()), ended
        host = address.rpartition(":")[0] or address
        # What is kept is bounded, too.
        self._hosts[host if host in self._hosts or len(self._hosts) < MOST_HOSTS else OTHERS] += 1

    def write(self, over: bool = False) -> None:
        """Write a line about those who have come, if it is time to, or all is over."""
        now = time.monotonic()
        if self._hosts and (over or now - self._written >= EVERY_S):
            self._written = now
            self._audit.note({"came": self._came, "addresses": dict(self._hosts), "ended": self._ended})
            self._hosts.clear()


def _told(when: datetime.datetime) -> str:
    return when.isoformat(timespec="seconds")


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
        """Note a visit that is over, see :meth:`note`."""
        values: dict[str, Any] = {"came": visit.came, "seconds": round(visit.seconds, 1), "address": visit.address}
        self.note(values | {"requests": dict(sorted(visit.requests.items())), "ended": visit.ended})

    def note(self, values: dict[str, Any]) -> None:
        """Note something, with a mark of the token; where the disk refuses, there is a note in its place, and the
        server goes on."""
        try:
            self._append(json.dumps(values | {"token": self._token}) + "\n", "A client could not be noted down")
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
            if self._outgrown(text):
                # Of two servers the second would put what the first has begun in the place of the older one.
                with changing(self.path.parent):
                    if self._outgrown(text):
                        os.replace(self.path, self.path.with_name(self.path.name + OLDER))
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Whoever made it, and however wide the rights were.
            if os.name == "posix":
                os.fchmod(handle, 0o600)
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def _outgrown(self, text: str) -> bool:
        return self.path.stat().st_size + len(text) > self._most_bytes
