"""The application's end of short work that needs packages which the application should not load."""

from __future__ import annotations

from typing import Any

from SAMAdaptLib.service.peer import Peer
from SAMAdaptLib.service.protocol import Done, Final, Stopped, Task
from SAMAdaptLib.service.reply import Reply


class TaskClient(Peer):
    """Has tasks of :mod:`SAMAdaptLib.service.worker.tasks` done, in a process that ends when none is left."""

    module = "SAMAdaptLib.service.worker.tasks"
    background = True

    def ask(self, name: str, **arguments: Any) -> Reply[Done]:
        """Have a task done; the answer's values hold its "result". Long ones tell their progress.

        Args:
            name: of the task.
            **arguments: of the task, plain values and ``PackedArray``.
        """
        reply = self._reply_to(Task(self._new_id(), name, arguments))
        self._start()
        self._send(reply.message)
        return reply

    def cancel(self, reply: Reply[Any], seconds: float = 0.0) -> None:
        """End the process, and with it everything pending; a long task may have so long to end by itself."""
        if seconds:
            super().cancel(reply, seconds)
            return
        self._drop_child()
        for each in self.pending:
            self._answer(Stopped(each.id))

    def _answer(self, answer: Final) -> None:
        super()._answer(answer)
        if not self._replies:
            self._let_child_go()
