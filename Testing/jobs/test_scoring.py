"""Whole scans with a fake model whose mistakes are known, so that every figure can be worked out by hand."""

import statistics

import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.figures import label_figures, mean_figures
from SAMAdaptLib.evaluation.metrics import conventions
from SAMAdaptLib.jobs.scoring import evaluate_oracle, evaluate_propagated, parse_slices
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.prompts.types import SliceResult
from SAMAdaptLib.sam.predictor import Prediction, Predictor, VolumePredictor
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from Testing.tiny import Alone, scan

pytestmark = pytest.mark.slow

BOX = parse_strategy("box")


def labels():
    """Slices 2-4: 24 pixels of "bar", slices 5-7: 16; "dot": 4 pixels on slice 4; "none" is nowhere."""
    geometry = Geometry.from_lps((20, 16, 10), (0.5, 1.0, 3.0), (0, 0, 0), np.eye(3).ravel())
    array = np.zeros(geometry.shape, np.uint8)
    array[2:5, 4:8, 5:11] = 1
    array[5:8, 4:8, 5:9] = 1
    array[4, 10:12, 2:4] = 2
    return Labels(array, geometry, {"bar": 1, "dot": 2, "none": 3})


class LosesAColumn:
    """Answers a box with that box but for its first column."""

    predictor = Alone(mask_prompts=True)

    def __init__(self, blind=None):
        self.stack = PlaneStack(labels().geometry, "axial")
        self.asked = []
        self.blind = blind

    def predict(self, index, prompts):
        self.asked.append((index, len(prompts)))
        masks = np.zeros((len(prompts), 1, *self.stack.shape), bool)
        for mask, prompt in zip(masks, prompts, strict=True):
            x0, y0, x1, y1 = prompt.box.astype(int)
            mask[0, y0 : y1 + 1, x0 + 1 : x1 + 1] = index != self.blind
        return Prediction(masks, masks.astype(np.float32), np.ones((len(prompts), 1)), masks.astype(np.float32))


class KnowsTheBar:
    """Answers with the bar as it is, and with the last one on ``more`` slices beyond its end."""

    predictor = Alone(mask_prompts=True)

    def __init__(self, more=0):
        self.stack = PlaneStack(labels().geometry, "axial")
        self.asked = []
        truth = labels().array == 1
        truth[8 : 8 + more] = truth[7]
        self.masks = truth

    def __call__(self, index, prompt):
        self.asked.append((index, prompt))
        return SliceResult(self.masks[index], np.where(self.masks[index], 5.0, -5.0).astype(np.float32), 0.9)


def test_which_slices():
    present = np.array([3, 4, 5, 6, 7, 8, 9, 20])
    assert parse_slices(None)(present) == present.tolist()
    # The middle of every run of three.
    assert parse_slices("every:3")(present) == [4, 7, 20]
    assert parse_slices("every:1")(present) == present.tolist()
    assert parse_slices("every:99")(present) == [6]
    assert parse_slices("every:9")(np.array([5])) == [5]
    assert parse_slices("every:9")(np.array([], int)) == []
    assert parse_slices("20,4,4,11")(present) == [4, 20]


@pytest.mark.parametrize("text", ["every:0", "every", "every:x", "", "1;2", "a", "1,,2"])
def test_slices_that_cannot_be_read(text):
    with pytest.raises(InputError, match="Write every:9 or 12,40"):
        parse_slices(text)


class MissesASquare:
    """Answers with the bar but for its last two columns, which it finds once a click lies there."""

    def __init__(self, masks=True):
        self.predictor = Alone(mask_prompts=masks)
        self.stack = PlaneStack(labels().geometry, "axial")
        self.asked = []

    def __call__(self, index, prompt):
        self.asked.append((index, prompt))
        mask = labels().array[index] == 1
        columns = np.flatnonzero(mask.any(axis=0))[-2:]
        if not any(x in columns and label == 1 for (x, y), label in zip(prompt.points, prompt.labels, strict=True)):
            mask[:, columns] = False
        return SliceResult(mask, np.where(mask, 9.0, -9.0).astype(np.float32), 0.9)

    def predict(self, index, prompts):
        found = [self(index, prompt) for prompt in prompts]
        masks, logits = np.stack([r.mask for r in found])[:, None], np.stack([r.logits for r in found])[:, None]
        return Prediction(masks, logits, np.full((len(found), 1), 0.9), logits)


