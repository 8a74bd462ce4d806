"""Which of many slices are taken: against every subset, loops, and what clusters ask for; and where structures are
expected, against least squares."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from SAMAdaptLib.jobs.suggest.anatomy import RIDGE, Anatomy, box_of
from SAMAdaptLib.jobs.suggest.appearance import CELLS, cells_of, shares_of
from SAMAdaptLib.jobs.suggest.ranking import take
from SAMAdaptLib.sam.frames import ModelFrame


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(4).normal(size=(14, 3))


def served(points, taken, weights, before):
    """What is left to serve, by loops: for each point the nearest of what was taken."""
    left = 0.0
    for point, weight, first in zip(points, weights, before, strict=True):
        left += weight * min([first, *(float(np.sqrt(((point - points[t]) ** 2).sum())) for t in taken)])
    return left


def test_distances_are_those_of_loops(points):
    wanted = [[np.sqrt(((a - b) ** 2).sum()) for b in points[:5]] for a in points]
    assert np.allclose(cdist(points, points[:5]), wanted, atol=1e-7)


def test_each_is_the_best_beside_those_before(points):
    weights = np.random.default_rng(1).uniform(size=len(points))
    before = np.full(len(points), 2.0)
    taken: list[int] = []
    for pick in take(cdist(points, points), before, weights, 5):
        others = [i for i in range(len(points)) if i not in taken]
        left = {i: served(points, [*taken, i], weights, before) for i in others}
        assert pick.place == min(left, key=left.get)
        saved = served(points, taken, weights, before) - left[pick.place]
        assert pick.gain == pytest.approx(saved / served(points, [], weights, before))
        taken.append(pick.place)


def test_greedy_is_as_near_to_the_best_subset_as_submodularity_promises(points):
    """Nemhauser, Wolsey and Fisher 1978: at least 1 - 1/e of it."""
    weights = np.ones(len(points))
    between = cdist(points, points)
    before = np.full(len(points), between.max())
    best = min(served(points, subset, weights, before) for subset in combinations(range(len(points)), 3))
    picks = take(between, None, weights, 3)
    whole = served(points, [], weights, before)
    assert sum(pick.gain for pick in picks) >= (1 - np.exp(-1)) * (whole - best) / whole


def test_one_of_each_cluster_and_no_outlier():
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10]])
    points = np.concatenate([*(rng.normal(centre, 0.3, (10, 2)) for centre in centres), [[15, 15]]])
    between = cdist(points, points)
    picks = take(between, None, np.ones(31), 3)
    assert sorted(pick.place // 10 for pick in picks) == [0, 1, 2]
    # The farthest-point rule takes it at once.
    assert between[picks[0].place].argmax() == 30
    # What an exemplar serves already is left alone.
    near = cdist(points, points[:1]).min(axis=1)
    assert {pick.place // 10 for pick in take(between, near, np.ones(31), 2)} == {1, 2}
    assert [pick.stands_for for pick in take(between, near, np.ones(31), 2)][1] == 10
    # What nothing is expected on, is not taken for its own sake; and only some may be.
    weights = np.repeat([1.0, 0.0, 1.0, 0.0], [10, 10, 10, 1])
    assert {pick.place // 10 for pick in take(between, None, weights, 2)} == {0, 2}
    among = np.arange(31) % 10 == 4
    assert sorted(pick.place for pick in take(between, None, np.ones(31), 9, among)) == [4, 14, 24]
    doubled = np.where(np.arange(31) == 30, 100.0, 1.0)
    assert take(between, None, np.ones(31), 1, None, doubled)[0].place == 30


def test_nothing_left_to_serve_still_gives_as_many():
    picks = take(np.zeros((3, 3)), np.zeros(3), np.ones(3), 2)
    assert [(pick.place, pick.gain) for pick in picks] == [(0, 0.0), (1, 0.0)]


def test_parts_are_means_over_the_slice_alone():
    """A slice twice as high as wide fills the left half of the model's input: only that counts."""
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    embedding = torch.stack([rows, columns, (columns >= 32).float()])[None]
    cells = cells_of(embedding, ModelFrame((80, 40), 256))
    assert cells.shape == (3, CELLS, CELLS)
    assert np.allclose(cells[0], np.arange(1.5, 64, 4)[:, None]) and np.allclose(cells[1], np.arange(0.5, 32, 2))
    assert (cells[2] == 0).all()
    masks = np.zeros((2, 32, 64), bool)
    masks[0, :2, :4], masks[1, 3, :2] = True, True
    shares = shares_of(masks)
    assert shares[0, 0, 0] == 1 and shares[0].sum() == 1 and shares[1, 1, 0] == 0.25 and shares[1].sum() == 0.25


