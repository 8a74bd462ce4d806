"""Places: what holds of every grid, plane and frame, however it lies."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.volume.geometry import LPS_TO_RAS, Geometry
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from Testing.faults.mutations import tries

SPACINGS = st.floats(0.05, 12, allow_subnormal=False)


@st.composite
def grids(draw, spacings: st.SearchStrategy[float] = SPACINGS, least: int = 1) -> Geometry:
    """Oblique or along the axes, left-handed or right-handed, with voxels of any proportions, far away or near."""
    if draw(st.booleans()):
        turn = Rotation.from_euler("zyx", draw(st.tuples(*[st.floats(-180, 180)] * 3)), degrees=True).as_matrix()
    else:
        turn = np.eye(3)[:, list(draw(st.permutations(range(3))))]
    signs = draw(st.tuples(*[st.sampled_from((-1, 1))] * 3))
    matrix = np.eye(4)
    matrix[:3, :3] = turn * signs * draw(st.tuples(*[spacings] * 3))
    matrix[:3, 3] = draw(st.tuples(*[st.floats(-2000, 2000)] * 3))
    return Geometry(draw(st.tuples(*[st.integers(least, 9)] * 3)), matrix)


def all_voxels(grid: Geometry) -> np.ndarray:
    """int [N, 3] (i, j, k)."""
    return np.stack(np.meshgrid(*map(np.arange, grid.size), indexing="ij"), -1).reshape(-1, 3)


@tries(60)
@given(grids())
def test_from_voxels_to_the_patient_and_back(grid) -> None:
    ijk = all_voxels(grid)
    ras = grid.to_ras(ijk)
    np.testing.assert_allclose(grid.to_ijk(ras), ijk, atol=1e-6)
    assert np.array_equal(grid.voxel(ras), ijk) and grid.contains(grid.to_ijk(ras)).all()
    # By another implementation, through what a file keeps.
    image = sitk.Image(*map(int, grid.size), sitk.sitkUInt8)
    spacing, origin, direction = grid.to_lps()
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    for index in ijk[:: max(1, len(ijk) // 5)]:
        place = np.array([*image.TransformContinuousIndexToPhysicalPoint(index.astype(float)), 1.0])
        np.testing.assert_allclose(grid.to_ras([index])[0], (LPS_TO_RAS @ place)[:3], atol=1e-6)
    again = Geometry.from_lps(grid.size, image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    assert again.same_grid(grid)


@tries(60)
@given(grids(), st.sampled_from(sorted(AXES)), st.data())
def test_a_plane_that_is_pasted_changes_its_own_voxels_and_no_other(grid, axis, data) -> None:
    stack = PlaneStack(grid, axis)
    index = data.draw(st.integers(0, stack.count - 1))
    before = np.random.default_rng(0).integers(0, 1000, grid.shape)
    array = before.copy()
    plane = stack.view(array)[index].copy()
    stack.view(array)[index] = plane
    assert np.array_equal(array, before)
    stack.view(array)[index] = plane + 1
    # Where its pixels are in the patient says which voxels they are.
    rows, columns = np.mgrid[: stack.shape[0], : stack.shape[1]]
    pixels = np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, index)], 1)
    i, j, k = grid.voxel(stack.pixel_to_ras(pixels)).T
    meant = np.zeros(grid.shape, bool)
    meant[k, j, i] = True
    assert np.array_equal(array != before, meant)
    assert np.array_equal(array[k, j, i], plane.ravel() + 1) and np.array_equal(array[~meant], before[~meant])


@tries(60)
@given(grids(), st.sampled_from(sorted(AXES)), st.lists(st.tuples(*[st.floats(-0.9, 1.9)] * 3), min_size=1, max_size=3))
def test_a_mark_lands_on_the_slice_that_shows_it_or_is_refused(grid, axis, shares) -> None:
    stack = PlaneStack(grid, axis)
    ijk = np.array(shares) * np.array(grid.size) - 0.5
    prompts = RasPrompts(points=grid.to_ras(ijk))
    inside = ((ijk > -0.5 + 1e-5) & (ijk < np.array(grid.size) - 0.5 - 1e-5)).all(1)
    outside = ((ijk < -0.5 - 1e-5) | (ijk > np.array(grid.size) - 0.5 + 1e-5)).any(1)
    if outside.any():
        with pytest.raises(InputError):
            on_slices(prompts, stack)
    elif inside.all():
        found = on_slices(prompts, stack).prompts
        assert sum(len(prompt.points) for prompt in found.values()) == len(ijk)
        for index, prompt in found.items():
            assert 0 <= index < stack.count
            pixels = np.column_stack([prompt.points, np.full(len(prompt.points), index)])
            off = np.abs(grid.to_ijk(stack.pixel_to_ras(pixels))[:, None] - ijk).max(2).min(1)
            # Along the slice axis the nearest slice stands for it; within the slice the place is kept.
            assert (off <= 0.5 + 1e-5).all()
            assert ((prompt.points > -0.5 - 1e-5) & (prompt.points < np.array(stack.shape[::-1]) - 0.5 + 1e-5)).all()


SIDES = st.integers(2, 200)


@tries(60)
@given(SIDES, SIDES, st.sampled_from([64, 128, 256]), SPACINGS, SPACINGS)
def test_what_a_prompt_points_at_is_what_the_model_is_shown_there(height, width, size, row_mm, column_mm) -> None:
    """And what it answers there comes back to the same pixel, within half of one of the coarser grid."""
    frame = ModelFrame((height, width), size, (row_mm, column_mm))
    shown = frame.resized
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    # The prompt encoder adds the half pixel itself.
    to_model = frame.points_to_model(np.stack([x + 0.5, y + 0.5], -1))
    for axis, (place, count, new) in enumerate(((x, width, shown[1]), (y, height, shown[0]))):
        model = to_model[..., axis]
        assert (0 < model).all() and (model < new).all()
        slack = 0.5 * max(1.0, count / new) + 1e-3
        # Forth: a ramp of grey levels, as steep as they allow.
        steep = max(1, 255 // (count - 1))
        ramp = np.minimum(place * steep, 255).astype(np.uint8)
        seen = frame.image_to_model(ramp, torch.zeros(3, 1, 1), torch.ones(3, 1, 1))[0].numpy()
        line = seen[0, :new] if axis == 0 else seen[:new, 0]
        centres = np.arange(new) + 0.5
        there = np.interp(model, centres, line) / steep
        # Beyond the outermost centres of the input nothing is shown, and there the filter sees less than it is wide.
        near = (place * steep <= 255) & (model >= 1) & (model <= new - 1)
        assert not near.any() or np.abs(there - place)[near].max() <= slack + 0.5 / steep
        # Back: logits that say where in the model input they lie.
        logits = torch.arange(size // 4, dtype=torch.float32) * 4 + 2
        logits = (logits[None, :] if axis == 0 else logits[:, None]).expand(1, 1, size // 4, size // 4)
        back = frame.logits_to_slice(logits)[0, 0].numpy() * count / new - 0.5
        # The decoder's own pixels are four of the input, and beyond their outer centres nothing is known.
        known = (model >= 2) & (model <= min(new, size - 2))
        assert not known.any() or np.abs(back - place)[known].max() <= slack
