"""Two segmentations of one scan: the same names, the same grid, figures known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.compare import compare
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels

# Voxels of 0.5 (I), 1 (J) and 3 mm (K).
GRID = Geometry.from_lps((40, 30, 12), (0.5, 1.0, 3.0), (5, 6, 7), np.eye(3).ravel())


def labels(masks: dict[str, np.ndarray], geometry: Geometry = GRID) -> Labels:
    array = np.zeros(geometry.shape, np.uint8)
    for value, mask in enumerate(masks.values(), start=1):
        array[mask] = value
    return Labels(array, geometry, {name: value for value, name in enumerate(masks, 1)}, masks)


def block(k: slice, j: slice, i: slice) -> np.ndarray:
    mask = np.zeros(GRID.shape, bool)
    mask[k, j, i] = True
    return mask


def test_names_are_matched_whatever_their_order_and_value() -> None:
    a, b = block(slice(2, 8), slice(4, 20), slice(5, 25)), block(slice(3, 5), slice(22, 28), slice(3, 30))
    figures = compare(labels({"a": a, "b": b}), labels({"b": b, "a": a}))
    assert list(figures) == ["a", "b"]
    assert all((f["dice"], f["hd95_mm"], f["nsd"], f["status"]) == (1, 0, 1, "ok") for f in figures.values())


@pytest.mark.parametrize("axis, shift_mm", [(0, 3.0), (1, 2.0), (2, 1.0)])
def test_distances_are_in_mm_of_the_right_axis(axis, shift_mm) -> None:
    """A slab that spans the other two axes, moved by 3 mm along K (one voxel), by 2 along J, by 1 along I (two)."""
    spans = [slice(None)] * 3
    spans[axis] = slice(4, 8)
    moved = list(spans)
    voxels = {0: 1, 1: 2, 2: 2}[axis]
    moved[axis] = slice(4 + voxels, 8 + voxels)
    found = compare(labels({"slab": block(*spans)}), labels({"slab": block(*moved)}))["slab"]
    assert found["hd95_mm"] == pytest.approx(shift_mm)
    assert found["dice"] == pytest.approx((4 - voxels) / 4)
    loose = compare(labels({"slab": block(*spans)}), labels({"slab": block(*moved)}), shift_mm + 0.01)["slab"]
    tight = compare(labels({"slab": block(*spans)}), labels({"slab": block(*moved)}), shift_mm - 0.5)["slab"]
    assert loose["nsd"] == pytest.approx(1, abs=1e-6) and tight["nsd"] < 0.7


def test_missing_and_empty_structures_count_as_the_policy_says_and_extra_ones_are_left_out() -> None:
    a = block(slice(2, 8), slice(4, 20), slice(5, 25))
    none = np.zeros(GRID.shape, bool)
    reference = labels({"missing": a, "empty there": a, "empty here": none, "empty both": none})
    figures = compare(reference, labels({"empty there": none, "empty here": a, "empty both": none, "extra": a}))
    diagonal = np.linalg.norm([12 * 3.0, 30 * 1.0, 40 * 0.5])
    assert {name: (f["status"], f["dice"]) for name, f in figures.items()} == {
        "missing": ("missed", 0),
        "empty there": ("missed", 0),
        "empty here": ("false positive", 0),
        "empty both": ("both empty", 1),
    }
    assert figures["missing"]["hd95_mm"] == figures["empty here"]["hd95_mm"] == pytest.approx(diagonal)
    assert (figures["missing"]["truth_voxels"], figures["missing"]["predicted_voxels"]) == (a.sum(), 0)


def test_overlapping_structures_are_compared_as_wholes() -> None:
    a, b = block(slice(2, 8), slice(4, 20), slice(5, 25)), block(slice(2, 8), slice(10, 26), slice(5, 25))
    figures = compare(labels({"a": a, "b": b}), labels({"b": b, "a": a}))
    assert [f["dice"] for f in figures.values()] == [1, 1]


def test_another_grid_and_an_empty_reference_are_refused() -> None:
    mask = block(slice(2, 8), slice(4, 20), slice(5, 25))
    moved = Geometry.from_lps((40, 30, 12), (0.5, 1.0, 3.0), (5, 6, 8), np.eye(3).ravel())
    with pytest.raises(InputError, match="different grids.*resample"):
        compare(labels({"a": mask}), labels({"a": mask}, moved))
    with pytest.raises(InputError, match="no structure"):
        compare(labels({}), labels({"a": mask}))
