"""Folders of scans, segmented by a predictor that thresholds, so that the right answers are known."""

from __future__ import annotations

import csv
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.structures import read_tile
from SAMAdaptLib.jobs import load
from SAMAdaptLib.jobs.folder.crew import LOST, done_by
from SAMAdaptLib.jobs.folder.one import OneByOne
from SAMAdaptLib.jobs.folder.run import segment_folder
from SAMAdaptLib.jobs.folder.task import Case, Result, ScanTask, find_cases
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.locks import changing
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.measures import measure
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.dicom_files import series
from Testing.jobs.test_segment import CENTRE, GEOMETRY, Thresholder

RADII = {"one": 14, "two": 9, "more/three": 6}


def rod(radius: float) -> np.ndarray:
    """An elliptic cylinder, on seventeen slices."""
    k, j, i = np.indices(GEOMETRY.shape)
    return (((i - 24) / radius) ** 2 + ((j - 20) / radius) ** 2 <= 1) & (np.abs(k - 12) <= 8)


def markups(at: np.ndarray) -> str:
    point = {"label": "F-1", "position": [*at], "positionStatus": "defined"}
    return json.dumps({"markups": [{"type": "Fiducial", "coordinateSystem": "RAS", "controlPoints": [point]}]})


@pytest.fixture
def scans(tmp_path) -> Path:
    """Bright cylinders, 40 on 10, and a point on each."""
    point = (GEOMETRY.ijk_to_ras @ [*CENTRE, 1])[:3]
    for name, radius in RADII.items():
        image, prompts = tmp_path / "scans" / f"{name}.nrrd", tmp_path / "points" / f"{name}.mrk.json"
        for file in (image, prompts):
            file.parent.mkdir(parents=True, exist_ok=True)
        write_volume(image, np.where(rod(radius), 40, 10).astype(np.int16), GEOMETRY)
        prompts.write_text(markups(point))
    return tmp_path / "scans"


@pytest.fixture(autouse=True)
def loaded(monkeypatch) -> list[Thresholder]:
    """The models that were loaded."""
    models: list[Thresholder] = []

    def build(**given) -> LoadedModel:
        models.append(Thresholder())
        return LoadedModel(models[-1])

    monkeypatch.setattr(load, "load_model", build)
    return models


def asked(scans: Path, **more) -> ScanTask:
    prompts = {"rod": str(scans.parent / "points")}
    return ScanTask({"model": "lite_medsam"}, prompts=prompts, propagate=True, intensity="minmax", **more)


