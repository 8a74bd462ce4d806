"""The other end of a client, faulty in one of several ways, as a worker's process or as a server's thread.

``python peer.py KIND PROTOCOL ... PORT`` is what a worker is started with. It takes the standard library only, and so
starts in milliseconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any

GREETING, FRAME = struct.Struct("<8s16s24s32s"), struct.Struct("<4sII")
TOKEN = "SAMADAPT_WORKER_TOKEN"
SOUND = "sound"
# What is wrong, and under what it is counted; those that SURVIVE answer all the same.
KINDS = {
    "dies at once": "dead",
    "dies when it is let in": "dead",
    "dies when it is asked": "dead",
    "dies within an answer": "dead",
    "never calls": "hung",
    "never answers": "hung",
    "stops within an answer": "hung",
    "a byte at a time": "slow",
    "rubbish at the door": "answers rubbish",
    "rubbish bytes": "answers rubbish",
    "a frame without end": "answers rubbish",
    "no message": "answers rubbish",
    "an unknown message": "answers rubbish",
    "a message of wrong types": "answers rubbish",
    "answers nobody has asked for": "answers rubbish",
    "another version": "speaks another version",
    "another token": "knows another token",
    "talks without end": "talks without end",
}
SURVIVE = ("a byte at a time", "answers nobody has asked for", "talks without end")
HANGS = ("never answers", "stops within an answer")
TALK = 3000


class Gone(Exception):
    """It is dead, or whom it talks to is."""


def command(kind: str, protocol: str) -> list[str]:
    """What a worker with a fault is started with."""
    return [sys.executable, "-S", "-E", __file__, kind, protocol]


def frame(kind: str, /, **values: Any) -> bytes:
    """A message without arrays."""
    text = json.dumps({"$k": kind, "$v": values}).encode()
    return FRAME.pack(b"SAM1", len(text), 0) + text


class Peer:
    """See the module.

    Args:
        connected: to the client.
        kind: what is wrong with it.
        token: that both know.
        protocol: that the client speaks.
        caller: whether it has called the client, as workers do.
    """

    def __init__(self, connected: socket.socket, kind: str, token: bytes, protocol: str, caller: bool) -> None:
        self._socket, self._kind, self._caller = connected, kind, caller
        self._token = b"f" * 32 if kind == "another token" else token
        self._protocol = b"0ldone" if kind == "another version" else protocol.encode()

    def live(self) -> None:
        """Do what is wrong, or else answer, until the other end hangs up; raises Gone then."""
        if self._kind == "dies at once":
            raise Gone
        if self._kind == "rubbish at the door":
            self._socket.sendall(random.Random(0).randbytes(500))
        if self._kind in ("never calls", "rubbish at the door"):
            self._wait_for_end()
        self._shake_hands()
        if self._kind == "dies when it is let in":
            raise Gone
        self._socket.sendall(frame("Hello", id=0, pid=os.getpid()))
        for name, values in self._heard():
            if name == "Offer":
                self._socket.sendall(frame("Held", id=0, key=values["key"], size=values["size"]))
            elif name == "Ping":
                if self._kind not in HANGS:
                    self._socket.sendall(frame("Pong", id=0))
            elif name == "SetVolume":
                self._answer(frame("VolumeReady", id=values["id"], low=0.0, high=1.0), values["id"])
            elif name == "Encode":
                self._answer(frame("Encoded", id=values["id"], ms={}), values["id"])

    def _answer(self, right: bytes, request: int) -> None:
        kind, text = self._kind, b'{"$k":"Encoded"}'
        wrong = {
            "rubbish bytes": random.Random(1).randbytes(500),
            "a frame without end": FRAME.pack(b"SAM1", 20, (1 << 32) - 1),
            "no message": FRAME.pack(b"SAM1", len(text), 0) + text,
            "an unknown message": frame("Order", id=request),
            "a message of wrong types": frame("Encoded", id=request, ms=7),
        }
        if kind == "never answers":
            return
        if kind == "dies when it is asked":
            raise Gone
        if kind in ("dies within an answer", "stops within an answer"):
            self._socket.sendall(right[:-5])
            if kind == "dies within an answer":
                raise Gone
            self._wait_for_end()
        if kind == "a byte at a time":
            for place in range(len(right)):
                self._socket.sendall(right[place : place + 1])
                time.sleep(0.0002)
            return
        if kind == "answers nobody has asked for":
            self._socket.sendall(b"".join(frame("Encoded", id=request + other, ms={}) for other in (1000, -1000)))
        if kind == "talks without end":
            self._socket.sendall(frame("Log", id=0, level="info", text="on and on") * TALK)
        self._socket.sendall(wrong.get(kind, right))

    def _shake_hands(self) -> None:
        own = os.urandom(32)
        self._socket.sendall(GREETING.pack(b"SAMADAPT", self._protocol, b"0", own))
        theirs = self._read(GREETING.size)[-32:]
        if self._kind == "another version":
            # Which it says, as a worker's last words.
            print("The other side speaks another protocol", file=sys.stderr)
            raise Gone
        for calls in (True, False):
            # Who has called proves itself first.
            if calls == self._caller:
                self._socket.sendall(self._proof(calls, own, theirs))
            elif self._read(32) != self._proof(calls, theirs, own):
                raise Gone

    def _proof(self, calls: bool, first: bytes, second: bytes) -> bytes:
        return hmac.digest(self._token, (b"calls" if calls else b"called") + first + second, hashlib.sha256().name)

    def _heard(self) -> Iterator[tuple[str, dict[str, Any]]]:
        while True:
            _, text, body = FRAME.unpack(self._read(FRAME.size))
            told = json.loads(self._read(text + body)[:text])
            yield told["$k"], told["$v"]

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise Gone
            data += more
        return data

    def _wait_for_end(self) -> None:
        with contextlib.suppress(OSError):
            while self._socket.recv(1 << 16):
                pass
        raise Gone


def main() -> None:
    """A worker's process."""
    kind, protocol, port = sys.argv[1], sys.argv[2], int(sys.argv[-1])
    if kind == "never calls":
        # Until it is killed.
        signal.pause()
    with contextlib.suppress(Gone, OSError):
        connected = socket.create_connection(("127.0.0.1", port))
        Peer(connected, kind, os.environ[TOKEN].encode(), protocol, caller=True).live()
    if kind.startswith("dies"):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
