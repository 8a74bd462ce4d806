"""``samadapt suggest`` from the files to the answer, with small models in this process."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.jobs import load
from Testing.tiny import build, scan

pytestmark = pytest.mark.slow


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Three scans with labels, and a library of two slices of the first."""
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))
    monkeypatch.chdir(tmp_path)
    for seed in range(3):
        volume, labels = scan(seed)
        for name, array in (("image", volume.array), ("labels", labels.array)):
            picture = sitk.GetImageFromArray(array)
            picture.SetSpacing((1, 1, 3))
            picture.SetOrigin((10, 20, 30))
            sitk.WriteImage(picture, f"{name}{seed}.nrrd")
    words = ["exemplars", "add", "--library", "LIB", "--image", "image0.nrrd", "--labels", "labels0.nrrd"]
    assert main([*words, "--merge", "disc=1", "bean=2", "--slices", "1,3", "--backgrounds", "0"]) == 0
    return ["suggest", "--model", "test_vit", "--device", "cpu", "--image", "image0.nrrd", "image1.nrrd"]


def refused(capsys, *words) -> str:
    capsys.readouterr()
    assert main([str(word) for word in words]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("samadapt: error:")]
    return line


def test_words_and_json_tell_the_same(files, capsys):
    capsys.readouterr()
    assert main([*files, "--library", "LIB", "--count", "3", "--json", "--cache", "kept"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["looked_at"] == 6 + 6 - 2 and report["stride"] == 1 and report["exemplars"] == 2
    assert len(report["slices"]) == 3 and "10 slices looked at beside 2 exemplars" in told.err
    for number, one in enumerate(report["slices"], start=1):
        assert one["image"] == f"image{one['place']}.nrrd" and one["axis"] == "axial" and one["reason"]
        # LPS of the file to RAS; the middle of 56 columns and 40 rows.
        assert one["position_mm"] == [-10 - 27.5, -20 - 19.5, 30 + 3 * one["index"]]
        assert f"{number}. {one['image']}, axial slice {one['index']}: {one['reason']}" in told.err
        assert (one["place"], one["index"]) not in ((0, 1), (0, 3))
    assert main([*files, "--library", "LIB", "--count", "3", "--json", "--cache", "kept"]) == 0
    assert json.loads(capsys.readouterr().out)["slices"] == report["slices"]
    assert main([*files, "--library", "LIB", "--count", "2", "--stride", "4"]) == 0
    assert "looked at, one of every 4" in capsys.readouterr().out


def test_a_suggested_slice_once_labelled_is_the_next_exemplar(files, capsys):
    """From a suggestion by its segmentation into the library, one command each; it is then not suggested again."""
    seen = set()
    for _ in range(3):
        capsys.readouterr()
        assert main([*files, "--library", "LIB", "--count", "1", "--json"]) == 0
        (one,) = json.loads(capsys.readouterr().out)["slices"]
        assert (one["place"], one["index"]) not in seen
        seen.add((one["place"], one["index"]))
        labels = f"labels{one['place']}.nrrd"
        empty = not sitk.GetArrayFromImage(sitk.ReadImage(labels))[one["index"]].any()
        more = ["--present", "none"] if empty else ["--labels", labels, "--merge", "disc=1", "bean=2"]
        words = ["exemplars", "add", "--library", "LIB", "--image", one["image"], "--slices", str(one["index"]), *more]
        assert main(words) == 0


def test_bad_input_is_told_before_the_model_is_loaded(files, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(load, "load_model", None)
    assert "number of slices to suggest is 0" in refused(capsys, *files, "--count", 0)
    assert "No such file" in refused(capsys, *files, "none.nrrd")
    assert "2 images with 1 label file" in refused(capsys, *files, "--labels", "labels0.nrrd")
    assert "exemplar library" in refused(capsys, *files, "--library", "elsewhere")
    (tmp_path / "empty").mkdir()
    assert "No adapter here" in refused(capsys, *files, "--adapter", "empty")
    sitk.WriteImage(sitk.GetImageFromArray(np.full((4, 8, 8), 3, np.int16)), "flat.nrrd")
    assert "No slice shows anything: flat.nrrd" in refused(capsys, *files, "flat.nrrd")
    assert not (tmp_path / "kept").exists()
