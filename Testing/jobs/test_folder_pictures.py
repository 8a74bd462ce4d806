"""Folders that hold pictures, images over time and other things beside volumes."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.evaluation.structures import read_tile
from SAMAdaptLib.jobs import load
from SAMAdaptLib.jobs.folder.run import segment_folder
from SAMAdaptLib.jobs.folder.task import ScanTask, find_cases
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.volume.image import to_image
from SAMAdaptLib.volume.intensity import in_grey
from SAMAdaptLib.volume.mark import is_marked
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import write_volume
from Testing.dicom_files import series
from Testing.jobs.test_folder import markups, rod
from Testing.jobs.test_segment import CENTRE, GEOMETRY, Thresholder


class InGrey(Thresholder):
    def encode(self, image, frame):
        return super().encode(in_grey(image), frame)


@pytest.fixture(autouse=True)
def loaded(monkeypatch) -> None:
    monkeypatch.setattr(load, "load_model", lambda **given: LoadedModel(InGrey()))


def disc(radius: float) -> np.ndarray:
    """[40, 48], around the middle."""
    j, i = np.indices((40, 48))
    return (i - 24) ** 2 + (j - 20) ** 2 <= radius**2


def save(path: Path, radius: float, colour: bool = False, mode: str = "", pages: int = 1) -> None:
    """A picture of a bright disc."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = np.where(disc(radius), 220, 20).astype(np.uint8)
    one = Image.fromarray(np.stack([shown, shown, shown // 2], axis=-1) if colour else shown)
    one = one.convert(mode) if mode else one
    more = {"save_all": True, "append_images": [one] * (pages - 1)} if pages > 1 else {}
    one.save(path, **more)


@pytest.fixture
def mixed(tmp_path) -> Path:
    """A volume, pictures of all kinds, some that cannot be read, an image over time, and other files."""
    scans, points = tmp_path / "scans", tmp_path / "points"
    save(scans / "one.png", 9)
    save(scans / "photo.bmp", 7, colour=True)
    save(scans / "in" / "scan.tif", 5)
    save(scans / "stack.tif", 8, pages=3)
    save(scans / "print.jpg", 8, colour=True, mode="CMYK")
    save(scans / "film.tif", 8, colour=True, pages=2)
    save(scans / "web.gif", 8)
    shown = np.where(rod(14), 40, 10).astype(np.int16)
    write_volume(scans / "one.nrrd", shown, GEOMETRY)
    frames = [to_image(one, GEOMETRY) for one in (shown, np.zeros_like(shown))]
    sitk.WriteImage(sitk.JoinSeries(frames), str(scans / "time.nii.gz"))
    in_volume, in_picture = GEOMETRY.to_ras(np.array([CENTRE]))[0], np.array([-24.0, -20, 0])
    for name in ("one", "time", "one_png", "photo", "in/scan", "stack", "print", "film", "web"):
        file = points / f"{name}.mrk.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(markups(in_volume if name in ("one", "time") else in_picture))
    return scans


def words(mixed: Path, *more: str) -> list[str]:
    return ["segment", "--images", str(mixed), "--segment", "lost", "--prompts", str(mixed), "--segment", "disc",
            "--prompts", str(mixed.parent / "points"), "--output", str(mixed.parent / "out"), *more]  # fmt: skip


def rows(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "volumes.csv", encoding="utf-8", newline="") as file:
        return {row["image"]: row for row in csv.DictReader(file)}


def test_pictures_are_segmented_beside_volumes_and_measured_in_pixels(mixed, tmp_path, capsys) -> None:
    (mixed / "notes.txt").write_text("no image")
    (mixed / ".hidden.png").write_bytes(b"")
    assert main(words(mixed)) == 1
    told, out = capsys.readouterr(), tmp_path / "out"
    assert "Left out are 1 hidden (.hidden.png) and 1 other file (notes.txt)" in told.err
    assert f"one_png: disc {disc(9).sum()} pixels" in told.out and "1 mm stands for" not in told.err
    found = rows(out)
    radii = {"one_png": 9, "photo": 7, "in/scan": 5}
    assert [*found] == ["in/scan", "one", "one_png", "photo", "stack"]
    for name, radius in radii.items():
        row = found[name]
        assert (row["volume_ml"], row["surface_cm2"], row["segmentation"]) == ("", "", f"{name}.png")
        assert int(row["pixels"]) == disc(radius).sum() and row["mean_value"] == ("" if name == "photo" else "220.0")
        with Image.open(out / f"{name}.png") as picture:
            # The second object has the second value, although there are no prompts for the first one.
            np.testing.assert_array_equal(np.asarray(picture), 2 * disc(radius))
        assert row["label"] == "2" and read_tile(out / ".cases" / f"{name}.npz").title == name
    assert found["stack"]["segmentation"] == "stack.seg.nrrd" and int(found["stack"]["pixels"]) == disc(8).sum()
    assert read_labels(out / "one.seg.nrrd").mask("disc").sum() == rod(14)[12].sum()
    assert found["one"]["pixels"] == found["one"]["label"] == "" and float(found["one"]["volume_ml"]) > 0
    with open(out / "failures.csv", encoding="utf-8", newline="") as file:
        failed = {row["image"]: row["error"] for row in csv.DictReader(file)}
    said = {"print": "CMYK", "film": "2 colour pictures", "web": "web.gif. Save it as PNG", "time": "with --frame"}
    assert {*failed} == {*said} and all(text in failed[name] for name, text in said.items())


def test_a_frame_of_all_images_over_time_is_added_to_what_is_done(mixed, tmp_path, capsys) -> None:
    main(words(mixed))
    capsys.readouterr()
    assert main(words(mixed, "--frame", "1", "--json")) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["done"], told["before"]) == (1, 5) and "time" not in told["failed"]
    assert read_labels(tmp_path / "out" / "time.seg.nrrd").mask("disc").sum() == rod(14)[12].sum()
    assert main(words(mixed, "--frame", "2")) == 2 and "other settings (frame)" in capsys.readouterr().err
    assert main(words(mixed, "--frame", "0")) == 2 and "There is no frame 0" in capsys.readouterr().err


def test_another_format_is_that_of_pictures_too(mixed, tmp_path) -> None:
    assert main(words(mixed, "--format", ".nii.gz")) == 1
    found = rows(tmp_path / "out")
    assert {row["segmentation"] for row in found.values()} == {f"{name}.nii.gz" for name in found}
    assert set(np.unique(read_labels(tmp_path / "out" / "one.nii.gz").array)) == {0, 2}


def test_what_is_not_taken_is_told_in_a_line(mixed, tmp_path) -> None:
    """Results, also of an earlier call, are no scans, and what viewers bring beside a series is none either."""
    task = ScanTask({"model": "lite_medsam"}, prompts={"disc": str(tmp_path / "points")})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Note)
        segment_folder(mixed, tmp_path / "out", task)
    (tmp_path / "out").rename(mixed / "earlier")
    write_segmentation(mixed / "mine.nii.gz", {"disc": rod(3)}, GEOMETRY)
    write_segmentation(mixed / "theirs.seg.nrrd", {"disc": rod(3)}, GEOMETRY)
    (mixed / "one.png").replace(mixed / "two.png")
    ct = series(mixed / "ct", np.where(rod(9), 40, 10), [np.array([0.0, 0, 2.5 * k]) for k in range(24)])
    for file in ct.iterdir():
        file.rename(file.with_suffix(""))
    save(ct / "logo.png", 3)
    image = sitk.ReadImage(str(mixed / "one.nrrd"))
    sitk.WriteImage(image, str(mixed / "apart.mhd"))
    for number in range(4):
        (mixed / f"{number}.txt").write_text("")
    with pytest.warns(Note) as told:
        names = {case.name for case in find_cases(mixed, task)}
    assert {"ct", "one", "two", "in/scan", "apart"} <= names and not any("earlier" in name for name in names)
    (text,) = {str(one.message) for one in told}
    assert "3 segmentations or results (earlier, mine.nii.gz, theirs.seg.nrrd)" in text
    assert "1 picture beside DICOM (ct/logo.png) and 4 other files (0.txt, 1.txt, 2.txt, ...)" in text
    for name in ("two.bmp", "TWO_png.bmp"):
        save(mixed / name, 3)
    with pytest.raises(InputError, match="results of one name"):
        find_cases(mixed, task)


@pytest.mark.parametrize("ending", [".nrrd", ".mha", ".nii", ".nii.gz"])
def test_results_are_known_without_their_voxels(tmp_path, ending) -> None:
    """Of a folder of large scans only headers are looked at, before the first is segmented."""
    noise = np.random.default_rng(0).random(GEOMETRY.shape)
    result, scan = tmp_path / f"result{ending}", tmp_path / f"scan{ending}"
    write_segmentation(result, {"disc": noise > 0.5}, GEOMETRY)
    write_volume(scan, (noise > 0.5).astype(np.uint8), GEOMETRY)
    for file in (result, scan):
        file.write_bytes(file.read_bytes()[:1000])
    assert is_marked(result) and not is_marked(scan)
    with pytest.warns(Note, match="1 segmentation or result"):
        assert [case.name for case in find_cases(tmp_path, ScanTask({}))] == ["scan"]
