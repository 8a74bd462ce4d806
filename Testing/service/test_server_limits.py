"""How much one client of a server may ask for, and what is noted of it."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from datetime import datetime

import numpy as np
import pytest

from SAMAdaptLib.cli import serve
from SAMAdaptLib.errors import Note, SAMAdaptError
from SAMAdaptLib.locks import changing
from SAMAdaptLib.service.contents import MESSAGE_BYTES, Ping, Pong
from SAMAdaptLib.service.link import handshake
from SAMAdaptLib.service.link.connection import MOST_STRANGERS, Connection
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Encode, Encoded, Failed, Picture, SetVolume, SlicePlane, Train
from SAMAdaptLib.service.server import audit as audits
from SAMAdaptLib.service.server import guest, limits, server
from SAMAdaptLib.service.server.audit import MOST_BYTES, OTHERS, Audit, Strangers, Visit, token_mark
from SAMAdaptLib.service.server.limits import Pace, Pending
from SAMAdaptLib.service.server.server import WorkerServer
from Testing.faults import peer
from Testing.service.served import SECONDS, Served, asks, by_hand
from Testing.service.serving import TOKEN, calling, result, scan, until, written


@pytest.fixture
def served(token, monkeypatch, tmp_path):
    one = Served(token, monkeypatch, tmp_path / "cache")
    yield one
    one.end()


def answers(connection, kind, count):
    found = []
    assert until(lambda: found.extend(m for m in connection.poll() if isinstance(m, kind)) or len(found) >= count)
    return found


def test_a_pace_is_so_many_at_once_and_so_many_a_second(monkeypatch):
    now = 100.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    pace, heard = Pace(a_second=4.0, at_once=10.0), []
    for tick in range(101):
        now = 100.0 + tick / 10
        while pace.ready:
            pace.take()
            heard.append(now)
    assert sum(at == 100.0 for at in heard) == 10
    # 10 at first, and 4 in each of the 10 seconds.
    assert len(heard) == 50 and sum(at <= 105.01 for at in heard) == 30
    now = 1e6
    assert pace.ready
    for _ in range(14):
        pace.take()
    # Overdrawn by 4 of one piece, which take a second to come back, and the next a quarter.
    now += 1.2
    assert not pace.ready
    now += 0.1
    assert pace.ready


def test_requests_that_wait_are_counted_with_their_bytes():
    pending = Pending(most=2, most_bytes=100)
    for request in (1, 2):
        pending.check()
        pending.add(request, 10)
    with pytest.raises(SAMAdaptError, match=r"2 requests of this client wait.*Wait for some of them"):
        pending.check()
    pending.answered(1)
    pending.check()
    pending.add(3, 100)
    pending.answered(2)
    with pytest.raises(SAMAdaptError, match="1 request"):
        pending.check()
    pending.answered(3)
    pending.answered(3)
    pending.check()


def test_a_client_that_asks_too_much_is_told_and_others_are_served(served, token, monkeypatch):
    monkeypatch.setattr(limits.Pending.__init__, "__defaults__", (20, 1 << 20))
    served.kind = "never answers"
    flooder = by_hand(served)
    served.kind = peer.SOUND
    for number in range(60):
        flooder.send(Encode(number, SlicePlane(0)))
    told = answers(flooder, Failed, 40)
    assert [one.id for one in told] == list(range(20, 60))
    assert "20 requests of this client wait" in told[0].what and told[0].remedy == "Wait for some of them"
    asks(served, token)
    flooder.close()


def test_a_client_that_talks_too_fast_is_heard_later_and_loses_nothing(served, token, monkeypatch):
    not_heard = []

    class Watched(Pace):
        @property
        def ready(self):
            found = Pace.ready.fget(self)
            not_heard.extend([self] * (not found))
            return found

    monkeypatch.setattr(guest, "Pace", Watched)
    monkeypatch.setattr(limits.Pace.__init__, "__defaults__", (400.0, 50.0))
    flooder = by_hand(served)
    for _ in range(450):
        flooder.send(Ping(0))
    asks(served, token)
    assert len(answers(flooder, Pong, 450)) == 450
    # Who has asked less than 50 times has not waited.
    assert len({*map(id, not_heard)}) == 1
    flooder.close()


def test_a_client_that_does_not_read_fills_no_memory(served, token, monkeypatch):
    monkeypatch.setattr(guest, "MOST_WAITING", 1 << 16)
    monkeypatch.setattr(limits.Pace.__init__, "__defaults__", (1e9, 1e9))
    deaf = by_hand(served, room=4096)
    # What it is told of these is as long as they are.
    long = pack(Train(10**4000, "library", "run", {})) * 500

    def stuck():
        if deaf.waiting < 1 << 20:
            deaf._out += long
        deaf._flush()
        return [one for one in served.server._guests if not one.hearing]

    # Until what the system holds on the way is full, too.
    assert until(lambda: stuck() and deaf.waiting > 1 << 20, SECONDS)
    asks(served, token)
    (one,) = [one for one in served.server._guests if not one.hearing]
    # What a turn takes in before it looks again comes on top.
    assert (1 << 16) <= one.connection.waiting < 1 << 22
    deaf.close()
    asks(served, token)


def test_a_message_larger_than_a_server_takes_is_refused_here_and_the_next_one_goes(served, token):
    array, geometry = scan()
    with calling(served, token) as client:
        result(client, client.set_volume(array, geometry, "a"), SECONDS)
        large = Picture(np.zeros((MESSAGE_BYTES // 4096 + 1, 4096), np.uint8))
        words = "has 64.0 MB, and the other side takes 64 MB. Choose a smaller"
        with pytest.raises(SAMAdaptError, match=words):
            result(client, client.encode(large), SECONDS)
        assert isinstance(result(client, client.encode(SlicePlane(0)), SECONDS), Encoded)
    # Who sends it all the same is hung up on.
    rude = by_hand(served)
    rude.send(Encode(1, large))
    assert until(lambda: rude.poll() is not None and rude.hung_up, SECONDS)
    rude.close()
    asks(served, token)


def test_strangers_and_those_sent_away_keep_nobody_out(served, token):
    silent = [socket.create_connection(("127.0.0.1", served.server.port)) for _ in range(3 * MOST_STRANGERS)]
    asks(served, token)
    inside = [by_hand(served) for _ in range(3)]
    away = [by_hand(served) for _ in range(MOST_STRANGERS + 4)]
    # They do not hang up, and are hung up on.
    assert until(lambda: len(served.server._rejected) <= MOST_STRANGERS, SECONDS)
    assert until(lambda: sum(one.poll() is not None and one.hung_up for one in away) >= 4, SECONDS)
    for one in (*inside, *away, *silent):
        one.close()
    assert until(lambda: not served.server._guests, SECONDS)
    asks(served, token)


def test_an_error_of_the_server_ends_one_client_only(served, token, monkeypatch, capsys):
    first = by_hand(served)
    answers(first, object, 1)
    monkeypatch.setattr(guest.Guest, "_receive", lambda self, offer: 1 / 0)
    array, geometry = scan()
    with calling(served, token) as client, pytest.raises(SAMAdaptError, match="connection to the server was lost"):
        result(client, client.set_volume(array, geometry, "a"), SECONDS)
    first.send(Ping(0))
    assert answers(first, Pong, 1)
    first.close()
    assert until(lambda: len(served.noted()) == 2, SECONDS)
    assert served.noted()[0]["ended"] == "an error of the server"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_each_client_leaves_a_line_of_who_when_and_how_much_and_nothing_else(served, token):
    array, geometry = scan()
    with calling(served, token) as client:
        named = {"name": "Muster^Max", "modality": "CT"}
        result(client, client.set_volume(array, geometry, "a", **named), SECONDS)
        for index in range(3):
            result(client, client.encode(SlicePlane(index)), SECONDS)
    stranger = socket.create_connection(("127.0.0.1", served.server.port))
    stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
    stranger.close()
    bad = by_hand(served)
    bad.send(SetVolume(1, "/etc/passwd", (1, 1, 1), "<i2", np.eye(4)))
    answers(bad, Failed, 1)
    bad._socket.setblocking(True)
    bad._socket.sendall(b"\0" * 100)
    assert until(lambda: len(served.noted()) == 2, SECONDS)
    bad.close()
    first, second = served.noted()
    assert first["requests"] == {"Encode": 3, "SetVolume": 1} and second["requests"] == {"SetVolume": 1}
    assert first["ended"] == "gone" and second["ended"] == "The other side has sent what is no message"
    for line in (first, second):
        assert set(line) == {"came", "seconds", "address", "token", "requests", "ended"}
        assert line["address"].startswith("127.0.0.1:") and 0 <= line["seconds"] < 60
        assert line["token"] == token_mark(TOKEN.encode()) and len(line["token"]) == 8
        assert abs(datetime.fromisoformat(line["came"]).timestamp() - time.time()) < 120
    text = served.server.audit.path.read_text()
    assert not [word for word in ("Muster", "passwd", "CT", TOKEN) if word in text]
    if os.name == "posix":
        assert stat.S_IMODE(served.server.audit.path.stat().st_mode) == 0o600


def test_the_file_of_those_who_came_stays_small_and_its_rights_narrow(tmp_path, monkeypatch):
    path = tmp_path / "log" / "sessions.log"
    path.parent.mkdir()
    written(path, "of others\n", 0o644)
    audit = Audit(path, b"t" * 16, most_bytes=1000)
    for number in range(40):
        audit.add(Visit(f"127.0.0.1:{number}", ended="gone"))
    older = path.with_name(path.name + ".1")
    assert sorted(path.parent.iterdir()) == [path, older]
    assert max(path.stat().st_size, older.stat().st_size) <= 1000 and MOST_BYTES == 1 << 20
    lines = [json.loads(line)["address"] for file in (older, path) for line in file.read_text().splitlines()]
    assert lines == [f"127.0.0.1:{number}" for number in range(40 - len(lines), 40)] and len(lines) > 10
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in (path, older)} == {0o600}
    monkeypatch.setattr(os, "open", lambda *given: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.warns(Note, match=r"could not be noted down \(No space left on device\)"):
        audit.add(Visit("127.0.0.1:1"))
    with pytest.raises(SAMAdaptError, match="Cannot note down who uses the server"):
        Audit(path, b"t" * 16)


def test_two_servers_that_begin_the_file_anew_at_once_lose_none_of_it(tmp_path, monkeypatch):
    path = tmp_path / "sessions.log"
    first, second = (Audit(path, b"t" * 16, most_bytes=1000) for _ in range(2))
    while path.stat().st_size < 600:
        first.add(Visit("127.0.0.1:1"))
    full = path.read_text()
    for audit in (first, second):
        audit._most_bytes = len(full) + 10

    def late(*given):
        # The first is a moment faster.
        monkeypatch.setattr(audits, "changing", changing)
        first.add(Visit("127.0.0.1:2"))
        return changing(*given)

    monkeypatch.setattr(audits, "changing", late)
    second.add(Visit("127.0.0.1:3"))
    assert path.with_name("sessions.log.1").read_text() == full
    assert [json.loads(line)["address"] for line in path.read_text().splitlines()] == ["127.0.0.1:2", "127.0.0.1:3"]


def test_who_does_not_know_the_token_is_noted(served):
    file = served.server.audit.path.with_name("strangers.log")
    assert file.read_text() == ""
    wrong = Connection(socket.create_connection(("127.0.0.1", served.server.port)), b"f" * 32, caller=True)
    assert until(lambda: wrong.shake() or wrong.hung_up) and not wrong.proven
    assert until(lambda: file.read_text())
    # Another one within the minute is told together with what follows, in the end.
    with socket.create_connection(("127.0.0.1", served.server.port)) as second:
        second.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert until(lambda: second.recv(100) == b"" or None)
    served.end()
    first, last = map(json.loads, file.read_text().splitlines())
    assert first["addresses"] == last["addresses"] == {"127.0.0.1": 1} and not served.noted()
    ends = [line["ended"] for line in (first, last)]
    assert ends == ["The other side does not know the token", "What answers there is not SAMAdapt"]
    for line in (first, last):
        assert set(line) == {"came", "addresses", "ended", "token"} and line["token"] == token_mark(TOKEN.encode())
        assert abs(datetime.fromisoformat(line["came"]).timestamp() - time.time()) < 120
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_flood_of_strangers_fills_no_disk(tmp_path, monkeypatch):
    """100 a second for an hour, from as many addresses as there are."""
    now = 5.0
    monkeypatch.setattr(audits.time, "monotonic", lambda: now)
    audit = Audit(tmp_path / "strangers.log", b"t" * 16)
    strangers, came = Strangers(audit), 0
    for second in range(3600):
        now = 5.0 + second
        for _ in range(100):
            strangers.add(f"[2001:db8::{came:x}]:{came % 65536}", "The other side does not know the token")
            came += 1
        strangers.write()
    strangers.write(over=True)
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    # One at once, one at the end of each further minute, and one at the end.
    assert len(lines) == 61 and audit.path.stat().st_size < 61 * 700
    assert sum(sum(line["addresses"].values()) for line in lines) == came == 360_000
    assert lines[0]["addresses"]["[2001:db8::0]"] == 1 and lines[1]["addresses"][OTHERS] == 6000 - 16
    strangers.write(over=True)
    assert len(audit.path.read_text().splitlines()) == 61


def test_the_clock_may_be_set_while_somebody_is_there(monkeypatch):
    visit, before = Visit("127.0.0.1:1"), time.time()
    monkeypatch.setattr(time, "time", lambda: before - 3600)
    assert 0 <= visit.seconds < 60


def test_tokens_are_compared_in_constant_time(monkeypatch):
    """It is hmac.compare_digest alone that decides."""
    here, there = handshake.Handshake(b"a" * 16, True), handshake.Handshake(b"b" * 16, False)
    proof = here.take(bytearray(there.greeting))
    there.take(bytearray(here.greeting))
    asked = []
    monkeypatch.setattr(handshake.hmac, "compare_digest", lambda *given: asked.append(given) or True)
    there.take(bytearray(proof))
    assert there.done and [len(one) for one in asked[0]] == [32, 32]


def test_by_default_nobody_but_this_computer_reaches_a_server(monkeypatch):
    import argparse

    parser = argparse.ArgumentParser()
    serve.add_parser(parser.add_subparsers())
    host = parser.parse_args(["serve", "--token-file", "x"]).host
    assert host == "127.0.0.1"
    monkeypatch.setattr(server, "Audit", lambda *given: None)
    one = WorkerServer(host, 0, b"t" * 16)
    assert one._door._listener.getsockname()[0] == "127.0.0.1"
    one.close()
