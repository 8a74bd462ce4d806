"""``--resume`` takes everything from the run folder, and begins nothing where there is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import save_file

from SAMAdaptLib.cli.common import Session
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import TINY_VIT, build, make_library, scan

pytestmark = pytest.mark.slow

FINETUNE = ("--steps", 4, "--no-synthesis", "--set", "prompts_per_slice=1", "--set", "batch_size=1", "--validation",
            "none", "--seed", 3, "--device", "cpu", "--precision", "fp32")  # fmt: skip
PRETRAIN = ("--steps", 4, "--batch-size", 2, "--objectives", "mae", "--device", "cpu", "--precision", "fp32")


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command in this process, with a small model in the registry; gives the line of the error, or ""."""
    monkeypatch.setitem(MODELS, "tiny", TINY_VIT)

    def run(*words: object, code: int = 0) -> str:
        try:
            found = main([str(w) for w in words])
        except SystemExit as stop:
            found = stop.code
        err = capsys.readouterr().err
        assert found == code, err
        return next((line for line in err.splitlines() if line.startswith(("samadapt: error", "samadapt: stop"))), "")

    return run


@pytest.fixture
def place(tmp_path) -> Path:
    """A folder with a library, images and weights."""
    folder = tmp_path / "place"
    make_library(folder / "LIB", patients=1, indices=(2, 3))
    (folder / "images").mkdir()
    volume, _ = scan(0)
    write_volume(folder / "images" / "0.nrrd", volume.array, volume.geometry)
    save_file({n: t.contiguous() for n, t in build("tiny_vit-64").sam.state_dict().items()}, folder / "w.safetensors")
    return folder


def begin(call, monkeypatch, folder: Path, verb: str, run: str, stop: bool) -> Path:
    of = {"finetune": ("--library", folder / "LIB", *FINETUNE), "pretrain": ("--images", folder / "images", *PRETRAIN)}
    words = (verb, "--model", "tiny", "--checkpoint", folder / "w.safetensors", "--output", folder / run, *of[verb])
    with monkeypatch.context() as patch:
        if stop:
            metrics = folder / run / "metrics.jsonl"
            patch.setattr(Session, "cancelled", lambda _: metrics.exists() and len(metrics.read_text().split("\n")) > 2)
        call(*words, code=130 if stop else 0)
    return folder / run


def weights(run: Path) -> bytes:
    return (run / "adapter" / "adapter.safetensors").read_bytes()


@pytest.mark.parametrize("verb", ["finetune", "pretrain"])
def test_everything_comes_from_the_run_also_when_all_was_moved(call, place, tmp_path, monkeypatch, verb) -> None:
    whole = begin(call, monkeypatch, place, verb, "whole", stop=False)
    half = begin(call, monkeypatch, place, verb, "half", stop=True)
    assert not (half / "adapter").exists()
    moved = tmp_path / "elsewhere" / "moved"
    moved.parent.mkdir()
    shutil.move(place, moved)
    call(verb, "--resume", "--output", moved / "half")
    assert weights(moved / "half") == weights(moved / "whole") and not whole.exists()


@pytest.mark.parametrize("verb", ["finetune", "pretrain"])
def test_no_run_no_resuming(call, place, tmp_path, verb) -> None:
    given = ("--library", place / "LIB") if verb == "finetune" else ("--images", place / "images")
    for run in (tmp_path / "RUN", place / "images"):
        line = call(verb, "--resume", "--output", run, *given, code=2)
        assert "There is no run to go on with" in line and str(run) in line
    assert not (tmp_path / "RUN").exists() and sorted(p.name for p in (place / "images").iterdir()) == ["0.nrrd"]


def test_an_input_that_is_gone_is_named_with_its_option(call, place, tmp_path, monkeypatch) -> None:
    half = begin(call, monkeypatch, place, "finetune", "half", stop=True)
    before = {p: p.read_bytes() for p in half.rglob("*") if p.is_file()}
    (place / "LIB").rename(tmp_path / "OTHER")
    line = call("finetune", "--resume", "--output", half, code=2)
    assert f"The library of the run is no longer there: {place / 'LIB'}" in line and "--library" in line
    assert {p: p.read_bytes() for p in half.rglob("*") if p.is_file()} == before
    call("finetune", "--resume", "--output", half, "--library", tmp_path / "OTHER")


def test_options_that_contradict_the_run_are_told_with_both_values(call, place, monkeypatch) -> None:
    half = begin(call, monkeypatch, place, "finetune", "half", stop=True)
    line = call("finetune", "--resume", "--output", half, "--steps", 9, "--seed", 4, code=2)
    assert "seed is 3 there and 4 here" in line and "steps is 4 there and 9 here" in line
    assert "Leave the options out" in line
    make_library(place / "LIB2", patients=2, indices=(2, 3))
    line = call("finetune", "--resume", "--output", half, "--library", place / "LIB2", code=2)
    assert "another exemplars" in line


def test_a_run_from_before_inputs_were_remembered_asks_for_its_library(call, place, monkeypatch) -> None:
    half = begin(call, monkeypatch, place, "finetune", "half", stop=True)
    stored = json.loads((half / "config.json").read_text())
    del stored["inputs"]
    (half / "config.json").write_text(json.dumps(stored))
    assert "required: --library" in call("finetune", "--resume", "--output", half, code=2)
    call("finetune", "--resume", "--output", half, "--library", place / "LIB", "--checkpoint", place / "w.safetensors")


def test_a_run_that_is_there_is_noticed_before_any_work(call, place, monkeypatch) -> None:
    from SAMAdaptLib.training import finetune as loop

    half = begin(call, monkeypatch, place, "finetune", "half", stop=True)
    monkeypatch.setattr(loop, "finetune", lambda *_, **__: pytest.fail("work was begun"))
    line = call("finetune", "--library", place / "LIB", "--output", half, code=2)
    assert "A run is there already" in line and "--resume" in line
