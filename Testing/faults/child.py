"""Asks :mod:`Testing.faults.reader` in a process of its own, and starts another one where it dies or hangs."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from Testing.faults.reader import answer_all

SECONDS = 60.0


class Child:
    """A process that reads files."""

    def __init__(self) -> None:
        self._running: tuple[BaseProcess, Connection] | None = None

    def read(self, path: Path) -> dict[str, Any]:
        """What became of it: as an image "hash", or "text" and "remedy" of the error; as labels "labels", or
        "label_text" and "label_remedy"; "lost" where there is none of these."""
        process, pipe = self._running or self._start()
        pipe.send(str(path))
        try:
            if pipe.poll(SECONDS):
                found: dict[str, Any] = pipe.recv()
                return found
        except EOFError:
            process.join()
        code = process.exitcode
        self.close()
        return {"lost": "it hangs" if code is None else f"it died with {code}"}

    def _start(self) -> tuple[BaseProcess, Connection]:
        # Forked, it would have this one's threads and memory.
        context = multiprocessing.get_context("spawn")
        pipe, other = context.Pipe()
        process = context.Process(target=answer_all, args=(other,), daemon=True)
        process.start()
        other.close()
        self._running = (process, pipe)
        return self._running

    def close(self) -> None:
        """End it."""
        if self._running is not None:
            process, pipe = self._running
            process.kill()
            process.join()
            pipe.close()
            self._running = None
