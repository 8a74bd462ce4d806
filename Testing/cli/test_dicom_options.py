"""--series and --frames, and DICOM segmentations as labels, from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.exemplars.library import Library

pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
from Testing.dicom_files import ROOT, enhanced, item, save, segmentation, series  # noqa: E402

PLACES = np.array([(-10, -20, 5 + 2.5 * k) for k in range(8)])
SHAPE = (8, 32, 40)
ONE, TWO = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
ONE[2:5, 4:16, 6:24] = True
TWO[4:7, 18:26, 4:12] = True
SCAN = np.random.default_rng(0).integers(-100, 100, SHAPE) + 150 * ONE + 300 * TWO


@pytest.fixture
def folder(tmp_path):
    """Two series, and a segmentation of the one with number 4 elsewhere."""
    series(tmp_path / "scans", SCAN, PLACES, name="a{}", uid="1", SeriesNumber=4)
    series(tmp_path / "scans", SCAN[:, ::-1], PLACES, name="b{}", uid="2", SeriesNumber=5)
    data = segmentation(tmp_path / "seg.dcm", {"organ1": ONE, "organ2": TWO}, PLACES)
    data.ReferencedSeriesSequence = [item(SeriesInstanceUID=ROOT + "1")]
    save(data)
    return tmp_path


def add(folder, *words) -> list[str]:
    return ["exemplars", "add", "--library", str(folder / "lib"), "--labels", str(folder / "seg.dcm"), "--json",
            "--image", *map(str, words)]  # fmt: skip


def test_a_series_is_chosen_and_its_segmentation_names_the_classes(folder, capsys):
    assert main(add(folder, folder / "scans", "--suggest", "6")) == 2
    error = capsys.readouterr().err
    assert "2 DICOM series" in error and "--series 4" in error and "Doe" not in error
    assert not (folder / "lib").exists()
    assert main(add(folder, folder / "scans", "--series", "4", "--suggest", "6", "--backgrounds", "0")) == 0
    answer = json.loads(capsys.readouterr().out)
    found = {entry["slice"]: sorted(entry["classes"]) for entry in answer["added"]}
    assert found == {2: ["organ1"], 3: ["organ1"], 4: ["organ1", "organ2"], 5: ["organ2"], 6: ["organ2"]}
    assert not any("another DICOM series" in text for text in answer.get("notes", []))
    assert Library.open(folder / "lib").counts() == {"organ1": 3, "organ2": 3}
    assert not any(ROOT.encode() in file.read_bytes() for file in (folder / "lib").rglob("*") if file.is_file())
    assert main(add(folder, folder / "scans", "--series", ROOT + "2", "--slices", "3")) == 0
    assert any("another DICOM series" in text for text in json.loads(capsys.readouterr().out)["notes"])


def test_frames_are_chosen(folder, capsys):
    both = np.concatenate([SCAN[:, ::-1], SCAN])
    many = save(enhanced(folder / "many" / "a.dcm", both, np.concatenate([PLACES, PLACES])))
    assert main(add(folder, many, "--slices", "3")) == 2
    assert "--frames (1-8: 8 slices; 9-16: 8 slices)" in capsys.readouterr().err
    assert main(add(folder, many, "--slices", "3", "--frames", "9-16")) == 0
    library = Library.open(folder / "lib")
    # The very slice of the series in files: the library takes it for the same.
    assert main(add(folder, folder / "scans", "--series", "4", "--slices", "3")) == 2
    assert len(library.infos()) == 1 and "already" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["segment", "evaluate"])
def test_other_verbs_list_the_series_before_any_work(folder, capsys, verb):
    words = {
        "segment": ["--segment", "a", "--point", "1,2,3", "--output", str(folder / "o.seg.nrrd")],
        "evaluate": ["--labels", str(folder / "seg.dcm"), "--output", str(folder / "report")],
    }[verb]
    assert main([verb, "--image", str(folder / "scans"), *words, "--series", "7"]) == 2
    assert "No DICOM series 7 here, but 4: CT, 8 slices" in capsys.readouterr().err
    if verb == "evaluate":
        assert main([verb, "--image", str(folder / "scans"), *words, "--frames", "1", "2"]) == 2
        assert "1 image with 2 --frames" in capsys.readouterr().err
    assert main([verb, "--image", str(folder / "seg.dcm"), *words]) == 2
    assert "is a DICOM segmentation, not an image" in capsys.readouterr().err
