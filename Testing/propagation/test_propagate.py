"""Propagation through synthetic volumes with a predictor that thresholds inside its prompt."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.strategies import center_point
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.propagation.rules import PropagationRules, SliceResult

LOOSE = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9))


class Threshold:
    """Everything bright that is connected, within the slice, to something bright inside the box or at a point."""

    def __init__(self, volume, iou=0.9):
        self.volume, self.iou, self.calls, self.seen = volume, iou, [], {}

    def __call__(self, index, prompt):
        self.calls.append(index)
        self.seen[index] = prompt
        parts, _ = ndimage.label(self.volume[index], structure=np.ones((3, 3)))
        touched = []
        if prompt.box is not None:
            x0, y0, x1, y1 = np.rint(prompt.box).astype(int)
            touched = parts[y0 : y1 + 1, x0 : x1 + 1].ravel()
        for x, y in prompt.points[prompt.labels == 1].astype(int):
            touched = np.append(touched, parts[y, x])
        mask = np.isin(parts, np.setdiff1d(touched, [0]))
        iou = self.iou(index) if callable(self.iou) else self.iou
        return SliceResult(mask, np.where(mask, 20.0, -20.0).astype(np.float32)[::4, ::4], iou)


def run(volume, keys, rules=None, **options):
    """Propagate from boxes of the slices in ``keys``; returns (result, predictor)."""
    predictor = options.pop("predictor", None) or Threshold(volume)
    prompts = keys if isinstance(keys, dict) else {key: box(volume[key]) for key in keys}
    progress = options.pop("progress", lambda done, total, index: None)
    steps = propagate(predictor, prompts, len(volume), volume.shape[1:], rules, **options)
    return finish(steps, lambda step: progress(step.done, step.total, step.index)), predictor


def dice(a, b):
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def ellipsoid(shape=(41, 60, 80), radii=(16, 20, 25)):
    grid = np.ogrid[tuple(slice(0, n) for n in shape)]
    return sum(((g - n // 2) / r) ** 2 for g, n, r in zip(grid, shape, radii, strict=True)) <= 1


def cylinder(count=12, radius=8, shape=(40, 50)):
    y, x = np.ogrid[: shape[0], : shape[1]]
    disk = (y - 20) ** 2 + (x - 25) ** 2 <= radius**2
    return np.repeat(disk[None], count, axis=0)


def test_ellipsoid_with_the_default_rules():
    volume = ellipsoid()
    result, predictor = run(volume, [20])
    assert dice(result.mask, volume) > 0.95
    assert not (result.mask & ~volume).any()
    # Both ends: one way stops below, one above, each after two slices that broke a rule.
    stopped = {stop.direction: stop.index for stop in result.stops if stop.reason.startswith("stopped")}
    assert set(stopped) == {"up", "down"} and stopped["down"] in (3, 4, 5) and stopped["up"] in (35, 36, 37)
    assert len(set(predictor.calls)) == len(predictor.calls)
    assert not result.cancelled


def test_loose_rules_reach_the_poles():
    volume = ellipsoid()
    result, _ = run(volume, [20], LOOSE)
    assert np.array_equal(result.mask, volume)
    assert [record.index for record in result.records] == list(range(4, 37))
    assert [(stop.index, stop.reason[:7]) for stop in result.stops] == [
        (3, "missing"),
        (2, "stopped"),
        (37, "missing"),
        (38, "stopped"),
    ]


def test_object_through_the_whole_volume_keeps_the_first_and_the_last_slice():
    volume = cylinder()
    result, predictor = run(volume, [5])
    assert np.array_equal(result.mask, volume)
    assert sorted(predictor.calls) == list(range(12)) and result.stops == []
    assert [record.source for record in result.records] == ["propagated"] * 5 + ["prompted"] + ["propagated"] * 6
    assert [record.from_index for record in result.records] == [1, 2, 3, 4, 5, None, 5, 6, 7, 8, 9, 10]
    assert {record.area for record in result.records} == {int(volume[0].sum())}


@pytest.mark.parametrize("key", [0, 11])
def test_key_slice_at_the_end_of_the_volume(key):
    volume = cylinder()
    assert np.array_equal(run(volume, [key])[0].mask, volume)


def test_one_slice():
    volume = cylinder(1)
    result, predictor = run(volume, [0])
    assert np.array_equal(result.mask, volume) and predictor.calls == [0] and len(result.records) == 1


def tube():
    """A trunk that forks into two branches, which end before the volume does; not symmetric in x and y."""
    volume = np.zeros((40, 50, 90), dtype=bool)
    y, x = np.ogrid[:50, :90]
    for k in range(2, 36):
        spread = max(0, k - 14) * 1.2
        for center in (45 - spread, 45 + spread):
            volume[k] |= (y - 20) ** 2 + (x - center) ** 2 <= 49
    return volume


def test_fork_from_the_trunk_keeps_both_branches():
    volume = tube()
    assert ndimage.label(volume[30])[1] == 2
    assert np.array_equal(run(volume, [6])[0].mask, volume)


def test_fork_from_one_branch_finds_the_trunk_and_not_the_other_branch():
    volume = tube()
    left = volume.copy()
    left[:, :, 45:] = False
    result, _ = run(volume, {30: box(left[30])}, LOOSE)
    assert np.array_equal(result.mask[30:36], left[30:36])
    # From where the branches are one in the slice down to the foot, the whole trunk.
    joined = [k for k in range(2, 30) if ndimage.label(volume[k], structure=np.ones((3, 3)))[1] == 1]
    assert np.array_equal(result.mask[joined], volume[joined])


def test_bright_neighbour_that_is_not_connected_is_removed():
    volume = cylinder(16)
    neighbour = np.zeros_like(volume)
    # It comes up from slice 9 on, within the box of the object but a pixel apart from it.
    neighbour[9:14, 12:14, 17:19] = True
    assert not (ndimage.binary_dilation(volume, np.ones((3, 3, 3))) & neighbour).any()
    result, predictor = run(volume | neighbour, {4: box(volume[4])})
    assert np.array_equal(result.mask, volume)
    assert predictor(10, predictor.seen[10]).mask[13, 18]
    assert [record.area for record in result.records] == [int(volume[0].sum())] * 16


def test_two_key_slices_meet_in_a_single_middle_slice():
    volume = cylinder(15)
    progress = []
    result, predictor = run(volume, [3, 9], progress=lambda *call: progress.append(call))
    # 7 to 11 slices: 6 is asked twice, all others once.
    assert sorted(predictor.calls) == sorted([*range(15), 6])
    sources = {record.index: record.source for record in result.records}
    assert [index for index, source in sources.items() if source == "both sides"] == [6]
    assert [index for index, source in sources.items() if source == "prompted"] == [3, 9]
    origin = {record.index: record.from_index for record in result.records}
    assert (origin[4], origin[5], origin[6], origin[7], origin[8]) == (3, 4, 5, 8, 9)
    assert [done for done, _, _ in progress] == list(range(1, 17)) and {total for _, total, _ in progress} == {16}
    assert [index for _, _, index in progress] == predictor.calls


def test_two_key_slices_with_an_even_gap_share_it():
    volume = cylinder(15)
    result, predictor = run(volume, [3, 8])
    assert sorted(predictor.calls) == list(range(15))
    assert not [record for record in result.records if record.source == "both sides"]
    origin = {record.index: record.from_index for record in result.records}
    assert (origin[4], origin[5], origin[6], origin[7]) == (3, 4, 7, 8)


def test_neighbouring_key_slices():
    assert sorted(run(cylinder(6), [2, 3])[1].calls) == list(range(6))


def test_middle_slice_is_the_union_of_both_sides():
    volume = np.zeros((5, 30, 30), dtype=bool)
    volume[:3, 10:20, 5:17] = True
    volume[2:, 10:20, 13:25] = True

    def predict(index, prompt):
        x0, _, x1, _ = np.rint(prompt.box).astype(int)
        mask = volume[index].copy()
        mask[:, :x0] = False
        mask[:, x1 + 1 :] = False
        return SliceResult(mask, np.zeros((8, 8), np.float32), 0.8 if x0 < 8 else 0.7)

    result, _ = run(volume, {0: box(volume[0]), 4: box(volume[4])}, predictor=predict)
    assert np.array_equal(result.mask, volume)
    assert result.mask[2].sum() == 200 > volume[0].sum()
    middle = result.records[2]
    assert (middle.source, middle.predicted_iou, middle.area) == ("both sides", 0.7, 200)


def test_limits_are_inclusive_and_never_left():
    volume = cylinder(20)
    result, predictor = run(volume, [8], PropagationRules(first=5, last=13))
    assert sorted(predictor.calls) == list(range(5, 14))
    assert result.mask.any(axis=(1, 2)).nonzero()[0].tolist() == list(range(5, 14))
    assert result.stops == []


def test_cancel_keeps_what_is_finished():
    volume = cylinder(20)
    predictor = Threshold(volume)
    progress = []
    result, _ = run(
        volume,
        [10],
        predictor=predictor,
        cancelled=lambda: len(predictor.calls) == 6,
        progress=lambda *call: progress.append(call),
    )
    assert result.cancelled and len(predictor.calls) == 6 == progress[-1][0]
    assert np.array_equal(result.mask[5:11], volume[5:11]) and not result.mask[11:].any()
    assert [record.index for record in result.records] == list(range(5, 11))


def test_cancel_before_anything():
    result, predictor = run(cylinder(), [3], cancelled=lambda: True)
    assert result.cancelled and predictor.calls == [] and result.records == [] and not result.mask.any()


def test_area_jump_stops():
    volume = cylinder(14)
    volume[9:] = cylinder(5, radius=14)
    # Radius 8 to 14: about 3 times the area, with an IoU of about a third.
    result, predictor = run(volume, [3], PropagationRules(min_iou=0.0))
    assert not result.mask[9:].any() and np.array_equal(result.mask[:9], volume[:9])
    assert [stop.index for stop in result.stops] == [9, 10] and max(predictor.calls) == 10
    assert "area is 3." in result.stops[0].reason and result.stops[1].reason.startswith("stopped")
    result, _ = run(volume, [3], PropagationRules(area_ratio=(0.0, 100.0)))
    assert "IoU with the slice before is 0.3" in result.stops[0].reason and not result.mask[9:].any()


def test_vanishing_object_and_progress_to_the_total():
    volume = cylinder(30)
    volume[12:] = False
    progress = []
    result, predictor = run(volume, [5], progress=lambda *call: progress.append(call))
    assert np.array_equal(result.mask, volume)
    assert [(stop.index, stop.direction) for stop in result.stops] == [(12, "up"), (13, "up")]
    assert all("nothing was found" in stop.reason for stop in result.stops)
    assert max(predictor.calls) == 13 and progress[-1] == (30, 30, 13)


def test_one_missing_slice_is_skipped_over_and_reported():
    volume = cylinder()
    bright = volume.copy()
    bright[7] = False
    result, _ = run(bright, [3])
    assert np.array_equal(result.mask, bright)
    assert [(stop.index, stop.reason[:7]) for stop in result.stops] == [(7, "missing")]
    assert {record.index: record.from_index for record in result.records}[8] == 6
    assert not run(bright, [3], PropagationRules(max_missing=1))[0].mask[7:].any()
    # Misses count in a row, not in all.
    bright[9] = False
    assert np.array_equal(run(bright, [3])[0].mask, bright)


@pytest.mark.parametrize("bad", [0.3, float("nan")])
def test_low_or_undefined_expectation_of_the_model_stops(bad):
    volume = cylinder()
    result, _ = run(volume, [3], predictor=Threshold(volume, iou=lambda index: bad if index > 6 else 0.9))
    assert result.mask.any(axis=(1, 2)).nonzero()[0].tolist() == list(range(7))
    assert "expects an IoU" in result.stops[0].reason


def test_what_the_user_prompted_is_kept_whatever_the_model_expects():
    volume = cylinder()
    expected = {3: 0.1}
    result, predictor = run(volume, [3], predictor=Threshold(volume, iou=lambda index: expected.get(index, 0.04)))
    assert np.array_equal(result.mask[3], volume[3]) and [record.index for record in result.records] == [3]
    assert sorted(predictor.calls) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("sure", [0.2, 0.5, 1.0])
def test_the_expectation_counts_beside_that_of_the_prompted_slice(sure):
    """Half of it is the limit, whatever the model's own scale."""
    volume = cylinder()
    shares = {8: 0.51, 9: 0.49, 10: 0.49}
    result, _ = run(volume, [3], predictor=Threshold(volume, iou=lambda index: sure * shares.get(index, 1.0)))
    kept = result.mask.any(axis=(1, 2)).nonzero()[0].tolist()
    assert kept == list(range(9))


