"""Pixels of overlays: what is drawn, where, and nothing elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.image import imread

from SAMAdaptLib.evaluation.figures import LabelResult
from SAMAdaptLib.evaluation.overlay import (
    BOX,
    NEGATIVE,
    POSITIVE,
    PREDICTION,
    TRUTH,
    Panel,
    choose_slices,
    overlay,
    overlay_sheet,
    save_overlays,
    slice_dice,
)
from SAMAdaptLib.prompts.types import Prompt

GREY = 100
IMAGE = np.full((40, 60), GREY, np.uint8)


def rectangle(rows, columns):
    mask = np.zeros(IMAGE.shape, bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def is_colour(picture, rgb):
    return (picture == np.array(rgb)).all(axis=-1)


def test_a_bare_slice_is_grey_and_keeps_its_values():
    ramp = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    picture = overlay(ramp, size=600)
    assert picture.shape == (400, 600, 3) and picture.dtype == np.uint8
    assert (picture == picture[..., :1]).all()
    # Ten output pixels a pixel: their mean is the pixel where the ramp is linear.
    np.testing.assert_allclose(picture[200, 10:-10, 0].reshape(-1, 10).mean(axis=1), ramp[20, 1:-1], atol=0.5)


def test_prediction_tints_its_pixels_half_and_no_others():
    mask = rectangle((10, 20), (30, 50))
    picture = overlay(IMAGE, prediction=mask, size=600)
    tint = np.round(0.5 * GREY + 0.5 * np.array(PREDICTION))
    inside, outside = np.zeros((2, 400, 600), bool)
    inside[101:199, 301:499] = True
    outside[:] = True
    outside[99:201, 299:501] = False
    # Corners are rounded by up to half a pixel of the slice.
    inside[[101, 101, 198, 198], [301, 498, 301, 498]] = False
    share = np.abs(picture - tint).max(axis=-1) <= 1
    assert share[inside].mean() > 0.995
    assert share[110:190, 310:490].all()
    assert is_colour(picture, (GREY,) * 3)[outside].all()


def test_truth_is_a_thin_line_on_the_border():
    picture = overlay(IMAGE, truth=rectangle((10, 30), (20, 40)), size=600)
    line = is_colour(picture, TRUTH)
    for row, column in ((101, 300), (298, 300), (200, 201), (200, 398)):
        assert line[row, column]
    assert not line[106:294, 206:394].any()
    rows, columns = np.nonzero(line)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == pytest.approx((100, 299, 200, 399), abs=1)
    assert is_colour(picture, (GREY,) * 3)[~line].all()


def test_nothing_is_drawn_for_empty_masks():
    empty = np.zeros(IMAGE.shape, bool)
    assert is_colour(overlay(IMAGE, empty, empty, Prompt()), (GREY,) * 3).all()


def test_points_are_green_and_red_at_their_pixels_and_the_box_runs_around_its_pixels():
    prompt = Prompt(points=[(15, 10), (45, 30)], labels=[1, 0], box=(5, 5, 54, 34))
    picture = overlay(IMAGE, prompt=prompt, size=600)
    for rgb, (x, y) in ((POSITIVE, (15, 10)), (NEGATIVE, (45, 30))):
        rows, columns = np.nonzero(is_colour(picture, rgb))
        assert (columns.mean(), rows.mean()) == pytest.approx((10 * x + 4.5, 10 * y + 4.5), abs=0.6)
    rows, columns = np.nonzero(is_colour(picture, BOX))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == pytest.approx((50, 349, 50, 549), abs=2)


def test_a_closed_line_is_drawn_in_place_of_its_box():
    corners = np.array([(10, 5), (40, 5), (40, 30)])
    drawn = is_colour(overlay(IMAGE, prompt=Prompt(box=[10, 5, 40, 30], outline=corners), size=600), BOX)
    rows, columns = np.nonzero(drawn)
    # Ten output pixels a pixel: the middle of (x, y) is (10 x + 5, 10 y + 5), give or take the width of the line.
    assert (rows.min(), columns.min()) == pytest.approx((55, 105), abs=2)
    assert (rows.max(), columns.max()) == pytest.approx((305, 405), abs=2)
    # On the slope from (10, 5) to (40, 30), and not on the other sides of the box.
    assert drawn[53:58, 250].any() and drawn[175:186, 250].any() and not drawn[200:300, 95:200].any()


def test_the_picture_has_the_shape_of_the_patient():
    # Rows 2 mm apart and columns 0.5 mm: 80 mm by 30 mm.
    picture = overlay(IMAGE, prompt=Prompt(points=[(59, 0)], labels=[1]), spacing=(2.0, 0.5), size=400)
    assert picture.shape == (400, 150, 3)
    rows, columns = np.nonzero(is_colour(picture, POSITIVE))
    assert (rows.mean(), columns.max()) == (pytest.approx(4.5, abs=0.6), 149) and columns.min() > 140


def result(dice_by_slice):
    truth, prediction = np.zeros((2, len(dice_by_slice), *IMAGE.shape), bool)
    truth[:, 10:30, :50] = True
    for index, dice in enumerate(dice_by_slice):
        prediction[index, 10:30, round(50 * (1 - dice)) : round(50 * (1 - dice)) + 50] = True
    return LabelResult(prediction, truth, list(range(len(dice_by_slice))), {}, {})


def test_slices_are_chosen_with_best_and_worst():
    wanted = [0.5, 0.6, 0.8, 0.9, 0.7, 0.3, 0.5, 0.6, 0.6, 0.7]
    dice = slice_dice(result(wanted))
    # A shift of s columns out of 50 leaves (50 - s) / 50 of each mask in common, cut at the picture's edge.
    assert dice[3] == pytest.approx(0.9, abs=0.02)
    chosen = choose_slices(dict(enumerate(wanted)), 5)
    assert len(chosen) == 5 and {3, 5} <= set(chosen) and chosen == sorted(chosen) and {0, 9} <= set(chosen)
    assert choose_slices({4: 0.1, 2: 0.2}, 6) == [2, 4]


class Stack:
    pixel_spacing = (1.0, 1.0)


class Predictor:
    stack = Stack()

    def image(self, index):
        return IMAGE


def test_a_handful_of_files_for_each_label(tmp_path):
    results = {"white matter/left": result([0.5, 0.9, 0.7, 0.6]), "äö": result([1.0])}
    for one in results.values():
        one.prompts.update({index: Prompt([(3, 4)], [1]) for index in one.slices})
    paths = save_overlays(tmp_path / "new", results, Predictor(), count=3)
    names = [path.name for path in paths]
    assert len(names) == 4 and names[-1] == "02_äö_0000.png" and "01_white_matter_left_0001.png" in names
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(names)


def test_a_sheet_is_black_around_its_pictures_and_holds_them_all(tmp_path):
    panel = Panel(IMAGE, rectangle((10, 30), (20, 40)), rectangle((10, 30), (22, 40)), None, "A title")
    path = overlay_sheet(tmp_path / "sheet.png", [panel] * 3, columns=2, dpi=100, row_titles=["One", "Two"])
    picture = np.round(imread(path)[..., :3] * 255)
    assert picture.shape[1] == pytest.approx(100 * (0.32 + 2 * 2.9), abs=2)
    assert (picture[0] == 0).all()
    # Grey of the slice, off the masks, at three of the four places.
    height = 2.9 * 100 * 40 / 60
    rows = [28 + 0.1 * height, 2 * 28 + 1.1 * height]
    seen = [(picture[int(y), int(32 + x)] == GREY).all() for y in rows for x in (145, 435)]
    assert seen == [True, True, True, False]


@pytest.mark.parametrize("shape", [(200, 30), (64, 64), (30, 200)])
def test_title_and_legend_of_a_single_slice_are_not_cut(tmp_path, shape):
    """Black on all four sides: nothing runs out of the picture, however narrow the slice and long the name."""
    image, mask = np.full(shape, GREY, np.uint8), np.zeros(shape, bool)
    mask[10:20, 10:20] = True
    prompt = Prompt([(12, 12), (2, 2)], [1, 0], (9, 9, 20, 20))
    name = "left lateral ventricle of the brain, posterior horn, slice 123: Dice 0.91"
    path = overlay_sheet(tmp_path / "one.png", [Panel(image, mask, mask, prompt, name)], 1, dpi=180)
    picture = np.round(imread(path)[..., :3] * 255)
    edge = np.concatenate([picture[:3], picture[-3:]]).reshape(-1, 3), picture[:, :2].reshape(-1, 3), picture[:, -2:]
    assert all((part == 0).all() for part in edge)
    # All five marks of the legend are there, each below the slice.
    below = picture[-int(1.1 * 180) :]
    for rgb in (TRUTH, PREDICTION, POSITIVE, NEGATIVE, BOX):
        assert is_colour(below, rgb).sum() > 20
    assert picture.shape[0] < 2.5 * picture.shape[1] + 1.2 * 180


def test_names_of_rows_lie_beside_their_rows(tmp_path):
    panel = Panel(IMAGE, None, None, None, "A title")
    names = ["LiteMedSAM as published, a box", "Adapted, with a long name, one point for each object"]
    path = overlay_sheet(tmp_path / "rows.png", [panel] * 4, columns=2, dpi=100, row_titles=names)
    picture = np.round(imread(path)[..., :3] * 255)
    # The slices begin where the first column of their grey does; between their rows nothing is written at the left.
    left = np.flatnonzero((picture == GREY).all(axis=-1).sum(axis=0) > 50)[0] - 3
    rows = np.flatnonzero(picture[:, :left].max(axis=(1, 2)) > 60)
    slices = np.flatnonzero((picture == GREY).all(axis=-1)[:, left + 20])
    assert set(rows) <= set(range(slices[0] - 2, slices[-1] + 3))
    gap = slices[np.flatnonzero(np.diff(slices) > 5)[0]] + 3
    assert not picture[gap : gap + 20, :left].any()