BAR = Labels(labels().array, labels().geometry, {"bar": 1})


@pytest.mark.parametrize("masks", [True, False])
def test_clicks_go_into_the_error_of_the_answer_before(masks):
    predictor = MissesASquare(masks)
    result = evaluate_oracle(predictor, BAR, parse_strategy("clicks:4"), parse_slices("2"))["bar"]
    # Rows 4 to 7, columns 5 to 10: the first click in the middle, the second in the two columns that were missed.
    (_, first), (_, second) = predictor.asked
    assert first.points.tolist() == [[6, 5]] and first.mask_logits is None
    assert second.points.tolist() == [[6, 5], [9, 4]] and second.labels.tolist() == [1, 1]
    # With nothing wrong, nobody clicks on.
    assert result.figures["dice"] == 1.0 and result.prompts[2] is second
    if masks:
        # The answer before, clipped as propagation clips it.
        assert second.mask_logits.max() == pytest.approx(6.9) and second.mask_logits.min() == pytest.approx(-6.9)
        assert ((second.mask_logits > 0) == ((labels().array[2] == 1) & (np.arange(20) < 9))).all()
    else:
        assert second.mask_logits is None


def test_one_click_is_a_point_and_two_are_better_here():
    dice = {}
    for text in ("point", "clicks:1", "clicks:2", "point+clicks:1", "box+clicks:1"):
        result = evaluate_oracle(MissesASquare(), BAR, parse_strategy(text), parse_slices(None))["bar"]
        dice[text] = result.figures["dice"]
    assert dice["point"] == dice["clicks:1"] == pytest.approx(2 * (3 * 16 + 3 * 8) / (120 + 72))
    assert dice["clicks:2"] == dice["point+clicks:1"] == dice["box+clicks:1"] == 1.0


def test_clicks_are_given_on_the_slice_from_which_propagation_starts():
    predictor = MissesASquare()
    result = evaluate_propagated(predictor, BAR, parse_strategy("clicks:3"))["bar"]
    given = result.prompts[2]
    assert given.points.tolist() == [[6, 5], [9, 4]] and given.mask_logits is not None
    # The first answer, the better one, and that again as the start of the way.
    assert [index for index, _ in predictor.asked[:3]] == [2, 2, 2]
    assert predictor.asked[2][1] is given and predictor.asked[3][0] != 2
    assert result.prediction[2].sum() == 24


def test_all_slices_with_the_label():
    predictor, told = LosesAColumn(), []
    results = evaluate_oracle(predictor, labels(), BOX, parse_slices(None), progress=lambda *a: told.append(a))
    assert list(results) == ["bar", "dot", "none"]
    bar = results["bar"].figures
    # 3 x 24 + 3 x 16 = 120 true pixels, of which 3 x 20 + 3 x 12 = 96 are found, and nothing else.
    assert (bar["truth_voxels"], bar["predicted_voxels"]) == (120, 96)
    assert bar["dice"] == pytest.approx(2 * 96 / 216) and bar["iou"] == pytest.approx(96 / 120)
    assert bar["slice_dice"] == pytest.approx((40 / 44 + 24 / 28) / 2)
    # More than a twentieth of the true surface lies in the lost column, 0.5 mm away.
    assert bar["hd95_mm"] == pytest.approx(0.5) and bar["nsd"] == pytest.approx(1.0)
    assert bar["slices"] == 6 and bar["status"] == "ok"
    assert results["dot"].figures["dice"] == pytest.approx(4 / 6)
    empty = results["none"].figures
    assert (empty["status"], empty["slices"], empty["slice_dice"]) == ("both empty", 0, None)
    # Both labels of slice 4 went in one call.
    assert predictor.asked == [(2, 1), (3, 1), (4, 2), (5, 1), (6, 1), (7, 1)]
    assert told == [(i, 6) for i in range(1, 7)]
    assert not results["bar"].prediction[[0, 1, 8, 9]].any() and results["bar"].slices == [2, 3, 4, 5, 6, 7]


