"""Two ends of a socket in this process: who is let in, and what comes through."""

import hashlib
import hmac
import socket
import struct
import time

import numpy as np
import pytest

from SAMAdaptLib import __version__
from SAMAdaptLib.service.link.connection import MOST_STRANGERS, Connection, Door
from SAMAdaptLib.service.link.wire import PROTOCOL, pack
from SAMAdaptLib.service.protocol import Cancel, Encode, Log, Picture

TOKEN = b"a token of 24 characters"
SECONDS = 10


@pytest.fixture
def door():
    door = Door(TOKEN, limit=1 << 16)
    yield door
    door.close()


def called(door):
    return socket.create_connection(("127.0.0.1", door.port), SECONDS)


def until(true, *turns):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for turn in turns:
            turn()
        if found := true():
            return found
        time.sleep(0.005)
    return true()


def pair(door):
    caller = Connection(called(door), TOKEN, caller=True)
    return caller, until(door.accept, caller.shake)


def everything(stranger, door):
    """What a socket is told until it is hung up on."""
    stranger.settimeout(0.02)
    told = b""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert door.accept() is None
        try:
            data = stranger.recv(1 << 16)
        except TimeoutError:
            continue
        except ConnectionResetError:
            return told
        if not data:
            return told
        told += data
    raise AssertionError("not hung up on")


def greeting(protocol=PROTOCOL, nonce=b"n" * 32):
    return struct.pack("<8s16s24s32s", b"SAMADAPT", protocol.encode(), __version__.encode(), nonce)


def test_what_was_said_before_the_proof_comes_after_it_and_in_order(door):
    caller = Connection(called(door), TOKEN, caller=True)
    values = np.arange(3000, dtype=np.int16).reshape(50, 60)
    for number in range(3):
        caller.send(Encode(number, Picture(values + number)))
    other = until(door.accept, caller.shake)
    caller.send(Cancel(3))
    heard = []
    until(lambda: len(heard) == 4, lambda: heard.extend(other.poll()), caller.poll)
    assert [message.id for message in heard] == [0, 1, 2, 3]
    np.testing.assert_array_equal(heard[2].plane.values, values + 2)
    other.send(Log(0, "info", "Größe"))
    assert until(caller.poll) == [Log(0, "info", "Größe")]
    other.close()
    assert until(lambda: caller.hung_up, caller.poll) and caller.fault is None


def test_the_proof_is_the_hmac_of_both_numbers_and_each_side_has_its_own(door):
    """Computed here from RFC 2104's definition, not by the code under test."""

    def digest(message):
        key = TOKEN.ljust(64, b"\0")
        inner = hashlib.sha256(bytes(b ^ 0x36 for b in key) + message).digest()
        return hashlib.sha256(bytes(b ^ 0x5C for b in key) + inner).digest()

    by_hand = called(door)
    by_hand.sendall(greeting())
    assert door.accept() is None
    theirs = by_hand.recv(88, socket.MSG_WAITALL)
    assert theirs[:8] == b"SAMADAPT" and theirs[8:24].rstrip(b"\0").decode() == PROTOCOL
    nonce = theirs[-32:]
    by_hand.sendall(digest(b"calls" + b"n" * 32 + nonce) + pack(Cancel(7)))
    other = until(door.accept)
    assert other.proven and until(other.poll) == [Cancel(7)]
    assert by_hand.recv(32) == digest(b"called" + nonce + b"n" * 32)
    by_hand.close()


def test_who_does_not_know_the_token_is_sent_away_before_a_message_is_read(door, monkeypatch):
    read = []
    monkeypatch.setattr("SAMAdaptLib.service.link.wire.Unpacker.feed", lambda *given: read.append(given))
    wrong = hmac.digest(b"another token of 24 char", b"calls", "sha256")
    for said in (greeting() + wrong, greeting() + wrong + pack(Cancel(1)), greeting() + b"\0" * 4096):
        stranger = called(door)
        stranger.sendall(said)
        assert len(everything(stranger, door)) <= 88  # a greeting, never a proof
    assert read == []
    caller = Connection(called(door), b"another token of 24 char", caller=True)
    assert until(lambda: caller.hung_up, caller.shake, door.accept) and not caller.proven
    # A mirror of what is said knows nothing either.
    mirror = called(door)
    assert door.accept() is None
    mirror.sendall(mirror.recv(88, socket.MSG_WAITALL))
    mirror.sendall(b"\0" * 32)
    assert everything(mirror, door) == b""
    assert pair(door)[1].proven


def test_another_protocol_is_named_with_this_one(door):
    old = called(door)
    old.sendall(greeting("0ldone"))
    assert everything(old, door).startswith(b"SAMADAPT" + PROTOCOL.encode())
    listener = socket.create_server(("127.0.0.1", 0))
    caller = Connection(socket.create_connection(listener.getsockname()), TOKEN, caller=True)
    server, _ = listener.accept()
    server.sendall(greeting("0ldone"))
    assert until(lambda: caller.hung_up, caller.shake)
    assert f"protocol 0ldone (SAMAdapt {__version__})" in caller.fault.what
    assert f"protocol {PROTOCOL} (SAMAdapt {__version__})" in caller.fault.what
    assert "Install the same version" in caller.fault.remedy
    server.close(), listener.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 500, b"SAMADAPS", b"S\n"])
def test_something_else_is_sent_away_at_its_first_bytes(door, said):
    stranger = called(door)
    stranger.sendall(said)
    everything(stranger, door)
    assert pair(door)[1].proven


def test_strangers_that_say_nothing_are_few_and_do_not_stay(door, monkeypatch):
    silent = [called(door) for _ in range(MOST_STRANGERS + 3)]
    for _ in silent:
        assert door.accept() is None
    # Those who came first make room, also for who has something to say.
    for early in silent[:3]:
        everything(early, door)
    caller, other = pair(door)
    assert other.proven
    everything(silent[3], door)
    monkeypatch.setattr("SAMAdaptLib.service.link.connection.STRANGER_SECONDS", 0.0)
    for each in silent[4:]:
        everything(each, door)
    assert not caller.hung_up


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("<4sII", b"SAM1", 10, 1 << 16),
        b"\0" * 12,
        struct.pack("<4sII", b"SAM1", 2, 0) + b"[]",
        struct.pack("<4sII", b"SAM1", 4, 0) + b"nope",
        *(
            struct.pack("<4sII", b"SAM1", len(text), 0) + text
            for text in (
                b'{"$k":"Unknown","$v":{}}',
                b'{"$k":"Cancel","$v":{"id":1,"more":2}}',
                b'{"$k":"Cancel","$v":7}',
                b'{"$a":[0,"O",[1]]}',
                b'{"$a":[0,"<f8",[1000000000000000000000]]}',
                b'{"$k":"Encode","$v":{"id":1,"plane":{"$a":[5,"<f8",[3]]}}}',
                b"[" * 60000,
            )
        ),
    ],
)
def test_what_is_no_message_ends_the_connection_and_nothing_else(door, frame):
    caller, other = pair(door)
    until(lambda: caller.proven, caller.shake)
    caller._socket.sendall(pack(Cancel(1)) + frame)
    heard = []
    assert until(lambda: other.hung_up, lambda: heard.extend(other.poll()))
    assert heard == [Cancel(1)] and "no message" in other.fault.what
    assert pair(door)[1].proven
