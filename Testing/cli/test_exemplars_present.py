"""Slices without outlines, and neighbours, from the command line."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.exemplars.library import Library
from Testing.tiny import scan


@pytest.fixture
def image(tmp_path):
    volume, _ = scan()
    path = tmp_path / "scan.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(volume.array), str(path))
    return path


def run(capsys, *words):
    code = main([*map(str, words), "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if code == 0 else captured.err


def test_slices_are_added_by_what_is_on_them(tmp_path, image, capsys):
    folder = tmp_path / "library"
    add = ("exemplars", "add", "--library", folder, "--image", image, "--neighbours", 1)
    code, told = run(capsys, *add, "--present", "disc, bean", "--slices", "1,3-4")
    assert code == 0 and [entry["slice"] for entry in told["added"]] == [1, 3, 4]
    code, told = run(capsys, *add, "--present", "none", "--slices", "0")
    assert code == 0 and len(told["backgrounds"]) == 1
    infos = Library.open(folder).infos()
    assert [i.present for i in infos] == [("disc", "bean")] * 3 + [()] and infos[3].background
    assert np.array_equal(Library.open(folder).load(infos[1].id).neighbours, scan()[0].array[[2, 4]])
    code, told = run(capsys, "exemplars", "list", "--library", folder)
    assert len(told["present"]) == 3 and not told["exemplars"] and told["counts"] == {"disc": 0, "bean": 0}


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ((), "--labels or --present"),
        (("--present", "disc"), "--slices"),
        (("--present", "disc", "--slices", "4-x"), "12,40-60"),
        (("--present", "disc", "--slices", "9"), "0 to 5"),
    ],
)
def test_what_is_missing_is_named(tmp_path, image, capsys, words, remedy):
    code, told = run(capsys, "exemplars", "add", "--library", tmp_path / "library", "--image", image, *words)
    assert code == 2 and remedy in told
