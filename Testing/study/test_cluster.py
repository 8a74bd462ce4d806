"""Cells on the workers of a dask cluster: two processes, one killed in mid-cell, against the same study in this one."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.run import run_study
from Testing.study.scene import NAME, described, write_scans, write_weights
from Testing.tiny import TINY_VIT

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STEPS = 6
PATIENCE = 120


@pytest.fixture(scope="module", autouse=True)
def small(tmp_path_factory):
    """The small model, here and in workers, and a cache in which nobody else's times are kept."""
    with pytest.MonkeyPatch.context() as patch, dask.config.set({"distributed.worker.preload": [scene()]}):
        patch.setitem(MODELS, NAME, TINY_VIT)
        patch.setenv("SAMADAPT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def scene() -> str:
    return write_scans.__module__


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", memory_limit=0
    ) as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with scans, weights, and a file that is no weights."""
    folder = tmp_path_factory.mktemp("place")
    write_scans(folder / "data", 4)
    write_weights(folder / "w.safetensors")
    (folder / "broken.safetensors").write_bytes(b"no weights")
    return folder


def study() -> dict:
    """Two trainings from one library, for which one waits, and a cell that fails; paths are as seen from ``place``."""
    rows = ({"method": "decoder", "prompts_per_slice": [1, 2]},
            {"method": "none", "checkpoint": "broken.safetensors"})  # fmt: skip
    return described(Path("data/index.csv"), Path("w.safetensors"), *rows, slices="1 per scan", synthesis=False,
                     steps=STEPS, test_prompts=["box"], test_slices="every:4")  # fmt: skip


def table(output: Path) -> list[dict[str, str]]:
    with open(output / "results.csv", encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.fixture(scope="module")
def alone(place):
    """The study in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        return run_study(study(), "alone"), table(place / "alone")


def test_stopped_and_killed_it_has_the_figures_of_one_process(place, cluster, alone, monkeypatch, capsys) -> None:
    monkeypatch.chdir(place)
    output, events, killed = Path("spread"), [], {}
    with pytest.raises(Cancelled):
        run_study(study(), output, scheduler=cluster.scheduler_address, listener=events.append,
                  cancelled=lambda: any(event["event"] == "step" for event in events))  # fmt: skip
    begun = {event["key"]: event["worker"] for event in events if event["event"] == "cell"}
    # At the same time, and both have stopped.
    assert len({*begun.values()}) == 2 and not any(cluster.scheduler.workers[one].processing for one in begun.values())
    events.clear()

    def hear(event) -> None:
        events.append(event)
        # Once the second step is told of, the checkpoint of the first one is there.
        if event["event"] != "step" or event["step"] < 2 or killed:
            return
        worker = [one["worker"] for one in events if one["event"] == "cell" and one["key"] == event["key"]][-1]
        (nanny,) = [one for one in cluster.workers.values() if one.worker_address == worker]
        os.kill(nanny.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        killed.update(key=event["key"], worker=worker, metrics=metrics(output, event["key"]))
        with pytest.raises(InputError, match="Another study is running in the folder"):
            run_study(study(), output)

    found = run_study(study(), output, scheduler=cluster.scheduler_address, listener=hear)
    assert table(place / output) == alone[1] and found["table"] == alone[0]["table"]
    # The broken cell was written down with the same words, and is the only one.
    states = {key: state.replace(f"{place}{os.sep}", "") for key, state in found["cells"].items()}
    assert states == alone[0]["cells"] and [*states.values()].count("done") == 2
    (failed,) = [event for event in events if event["event"] == "failed"]
    assert failed["error"] == found["cells"][failed["key"]] and "Cannot read the checkpoint" in failed["error"]
    # The killed cell was gone on with by another process, from its checkpoint.
    first, again = [event for event in events if event["event"] == "cell" and event["key"] == killed["key"]]
    assert not first["again"] and again["again"] and again["worker"] != killed["worker"] == first["worker"]
    assert 0 < len(killed["metrics"]) < STEPS
    now = metrics(output, killed["key"])
    assert len(now) == STEPS and now[0] == killed["metrics"][0]
    assert len([*(output / "libraries").iterdir()]) == 1
    told = by_command(place / "mine.toml", output, cluster.scheduler_address, capsys)
    assert "cell 1 of 1 on tcp://127.0.0.1:" in told.out and "cell 1 of 1 failed: Cannot read the ch" in told.out
    assert "1 cell of 3 failed" in told.err


@pytest.mark.skipif(os.name == "nt", reason="the scheduler is killed by SIGKILL")
def test_a_scheduler_that_is_killed_costs_nothing_that_is_done(place, alone, monkeypatch, tmp_path, capfd) -> None:
    monkeypatch.chdir(place)
    output, file = Path("lost"), tmp_path / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *options: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--dashboard-address", "127.0.0.1:0"]
        quiet = subprocess.DEVNULL
        started.append(subprocess.Popen(words, env=environment, stdout=quiet, stderr=quiet))
        return started[-1]

    try:
        scheduler, address = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)), ""
        while not address:
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert scheduler.wait(0.05) is None
            with contextlib.suppress(OSError, ValueError):
                address = json.loads(file.read_text())["address"]
        worker = start("worker", address, "--nthreads", "1", "--preload", scene(), "--local-directory", str(tmp_path))
        capfd.readouterr()

        def kill(event) -> None:
            if event["event"] == "step" and scheduler.poll() is None:
                scheduler.kill()
                scheduler.wait()

        with pytest.raises(SAMAdaptError, match=f"The dask scheduler is lost: {address}. Start it and its workers"):
            run_study(study(), output, scheduler=address, listener=kill)
        assert "Traceback" not in "".join(capfd.readouterr())
        # It comes to a safe point, and nobody else has to end it.
        assert worker.wait(PATIENCE) == 0
    finally:
        for process in started:
            process.kill()
            process.wait()
    (begun,) = [path.name for path in (output / "cells").iterdir()]
    assert 0 < len(metrics(output, begun)) < STEPS
    run_study(study(), output)
    assert table(output) == alone[1]


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use stays there")
def test_a_folder_that_goes_away_under_workers_costs_nothing_that_is_done(place, cluster, alone, monkeypatch) -> None:
    monkeypatch.chdir(place)
    output, away = Path("shared"), Path("shared-away")

    def hear(event) -> None:
        if event["event"] == "step" and not away.exists():
            output.rename(away)

    with pytest.raises(InputError, match="The study's folder is gone: .*shared. See whether the disk or the network"):
        run_study(study(), output, scheduler=cluster.scheduler_address, listener=hear)
    # Nothing was begun in its place.
    assert not [path for path in output.rglob("*") if path.is_file()]
    shutil.rmtree(output, ignore_errors=True)
    away.rename(output)
    run_study(study(), output, scheduler=cluster.scheduler_address)
    assert table(output) == alone[1]


