"""Short work in another Python, so that the application need not load torch, nor wait."""

from __future__ import annotations

from typing import Any

from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.service.tasks import TaskClient
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.Polling import Polling, errorOf

POLL_MS = 20


class Tasks:
    """Has one task of :mod:`SAMAdaptLib.service.worker.tasks` done at a time.

    Args:
        installation: says which Python, and with what environment.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._polling = Polling(self._pump)
        self._client: TaskClient | None = None

    @property
    def running(self) -> bool:
        """Whether a task is going on."""
        return self._client is not None and bool(self._client.pending)

    def ask(self, name: str, **arguments: Any) -> Reply[Done]:
        """Have a task done; one that is going on is given up, and calls nothing any more. See
        :meth:`SAMAdaptLib.service.tasks.TaskClient.ask`."""
        self.close()
        if self._client is None:
            here = Local(self._installation.pythonExecutable(), self._installation.environment())
            self._client = TaskClient(here)
            self._client.error_of = errorOf
        reply = self._client.ask(name, **arguments)
        self._polling.setInterval(POLL_MS)
        return reply

    def stop(self, seconds: float) -> None:
        """Have a long task end by itself, within so long; then by force. Its reply is done with ``Cancelled``."""
        if self._client is not None:
            for reply in self._client.pending:
                self._client.cancel(reply, seconds)

    def close(self) -> None:
        """End a task that is going on, with all that it has started; it calls nothing any more."""
        self._polling.setInterval(0)
        if self._client is not None:
            for reply in self._client.pending:
                reply.abandon()

    def _pump(self) -> None:
        if self._client is not None:
            self._client.poll()
        if not self.running:
            self._polling.setInterval(0)
