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
from SAMAdaptLib.shortage import out_of_memory, too_little_memory


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
    if out_of_memory(error):
        # No mistake of the program, so that its lines tell nothing.
        told = too_little_memory(error)
        return Failed(request, told.what, told.where, told.remedy, out_of_memory=True)
    lines = "".join(traceback.format_exception(error)).splitlines()
    return Failed(
        request,
        f"{type(error).__name__}: {error}",
        None,
        "Report it with the log",
        "\n".join(lines[-LAST_LINES:]),
    )
