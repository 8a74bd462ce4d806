"""Planes of a slice view, however it is tilted: what is pasted lies within the segmentation, and on the plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import to_uint8
from Testing.faults.mutations import tries
from Testing.harness.fixtures import application, scenes, started_application  # noqa: F401
from Testing.properties.test_always_places import grids

pytestmark = pytest.mark.application

# So that a plane has thousands of pixels at most.
SPACINGS = st.floats(0.5, 4)
NEAR = st.tuples(*[st.floats(-0.3, 1.3)] * 3)
PIXELS = st.one_of(st.floats(-30, 60), st.sampled_from([-0.5, 0.0, 1e6]))
# Voxels; what lies closer to a border may go either way.
CLEAR = 1e-3


def centres(grid: Geometry) -> np.ndarray:
    """float64 [N, 3] (RAS mm) of all voxels, in the order of the array."""
    k, j, i = np.indices(grid.shape)
    return grid.to_ras(np.stack([i.ravel(), j.ravel(), k.ravel()], axis=1))


def answered(model, volume: np.ndarray, plane, box: tuple[float, ...]) -> np.ndarray:
    """The model's mask on a plane, bool [H, W], or all of it where that shows nothing to a model."""
    message = plane.message()
    values = getattr(message, "values", None)
    if values is None or values.min() == values.max() or volume.min() == volume.max():
        return np.ones(plane.shape, bool)
    predictor = Predictor(model, "fp32")
    frame = predictor.frame(plane.shape, plane.pixelSpacing)
    image = to_uint8(values, (float(volume.min()), float(volume.max())))
    return predictor.decode(predictor.encode(image, frame), [Prompt(box=box)], frame).masks[0, 0]


@tries(40)
@given(
    grids(SPACINGS), grids(SPACINGS), st.booleans(), st.tuples(*[st.floats(-180, 180)] * 3), NEAR,
    st.tuples(*[PIXELS] * 4), st.integers(0, 99),
)  # fmt: skip
def test_what_a_plane_becomes_is_within_the_segmentation_and_on_the_plane(
    application, scenes, tiny_model, grid, other, own, angles, share, box, seed  # noqa: F811
) -> None:
    from SAMAdaptModuleLib.scene.FindPlane import ObliquePlane, planeOfView

    application.resetScene()
    voxels = np.random.default_rng(seed).integers(0, 200, grid.shape).astype(np.int16)
    node = scenes.volume(matrix=grid.ijk_to_ras, array=voxels)
    # A segmentation of any grid that is near.
    moved = other.ijk_to_ras.copy()
    moved[:3, 3] += grid.to_ras([(np.array(grid.size) - 1) / 2])[0] - other.to_ras([np.array(other.size) / 3])[0]
    target = grid if own else Geometry(other.size, moved)
    reference = node if own else scenes.volume(target.shape, target.ijk_to_ras, name="Reference")
    segmentation = scenes.segmentation(reference, "a")
    turn = Rotation.from_euler("zyx", angles, degrees=True).as_matrix()
    through = grid.to_ras([np.array(share) * np.array(grid.size) - 0.5])[0]
    ends = grid.to_ras(np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in grid.size])).reshape(3, -1).T)
    sides = (ends - through) @ turn[:, 2]
    try:
        plane = planeOfView(scenes.sliceNode(scenes.affine(turn, origin=through)), node)
    except InputError:
        # No slice is nearest to it, or it misses the volume.
        assert sides.min() > -CLEAR or sides.max() < CLEAR or np.abs(sides).min() < grid.spacing.max() / 2
        return
    assert sides.min() <= CLEAR and sides.max() >= -CLEAR
    mask = answered(tiny_model, voxels, plane, box)
    assert mask.shape == plane.shape
    # Refuses what reaches beyond the grid.
    found = scenes.voxels(plane.toSegmentation(mask, segmentation), target.shape).ravel()
    at = centres(target)
    pixel = plane.worldToPixel(at)
    column, row = np.floor(pixel + 0.5).astype(int).T
    on = plane.containsPixel(pixel)
    value = np.zeros(len(at), bool)
    value[on] = mask[row[on], column[on]]
    clear = (np.abs(pixel - np.floor(pixel) - 0.5) > CLEAR).all(axis=1)
    if isinstance(plane, ObliquePlane):
        reach = np.abs(turn[:, 2] @ target.ijk_to_ras[:3, :3]).sum() / 2
        distance = np.abs((at - through) @ turn[:, 2])
        clear &= np.abs(distance - reach) > CLEAR * target.spacing.max()
        assert np.array_equal(found[clear], (value & (distance <= reach))[clear])
    else:
        # Of the volume's own grid it is that slice; of another, voxels that lie within half a step of it.
        assert not (found & ~value & clear).any()
    scenes.fill(segmentation, "a", found.reshape(target.shape), reference)
    assert plane.fromSegmentation(segmentation, "a").shape == plane.shape
