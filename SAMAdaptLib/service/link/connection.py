"""One end of a socket over which messages go, and the door at which such connections come in.

Nothing here waits unless it says so, and there are no threads: an application that embeds Python may run its event loop
with the interpreter locked.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping

from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.link.handshake import Handshake
from SAMAdaptLib.service.link.wire import MAX_FRAME, Unpacker, pack
from SAMAdaptLib.service.protocol import Message

PIECE = 1 << 18
# What a stranger at the door may take, and how many of them there may be; beyond that the one that came first goes, so
# that those who say nothing keep nobody out who does.
STRANGER_SECONDS = 10.0
MOST_STRANGERS = 16


class Connection:
    """Exchanges messages with the other end, once both have proven that they know the token.

    Args:
        connected: is taken over.
        token: that the other end knows as well.
        caller: whether this end has called the other.
        limit: bytes of the largest message that is taken.
        theirs: bytes of the largest message that the other end takes.

    Attributes:
        name: address of the other end.
        proven: whether the other end knows the token.
        hung_up: whether the other end is gone, or was hung up on.
        fault: why this end has hung up; None where the other has, or there was no fault.
        more: whether :meth:`poll` has stopped for the time only.
        sent: bytes so far.
    """

    def __init__(
        self, connected: socket.socket, token: bytes, *, caller: bool, limit: int = MAX_FRAME, theirs: int = MAX_FRAME
    ) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self.name = _name(connected)
        self._handshake = Handshake(token, caller)
        self._before, self._later = bytearray(), bytearray()
        self._out = bytearray(self._handshake.greeting)
        self._unpacker, self._theirs = Unpacker(limit), theirs
        self._sending = threading.Lock()
        self.proven = self.hung_up = self.more = False
        self.fault: SAMAdaptError | None = None
        self.sent = 0
        self._flush()

    @property
    def waiting(self) -> int:
        """Bytes that have not left yet."""
        return len(self._out) + len(self._later)

    def send(self, message: Message) -> int:
        """Queue a message, which leaves now or at the next :meth:`poll`; returns its bytes. From any thread.

        Raises:
            InputError: it is larger than the other end takes.
        """
        frame = pack(message)
        if len(frame) > self._theirs:
            raise InputError(
                f"The request has {len(frame) / 2**20:.1f} MB, and the other side takes {self._theirs / 2**20:.0f} MB",
                None,
                "Choose a smaller or coarser plane, or work without a server",
            )
        with self._sending:
            (self._out if self.proven else self._later).extend(frame)
        self._flush()
        return len(frame)

    def drain(self) -> None:
        """Wait until everything has left, or the other end is gone."""
        while self._out and not self.hung_up:
            select.select([], [self._socket], [], 1.0)
            self._flush()

    def shake(self) -> bool:
        """Go on with the proofs; returns whether they are done."""
        while not self.proven and not self.hung_up:
            data = self._read()
            if data is None:
                break
            self._before += data
            try:
                answer = self._handshake.take(self._before)
            except InputError as error:
                self._hang_up(error)
                break
            with self._sending:
                self._out += answer
                if self._handshake.done:
                    self.proven = True
                    self._unpacker.feed(self._before)
                    self._out += self._later
                    self._later.clear()
        self._flush()
        return self.proven

    def poll(self, seconds: float = 0.01) -> list[Message]:
        """What the other end has said, reading for about so long at most."""
        heard: list[Message] = []
        self.more = False
        if not self.shake():
            return heard
        end = time.perf_counter() + seconds
        while True:
            try:
                for message in self._unpacker:
                    heard.append(message)
                    if time.perf_counter() > end:
                        self.more = True
                        return heard
            except ValueError as error:
                self._hang_up(InputError("The other side has sent what is no message", None, str(error)))
            data = None if self.hung_up else self._read()
            if not data:
                return heard
            self._unpacker.feed(data)

    def fileno(self) -> int:
        """Readable when there is something to poll for; -1 when closed."""
        return self._socket.fileno()

    def wait(self, seconds: float | None) -> None:
        """Sleep until there is something to poll for, so long at most."""
        select.select([self._socket], [self._socket] if self._out else [], [], seconds)

    def close(self) -> None:
        """Hang up."""
        self.hung_up = True
        self._socket.close()

    def _read(self) -> bytes | None:
        """None: nothing at present; empty: the other end is gone."""
        try:
            data = self._socket.recv(PIECE)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            self._hang_up(None if self.proven else self._handshake.unfinished())
        return data

    def _flush(self) -> None:
        try:
            with self._sending:
                while self._out and not self.hung_up:
                    sent = self._socket.send(self._out[:PIECE])
                    del self._out[:sent]
                    self.sent += sent
        except BlockingIOError:
            pass
        except OSError:
            # What has been said before may still be there to be read.
            with self._sending:
                self._out.clear()

    def _hang_up(self, fault: SAMAdaptError | None) -> None:
        self.hung_up, self.fault = True, self.fault or fault
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _name(connected: socket.socket) -> str:
    try:
        host, port, *_ = connected.getpeername()
    except OSError:
        # Gone already.
        return "somebody"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def overdue(one: Connection, waiting: Mapping[Connection, float]) -> bool:
    """Whether one of those at the door, each with the time when it came, has gone or has to go."""
    late = time.monotonic() - waiting[one] > STRANGER_SECONDS
    return one.hung_up or late or len(waiting) > MOST_STRANGERS


class Door:
    """Where connections come in; who cannot prove to know the token is sent away before a message of theirs is read.

    Args:
        token: that they have to know.
        host: the address to listen at.
        port: 0 takes a free one.
        limit: see :class:`Connection`.
        turned_away: told the address of each who did not prove to know it, and why.

    Attributes:
        port: where it listens.

    Raises:
        OSError: the address is taken or not this machine's.
    """

    def __init__(
        self,
        token: bytes,
        host: str = "127.0.0.1",
        port: int = 0,
        limit: int = MAX_FRAME,
        turned_away: Callable[[str, str], None] | None = None,
    ) -> None:
        self._token, self._limit, self._turned_away = token, limit, turned_away
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self._listener.setblocking(False)
        self._strangers: dict[Connection, float] = {}
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> Connection | None:
        """One that has proven itself, if there is one."""
        with contextlib.suppress(OSError):
            connected, _ = self._listener.accept()
            connection = Connection(connected, self._token, caller=False, limit=self._limit)
            self._strangers[connection] = time.monotonic()
        for stranger in list(self._strangers):
            if stranger.shake():
                del self._strangers[stranger]
                return stranger
            if overdue(stranger, self._strangers):
                del self._strangers[stranger]
                stranger.close()
                if self._turned_away is not None:
                    why = "no proof in time" if stranger.fault is None else stranger.fault.what
                    self._turned_away(stranger.name, why)
        return None

    @property
    def sockets(self) -> list[socket.socket | Connection]:
        """What is readable when there is something to do for :meth:`accept`."""
        return [self._listener, *self._strangers]

    def fileno(self) -> int:
        """Readable when somebody has come; -1 when closed."""
        return self._listener.fileno()

    def wait(self, seconds: float) -> None:
        """Sleep until there may be something to accept, so long at most."""
        select.select(self.sockets, [], [], seconds)

    def close(self) -> None:
        """Let nobody in any more; those who are in stay."""
        self._listener.close()
        for stranger in self._strangers:
            stranger.close()
        self._strangers.clear()
