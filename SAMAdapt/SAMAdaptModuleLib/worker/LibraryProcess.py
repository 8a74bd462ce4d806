"""Short work in another Python, so that the application need not load torch, nor wait."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

import SAMAdaptLib
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.link.process import apart, kill_tree
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.Polling import Polling

POLL_MS = 50
TASKS = Path(__file__).with_name("ChildTasks.py")
LAST_WORDS = 500


class LibraryProcess:
    """Runs a task of ``ChildTasks`` at a time.

    Args:
        installation: says which Python, and with what environment.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._polling = Polling(self._poll)
        self._process: subprocess.Popen | None = None
        self._onDone: Callable[[Any], None] = print
        self._onError: Callable[[Exception], None] = print
        self._folder: tempfile.TemporaryDirectory | None = None

    @property
    def running(self) -> bool:
        """Whether a task is going on."""
        return self._process is not None

    def start(
        self,
        task: str,
        onDone: Callable[[Any], None],
        onError: Callable[[Exception], None],
        folder: tempfile.TemporaryDirectory | None = None,
        **arguments: Any,
    ) -> None:
        """Do a task from the event loop; one that is going on is given up, and calls nothing any more.

        Args:
            task: name of a function in ``ChildTasks``.
            onDone: gets its result.
            onError: gets an ``InputError``.
            folder: with files for the task; removed when it is over.
            **arguments: of the task, plain JSON values.

        Raises:
            InputError: the process cannot be started.
        """
        self.close()
        self._onDone, self._onError, self._folder = onDone, onError, folder
        self._output, self._words = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        command = [*self._installation.pythonExecutable(), str(TASKS)]
        with tempfile.TemporaryFile() as given:
            # A file rather than a pipe: nobody has to feed it.
            given.write(json.dumps(arguments).encode())
            given.seek(0)
            try:
                self._process = subprocess.Popen(
                    [*command, str(Path(SAMAdaptLib.__file__).resolve().parents[1]), task],
                    env=self._installation.environment(),
                    stdin=given,
                    stdout=self._output,
                    stderr=self._words,
                    **apart(background=True),
                )
            except OSError as error:
                self._forget()
                raise InputError(
                    _("Cannot start a process ({error})").format(error=error.strerror or error),
                    command[0],
                    _("Restart the application"),
                ) from error
        self._polling.setInterval(POLL_MS)

    def run(self, task: str, **given: Any) -> Any:
        """For scripts: do a task and wait for it without the event loop; takes what :meth:`start` takes.

        Raises:
            InputError: the task refused its input, or the process failed.
        """
        results: list[Any] = []
        errors: list[Exception] = []
        self.start(task, results.append, errors.append, **given)
        try:
            while self.running:
                time.sleep(POLL_MS / 1000)
                self._poll()
        finally:
            self.close()
        if errors:
            raise errors[0]
        return results[0]

    def close(self) -> None:
        """End a task that is going on, with all that it has started."""
        if self._process is not None:
            kill_tree(self._process)
            self._forget()

    def _forget(self) -> None:
        self._polling.setInterval(0)
        self._process = None
        self._output.close()
        self._words.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _poll(self) -> None:
        if self._process is None or self._process.poll() is None:
            return
        texts = []
        for file in (self._output, self._words):
            file.seek(0)
            texts.append(file.read())
        self._forget()
        try:
            result = _result(*texts)
        except InputError as error:
            self._onError(error)
        else:
            self._onDone(result)


def _result(output: bytes, words: bytes) -> Any:
    lines = output.decode(errors="replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1])
    except (IndexError, ValueError):
        text = words.decode(errors="replace").strip()
        logging.error("SAM Adapt: %s", text)
        raise InputError(
            _("A helper process failed: {words}").format(words=text[-LAST_WORDS:].splitlines()[-1] if text else "-"),
            None,
            _("The application log tells more; reinstall the packages if one of them is named"),
        ) from None
    if "error" in answer:
        raise InputError(*answer["error"])
    return answer["result"]
