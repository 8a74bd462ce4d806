"""Prompt strategies against closed forms and hand-counted masks."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts import strategies as s

# An upright L on an image that is wider than high: swapped x and y would leave the object or the image.
ELL = np.zeros((9, 14), dtype=bool)
ELL[1:8, 2:5] = True
ELL[5:8, 5:12] = True

ONE = np.zeros((5, 8), dtype=bool)
ONE[3, 6] = True

FULL = np.ones((4, 7), dtype=bool)

RING = np.zeros((21, 21), dtype=bool)
RING[2:19, 2:19] = True
RING[6:15, 6:15] = False


def rng(*numbers):
    return s.generator(7, *numbers)


def inside(mask, points):
    return [bool(mask[int(y), int(x)]) for x, y in points]


def test_center_point_is_the_deepest_pixel_in_xy():
    ell = np.zeros((14, 20), dtype=bool)
    ell[1:11, 2:5] = True
    ell[6:11, 2:13] = True
    # The stem is 3 wide (depth 2), the foot 5 high (depth 3) from column 4 of row 8 on.
    assert s.center_point(ell).points.tolist() == [[4.0, 8.0]]
    rectangle = np.zeros((9, 14), dtype=bool)
    rectangle[2:5, 3:10] = True
    # Depth 2 along the middle row from column 4 to 8: the first in reading order.
    assert s.center_point(rectangle).points.tolist() == [[4.0, 3.0]]
    assert s.center_point(rectangle).labels.tolist() == [1]


def test_center_point_takes_the_image_border_as_outside():
    corner = np.zeros((10, 10), dtype=bool)
    corner[:5, :5] = True
    assert s.center_point(corner).points.tolist() == [[2.0, 2.0]]
    assert s.center_point(np.ones((5, 9), dtype=bool)).points.tolist() == [[2.0, 2.0]]


def test_single_pixel():
    for strategy in ("point", "random-point", "points:4", "centroid", "box-center", "quadrants"):
        prompt = s.parse_strategy(strategy)(ONE, rng())
        assert set(map(tuple, prompt.points.tolist())) == {(6.0, 3.0)}, strategy
    assert len(s.parse_strategy("points:4")(ONE, rng()).points) == 4


def test_centroid_and_box_center():
    # L: 21 pixels with mean (3, 4) and 21 with mean (8, 6).
    assert s.centroid(ELL).points.tolist() == [[5.5, 5.0]]
    assert s.box_center(ELL).points.tolist() == [[6.5, 4.0]]


def test_deepest_point_is_inside_where_the_centroid_is_not():
    assert inside(RING, s.centroid(RING).points) == [False]
    assert inside(RING, s.center_point(RING).points) == [True]


def test_quadrants_hold_one_point_each():
    seen = set()
    for i in range(50):
        points = s.quadrants(RING, rng(i)).points
        assert all(inside(RING, points))
        assert {(bool(x > 10), bool(y > 10)) for x, y in points} == {
            (a, b) for a in (False, True) for b in (False, True)
        }
        assert len(points) == 4
        seen.update(map(tuple, points.tolist()))
    assert len(seen) > 100
    # The upper right quarter of the L's box is empty.
    assert sorted((x > 6.5, y > 4) for x, y in s.quadrants(ELL, rng()).points) == [
        (False, False),
        (False, True),
        (True, True),
    ]


def test_random_points_reach_all_pixels_once():
    points = s.random_points(ELL, rng(), positives=42).points
    assert sorted(map(tuple, points[:, ::-1].astype(int).tolist())) == list(map(tuple, np.argwhere(ELL).tolist()))


def test_negative_points_lie_in_the_ring():
    disk = np.hypot(*np.mgrid[-40:41, -40:41]) <= 10
    points = s.negative_points(disk, rng(), 200).points
    radius = np.hypot(*(points - 40).T)
    # Area about 317: the ring ends a quarter of 17.8 = 4.5 pixels from the disk and starts behind its border pixels.
    assert not any(inside(disk, points))
    assert radius.min() > 11 and radius.max() < 10 + 4.5 + 0.5
    assert len(s.negative_points(FULL, rng(), 3).points) == 0


def test_half_half():
    prompt = s.half_half(ELL, rng(), 7)
    assert prompt.labels.tolist() == [1, 1, 1, 1, 0, 0, 0]
    assert inside(ELL, prompt.points) == [True] * 4 + [False] * 3


def test_same_numbers_same_prompt_other_numbers_another():
    strategy = s.parse_strategy("half:8+box:0.2")
    first, again, other = (strategy(ELL, s.generator(1, 2, n)) for n in (3, 3, 4))
    assert np.array_equal(first.points, again.points) and np.array_equal(first.box, again.box)
    assert not np.array_equal(first.points, other.points)


def test_generator_numbers_do_not_collide():
    keys = [(1,), (1, 0), (1, 0, 0), (0, 1), (1, 1), (2**32 + 1,), (1, 1, 1)]
    assert len({s.generator(*key).integers(2**62) for key in keys}) == len(keys)
    with pytest.raises(InputError, match="negative"):
        s.generator(-1)


class TestCorrection:
    truth = np.zeros((20, 30), dtype=bool)
    truth[5:15, 5:15] = True

    def test_missed_part_gives_a_positive_point_inside_it(self):
        prediction = self.truth.copy()
        prediction[5:15, 10:15] = False
        assert s.correction_point(self.truth, prediction) == ((12, 7), 1)

    def test_false_part_gives_a_negative_point_inside_it(self):
        prediction = self.truth.copy()
        prediction[0:5, 20:25] = True
        assert s.correction_point(self.truth, prediction) == ((22, 2), 0)

    def test_the_larger_error_first(self):
        prediction = self.truth.copy()
        prediction[5:8, 5:8] = False
        prediction[16:20, 20:30] = True
        assert s.correction_point(self.truth, prediction)[1] == 0
        prediction[5:15, 5:13] = False
        assert s.correction_point(self.truth, prediction)[1] == 1

    def test_touching_errors_of_both_kinds_are_told_apart(self):
        shifted = np.roll(self.truth, 4, axis=1)
        (x, y), label = s.correction_point(self.truth, shifted)
        assert (label, bool(self.truth[y, x]), bool(shifted[y, x])) == (1, True, False)

    def test_random_pixel_of_the_region(self):
        prediction = np.zeros_like(self.truth)
        clicks = {s.correction_point(self.truth, prediction, rng(i)) for i in range(60)}
        assert len(clicks) > 30 and all(label == 1 and self.truth[y, x] for (x, y), label in clicks)

    def test_no_error_and_empty_truth(self):
        assert s.correction_point(self.truth, self.truth) is None
        empty = np.zeros_like(self.truth)
        assert s.correction_point(empty, empty) is None
        assert s.correction_point(empty, self.truth) == ((9, 9), 0)


class TestNextClick:
    truth = np.zeros((20, 30), dtype=bool)
    truth[5:15, 5:15] = True
    missed = np.zeros((20, 30), dtype=bool)
    missed[5:15, 5:10] = True

    def test_it_follows_all_earlier_ones(self):
        first = s.Prompt(points=[[6, 6], [1, 1]], labels=[1, 0], box=[4, 4, 14, 14])
        logits = np.full((4, 4), 2.0, np.float32)
        second = s.next_click(first, self.truth, self.missed, logits)
        assert second.points.tolist() == [[6, 6], [1, 1], [12, 7]] and second.labels.tolist() == [1, 0, 1]
        assert np.array_equal(second.mask_logits, logits) and np.array_equal(second.box, first.box)
        third = s.next_click(second, self.truth, self.truth | np.roll(self.truth, 12, axis=1))
        assert third.labels.tolist() == [1, 0, 1, 0] and third.mask_logits is None
        x, y = third.points[-1]
        assert not self.truth[int(y), int(x)]

    def test_chance_draws_from_the_region(self):
        clicks = [s.next_click(s.Prompt(), self.truth, self.missed, None, rng(i)).points[0] for i in range(50)]
        assert len(np.unique(clicks, axis=0)) > 20 and all(inside(self.truth & ~self.missed, clicks))

    def test_without_an_error_there_is_none(self):
        assert s.next_click(s.center_point(self.truth), self.truth, self.truth) is None


def test_clicks_alone_begin_on_the_object():
    alone, after = s.parse_strategy("clicks:3"), s.parse_strategy("box+clicks:3")
    assert (alone.clicks, after.clicks) == (2, 3)
    assert s.parse_strategy("clicks:1").clicks == s.parse_strategy("box").clicks == 0
    assert alone(RING, rng()).points.tolist() == s.center_point(RING).points.tolist()
    drawn = [tuple(s.parse_strategy("clicks:3", chance=True)(RING, rng(i)).points[0]) for i in range(60)]
    assert len(set(drawn)) > 30 and all(inside(RING, drawn))
    assert len(after(RING, rng()).points) == 0


@pytest.mark.parametrize(
    "text, points, has_box",
    [
        ("point", 1, False),
        ("random-point", 1, False),
        ("box", 0, True),
        ("box:0.1", 0, True),
        ("points:5", 5, False),
        ("centroid", 1, False),
        ("box-center", 1, False),
        ("quadrants", 3, False),
        ("half:6", 6, False),
        ("point+box", 1, True),
        ("Points:3 + box:0.05", 3, True),
        ("box-iou:0.75", 0, True),
        ("box-px:20", 0, True),
        ("box-grow:0.1", 0, True),
        ("clicks:3", 1, False),
        ("box+clicks:2", 0, True),
        ("lasso", 0, True),
        ("lasso:0.1", 0, True),
    ],
)
def test_every_word(text, points, has_box):
    strategy = pickle.loads(pickle.dumps(s.parse_strategy(text)))
    prompt = strategy(ELL, rng())
    assert len(prompt.points) == len(prompt.labels) == points
    assert (prompt.box is not None) == has_box
    assert strategy.name == text.lower().replace(" ", "")
    with pytest.raises(InputError, match="nothing to prompt"):
        strategy(np.zeros((4, 4), dtype=bool), rng())


@pytest.mark.parametrize("text", ["dots", "", "point:2", "points", "box+", "half", "box-iou", "box-grow", "clicks"])
def test_unknown_words_list_the_known_ones(text):
    with pytest.raises(InputError) as caught:
        s.parse_strategy(text)
    assert all(word in str(caught.value) for word in s.words())


@pytest.mark.parametrize(
    "text",
    [
        "points:0", "points:x", "half:-2", "box:0.9", "box:nan", "points:1.5", "box+box:0.1", "box-iou:0",
        "box-px:-1", "box-px:2000", "box+box-px:5",
        "box-grow:-0.1", "box-grow:1.5", "box-grow:nan", "box-grow:x", "box-grow:0.1+box",
        "box-iou:1.1", "box-iou:nan", "box-iou:x", "box+box-iou:0.5", "clicks:0", "clicks:51", "clicks:x",
        "clicks:2+clicks:3",
    ],
)  # fmt: skip
def test_bad_numbers_are_refused(text):
    with pytest.raises(InputError):
        s.parse_strategy(text)


def test_deepest_points_of_real_labels_are_inside(shared_data):
    import SimpleITK as sitk

    path = shared_data / "brain_mri_glioma_brats2013" / "brats_2013_pat0003_1_label.nrrd"
    slices = sitk.GetArrayFromImage(sitk.ReadImage(str(path))) > 0
    shown = [mask for mask in slices if mask.any()]
    assert len(shown) > 20
    centroids = 0
    for mask in shown:
        x, y = s.center_point(mask).points[0].astype(int)
        # SimpleITK's exact distance map as another implementation; the label is off the border of the image.
        distance = sitk.GetArrayFromImage(
            sitk.SignedMaurerDistanceMap(
                sitk.GetImageFromArray((~mask).astype(np.uint8)), squaredDistance=False, insideIsPositive=False
            )
        )
        assert mask[y, x] and distance[y, x] == pytest.approx(distance[mask].max())
        cx, cy = np.rint(s.centroid(mask).points[0]).astype(int)
        centroids += not mask[cy, cx]
    assert centroids > 0
