"""A real ``samadapt serve`` on this machine, called the way an application does."""

import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.defaults import SERVER_PORT
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.contents import Offer, Piece
from SAMAdaptLib.service.link import remote
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.remote import Server, parse_address
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Failed, Load, Predict, Ready, SetVolume, SlicePlane, Train
from SAMAdaptLib.volume.geometry import Geometry
from Testing.service.peers import ENVIRONMENT, PATIENCE
from Testing.tiny import TINY_VIT, build

pytestmark = pytest.mark.slow

TOKEN = "0123456789abcdef0123456789abcdef"
SEGMENTS = Path("/dev/shm")
PROMPT = Prompt(box=[30, 20, 70, 60])


def scan(seed=0):
    """An object that LiteMedSAM finds, in noise."""
    array = (np.random.default_rng(seed).normal(size=(6, 90, 110)) * 20).astype(np.int16)
    array[1:5, 25:55, 35:65] += 300
    return array, Geometry(array.shape[::-1], np.eye(4))


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    return written(tmp_path_factory.mktemp("token") / "token", TOKEN)


def written(path, text, mode=0o600):
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


@contextmanager
def serving(token, cache, *options, port=0):
    """A server; gives its process and its address."""
    command = [sys.executable, "-m", "SAMAdaptLib.cli", "serve", "--token-file", token, "--port", port, *options]
    env = ENVIRONMENT | {"SAMADAPT_CACHE": str(cache), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(list(map(str, command)), env=env, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("Listening at 127.0.0.1:"), line
        process.address = line.split()[2].rstrip(";")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def server(token, cache):
    with serving(token, cache) as process:
        yield process
        assert process.poll() is None, "the server has ended"


@contextmanager
def calling(server, token, **options):
    client = Client(Server(getattr(server, "address", server), token))
    try:
        yield client
    finally:
        client.close()


def result(client, request, seconds=PATIENCE):
    return request.result(seconds)


def click(client, index=2):
    return result(client, client.predict(SlicePlane(index), PROMPT, multimask=True, want_logits=True))


def use(client, model="lite_medsam", seed=0, **options):
    build("lite_medsam")  # skips where its weights are not installed
    array, geometry = scan(seed)
    loading = client.load(model, precision="fp32", device="cpu", prefetch=0, **options)
    setting = client.set_volume(array, geometry, ("scan", seed), intensity="minmax")
    return result(client, loading), result(client, setting)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def told(server, words, seconds=10.0):
    """The server's next line, which has these words."""
    assert select.select([server.stdout], [], [], seconds)[0]
    line = server.stdout.readline()
    assert words in line, line


def test_a_click_through_a_server_is_answered_as_on_this_machine(server, token):
    with calling(server, token) as there:
        here = Client(Local(sys.executable, ENVIRONMENT))
        try:
            for client in (here, there):
                ready, volume = use(client)
                assert (ready.model, ready.device, volume.low) == ("lite_medsam", "cpu", scan()[0].min())
            wanted, found = click(here), click(there)
        finally:
            here.close()
        assert there.pid not in (None, here.pid, os.getpid(), server.pid)
    assert wanted.masks[0].full().sum() > 300
    for one, other in zip(wanted.masks, found.masks, strict=True):
        np.testing.assert_array_equal(one.full(), other.full())
    np.testing.assert_array_equal(wanted.low_res, found.low_res)
    assert wanted.iou == found.iou and set(found.ms) == set(wanted.ms)


def test_the_voxels_of_a_volume_are_sent_once_for_all(server, token):
    array, geometry = scan(1)
    sent = []
    for _ in range(2):
        with calling(server, token) as client:
            for key in ("a", "b"):
                before = client._place.connection.sent if client.alive else 0
                ready = result(client, client.set_volume(array.copy(order="F"), geometry, key, intensity="minmax"))
                assert (ready.low, ready.high) == (array.min(), array.max())
                sent.append(client._place.connection.sent - before)
    # Noise of a standard deviation of 20 has 6.4 bits of entropy a voxel, of 16.
    assert 0.4 * array.nbytes < sent[0] < 0.6 * array.nbytes
    assert max(sent[1:]) < 1500, sent


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """LoRA that changes what LiteMedSAM answers."""
    import torch

    folder = tmp_path_factory.mktemp("run") / "adapter"
    model = build("lite_medsam")
    config = LoraConfig(rank=2)
    torch.manual_seed(0)
    Lora().apply(model, config)
    for name, parameter in model.sam.named_parameters():
        if parameter.requires_grad and "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    info = AdapterInfo(
        "lora", vars(config), "lite_medsam", model.base_hash, 256, "minmax", "axial", ("thing",), 1, prompts="box"
    )
    save_adapter(folder, model, info)
    return folder.parent


def test_an_adapter_goes_along_by_its_content(server, token, adapter, cache, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(adapter, moved)
    with calling(server, token) as client:
        use(client)
        plain = click(client)
        ready, _ = use(client, None, adapter=moved)
        assert ready.adapter["classes"] == ("thing",)
        first = client._place.connection.sent
        found = click(client)
        use(client)
        use(client, None, adapter=adapter)
        weights = (adapter / "adapter" / "adapter.safetensors").stat().st_size
        assert client._place.connection.sent - first < 10000 < weights
    here = Client(Local(sys.executable, ENVIRONMENT))
    try:
        use(here, None, adapter=adapter)
        wanted = click(here)
    finally:
        here.close()
    np.testing.assert_array_equal(wanted.low_res, found.low_res)
    assert np.abs(plain.low_res - found.low_res).max() > 0.1
    (kept,) = (cache / "served-adapters").iterdir()
    assert (kept / "adapter.safetensors").read_bytes() == (adapter / "adapter" / "adapter.safetensors").read_bytes()


def test_adapters_that_cannot_be_used_are_named_and_others_can(server, token, adapter, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(adapter, damaged)
    with open(damaged / "adapter" / "adapter.safetensors", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x07")
    with calling(server, token) as client:
        for path, words in ((damaged, "weights are damaged or altered: damaged"), (tmp_path, "No adapter here")):
            with pytest.raises(SAMAdaptError, match=words):
                result(client, client.load(None, adapter=path))
        assert isinstance(use(client, None, adapter=adapter)[0], Ready)


def test_what_only_this_computer_has_is_refused(server, token, tmp_path):
    with calling(server, token) as client:
        for options in ({"checkpoint": tmp_path / "weights.pth"}, {"entry": TINY_VIT}):
            with pytest.raises(SAMAdaptError, match="file of this computer cannot be used on a server"):
                result(client, client.load("lite_medsam", **options))
        with pytest.raises(SAMAdaptError, match="no_such_model"):
            result(client, client.load("no_such_model"))
    with pytest.raises(InputError, match="answers prompts only.*Do this on this computer"):
        Server(server.address, token).start("SAMAdaptLib.service.worker.trainer")


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
        Load(1, "lite_medsam", adapter=["a"]),
    ):
        assert ask(load).what == "The server does not have the adapter"
    for load in (Load(2, "lite_medsam", checkpoint=str(secret)), Load(2, "x", entry={"name": "x", "url": "file:///"})):
        assert "by name only" in ask(load).what
    volume = SetVolume(3, "samadapt-1-00000000", (1, 1, 1), "<i2", np.eye(4))
    assert ask(volume).what == "The server does not have the volume"
    assert "does not do this (Train)" in ask(Train(4, str(secret), str(tmp_path / "run"), {})).what
    assert not (tmp_path / "run").exists() and not list(secret.iterdir())
    # What makes no sense to the worker ends in an answer as well.
    assert ask(Predict(5, "axial", "here")).id == 5
    connection.close()


def test_who_does_not_know_the_token_is_told_so(server, tmp_path):
    wrong = written(tmp_path / "wrong", "f" * 32)
    with calling(server, wrong) as client, pytest.raises(SAMAdaptError, match="does not take the token: 127.0.0.1"):
        result(client, client.load("lite_medsam"), 10)


def test_another_protocol_is_told_with_both_versions(server, token, monkeypatch):
    from SAMAdaptLib.service.link import handshake

    monkeypatch.setattr(handshake.Handshake.__init__, "__defaults__", ("0ldone",))
    words = rf"speaks protocol {handshake.PROTOCOL} \(SAMAdapt .*this side protocol 0ldone.*Install the same version"
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
    for data in (head.pack(b"SAM1", 8, (64 << 20) + 1), rng.bytes(5000), head.pack(b"SAM1", 2, 0) + b"{}"):
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
        client.wait(0.1)
        silent.accept()[0].close()
        with pytest.raises(SAMAdaptError, match=f"Nothing answers there: {address}. Start `samadapt serve`"):
            result(client, request, 10)
        silent.close()
        with pytest.raises(SAMAdaptError, match="cannot be reached .Connection refused.*Start `samadapt serve`"):
            result(client, client.load("lite_medsam"), 10)


def test_more_clients_than_allowed(token, cache):
    with serving(token, cache, "--clients", 1) as server:
        with calling(server, token) as first:
            first.start()
            assert until(lambda: first.wait(0.01) or first.pid)
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
        assert until(lambda: not list(SEGMENTS.glob(f"samadapt-{first.pid}-*")))
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
        assert not client.wait(1.0) and client.alive
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
client.start()
while client.pid is None:
    client.wait(0.01)
print(client.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into Linux's folders")
def test_a_worker_ends_with_its_client_however_that_ends(server, token):
    for end in ("close", "kill"):
        if end == "close":
            with calling(server, token) as client:
                client.start()
                assert until(lambda: client.wait(0.01) or client.pid)
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
    array, geometry = scan()
    with serving(token, cache) as server, calling(server, token) as client:
        result(client, client.set_volume(array, geometry, "a"))
        pid = client.pid
        assert running(pid) and list(SEGMENTS.glob(f"samadapt-{server.pid}-*"))
        server.send_signal(number)
        assert server.wait(10) == 0
        assert not running(pid) and not list(SEGMENTS.glob(f"samadapt-{server.pid}-*"))
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


def test_a_volume_that_changes_while_it_is_sent(server, token, monkeypatch):
    array, geometry = scan(5)
    with calling(server, token) as client:
        client.start()
        assert until(lambda: client.wait(0.01) or client.pid)
        volume = client._place.share(array)
        while not volume.upload.key:
            volume.upload.step(None, 1.0)
        volume.close()
        monkeypatch.setattr(client._place, "share", lambda given: client._place.volumes.setdefault(volume.name, volume))
        array[0, 0, 0] += 1
        request = client.set_volume(array, geometry, "a", intensity="minmax")
        with pytest.raises(SAMAdaptError, match="changed while it was sent. Try again"):
            result(client, request)
        monkeypatch.undo()
        array[0] = 999
        assert result(client, client.set_volume(array, geometry, "b", intensity="minmax")).high == 999


def test_a_request_is_as_small_as_its_prompt(server, token):
    with calling(server, token) as client:
        use(client)
        before = client.bytes_sent
        click(client)
        assert 0 < client.bytes_sent - before < 1000
        assert len(pack(Predict(1, SlicePlane(2), PROMPT))) < 1000