def slices(count: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Noise, in which what belongs to the one structure is moved along one direction."""
    rng = np.random.default_rng(seed)
    cells, shares = [], []
    for _ in range(count):
        share = np.zeros((1, 8, 8), np.float32)
        top, left = rng.integers(0, 5, 2)
        share[0, top : top + 3, left : left + 2] = 1
        noise = rng.normal(size=(6, 8, 8)).astype(np.float32)
        cells.append(noise + 12 * share * np.array([1, -1, 0, 0, 0, 1], np.float32)[:, None, None])
        shares.append(share)
    return cells, shares


def test_what_is_expected_is_a_weighted_least_squares_fit():
    cells, shares = slices(3, 0)
    rows = np.stack(cells).transpose(0, 2, 3, 1).reshape(-1, 6).astype(np.float64)
    belongs = np.concatenate([one.ravel() for one in shares])
    scaled = (rows - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0).mean())
    weights = np.sqrt(np.where(belongs, 0.5 / belongs.sum(), 0.5 / (1 - belongs).sum()))
    # The ridge as six more observations of 0.
    design = np.concatenate([weights[:, None] * np.column_stack([scaled, np.ones(len(rows))]),
                             np.sqrt(RIDGE) * np.eye(6, 7)])  # fmt: skip
    fit = np.linalg.lstsq(design, np.concatenate([weights * belongs, np.zeros(6)]), rcond=None)[0]
    wanted = np.clip(np.column_stack([scaled, np.ones(len(rows))]) @ fit, 0, 1).reshape(3, 8, 8)
    anatomy = Anatomy(cells, shares)
    assert np.allclose(np.stack([anatomy.expected(one)[0] for one in cells]), wanted, atol=1e-4)


def test_a_structure_is_expected_where_it_is_on_other_slices():
    anatomy = Anatomy(*slices(3, 0))
    for cells, shares in zip(*slices(5, 1), strict=True):
        expected = anatomy.expected(cells)[0]
        assert ((expected >= 0.5) == (shares[0] > 0)).all()
        (top, bottom), (left, right) = (np.flatnonzero(shares[0].any(axis=axis))[[0, -1]] for axis in (1, 0))
        # 80 rows and 40 columns of pixels on 8 by 8 parts.
        assert box_of(expected, (80, 40)).tolist() == [5 * left, 10 * top, 5 * right + 4, 10 * bottom + 9]


def test_a_box_is_that_of_the_largest_region_and_never_turned_round():
    expected = np.zeros((8, 8))
    expected[0, 0] = expected[4:6, 3:6] = 1
    assert box_of(expected, (8, 8)).tolist() == [3, 4, 5, 5]
    assert box_of(expected * 0.49, (8, 8)) is None
    x0, y0, x1, y1 = box_of(expected, (2, 4))
    assert x0 <= x1 <= 3 and y0 <= y1 <= 1


def test_a_structure_too_small_to_fill_a_part_counts_where_it_is_most():
    cells, _ = slices(1, 2)
    shares = np.zeros((1, 8, 8), np.float32)
    shares[0, 2, 3], shares[0, 2, 4] = 0.2, 0.1
    cells[0][:, 2, 3] += 40
    expected = Anatomy(cells, [shares]).expected(cells[0])[0]
    assert np.unravel_index(expected.argmax(), (8, 8)) == (2, 3) and expected[2, 4] < 0.5 < expected[2, 3]
