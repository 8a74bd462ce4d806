"""Boxes around masks and what two of them share, against counting voxel by voxel."""

import numpy as np
import pytest

from SAMAdaptLib.volume.masks import bounds, dice


@pytest.mark.parametrize("shape", [(9,), (7, 9), (5, 7, 9)])
@pytest.mark.parametrize("seed", range(4))
def test_the_box_holds_all_and_each_of_its_faces_touches(shape, seed):
    mask = np.random.default_rng(seed).random(shape) > 0.9
    mask[tuple(side // 2 for side in shape)] = True
    places = np.argwhere(mask)
    box = bounds(mask)
    assert [side.start for side in box] == places.min(axis=0).tolist()
    assert [side.stop - 1 for side in box] == places.max(axis=0).tolist()
    assert mask[box].sum() == mask.sum()


def test_an_empty_mask_has_none():
    assert bounds(np.zeros((3, 4), bool)) is None


def test_dice_by_counting():
    one, other = (np.random.default_rng(seed).random((6, 7)) > 0.5 for seed in (0, 1))
    pairs = list(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    both = sum(a and b for a, b in pairs)
    assert dice(one, other) == pytest.approx(2 * both / sum(a + b for a, b in pairs), abs=1e-12)
    nothing = np.zeros((6, 7), bool)
    assert (dice(one, nothing), dice(nothing, nothing), dice(nothing, nothing, empty=0.0)) == (0.0, 1.0, 0.0)