def test_slices_with_gaps_are_scored_as_pictures():
    results = evaluate_oracle(LosesAColumn(), labels(), BOX, parse_slices("every:3"), tolerance_mm=0.1)
    bar = results["bar"].figures
    assert results["bar"].slices == [3, 6] and results["dot"].slices == [4]
    assert bar["dice"] == pytest.approx(2 * 32 / 72) and bar["slice_dice"] == pytest.approx((40 / 44 + 24 / 28) / 2)
    assert bar["hd95_mm"] == pytest.approx(0.5)
    strict = bar["nsd"]
    assert 0 < strict < 1
    loose = evaluate_oracle(LosesAColumn(), labels(), BOX, parse_slices("every:3"), tolerance_mm=0.6)
    assert loose["bar"].figures["nsd"] == pytest.approx(1.0)


def test_whether_distances_are_in_space_or_means_over_slices_is_said():
    every = evaluate_oracle(LosesAColumn(), labels(), BOX, parse_slices(None))
    assert every["bar"].figures["surfaces"] == "3D"
    # One slice of the dot, and nothing else of it: there is no third dimension to measure in.
    dot = every["dot"].figures
    assert dot["surfaces"] == "slices" and dot["hd95_mm"] == dot["slice_hd95_mm"] and dot["nsd"] == dot["slice_nsd"]
    some = evaluate_oracle(LosesAColumn(), labels(), BOX, parse_slices("every:3"))["bar"].figures
    assert some["surfaces"] == "slices" and some["hd95_mm"] == some["slice_hd95_mm"]
    for results in (every, evaluate_propagated(KnowsTheBar(), BAR, BOX)):
        assert all(conventions().keys() <= result.figures.keys() for result in results.values())
    assert evaluate_propagated(KnowsTheBar(), BAR, BOX)["bar"].figures["surfaces"] == "3D"


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_both_kinds_of_distances_against_monai():
    """A bar that ends and goes on two slices further: between its parts lie 9 mm, and no slice with a label."""
    torch, metrics = pytest.importorskip("torch"), pytest.importorskip("monai.metrics")
    gap = labels()
    gap.array[4:6] = 0
    only = Labels(gap.array, gap.geometry, {"bar": 1})
    results = evaluate_oracle(LosesAColumn(blind=3), only, BOX, parse_slices(None))
    bar, truth = results["bar"].figures, gap.array == 1
    assert results["bar"].slices == [2, 3, 6, 7] and bar["surfaces"] == "3D"

    def hd95(prediction, truth, spacing):
        pair = [torch.from_numpy(mask)[None, None].float() for mask in (prediction, truth)]
        found = metrics.compute_hausdorff_distance(*pair, percentile=95, include_background=True, spacing=spacing)
        return float(found)

    found = results["bar"].prediction
    # Slice 3 is missed: its neighbour below is 3 mm away in space, while within the slice there is nothing to measure.
    assert bar["hd95_mm"] == pytest.approx(hd95(found, truth, [3.0, 1.0, 0.5]), rel=1e-5) and bar["hd95_mm"] > 2.9
    diagonal = np.hypot(16 * 1.0, 20 * 0.5)
    each = [diagonal if i == 3 else hd95(found[i], truth[i], [1.0, 0.5]) for i in (2, 3, 6, 7)]
    assert bar["slice_hd95_mm"] == pytest.approx(np.mean(each), rel=1e-5)


