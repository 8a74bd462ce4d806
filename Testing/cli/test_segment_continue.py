"""``samadapt segment --continue``: what is there is mended, and nothing of it is lost."""

from __future__ import annotations

import json

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import read_volume

Y, X = np.mgrid[:64, :64]
DISK, CORNER = (Y - 32) ** 2 + (X - 30) ** 2 < 200, (Y < 6) & (X < 6)


@pytest.fixture
def place(tmp_path):
    """A bright disk on all of 5 slices; segments of its lower half on slices 1 to 4, and of a corner."""
    array = np.random.default_rng(0).normal(40, 10, (5, 64, 64)) + 150 * DISK
    sitk.WriteImage(sitk.GetImageFromArray(array.astype(np.int16)), str(tmp_path / "scan.nrrd"))
    disk, corner = np.zeros((2, 5, 64, 64), bool)
    disk[1:] = DISK & (Y >= 32)
    corner[:] = CORNER
    geometry = read_volume(tmp_path / "scan.nrrd").geometry
    write_segmentation(tmp_path / "seg.seg.nrrd", {"disk": disk, "corner": corner}, geometry)
    return tmp_path


def words(place, *more):
    given = ("segment", "--image", place / "scan.nrrd", "--continue", place / "seg.seg.nrrd", "--segment", "disk")
    return [str(word) for word in (*given, *more, "--output", place / "out.seg.nrrd")]


def dice(one, other):
    return 2 * (one & other).sum() / (one.sum() + other.sum())


def test_a_box_is_carried_on_but_for_accepted_slices_and_other_segments_stay(capsys, place, lite_medsam_file):
    assert main(words(place, "--box=-16,-18,2,-44,-46,2", "--propagate", "--accepted", "3-4", "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["index"] for one in report["segments"]["disk"]["slices"]} == {0, 1, 2}
    before, after = read_labels(place / "seg.seg.nrrd"), read_labels(place / "out.seg.nrrd")
    assert [dice(after.mask("disk")[k], DISK) > 0.9 for k in range(5)] == [True, True, True, False, False]
    assert np.array_equal(after.mask("disk")[3:], before.mask("disk")[3:])
    assert np.array_equal(after.mask("corner"), before.mask("corner"))


def test_a_click_mends_its_slice_alone_without_propagation(place, lite_medsam_file):
    assert main(words(place, "--point=-30,-24,2")) == 0
    before, after = read_labels(place / "seg.seg.nrrd").mask("disk"), read_labels(place / "out.seg.nrrd").mask("disk")
    assert dice(after[2], DISK) > 0.9 > dice(before[2], DISK)
    assert np.array_equal(np.delete(after, 2, 0), np.delete(before, 2, 0))


def test_values_of_a_label_map_stay_and_what_is_mended_covers_what_was_beside_it(place, lite_medsam_file):
    values = np.zeros((5, 64, 64), np.uint16)
    values[:, DISK & (Y >= 32)], values[:, DISK & (Y < 32)], values[:, CORNER] = 3, 7, 500
    sitk.WriteImage(sitk.GetImageFromArray(values), str(place / "map.nrrd"))
    call = ["segment", "--image", place / "scan.nrrd", "--continue", place / "map.nrrd", "--segment", "label_3"]
    call += ["--box=-16,-18,2,-44,-46,2", "--output", place / "out.nrrd"]
    assert main([str(word) for word in call]) == 0
    found = nrrd.read(str(place / "out.nrrd"))[0].T
    assert np.array_equal(np.delete(found, 2, 0), np.delete(values, 2, 0))
    assert dice(found[2] == 3, DISK) > 0.9 and np.array_equal(found[2] == 500, CORNER)


def test_segments_keep_their_colours_and_terms(place, lite_medsam_file):
    source, output = str(place / "seg.seg.nrrd"), str(place / "out.seg.nrrd")
    voxels, header = nrrd.read(source)
    liver = "TerminologyEntry:General~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~Regions~^^~^^"
    header |= {"Segment0_Color": "0.1 0.2 0.3", "Segment0_Tags": f"Segmentation.Status:completed|{liver}|"}
    nrrd.write(source, voxels, header)
    assert main(words(place, "--point=-30,-24,2")) == 0
    found = nrrd.read_header(output)
    assert (found["Segment0_Name"], found["Segment0_Color"]) == ("disk", "0.1 0.2 0.3")
    assert "~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~" in found["Segment0_Tags"]
    assert found["Segment1_Color"] == header["Segment1_Color"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--propagate", "--first", "3", "--point=-30,-24,2"], "A prompt lies outside the slice range: slice 2"),
        (["--all-axes", "--point=-30,-24,2"], "--all-axes cannot be given with --continue"),
        (["--auto"], "--auto cannot be given with --continue"),
        (["--text"], "--text cannot be given with --continue"),
        (["--point=-30,-24,2", "--accepted", "x"], "Cannot read the slice indices"),
        (["--point=-30,-24,2", "--accepted", "2"], "Slice 2 is accepted"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(capsys, place, lite_medsam_file, given, told):
    assert main(words(place, *given)) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert told in lines[-1] and len([line for line in lines if "error" in line]) == 1
    assert not (place / "out.seg.nrrd").exists()


def test_accepted_goes_with_continue_only_and_names_must_be_there(capsys, place, lite_medsam_file):
    image, output = str(place / "scan.nrrd"), str(place / "out.seg.nrrd")
    call = ["segment", "--image", image, "--segment", "liver", "--point=-30,-24,2", "--output", output]
    assert main([*call, "--accepted", "3"]) == 2
    assert "--accepted goes with --continue only" in capsys.readouterr().err
    assert main([*call, "--continue", str(place / "seg.seg.nrrd")]) == 2
    assert "disk, corner" in capsys.readouterr().err
    assert not (place / "out.seg.nrrd").exists()
