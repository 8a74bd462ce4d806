"""Fusion of slice axes and the choice of connected parts."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.propagation.fusion import fuse, keep_touching
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.propagation.rules import PropagationRules, SliceResult
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import AXES, PlaneStack


def test_majority_of_three_is_the_truth_table():
    votes = [np.array([(n >> bit) & 1 for n in range(8)], dtype=bool).reshape(2, 2, 2) for bit in range(3)]
    expected = np.array([bin(n).count("1") >= 2 for n in range(8)]).reshape(2, 2, 2)
    assert np.array_equal(fuse(votes), expected)
    assert np.array_equal(fuse(votes[:2]), votes[0] & votes[1])
    assert np.array_equal(fuse(votes[:1]), votes[0])


def test_mean_weighs_what_majority_counts():
    volumes = [np.full((1, 1, 2), p) for p in (0.9, 0.45, 0.45)]
    assert fuse(volumes, "mean").all() and not fuse(volumes, "majority").any()
    volumes = [np.full((1, 1, 2), p) for p in (0.55, 0.55, 0.1)]
    assert not fuse(volumes, "mean").any() and fuse(volumes, "majority").all()


def test_parts_touching_a_seed_also_across_corners():
    mask = np.zeros((4, 6, 6), dtype=bool)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[2, 2, 2] = True
    mask[3, 5, 5] = True
    seeds = np.zeros_like(mask)
    seeds[0, 0, 0] = True
    kept = keep_touching(mask, seeds)
    assert np.argwhere(kept).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    assert np.array_equal(fuse([mask] * 3, seeds=seeds), kept)
    seeds[3, 5, 5] = True
    assert np.array_equal(keep_touching(mask, seeds), mask)
    assert np.array_equal(keep_touching(mask, np.zeros_like(mask)), mask)


def test_bad_input():
    with pytest.raises(InputError, match="majority, mean"):
        fuse([np.zeros((1, 1, 1))], "vote")
    with pytest.raises(ValueError, match="one shape"):
        fuse([])
    with pytest.raises(ValueError, match="one shape"):
        fuse([np.zeros((1, 1, 1)), np.zeros((1, 1, 2))])


def test_three_axes_of_an_oblique_ellipsoid_repair_one_bad_axis():
    """Each axis runs through its own slices; the errors of one are outvoted on the volume's grid."""
    shape = (28, 36, 44)
    grid = np.ogrid[tuple(slice(0, n) for n in shape)]
    truth = sum(((g - n / 2) / r) ** 2 for g, n, r in zip(grid, shape, (11, 14, 18), strict=True)) <= 1
    matrix = np.array([[0, 0, 2.0, -20], [-1.5, 0, 0, 30], [0, 1.2, 0, 5], [0, 0, 0, 1]])
    geometry = Geometry(shape[::-1], matrix)
    volumes = []
    for axis in AXES:
        stack = PlaneStack(geometry, axis)
        shown = stack.view(truth)

        def predict(index, prompt, shown=shown, axis=axis):
            mask = shown[index].copy()
            if axis == "coronal":
                mask[: mask.shape[0] // 2] = False
            return SliceResult(mask, np.zeros((4, 4), np.float32), 0.9)

        key = stack.count // 2
        rules = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9))
        found = finish(propagate(predict, {key: box(shown[key])}, stack.count, stack.shape, rules))
        volume = np.zeros(shape, dtype=bool)
        stack.view(volume)[:] = found.mask
        volumes.append(volume)
    assert (volumes[1] != truth).sum() > 0.4 * truth.sum()
    assert np.array_equal(fuse(volumes), truth)
