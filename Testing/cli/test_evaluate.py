"""What evaluate tells of several scans, on the command line and in metrics.json."""

from __future__ import annotations

import json
import statistics

import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.jobs import load
from Testing.tiny import build, scan

pytestmark = pytest.mark.slow


@pytest.fixture
def scans(tmp_path, monkeypatch):
    """Three scans; the "bean" is on the first two only."""
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))
    for seed in range(3):
        volume, labels = scan(seed)
        labels.array[(labels.array == 2) & (seed == 2)] = 0
        for name, array in (("image", volume.array), ("labels", labels.array)):
            picture = sitk.GetImageFromArray(array)
            picture.SetSpacing((1, 1, 3))
            sitk.WriteImage(picture, str(tmp_path / f"{name}{seed}.nrrd"))
    files = {name: [tmp_path / f"{name}{seed}.nrrd" for seed in range(3)] for name in ("image", "labels")}
    words = ["evaluate", "--image", *files["image"], "--labels", *files["labels"], "--merge", "disc=1", "bean=2"]
    words += ["--model", "test_vit", "--prompt", "box-grow:0.1", "--device", "cpu", "--output", tmp_path / "out"]
    return [str(word) for word in words], tmp_path / "out" / "metrics.json"


def test_each_organ_over_the_scans_that_have_it(scans, capsys):
    words, path = scans
    assert main(words) == 0
    told = capsys.readouterr().out
    report = json.loads(path.read_text(encoding="utf-8"))
    labels = [case["labels"] for case in report["cases"]]
    for name in report["labels"]:
        values = [of[name]["dice"] for of in labels if name in of and of[name]["status"] != "both empty"]
        mean, sd = statistics.mean(values), statistics.stdev(values)
        assert report["labels"][name]["dice"] == {
            "mean": pytest.approx(mean), "sd": pytest.approx(sd), "n": len(values)
        }  # fmt: skip
        assert f"{mean:.3f} ± {sd:.3f}" in told
        apart = report["labels"][name]["hd95_mm"]
        assert f" {apart['mean']:.1f} ± {apart['sd']:.1f} " in told
    assert [report["labels"][name]["n"] for name in ("disc", "bean")] == [3, 2]
    assert "3 of 3" in told and "2 of 3" in told
    # Every figure of a label has its convention and unit beside it, and the words say how surfaces were measured.
    assert set(report["figures"]) <= set(report["cases"][0]["labels"]["disc"])
    assert main([*words[:-2], "--output", str(path.parents[1] / "no"), "--merge", "bone=7"]) == 2
    assert "No label 7" in capsys.readouterr().err and not (path.parents[1] / "no").exists()
    assert "mm" in report["figures"]["hd95_mm"] and "HD95 and NSD (at 2 mm): of surfaces in 3D" in told


def test_slices_with_gaps_are_told_from_3d(scans, capsys):
    words, path = scans
    assert main([*words, "--slices", "every:3"]) == 0
    assert "HD95 and NSD (at 2 mm): means over slices, each measured in 2D" in capsys.readouterr().out
    report = json.loads(path.read_text(encoding="utf-8"))
    disc = report["cases"][0]["labels"]["disc"]
    assert report["mean"]["surfaces"] == disc["surfaces"] == "slices" and disc["hd95_mm"] == disc["slice_hd95_mm"]


def test_a_fault_in_the_last_scan_is_found_before_the_first_is_scored(scans, tmp_path, capsys, monkeypatch):
    words, path = scans
    monkeypatch.setattr(load, "load_model", None)  # nothing is loaded either
    labels = sitk.ReadImage(str(tmp_path / "labels2.nrrd"))
    labels.SetOrigin((0.4, 0, 0))
    sitk.WriteImage(labels, str(tmp_path / "labels2.nrrd"))
    labels.SetOrigin((0, 0, 0))
    sitk.WriteImage(labels * 0, str(tmp_path / "empty.nrrd"))
    assert main(words) == 2
    assert "The labels lie on another grid" in capsys.readouterr().err and not path.parent.exists()
    words[words.index(str(tmp_path / "labels2.nrrd"))] = str(tmp_path / "empty.nrrd")
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "No label on any of the slices" in told and "empty.nrrd" in told and not path.parent.exists()
