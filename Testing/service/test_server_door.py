"""Who a server lets in, and what it does for them: strangers, clients that keep no rules, and its own options."""

import socket
import struct
from contextlib import suppress

import numpy as np
import pytest

from SAMAdaptLib.defaults import SERVER_PORT
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.contents import Offer, Piece
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.remote import Server, parse_address
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Failed, Load, Predict, SetVolume, SlicePlane, Train
from Testing.service.peers import PATIENCE
from Testing.service.serving import PROMPT, TOKEN, calling, result, scan, until, written

pytestmark = pytest.mark.slow


def by_hand(server, limit=PATIENCE):
    """A client that knows the token and the protocol, but not the rules; gives what to ask with."""
    host, port = parse_address(server.address)
    connection = Connection(socket.create_connection((host, port)), TOKEN.encode(), caller=True)
    assert until(connection.shake)

    def ask(message, kind=Failed):
        connection.send(message)
        found = []
        assert until(lambda: found.extend(m for m in connection.poll() if isinstance(m, kind)) or found), message
        return found[0]

    return connection, ask


def test_no_path_of_a_client_is_opened(server, tmp_path):
    connection, ask = by_hand(server)
    secret = tmp_path / "secret"
    secret.mkdir()
    for load in (
        Load(1, "lite_medsam", adapter=str(secret)),
        Load(1, "lite_medsam", adapter="../../secret"),
        Load(1, "lite_medsam", adapter="f" * 64),
    ):
        assert ask(load).what == "The server does not have the adapter"
    for load in (Load(2, "lite_medsam", checkpoint=str(secret)), Load(2, "x", entry={"name": "x", "url": "file:///"})):
        assert "by name only" in ask(load).what
    volume = SetVolume(3, "samadapt-1-00000000", (1, 1, 1), "<i2", np.eye(4))
    assert ask(volume).what == "The server does not have the volume"
    assert "does not do this (Train)" in ask(Train(4, str(secret), str(tmp_path / "run"), {})).what
    assert not (tmp_path / "run").exists() and not list(secret.iterdir())
    # What makes no sense to the worker ends in an answer as well.
    assert ask(Predict(5, SlicePlane(-7, "here"), PROMPT)).id == 5
    connection.close()


def test_who_does_not_know_the_token_is_told_so(server, tmp_path):
    wrong = written(tmp_path / "wrong", "f" * 32)
    with calling(server, wrong) as client, pytest.raises(SAMAdaptError, match="does not take the token: 127.0.0.1"):
        result(client, client.load("lite_medsam"), 10)


def test_another_protocol_is_told_with_both_versions(server, token, monkeypatch):
    from SAMAdaptLib.service.link import handshake

    words = rf"speaks protocol {handshake.PROTOCOL} \(SAMAdapt .*this side protocol 0ldone.*Install the same version"
    monkeypatch.setattr(handshake, "PROTOCOL", "0ldone")
    with calling(server, token) as client, pytest.raises(SAMAdaptError, match=words):
        result(client, client.load("lite_medsam"), 10)


def test_the_server_survives_everything_that_it_is_sent(server, token):
    host, port = parse_address(server.address)
    head = struct.Struct("<4sII")
    rng = np.random.default_rng(0)
    for data in (b"GET / HTTP/1.1\r\n\r\n", rng.bytes(100000), b"SAMADAPT" + rng.bytes(200)):
        with socket.create_connection((host, port)) as stranger, suppress(ConnectionError):
            stranger.settimeout(10)
            stranger.sendall(data)
            while stranger.recv(1 << 16):
                pass
    odd = pack(Load(1, "lite_medsam", adapter=["a"]))
    for data in (head.pack(b"SAM1", 8, (64 << 20) + 1), rng.bytes(5000), head.pack(b"SAM1", 2, 0) + b"{}", odd):
        connection, _ = by_hand(server)
        connection._socket.setblocking(True)
        connection._socket.sendall(data)
        connection._socket.setblocking(False)
        assert until(lambda connection=connection: connection.poll() is not None and connection.hung_up)
        connection.close()
    connection, _ = by_hand(server)
    connection.send(Offer(0, "0" * 64, "volume", 8, (1, 1, 4), "<i2"))
    for _ in range(50):
        connection.send(Piece(0, "0" * 64, np.frombuffer(rng.bytes(1000), np.uint8)))
        connection.send(Piece(0, "1" * 64, np.zeros((3, 0))))
    connection.drain()
    connection.close()
    with calling(server, token) as client:
        array, geometry = scan()
        assert result(client, client.set_volume(array, geometry, "a", intensity="minmax")).high == array.max()


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("short", 0o600, "5 bytes instead of 16"),
        (" \n" * 20, 0o600, "0 bytes instead of 16"),
        (TOKEN, 0o644, "Other users of this computer may read the token.*chmod 600"),
        (None, 0, "Cannot read the token"),
    ],
)
def test_no_server_without_a_proper_token(tmp_path, text, mode, words, capsys):
    from SAMAdaptLib.cli.main import main

    path = tmp_path / "token"
    if text is not None:
        written(path, text, mode)
    assert main(["serve", "--port", "0", "--token-file", str(path)]) == 2
    import re

    error = capsys.readouterr().err
    assert re.search(words, error) and "openssl rand -hex 32" in error or "chmod 600" in error, error


def test_options_that_make_no_sense(token, server, capsys):
    from SAMAdaptLib.cli.main import main

    port = server.address.rpartition(":")[2]
    for options, words in (
        (["--port", port], f"Cannot listen there (Address already in use): 127.0.0.1:{port}"),
        (["--host", "203.0.113.7"], "Cannot listen there"),
        (["--port", "70000"], "--port has to lie in 0 to 65535"),
        (["--clients", "0"], "--clients has to be 1 at least"),
        (["--device", "abacus"], "no such device: abacus"),
    ):
        assert main(["serve", "--token-file", str(token), *options]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        (" gpu.example.org:5800 ", ("gpu.example.org", 5800)),
        ("gpu", ("gpu", SERVER_PORT)),
        ("[::1]:90", ("::1", 90)),
        ("[::1]", ("::1", SERVER_PORT)),
    ],
)
def test_addresses(address, found):
    assert parse_address(address) == found


@pytest.mark.parametrize("address", ["", ":80", "::1", "host:", "host:0", "host:65536", "host:eighty", "http://host:80"])
def test_what_is_no_address(address, token):
    with pytest.raises(InputError, match="no address of a server"):
        Server(address, token)