def by_command(file: Path, output: Path, scheduler: str, capsys):
    """What `samadapt study` prints of the study."""
    told = study()
    tables = [("[data]", told["data"]), ("[cells]", told["cells"]), *(("[[rows]]", row) for row in told["rows"])]
    # These values are written in TOML as in JSON.
    lines = [[head, *(f"{name} = {json.dumps(value)}" for name, value in values.items())] for head, values in tables]
    file.write_text("\n".join(line for table in lines for line in table), encoding="utf-8")
    capsys.readouterr()
    assert main(["study", str(file), "--output", str(output), "--scheduler", scheduler]) == 0
    return capsys.readouterr()


def metrics(output: Path, key: str) -> list[bytes]:
    """Lines of a training, the last whole one included."""
    return (output / "cells" / key / "run" / "metrics.jsonl").read_bytes().splitlines()


def test_what_does_not_fit_is_refused_before_any_work(place, cluster, monkeypatch) -> None:
    monkeypatch.chdir(place)

    from SAMAdaptLib.study import cluster as room
    from SAMAdaptLib.study.worker import Needs

    def refused(words: str, **more) -> None:
        with pytest.raises(InputError, match=words):
            run_study(study(), "none", **({"scheduler": cluster.scheduler_address} | more))
        assert not (place / "none").exists() and not [*place.glob(".part-*")]

    refused("Give a number of workers from 1, or a scheduler", workers=2)
    refused("Give a number of workers from 1", workers=0, scheduler=None)
    begun = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(room, "ANSWER_S", 0.5)
        with socket.create_server(("127.0.0.1", 0)) as server:
            # Something else, which says nothing; and then nobody.
            port = server.getsockname()[1]
            refused(f"No dask scheduler answers: .*:{port}. .*`dask scheduler`", scheduler=f"tcp://127.0.0.1:{port}")
        refused(f"No dask scheduler answers: .*:{port}. .*`dask scheduler`", scheduler=f"tcp://127.0.0.1:{port}")
        refused("No dask scheduler answers: nowhere", scheduler="nowhere")
    assert time.monotonic() - begun < 30
    with monkeypatch.context() as patch:
        patch.setattr(room, "__version__", "9.9.9")
        refused(r"A worker has SAMAdapt .*, and this is 9\.9\.9: tcp://")
    with monkeypatch.context() as patch:
        # As on a machine without the disk.
        patch.setattr(room, "Needs", lambda version, token, *more: Needs(version, token.with_name("gone"), *more))
        refused("cannot see and write the folder of the results: .*place.*Choose an --output on a disk that all")


def test_workers_of_this_machine_share_its_cores() -> None:
    import torch

    from SAMAdaptLib.study.cluster import started

    with dask.config.set({"distributed.worker.preload": []}), started(2) as client:
        threads = client.run(os.getenv, "OMP_NUM_THREADS")
        assert [*threads.values()] == [str(max(1, torch.get_num_threads() // 2))] * 2
        assert client.nthreads() == dict.fromkeys(threads, 1) and all(one.startswith("tls://") for one in threads)
