"""How long each stage of answering a prompt took."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Any

KEPT = 200
# The effect adds its stages right after the answer, and rendering comes with the next frame.
SECONDS_TO_NOTE = 1.0


class StageLog:
    """Milliseconds by stage of the last requests; one line a request at the log's debug level.

    Attributes:
        entries: dicts with "id", the stages of ``Predicted.ms``, and what was noted.
    """

    def __init__(self) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._unsaid: deque[tuple[float, dict[str, Any]]] = deque()

    def add(self, request: int, ms: dict[str, float]) -> None:
        """A request has been answered."""
        self.entries.append({"id": request, **ms})
        self._unsaid.append((time.monotonic(), self.entries[-1]))

    def note(self, stage: str, ms: float, request: int | None = None) -> None:
        """Add a stage to a request that has been answered, by default the last one."""
        for entry in reversed(self.entries):
            if request in (None, entry["id"]):
                entry[stage] = entry.get(stage, 0.0) + ms
                return

    def say(self, everything: bool = False) -> None:
        """Log the entries to which nothing more is expected."""
        now = time.monotonic()
        while self._unsaid and (everything or now - self._unsaid[0][0] > SECONDS_TO_NOTE):
            entry = self._unsaid.popleft()[1]
            stages = ", ".join(f"{stage} {ms:.1f}" for stage, ms in entry.items() if stage != "id")
            logging.debug("SAM Adapt request %d in ms: %s", entry["id"], stages)
