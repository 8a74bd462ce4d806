"""A button that starts work beside the application, and stops it while it is going on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.worker.Tasks import Tasks


class TaskButton:
    """One button and one task at a time.

    Args:
        button: says "Stop" as long as the work goes on.
        tasks: do it.
        begin: called upon a click; calls :meth:`start`, or raises.
    """

    def __init__(self, button: Any, tasks: Tasks, begin: Callable[[], None]) -> None:
        self._button, self._tasks, self._begin = button, tasks, begin
        self._text = button.text
        button.connect("clicked(bool)", self._onClick)

    def start(self, name: str, onDone: Callable[[Any], None], **arguments: Any) -> None:
        """Have a task done; ``onDone`` gets its result and may start another one. Errors are shown."""
        self._tasks.ask(name, **arguments).on_done(functools.partial(self._onDone, onDone))
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
        self._button.text = _("Stop") if self._tasks.running else self._text
