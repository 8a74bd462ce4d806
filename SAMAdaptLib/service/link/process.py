"""A worker process of this machine, for a parent that has an event loop of its own.

Everything here returns at once: the connection does not wait, and output goes to a file.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import IO

from SAMAdaptLib.processes import LIBRARY, apart, importing
from SAMAdaptLib.service.link.connection import Connection, Door
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Died, Hello, Message

TOKEN = "SAMADAPT_WORKER_TOKEN"
LAST_LINES = 20
LAST_BYTES = 1 << 14
# How long a worker that has hung up may take to end.
ENDING_SECONDS = 3.0
# How long one may take to call, which it does before it loads anything large.
START_SECONDS = 120.0


class ChildProcess:
    """Starts ``python -m module`` and exchanges messages with it.

    Args:
        module: the worker's module.
        python: the interpreter, with arguments where it needs some.
        env: the whole environment of the child; this process's own by default.
        background: run at lower priority.

    Attributes:
        ended: what became of it, once it ended.
        pid: of the worker itself, which a launcher may have started; None until it has reported.
    """

    def __init__(
        self,
        module: str,
        python: Sequence[str],
        env: Mapping[str, str] | None = None,
        background: bool = False,
    ) -> None:
        self.ended: Died | None = None
        self.pid: int | None = None
        token = secrets.token_hex(32)
        self._door = Door(token.encode())
        self._connection: Connection | None = None
        self._early: list[Message] = []
        self._early_bytes = 0
        self._begun = time.monotonic()
        self._left: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        # Without a name, so that nothing stays behind; appended to, so that reading does not move the writer.
        self._words = tempfile.TemporaryFile("a+b")
        environment = importing(os.environ if env is None else env)
        environment |= {
            TOKEN: token,
            "PYTHONFAULTHANDLER": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8:replace",
            # What torch cannot do on an Apple GPU it then does on the CPU. It reads this when it is imported.
            "PYTORCH_ENABLE_MPS_FALLBACK": environment.get("PYTORCH_ENABLE_MPS_FALLBACK", "1"),
        }
        command = [*python, "-m", module, str(self._door.port)]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._words,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=LIBRARY,
                **apart(background),
            )
        except OSError as error:
            words = f"Cannot start {python[0]}: {error.strerror or error}"
            self.ended = Died(0, None, words, "The worker process could not be started")
        self._cleanup = weakref.finalize(self, _clean_up, self._process, self._words)

    @property
    def waiting(self) -> int:
        """Bytes that the worker has not taken yet."""
        return self._early_bytes if self._connection is None else self._connection.waiting

    def send(self, message: Message) -> int:
        """Queue a message, which leaves now or at the next :meth:`poll`; returns its bytes."""
        if self._connection is not None:
            return self._connection.send(message)
        size = len(pack(message))
        self._early.append(message)
        self._early_bytes += size
        return size

    def poll(self, seconds: float = 0.01) -> list[Message]:
        """What the worker has said, reading for about so long at most; sets ``ended`` when there is no more to come."""
        if self.ended is not None:
            return []
        assert self._process is not None
        code = self._process.poll()
        connection = self._connection or self._connect()
        heard = [] if connection is None else connection.poll(seconds)
        for hello in [message for message in heard if isinstance(message, Hello)]:
            self.pid = hello.pid
            heard.remove(hello)
        if connection is not None and connection.hung_up and self._left is None:
            self._left = time.monotonic()
        if code is not None and not (connection is not None and connection.more):
            self._end(code, f"The worker process ended with exit code {code}")
        elif connection is None and time.monotonic() - self._begun > START_SECONDS:
            self._end(None, f"The worker process has not called for {START_SECONDS:.0f} s after its start")
        elif connection is not None and connection.fault is not None:
            self._end(None, f"The worker process was ended: {connection.fault.what}")
        elif self._left is not None and time.monotonic() - self._left > ENDING_SECONDS:
            kill_tree(self._process)
        return heard

    def fileno(self) -> int:
        """Readable when there is something to poll for; changes once the worker has connected, -1 after its end."""
        if self.ended is not None or self._left is not None:
            return -1
        return (self._connection or self._door).fileno()

    def wait(self, seconds: float) -> None:
        """Sleep until the worker says something, so long at most."""
        # A process that ends before it connects wakes nobody.
        seconds = min(seconds, 0.05)
        if self.fileno() < 0:
            time.sleep(min(seconds, 0.01))
        else:
            (self._connection or self._door).wait(seconds)

    def kill(self) -> None:
        """End the worker and everything that it has started."""
        self._close()
        if self.ended is None:
            self.ended = Died(0, None, "")

    def leave(self) -> None:
        """Hang up, upon which the worker ends by itself; to be followed by :meth:`reap` until that is true.

        Ending a worker takes as long as the system needs for its memory, which may be gigabytes; nobody waits here.
        """
        self._hang_up()
        self._left = self._left or time.monotonic()
        if self.ended is None:
            self.ended = Died(0, None, "")

    def reap(self) -> bool:
        """Whether a worker that was left has ended; one that takes too long is killed."""
        if self._process is not None and self._process.poll() is None:
            if self._left is not None and time.monotonic() - self._left < ENDING_SECONDS:
                return False
        self._cleanup()
        return True

    def last_words(self) -> str:
        """The last lines that the worker has written."""
        self._words.seek(max(0, os.fstat(self._words.fileno()).st_size - LAST_BYTES))
        lines = self._words.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    def _connect(self) -> Connection | None:
        self._connection = self._door.accept()
        if self._connection is not None:
            self._door.close()
            for message in self._early:
                self._connection.send(message)
            self._early.clear()
        return self._connection

    def _end(self, code: int | None, what: str) -> None:
        self.ended = Died(0, code, self.last_words(), what)
        self._close()

    def _hang_up(self) -> None:
        self._door.close()
        if self._connection is not None:
            self._connection.close()

    def _close(self) -> None:
        # In this order: a worker that hears nobody any more removes the shared memory that it sees, others' as well.
        self._cleanup()
        self._hang_up()


def _clean_up(process: subprocess.Popen[bytes] | None, words: IO[bytes]) -> None:
    kill_tree(process)
    words.close()


def kill_tree(process: subprocess.Popen[bytes] | None) -> None:
    """End a process that was started with :func:`apart`, and all that it has started."""
    if process is None:
        return
    if os.name == "nt":
        # Ending the process alone would leave what a launcher has started.
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                capture_output=True,
                creationflags=subprocess.CREATE_NO_WINDOW,  # type: ignore[attr-defined]
            )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2.0)
