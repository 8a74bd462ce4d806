"""Cells that two processes train together, by ``accelerate launch`` with gloo between them, against one process."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study import launch
from SAMAdaptLib.study.run import run_study
from Testing.study.scene import NAME, described, write_scans, write_weights
from Testing.tiny import TINY_VIT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
MEMBER = "Testing.study.launched_cell"
STEPS = 6
SETTINGS = {"steps": 2, "batch_size": 2, "checkpoint_seconds": 0.0}


@pytest.fixture(scope="module", autouse=True)
def small(tmp_path_factory):
    """The small model, here and in those that are launched, and a cache in which nobody else's times are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, NAME, TINY_VIT)
        patch.setattr(launch, "MEMBER", MEMBER)
        patch.setenv("SAMADAPT_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return write_scans(folder, 4), write_weights(folder / "w.safetensors")


def study(data, *rows, **more):
    return described(*data, *rows, **{"slices": "1 per scan", "synthesis": False, "steps": STEPS, "batch_size": 3,
                                      "test_prompts": ["box"], "test_slices": "every:4", **more})  # fmt: skip


def table(output: Path) -> list[dict[str, str]]:
    with open(output / "results.csv", encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def weights(output: Path) -> Path:
    (found,) = output.glob("cells/*/run/adapter/adapter.safetensors")
    return found


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A cell that is pretrained and trained by two processes, from beginning to end."""
    output, events = tmp_path_factory.mktemp("whole") / "out", []
    rows = {"method": "msa", "pretraining": SETTINGS}, {"method": "none"}
    passing = tmp_path_factory.mktemp("passing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(passing))
        found = run_study(study(data, *rows), output, processes=2, listener=events.append)
    # Nothing of the launcher's stays, here or there.
    assert [*passing.iterdir()] == [] and [*output.rglob("launch*")] == []
    return found, output, events


def test_two_have_the_figures_of_one(data, whole, tmp_path) -> None:
    found, output, events = whole
    assert [*found["cells"].values()] == ["done", "done"]
    alone = run_study(study(data, {"method": "msa", "pretraining": SETTINGS}, {"method": "none"}), tmp_path / "alone")
    # The base model is the same cell, the training another, of as many steps on the same slices.
    assert len({*found["cells"]} & {*alone["cells"]}) == 1
    both = [*zip(table(output), table(tmp_path / "alone"), strict=True)]
    assert len(both) == 8 and all(one["dice"] == other["dice"] for one, other in both if one["method"] == "none")
    for one, other in both:
        assert float(one["dice"]) == pytest.approx(float(other["dice"]), abs=0.02)
        assert {**one, "cell": ""}.keys() == {**other, "cell": ""}.keys() and one["scan"] == other["scan"]
    first, second = (load_file(weights(place)) for place in (output, tmp_path / "alone"))
    assert first.keys() == second.keys() and all(torch.allclose(first[k], second[k], atol=2e-3) for k in first)
    for place, number in ((output, 2), (tmp_path / "alone", 1)):
        folder = weights(place).parents[2]
        record = json.loads((folder / "cell.json").read_text(encoding="utf-8"))["training"]
        assert (record["processes"], record["steps"]) == (number, STEPS)
        assert f"| {number} |" in (place / "results.md").read_text(encoding="utf-8").splitlines()[-1]
        # Of the launcher nothing is left.
        assert {path.name for path in folder.iterdir()} <= {"cell.json", "run", "scores"}
    steps = [event["step"] for event in events if event["event"] == "step"]
    assert steps == [*range(1, SETTINGS["steps"] + 1), *range(1, STEPS + 1)]


def test_stopped_and_broken_it_goes_on_to_the_same_weights(data, whole, tmp_path, monkeypatch) -> None:
    description, output = begun(data, whole, tmp_path)
    with pytest.raises(Cancelled):
        run_study(description, output, processes=2, cancelled=lambda: len(lines(output)) > 0)
    stopped = len(lines(output))
    assert 0 < stopped < STEPS and len([*output.glob("cells/*/run/checkpoints/step-*")]) > 0
    with monkeypatch.context() as patch:
        patch.setenv("SAMADAPT_FAULT", f"1:{STEPS - 1}:dies")
        found = run_study(description, output, processes=2)
    (error,) = found["cells"].values()
    assert "has ended without a word" in error and "goes on from its last checkpoint" in error
    (log,) = output.glob("cells/*/launch.log")
    assert str(log) in error and "SIGKILL" in log.read_text(encoding="utf-8")
    assert stopped <= len(lines(output)) == STEPS - 1 and not [*output.glob("cells/*/launch.json")]
    found = run_study(description, output, processes=2)
    assert [*found["cells"].values()] == ["done"] and not log.exists()
    assert weights(output).read_bytes() == weights(whole[1]).read_bytes()


def begun(data, whole, folder: Path) -> tuple[dict, Path]:
    """That cell in another folder, where it is pretrained."""
    shutil.copytree(whole[1] / "pretrainings", folder / "out" / "pretrainings")
    return study(data, {"method": "msa", "pretraining": SETTINGS}), folder / "out"


def lines(output: Path) -> list[str]:
    """Of what the training has written down of its steps."""
    return [line for file in output.glob("cells/*/run/metrics.jsonl") for line in file.read_text().splitlines()]


@pytest.mark.skipif(os.name == "nt", reason="the process is killed by SIGKILL")
def test_those_of_a_study_that_is_killed_end_and_are_gone_on_with(data, whole, tmp_path) -> None:
    description, output = begun(data, whole, tmp_path)
    file = tmp_path / "study.json"
    file.write_text(json.dumps(description))
    words = [sys.executable, "-m", "Testing.study.scene", str(file), str(output), MEMBER]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "'event': 'step'" in line and lines(output):
                os.kill(process.pid, signal.SIGKILL)
    assert 0 < len(lines(output)) < STEPS
    # At once: the processes of before may still be at their last step.
    found = run_study(description, output, processes=2)
    assert [*found["cells"].values()] == ["done"], [log.read_text() for log in output.glob("cells/*/launch.log")]
    assert weights(output).read_bytes() == weights(whole[1]).read_bytes()


def test_what_cannot_be_shared_is_refused_before_any_work(data, tmp_path, monkeypatch, capsys) -> None:
    def refused(words, processes=2, workers=1, **more):
        with pytest.raises(InputError, match=words):
            run_study(study(data, {"method": "lora"}, **more), tmp_path / "out", processes=processes, workers=workers)
        assert not [*tmp_path.iterdir()]

    refused("0 processes cannot train a cell", processes=0)
    refused("3 slices a step cannot be shared by 4 processes: lora. Give a batch_size of 4 or more", processes=4)
    refused("2 slices a step cannot be shared by 3", processes=3, pretraining={"steps": 1, "batch_size": 2})
    monkeypatch.setattr("SAMAdaptLib.sam.device.pick_device", torch.device)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    refused("There are 2 processes on this machine, and only 1 of this device: cuda. Give fewer --proc", device="cuda")
    refused("2 processes cannot share one device: cuda:1", device="cuda:1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    pytest.importorskip("distributed")
    refused("2 workers, each of 2 processes, would share 3 GPUs. Give --workers 1", workers=2, device="cuda")
    from SAMAdaptLib.study.cluster import local_devices
    from SAMAdaptLib.study.worker import Required, check_gpus

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    # A worker of a cluster says itself what it has.
    required = Required((), processes=2, together=("cuda",))
    worker = SimpleNamespace(address="tcp://node7:1", state=SimpleNamespace(total_resources={"GPU": 1.0}))
    with pytest.raises(InputError, match="declares 1 of the 2 GPUs.*node7.* --resources \"GPU=2\""):
        check_gpus(required, worker)
    worker.state.total_resources = {"GPU": 2.0}
    check_gpus(required, worker)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(InputError, match="only 1 of this device cuda: tcp://node7:1. Give fewer --processes"):
        check_gpus(required, worker)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert local_devices(2, 2) == ("4,5", "6,7") and local_devices(3) == ("4", "5", "6", "7")
    index = ["--index", str(data[0]), "--data", 'test=["P3"]', "--processes", "3"]
    assert main(["study", "methods", *index, "--plan"]) == 2
    assert "2 slices a step cannot be shared by 3 processes" in capsys.readouterr().err
