"""A worker process and the connection to it, for a parent that has an event loop of its own.

Everything here returns at once: sockets do not block, output goes to a file, and there are no threads, since an
application that embeds Python may run its event loop with the interpreter locked.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import select
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from SAMAdaptLib.service.link.wire import Unpacker, pack
from SAMAdaptLib.service.protocol import Died, Hello, Message

TOKEN = "SAMADAPT_WORKER_TOKEN"
LIBRARY = Path(__file__).resolve().parents[3]
LAST_LINES = 20
LAST_BYTES = 1 << 14
PIECE = 1 << 18
HELLO_LIMIT = 4096
# How long a worker that has hung up may take to end.
ENDING_SECONDS = 3.0


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
        self._token = secrets.token_hex(32)
        self._out = bytearray()
        self._unpacker = Unpacker()
        self._strangers: dict[socket.socket, Unpacker] = {}
        self._socket: socket.socket | None = None
        self._hung_up: float | None = None
        self._process: subprocess.Popen | None = None
        # Without a name, so that nothing stays behind; appended to, so that reading does not move the writer.
        self._words = tempfile.TemporaryFile("a+b")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        environment = dict(os.environ if env is None else env)
        path = [str(LIBRARY), *filter(None, [environment.get("PYTHONPATH")])]
        environment |= {
            TOKEN: self._token,
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONFAULTHANDLER": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8:replace",
            # What torch cannot do on an Apple GPU it then does on the CPU. It reads this when it is imported.
            "PYTORCH_ENABLE_MPS_FALLBACK": environment.get("PYTORCH_ENABLE_MPS_FALLBACK", "1"),
        }
        command = [*python, "-m", module, str(self._listener.getsockname()[1])]
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
            self.ended = Died(0, None, f"Cannot start {python[0]}: {error.strerror or error}")
        self._cleanup = weakref.finalize(self, _clean_up, self._process, self._words)

    def send(self, message: Message) -> int:
        """Queue a message, which leaves now or at the next :meth:`poll`; returns its bytes."""
        frame = pack(message)
        self._out += frame
        self._flush()
        return len(frame)

    def poll(self, seconds: float = 0.01) -> list[Message]:
        """What the worker has said, reading for about so long at most; sets ``ended`` when there is no more to come."""
        if self.ended is not None:
            return []
        code = self._process.poll()
        if self._socket is None:
            self._accept()
        self._flush()
        heard, more = self._receive(time.perf_counter() + seconds)
        if code is not None and not more:
            self.ended = Died(0, code, self.last_words())
            self._close()
        elif self._hung_up is not None and time.monotonic() - self._hung_up > ENDING_SECONDS:
            kill_tree(self._process)
        return heard

    def fileno(self) -> int:
        """Readable when there is something to poll for; changes once the worker has connected, -1 after its end."""
        if self.ended is not None or self._hung_up is not None:
            return -1
        return (self._socket or self._listener).fileno()

    def wait(self, seconds: float) -> None:
        """Sleep until the worker says something, so long at most."""
        if self.fileno() < 0:
            time.sleep(min(seconds, 0.01))
            return
        sockets = [self._socket] if self._socket else [self._listener, *self._strangers]
        # A process that ends before it connects wakes nobody.
        select.select(sockets, sockets if self._out and self._socket else [], [], min(seconds, 0.05))

    def kill(self) -> None:
        """End the worker and everything that it has started."""
        self._close()
        if self.ended is None:
            self.ended = Died(0, None, "")

    def leave(self) -> None:
        """Hang up, upon which the worker ends by itself; to be followed by :meth:`reap` until that is true.

        Ending a worker takes as long as the system needs for its memory, which may be gigabytes; nobody waits here.
        """
        for each in (self._socket, self._listener, *self._strangers):
            if each is not None:
                each.close()
        self._hang_up()
        if self.ended is None:
            self.ended = Died(0, None, "")

    def reap(self) -> bool:
        """Whether a worker that was left has ended; one that takes too long is killed."""
        if self._process is not None and self._process.poll() is None:
            if time.monotonic() - self._hung_up < ENDING_SECONDS:
                return False
        self._cleanup()
        return True

    def last_words(self) -> str:
        """The last lines that the worker has written."""
        self._words.seek(max(0, os.fstat(self._words.fileno()).st_size - LAST_BYTES))
        lines = self._words.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            stranger, _ = self._listener.accept()
            stranger.setblocking(False)
            self._strangers[stranger] = Unpacker(HELLO_LIMIT)
        for stranger, unpacker in list(self._strangers.items()):
            try:
                data = stranger.recv(HELLO_LIMIT)
                unpacker.feed(data)
                hello = next(iter(unpacker), None)
            except BlockingIOError:
                continue
            except (OSError, ValueError, KeyError, TypeError):
                data, hello = b"", None
            if isinstance(hello, Hello) and hmac.compare_digest(hello.token, self._token):
                self._socket, self._unpacker, self.pid = stranger, unpacker, hello.pid
                unpacker.limit = Unpacker().limit
                stranger.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._listener.close()
                del self._strangers[stranger]
                break
            if not data or hello is not None:
                del self._strangers[stranger]
                stranger.close()

    def _flush(self) -> None:
        if self._socket is None or self._hung_up is not None:
            return
        try:
            while self._out:
                sent = self._socket.send(self._out[:PIECE])
                del self._out[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._hang_up()

    def _receive(self, end: float) -> tuple[list[Message], bool]:
        """Messages, and whether there may be more to read."""
        heard: list[Message] = []
        if self._socket is None:
            return heard, False
        while True:
            try:
                for message in self._unpacker:
                    heard.append(message)
                    if time.perf_counter() > end:
                        return heard, True
                if self._hung_up is not None:
                    return heard, False
                data = self._socket.recv(PIECE)
            except BlockingIOError:
                return heard, False
            except (OSError, ValueError):
                data = b""
            if data:
                self._unpacker.feed(data)
            else:
                self._hang_up()
                return heard, False

    def _hang_up(self) -> None:
        if self._hung_up is None:
            self._hung_up = time.monotonic()

    def _close(self) -> None:
        for each in (self._socket, self._listener, *self._strangers):
            if each is not None:
                each.close()
        self._cleanup()


def _clean_up(process: subprocess.Popen | None, words: IO[bytes]) -> None:
    kill_tree(process)
    words.close()


def apart(background: bool) -> dict[str, Any]:
    """Options that put the child and its children into a group of their own, which can be ended as a whole."""
    if os.name == "nt":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags | (subprocess.BELOW_NORMAL_PRIORITY_CLASS if background else 0)}
    return {"start_new_session": True}


def kill_tree(process: subprocess.Popen | None) -> None:
    """End a process that was started with :func:`apart`, and all that it has started."""
    if process is None:
        return
    if os.name == "nt":
        # Ending the process alone would leave what a launcher has started.
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                capture_output=True,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2.0)
