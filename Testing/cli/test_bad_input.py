"""Every bad input: exit code 2, one line that names it and the way out, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture
def scan(tmp_path: Path):
    """Write an image and a label map from arrays [K, J, I]; returns the paths."""

    def write(image: np.ndarray, labels: np.ndarray | None = None, spacing=(1.0, 1.0, 2.0)) -> tuple[Path, Path]:
        paths = tmp_path / "image.nrrd", tmp_path / "labels.nrrd"
        for path, array in zip(paths, (image, labels), strict=True):
            if array is not None:
                picture = sitk.GetImageFromArray(array)
                picture.SetSpacing(spacing)
                sitk.WriteImage(picture, str(path))
        return paths

    return write


@pytest.fixture
def good(scan):
    rng = np.random.default_rng(0)
    image = rng.normal(100, 20, (6, 40, 50)).astype(np.float32)
    labels = np.zeros(image.shape, np.uint8)
    labels[1:5, 10:25, 15:35] = 1
    return scan(image + 60 * labels, labels)


def refused(capsys, *words: object) -> str:
    """Run in this process; returns the one line of the error on stderr, beside which notes may stand."""
    try:
        code = main([str(w) for w in words])
    except SystemExit as stop:
        code = stop.code
    lines = [line for line in capsys.readouterr().err.strip().splitlines() if line.startswith("samadapt: error:")]
    assert code == 2 and len(lines) == 1, lines
    return lines[0]


def add(folder: Path, image: Path, labels: Path, *more: object) -> tuple:
    return ("exemplars", "add", "--library", folder, "--image", image, "--labels", labels, *more)


@pytest.mark.parametrize(
    "shape, words",
    [((3, 6, 40, 50), "3 frames"), ((6, 40, 50, 5), "5 values in each voxel")],
    ids=["4D", "vectors"],
)
def test_images_that_are_no_volume(capsys, tmp_path, good, shape, words) -> None:
    array = np.zeros(shape, np.uint8)
    image = sitk.JoinSeries([sitk.GetImageFromArray(a) for a in array]) if shape[0] == 3 else None
    image = image or sitk.GetImageFromArray(array, isVector=True)
    path = tmp_path / "odd.nrrd"
    sitk.WriteImage(image, str(path))
    line = refused(capsys, *add(tmp_path / "L", path, good[1]))
    assert "odd.nrrd" in line and words in line
    assert not (tmp_path / "L").exists()


def test_nan_and_constant_volumes(capsys, tmp_path, scan) -> None:
    labels = np.zeros((4, 20, 20), np.uint8)
    labels[1:3, 5:9, 5:9] = 1
    image = np.ones((4, 20, 20), np.float32)
    assert "constant" in refused(capsys, *add(tmp_path / "L", *scan(image, labels)))
    image[2, 3, 4] = np.nan
    line = refused(capsys, *add(tmp_path / "L", *scan(image, labels)))
    assert "image.nrrd" in line and "1" in line


def test_one_slice_volume_is_welcome(tmp_path, scan, capsys) -> None:
    rng = np.random.default_rng(0)
    image, labels = rng.normal(0, 1, (1, 30, 30)).astype(np.float32), np.zeros((1, 30, 30), np.uint8)
    labels[0, 5:15, 5:15] = 1
    assert main([str(w) for w in add(tmp_path / "L", *scan(image, labels), "--slices", "0")]) == 0


def test_labels_on_another_grid_offer_resampling(capsys, tmp_path, good) -> None:
    image, labels = good
    moved = sitk.ReadImage(str(labels))
    moved.SetOrigin((0.4, 0, 0))
    sitk.WriteImage(moved, str(labels))
    assert "--resample" in refused(capsys, *add(tmp_path / "L", image, labels))
    assert main([str(w) for w in add(tmp_path / "L", image, labels, "--resample")]) == 0


@pytest.mark.parametrize(
    "more, words",
    [
        (("--merge", "tumour=1,7"), "7"),
        (("--merge", "tumour"), "tumour"),
        (("--slices", "99"), "99"),
        (("--slices", "0"), "no label"),
        (("--slices", "a"), "12,40"),
        (("--slices", "2-999999999999"), "slice 5 holds no label"),
        (("--slices", "3-2"), "no slices from 3 to 2"),
        (("--axis", "oblique"), "axial"),
        (("--intensity", "window:40/0"), "window"),
        (("--suggest", "0"), "1 or more"),
        (("--strategy", "best"), "most-labels"),
    ],
)
def test_options_of_exemplars(capsys, tmp_path, good, more, words) -> None:
    assert words in refused(capsys, *add(tmp_path / "L", *good, *more))


def test_duplicates_and_newer_libraries(capsys, tmp_path, good) -> None:
    words = add(tmp_path / "L", *good, "--slices", "2")
    assert main([str(w) for w in words]) == 0
    manifest = tmp_path / "L" / "library.json"
    before = manifest.read_bytes()
    assert "already" in refused(capsys, *words)
    assert manifest.read_bytes() == before
    newer = json.loads(before)
    newer["format_version"] = 99
    manifest.write_text(json.dumps(newer))
    assert "newer" in refused(capsys, "exemplars", "list", "--library", tmp_path / "L")
    assert "newer" in refused(capsys, "finetune", "--library", tmp_path / "L", "--output", tmp_path / "R", "--steps", 1)
    assert not (tmp_path / "R").exists()


def test_library_without_a_labelled_exemplar(capsys, tmp_path, good) -> None:
    assert main([str(w) for w in add(tmp_path / "L", *good, "--slices", "2")]) == 0
    exemplar = json.loads((tmp_path / "L" / "library.json").read_text())["exemplars"]
    identifier = exemplar[0]["id"] if isinstance(exemplar, list) else next(iter(exemplar))
    assert main(["exemplars", "remove", "--library", str(tmp_path / "L"), identifier]) == 0
    line = refused(capsys, "synthesize", "--library", tmp_path / "L", "--output", tmp_path / "S")
    assert "exemplar" in line


@pytest.mark.parametrize(
    "prompt, words",
    [
        (("--point", "500,0,0"), "outside"),
        (("--point", "1,2"), "R,A,S"),
        (("--box", "0,0,4,0,0,4"), "area"),
        (("--box", "900,900,4,950,950,4"), "outside"),
        (("--point", "-20,-20,4,-"), "negative"),
        (("--prompts", "missing.mrk.json"), "missing.mrk.json"),
        ((), "prompt"),
    ],
)
def test_prompts(capsys, tmp_path, good, lite_medsam_file, prompt, words) -> None:
    out = tmp_path / "out.nrrd"
    line = refused(capsys, "segment", "--image", good[0], "--model", "lite_medsam", "--segment", "a", *prompt,
                   "--output", out)  # fmt: skip
    assert words in line and not out.exists()


def test_models_and_checkpoints(capsys, tmp_path, good, monkeypatch) -> None:
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    call = ("segment", "--image", good[0], "--segment", "a", "--point", "-20,-20,4", "--output", tmp_path / "o.nrrd")
    assert "lite_medsam" in refused(capsys, *call, "--model", "sam_vit_z")
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"PK\x03\x04 not a checkpoint")
    assert "broken.pth" in refused(capsys, *call, "--model", "lite_medsam", "--checkpoint", broken)
    assert "nowhere" in refused(capsys, *call, "--model", "lite_medsam", "--adapter", tmp_path / "nowhere")
    assert "256" in refused(capsys, *call, "--model", "lite_medsam", "--input-size", 999)


def test_truncated_checkpoint_of_the_right_model(capsys, tmp_path, good, lite_medsam_file) -> None:
    cut = tmp_path / "cut.pth"
    cut.write_bytes(lite_medsam_file.read_bytes()[:20_000_000])
    line = refused(capsys, "segment", "--image", good[0], "--model", "lite_medsam", "--checkpoint", cut,
                   "--segment", "a", "--point", "-20,-20,4", "--output", tmp_path / "o.nrrd")  # fmt: skip
    assert "cut.pth" in line


def test_wrong_base_model_for_an_adapter(capsys, tmp_path, good, lite_medsam_file) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    info = {
        "method": "lora", "config": {}, "base": "lite_medsam", "base_hash": "0" * 64, "input_size": 256,
        "intensity": "minmax", "axis": "axial", "classes": ["a"], "steps": 1, "mask_prompts": False, "validation": {},
        "weights_sha256": "",
        "software": "0", "created": "", "format_version": 1,
    }  # fmt: skip
    (folder / "adapter.json").write_text(json.dumps(info))
    call = ("segment", "--image", good[0], "--adapter", folder, "--segment", "a", "--point", "-20,-20,4",
            "--output", tmp_path / "o.nrrd")  # fmt: skip
    assert "Choose the base model lite_medsam" in refused(capsys, *call, "--model", "sam_vit_b")
    assert "other weights" in refused(capsys, *call)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(capsys, tmp_path, good) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "writable" in refused(capsys, *add(closed / "L", *good))


def test_output_that_is_a_file(capsys, tmp_path, good) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for words in (
        add(taken / "L", *good),
        ("evaluate", "--image", good[0], "--labels", good[1], "--model", "lite_medsam", "--output", taken),
        ("segment", "--image", good[0], "--model", "lite_medsam", "--segment", "a", "--point", "-20,-20,4", "--output",
         taken / "o.nrrd"),
    ):  # fmt: skip
        assert "taken" in refused(capsys, *words)
    assert taken.read_text() == "mine"


@pytest.mark.parametrize(
    "more, words",
    [
        (("--steps", "0"), "steps"),
        (("--steps", "1", "--method", "magic"), "lora"),
        (("--steps", "1", "--method-set", "rank=0"), "rank"),
        (("--steps", "1", "--prompts", "guess=1"), "guess"),
        (("--steps", "1", "--set", "colour=red"), "colour"),
        (("--steps", "1", "--validation", "2"), "validation"),
        (("--steps", "1", "--device", "cuda:9"), "cuda:9"),
        (("--steps", "1", "--precision", "fp8"), "fp8"),
        (("--steps", "1", "--set", "batch_size=two"), "batch_size is 'two'. Give a whole number"),
        (("--steps", "1", "--set", "lr=fast"), "lr is 'fast'. Give a number above 0"),
        (("--steps", "1", "--set", "seed=x"), "seed is 'x'. Give a whole number"),
        (("--steps", "1", "--set", "method_config=3"), "method_config is 3. Give names and values"),
        (("--steps", "1", "--set", "method=[1]", "--depth", "3"), "Unknown method: [1]. Choose one of lora"),
        (("--budget-minutes", "inf"), "budget_minutes is inf. Give a number of minutes"),
        (("--steps", "1", "--depth", "3"), "--depth is of msa, not of lora"),
        (("--steps", "1", "--method", "msa", "--size", "lean"), "--size is of dbsam, not of msa"),
        (("--steps", "1", "--method", "sammix", "--method-set", "classes=3"), "classes of sammix is filled in"),
        (("--steps", "1", "--method", "sammix"), "--backgrounds 2"),
    ],
)
def test_settings_of_training(capsys, tmp_path, good, more, words) -> None:
    assert main([str(w) for w in add(tmp_path / "L", *good, "--slices", "2")]) == 0
    line = refused(capsys, "finetune", "--library", tmp_path / "L", "--output", tmp_path / "R", *more)
    assert words in line
    assert not (tmp_path / "R").exists()


def test_a_class_without_a_slice(capsys, tmp_path, good, lite_medsam_file) -> None:
    """Said to be there, but outlined nowhere: an error until an outline comes, or the slices that name it go."""
    library, words = tmp_path / "L", ("--library", tmp_path / "L")
    assert main([str(w) for w in add(library, *good, "--slices", "2", "--merge", "liver=1")]) == 0
    named = ("exemplars", "add", *words, "--image", good[0], "--slices", 3, "--present", "liver,spleen", "--json")
    capsys.readouterr()
    assert main([str(w) for w in named]) == 0
    identifier = json.loads(capsys.readouterr().out)["added"][0]["id"]
    for more in ((), ("--no-synthesis",)):
        line = refused(capsys, "finetune", *words, "--output", tmp_path / "R", "--steps", 1, *more)
        assert "outline of spleen" in line and "exemplars remove" in line and not (tmp_path / "R").exists()
    line = refused(capsys, "synthesize", *words, "--output", tmp_path / "S", "--count", 2)
    assert "outline of spleen" in line and not (tmp_path / "S").exists()
    assert main(["exemplars", "remove", *map(str, words), identifier]) == 0
    assert "the last slice of spleen, which the library has forgotten" in capsys.readouterr().out
    assert main(["synthesize", *map(str, words), "--output", str(tmp_path / "S"), "--count", "2"]) == 0


def test_empty_label_file(capsys, tmp_path, good, scan) -> None:
    image = sitk.GetArrayFromImage(sitk.ReadImage(str(good[0])))
    paths = scan(image, np.zeros(image.shape, np.uint8))
    assert "label" in refused(capsys, *add(tmp_path / "L", *paths))


def test_interruption_keeps_a_run_that_resumes(tmp_path, good, lite_medsam_file) -> None:
    """Ctrl-C in the middle of training: 130, a checkpoint, and the run goes on from there."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "SAMAdaptLib.cli"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    assert main([str(word) for word in add(tmp_path / "L", *good, "--slices", "2")]) == 0
    run = tmp_path / "R"
    words = ["finetune", "--library", tmp_path / "L", "--output", run, "--steps", 500, "--set", "prompts_per_slice=1",
             "--set", "batch_size=1", "--method", "msa"]  # fmt: skip
    work = subprocess.Popen([*command, *map(str, words)], env=environment, stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        if (run / "metrics.jsonl").exists() and "\n" in (run / "metrics.jsonl").read_text():
            break
        time.sleep(0.1)
    work.send_signal(signal.SIGINT)
    _, words = work.communicate(timeout=60)
    assert work.returncode == 130 and "--resume" in words.splitlines()[-1]
    done = [json.loads(line)["step"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    kept = [p.stem for p in (run / "checkpoints").glob("step-*.safetensors")]
    assert kept[-1] == f"step-{done[-1]:08d}"
    shutil.rmtree(tmp_path / "L")


@pytest.mark.parametrize("option", ["--image", "--output", "--adapter", "--cache", "--prompts"])
def test_names_that_no_system_takes(capsys, tmp_path, good, option) -> None:
    long = tmp_path / ("x" * 300 + ".nrrd")
    words = ["segment", "--image", good[0], "--output", tmp_path / "a.nrrd", "--segment", "a"]
    words += ["--point", "0,0,0", option, long]
    line = refused(capsys, *words)
    assert "xxx.nrrd" in line and ("too long" in line or "No such" in line)
