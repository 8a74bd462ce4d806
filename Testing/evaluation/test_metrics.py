"""Segmentation scores against closed forms, brute force, MONAI and DeepMind's surface-distance."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.evaluation.metrics import METRICS, mean_scores, policy, score
from SAMAdaptLib.volume.volume import read_volume

pytestmark = pytest.mark.slow

ANISOTROPIC = (3.0, 0.7, 1.1)


def blob(seed: int, shape=(14, 40, 36)) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2.5)
    return noise > np.quantile(noise, 0.8)


def ball(radius: float, spacing, shape) -> np.ndarray:
    axes = np.meshgrid(*[(np.arange(n) - n // 2) * step for n, step in zip(shape, spacing, strict=True)], indexing="ij")
    return sum(axis**2 for axis in axes) <= radius**2


def row(dice, iou, hd95_mm, nsd, truth_voxels, predicted_voxels, status):
    return {
        "dice": dice, "iou": iou, "hd95_mm": hd95_mm, "nsd": nsd,
        "truth_voxels": truth_voxels, "predicted_voxels": predicted_voxels, "status": status,
    }  # fmt: skip


def test_perfect_prediction():
    mask = blob(0)
    assert score(mask, mask, ANISOTROPIC) == row(1.0, 1.0, 0.0, 1.0, int(mask.sum()), int(mask.sum()), "ok")


def test_dice_and_iou_by_brute_force():
    truth, prediction = blob(1), blob(2)
    pairs = list(zip(truth.ravel().tolist(), prediction.ravel().tolist(), strict=True))
    both = sum(a and b for a, b in pairs)
    either = sum(a or b for a, b in pairs)
    got = score(truth, prediction, ANISOTROPIC)
    assert got["dice"] == pytest.approx(2 * both / (sum(a for a, _ in pairs) + sum(b for _, b in pairs)), abs=1e-12)
    assert got["iou"] == pytest.approx(both / either, abs=1e-12)
    assert (got["truth_voxels"], got["predicted_voxels"]) == (truth.sum(), prediction.sum())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_shifted_slab_is_the_shift_in_mm_along_each_axis(axis):
    # A slab across the whole array: its two faces move by three voxels, and they are nearly all of its surface.
    shape = [60, 60, 60]
    shape[axis] = 30
    truth = np.zeros(shape, bool)
    index = [slice(None)] * 3
    index[axis] = slice(8, 20)
    truth[tuple(index)] = True
    shifted = np.roll(truth, 3, axis)
    shift = 3 * ANISOTROPIC[axis]
    got = score(truth, shifted, ANISOTROPIC, tolerance_mm=shift + 0.01)
    assert got["hd95_mm"] == pytest.approx(shift, rel=1e-5)
    assert got["nsd"] == pytest.approx(1.0)
    assert got["dice"] == pytest.approx(9 / 12)
    # Without tolerance, 9 of 12 layers of the slab's rim agree and nothing of its faces; edges are bevelled a little.
    sides = np.array(shape) * ANISOTROPIC
    sides[axis] = 0
    rim = 2 * sides.sum() * 12 * ANISOTROPIC[axis]
    faces = 2 * np.prod(sides[sides > 0])
    strict = score(truth, shifted, ANISOTROPIC, tolerance_mm=0.05)
    assert strict["nsd"] == pytest.approx(0.75 * rim / (rim + faces), abs=0.04)


def test_concentric_balls_are_their_difference_in_radius_apart():
    spacing, shape = (2.0, 0.8, 1.0), (31, 61, 51)
    got = score(ball(16, spacing, shape), ball(20, spacing, shape), spacing, tolerance_mm=2.0)
    # A surface voxel's centre lies up to one voxel diagonal inside the true surface.
    assert got["hd95_mm"] == pytest.approx(4.0, abs=np.linalg.norm(spacing) / 2)
    assert got["dice"] == pytest.approx(2 * 16**3 / (16**3 + 20**3), abs=0.01)
    assert got["nsd"] < 0.05
    loose = score(ball(16, spacing, shape), ball(20, spacing, shape), spacing, tolerance_mm=5.5)
    assert loose["nsd"] == pytest.approx(1)


@pytest.mark.parametrize("seeds", [(3, 4), (5, 6), (7, 8)])
def test_against_surface_distance_with_anisotropic_spacing(seeds):
    surface_distance = pytest.importorskip("surface_distance")
    truth, prediction = blob(seeds[0]), blob(seeds[1])
    reference = surface_distance.compute_surface_distances(truth, prediction, ANISOTROPIC)
    got = score(truth, prediction, ANISOTROPIC, tolerance_mm=2.0)
    # Both weigh the elements between voxels by their area, so surface Dice agrees to rounding.
    expected = surface_distance.compute_surface_dice_at_tolerance(reference, 2.0)
    assert got["nsd"] == pytest.approx(expected, abs=1e-4)
    # Voxel centres here, corners between voxels there: apart by at most half a voxel diagonal on either surface.
    expected = surface_distance.compute_robust_hausdorff(reference, 95)
    assert got["hd95_mm"] == pytest.approx(expected, abs=np.linalg.norm(ANISOTROPIC))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_against_monai_without_cropping():
    torch = pytest.importorskip("torch")
    metrics = pytest.importorskip("monai.metrics")
    # Far from the centre and touching the border, so that a wrong crop would show.
    truth, prediction = np.zeros((2, 40, 64, 64), bool)
    truth[:14, :40, :36], prediction[:14, 2:42, :36] = blob(9), blob(10)
    pair = [torch.from_numpy(mask)[None, None].float() for mask in (prediction, truth)]
    options = {"include_background": True, "spacing": list(ANISOTROPIC)}
    got = score(truth, prediction, ANISOTROPIC, tolerance_mm=1.5)
    assert got["hd95_mm"] == pytest.approx(
        float(metrics.compute_hausdorff_distance(*pair, percentile=95, **options)), rel=1e-5
    )
    expected = metrics.compute_surface_dice(*pair, [1.5], use_subvoxels=True, **options)
    assert got["nsd"] == pytest.approx(float(expected), abs=1e-6)
    assert got["dice"] == pytest.approx(float(metrics.compute_dice(*pair, include_background=True)), abs=1e-6)


def test_empty_space_around_changes_nothing():
    truth, prediction = blob(11), blob(12)
    grown = [np.pad(mask, ((5, 9), (20, 1), (0, 30))) for mask in (truth, prediction)]
    inner = [np.pad(mask, 1) for mask in (truth, prediction)]
    assert score(*grown, ANISOTROPIC) == score(*inner, ANISOTROPIC) == score(truth, prediction, ANISOTROPIC)


def test_all_empty_cases():
    full, empty = np.zeros((4, 5, 6), bool), np.zeros((4, 5, 6), bool)
    full[1:3, 1:3, 1:3] = True
    spacing = (3.0, 4.0, 2.0)
    diagonal = math.sqrt(12**2 + 20**2 + 12**2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert score(empty, empty, spacing) == row(1.0, 1.0, 0.0, 1.0, 0, 0, "both empty")
        assert score(full, empty, spacing) == row(0.0, 0.0, diagonal, 0.0, 8, 0, "missed")
        assert score(empty, full, spacing) == row(0.0, 0.0, diagonal, 0.0, 0, 8, "false positive")


def test_means_leave_out_both_empty_and_count_the_rest():
    scores = [
        row(0.8, 0.6, 2.0, 0.9, 10, 11, "ok"),
        row(0.0, 0.0, 100.0, 0.0, 10, 0, "missed"),
        row(0.0, 0.0, 60.0, 0.0, 0, 10, "false positive"),
        row(1.0, 1.0, 0.0, 1.0, 0, 0, "both empty"),
    ]
    got = mean_scores(scores, METRICS)
    assert got == {
        "dice": pytest.approx(0.8 / 3), "iou": pytest.approx(0.2), "hd95_mm": pytest.approx(54.0),
        "nsd": pytest.approx(0.3), "n": 3, "n_missed": 1, "n_false_positive": 1, "n_both_empty": 1,
    }  # fmt: skip
    for none in ([], scores[3:]):
        got = mean_scores(none, METRICS)
        assert [got[name] for name in ("dice", "iou", "hd95_mm", "nsd", "n")] == [None] * 4 + [0]
        assert got["n_both_empty"] == len(none)


def test_one_slice_is_measured_by_its_contour():
    truth = np.zeros((40, 50), bool)
    truth[10:30, 10:30] = True
    inner = np.zeros_like(truth)
    inner[14:26, 14:26] = True
    flat = score(truth, inner, (0.5, 0.5), tolerance_mm=1.0)
    # In 3D every voxel of a single slice would be surface, and the distance from inside out 0.
    assert flat == score(truth[None], inner[None], (5.0, 0.5, 0.5), tolerance_mm=1.0)
    assert flat == score(truth, inner, (5.0, 0.5, 0.5), tolerance_mm=1.0)
    # Contour pixels of the outer square: sides 2 mm away, corners 2 * sqrt(2) mm; of 76 pixels 5 % are corners.
    assert 2.0 <= flat["hd95_mm"] <= 2.0 * math.sqrt(2)
    assert flat["nsd"] == 0.0


def test_thin_structures_and_borders():
    line = np.zeros((10, 10, 10), bool)
    line[:, 5, 5] = True
    moved = np.roll(line, 2, 2)
    got = score(line, moved, (1.0, 1.0, 1.5), tolerance_mm=3.0)
    assert (got["dice"], got["hd95_mm"], got["nsd"]) == (0.0, pytest.approx(3.0), pytest.approx(1.0))
    everything = np.ones((3, 4, 5), bool)
    assert score(everything, everything, (1, 1, 1))["nsd"] == 1.0


def test_real_labels(shared_data):
    label = read_volume(shared_data / "brain_mri_hippocampus_msd/hippocampus_001_label.nrrd")
    front, whole = label.array == 1, label.array > 0
    got = score(front, whole, label.geometry.spacing[::-1])
    # 1.32 and 1.62 ml of 1 mm voxels, says the table that comes with the data.
    assert got["dice"] == pytest.approx(2 * 1.32 / (1.32 + 1.32 + 1.62), abs=0.005)
    assert got["status"] == "ok" and got["hd95_mm"] > 5


@pytest.mark.parametrize(
    "call",
    [
        lambda m: score(m, m[:1], (1, 1, 1)),
        lambda m: score(m.astype(int), m, (1, 1, 1)),
        lambda m: score(m, m, (1, 1)),
        lambda m: score(m, m, (1, 0, 1)),
        lambda m: score(m, m, (1, 1, 1), tolerance_mm=float("nan")),
    ],
)
def test_wrong_calls(call):
    with pytest.raises(ValueError):
        call(np.ones((2, 3, 4), bool))


def test_policy_states_what_the_numbers_mean():
    assert all(word in policy() for word in ("both empty", "missed", "diagonal", "mm"))
