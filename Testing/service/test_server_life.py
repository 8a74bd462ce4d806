"""Servers, workers and clients that come, go, die and fall silent."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.service.link import remote
from SAMAdaptLib.service.link.remote import parse_address
from SAMAdaptLib.service.protocol import SlicePlane
from Testing.service.peers import ENVIRONMENT, PATIENCE, SEGMENTS, listen, running, segments
from Testing.service.serving import PROMPT, calling, click, result, scan, serving, until, use

pytestmark = pytest.mark.slow


def told(server, words, seconds=10.0):
    """The server's next line, which has these words."""
    assert select.select([server.stdout], [], [], seconds)[0]
    line = server.stdout.readline()
    assert words in line, line


def test_nobody_there_and_nobody_who_answers(token, monkeypatch):
    monkeypatch.setattr(remote, "CALL_SECONDS", 0.5)
    silent = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    with calling(address, token) as client:
        with pytest.raises(SAMAdaptError, match=f"has not answered for 0 s: {address}. Check its address"):
            result(client, client.load("lite_medsam"), 10)
        hung_up, _ = silent.accept()
        hung_up.close()
        # As a tunnel does at whose other end nobody listens.
        request = client.load("lite_medsam")
        listen(client, 0.1)
        silent.accept()[0].close()
        with pytest.raises(SAMAdaptError, match=f"Nothing answers there: {address}. Start `samadapt serve`"):
            result(client, request, 10)
        silent.close()
        with pytest.raises(SAMAdaptError, match="cannot be reached .Connection refused.*Start `samadapt serve`"):
            result(client, client.load("lite_medsam"), 10)


def test_more_clients_than_allowed(token, cache):
    with serving(token, cache, "--clients", 1) as server:
        with calling(server, token) as first:
            first._start()
            assert until(lambda: first.poll() or first.pid)
            with calling(server, token) as second, pytest.raises(SAMAdaptError, match="has its 1 client already"):
                result(second, second.load("lite_medsam"), 10)
        told(server, "has come; 1 client")
        told(server, "was sent away")
        told(server, "has gone; 0 clients left")
        with calling(server, token) as third:
            array, geometry = scan()
            result(third, third.set_volume(array, geometry, "a"))


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_a_lost_server_is_told_and_the_next_request_finds_the_new_one(token, cache):
    array, geometry = scan()
    with serving(token, cache) as first, calling(first, token) as client:
        use(client)
        wanted, pid = click(client), client.pid
        request = client.propagate({2: PROMPT})
        first.kill()
        first.wait()
        with pytest.raises(SAMAdaptError, match=f"connection to the server was lost: {first.address}"):
            result(client, request, 10)
        with pytest.raises(SAMAdaptError, match="cannot be reached"):
            result(client, client.predict(SlicePlane(2), PROMPT), 10)
        assert until(lambda: not running(pid))
        assert until(lambda: not segments(first.pid))
        with serving(token, cache, port=parse_address(first.address)[1]):
            # Model and volume are told anew, and the voxels sent.
            np.testing.assert_array_equal(click(client).low_res, wanted.low_res)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_server_that_falls_silent_is_given_up(token, cache, monkeypatch):
    monkeypatch.setattr(remote, "QUIET_SECONDS", 0.2)
    with serving(token, cache) as server, calling(server, token) as client:
        array, geometry = scan()
        result(client, client.set_volume(array, geometry, "a"))
        # While it is there, silence is asked about and answered.
        listen(client, 1.0)
        assert client.alive
        monkeypatch.setattr(remote, "PATIENCE_SECONDS", 0.5)
        server.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(SAMAdaptError, match="does not answer any more"):
                result(client, client.encode(SlicePlane(1)), 10)
        finally:
            server.send_signal(signal.SIGCONT)


CALLER = """
import sys, time
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.remote import Server
client = Client(Server(sys.argv[1], sys.argv[2]))
client._start()
while client.pid is None:
    client.poll()
print(client.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into Linux's folders")
def test_a_worker_ends_with_its_client_however_that_ends(server, token):
    for end in ("close", "kill"):
        if end == "close":
            with calling(server, token) as client:
                client._start()
                assert until(lambda: client.poll() or client.pid)
                pid = client.pid
                assert running(pid)
        else:
            command = [sys.executable, "-c", CALLER, server.address, str(token)]
            with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as caller:
                pid = int(caller.stdout.readline())
                assert running(pid)
                caller.kill()
        assert until(lambda pid=pid: not running(pid)), end


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_server_ends_cleanly(token, cache, number):
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("ignored by all that is started here, as under nohup")
    array, geometry = scan()
    with serving(token, cache) as server, calling(server, token) as client:
        result(client, client.set_volume(array, geometry, "a"))
        pid = client.pid
        assert running(pid) and segments(server.pid)
        server.send_signal(number)
        assert server.wait(PATIENCE) == 0
        assert not running(pid) and not segments(server.pid)
        assert server.stdout.read().endswith("Ended\n")


def test_a_worker_that_dies_is_reported_with_its_last_words(server, token):
    array, geometry = scan()
    with calling(server, token) as client:
        result(client, client.set_volume(array, geometry, "a", intensity="minmax"))
        first = client.pid
        os.kill(first, signal.SIGKILL)
        with pytest.raises(SAMAdaptError, match="worker process ended with exit code -9: 127.0.0.1"):
            result(client, client.encode(SlicePlane(1)), 10)
        assert result(client, client.set_volume(array, geometry, "a", intensity="minmax")).high == array.max()
        assert client.pid not in (None, first)
