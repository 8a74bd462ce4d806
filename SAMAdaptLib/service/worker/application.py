"""What all workers say and hear: the connection to the application, and errors as answers."""

from __future__ import annotations

import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable

from SAMAdaptLib.errors import Cancelled, SAMAdaptError
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.process import LAST_LINES, TOKEN
from SAMAdaptLib.service.protocol import Failed, Final, Hello, Message, Stopped


class Application:
    """Calls the application, and hears it in a thread so that a wish to cancel arrives during work.

    The process ends as soon as the application hangs up, however busy it is.

    Args:
        port: of the application on this machine.
    """

    def __init__(self, port: int) -> None:
        connected = socket.create_connection(("127.0.0.1", port))
        self._connection = Connection(connected, os.environ.pop(TOKEN).encode(), caller=True)
        self._connection.send(Hello(0, os.getpid()))

    def say(self, message: Message) -> None:
        """Send a message; may be called from any thread."""
        self._connection.send(message)
        self._connection.drain()

    def listen(self, take: Callable[[Message], None], orphaned: Callable[[], None] = lambda: None) -> None:
        """Give every message to ``take`` in a thread of its own.

        Args:
            take: must not block.
            orphaned: called before the process ends because the application is gone.
        """

        def hear() -> None:
            try:
                while not self._connection.hung_up:
                    if not self._connection.more:
                        self._connection.wait(None)
                    for message in self._connection.poll():
                        take(message)
            except Exception:
                traceback.print_exc()
            finally:
                if self._connection.fault is not None:
                    print(self._connection.fault, file=sys.stderr)
                orphaned()
                sys.stderr.flush()
                os._exit(0)

        threading.Thread(target=hear, daemon=True).start()


def failure(request: int, error: BaseException) -> Final:
    """The final answer that an exception amounts to."""
    if isinstance(error, Cancelled):
        return Stopped(request)
    if isinstance(error, SAMAdaptError):
        return Failed(request, error.what, error.where, error.remedy)
    lines = "".join(traceback.format_exception(error)).splitlines()
    return Failed(
        request,
        f"{type(error).__name__}: {error}",
        None,
        "Close other programs or choose a smaller model" if out_of_memory(error) else "Report it with the log",
        "\n".join(lines[-LAST_LINES:]),
        out_of_memory(error),
        lacks_operator(error),
    )


def out_of_memory(error: BaseException) -> bool:
    """Whether a device or this machine ran out of memory; torch has an exception of its own for CUDA only."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "out of memory" in str(error).lower())


def lacks_operator(error: BaseException) -> bool:
    """Whether a device cannot do what the network needs, as torch says it of MPS and some of its operators."""
    words = str(error)
    return isinstance(error, NotImplementedError) and ("The operator '" in words or "Could not run '" in words)
