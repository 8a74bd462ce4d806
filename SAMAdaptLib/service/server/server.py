"""Lets applications in and gives each a worker, in one loop without threads."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from SAMAdaptLib.defaults import DEVICE, SERVER_CLIENTS
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.sam.kept import SERVED
from SAMAdaptLib.sam.weights.locate import cache_folder
from SAMAdaptLib.service.link.connection import Connection, Door
from SAMAdaptLib.service.protocol import Died
from SAMAdaptLib.service.server.guest import Guest
from SAMAdaptLib.service.server.store import Store

# The largest message: a picture of an oblique plane.
MESSAGE_BYTES = 64 << 20
WAIT_SECONDS = 0.25


class WorkerServer:
    """See the module.

    Args:
        host: the address to listen at.
        port: 0 takes a free one.
        token: that clients have to know.
        device: what networks run on where a client leaves that open.
        clients: how many at a time.
        say: told who comes and goes.

    Attributes:
        port: where it listens.

    Raises:
        InputError: the address is taken or not this machine's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        token: bytes,
        *,
        device: str = DEVICE,
        clients: int = SERVER_CLIENTS,
        say: Callable[[str], None] = print,
    ) -> None:
        try:
            self._door = Door(token, host, port, MESSAGE_BYTES)
        except OSError as error:
            raise InputError(
                f"Cannot listen there ({os.strerror(error.errno) if error.errno else error})",
                f"{host}:{port}",
                "Choose another --port, or a --host of this computer",
            ) from error
        self.port = self._door.port
        self._device, self._clients, self._say = device, clients, say
        self._store = Store(cache_folder() / SERVED)
        self._guests: dict[Guest, str] = {}
        self._rejected: list[Connection] = []

    def run(self, stop: Callable[[], bool]) -> None:
        """Serve until ``stop()``, which is asked several times a second; then end all workers."""
        try:
            while not stop():
                self._wait()
                self._let_in()
                for guest, name in list(self._guests.items()):
                    if not guest.turn():
                        guest.close()
                        del self._guests[guest]
                        self._say(f"{name} has gone; {counted(len(self._guests), 'client')} left")
        finally:
            self.close()

    def close(self) -> None:
        """End all workers, and forget the volumes."""
        self._door.close()
        for guest in self._guests:
            guest.close()
        for rejected in self._rejected:
            rejected.close()
        self._guests.clear()
        self._store.close()

    def _let_in(self) -> None:
        for each in self._rejected[:]:
            each.poll()
            if each.hung_up:
                self._rejected.remove(each)
                each.close()
        while (connection := self._door.accept()) is not None:
            name = connection.name
            if len(self._guests) >= self._clients:
                # It hangs up when it has read this.
                told = f"The server has its {counted(self._clients, 'client')} already"
                connection.send(Died(0, None, "", told, "Try again later, or start it with more --clients"))
                self._rejected.append(connection)
                self._say(f"{name} was sent away, as there are {counted(self._clients, 'client')} already")
                continue
            self._guests[Guest(connection, self._store, self._device)] = name
            self._say(f"{name} has come; {counted(len(self._guests), 'client')}")

    def _wait(self) -> None:
        if any(guest.connection.more for guest in self._guests):
            return
        connections = [guest.connection for guest in self._guests]
        workers = [guest for guest in self._guests if guest.fileno() >= 0]
        readable = [*self._door.sockets, *connections, *self._rejected, *workers]
        select.select(readable, [each for each in connections if each.waiting], [], WAIT_SECONDS)
