"""A server in a thread of this process whose workers load nothing, so that it costs milliseconds."""

import json
import socket
import threading

from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.process import ChildProcess
from SAMAdaptLib.service.link.wire import PROTOCOL
from SAMAdaptLib.service.server import guest
from SAMAdaptLib.service.server.server import WorkerServer
from Testing.faults import peer
from Testing.service.serving import TOKEN, calling, result, scan, until

SECONDS = 20.0


class Served:
    """See the module; ``kind`` says what is wrong with the next worker, see :mod:`Testing.faults.peer`."""

    def __init__(self, token, monkeypatch, cache):
        self.kind, self.said = peer.SOUND, []
        monkeypatch.setenv("SAMADAPT_CACHE", str(cache))
        monkeypatch.setattr(guest, "ChildProcess", self._started)
        self.server = WorkerServer("127.0.0.1", 0, TOKEN.encode(), clients=3, say=self.said.append)
        self.address, self._ended = f"127.0.0.1:{self.server.port}", threading.Event()
        self._thread = threading.Thread(target=self.server.run, args=(self._ended.is_set,), daemon=True)
        self._thread.start()

    def _started(self, module, python):
        return ChildProcess(module, peer.command(self.kind, PROTOCOL))

    def end(self):
        self._ended.set()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    def noted(self):
        return [json.loads(line) for line in self.server.audit.path.read_text().splitlines()]


def by_hand(served, token=TOKEN, room=None):
    """A client that keeps no limits; the system keeps ``room`` bytes that it has not read."""
    called = socket.socket()
    if room is not None:
        called.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    called.connect(("127.0.0.1", served.server.port))
    connection = Connection(called, token.encode(), caller=True)
    assert until(connection.shake)
    return connection


def asks(served, token):
    """An honest client is answered."""
    array, geometry = scan()
    with calling(served, token) as client:
        assert result(client, client.set_volume(array, geometry, "a"), SECONDS).high == 1.0