def test_prompt_that_finds_nothing():
    volume = cylinder()
    progress = []
    result, predictor = run(
        volume, {3: Prompt(box=np.array([0, 0, 4, 4]))}, progress=lambda *call: progress.append(call)
    )
    assert predictor.calls == [3] and not result.mask.any() and progress[-1][:2] == (12, 12)
    assert {stop.direction for stop in result.stops} == {"up", "down"}


def test_point_prompt_and_negative_points_on_the_way():
    volume = cylinder()
    hint = Prompt(points=np.array([[3, 4]]), labels=np.array([0]))
    result, predictor = run(volume, {3: center_point(volume[3]), 6: hint})
    assert np.array_equal(result.mask, volume)
    assert predictor.seen[3].box is None and predictor.calls.count(6) == 1
    assert predictor.seen[6].points.tolist() == [[3, 4]] and predictor.seen[6].box is not None
    assert len(predictor.seen[7].points) == 0


def test_every_next_slice_gets_the_grown_box_and_clipped_logits():
    volume = cylinder()
    _, predictor = run(volume, [3])
    prompt = predictor.seen[5]
    # The disk spans columns 17 to 33 and rows 12 to 28: 17 pixels a side.
    grown = 0.025 * 17
    assert prompt.box == pytest.approx([17 - grown, 12 - grown, 33 + grown, 28 + grown])
    assert np.abs(prompt.mask_logits).max() == pytest.approx(6.9) and prompt.mask_logits.shape == (10, 13)


