"""Scores of prompts that the model finds, worked out by hand, and the box of the whole slice."""


import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.jobs.scoring import evaluate_automatic, evaluate_oracle, parse_slices, whole_image
from SAMAdaptLib.sam.predictor import Prediction
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from Testing.tiny import Alone

CLASSES = ("bar", "dot")


def labels():
    """Slices 1-4: 24 pixels of "bar"; "dot": 4 pixels on slice 4; "vessel" on slice 1."""
    geometry = Geometry.from_lps((20, 16, 6), (0.5, 1.0, 3.0), (0, 0, 0), np.eye(3).ravel())
    array = np.zeros(geometry.shape, np.uint8)
    array[1:5, 4:8, 5:11] = 1
    array[4, 10:12, 2:4] = 2
    array[1, 14, 14] = 3
    return Labels(array, geometry, {"vessel": 3, "dot": 2, "bar": 1})


class FindsHalves:
    """Answers boxes with themselves. Finds the bar as two boxes, on slice 2 only one, on slice 3 none; never the dot;
    and a bar on slice 0, where none is."""

    def __init__(self):
        self.predictor = Alone(find=True, mask_prompts=True)
        self.stack = PlaneStack(labels().geometry, "axial")
        self.asked = []

    def find(self, index):
        halves = np.array([[5, 4, 8, 7], [9, 4, 10, 7]], np.float32)
        count = {2: 1, 3: 0}.get(index, 2)
        return [halves[:count], np.zeros((0, 4), np.float32)]

    def label(self, index):
        return None

    def predict(self, index, prompts):
        self.asked.append((index, len(prompts)))
        masks = np.zeros((len(prompts), 1, *self.stack.shape), bool)
        for mask, prompt in zip(masks, prompts, strict=True):
            x0, y0, x1, y1 = prompt.box.astype(int)
            mask[0, y0 : y1 + 1, x0 : x1 + 1] = True
        return Prediction(masks, masks * 1.0, np.ones((len(prompts), 1)), masks * 1.0)


class OnTheLabelled(FindsHalves):
    """Finds nothing on the outer slices."""

    def find(self, index):
        found = super().find(index)
        return [boxes[:0] for boxes in found] if index in (0, 5) else found


def test_found_masks_are_scored_where_the_labels_are():
    predictor, told = FindsHalves(), []
    results = evaluate_automatic(predictor, labels(), CLASSES, parse_slices(None), progress=lambda *a: told.append(a))
    assert list(results) == ["dot", "bar"]
    bar = results["bar"]
    # Slices 1 and 4 whole (24 each), slice 2 two thirds (16), slice 3 nothing, slice 0 is not looked at.
    assert bar.slices == [1, 2, 3, 4] and not bar.prediction[0].any()
    assert (bar.figures["truth_voxels"], bar.figures["predicted_voxels"]) == (96, 64)
    assert bar.figures["dice"] == pytest.approx(2 * 64 / 160)
    assert bar.figures["slice_dice"] == pytest.approx((1 + 2 * 16 / 40 + 0 + 1) / 4)
    assert sorted(bar.prompts) == [1, 2, 4] and bar.prompts[1].box.tolist() == [5, 4, 8, 7]
    # Never found is a miss as for any other prompt.
    dot = results["dot"].figures
    assert (dot["dice"], dot["status"], dot["slices"]) == (0.0, "missed", 1)
    assert predictor.asked == [(1, 2), (2, 1), (4, 2)] and told == [(i, 4) for i in range(1, 5)]


def test_on_the_whole_volume_what_is_found_elsewhere_counts():
    results = evaluate_automatic(FindsHalves(), labels(), CLASSES, None)
    bar = results["bar"]
    # A false one of 24 on slice 0 beside the right one on 1. After the gap on 3 the right one on 4 goes on as a false
    # one on 5, so that both stay.
    assert bar.slices == list(range(6))
    assert bar.prediction.sum(axis=(1, 2)).tolist() == [24, 24, 16, 0, 24, 24]
    assert bar.figures["dice"] == pytest.approx(2 * 64 / (96 + 112))
    # Without slices 0 and 5 it would stand alone.
    alone = labels()
    assert evaluate_automatic(OnTheLabelled(), alone, CLASSES, None)["bar"].prediction.sum(axis=(1, 2)).tolist() == [
        0, 24, 16, 0, 0, 0,
    ]  # fmt: skip


def test_who_cannot_find_and_what_is_not_known():
    predictor = FindsHalves()
    with pytest.raises(InputError, match="None of the labels .vessel, dot, bar.*Name labels liver"):
        evaluate_automatic(predictor, labels(), ("liver",), parse_slices(None))
    with pytest.raises(Cancelled):
        evaluate_automatic(predictor, labels(), CLASSES, parse_slices(None), cancelled=lambda: True)
    predictor.predictor.model.find = None
    with pytest.raises(InputError, match="sammix"):
        evaluate_automatic(predictor, labels(), CLASSES, parse_slices(None))


def test_the_box_of_the_whole_slice():
    results = evaluate_oracle(FindsHalves(), labels(), whole_image, parse_slices("2"))
    bar = results["bar"]
    assert bar.prompts[2].box.tolist() == [0, 0, 19, 15]
    assert bar.figures["dice"] == pytest.approx(2 * 24 / (24 + 320))
