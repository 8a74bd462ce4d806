"""A button that starts work beside the application, and stops it while it is going on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.service.protocol import Done, Progress
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.worker.Tasks import Tasks


class TaskButton:
    """One button and one task at a time.

    Args:
        button: says "Stop" as long as the work goes on.
        tasks: do it.
        begin: called upon a click; calls :meth:`start`, or raises.
        ended: called when nothing is going on any more, whichever way it has ended.
        grace: seconds that the work may have to stop by itself.
    """

    def __init__(
        self,
        button: Any,
        tasks: Tasks,
        begin: Callable[[], None],
        ended: Callable[[], None] | None = None,
        grace: float = 0.0,
    ) -> None:
        self._button, self._tasks, self._begin = button, tasks, begin
        self._ended, self._grace, self._stopping = ended, grace, False
        self._text = button.text
        button.connect("clicked(bool)", self._onClick)

    @property
    def running(self) -> bool:
        """Whether its work is going on."""
        return self._tasks.running

    def start(
        self,
        name: str,
        onDone: Callable[[Any], None],
        onProgress: Callable[[Progress], None] | None = None,
        **arguments: Any,
    ) -> None:
        """Have a task done; ``onDone`` gets its result and may start another one. Errors are shown."""
        reply = self._tasks.ask(name, **arguments)
        if onProgress is not None:
            reply.on_progress(onProgress)
        reply.on_done(functools.partial(self._onDone, onDone))
        self._show()

    def stop(self) -> None:
        """End the work that is going on."""
        self._tasks.close()
        self._show()

    def close(self) -> None:
        """Stop, and let go of the button."""
        self.stop()
        self._button.disconnect("clicked(bool)", self._onClick)

    def _onClick(self) -> None:
        if self._tasks.running and self._grace:
            self._stopping = True
            self._tasks.stop(self._grace)
            self._show()
            return
        if self._tasks.running:
            self.stop()
            return
        with errorsShown():
            self._begin()

    def _onDone(self, onDone: Callable[[Any], None], reply: Reply[Done]) -> None:
        self._show()
        with errorsShown():
            onDone(reply.result().values["result"])

    def _show(self) -> None:
        running = self._tasks.running
        self._stopping &= running
        self._button.text = _("Stopping") if self._stopping else _("Stop") if running else self._text
        self._button.enabled = not self._stopping
        if not running and self._ended is not None:
            self._ended()
