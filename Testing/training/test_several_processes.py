"""Several processes train as one does: real ones, by ``accelerate launch``, with gloo between them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.launch import free_port
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import TINY_VIT, build, make_library, scan
from Testing.training.launched import PRETRAINED, TUNED, one_step, run_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
STEPS = 8
PATIENCE = 300


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A library, images and weights."""
    folder = tmp_path_factory.mktemp("several")
    make_library(folder / "library", patients=3, indices=(1, 3), backgrounds=(0,))
    (folder / "images").mkdir()
    for number in range(3):
        volume, _ = scan(number)
        write_volume(folder / "images" / f"{number}.nrrd", volume.array, volume.geometry)
    torch.save(build("tiny_vit-64").sam.state_dict(), folder / "weights.pth")
    return folder


def begin(*words, fault=""):
    port = free_port()
    options = ["--num_processes", 2, "--num_machines", 1, "--mixed_precision", "no", "--dynamo_backend", "no"]
    command = ["-m", "accelerate.commands.launch", "--multi_gpu", *options, "--main_process_port", port, "-m"]
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "SAMADAPT_FAULT": fault}
    return subprocess.Popen(
        [sys.executable, *map(str, (*command, "Testing.training.launched", *words))],
        cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def end(launched):
    """(exit code, what was printed, what was told on stderr)."""
    try:
        printed, told = launched.communicate(timeout=PATIENCE)
    finally:
        launched.kill()
    return launched.returncode, printed, told


def words_of(place, output, *more):
    # Of the methods that change the encoder one that does without peft, which takes seconds to load.
    settings = {"precision": "fp32", "device": "cpu", "model": TINY_VIT.name, "method": "msa", "steps": STEPS}
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    inputs = ["--library", place / "library", "--checkpoint", place / "weights.pth"]
    return ["finetune", *inputs, "--output", output, *options, "--set", "prompts_per_slice=1", *more]


def weights(folder):
    return (folder / "adapter" / "adapter.safetensors").read_bytes()


def figures(folder):
    return [{k: v for k, v in line.items() if k != "seconds"} for line in read_metrics(folder)]


@pytest.fixture(scope="module")
def whole(place):
    """A run of two processes from beginning to end."""
    code, printed, told = end(begin(*words_of(place, place / "whole", "--json")))
    assert code == 0, told
    return place / "whole", printed, told


def test_the_gradients_are_those_of_one_process(place, tmp_path):
    code, _, told = end(begin("steps", place / "library", place / "images", tmp_path))
    assert code == 0, told
    for name in TUNED | PRETRAINED:
        (tmp_path / "alone").mkdir(exist_ok=True)
        run = run_of(name, place / "library", place / "images", tmp_path / "alone" / name, Team("cpu"))
        figures, gradients = one_step(run)
        first, second = (load_file(tmp_path / f"{name}-{rank}.safetensors") for rank in (0, 1))
        assert first.keys() == second.keys() == gradients.keys(), name
        assert max(float(g.abs().max()) for g in gradients.values()) > 1e-3, name
        for key, gradient in gradients.items():
            assert torch.equal(first[key], second[key]), (name, key)
            assert torch.allclose(first[key], gradient, rtol=1e-5, atol=1e-5), (name, key)
        with safe_open(tmp_path / f"{name}-1.safetensors", "pt") as file:
            told = {key: float(value) for key, value in file.metadata().items()}
        assert told == pytest.approx(figures, rel=1e-5, abs=1e-6), name
    # Of mask prompts nothing was learnt, and weight decay must not take that for a gradient of zero.
    assert not any("mask_downscaling" in key for key in load_file(tmp_path / "decoder-0.safetensors"))


def test_one_of_them_speaks_and_writes(whole, place):
    folder, printed, told = whole
    answer = json.loads(printed)
    assert answer["steps"] == STEPS and answer["classes"] == ["disc", "bean"]
    assert told.count("reading the exemplars") == 1 and told.count("adapter in") == 1
    assert [line["step"] for line in figures(folder) if "loss" in line] == [*range(1, STEPS + 1)]
    assert sorted(p.name for p in folder.iterdir()) == ["adapter", "checkpoints", "config.json", "metrics.jsonl"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are listed on Linux alone")
def test_no_thread_of_the_group_outlives_it(whole):
    ends = [line for line in whole[2].splitlines() if line.startswith("threads at the end:")]
    assert len(ends) == 2 and not any("gloo" in line for line in ends), ends


@pytest.fixture(scope="module")
def stopped(place, whole):
    """The same run, stopped by Ctrl-C after a few steps."""
    folder = place / "stopped"
    code, _, told = end(begin(*words_of(place, folder), fault="0:4:interrupted"))
    assert code != 0 and not (folder / "adapter").exists()
    assert told.count("samadapt: stopping at the next safe point") == 1
    assert told.count("samadapt: stopped: Training stopped on request") == 1 and "Go on with --resume" in told
    # What was begun is finished first.
    assert [path.name for path in (folder / "checkpoints").glob("step-*")] == ["step-00000005.safetensors"]
    return folder


def test_stopped_and_resumed_is_uninterrupted_to_the_bit(place, whole, stopped, tmp_path):
    shutil.copytree(stopped, tmp_path / "run")
    code, _, told = end(begin(*words_of(place, tmp_path / "run", "--resume")))
    assert code == 0, told
    assert weights(tmp_path / "run") == weights(whole[0]) and figures(tmp_path / "run") == figures(whole[0])


def test_one_process_goes_on_where_two_stopped(place, whole, stopped, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    shutil.copytree(stopped, tmp_path / "run")
    assert main([str(word) for word in words_of(place, tmp_path / "run", "--resume")]) == 0
    ours, theirs = ([line["loss"] for line in figures(f) if "loss" in line] for f in (tmp_path / "run", whole[0]))
    # The same slices in the same order; sums in another order drift apart only slowly.
    assert ours == pytest.approx(theirs, rel=1e-2)
    first, second = (load_file(f / "adapter" / "adapter.safetensors") for f in (tmp_path / "run", whole[0]))
    assert all(torch.allclose(first[name], second[name], atol=2e-3) for name in first)


@pytest.mark.parametrize("rank, what", [(1, "fails"), (0, "dies"), (1, "dies")])
def test_one_that_breaks_off_ends_all(place, whole, tmp_path, rank, what):
    step = 4
    fault = f"{rank}:{step}:{what}"
    code, _, told = end(begin(*words_of(place, tmp_path / "run", "--set", "checkpoint_seconds=0"), fault=fault))
    assert code != 0 and not (tmp_path / "run" / "adapter").exists()
    assert [line["step"] for line in figures(tmp_path / "run") if "loss" in line] == [1, 2, 3, 4], told
    if what == "fails":
        assert told.count("samadapt: error: ") == 1, told
        assert "A slice cannot be used: fails. Leave it out." in told
    else:
        assert told.count("samadapt: error: ") <= 1 and "SIGKILL" in told, told
    if rank == 1 and what == "dies":
        code, _, told = end(begin(*words_of(place, tmp_path / "run", "--resume")))
        assert code == 0, told
        assert weights(tmp_path / "run") == weights(whole[0]), figures(tmp_path / "run")


def test_a_batch_that_is_smaller_than_the_team(place, tmp_path):
    team = Team("cpu")
    team.count = 4
    with pytest.raises(InputError, match="3 slices a step cannot be shared by 4 processes.*batch_size of 4 or more"):
        run_of("lora", place / "library", place / "images", tmp_path / "run", team)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "device, wrong", [("cuda:1", "2 processes cannot share one device: cuda:1"), ("mps", "2 processes .* only 1")]
)
def test_devices_that_cannot_be_shared(monkeypatch, device, wrong):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setattr("SAMAdaptLib.training.team.pick_device", torch.device)
    with pytest.raises(InputError, match=wrong):
        Team(device)


@pytest.mark.parametrize("rank", ["0", "1"])
def test_what_one_process_does_is_refused_to_several_and_told_once(monkeypatch, capsys, rank):
    for name, value in (("WORLD_SIZE", "2"), ("RANK", rank), ("LOCAL_RANK", rank), ("LOCAL_WORLD_SIZE", "2")):
        monkeypatch.setenv(name, value)
    assert main(["models"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("`models` is the work of one process, and 2 were launched" in captured.err) == (rank == "0")
    assert (captured.err == "") == (rank == "1")
    with pytest.raises(SystemExit):
        main(["finetune", "--no-such-option"])
    assert (capsys.readouterr().err == "") == (rank == "1")
