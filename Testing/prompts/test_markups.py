"""Markups files in the forms that 3D Slicer and others write."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.prompts.markups import read_markups


def write(tmp_path, *markups):
    path = tmp_path / "F.mrk.json"
    path.write_text(json.dumps({"@schema": "x", "markups": list(markups)}), encoding="utf-8")
    return path


def fiducial(*points, **fields):
    points = [point if isinstance(point, dict) else {"label": "F-1", "position": point} for point in points]
    return {"type": "Fiducial", "coordinateSystem": "LPS", "controlPoints": points} | fields


def roi(**fields):
    base = {"type": "ROI", "coordinateSystem": "LPS", "roiType": "Box", "center": [10.0, 20.0, 30.0]}
    return base | {"orientation": [-1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0], "size": [4.0, 6.0, 8.0]} | fields


@pytest.mark.parametrize(
    "system, ras",
    [("LPS", [1, 2, 3]), ("RAS", [-1, -2, 3]), ("1", [1, 2, 3]), ("0", [-1, -2, 3]), (1, [1, 2, 3])],
)
def test_coordinate_systems(tmp_path, system, ras):
    prompts = read_markups(write(tmp_path, fiducial([-1.0, -2.0, 3.0], coordinateSystem=system)))
    assert prompts.points.tolist() == [ras] and prompts.labels.tolist() == [1]


def test_lps_is_the_default_and_each_markup_has_its_own(tmp_path):
    first = fiducial([-1.0, -2.0, 3.0])
    del first["coordinateSystem"]
    prompts = read_markups(write(tmp_path, first, fiducial([4.0, 5.0, 6.0], coordinateSystem="RAS")))
    assert prompts.points.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_units(tmp_path):
    path = write(
        tmp_path,
        fiducial([1000.0, 2000.0, 3000.0], coordinateUnits="um"),
        fiducial([1.0, 2.0, 3.0], coordinateUnits=["mm", "UCUM", "millimeter"]),
    )
    assert read_markups(path).points == pytest.approx(np.array([[-1, -2, 3], [-1, -2, 3]]))


@pytest.mark.parametrize(
    "markup, point, label",
    [
        ({}, {}, 1),
        ({"name": "F"}, {"label": "F-1"}, 1),
        ({"name": "Negative"}, {"label": "N-1"}, 0),
        ({"name": "liver_neg"}, {}, 0),
        ({"name": "Background"}, {}, 0),
        ({"name": "-tumour"}, {}, 0),
        ({}, {"label": "-1"}, 0),
        ({}, {"label": "F-1", "description": "negative"}, 0),
        ({}, {"label": "background 2"}, 0),
        ({}, {"label": None}, 1),
    ],
)
def test_which_points_are_negative(tmp_path, markup, point, label):
    path = write(tmp_path, fiducial({"position": [1.0, 2.0, 3.0]} | point, **markup))
    assert read_markups(path).labels.tolist() == [label]


def test_points_never_placed_are_skipped(tmp_path):
    path = write(
        tmp_path,
        fiducial(
            {"position": [0.0, 0.0, 0.0], "positionStatus": "undefined"},
            {"position": [9.0, 9.0, 9.0], "positionStatus": "preview"},
            {"position": [-1.0, -2.0, 3.0], "positionStatus": "defined"},
        ),
    )
    assert read_markups(path).points.tolist() == [[1, 2, 3]]


def test_roi_is_a_box_around_its_centre(tmp_path):
    prompts = read_markups(write(tmp_path, roi()))
    assert prompts.boxes.tolist() == [[-12, -23, 26, -8, -17, 34]]
    assert len(prompts.points) == 0


def test_roi_without_center_takes_its_control_point(tmp_path):
    short = roi(controlPoints=[{"position": [10.0, 20.0, 30.0], "locked": True}])
    del short["center"]
    assert read_markups(write(tmp_path, short)).boxes.tolist() == [[-12, -23, 26, -8, -17, 34]]


def test_turned_roi_counts_with_its_whole_range(tmp_path):
    # Turned about two axes, so that rows and columns of the matrix give different ranges.
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, s, -c], [0, c, s]])
    path = write(tmp_path, roi(coordinateSystem="RAS", orientation=turn.ravel().tolist()))
    # Slicer: the first, fourth and seventh number are the ROI's x axis.
    axes = turn.ravel()[0::3], turn.ravel()[1::3], turn.ravel()[2::3]
    corners = [x * axes[0] + y * axes[1] + z * axes[2] for x in (-2, 2) for y in (-3, 3) for z in (-4, 4)]
    expected = [*(np.min(corners, axis=0) + [10, 20, 30]), *(np.max(corners, axis=0) + [10, 20, 30])]
    assert read_markups(path).boxes[0] == pytest.approx(expected)


def test_other_markups_are_passed_over(tmp_path):
    line = {"type": "Line", "coordinateSystem": "LPS", "controlPoints": [{"position": [5.0, 5.0, 5.0]}]}
    assert read_markups(write(tmp_path, line, fiducial([-1.0, -2.0, 3.0]))).points.tolist() == [[1, 2, 3]]
    with pytest.raises(InputError, match="only Line"):
        read_markups(write(tmp_path, line))


@pytest.mark.parametrize(
    "markup, words",
    [
        (fiducial([1.0, 2.0, 3.0], coordinateSystem="IJK"), "coordinate system 'IJK'"),
        (fiducial([1.0, 2.0, 3.0], coordinateUnits="inch"), "unit 'inch'"),
        (fiducial([1.0, 2.0, float("nan")]), "finite"),
        (fiducial([1.0, float("inf"), 2.0]), "finite"),
        (fiducial([1.0, 2.0]), "finite"),
        (fiducial({"label": "F-1"}), "finite"),
        (fiducial([1.0, 2.0, "3"]), "finite"),
        (fiducial({"position": [0.0, 0.0, 0.0], "positionStatus": "undefined"}), "without a placed point"),
        (fiducial(controlPoints="none"), "damaged"),
        (roi(size=[0.0, 0.0, 0.0]), "without a placed point"),
        (roi(center=[None, 0.0, 0.0]), "finite"),
        (roi(orientation=[1.0, 0.0]), "finite"),
    ],
)
def test_bad_markups_name_the_file(tmp_path, markup, words):
    path = write(tmp_path, markup)
    with pytest.raises(InputError, match=words) as caught:
        read_markups(path)
    assert str(path) in str(caught.value) and caught.value.remedy


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"markups": []}', '{"markups": 3}', '{"markups": [1]}', "\xff"])
def test_files_that_are_not_markups(tmp_path, text):
    path = tmp_path / "bad.mrk.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read_markups(path)
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match="No markups file"):
        read_markups(tmp_path / "absent.mrk.json")


MODERN = "vtkMRMLMarkupsFiducialNode_{0},{1},0,0,0,1,{2},{3},0,{4},{5},\n"


def fcsv(tmp_path, header, *rows):
    path = tmp_path / "F.fcsv"
    path.write_text("".join(f"# {line}\n" for line in header) + "".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("system, ras", [("LPS", [1.2, 18.5, 20]), ("1", [1.2, 18.5, 20]), ("RAS", [-1.2, -18.5, 20]),
                                         ("0", [-1.2, -18.5, 20]), (None, [-1.2, -18.5, 20])])  # fmt: skip
def test_points_files_of_older_versions(tmp_path, system, ras):
    header = ["Markups fiducial file version = 4.11"]
    header += [] if system is None else [f"CoordinateSystem = {system}"]
    header += ["columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"]
    rows = MODERN.format(0, "-1.2,-18.5,20", 1, 1, "F-1", ""), MODERN.format(1, "0,0,7", 0, 1, '"F, 2"', "negative")
    prompts = read_markups(fcsv(tmp_path, header, *rows))
    np.testing.assert_allclose(prompts.points, [ras, [0, 0, 7]])
    assert prompts.labels.tolist() == [1, 0]


def test_the_old_fiducial_list_has_its_words_first(tmp_path):
    header = ["Fiducial List file F.fcsv", "version = 2", "name = F", "columns = label,x,y,z,sel,vis"]
    for lines in (header, header[:3]):
        prompts = read_markups(fcsv(tmp_path, lines, "L,10,-20,30.5,1,1\n", "neg,1,2,3,1,0\n"))
        assert prompts.points.tolist() == [[10, -20, 30.5], [1, 2, 3]] and prompts.labels.tolist() == [1, 0]


def test_points_that_are_not_selected_are_left_out_aloud(tmp_path):
    header = ["Markups fiducial file version = 4.6", "CoordinateSystem = 0"]
    rows = MODERN.format(0, "1,2,3", 1, 0, "F-1", ""), MODERN.format(1, "4,5,6", 1, 1, "F-2", "")
    with pytest.warns(Note, match="1 of the points are not selected"):
        assert read_markups(fcsv(tmp_path, header, *rows)).points.tolist() == [[4, 5, 6]]
    off = {"label": "F-1", "position": [1.0, 2.0, 3.0], "selected": False}
    with pytest.warns(Note, match="1 of the points are not selected"):
        assert read_markups(write(tmp_path, fiducial(off, [-4.0, -5.0, 6.0]))).points.tolist() == [[4, 5, 6]]


@pytest.mark.parametrize("system, row, words", [("2", MODERN.format(0, "1,2,3", 1, 1, "", ""), "coordinate system '2'"),
                                                ("LPS", "a,b,c,d\n", "three coordinates"), ("LPS", "a,1\n", "three"),
                                                ("LPS", MODERN.format(0, "1,nan,3", 1, 1, "", ""), "finite"),
                                                ("LPS", "", "without a placed point")])  # fmt: skip
def test_bad_points_files_name_the_file(tmp_path, system, row, words):
    path = fcsv(tmp_path, ["Markups fiducial file version = 4.11", f"CoordinateSystem = {system}"], row)
    with pytest.raises(InputError, match=words) as caught:
        read_markups(path)
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match="No markups file"):
        read_markups(tmp_path / "absent.fcsv")
