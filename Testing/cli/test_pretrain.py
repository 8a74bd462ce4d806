"""``samadapt pretrain``: from a folder of scans to a start for fine-tuning, and every way to call it wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.cli.common import Session
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import TINY_VIT, build, make_library, scan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "images"
    folder.mkdir()
    for number in range(2):
        volume, _ = scan(number)
        write_volume(folder / f"{number}.nii.gz", volume.array, volume.geometry)
    write_volume(folder / "flat.nrrd", np.ones_like(volume.array), volume.geometry)
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "tiny.safetensors"
    save_file({n: t.contiguous() for n, t in build("tiny_vit-64").sam.state_dict().items()}, path)
    return path


@pytest.fixture
def call(monkeypatch, capsys, file):
    """Run the command in this process on a small model of the registry; gives exit code, stdout and stderr's end."""
    monkeypatch.setitem(MODELS, "tiny", TINY_VIT)

    def run(verb: str, *words: object) -> tuple[int, str, str]:
        model = ("--model", "tiny", "--checkpoint", file, "--device", "cpu", "--precision", "fp32")
        try:
            code = main([str(w) for w in (verb, *model, *words)])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, out, err.strip().splitlines()[-1] if err.strip() else ""

    return run


SHORT = ("--steps", 2, "--batch-size", 2)


def test_adapters_and_fine_tuning_from_them(call, images, tmp_path) -> None:
    run = tmp_path / "RUN"
    words = ("--images", images, "--output", run, *SHORT, "--objectives", "emix,mae=0.5", "--json")
    code, out, _ = call("pretrain", *words)
    report = json.loads(out)
    assert code == 0 and report["steps"] == 2 and report["adapter"] == str(run / "adapter")
    assert report["losses"].keys() == {"loss", "emix", "mae"}
    assert [one["name"] for one in report["left_out"]] == ["flat.nrrd"] and "constant" in report["left_out"][0][
        "reason"
    ]
    code, out, _ = call("pretrain", "--images", images, "--output", run, "--resume", "--json")
    assert code == 0 and json.loads(out) == report
    make_library(tmp_path / "LIB", patients=1, indices=(2, 3))
    tuned = ("--library", tmp_path / "LIB", "--output", tmp_path / "RUN2", "--steps", 1, "--no-synthesis")
    code, _, line = call("finetune", *tuned, "--start-from", run, "--method", "lora")
    assert code == 2 and "msa" in line and not (tmp_path / "RUN2").exists()
    code, out, line = call("finetune", *tuned, "--start-from", run, "--method", "msa", "--set", "prompts_per_slice=1")
    # Two slices of one patient, of which none can be spared.
    assert code == 0 and "Base and adapter were not compared" in line
    stored = json.loads((tmp_path / "RUN2" / "config.json").read_text())
    assert stored["start"] == json.loads((run / "adapter" / "adapter.json").read_text())["weights_sha256"]