@pytest.mark.parametrize(
    "prompts, rules, words",
    [
        ({}, None, "no prompt"),
        ({3: Prompt(points=np.array([[1, 1]]), labels=np.array([0]))}, None, "no prompt"),
        ({12: Prompt(box=np.zeros(4))}, None, "slice 12"),
        ({2: Prompt(box=np.zeros(4))}, PropagationRules(first=3), "slice 2"),
        ({3: Prompt(box=np.zeros(4))}, PropagationRules(first=3, last=12), "range"),
        ({3: Prompt(box=np.zeros(4))}, PropagationRules(first=4, last=2), "range"),
    ],
)
def test_bad_input(prompts, rules, words):
    with pytest.raises(InputError, match=words):
        run(cylinder(), prompts, rules)


def test_real_tumour_with_an_oracle(shared_data):
    """An answer that is the truth inside the prompt finds a real glioma from its largest slice."""
    import SimpleITK as sitk

    path = shared_data / "brain_mri_glioma_brats2013" / "brats_2013_pat0003_1_label.nrrd"
    image = sitk.ReadImage(str(path)) > 0
    truth = sitk.GetArrayFromImage(image) > 0
    largest = sitk.GetArrayFromImage(sitk.RelabelComponent(sitk.ConnectedComponent(image, True))) == 1
    key = int(truth.sum(axis=(1, 2)).argmax())
    result, predictor = run(truth, {key: center_point(largest[key])})
    assert dice(result.mask, largest) > 0.95
    assert not (result.mask & ~truth).any()
    used = result.mask.any(axis=(1, 2)).nonzero()[0]
    assert used[0] - 2 <= min(predictor.calls) and max(predictor.calls) <= used[-1] + 2
    first, last = key - 5, key + 7
    limited, predictor = run(truth, {key: center_point(largest[key])}, PropagationRules(first=first, last=last))
    assert sorted(predictor.calls) == list(range(first, last + 1))
    assert limited.mask.any(axis=(1, 2)).nonzero()[0].tolist() == list(range(first, last + 1))
