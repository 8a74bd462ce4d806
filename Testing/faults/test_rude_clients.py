"""Clients of a server that keep no rules: another client is answered all the while, and nothing is left behind."""

from __future__ import annotations

import random
import socket
import zlib
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.contents import Offer, Piece, Ping
from SAMAdaptLib.service.link import connection, handshake
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.remote import Server
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Encode, Encoded, Load, Propagate, SetVolume, SlicePlane
from Testing.faults.peer import FRAME, GREETING, frame
from Testing.faults.record import noted
from Testing.faults.trials import ALL
from Testing.service.peers import SEGMENTS, children, segments
from Testing.service.served import SECONDS, Served, by_hand
from Testing.service.serving import TOKEN, scan, until, written

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")]

# 25 ways make more than 200.
ROUNDS = 10 if ALL else 1
NOISE = random.Random(2).randbytes(3000)
KEY = "0" * 64
EYE = np.eye(4)
OFFER = Offer(0, KEY, "volume", 48, (2, 3, 4), "<i2")
# Said to the door by who does not know the token.
STRANGERS = {
    "nothing": b"",
    "half a greeting": b"SAMADAPT" + bytes(20),
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "noise": NOISE,
    "another version": GREETING.pack(b"SAMADAPT", b"0ldone", b"0", bytes(32)) + bytes(32),
    "another token": GREETING.pack(b"SAMADAPT", handshake.PROTOCOL.encode(), b"0", bytes(32)) + NOISE,
}
# Said by who knows it; the server hangs up on the first seven.
KNOWN = {
    "noise": NOISE,
    "a frame without end": FRAME.pack(b"SAM1", 20, (1 << 32) - 1),
    "no message": FRAME.pack(b"SAM1", 2, 0) + b"[]",
    "an unknown message": frame("Order", id=1),
    "a message of wrong types": frame("Encode", id=[1], plane="axial"),
    "a kind that is no text": frame("Offer", id=0, key=KEY, kind=["volume"], size=8),
    "a deep text": FRAME.pack(b"SAM1", 200_000, 0) + b"[" * 200_000,
    "half a frame": pack(Encode(1, SlicePlane(0)))[:-9],
    "a request at once": pack(Encode(1, SlicePlane(0))),
    "many requests": b"".join(pack(Propagate(number, "axial", [])) for number in range(3000)),
    "many questions": pack(Ping(0)) * 3000,
    "what nobody may ask": frame("Train", id=1, library="/etc", output="/etc/run", config={}),
    "files": pack(Load(1, "x", checkpoint="/etc/passwd")) + pack(Load(2, "x", adapter="../../etc")),
    "others' memory": pack(SetVolume(1, "samadapt-1-00000000", (1, 1, 1), "<i2", EYE)),
    "an offer and no more": pack(OFFER),
    "another content": pack(OFFER) + pack(Piece(0, KEY, np.frombuffer(zlib.compress(bytes(48)), np.uint8))),
    "much of a few bytes": pack(OFFER) + pack(Piece(0, KEY, np.frombuffer(zlib.compress(bytes(10**7)), np.uint8))),
    "pieces of nothing": pack(Piece(0, KEY, np.zeros((3, 0)))) * 500,
    "the memory of a world": pack(Offer(0, KEY, "volume", 1 << 62, (1 << 20, 1 << 20, 1 << 21), "<i2")),
}  # fmt: skip
HUNG_UP_ON = [*KNOWN][:7]


def strange(served: Served, said: bytes) -> socket.socket:
    """One who does not know the token."""
    one = socket.create_connection(("127.0.0.1", served.server.port), SECONDS)
    one.sendall(said)
    return one


def known(served: Served, kind: str) -> Connection:
    """One who knows it, and then says something; it listens only where it is to be hung up on."""
    one = by_hand(served)
    one._out += KNOWN[kind]
    one._flush()
    if kind in HUNG_UP_ON:
        assert until(lambda: one.poll() is not None and one.hung_up, SECONDS), kind
    return one


def test_another_client_is_answered_all_the_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(connection, "STRANGER_SECONDS", 1.0)
    before = children()
    served = Served(None, monkeypatch, tmp_path / "cache")
    client = Client(Server(served.address, written(tmp_path / "token", TOKEN)))
    array, geometry = scan()
    client.set_volume(array, geometry, "a").result(SECONDS)
    ways = [(strange, said, name) for name, said in STRANGERS.items()] + [(known, kind, kind) for kind in KNOWN]
    wrong: list[str] = []
    for act, given, name in ways:
        kind = "server, flooded" if name.startswith("many") else "server, rude clients"
        for number in range(ROUNDS):
            with noted(kind, f"{act.__name__}, {name}, {number}", wrong):
                rude = act(served, given)
                assert isinstance(client.encode(SlicePlane(0)).result(SECONDS), Encoded)
                rude.close()
                assert until(lambda: len(served.server._guests) == 1, SECONDS)
    assert not wrong, "\n".join(wrong)
    client.close()
    assert until(lambda: not served.server._guests, SECONDS)
    served.end()
    assert not segments() and children() <= before
    lines = served.noted()
    assert len(lines) == ROUNDS * len(KNOWN) + 1
    assert {line["ended"] for line in lines} == {"gone", "The other side has sent what is no message"}
    assert "Traceback" not in capsys.readouterr().err
