"""Surfaces and distances between them, against scipy's distance transform and MONAI."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.evaluation import surfaces
from SAMAdaptLib.evaluation.metrics import score

SPACINGS = [(3.0, 0.7, 1.1), (1.0, 1.0, 1.0), (0.2, 5.0), (1.0, 1.0)]


def blob(seed: int, axes: int, width: float = 2.0) -> np.ndarray:
    shape = (16, 30, 28)[-axes:]
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), width)
    return noise > np.quantile(noise, 0.8)


@pytest.mark.parametrize("axes", [2, 3])
def test_the_rim_is_what_an_erosion_takes(axes):
    for mask in (blob(0, axes), np.ones((4, 5, 6)[-axes:], bool)):
        np.testing.assert_array_equal(surfaces.rim(mask), mask & ~ndimage.binary_erosion(mask))


@pytest.mark.parametrize("axes", [2, 3])
def test_corners_are_the_codes_of_monai(axes):
    torch = pytest.importorskip("torch")
    utils = pytest.importorskip("monai.metrics.utils")
    mask = blob(1, axes)
    _, kernel = utils.get_code_to_measure_table((1.0,) * axes)
    convolve = torch.nn.functional.conv3d if axes == 3 else torch.nn.functional.conv2d
    padded = torch.from_numpy(np.pad(mask, 1))[None, None].float()
    np.testing.assert_array_equal(surfaces.corners(mask), convolve(padded, kernel.float())[0, 0].numpy())


@pytest.mark.parametrize("spacing", SPACINGS)
def test_areas_are_those_of_monai(spacing):
    utils = pytest.importorskip("monai.metrics.utils")
    table, _ = utils.get_code_to_measure_table(spacing)
    found = surfaces.surface_areas(spacing)
    # MONAI's are of 32 bits.
    np.testing.assert_allclose(found, table.numpy(), rtol=1e-6)


@pytest.mark.parametrize("around", [1, 30, 400, 5000])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_distances_are_those_of_the_distance_transform(monkeypatch, spacing, around):
    """Whether the voxels around or the tree find them."""
    monkeypatch.setattr(surfaces, "AROUND", around)
    monkeypatch.setattr(surfaces, "TOGETHER", 1000)
    surfaces._around.cache_clear()
    axes = len(spacing)
    one, other = surfaces.rim(blob(2, axes)), surfaces.rim(blob(3, axes))
    expected = ndimage.distance_transform_edt(~other, sampling=spacing)[one]
    np.testing.assert_allclose(surfaces.distances(one, other, spacing), expected, rtol=1e-6)
    for share in (0.0, 0.5, 0.95, 1.0):
        found = surfaces.distances(one, other, spacing, share=share)
        assert np.percentile(found, 100 * share) == pytest.approx(np.percentile(expected, 100 * share), rel=1e-6)
    for limit in (0.0, 1.5, 4.0, 1000.0):
        found = surfaces.distances(one, other, spacing, limit=limit)
        np.testing.assert_array_equal(found <= limit, expected.astype(np.float32) <= limit)
    surfaces._around.cache_clear()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("away", [0, 1, 12])
def test_metrics_are_those_of_monai(spacing, away):
    """HD95 to the bit, NSD to the rounding of MONAI's 32 bits."""
    torch = pytest.importorskip("torch")
    utils = pytest.importorskip("monai.metrics.utils")
    metrics = pytest.importorskip("monai.metrics")
    axes = len(spacing)
    for seed in range(3):
        truth = np.pad(blob(seed, axes), 14)
        prediction = np.roll(np.pad(blob(seed + 10 * (away > 1), axes), 14), away, axis=-1)
        got = score(truth, prediction, spacing, tolerance_mm=1.0)
        pair = [torch.from_numpy(mask) for mask in (prediction, truth)]
        _, both, _ = utils.get_edge_surface_distance(*pair, spacing=list(spacing), symmetric=True)
        assert got["hd95_mm"] == max(float(np.percentile(one.numpy(), 95)) for one in both)
        batch = [mask[None, None] for mask in pair]
        options = {"include_background": True, "spacing": list(spacing), "use_subvoxels": True}
        assert got["nsd"] == pytest.approx(float(metrics.compute_surface_dice(*batch, [1.0], **options)), abs=1e-6)
