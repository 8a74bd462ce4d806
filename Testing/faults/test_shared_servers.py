"""Several servers on one folder of adapters, which is too small for what clients send; one after the other is killed,
and all the while somebody clears the folder."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import time
import traceback
import zlib
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from SAMAdaptLib.adapters.info import INFO, WEIGHTS, AdapterInfo, check_weights, read_adapter_info
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import PART, UNFINISHED_S, write_json
from SAMAdaptLib.sam.kept import SERVED, clear
from SAMAdaptLib.service.link.upload import AdapterFiles
from SAMAdaptLib.service.server import store as stores
from SAMAdaptLib.service.server.store import Store
from Testing.faults.record import record
from Testing.faults.trials import ALL, KILLS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="processes are killed by a signal")]

ADAPTERS, ROOM, READ_S = 8, 4, 0.2
VICTIMS, SECONDS = (KILLS, 15.0) if ALL else (8, 3.0)
SIZE = 40_000


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """Adapters on the clients' side, all of about one size."""
    folder = tmp_path / "clients"
    for number in range(ADAPTERS):
        one = folder / str(number)
        one.mkdir(parents=True)
        save_file({"a": np.full(SIZE // 4, number, np.float32)}, one / WEIGHTS)
        digest = hashlib.sha256((one / WEIGHTS).read_bytes()).hexdigest()
        info = AdapterInfo("lora", {"rank": 4}, "lite_medsam", "0" * 64, 256, "minmax", "axial", ("liver",), number)
        write_json(one / INFO, asdict(info) | {"weights_sha256": digest})
    return folder


def key_of(source: AdapterFiles) -> str:
    return hashlib.sha256(b"".join(source.pieces())).hexdigest()


def serve(clients: Path, folder: Path, seed: int, seconds: float, read: bool, pipe: Connection) -> None:
    """Receive adapters, and read them as a worker does; tells what went wrong, and how many were received and read."""
    # What a folder of so many takes, and a little more.
    stores.ADAPTER_BYTES, stores.READ_S = int((ROOM + 0.5) * (SIZE + 1000)), READ_S
    chance, store, wrong, counts = random.Random(seed), Store(folder), [], {"sent": 0, "read": 0, "full": 0}
    sources = [AdapterFiles(clients / str(number)) for number in range(ADAPTERS)]
    keys = [key_of(source) for source in sources]
    pipe.send("begun")
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < seconds:
        # Three at a time are of use, and others after a while.
        number = (int(gone / READ_S / 2) + chance.randrange(3)) % ADAPTERS
        try:
            incoming = store.receive(sources[number].offer(keys[number]))
            if incoming is not None:
                for piece in sources[number].pieces():
                    incoming.take(zlib.compress(piece, 1))
                incoming.drop()
                counts["sent"] += 1
            asked = time.monotonic()
            there = store.adapter(keys[number])
            try:
                if there is not None and read:
                    info = read_adapter_info(there)
                    check_weights(there, info)
                    counts["read"] += 1
                    if info.steps != number:
                        wrong.append(f"{info.steps} in place of {number}")
            except (InputError, OSError):
                # A computer that is busy may have let it wait for longer than a worker does.
                if time.monotonic() - asked < READ_S / 2:
                    raise
        except InputError as error:
            if "no room for another adapter" not in error.what:
                wrong.append(str(error))
            counts["full"] += 1
        except Exception:
            wrong.append(traceback.format_exc(limit=-3))
    pipe.send((wrong, counts))


def started(*given: object) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(*given, there), daemon=True)
    process.start()
    there.close()
    assert here.recv() == "begun"
    return process, here


def test_servers_that_share_a_folder_and_are_killed_leave_whole_adapters_within_its_size(sent, tmp_path) -> None:
    folder, chance = tmp_path / "served", random.Random(0)
    lasting = [started(sent, folder, seed, SECONDS, True) for seed in range(2)]
    for seed in range(VICTIMS):
        victim, _ = started(sent, folder, 10 + seed, 1e6, True)
        time.sleep(SECONDS / VICTIMS * chance.random())
        victim.kill()
        victim.join()
    told = [pipe.recv() for _, pipe in lasting]
    record("adapters of a server, several processes", VICTIMS, sum(len(wrong) for wrong, _ in told))
    for wrong, counts in told:
        assert not wrong, wrong[:5]
        assert counts["read"] > 10
    # More than there is room for at once.
    assert sum(counts["sent"] for _, counts in told) > ROOM
    kept = [one for one in folder.iterdir() if not one.name.startswith(".")]
    assert 0 < len(kept) <= ROOM
    for one in kept:
        check_weights(one, read_adapter_info(one))
        assert Store(folder).adapter(one.name) == one
    # What the victims were at goes once nobody can be at it.
    left = [one for one in folder.iterdir() if one.name.startswith(".")]
    assert all(one.name.startswith(PART) for one in left)
    for one in left:
        os.utime(one, (time.time() - UNFINISHED_S - 10,) * 2)
    source = AdapterFiles(sent / "0")
    if (incoming := Store(folder).receive(source.offer("f" * 64))) is not None:
        incoming.drop()
    assert not [one for one in folder.iterdir() if one.name.startswith(PART)]


def test_what_is_being_received_while_the_folder_is_cleared_arrives(sent, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path))
    process, pipe = started(sent, tmp_path / SERVED, 0, SECONDS, False)
    cleared = rounds = 0
    while not pipe.poll():
        cleared += clear()
        rounds += 1
    wrong, counts = pipe.recv()
    process.join()
    record("adapters of a server, cleared", rounds, len(wrong))
    assert not wrong, wrong[:5]
    assert counts["sent"] > 10 and rounds > 10 and cleared > SIZE
