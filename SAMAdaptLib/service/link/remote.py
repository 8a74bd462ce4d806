"""A server of another machine, seen from the application: the worker that it starts, and what is sent there once."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from collections import deque
from dataclasses import replace

import numpy as np

from SAMAdaptLib.defaults import SERVER_PORT
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.contents import MESSAGE_BYTES, Held, Ping, Pong, Refused
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.shared import volume_form
from SAMAdaptLib.service.link.token import read_token
from SAMAdaptLib.service.link.upload import AdapterFiles, Upload, Voxels
from SAMAdaptLib.service.protocol import Died, Failed, Hello, Load, Message, SetVolume

INFERENCE = "SAMAdaptLib.service.worker.inference"
# How long a server may take to answer a call; how long it may say nothing before it is asked, and after that.
CALL_SECONDS = 10.0
QUIET_SECONDS = 5.0
PATIENCE_SECONDS = 15.0
STEP_SECONDS = 0.008
# Goes to the server in the place of a volume's name, which may be a patient's, and comes back in errors about it.
UNNAMED = "the volume in use"


class Server:
    """A place for inference workers: ``samadapt serve`` of this or another machine.

    Args:
        address: "host:port"; an IPv6 address in brackets.
        token_file: see :func:`SAMAdaptLib.service.link.token.read_token`.

    Raises:
        InputError: no such address or token.
    """

    def __init__(self, address: str, token_file: str | os.PathLike[str]) -> None:
        self.address = address
        self.host, self.port = parse_address(address)
        self.token = read_token(token_file)
        self.volumes: dict[str, SentVolume] = {}
        self._worker: ServerWorker | None = None

    @property
    def connection(self) -> Connection | None:
        """To the server, while there is one."""
        return None if self._worker is None else self._worker.connection

    def start(self, module: str, background: bool = False) -> ServerWorker:
        """See :class:`SAMAdaptLib.service.link.place.Place`."""
        if module != INFERENCE:
            raise InputError("A server answers prompts only", self.address, "Do this on this computer")
        self._worker = ServerWorker(self)
        return self._worker

    def share(self, array: np.ndarray) -> SentVolume:
        """See :class:`SAMAdaptLib.service.link.place.Place`."""
        return SentVolume(array, self)

    def share_ahead(self, array: np.ndarray) -> SentVolume:
        """Refuses: see :class:`SAMAdaptLib.service.link.place.Place`."""
        raise InputError("A server holds one volume of a client at a time", self.address, "Choose it when it is needed")


class SentVolume(Upload):
    """A volume that a server gets unless it has it; sent anew to one that has forgotten it.

    Args:
        array: [K, J, I] or [K, J, I, C]; read until ``complete``, and again where the connection is lost.
        server: where it goes.
    """

    def __init__(self, array: np.ndarray, server: Server) -> None:
        self.name = f"sent-{secrets.token_hex(8)}"
        self.shape, self.dtype = volume_form(array.shape, array.dtype)
        super().__init__(Voxels(array), server)
        self._server = server
        server.volumes[self.name] = self

    def close(self) -> None:
        """See :class:`SAMAdaptLib.service.link.place.VolumeCopy`."""
        self._server.volumes.pop(self.name, None)


class ServerWorker:
    """A worker that a server has started for this connection; see :class:`SAMAdaptLib.service.link.place.Worker`.

    A chosen adapter is sent ahead of the ``Load`` that names it, and what comes after that waits.
    """

    def __init__(self, server: Server) -> None:
        self.ended: Died | None = None
        self.pid: int | None = None
        self.connection: Connection | None = None
        self._server = server
        self._waiting: deque[Message] = deque()
        self._own: list[Message] = []
        self._adapter: Upload | None = None
        self._volume_name = ""
        self._begun = self._heard = time.monotonic()
        self._asked: float | None = None
        self._called: socket.socket | None = None
        try:
            self._called = _call(server.host, server.port)
        except OSError as error:
            self._end(f"The server cannot be reached ({error.strerror or error})", "Check its address")

    def send(self, message: Message) -> int:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        self._waiting.append(message)
        return self._forward()

    def poll(self, seconds: float = 0.01) -> list[Message]:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        if self.ended is not None:
            return []
        if self.connection is None:
            self._connect()
        heard: list[Message] = []
        if self.connection is not None:
            for message in self.connection.poll(seconds):
                self._hear(message, heard)
            self._forward()
        if self.ended is None:
            self._watch()
        own, self._own = self._own, []
        return own + heard

    def wait(self, seconds: float) -> None:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        # Nobody wakes this side when the other falls silent.
        seconds = min(seconds, 0.05)
        if self._own or (self._adapter is not None and self._adapter.busy):
            return
        if self.connection is not None:
            self.connection.wait(seconds)
        elif self._called is not None:
            select.select([], [self._called], [self._called], seconds)
        else:
            time.sleep(min(seconds, 0.01))

    def kill(self) -> None:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        for each in (self.connection, self._called):
            if each is not None:
                each.close()
        self.connection = self._called = None
        if self.ended is None:
            self.ended = Died(0, None, "")

    def leave(self) -> None:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        self.kill()

    def reap(self) -> bool:
        """See :class:`SAMAdaptLib.service.link.place.Worker`."""
        return True

    def _connect(self) -> None:
        assert self._called is not None
        _, done, failed = select.select([], [self._called], [self._called], 0)
        if done or failed:
            error = self._called.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                remedy = "Start `samadapt serve` there, and look after the tunnel"
                self._end(f"The server cannot be reached ({os.strerror(error)})", remedy)
                return
            called, self._called = self._called, None
            self.connection = Connection(called, self._server.token, caller=True, theirs=MESSAGE_BYTES)

    def _hear(self, message: Message, heard: list[Message]) -> None:
        self._heard, self._asked = time.monotonic(), None
        if isinstance(message, Hello):
            self.pid = message.pid
        elif isinstance(message, (Held, Refused)):
            for upload in (self._adapter, *self._server.volumes.values()):
                if upload is not None:
                    upload.hear(message)
        elif isinstance(message, Died):
            self._end(message.what, message.remedy, message)
        elif isinstance(message, Failed) and message.where == UNNAMED:
            heard.append(replace(message, where=self._volume_name or None))
        elif not isinstance(message, Pong):
            heard.append(message)

    def _watch(self) -> None:
        now, connection = time.monotonic(), self.connection
        if connection is None or (not connection.proven and not connection.hung_up):
            if now - self._begun > CALL_SECONDS:
                self._end(f"The server has not answered for {CALL_SECONDS:.0f} s", "Check its address, and the tunnel")
        elif connection.hung_up and not connection.more:
            fault = connection.fault
            if fault is None:
                self._end("The connection to the server was lost", "Check the server and the tunnel, then try again")
            else:
                self._end(fault.what, fault.remedy or "Try again")
        elif self._asked is None:
            if now - self._heard > QUIET_SECONDS:
                self._asked = now
                connection.send(Ping(0))
        elif now - self._asked > PATIENCE_SECONDS:
            self._end("The server does not answer any more", "Check the server and the tunnel, then try again")

    def _end(self, what: str, remedy: str, died: Died | None = None) -> None:
        if self.ended is None:
            told = f"{what}: {self._server.address}"
            self.ended = replace(died or Died(0, None, ""), what=told, remedy=remedy)
        self.kill()

    def _forward(self) -> int:
        """Send what waits, as far as what it names is there; returns the bytes."""
        sent = 0
        while self._waiting and self.connection is not None and self.connection.proven:
            message: Message | None = self._waiting[0]
            try:
                if isinstance(message, Load):
                    message = self._told(message)
                elif isinstance(message, SetVolume):
                    message = self._with_volume(message)
                if message is None:
                    break
                sent += self.connection.send(message)
                self._waiting.popleft()
            except SAMAdaptError as error:
                # It is answered here instead of there.
                where = None if error.where is None else os.path.basename(error.where)
                self._own.append(Failed(self._waiting.popleft().id, error.what, where, error.remedy))
        return sent

    def _told(self, load: Load) -> Load | None:
        """As the server understands it; None while the adapter is on its way.

        Raises:
            SAMAdaptError: it names what only this computer has, or the adapter cannot be sent.
        """
        if load.checkpoint is not None or load.entry is not None:
            raise InputError(
                "A base model from a file of this computer cannot be used on a server",
                load.checkpoint,
                "Choose one that the server knows by name, or work without a server",
            )
        if load.adapter is None:
            return replace(load, cache_folder=None)
        if self._adapter is None:
            try:
                self._adapter = Upload(AdapterFiles(load.adapter), self)
            except OSError as error:
                raise InputError(
                    f"The adapter cannot be read ({error.strerror or error})", load.adapter, "Choose another one"
                ) from error
        if not self._adapter.fill(STEP_SECONDS):
            return None
        fault, key, self._adapter = self._adapter.fault, self._adapter.key, None
        if fault is not None:
            raise SAMAdaptError(fault.what, load.adapter, fault.remedy)
        return replace(load, adapter=key, cache_folder=None)

    def _with_volume(self, message: SetVolume) -> SetVolume:
        volume = self._server.volumes.get(message.segment)
        if volume is None:
            raise InputError("The copy of the volume is gone", message.name or None, "Choose the volume again")
        fault = volume.forgive()
        if fault is not None:
            raise SAMAdaptError(fault.what, message.name or None, fault.remedy)
        self._volume_name = message.name
        return replace(message, segment=volume.key, name=UNNAMED)


def parse_address(address: str) -> tuple[str, int]:
    """Host and port of "host:port"; an IPv6 address stands in brackets, and the port may be left out.

    Raises:
        InputError: it is no address.
    """
    host, colon, port = address.strip().rpartition(":")
    if not colon or port.endswith("]"):
        host, port = address.strip(), str(SERVER_PORT)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or (":" in bare and bare == host) or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputError("This is no address of a server", address, f"Give host:port, such as 127.0.0.1:{SERVER_PORT}")
    return bare, int(port)


def _call(host: str, port: int) -> socket.socket:
    """Begin to connect; IPv4 first, at which servers listen by default."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, place = min(found, key=lambda each: each[0] != socket.AF_INET)
    called = socket.socket(family, kind, protocol)
    called.setblocking(False)
    called.connect_ex(place)
    return called
