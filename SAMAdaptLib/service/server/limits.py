"""What one client may ask of a server at a time. Who keeps within that never notices."""

from __future__ import annotations

import time

from SAMAdaptLib.errors import InputError

# Messages a second in the long run, and how many may come at once. A mouse that is moved asks some 60 times a second.
A_SECOND, AT_ONCE = 1000.0, 2000.0
# Requests that are not answered yet, and their bytes.
MOST_PENDING, PENDING_BYTES = 1000, 256 << 20


class Pace:
    """A bucket that fills with time, from which each message takes one; while it is empty, nothing more is heard.

    Args:
        a_second: how fast it fills.
        at_once: what it holds.
    """

    def __init__(self, a_second: float = A_SECOND, at_once: float = AT_ONCE) -> None:
        self._a_second, self._at_once = a_second, at_once
        self._left, self._seen = at_once, time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether more may be heard."""
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._seen) * self._a_second)
        self._seen = now
        return self._left >= 1.0

    def take(self) -> None:
        """A message was heard; those that came in one piece with it may overdraw."""
        self._left -= 1.0


class Pending:
    """Requests of a client that are not answered yet.

    Args:
        most: how many.
        most_bytes: of all of them.
    """

    def __init__(self, most: int = MOST_PENDING, most_bytes: int = PENDING_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._sizes: dict[int, int] = {}

    def check(self) -> None:
        """Raises InputError where another request has no room."""
        if len(self._sizes) >= self._most or sum(self._sizes.values()) >= self._most_bytes:
            raise InputError(
                f"{len(self._sizes)} requests of this client wait for their answers already, as many as a server takes",
                None,
                "Wait for some of them",
            )

    def add(self, request: int, size: int) -> None:
        """A request of so many bytes waits."""
        self._sizes[request] = self._sizes.get(request, 0) + size

    def answered(self, request: int) -> None:
        """One has its final answer."""
        self._sizes.pop(request, None)
