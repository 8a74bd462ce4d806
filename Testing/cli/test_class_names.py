"""One anatomy, one name: made-up names are told, given ones are taken, and two for one slice are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main


@pytest.fixture
def add(tmp_path, capsys):
    """Add slice 2 of a scan, with an organ of value 1 and another of value 3, to a library; gives JSON or the error."""
    image = np.random.default_rng(0).normal(100, 20, (6, 40, 50)).astype(np.float32)
    image[4] = image[1]
    labels = np.zeros(image.shape, np.uint8)
    labels[1:5, 10:25, 15:25] = 1
    labels[1:5, 10:25, 28:35] = 3
    for name, array in (("image", image), ("labels", labels)):
        sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / f"{name}.nrrd"))
    labels[2, 10, 15] = 0
    sitk.WriteImage(sitk.GetImageFromArray(labels), str(tmp_path / "corrected.nrrd"))

    def run(*more: object, labels: str = "labels.nrrd", code: int = 0):
        words = ("exemplars", "add", "--library", tmp_path / "L", "--image", tmp_path / "image.nrrd", "--json",
                 "--labels", tmp_path / labels, *more)  # fmt: skip
        assert main([str(w) for w in words]) == code
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err.splitlines()[-1]

    return run


def test_made_up_names_are_told_with_two_ways_to_name(add) -> None:
    report = add("--slices", 2)
    assert report["counts"] == {"label_1": 1, "label_3": 1}
    (note,) = report["notes"]
    assert "called label_1, label_3" in note and "--names FILE" in note and "--merge liver=1" in note


def test_names_from_a_file(add, tmp_path) -> None:
    (tmp_path / "names.csv").write_text("1,liver\n3,spleen\n")
    report = add("--slices", 2, "--names", tmp_path / "names.csv")
    assert report["counts"] == {"liver": 1, "spleen": 1} and "notes" not in report
    # The same slice and the same names are the duplicate that they were before.
    assert "holds this slice already" in add("--slices", 2, "--merge", "liver=1", "spleen=3", code=2)


def test_two_names_for_what_is_outlined_on_one_slice_are_refused(add, tmp_path) -> None:
    add("--slices", 3, "--merge", "liver=1", "spleen=3")
    before = {p: p.read_bytes() for p in (tmp_path / "L").iterdir()}
    # Slice 2 alone would do; that 3 is refused leaves it out as well.
    line = add("--slices", "2,3", code=2)
    assert "calls liver what is now called label_1" in line and "--names FILE or --merge" in line
    assert {p: p.read_bytes() for p in (tmp_path / "L").iterdir()} == before
    # One of the names is enough, and so is the other way to choose slices.
    assert "calls spleen what is now called pancreas" in add("--merge", "liver=1", "pancreas=3", "--suggest", 4, code=2)
    assert {p: p.read_bytes() for p in (tmp_path / "L").iterdir()} == before


def test_a_joined_name_for_what_is_apart_is_refused(add, tmp_path) -> None:
    # A library that is begun is no exception.
    assert "No axial slice 9" in add("--slices", 9, code=2) and not (tmp_path / "L").exists()
    add("--slices", 2, "--merge", "lobe=1", "segment=3")
    before = {p: p.read_bytes() for p in (tmp_path / "L").iterdir()}
    line = add("--slices", 2, "--merge", "liver=1,3", code=2)
    assert "calls lobe and segment what is now called liver" in line
    # Of several slices none is added where one cannot be: 5 has no outline, 9 does not exist.
    assert "slice 5 holds no label" in add("--slices", "3,5", "--merge", "lobe=1", "segment=3", code=2)
    assert "No axial slice 9" in add("--slices", "3,9", "--merge", "lobe=1", "segment=3", code=2)
    assert {p: p.read_bytes() for p in (tmp_path / "L").iterdir()} == before


def test_other_outlines_of_a_slice_are_told(add) -> None:
    add("--slices", 2, "--merge", "liver=1", "spleen=3")
    report = add("--slices", 2, "--merge", "liver=1", "spleen=3", labels="corrected.nrrd")
    (note,) = report["notes"]
    assert "slice 2 already with other outlines" in note and report["counts"] == {"liver": 2, "spleen": 2}


def test_other_outlines_take_the_place_of_earlier_ones(add, tmp_path) -> None:
    from SAMAdaptLib.exemplars.library import Library

    named = ("--merge", "liver=1", "spleen=3")
    (old, other) = (one["id"] for one in add("--slices", "2,3", *named, "--subject", "A")["added"])
    report = add("--slices", 2, *named, "--replace", labels="corrected.nrrd")
    (new,) = (one["id"] for one in report["added"])
    assert report["replaced"] == [old] and "notes" not in report
    library = Library.open(tmp_path / "L")
    first, second = library.infos()
    # In its place, as the same patient's, and without the corner that the correction took away.
    assert [first.id, second.id] == [new, other] and first.group == second.group
    assert library.load(new).labels[10, 15] == 0 and library.load(new).labels[10, 16] == 1
    assert not list((tmp_path / "L").glob(f"{old}*"))
    # The same once more is no error, and makes one of two that were added before.
    again = add("--slices", 2, *named, "--replace", labels="corrected.nrrd")
    assert again["skipped"] == [2] and again["added"] == again["replaced"] == []
    add("--slices", 2, *named)
    # A slice that is named twice is meant once.
    assert add("--slices", "2,2-2", *named, "--replace")["replaced"] == [new]
    assert [info.id for info in Library.open(tmp_path / "L").infos()] == [other, old]


def test_outlines_are_not_replaced_by_names_alone(add, tmp_path) -> None:
    from SAMAdaptLib.errors import InputError
    from SAMAdaptLib.jobs.exemplars import add_exemplar
    from SAMAdaptLib.volume.volume import read_volume

    (old,) = (one["id"] for one in add("--slices", 2, "--merge", "liver=1", "spleen=3")["added"])
    image = read_volume(tmp_path / "image.nrrd")
    with pytest.raises(InputError, match=f"Slice 2 is outlined in the library, as {old}"):
        add_exemplar(tmp_path / "L", image, None, 2, present=("liver",), replace=True)
    # Names are replaced by names, and by outlines.
    named = add_exemplar(tmp_path / "L", image, None, 3, present=("liver",), replace=True)
    other = add_exemplar(tmp_path / "L", image, None, 3, present=("spleen",), replace=True)
    report = add("--slices", 3, "--merge", "liver=1", "spleen=3", "--replace")
    assert named.id != other.id and report["replaced"] == [other.id] and report["counts"] == {"liver": 2, "spleen": 2}


def test_slices_that_are_alike_take_one_place(add) -> None:
    (old,) = (one["id"] for one in add("--slices", 1, "--merge", "liver=1", "spleen=3")["added"])
    report = add("--slices", "1,4", "--merge", "liver=1", "pancreas=3", "--replace")
    assert report["replaced"] == [old] and report["skipped"] == [4]
    assert report["counts"] == {"liver": 1, "pancreas": 1}


def test_a_new_name_for_all_slices_that_have_the_old_one(add) -> None:
    add("--slices", "2,3", "--merge", "liver=1", "spleen=3")
    renamed = ("--merge", "liver=1", "pancreas=3", "--replace")
    # Slice 3 would still call it spleen.
    assert "calls spleen what is now called pancreas" in add("--slices", 2, *renamed, code=2)
    assert add("--slices", "2,3", *renamed)["counts"] == {"liver": 2, "pancreas": 2}


def test_values_that_two_names_claim(add, tmp_path) -> None:
    (tmp_path / "names.json").write_text('{"labels": {"1": "kidney", "3": "kidney"}}')
    assert "--merge 'kidney=1,3'" in add("--slices", 2, "--names", tmp_path / "names.json", code=2)


def test_names_that_only_spelling_sets_apart_are_told(add) -> None:
    add("--slices", 2, "--merge", "left kidney=1", "spleen=3")
    report = add("--slices", 4, "--merge", "Left_Kidney=1", "spleen=3")
    assert "a class left kidney, from which only its spelling sets Left_Kidney apart" in report["notes"][0]


def test_the_image_in_place_of_its_labels(add, tmp_path) -> None:
    whole = np.random.default_rng(1).integers(1, 200, (6, 40, 50)).astype(np.uint8)
    for name in ("image", "twin"):
        sitk.WriteImage(sitk.GetImageFromArray(whole), str(tmp_path / f"{name}.nrrd"))
    for labels in ("image.nrrd", "twin.nrrd"):
        assert "The labels are the image itself" in add("--slices", 2, labels=labels, code=2)
    sitk.WriteImage(sitk.GetImageFromArray(whole[::-1].copy()), str(tmp_path / "other.nrrd"))
    assert "label_11, label_12, ... (199 in all)" in add("--slices", 2, labels="other.nrrd")["notes"][0]


def test_a_structure_under_another_is_told_of(add, tmp_path) -> None:
    from SAMAdaptLib.volume.segfile import write_segmentation
    from SAMAdaptLib.volume.volume import read_volume

    grid = read_volume(tmp_path / "image.nrrd").geometry
    masks = {name: np.zeros(grid.shape, bool) for name in ("lesion", "liver", "spleen")}
    masks["lesion"][2, 12:14, 16:18] = masks["liver"][2, 10:25, 15:25] = masks["spleen"][2, 30:35, 30:40] = True
    write_segmentation(tmp_path / "under.seg.nrrd", masks, grid)
    report = add("--slices", 2, labels="under.seg.nrrd")
    assert report["counts"] == {"liver": 1, "spleen": 1}
    (note,) = report["notes"]
    assert note.startswith("liver and lesion overlap; there liver counts and lesion does not") and "lesion=1" in note