def test_from_the_shelf_and_onto_it(call, images, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAMADAPT_SHELF", str(tmp_path / "SHELF"))
    assert call("pretrain", "--images", images, "--output", tmp_path / "RUN", *SHORT, "--objectives", "mae")[0] == 0
    assert main(["adapters", "add", str(tmp_path / "RUN"), "eyes"]) == 0
    make_library(tmp_path / "LIB", patients=1, indices=(2, 3))
    tuned = ("--library", tmp_path / "LIB", "--method", "msa", "--steps", 1, "--no-synthesis", "--set",
             "prompts_per_slice=1")  # fmt: skip
    code, out, _ = call("finetune", *tuned, "--output", tmp_path / "A", "--start-from", "eyes", "--name", "liver")
    assert code == 0 and f"on the shelf as liver, in {tmp_path / 'SHELF' / 'liver'}" in out
    stored = json.loads((tmp_path / "A" / "config.json").read_text())
    learnt = json.loads((tmp_path / "RUN" / "adapter" / "adapter.json").read_text())["weights_sha256"]
    assert stored["start"] == learnt and stored["inputs"]["start_from"]["path"] == str(tmp_path / "SHELF" / "eyes")
    for part in ("adapter.json", "adapter.safetensors"):
        assert (tmp_path / "SHELF" / "liver" / part).read_bytes() == (tmp_path / "A" / "adapter" / part).read_bytes()
    # Refused before any work.
    for words, said in ((("--name", "Liver"), "taken: Liver"), (("--name", "a/b"), "a/b"), (("--start-from", "ears"),
                        "neither as a folder nor on the shelf: ears")):  # fmt: skip
        code, _, line = call("finetune", *tuned, "--output", tmp_path / "B", *words)
        assert code == 2 and said in line and not (tmp_path / "B").exists()


def test_a_name_that_is_taken_meanwhile_keeps_the_adapter(call, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAMADAPT_SHELF", str(tmp_path / "SHELF"))
    make_library(tmp_path / "LIB", patients=1, indices=(2, 3))
    monkeypatch.setattr(Shelf, "check_new", lambda shelf, name: shelf.place(name).mkdir(parents=True))
    tuned = ("--library", tmp_path / "LIB", "--steps", 1, "--no-synthesis", "--set", "prompts_per_slice=1")
    code, _, line = call("finetune", *tuned, "--output", tmp_path / "A", "--name", "liver")
    assert code == 2 and "finished, but not on the shelf" in line
    assert f"adapters add {tmp_path / 'A' / 'adapter'}" in line
    assert (tmp_path / "A" / "adapter" / "adapter.safetensors").is_file()


def test_the_encoder_as_a_checkpoint(call, images, file, tmp_path) -> None:
    run = tmp_path / "RUN"
    words = ("--images", images, "--output", run, *SHORT, "--train", "encoder", "--objectives", "shed")
    code, out, _ = call("pretrain", *words, "--intensity", "minmax", "--axis", "coronal", "--set", "lr=0.01")
    checkpoint = run / "checkpoint.safetensors"
    assert code == 0 and f"--checkpoint {checkpoint}" in out and "left out flat.nrrd" in out
    stored = json.loads((run / "config.json").read_text())
    assert (stored["axis"], stored["intensity"], stored["lr"]) == ("coronal", "minmax", 0.01)
    before, after = load_file(file), load_file(checkpoint)
    assert before.keys() == after.keys()
    changed = {n.partition(".")[0] for n in before if not np.array_equal(before[n], after[n])}
    assert changed == {"image_encoder"}
    # The later option wins, as argparse has it.
    make_library(tmp_path / "LIB", patients=1, indices=(2, 3))
    tuned = ("--library", tmp_path / "LIB", "--output", tmp_path / "RUN2", "--steps", 1, "--no-synthesis")
    code, _, _ = call("finetune", *tuned, "--checkpoint", checkpoint, "--set", "prompts_per_slice=1")
    assert code == 0


def test_interrupted_and_resumed(call, images, tmp_path, monkeypatch) -> None:
    words = ("--images", images, "--objectives", "mae", *SHORT)
    assert call("pretrain", *words, "--output", tmp_path / "whole")[0] == 0
    asked = []
    with monkeypatch.context() as patch:
        # Asked once for each of three files, then after every step.
        patch.setattr(Session, "cancelled", lambda _: asked.append(1) or len(asked) > 3)
        code, _, line = call("pretrain", *words, "--output", tmp_path / "half")
    assert code == 130 and line.startswith("samadapt: stopped:") and "--resume" in line
    assert not (tmp_path / "half" / "adapter").exists()
    assert call("pretrain", "--images", images, "--output", tmp_path / "half", "--resume")[0] == 0
    whole, half = (load_file(tmp_path / n / "adapter" / "adapter.safetensors") for n in ("whole", "half"))
    assert all(np.array_equal(whole[n], half[n]) for n in whole)


@pytest.mark.parametrize(
    "more, words",
    [
        (("--objectives", "emix,simclr"), "Unknown objective: 'simclr'. Choose from emix, shed, mae"),
        (("--method", "decoder"), "trains nothing in the encoder"),
        (("--method", "magic"), "magic"),
        (("--train", "decoder"), "adapters or encoder"),
        (("--axis", "oblique"), "axial"),
        (("--intensity", "window:40/0"), "window"),
        (("--steps", "0"), "1 or more"),
        (("--batch-size", "99"), "12 slices"),
        (("--input-size", "100"), "64, 128"),
        (("--set", "nonsense=1"), "nonsense"),
        (("--set", "nonsense"), "NAME=VALUE"),
        (("--method-set", "ratio=7"), "ratio"),
    ],
)
def test_options_that_cannot_be(call, images, tmp_path, more, words) -> None:
    code, _, line = call("pretrain", "--images", images, "--output", tmp_path / "RUN", *SHORT, *more)
    assert code == 2 and line.startswith("samadapt: error:") and words in line, line
    assert not (tmp_path / "RUN").exists()


def test_folders_without_images(call, tmp_path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder, words in ((tmp_path / "nowhere", "There is no folder"), (empty, "No images in this folder")):
        code, _, line = call("pretrain", "--images", folder, "--output", tmp_path / "RUN", *SHORT)
        assert code == 2 and words in line and str(folder) in line and not (tmp_path / "RUN").exists()


def test_a_run_is_not_overwritten(call, images, tmp_path) -> None:
    words = ("--images", images, "--output", tmp_path, "--objectives", "mae", "--steps", 1, "--batch-size", 1)
    assert call("pretrain", *words)[0] == 0
    before = (tmp_path / "adapter" / "adapter.safetensors").read_bytes()
    code, _, line = call("pretrain", *words)
    assert code == 2 and "--resume" in line
    assert (tmp_path / "adapter" / "adapter.safetensors").read_bytes() == before