def test_a_miss_on_one_of_several_pictures():
    """In 3D the neighbour in the pile, a stranger from elsewhere, would cover for it."""
    bar = evaluate_oracle(LosesAColumn(blind=6), labels(), BOX, parse_slices("every:3"))["bar"].figures
    diagonal = np.hypot(16 * 1.0, 20 * 0.5)
    assert bar["hd95_mm"] == pytest.approx((0.5 + diagonal) / 2) and bar["nsd"] == pytest.approx(0.5)
    assert bar["dice"] == pytest.approx(2 * 20 / 60) and bar["slice_dice"] == pytest.approx(40 / 44 / 2)


def test_slices_outside_the_scored_ones_do_not_count():
    results = evaluate_oracle(LosesAColumn(), labels(), BOX, parse_slices("3"))
    assert results["bar"].figures["truth_voxels"] == 24
    assert results["dot"].figures["slices"] == 0 and results["dot"].figures["status"] == "both empty"


def test_stopping_an_evaluation():
    predictor = LosesAColumn()
    with pytest.raises(Cancelled):
        evaluate_oracle(predictor, labels(), BOX, parse_slices(None), cancelled=lambda: len(predictor.asked) == 2)
    assert len(predictor.asked) == 2
    walker = KnowsTheBar()
    with pytest.raises(Cancelled):
        evaluate_propagated(walker, labels(), BOX, cancelled=lambda: len(walker.asked) == 2)


def test_one_prompt_and_propagation():
    predictor, told = KnowsTheBar(), []
    only = Labels(labels().array, labels().geometry, {"bar": 1, "none": 3})
    results = evaluate_propagated(predictor, only, BOX, progress=lambda *a: told.append(a))
    # The first of the largest slices is prompted with the truth's box, all others with what came before.
    index, prompt = predictor.asked[0]
    assert index == 2 and prompt.box.tolist() == [5, 4, 10, 7] and prompt.mask_logits is None
    assert all(p.mask_logits is not None for _, p in predictor.asked[1:])
    bar = results["bar"].figures
    assert bar["dice"] == 1.0 and bar["hd95_mm"] == 0.0 and bar["slices"] == 10 and bar["slice_dice"] == 1.0
    assert results["none"].figures["status"] == "both empty" and not results["none"].prediction.any()
    assert told[-1] == (10, 20) and told == sorted(told)


def test_running_on_beyond_the_object_counts_against_it():
    only = Labels(labels().array, labels().geometry, {"bar": 1})
    bar = evaluate_propagated(KnowsTheBar(more=1), only, BOX)["bar"].figures
    assert bar["dice"] == pytest.approx(2 * 120 / (120 + 136)) and bar["iou"] == pytest.approx(120 / 136)
    # Slice by slice, where the truth is, nothing is wrong.
    assert bar["slice_dice"] == 1.0


def figures(dice, status="ok", slice_dice=None):
    return {
        "dice": dice,
        "iou": dice / 2,
        "hd95_mm": 10 * dice,
        "nsd": dice,
        "truth_voxels": 5,
        "predicted_voxels": 5,
        "status": status,
        "slice_dice": dice if slice_dice is None else slice_dice,
        "slice_nsd": dice,
        "slices": 3,
    }


def test_means_are_over_labels_and_then_over_cases():
    cases = [
        {"a": figures(1.0), "b": figures(0.5), "c": figures(0.9)},
        {"a": figures(0.2, slice_dice=0.4)},
        {"a": figures(0.0, "missed"), "b": figures(1.0, "both empty") | {"slice_dice": None}},
        {"a": figures(1.0, "both empty") | {"slice_dice": None}},
    ]
    means = mean_figures(cases)
    assert means["dice"] == pytest.approx((0.8 + 0.2 + 0.0) / 3)
    assert means["iou"] == pytest.approx((0.4 + 0.1 + 0.0) / 3) and means["hd95_mm"] == pytest.approx(10 / 3)
    assert means["slice_dice"] == pytest.approx((0.8 + 0.4 + 0.0) / 3)
    assert (means["n"], means["n_missed"], means["n_false_positive"], means["n_both_empty"]) == (5, 1, 0, 2)
    nothing = mean_figures([])
    assert nothing["dice"] is None and nothing["slice_dice"] is None and nothing["n"] == 0


