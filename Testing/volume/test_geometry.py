"""Grids and their frames against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry, nearest_index, transform_points

C, S = np.cos(np.deg2rad(30)), np.sin(np.deg2rad(30))


def oblique() -> Geometry:
    """0.5 x 2 x 3 mm, turned by 30 degrees about z, K downwards: left-handed."""
    matrix = np.array([[0.5 * C, -2 * S, 0, 10], [0.5 * S, 2 * C, 0, -20], [0, 0, -3, 30], [0, 0, 0, 1]], dtype=float)
    return Geometry((40, 30, 20), matrix)


def test_oblique_left_handed_matrix_in_closed_form():
    grid = oblique()
    assert np.linalg.det(grid.ijk_to_ras) < 0
    np.testing.assert_allclose(grid.spacing, [0.5, 2, 3], atol=1e-12)
    assert grid.shape == (20, 30, 40)
    np.testing.assert_allclose(
        grid.to_ras([[0, 0, 0], [2, 0, 0], [0, 1, 0], [0, 0, 1]]),
        [[10, -20, 30], [10 + C, -20 + S, 30], [10 - 2 * S, -20 + 2 * C, 30], [10, -20, 27]],
        atol=1e-12,
    )
    # A rotation's inverse is its transpose: 7 mm along J from the origin is voxel 3.5.
    np.testing.assert_allclose(grid.to_ijk([[10 - 7 * S, -20 + 7 * C, 30 - 6]]), [[0, 3.5, 2]], atol=1e-12)


def test_lps_negates_x_and_y_and_survives_both_ways():
    grid = oblique()
    spacing, origin, direction = grid.to_lps()
    np.testing.assert_allclose(origin, (-10, 20, 30))
    np.testing.assert_allclose(spacing, (0.5, 2, 3))
    np.testing.assert_allclose(direction, (-C, S, 0, -S, -C, 0, 0, 0, -1), atol=1e-12)
    again = Geometry.from_lps(grid.size, spacing, origin, direction)
    np.testing.assert_allclose(again.ijk_to_ras, grid.ijk_to_ras, atol=1e-12)


def test_halves_go_up_and_rounding_noise_does_not_matter():
    values = [-1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, 0.4999, -0.51]
    assert nearest_index(values).tolist() == [-1, 0, 1, 2, 3, 1, 0, -1]
    # 30 degrees make the border between voxels 3 and 4 inexact; it still belongs to the upper one.
    assert oblique().voxel(oblique().to_ras([[3.5, 2.5, 1.5]])).tolist() == [[4, 3, 2]]


def test_contains_ends_half_a_voxel_beyond_the_outer_centres():
    inside = oblique().contains([[-0.5, 0, 0], [-0.51, 0, 0], [39.49, 29, 19], [39.5, 29, 19], [0, 0, 19.6]])
    assert inside.tolist() == [True, False, True, False, False]


def test_same_grid_is_measured_at_the_corners_in_mm():
    grid = oblique()
    near, far = grid.ijk_to_ras.copy(), grid.ijk_to_ras.copy()
    near[0, 3] += 0.009
    # 0.001 mm a voxel looks harmless, but adds up to 0.039 mm at the far corner.
    far[0, 0] += 0.001
    assert grid.same_grid(Geometry(grid.size, near))
    assert not grid.same_grid(Geometry(grid.size, far))
    assert not grid.same_grid(Geometry((40, 30, 19), grid.ijk_to_ras))


def test_transform_points_takes_one_point_or_many():
    matrix = np.array([[0, -1, 0, 5], [1, 0, 0, 6], [0, 0, 2, 7], [0, 0, 0, 1.0]])
    assert transform_points(matrix, np.array([1, 2, 3])).tolist() == [[3, 7, 13]]


@pytest.mark.parametrize("bad", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.eye(3)])
def test_unusable_matrices_are_refused(bad):
    with pytest.raises(InputError, match="direction and spacing"):
        Geometry((2, 2, 2), bad)


def test_matrix_cannot_be_changed_behind_its_back():
    source = np.eye(4)
    grid = Geometry((2, 2, 2), source)
    source[0, 3] = 9
    assert grid.ijk_to_ras[0, 3] == 0
    with pytest.raises(ValueError):
        grid.ijk_to_ras[0, 3] = 1
