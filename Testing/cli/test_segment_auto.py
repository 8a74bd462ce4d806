"""From exemplars to a segmentation that nobody prompted, on the command line, with a model that trains in seconds."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.adapters.file import read_adapter_info
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.jobs import load
from SAMAdaptLib.training import engine as loop
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume
from Testing.tiny import build, make_library, scan

pytestmark = pytest.mark.slow

CLASSES = ["disc", "bean"]


@pytest.fixture(autouse=True)
def small_model(monkeypatch):
    for module in (loop, load):
        monkeypatch.setattr(module, "build_sam", lambda *names, **options: build("vit-64"))


@pytest.fixture(scope="module")
def adapters(tmp_path_factory):
    """Runs of sammix and of a method that does not find anything, and a scan with its labels."""
    folder = tmp_path_factory.mktemp("auto")
    library = make_library(folder / "LIB", backgrounds=(0, 5))
    volume, labels = scan(7)
    for name, array in (("image", volume.array), ("labels", labels.array)):
        picture = sitk.GetImageFromArray(array)
        picture.SetSpacing((1, 1, 3))
        sitk.WriteImage(picture, str(folder / f"{name}.nrrd"))
    # The paper's classifier, as the tiny model's embedding shows nothing.
    settings = ("classifier_width=8", "classifier_size=128", "features=image", "strongest=1", "outlines=0")
    small = [word for setting in settings for word in ("--method-set", setting)]
    small += ["--set", "known_slices=8"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "build_sam", lambda *names, **options: build("vit-64"))
        for method, more in (("sammix", [*small, "--steps", 60]), ("decoder", ["--steps", 1])):
            words = ["finetune", "--library", library.folder, "--method", method, "--output", folder / method, *more]
            words += ["--device", "cpu", "--precision", "fp32", "--validation", "none", "--set", "synthetic_count=8"]
            words += ["--set", "found_share=1", "--set", "batch_size=1", "--set", "prompts_per_slice=2"]
            assert main([str(word) for word in words]) == 0
    return folder


def call(capsys, *words):
    code = main([str(word) for word in (*words, "--json")])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if code == 0 else captured.err


def test_the_run_learns_what_is_on_slices_and_where(adapters):
    info = read_adapter_info(adapters / "sammix")
    assert list(info.classes) == CLASSES and info.config["classes"] == 2
    losses = [line["slice_loss"] for line in read_metrics(adapters / "sammix")]
    # Knowing nothing costs 0.25 * (1/2)^2 * log 2.
    assert losses[0] == pytest.approx(0.0625 * np.log(2), rel=0.9) and np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


@pytest.mark.parametrize("more", [(), ("--no-cleanup",)])
def test_everything_is_segmented_without_a_prompt(adapters, tmp_path, capsys, more):
    out = tmp_path / "organs.seg.nrrd"
    words = ("segment", "--image", adapters / "image.nrrd", "--adapter", adapters / "sammix", "--auto", "--output", out)
    code, told = call(capsys, *words, "--device", "cpu", *more)
    assert code == 0 and list(told["segments"]) == CLASSES
    written = read_labels(out)
    assert list(written.names) == CLASSES
    assert written.geometry.shape == read_volume(adapters / "image.nrrd").array.shape == (6, 40, 56)
    for name in CLASSES:
        mask, slices = written.mask(name), told["segments"][name]["slices"]
        # A voxel has 3 mm^3.
        assert told["segments"][name]["ml"] == pytest.approx(mask.sum() * 0.003)
        assert [(s["index"], s["area"]) for s in slices] == [(k, mask[k].sum()) for k in range(6) if mask[k].any()]
    assert written.mask("disc").any()
    # The outer slices show nothing, and on slice 0 nothing is found in the ones before it either.
    assert not written.mask("disc")[0].any() and not written.mask("disc")[5].any()


def test_found_prompts_are_scored_beside_oracle_boxes_and_the_whole_slice(adapters, tmp_path, capsys):
    words = ("evaluate", "--image", adapters / "image.nrrd", "--labels", adapters / "labels.nrrd", "--merge", "disc=1",
             "--adapter", adapters / "sammix", "--device", "cpu")  # fmt: skip
    figures = {}
    for prompt in ("auto", "box", "whole-image"):
        code, told = call(capsys, *words, "--prompt", prompt, "--output", tmp_path / prompt)
        assert code == 0 and told["prompt"] == prompt
        figures[prompt] = told["cases"][0]["labels"]["disc"]
        assert (tmp_path / prompt / "metrics.json").is_file() and list((tmp_path / prompt / "overlays").iterdir())
        assert ("found prompts" in told["setting"]) is (prompt == "auto")
    # The same slices, the same truth.
    assert {f["slices"] for f in figures.values()} == {4} and len({f["truth_voxels"] for f in figures.values()}) == 1
    assert figures["auto"]["status"] == "ok"


@pytest.mark.parametrize(
    "more, words",
    [
        (("--segment", "a", "--point", "1,2,3"), "Prompts cannot be given with --auto"),
        (("--propagate",), "--propagate cannot be given"),
        (("--all-axes",), "--all-axes cannot be given"),
        (("--first", 0), "--first cannot be given"),
    ],
)
def test_prompts_and_auto_exclude_each_other(adapters, tmp_path, capsys, more, words):
    out = tmp_path / "o.nrrd"
    given = ("--image", adapters / "image.nrrd", "--adapter", adapters / "sammix", "--auto", "--output", out)
    code, told = call(capsys, "segment", *given, *more)
    assert code == 2 and words in told and not out.exists()


def test_who_cannot_find_is_told_who_can(adapters, tmp_path, capsys):
    image = ("--image", adapters / "image.nrrd", "--adapter", adapters / "decoder", "--device", "cpu")
    out = ("--output", tmp_path / "new" / "o.nrrd")
    code, told = call(capsys, "segment", "--auto", *image, *out)
    assert code == 2 and "--method sammix" in told
    code, told = call(capsys, "segment", "--text", "disc", *image, *out)
    assert code == 2 and "text" in told
    labels = ("--labels", adapters / "labels.nrrd", "--merge", "disc=1")
    code, told = call(capsys, "evaluate", "--prompt", "auto", *image, *labels, *out)
    assert code == 2 and "--method sammix" in told
    code, told = call(capsys, "evaluate", "--prompt", "auto", "--propagate", *image, *labels, *out)
    assert code == 2 and "not propagated" in told
    assert not list(tmp_path.iterdir())


def test_of_a_folder_it_is_told_once_and_before_any_work(adapters, tmp_path, capsys):
    scans = tmp_path / "scans"
    scans.mkdir()
    for name in ("a.nrrd", "b.nrrd"):
        # What reads one would be told of it.
        (scans / name).write_bytes(b"no scan")
    out = tmp_path / "out"
    for model in (("--adapter", adapters / "decoder"), ("--model", "lite_medsam")):
        for way, words in (("--auto", "--method sammix"), ("--text", "knows no text prompts: disc")):
            what = (way,) if way == "--auto" else (way, "disc")
            code, told = call(capsys, "segment", "--images", scans, *what, *model, "--output", out)
            assert code == 2 and words in told and len(told.splitlines()) == 1 and not out.exists()
    # Who can is let through, to the scans.
    code, told = call(capsys, "segment", "--images", scans, "--auto", "--adapter", adapters / "sammix", "--output", out)
    assert code == 1 and (out / "failures.csv").is_file()


@pytest.mark.parametrize("way", [("--auto",), ("--segment", "disc", "--point=-18,-20,6")], ids=["auto", "prompts"])
def test_slices_along_another_axis_than_the_adapters_are_remarked_upon(adapters, tmp_path, capsys, way):
    words = ("segment", "--image", adapters / "image.nrrd", "--adapter", adapters / "sammix", "--device", "cpu")
    for axis, told in (("coronal", True), ("axial", False), (None, False)):
        chosen = () if axis is None else ("--axis", axis)
        assert main([str(w) for w in (*words, *way, *chosen, "--output", tmp_path / "o.nrrd")]) == 0
        assert ("trained on axial slices and may find less on coronal ones" in capsys.readouterr().err) is told
