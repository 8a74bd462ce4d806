"""Clicks for models that know boxes only, against closed forms and real scans."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.prompts.boxes import box as exact_box
from SAMAdaptLib.prompts.strategies import center_point, next_click
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.clicks import SURE, WIDTH, corrected, grown_boxes, parts_at
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume
from Testing.tiny import build, scan

POINT = Prompt(points=[[40, 34]], labels=[1])


def disc(shape=(96, 120), centre=(40, 34), radius=15.0):
    y, x = np.indices(shape)
    return np.hypot(x - centre[0], y - centre[1]) <= radius


@pytest.mark.parametrize("factor", [1, 5])
def test_a_region_of_like_grey_level_is_boxed_within_two_pixels(factor):
    noise = np.random.default_rng(0).normal(0, 4, (96, 120))
    image = np.where(disc(), 170.0, 60.0) + noise
    image = np.kron(np.clip(image, 0, 255).astype(np.uint8), np.ones((factor, factor), np.uint8))
    wanted = factor * np.array([25, 19, 56, 50]) - [0, 0, 1, 1]
    boxes = grown_boxes(image, Prompt(points=[[40 * factor, 34 * factor]], labels=[1]))
    assert boxes.dtype == np.float32 and len(boxes) >= 4
    assert np.abs(boxes - wanted).max(axis=1).min() <= 2 * factor
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2:] <= [120 * factor - 1, 96 * factor - 1]).all()


def test_a_thin_bridge_is_no_part_of_the_region():
    shape = disc() | disc(centre=(95, 34))
    shape[33:36, 40:95] = True
    boxes = grown_boxes(np.where(shape, 170, 60).astype(np.uint8), POINT)
    assert np.abs(boxes - [25, 19, 55, 49]).max(axis=1).min() <= 2
    assert np.abs(boxes - [25, 19, 110, 49]).max(axis=1).min() <= 2


def test_two_clicks_are_in_every_box():
    boxes = grown_boxes(
        np.where(disc(), 170, 60).astype(np.uint8), replace(POINT, points=[[30, 34], [50, 40]], labels=[1, 1])
    )
    assert (boxes[:, :2] <= [30, 34]).all() and (boxes[:, 2:] >= [50, 40]).all()


def test_a_contradicting_click_moves_the_outline_by_a_bell():
    """Outside a straight outline with logit -2, at distance 8 from it, the bell is 8 wide and 3 high."""
    x = np.arange(128) + np.zeros((96, 1))
    logits = np.where(x < 60, 4.0, -2.0).astype(np.float32)
    found = corrected(logits, np.array([[67, 40]]), np.array([1]))
    away = np.hypot(x - 67, np.arange(96)[:, None] - 40)
    np.testing.assert_allclose(found - logits, (SURE + 2) * np.exp(-0.5 * (away / (WIDTH * 8)) ** 2), atol=1e-5)
    assert found[40, 67] == pytest.approx(SURE, abs=1e-5)
    # The same from within, with the sign turned.
    turned = corrected(-logits, np.array([[67, 40]]), np.array([0]))
    np.testing.assert_allclose(turned, -found, atol=1e-5)


def test_clicks_that_agree_change_nothing_and_hold_their_place():
    x = np.arange(128) + np.zeros((96, 1))
    logits = np.where(x < 60, 4.0, -2.0).astype(np.float32)
    agreed = np.array([[50, 40], [80, 20]]), np.array([1, 0])
    assert corrected(logits, *agreed) is logits
    both = corrected(logits, np.array([[63, 40], [69, 40]]), np.array([1, 0]))
    assert both[40, 63] == pytest.approx(SURE, abs=0.01) and both[40, 69] == pytest.approx(-2, abs=0.05)


def test_of_an_answer_the_parts_count_in_which_clicks_lie():
    logits = np.full((8, 12), -3, np.float32)
    # Two that touch by a corner, and two more.
    logits[1:3, 1:3], logits[3:5, 3:5], logits[6:8, 6:8], logits[1:3, 9:11] = 1, 2, 4, 5
    both = parts_at(logits, np.array([[2, 2], [9, 1]]))
    expected = logits.copy()
    expected[6:8, 6:8] = -4
    assert np.array_equal(both, expected)
    one = parts_at(logits, np.array([[0, 0], [7, 7]]))
    assert np.array_equal(one > 0, logits == 4) and np.array_equal(np.abs(one), np.abs(logits))
    assert parts_at(logits, np.array([[0, 7]])) is logits


def test_without_an_object_a_click_changes_its_own_pixels_only():
    empty = np.full((64, 64), -9, np.float32)
    found = corrected(empty, np.array([[20, 30]]), np.array([1]))
    assert found[30, 20] == pytest.approx(SURE) and np.count_nonzero(found > 0) == 1


@pytest.fixture(scope="module")
def knows_boxes_only():
    model = build()
    model.points = False
    return model


def test_points_are_never_given_to_a_model_that_knows_boxes_only(knows_boxes_only):
    slices = VolumePredictor(Predictor(knows_boxes_only, "fp32"), scan()[0])
    box = Prompt(box=[10, 8, 26, 28])
    alone = slices.predict(2, [box])
    mask = alone.masks[0, 0]
    inner = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1] if mask.any() else -alone.logits[0, 0]
    y, x = np.unravel_index(inner.argmax(), inner.shape)
    agreeing, against = (replace(box, points=[[x, y]], labels=[int(label)]) for label in (mask[y, x], ~mask[y, x]))
    same, changed = slices.predict(2, [agreeing]), slices.predict(2, [against])
    assert np.array_equal(same.logits, alone.logits) and np.array_equal(same.iou, alone.iou)
    assert changed.masks[0, 0, y, x] != mask[y, x] and np.array_equal(changed.iou, alone.iou)


def test_a_point_alone_is_answered_as_one_of_its_boxes(knows_boxes_only):
    slices = VolumePredictor(Predictor(knows_boxes_only, "fp32"), scan()[0])
    point = Prompt(points=[[18, 18]], labels=[1])
    one, several = slices.predict(2, [point]), slices.predict(2, [point], multimask=True)
    boxes = grown_boxes(slices.image(2), point)
    each = slices.predict(2, [replace(point, box=box) for box in boxes])
    expected = [slices.predict(2, [Prompt(box=box)]) for box in boxes]
    side = each.low_res.shape[-1]
    x, y = (slices.frame.points_to_model(np.array([[18.5, 18.5]])) * side / slices.frame.input_size).astype(int)[0]
    meant = []
    for low_res in each.low_res[:, 0]:
        parts, _ = ndimage.label(low_res > 0, np.ones((3, 3)))
        meant.append(np.where((parts > 0) & (parts != parts[y, x]), -low_res, low_res))
    kept = [
        (a & b).sum() / max(1, (a | b).sum())
        for a, b in zip((one.low_res[0, 0] > 0 for one in expected), np.array(meant) > 0, strict=True)
    ]
    scores = np.array([one.iou[0, 0] for one in expected]) * kept
    order = np.argsort(-scores, kind="stable")[:3]
    np.testing.assert_allclose(several.iou[0], scores[order], rtol=1e-4)
    np.testing.assert_allclose(several.low_res[0], np.array(meant)[order], atol=1e-4)
    assert several.masks.shape[:2] == (1, 3) and np.array_equal(several.logits[0, 0], one.logits[0, 0])


def test_a_model_that_was_trained_with_points_answers_them_itself(tiny_model):
    slices = VolumePredictor(Predictor(tiny_model, "fp32"), scan()[0])
    prompts = [Prompt(points=[[18, 18]], labels=[1]), Prompt(points=[[9, 9]], labels=[0], box=[10, 8, 26, 28])]
    assert tiny_model.points
    with torch.inference_mode():
        low_res, iou = decode(tiny_model, slices.embedding(2), prompts, slices.frame)
    answer = slices.predict(2, prompts)
    assert np.array_equal(answer.low_res, low_res.numpy()) and np.array_equal(answer.iou, iou.numpy())


@pytest.mark.parametrize("multimask", [False, True])
def test_a_learnt_point_is_meant_with_the_grown_box_that_promises_most(monkeypatch, multimask):
    """The point's answers fill the first 40, 30 and 20 rows, those to boxes ever more rows, of ever less worth.
    Likeness counts by its fourth root."""
    model = replace(build(), grown=True)
    slices = VolumePredictor(Predictor(model, "fp32"), scan()[0])
    point, box = Prompt(points=[[18, 8]], labels=[1]), Prompt(box=[10, 8, 26, 28])
    prompts = [point, replace(point, box=box.box), box, replace(point, labels=[0])]
    boxes = len(grown_boxes(slices.image(2), point))
    slices.embedding(2)

    def rows(count, inside):
        return torch.where(torch.arange(64)[:, None] < count, inside, -inside).expand(64, 64)

    def expect(hoped):
        def decoded(model, embedding, asked, frame, multimask=False, dtype=torch.float32):
            several = 3 if multimask else 1
            logits = torch.stack([torch.stack([rows(20 + 10 * n, 1.0) for n in range(several)])] * len(asked))
            ious = hoped + 0.01 * torch.arange(several).expand(len(asked), -1)
            if len(asked) == boxes and asked[0].box is not None:
                logits = torch.stack([rows(12 + 8 * n, 3.0)[None] for n in range(boxes)])
                ious = 0.9 - 0.05 * torch.arange(boxes)[:, None]
            return logits, ious

        monkeypatch.setattr("SAMAdaptLib.sam.clicks.decode", decoded)
        monkeypatch.setattr("SAMAdaptLib.sam.clicks._clicked", lambda logits, prompt, frame, model: logits)
        return slices.predict(2, prompts, multimask)

    found, sure = expect(0.7), expect(0.95)
    own = 40 if multimask else 20
    alike = [min(own, 12 + 8 * n) / max(own, 12 + 8 * n) for n in range(boxes)]
    best, nearest = (max(range(boxes), key=lambda n: (0.9 - 0.05 * n) * alike[n] ** power) for power in (0.25, 1))
    assert (best, nearest) == ((2, 3) if multimask else (1, 1))
    np.testing.assert_allclose(found.low_res[0, 0], (rows(own, 1.0) + rows(12 + 8 * best, 3.0)) / 2)
    np.testing.assert_allclose(found.iou[0], 0.7 + 0.01 * np.arange(found.iou.shape[1])[::-1], atol=1e-6)
    # A box, a click in it, what is not the object, and what is sure are left as they are.
    assert np.array_equal(found.low_res[1:], sure.low_res[1:]) and np.array_equal(sure.low_res[0], sure.low_res[2])
    if multimask:
        assert np.array_equal(found.low_res[0, 1:], np.stack([rows(30, 1.0), rows(20, 1.0)]))


@pytest.fixture(scope="module")
def tumour(lite_medsam_file, shared_data):
    """LiteMedSAM on a real glioma: slices, and its truth bool [H, W] on the one that shows most of it."""
    folder = shared_data / "brain_mri_glioma_brats2013"
    volume = read_volume(folder / "brats_2013_pat0006_1_FLAIR.nrrd")
    truth = read_labels(folder / "brats_2013_pat0006_1_label.nrrd").array > 0
    index = int(truth.sum(axis=(1, 2)).argmax())
    model = load_model("lite_medsam", device="cpu", precision="fp32")
    slices = VolumePredictor(model.predictor, volume, "axial", "percentile:0.5/99.5")
    return slices, index, slices.stack.view(truth)[index]


def test_a_point_finds_a_real_tumour_and_clicks_only_better_a_box(tumour):
    slices, index, truth = tumour
    point, box = center_point(truth), exact_box(truth)
    assert dice(slices.predict(index, [point]).masks[0, 0], truth) > 0.7
    model = slices.predictor.model
    model.points, model.grown = True, False
    assert dice(slices.predict(index, [point]).masks[0, 0], truth) < 0.1
    model.points = False
    scores = []
    for _ in range(4):
        mask = slices.predict(index, [box]).masks[0, 0]
        scores.append(dice(mask, truth))
        box = next_click(box, truth, mask)
    assert scores == sorted(scores) and scores[-1] > scores[0] + 0.01


def test_a_point_on_a_spleen_does_not_find_the_liver_too(tumour, shared_data):
    """A box as large as the trunk is answered by both; what belongs to the click is the one in which it lies."""
    scan_file = shared_data / "abdomen_ct_totalsegmentator" / "example_ct_dicom_1mm"
    slices = VolumePredictor(tumour[0].predictor, read_volume(f"{scan_file}_image.nrrd"), "axial")
    truth = slices.stack.view(read_labels(f"{scan_file}_label.nrrd").array == 1)[10]
    assert dice(slices.predict(10, [center_point(truth)]).masks[0, 0], truth) > 0.9
