"""Short work in another Python, so that the application need not load torch."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

import SAMAdaptLib
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.Installation import Installation
from SAMAdaptModuleLib.Polling import Polling

POLL_MS = 100
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

    def run(self, task: str, **arguments: Any) -> Any:
        """Do a task and wait for it.

        Raises:
            InputError: the task refused its input, or the process failed.
        """
        with _input(arguments) as given, tempfile.TemporaryFile() as words:
            process = self._start(task, given, words, subprocess.PIPE)
            output = process.communicate()[0]
            words.seek(0)
            return _result(output, words.read())

    def start(
        self, task: str, onDone: Callable[[Any], None], onError: Callable[[Exception], None], **arguments: Any
    ) -> None:
        """Do a task from the event loop; a task that is going on is given up, and calls nothing any more."""
        self.close()
        self._onDone, self._onError = onDone, onError
        with _input(arguments) as given:
            self._output, self._words = tempfile.TemporaryFile(), tempfile.TemporaryFile()
            self._process = self._start(task, given, self._words, self._output)
        self._polling.setInterval(POLL_MS)

    def close(self) -> None:
        """End a task that is going on."""
        self._polling.setInterval(0)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self, task: str, given: Any, words: Any, output: Any) -> subprocess.Popen:
        folder = str(Path(SAMAdaptLib.__file__).resolve().parents[1])
        return subprocess.Popen(
            [*self._installation.pythonExecutable(), str(TASKS), folder, task],
            env=self._installation.environment(),
            stdin=given,
            stdout=output,
            stderr=words,
        )

    def _poll(self) -> None:
        if self._process is None or self._process.poll() is None:
            return
        self._process = None
        self._polling.setInterval(0)
        texts = []
        for file in (self._output, self._words):
            file.seek(0)
            texts.append(file.read())
            file.close()
        try:
            result = _result(*texts)
        except InputError as error:
            self._onError(error)
        else:
            self._onDone(result)


def _input(arguments: dict[str, Any]) -> Any:
    # A file rather than a pipe: nobody has to feed it.
    given = tempfile.TemporaryFile()
    given.write(json.dumps(arguments).encode())
    given.seek(0)
    return given


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