def test_each_label_over_scans_is_a_mean_and_a_spread_of_those_that_have_it():
    liver = [0.9, 0.8, 0.94, 0.0]
    cases = [
        {"liver": figures(liver[0]) | {"surfaces": "3D"}, "spleen": figures(0.7) | {"surfaces": "3D"}},
        # Here the spleen was taken out: nothing there, nothing found.
        {"liver": figures(liver[1]) | {"surfaces": "3D"},
         "spleen": figures(1.0, "both empty") | {"slice_dice": None, "surfaces": "slices"}},
        {"liver": figures(liver[2]) | {"surfaces": "slices"}},
        {"liver": figures(liver[3], "missed") | {"surfaces": "3D"}},
    ]  # fmt: skip
    found = label_figures(cases)
    assert list(found) == ["liver", "spleen"]
    for name, factor in {"dice": 1, "iou": 0.5, "hd95_mm": 10, "nsd": 1, "slice_dice": 1}.items():
        figure = found["liver"][name]
        values = [factor * value for value in liver]
        assert figure["mean"] == pytest.approx(statistics.mean(values)), name
        assert figure["sd"] == pytest.approx(statistics.stdev(values)) and figure["n"] == 4
    assert (found["liver"]["n"], found["liver"]["cases"], found["liver"]["n_missed"]) == (4, 4, 1)
    assert found["liver"]["surfaces"] == "3D and slices"
    # One of four has it: no zero for the others, and no spread of one.
    spleen = found["spleen"]
    assert spleen["dice"] == {"mean": pytest.approx(0.7), "sd": None, "n": 1}
    assert (spleen["n"], spleen["cases"], spleen["surfaces"]) == (1, 4, "3D")
    assert mean_figures(cases)["surfaces"] == "3D and slices" and mean_figures(cases[:2])["surfaces"] == "3D"
    nowhere = label_figures([{"gone": figures(1.0, "both empty") | {"slice_dice": None}}])["gone"]
    assert nowhere["dice"] == {"mean": None, "sd": None, "n": 0} and nowhere["surfaces"] == ""


def test_with_a_model_the_figures_are_those_of_its_masks(tiny_model):
    volume, truth = scan()
    predictor = VolumePredictor(Predictor(tiny_model, "fp32"), volume)
    for results in (
        evaluate_oracle(predictor, truth, parse_strategy("point"), parse_slices(None)),
        evaluate_propagated(predictor, truth, BOX),
    ):
        for name, result in results.items():
            p, t = result.prediction[result.slices], result.truth[result.slices]
            assert result.figures["dice"] == pytest.approx(2 * (p & t).sum() / (p.sum() + t.sum()))
            assert np.array_equal(result.truth, predictor.stack.view(truth.array) == truth.names[name])


def test_with_a_model_one_click_is_a_point_and_more_change_the_answer(tiny_model):
    volume, truth = scan()
    predictor = VolumePredictor(Predictor(tiny_model, "fp32"), volume)
    point, one, three = (
        evaluate_oracle(predictor, truth, parse_strategy(text), parse_slices(None))["disc"]
        for text in ("point", "clicks:1", "clicks:3")
    )
    assert np.array_equal(point.prediction, one.prediction) and point.figures == one.figures
    assert not np.array_equal(point.prediction, three.prediction)
    for index in three.slices:
        points, labels = three.prompts[index].points, three.prompts[index].labels
        assert len(points) == 3 and labels[0] == 1 and three.prompts[index].mask_logits.shape == (32, 32)
        inside = [three.truth[index][int(y), int(x)] for x, y in points]
        assert inside == (labels == 1).tolist()


def test_random_strategies_follow_the_seed(tiny_model):
    volume, truth = scan()
    predictor = VolumePredictor(Predictor(tiny_model, "fp32"), volume)

    def masks(seed):
        return evaluate_oracle(predictor, truth, parse_strategy("random-point"), parse_slices(None), seed)["disc"]

    first, again, other = (masks(seed).prediction for seed in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
