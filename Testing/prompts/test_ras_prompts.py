"""Prompts in RAS mm put on slices of straight, flipped and oblique grids."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import parse
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack

# 40 x 30 x 20 voxels of 2 x 1 x 3 mm, voxel 0 at the right front bottom: R falls along I and A along J, as axial
# slices are shown, so that pixel x = I, y = J, index = K.
SHOWN = Geometry((40, 30, 20), np.array([[-2.0, 0, 0, 50], [0, -1, 0, 20], [0, 0, 3, -10], [0, 0, 0, 1]]))
AXIAL = PlaneStack(SHOWN, "axial")
# The same space stored the other way round in all three directions.
TURNED = Geometry((40, 30, 20), np.array([[2.0, 0, 0, -28], [0, 1, 0, -9], [0, 0, -3, 47], [0, 0, 0, 1]]))


def points(*ras, labels=None):
    return RasPrompts(points=np.array(ras, dtype=float), labels=np.array(labels or [1] * len(ras)))


def boxes(*corners):
    return RasPrompts(boxes=np.array(corners, dtype=float))


def test_parse_point():
    mark = parse("point", "1.5,-2, 30")
    assert mark.at == ((1.5, -2.0, 30.0),) and mark.label == 1
    assert parse("point", "1,2,3,-").label == 0
    assert parse("point", "1,2,3,+").label == 1
    for text in ("", "1,2", "1,2,3,4", "1,2,x", "1,2,nan", "1,2,inf", "1,2,3,-,-", "1 2 3"):
        with pytest.raises(InputError, match="point"):
            parse("point", text)


def test_parse_box_takes_corners_in_any_order():
    mark = parse("box", "10,-5,3,-10,5,1")
    assert RasPrompts(marks=[mark]).boxes.tolist() == [[-10, -5, 1, 10, 5, 3]]
    for text in ("1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,4,5,nan", "a,b,c,d,e,f"):
        with pytest.raises(InputError, match="box"):
            parse("box", text)


def test_point_goes_to_the_nearest_slice_in_xy():
    # Voxel (i, j, k) = (7, 4, 5) lies at R 50-14, A 20-4, S -10+15; 1.4 mm higher is still slice 5, 1.6 mm is slice 6.
    found = on_slices(points([36, 16, 5], [36, 16, 6.4], [36, 16, 6.6]), AXIAL)
    assert sorted(found.prompts) == [5, 6]
    assert found.prompts[5].points.tolist() == [[7, 4], [7, 4]]
    assert found.prompts[6].points.tolist() == [[7, 4]]
    assert found.limits is None


def test_points_keep_their_labels():
    found = on_slices(points([36, 16, 5], [30, 10, 5], [36, 16, 8], labels=[1, 0, 0]), AXIAL)
    assert found.prompts[5].labels.tolist() == [1, 0]
    assert found.prompts[6].labels.tolist() == [0]


def test_stored_direction_does_not_matter_in_the_plane():
    straight = on_slices(points([36, 16, 5]), AXIAL).prompts[5]
    turned = on_slices(points([36, 16, 5]), PlaneStack(TURNED, "axial"))
    (index,) = turned.prompts
    assert index == 19 - 5
    assert turned.prompts[index].points.tolist() == straight.points.tolist()


@pytest.mark.parametrize("axis, index, xy", [("axial", 5, (7, 4)), ("coronal", 4, (7, 14)), ("sagittal", 7, (4, 14))])
def test_axes(axis, index, xy):
    found = on_slices(points([36, 16, 5]), PlaneStack(SHOWN, axis))
    assert found.prompts[index].points.tolist() == [list(xy)]


def test_point_outside_names_itself_and_the_extent():
    with pytest.raises(InputError) as caught:
        on_slices(points([36, 16, 5], [36, 16, 60]), AXIAL)
    text = str(caught.value)
    # From the outer faces of the voxels: R 50+1 to 50-79, A 20.5 to -9.5, S -11.5 to 48.5.
    assert "Point 2" in text and "36,16,60" in text
    assert "R -29.0 to 51.0, A -9.5 to 20.5, S -11.5 to 48.5" in text


def test_points_between_the_outer_pixel_and_its_edge_stay_on_the_image():
    found = on_slices(points([50.9, 20.4, -10]), AXIAL)
    assert found.prompts[0].points.tolist() == [[0, 0]]


def test_box_through_pixel_centres_and_along_pixel_edges_is_the_same():
    # Columns 5 to 9 and rows 3 to 12 on slice 4.
    centres = boxes([50 - 10, 20 - 3, 2, 50 - 18, 20 - 12, 2])
    edges = boxes([50 - 9, 20 - 2.5, 2, 50 - 19, 20 - 12.5, 2])
    for prompts in (centres, edges):
        found = on_slices(prompts, AXIAL)
        assert list(found.prompts) == [4] and found.limits is None
        assert found.prompts[4].box.tolist() == [5, 3, 9, 12]


def test_deep_box_limits_the_slices():
    # S from -10+3*6 to -10+3*13: slices 6 to 13, middle 9.5 rounded up.
    found = on_slices(boxes([40, 17, 8, 32, 8, 29]), AXIAL)
    assert list(found.prompts) == [10] and found.limits == (6, 13)
    turned = on_slices(boxes([40, 17, 8, 32, 8, 29]), PlaneStack(TURNED, "axial"))
    assert list(turned.prompts) == [10] and turned.limits == (6, 13)
    assert turned.prompts[10].box.tolist() == found.prompts[10].box.tolist()


def test_only_more_than_one_and_a_half_slices_are_deep():
    assert on_slices(boxes([40, 17, 2, 32, 8, 2 + 4.4]), AXIAL).limits is None
    assert on_slices(boxes([40, 17, 2, 32, 8, 2 + 4.6]), AXIAL).limits == (4, 5)


def test_limits_reach_other_prompted_slices():
    both = boxes([40, 17, 8, 32, 8, 29]).joined(points([36, 16, 5], [36, 16, 45], labels=[1, 0]))
    found = on_slices(both, AXIAL)
    assert found.limits == (5, 13) and sorted(found.prompts) == [5, 10, 18]


def test_box_and_points_on_one_slice_join():
    found = on_slices(boxes([40, 17, 5, 32, 8, 5]).joined(points([36, 16, 5], labels=[0])), AXIAL)
    assert found.prompts[5].box is not None and found.prompts[5].labels.tolist() == [0]


def test_box_is_clipped_to_the_volume():
    found = on_slices(boxes([500, 500, -500, 40, 15, 2]), AXIAL)
    assert list(found.prompts) == [2] and found.limits == (0, 4)
    assert found.prompts[2].box.tolist() == [0, 0, 5, 5]


def test_thin_box_holds_the_nearest_column():
    assert on_slices(boxes([39.4, 17, 2, 39.2, 8, 2]), AXIAL).prompts[4].box.tolist() == [5, 3, 5, 12]


@pytest.mark.parametrize(
    "corners, words",
    [
        ([40, 17, 2, 40, 8, 2], "no area"),
        ([40, 17, 2, 32, 17, 8], "no area"),
        ([40, 17, 60, 32, 8, 80], "outside"),
        ([140, 17, 2, 132, 8, 2], "outside"),
    ],
)
def test_boxes_refused(corners, words):
    with pytest.raises(InputError, match=words):
        on_slices(boxes(corners), AXIAL)


def test_two_boxes_on_one_slice_and_no_prompt_are_refused():
    with pytest.raises(InputError, match="Two boxes"):
        on_slices(boxes([40, 17, 2, 32, 8, 2], [20, 17, 2, 12, 8, 2]), AXIAL)
    with pytest.raises(InputError, match="no prompt"):
        on_slices(RasPrompts(), AXIAL)


def test_flat_box_on_an_oblique_grid_stays_on_one_slice():
    angle = np.deg2rad(20)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ np.diag([-1.0, -1.0, 1.0])
    matrix[:3, 3] = turn @ [50, 50, -50]
    stack = PlaneStack(Geometry((101, 101, 101), matrix), "axial")
    found = on_slices(boxes([-20, -30, 0, 20, 30, 0]), stack)
    assert found.limits is None
    assert found.prompts[50].box.tolist() == [30, 20, 70, 80]


def test_real_label_boxes_come_back(shared_data):
    """The RAS box of a label's outer faces gives its own pixel box and slices on a scan stored in RAS order."""
    import SimpleITK as sitk

    path = shared_data / "brain_mri_hippocampus_msd" / "hippocampus_001_label.nrrd"
    image = sitk.ReadImage(str(path))
    geometry = Geometry.from_lps(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    label = sitk.GetArrayFromImage(image) > 0
    kji = np.argwhere(label)
    ends = np.array([kji.min(axis=0) - 0.5, kji.max(axis=0) + 0.5])[:, ::-1]
    corners = geometry.to_ras(ends).ravel()
    for axis in ("axial", "coronal", "sagittal"):
        stack = PlaneStack(geometry, axis)
        shown = stack.view(label)
        slices = np.flatnonzero(shown.any(axis=(1, 2)))
        rows, columns = (np.flatnonzero(shown.any(axis=other)) for other in ((0, 2), (0, 1)))
        found = on_slices(boxes(corners), stack)
        assert found.limits == (slices[0], slices[-1])
        (prompt,) = found.prompts.values()
        assert prompt.box.tolist() == [columns[0], rows[0], columns[-1], rows[-1]]
