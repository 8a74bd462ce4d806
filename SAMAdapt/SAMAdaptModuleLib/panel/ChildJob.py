"""A button that starts work beside the application, and stops it while it is going on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.worker.LibraryProcess import LibraryProcess


class ChildJob:
    """One button and one process.

    Args:
        button: says "Stop" as long as the work goes on.
        process: does it.
        begin: called upon a click; calls :meth:`start`, or raises.
    """

    def __init__(self, button: Any, process: LibraryProcess, begin: Callable[[], None]) -> None:
        self._button, self._process, self._begin = button, process, begin
        self._text = button.text
        button.connect("clicked(bool)", self._onClick)

    def start(self, task: str, onDone: Callable[[Any], None], **arguments: Any) -> None:
        """Do a task of ``ChildTasks``; ``onDone`` may start another one. Errors are shown."""

        def done(result: Any) -> None:
            with errorsShown():
                onDone(result)
            self._show()

        self._process.start(task, done, self._onError, **arguments)
        self._show()

    def stop(self) -> None:
        """End the work that is going on."""
        self._process.close()
        self._show()

    def close(self) -> None:
        """Stop, and let go of the button."""
        self.stop()
        self._button.disconnect("clicked(bool)", self._onClick)

    def _onClick(self) -> None:
        if self._process.running:
            self.stop()
            return
        with errorsShown():
            self._begin()

    def _onError(self, error: InputError) -> None:
        self._show()
        with errorsShown():
            raise error

    def _show(self) -> None:
        self._button.text = _("Stop") if self._process.running else self._text
