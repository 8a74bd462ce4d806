"""Boxes against closed forms, hand-counted masks, and overlaps measured anew."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.prompts.boxes import box, box_grown, box_in_pixels, box_of_overlap
from SAMAdaptLib.prompts.strategies import parse_strategy
from Testing.prompts.test_strategies import ELL, FULL, ONE, RING, rng

pytestmark = pytest.mark.slow


def own_iou(a, b):
    """IoU of two boxes of pixels, with their corners' pixels inside, by the extents of their overlap."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    both = width * height
    return both / ((a[2] - a[0] + 1) * (a[3] - a[1] + 1) + (b[2] - b[0] + 1) * (b[3] - b[1] + 1) - both)


@pytest.mark.parametrize("mask", [ELL, ONE, FULL, RING], ids=["ell", "one", "full", "ring"])
@pytest.mark.parametrize("wanted", [0.3, 0.5, 0.75, 1.0])
def test_a_box_has_the_stated_overlap(mask, wanted):
    exact = box(mask).box
    strategy = parse_strategy(f"box-iou:{wanted}")
    boxes = np.array([strategy(mask, rng(i)).box for i in range(200)])
    assert [own_iou(drawn, exact) for drawn in boxes] == pytest.approx([wanted] * 200, abs=2e-3)
    assert (boxes >= 0).all() and (boxes <= np.tile(np.array(mask.shape[::-1]) - 1, 2)).all()
    assert (boxes[:, :2] <= boxes[:, 2:]).all()
    assert np.array_equal(boxes[7], strategy(mask, rng(7)).box)


def test_boxes_of_one_overlap_are_shifted_and_scaled_to_all_sides():
    mask = np.zeros((100, 120), dtype=bool)
    mask[40:60, 50:80] = True
    boxes = np.array([box_of_overlap(mask, rng(i), 0.5).box for i in range(200)])
    moves = boxes - box(mask).box
    assert len(np.unique(boxes, axis=0)) == 200
    assert ((moves > 1).mean(axis=0) > 0.2).all() and ((moves < -1).mean(axis=0) > 0.2).all()
    grown = np.prod(boxes[:, 2:] - boxes[:, :2] + 1, axis=1) / 600
    assert grown.min() < 0.6 and grown.max() > 1.6


def test_an_object_that_fills_the_image_has_no_looser_box_than_it_has():
    assert box_of_overlap(np.ones((1, 1), dtype=bool), rng(), 0.5).box.tolist() == [0, 0, 0, 0]


def test_box_is_inclusive_xyxy():
    assert box(ELL).box.tolist() == [2, 1, 11, 7]
    assert box(FULL).box.tolist() == [0, 0, 6, 3]
    assert box(ONE).box.tolist() == [6, 3, 6, 3]


@pytest.mark.parametrize("mask", [ELL, ONE, FULL])
def test_jitter_stays_in_its_bounds(mask):
    exact = box(mask).box
    side = np.tile(exact[2:] - exact[:2] + 1, 2)
    boxes = np.array([box(mask, rng(i), jitter=0.2).box for i in range(400)])
    assert (np.abs(boxes - exact) <= 0.2 * side + 1e-5).all()
    assert (boxes >= 0).all() and (boxes[:, 2] <= mask.shape[1] - 1).all() and (boxes[:, 3] <= mask.shape[0] - 1).all()
    assert (boxes[:, :2] <= boxes[:, 2:]).all()


def test_jitter_moves_each_corner_by_its_own_side():
    exact = box(ELL).box
    moves = np.array([box(ELL, rng(i), jitter=0.1).box for i in range(2000)]) - exact
    # Uniform on +-0.1*side: standard deviation 0.1*side/sqrt(3); sides 10 and 7. Nothing is clipped but row 1 - 0.7.
    assert moves.std(axis=0) == pytest.approx(0.1 * np.array([10, 7, 10, 7]) / np.sqrt(3), rel=0.06)
    assert np.abs(np.corrcoef(moves.T) - np.eye(4)).max() < 0.1
    assert np.abs(moves.mean(axis=0)).max() < 0.05


def test_pixels_are_those_of_a_picture_of_1024():
    mask = np.zeros((256, 512), dtype=bool)
    mask[100:140, 200:260] = True
    exact = box(mask).box
    moves = np.array([box_in_pixels(mask, rng(i), 20).box for i in range(2000)]) - exact
    # Outwards, by up to 20 / 2 pixels of this slice, uniformly: the mean is half of it.
    outwards = moves * [-1, -1, 1, 1]
    assert outwards.min() >= 0 and outwards.max() <= 10
    assert outwards.mean(axis=0) == pytest.approx([5] * 4, abs=0.25)
    assert np.abs(np.corrcoef(outwards.T) - np.eye(4)).max() < 0.1
    assert np.array_equal(parse_strategy("box-px:20")(mask, rng(3)).box, box_in_pixels(mask, rng(3), 20).box)


@pytest.mark.parametrize(
    "growth, wanted",
    [
        # 60 columns from 200 and 40 rows from 100: both ends of each side move by that share of it.
        (0, [200, 100, 259, 139]),
        (0.05, [197, 98, 262, 141]),
        (0.1, [194, 96, 265, 143]),
        (0.2, [188, 92, 271, 147]),
        (1, [140, 60, 319, 179]),
    ],
)
def test_a_grown_box_has_every_side_moved_out_by_its_share(growth, wanted):
    mask = np.zeros((256, 512), dtype=bool)
    mask[100:140, 200:260] = True
    assert box_grown(mask, growth=growth).box.tolist() == wanted
    # The jitter has two directions and chance; this has neither, with whatever generator.
    assert all(parse_strategy(f"box-grow:{growth}")(mask, rng(i)).box.tolist() == wanted for i in range(5))
    assert parse_strategy(f"box-grow:{growth}")(mask).box.tolist() == wanted


def test_a_grown_box_ends_at_the_border_and_elsewhere_not():
    # 10 x 7 pixels from (2, 1): of 3 columns and 2.1 rows, 2 and 1 are there to the left and above, 2 and 1 beyond.
    assert box_grown(ELL, growth=0.3).box.tolist() == [0, 0, 13, 8]
    assert box_grown(ELL, growth=0.1).box.tolist() == pytest.approx([1, 0.3, 12, 7.7])
    assert box_grown(FULL, growth=1).box.tolist() == [0, 0, 6, 3]
    assert box_grown(ONE, growth=0.5).box.tolist() == [5.5, 2.5, 6.5, 3.5]


def test_a_grown_box_is_joined_to_points_as_the_paper_does():
    prompt = parse_strategy("points:3+box-grow:0.2")(ELL, rng())
    assert len(prompt.points) == 3 and prompt.box.tolist() == pytest.approx([0, 0, 13, 8])


def test_moved_sides_end_at_the_border():
    drawn = box_in_pixels(FULL, rng(), 1000).box
    assert drawn.tolist() == [0, 0, 6, 3]