def test_every_scan_is_segmented_and_measured(scans, tmp_path, loaded) -> None:
    heard = []
    found = segment_folder(scans, tmp_path / "out", asked(scans), listener=lambda name, result: heard.append(name))
    assert sorted(heard) == sorted(RADII) and len(loaded) == 1
    assert (found["done"], found["before"], found["failed"]) == (3, 0, {})
    with open(tmp_path / "out" / "volumes.csv", encoding="utf-8", newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    for name, radius in RADII.items():
        written = read_labels(tmp_path / "out" / rows[name]["segmentation"])
        truth = rod(radius)
        np.testing.assert_array_equal(written.mask("rod"), truth)
        # 1 x 1.2 x 2.5 mm.
        assert float(rows[name]["volume_ml"]) == pytest.approx(truth.sum() * 3 / 1000, rel=1e-3)
        assert float(rows[name]["mean_value"]) == 40 and int(rows[name]["slices"]) == 17
        tile = read_tile(tmp_path / "out" / ".cases" / f"{name}.npz")
        assert tile.names == ("rod",) and tile.title == f"{name}, slice 4"
        np.testing.assert_array_equal(tile.labels > 0, PlaneStack(GEOMETRY, "axial").view(truth)[4])
    assert (tmp_path / "out" / "overlays-1.png").stat().st_size > 5000
    assert not (tmp_path / "out" / "failures.csv").exists()


def test_what_is_done_is_not_done_again(scans, tmp_path, loaded) -> None:
    out = tmp_path / "out"
    stops = iter([False, False, True])
    with pytest.raises(Cancelled):
        segment_folder(scans, out, asked(scans), cancelled=lambda: next(stops, True))
    assert len([*out.rglob("*.seg.nrrd")]) <= 1
    first = segment_folder(scans, out, asked(scans))
    assert first["done"] + first["before"] == 3
    times = {file: file.stat().st_mtime_ns for file in out.rglob("*.seg.nrrd")}
    models = len(loaded)
    again = segment_folder(scans, out, asked(scans))
    assert (again["done"], again["before"]) == (0, 3) and again["table"] == first["table"] and len(loaded) == models
    assert times == {file: file.stat().st_mtime_ns for file in out.rglob("*.seg.nrrd")}
    # A scan that has changed since, and one whose result is gone.
    write_volume(scans / "one.nrrd", np.where(rod(5), 40, 10).astype(np.int16), GEOMETRY)
    (out / "two.seg.nrrd").unlink()
    heard = []
    segment_folder(scans, out, asked(scans), listener=lambda name, result: heard.append(name))
    assert sorted(heard) == ["one", "two"]
    np.testing.assert_array_equal(read_labels(out / "one.seg.nrrd").mask("rod"), rod(5))


def test_voxels_in_another_file_may_have_changed_unseen(scans, tmp_path) -> None:
    image = sitk.ReadImage(str(scans / "one.nrrd"))
    (scans / "one.nrrd").unlink()
    sitk.WriteImage(image, str(scans / "one.mhd"))
    segment_folder(scans, tmp_path / "out", asked(scans))
    again = segment_folder(scans, tmp_path / "out", asked(scans))
    assert (again["done"], again["before"]) == (1, 2)


def test_what_fails_is_told_and_the_others_are_done(scans, tmp_path) -> None:
    out = tmp_path / "out"
    (scans / "broken.nrrd").write_text("no image")
    (tmp_path / "points" / "two.mrk.json").unlink()
    out.mkdir()
    # Drawn by somebody else.
    write_segmentation(tmp_path / "own.seg.nrrd", {"mine": rod(3)}, GEOMETRY)
    found = segment_folder(scans, out, asked(scans))
    assert found["done"] == 2 and {*found["failed"]} == {"broken", "two"}
    assert "no markups file" in found["failed"]["two"] and "two.mrk.json" in found["failed"]["two"]
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        assert {row["image"]: row["error"] for row in csv.DictReader(file)} == found["failed"]
    # A result that was corrected by hand is not lost where its scan has changed.
    write_segmentation(out / "one.seg.nrrd", {"rod": rod(14)}, GEOMETRY)
    corrected = (out / "one.seg.nrrd").read_bytes().replace(b"SAMAdapt", b"SamAdapt")
    (out / "one.seg.nrrd").write_bytes(corrected)
    write_volume(scans / "one.nrrd", np.where(rod(5), 40, 10).astype(np.int16), GEOMETRY)
    (scans / "broken.nrrd").unlink()
    found = segment_folder(scans, out, asked(scans))
    assert {*found["failed"]} == {"one", "two"} and "not written" in found["failed"]["one"]
    assert (out / "one.seg.nrrd").read_bytes() == corrected
    # Nothing is told of the scan as it was.
    assert [row["image"] for row in found["table"]] == ["more/three"]
    found = segment_folder(scans, out, asked(scans), overwrite=True)
    assert {*found["failed"]} == {"two"}
    np.testing.assert_array_equal(read_labels(out / "one.seg.nrrd").mask("rod"), rod(5))


def test_folders_that_cannot_be_used(scans, tmp_path) -> None:
    out = tmp_path / "out"
    segment_folder(scans, out, asked(scans))
    with pytest.raises(InputError, match=r"other settings \(propagate\)"):
        segment_folder(scans, out, replace(asked(scans), propagate=False))
    with pytest.raises(InputError, match="lies inside an input"):
        segment_folder(scans, scans / "out", asked(scans))
    with pytest.raises(InputError, match="holds something else"):
        segment_folder(scans, tmp_path / "points", replace(asked(scans), prompts={"rod": str(tmp_path / "scans")}))
    with pytest.raises(InputError, match="no folder of prompts for rod"):
        segment_folder(scans, tmp_path / "new", replace(asked(scans), prompts={"rod": str(tmp_path / "none")}))
    with pytest.raises(InputError, match="workers from 1"):
        segment_folder(scans, tmp_path / "new", asked(scans), workers=0)
    with pytest.raises(InputError, match="Cannot write this file format"):
        segment_folder(scans, tmp_path / "new", asked(scans, extension=".gif"))
    told = json.loads((out / "folder.json").read_text(encoding="utf-8"))
    (out / "folder.json").write_text(json.dumps(told | {"version": "9.0"}), encoding="utf-8")
    with pytest.raises(InputError, match="are of SAMAdapt 9.0"):
        segment_folder(scans, out, asked(scans))
    with changing(out, 0), pytest.raises(InputError, match="Another process segments"):
        segment_folder(scans, out, asked(scans))
    write_volume(scans / "ONE.nii.gz", np.zeros(GEOMETRY.shape, np.int16), Geometry(GEOMETRY.size, np.eye(4)))
    with pytest.raises(InputError, match=r"results of one name \(.*one\.nrrd"):
        find_cases(scans, asked(scans))
    assert not (tmp_path / "new").exists()


def test_the_command_ends_with_1_where_some_failed(scans, tmp_path, capsys) -> None:
    (scans / "broken.nrrd").write_text("no image")
    words = ["segment", "--images", scans, "--segment", "rod", "--prompts", tmp_path / "points", "--propagate",
             "--intensity", "minmax", "--output", tmp_path / "out", "--format", ".nii.gz"]  # fmt: skip
    assert main([str(word) for word in words]) == 1
    told = capsys.readouterr().out
    assert "one: rod " in told and "broken: failed: Cannot read" in told and "3 scans segmented" in told
    assert read_labels(tmp_path / "out" / "more" / "three.nii.gz").array.sum() == rod(6).sum()
    (scans / "broken.nrrd").unlink()
    assert main([str(word) for word in [*words, "--json"]]) == 0
    assert json.loads(capsys.readouterr().out)["before"] == 3


def test_a_folder_of_dicom_series_becomes_dicom_segmentations(tmp_path) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes the segmentations, is not installed")
    places = [np.array([0.0, 0, 2.5 * k]) for k in range(GEOMETRY.size[2])]
    shown = np.where(rod(9), 40, 10)
    for number, name in enumerate(("a", "b"), start=1):
        told = {"uid": str(number), "SliceThickness": "2.5"}
        folder = series(tmp_path / "scans" / name, shown, places, spacing=(1.2, 1), **told)
        (tmp_path / "points").mkdir(exist_ok=True)
        at = read_volume(folder).geometry.to_ras(np.array([[24, 20, 12]]))[0]
        (tmp_path / "points" / f"{name}.mrk.json").write_text(markups(at))
    write_volume(tmp_path / "scans" / "plain.nrrd", shown.astype(np.int16), GEOMETRY)
    found = segment_folder(tmp_path / "scans", tmp_path / "out", asked(tmp_path / "scans", extension=".dcm"))
    assert found["done"] == 2 and "this is none" in found["failed"]["plain"]
    for number, name in enumerate(("a", "b"), start=1):
        labels = read_labels(tmp_path / "out" / f"{name}.dcm")
        assert labels.series.endswith(f".{number}") and labels.mask("rod").sum() == rod(9).sum()


@pytest.mark.parametrize("more, said", [
    (["--auto", "--segment", "a", "--prompts", "P"], "cannot be given with --auto"),
    ([], "Nothing says what is to be segmented"),
    (["--segment", "a", "--point", "1,2,3"], "one text or one folder of prompts"),
    (["--auto", "--first", "3"], "--first cannot be given with --images"),
    (["--auto", "--image", "b.nrrd"], "either an --image or a folder of --images"),
])  # fmt: skip
def test_options_that_belong_to_one_scan(scans, tmp_path, capsys, more, said) -> None:
    assert main(["segment", "--images", str(scans), "--output", str(tmp_path / "out"), *more]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "out").exists()


class Scripted(OneByOne):
    """Does what the name of a scan says."""

    def do(self, case: Case, cancelled: object = None) -> Result | None:
        mark = Path(case.image)
        if case.name == "dies" or (case.name == "dies once" and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Result([{"structure": case.name, "slices": os.getpid()}], [])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a process is killed by a signal")
def test_a_process_that_dies_costs_its_own_scan_only(tmp_path) -> None:
    names = ["a", "dies", "b", "dies once", "c", "d"]
    cases = [Case(name, str(tmp_path / name), {}) for name in names]
    found = [*done_by(2, cases, Scripted(ScanTask({}), tmp_path, False), lambda: False)]
    assert {case.name: result.error for case, result in found} == {
        name: LOST if name == "dies" else "" for name in names
    }
    pids = {row["slices"] for _, result in found for row in result.rows}
    assert len(pids) > 1 and os.getpid() not in pids


def test_measures() -> None:
    """One voxel is an octahedron around its centre, of which each of the eight faces joins three half edges; a block
    has flat faces, bevelled along its edges; a ball has more by its steps, the higher they are."""
    geometry = Geometry((90, 60, 40), np.diag([0.8, 1.2, 2.5, 1.0]))
    k, j, i = np.indices(geometry.shape)
    voxel = (k == 20) & (j == 30) & (i == 45)
    a, b, c = 0.4, 0.6, 1.25
    face = np.sqrt((a * b) ** 2 + (b * c) ** 2 + (a * c) ** 2) / 2
    found = measure(voxel, i.astype(np.float32), geometry, "axial")
    assert found == pytest.approx((0.8 * 1.2 * 2.5 / 1000, 8 * face / 100, 45, 1))
    ball = ((i - 45) * 0.8) ** 2 + ((j - 30) * 1.2) ** 2 + ((k - 20) * 2.5) ** 2 <= 22**2
    found = measure(ball, i, geometry, "coronal")
    assert found.ml == pytest.approx(4 / 3 * np.pi * 22**3 / 1000, rel=0.005) and found.slices == 37
    assert 1.05 < found.surface_cm2 / (4 * np.pi * 22**2 / 100) < 1.17
    whole = measure(np.ones(geometry.shape, bool), i, geometry, "axial")
    a, b, c = 0.8 * 90, 1.2 * 60, 2.5 * 40
    assert whole.surface_cm2 == pytest.approx(2 * (a * b + b * c + a * c) / 100, rel=0.02)
    nothing = measure(np.zeros(geometry.shape, bool), i, geometry, "axial")
    assert nothing[:2] == (0, 0) and np.isnan(nothing.mean) and nothing.slices == 0
