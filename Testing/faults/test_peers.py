"""Workers and servers that die, hang, are slow, or answer rubbish: an error within its time, the next request is
answered, and nothing is left behind."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, SAMAdaptError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link import process, remote
from SAMAdaptLib.service.link.place import Local, Place, Worker
from SAMAdaptLib.service.link.process import ChildProcess
from SAMAdaptLib.service.link.remote import Server
from SAMAdaptLib.service.link.wire import PROTOCOL
from SAMAdaptLib.service.protocol import Encoded, SlicePlane, VolumeReady
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.volume.geometry import Geometry
from Testing.faults import peer
from Testing.faults.peer import HANGS, KINDS, SOUND, SURVIVE, Gone, Peer
from Testing.faults.record import noted
from Testing.faults.trials import ALL
from Testing.service.peers import SEGMENTS, children, poll_until, segments
from Testing.service.serving import TOKEN, written

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")]

# Of each kind; 18 kinds make more than 200 of each of both.
ROUNDS = 12 if ALL else 1
SECONDS = 20.0
ARRAY = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
GEOMETRY = Geometry((4, 3, 2), np.eye(4))


class Faulty(Local):
    """Of this machine: the first worker has a fault, and those after it have none."""

    def __init__(self, kind: str) -> None:
        super().__init__(sys.executable)
        self.kinds = [kind]

    def start(self, module: str, background: bool = False) -> Worker:
        kind = self.kinds.pop() if self.kinds else SOUND
        return ChildProcess(module, peer.command(kind, PROTOCOL))


@contextlib.contextmanager
def worker(kind: str, token: Path) -> Iterator[Place]:
    """Where workers are processes."""
    yield Faulty(kind)


@contextlib.contextmanager
def server(kind: str, token: Path) -> Iterator[Place]:
    """Where they are behind a server, which has no fault for the second who calls."""
    listener, threads = socket.create_server(("127.0.0.1", 0)), []

    def live(connected: socket.socket, kind: str) -> None:
        with connected, contextlib.suppress(Gone, OSError):
            Peer(connected, kind, TOKEN.encode(), PROTOCOL, caller=False).live()

    def listen() -> None:
        kinds = [kind]
        with contextlib.suppress(OSError):
            while True:
                connected, _ = listener.accept()
                each = threading.Thread(target=live, args=(connected, kinds.pop() if kinds else SOUND), daemon=True)
                threads.append(each)
                each.start()

    threads.append(threading.Thread(target=listen, daemon=True))
    threads[0].start()
    yield Server(f"127.0.0.1:{listener.getsockname()[1]}", token)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for each in threads:
        each.join(SECONDS)
        assert not each.is_alive()


def refused(client: Client, request: Reply[VolumeReady], place: Place, kind: str) -> None:
    """The request ends with an error, in its time, which says what to do."""
    if kind in HANGS and isinstance(place, Faulty):
        # Nothing tells a worker that hangs from one that has much to do, but its user; a server is asked.
        poll_until(client, lambda: client.pid, SECONDS)
        client.cancel(request, 0.05)
        with pytest.raises(Cancelled):
            request.result(SECONDS)
        return
    with pytest.raises(SAMAdaptError) as raised:
        request.result(SECONDS)
    error = raised.value
    assert error.remedy and error.remedy.rstrip(".") in str(error) and not isinstance(error, Cancelled)


def one_round(place: Place, kind: str) -> None:
    """A request to a peer with a fault, and another one."""
    client = Client(place)
    try:
        request = client.set_volume(ARRAY, GEOMETRY, "a")
        if kind in SURVIVE or kind == SOUND:
            assert request.result(SECONDS).high == 1.0
        else:
            refused(client, request, place, kind)
        assert isinstance(client.encode(SlicePlane(0)).result(SECONDS), Encoded)
        assert not client.pending
    finally:
        client.close()


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("token") / "token", TOKEN)


@pytest.mark.parametrize("where", [worker, server])
def test_the_next_request_is_answered_and_nothing_is_left_behind(
    where: Callable[[str, Path], contextlib.AbstractContextManager[Place]], token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "START_SECONDS", 1.0)
    for name, value in {"CALL_SECONDS": 1.0, "QUIET_SECONDS": 0.2, "PATIENCE_SECONDS": 0.4}.items():
        monkeypatch.setattr(remote, name, value)
    before, wrong = children(), list[str]()
    for kind, counted in KINDS.items():
        for number in range(ROUNDS):
            with noted(f"{where.__name__} {counted}", f"{kind}, {number}", wrong):
                with where(kind, token) as place:
                    one_round(place, kind)
                assert not segments() and children() <= before
    assert not wrong, "\n".join(wrong)
    assert not segments() and children() <= before
