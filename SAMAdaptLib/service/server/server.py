"""Lets applications in and gives each a worker, in one loop without threads."""

from __future__ import annotations

import os
import select
import time
import traceback
from collections.abc import Callable

from SAMAdaptLib.defaults import DEVICE, SERVER_CLIENTS
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.sam.kept import SERVED, SESSIONS
from SAMAdaptLib.sam.weights.locate import cache_folder
from SAMAdaptLib.service.contents import MESSAGE_BYTES
from SAMAdaptLib.service.link.connection import Connection, Door, overdue
from SAMAdaptLib.service.protocol import Died
from SAMAdaptLib.service.server.audit import Audit, Strangers, Visit
from SAMAdaptLib.service.server.guest import Guest
from SAMAdaptLib.service.server.store import Store

WAIT_SECONDS = 0.25
# Where somebody has said more than may be heard at once.
PAUSE_SECONDS = 0.02


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
        audit: where those who came are noted.

    Raises:
        InputError: the address is taken or not this machine's; nobody could be noted down.
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
        folder = cache_folder()
        self.audit = Audit(folder / SESSIONS / "sessions.log", token)
        self._strangers = Strangers(Audit(folder / SESSIONS / "strangers.log", token))
        try:
            self._door = Door(token, host, port, MESSAGE_BYTES, self._strangers.add)
        except OSError as error:
            raise InputError(
                f"Cannot listen there ({os.strerror(error.errno) if error.errno else error})",
                f"{host}:{port}",
                "Choose another --port, or a --host of this computer",
            ) from error
        self.port = self._door.port
        self._device, self._clients, self._say = device, clients, say
        self._store = Store(folder / SERVED)
        self._guests: list[Guest] = []
        self._rejected: dict[Connection, float] = {}

    def run(self, stop: Callable[[], bool]) -> None:
        """Serve until ``stop()``, which is asked several times a second; then end all workers."""
        try:
            while not stop():
                self._wait()
                self._let_in()
                self._strangers.write()
                for guest in self._guests[:]:
                    if not self._turn(guest):
                        self._guests.remove(guest)
                        self._leave(guest)
                        self._say(f"{guest.visit.address} has gone; {counted(len(self._guests), 'client')} left")
        finally:
            self.close()

    def close(self) -> None:
        """End all workers, and forget the volumes."""
        self._door.close()
        for guest in self._guests:
            guest.visit.ended = "the server has ended"
            self._leave(guest)
        for rejected in self._rejected:
            rejected.close()
        self._guests.clear()
        self._strangers.write(over=True)
        self._store.close()

    def _turn(self, guest: Guest) -> bool:
        try:
            return guest.turn()
        except Exception:
            # Of one client; the others are served on.
            traceback.print_exc()
            guest.visit.ended = "an error of the server"
            return False

    def _leave(self, guest: Guest) -> None:
        guest.close()
        self.audit.add(guest.visit)

    def _let_in(self) -> None:
        for each in list(self._rejected):
            each.poll()
            if overdue(each, self._rejected):
                del self._rejected[each]
                each.close()
        while (connection := self._door.accept()) is not None:
            name = connection.name
            if len(self._guests) >= self._clients:
                # It hangs up when it has read this.
                told = f"The server has its {counted(self._clients, 'client')} already"
                connection.send(Died(0, None, "", told, "Try again later, or start it with more --clients"))
                self._rejected[connection] = time.monotonic()
                self.audit.add(Visit(name, ended="sent away"))
                self._say(f"{name} was sent away, as there are {counted(self._clients, 'client')} already")
                continue
            self._guests.append(Guest(connection, self._store, self._device))
            self._say(f"{name} has come; {counted(len(self._guests), 'client')}")

    def _wait(self) -> None:
        heard = [guest.connection for guest in self._guests if guest.hearing]
        if any(connection.more for connection in heard):
            return
        workers = [guest for guest in self._guests if guest.fileno() >= 0]
        readable = [*self._door.sockets, *heard, *self._rejected, *workers]
        owed: list[Connection | Guest] = [guest.connection for guest in self._guests if guest.connection.waiting]
        owed += [worker for worker in workers if worker.behind]
        seconds = WAIT_SECONDS if len(heard) == len(self._guests) else PAUSE_SECONDS
        select.select(readable, owed, [], seconds)
