"""Planes that are no voxel slices: their pictures, their pose, and the voxels that their masks become."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("application")
OTHERS = ["finer", "turned", "left-handed"]
SHAPE = (7, 12, 15)


@pytest.fixture
def planes():
    from SAMAdaptModuleLib.scene import FindPlane as ViewPlane

    return ViewPlane


TILTS = [([1, 2, 0], 30), ([0, 1, 0], 45), ([3, 1, 2], 77)]


def tilted_view(scenes, turn, through, name="Tilted"):
    view = scenes.affine(scenes.rotation(*turn), origin=through)
    return scenes.sliceNode(view, name), view


def ramp(ras):
    """A function that linear interpolation gives back exactly."""
    return 100 + 3 * ras[:, 0] - 2 * ras[:, 1] + 5 * ras[:, 2]


@pytest.mark.parametrize("grid", ["straight", "oblique", "left-handed"])
@pytest.mark.parametrize("turn", TILTS)
@pytest.mark.parametrize("transform", ["none", "linear", "warp"])
def test_an_oblique_picture_is_the_volume_at_its_pixels(scenes, planes, grid, turn, transform):
    from SAMAdaptLib.service.protocol import Picture

    shape, matrix = (10, 24, 24), scenes.GRIDS[grid]
    own = scenes.apply(matrix, scenes.indices(shape))
    node = scenes.volume(matrix=matrix, array=ramp(own).reshape(shape).astype(np.float32))
    if transform != "none":
        mover = scenes.warp(2.0) if transform == "warp" else scenes.linear(scenes.affine(scenes.rotation([1, 1, 1], 5)))
        node.SetAndObserveTransformNodeID(mover.GetID())
    middle = scenes.throughTransforms(own.mean(axis=0, keepdims=True), node, None)[0]
    view, pose = tilted_view(scenes, turn, middle)
    plane = planes.planeOfView(view, node)
    assert isinstance(plane, planes.ObliquePlane) and plane.axis is None and plane.index is None
    picture = plane.message()
    assert isinstance(picture, Picture) and picture.values.dtype == np.float32 and picture.values.shape == plane.shape
    assert picture.pixel_spacing == plane.pixelSpacing
    y, x = np.indices(plane.shape)
    world = plane.pixelToWorld(np.stack([x.ravel(), y.ravel()], axis=1))
    assert np.abs((world - middle) @ pose[:3, 2]).max() < 1e-3
    corner, right, below = plane.pixelToWorld([[0, 0], [1, 0], [0, 1]])
    assert np.allclose(right - corner, pose[:3, 0] * plane.pixelSpacing[1])
    assert np.allclose(below - corner, -pose[:3, 1] * plane.pixelSpacing[0])
    nobody = scenes.segmentation(None)
    local = scenes.throughTransforms(world, nobody, node)
    at = scenes.apply(np.linalg.inv(matrix), local)
    inner = ((at > 0.01) & (at < np.array(shape[::-1]) - 1.01)).all(axis=1)
    outer = ((at < -0.51) | (at > np.array(shape[::-1]) - 0.49)).any(axis=1)
    values = picture.values.ravel()
    assert np.allclose(values[inner], ramp(local)[inner], atol=0.05) and inner.sum() > 150
    assert (values[outer] == np.float32(ramp(own).min())).all()
    # The picture reaches to where the volume ends: on each side, the next line of pixels would lie outside.
    height, width = plane.shape
    for side in ([-1.01, None], [width + 0.01, None], [None, -1.01], [None, height + 0.01]):
        line = np.array(
            [[side[0], n] if side[1] is None else [n, side[1]] for n in range(max(plane.shape))], dtype=float
        )
        beyond = scenes.throughTransforms(plane.pixelToWorld(line), nobody, node)
        beyond = scenes.apply(np.linalg.inv(matrix), beyond)
        slack = 0.6 if transform == "warp" else 0
        assert ((beyond < -0.5 + slack) | (beyond > np.array(shape[::-1]) - 0.5 - slack)).any(axis=1).all()


def test_in_plane_voxel_size_is_that_of_the_direction(scenes, planes):
    """Along a voxel axis it is that axis' spacing; half-way between two, 1 mm passes so many voxels of each."""
    node = scenes.volume((12, 20, 20), scenes.affine(None, (1.0, 1.0, 3.0)))
    view = scenes.sliceNode(scenes.affine(scenes.rotation([1, 0, 0], 45), origin=(10, 10, 17)))
    plane = planes.planeOfView(view, node)
    assert plane.pixelSpacing == pytest.approx((1 / np.hypot(np.sqrt(0.5), np.sqrt(0.5) / 3), 1.0))


def test_the_key_of_an_oblique_plane_is_its_pose(scenes, planes):
    node = scenes.volume((10, 24, 24), scenes.GRIDS["oblique"])
    middle = scenes.apply(scenes.GRIDS["oblique"], [12, 12, 5])
    view, pose = tilted_view(scenes, TILTS[0], middle)
    first = planes.planeOfView(view, node)
    view.SetFieldOfView(20, 30, 1)
    view.SetDimensions(100, 300, 1)
    view.SetXYZOrigin(4, 5, 0)
    pan = pose.copy()
    pan[:3, 3] += pose[:3, :2] @ [7.3, -2.1]
    view.GetSliceToRAS().DeepCopy(pan.ravel().tolist())
    view.UpdateMatrices()
    panned = planes.planeOfView(view, node)
    assert panned.key == first.key and hash(panned.key) == hash(first.key)
    assert np.allclose(panned.pixelToWorld([[2, 3]]), first.pixelToWorld([[2, 3]]), atol=1e-3)
    assert np.array_equal(panned.message().values, first.message().values)
    assert first.coincides(*panned.pose())
    pan[:3, 3] += pose[:3, 2]
    moved = planes.planeOfView(scenes.sliceNode(pan, "moved"), node)
    assert planes.planeOfView(view, node, pan[:3, 3]).key == moved.key != first.key
    assert not first.coincides(*moved.pose())


@pytest.mark.parametrize("which", ["own", *OTHERS])
@pytest.mark.parametrize("turn", TILTS)
def test_an_oblique_mask_fills_every_voxel_that_the_plane_cuts(scenes, planes, which, turn):
    """An ellipsoid's cut: against all voxels by their distance from the plane and the pixel below their centre."""
    matrix = scenes.GRIDS["oblique"]
    shape, other = (SHAPE, matrix) if which == "own" else scenes.other_grid(which, matrix)
    node = scenes.volume(SHAPE, matrix)
    segmentation = scenes.segmentation(scenes.volume(shape, other), "a")
    middle = scenes.apply(matrix, [7.2, 5.6, 3.1])
    plane = planes.planeOfView(tilted_view(scenes, turn, middle)[0], node)
    y, x = np.indices(plane.shape)
    world = plane.pixelToWorld(np.stack([x.ravel(), y.ravel()], axis=1))
    mask = ((((world - middle) / [5, 4, 6]) ** 2).sum(axis=1) <= 1).reshape(plane.shape)
    found = scenes.voxels(plane.toSegmentation(mask, segmentation), shape).ravel()
    centres = scenes.apply(other, scenes.indices(shape))
    normal = scenes.rotation(*turn)[:, 2]
    reach = np.abs(normal @ other[:3, :3]).sum() / 2
    distance = np.abs((centres - middle) @ normal)
    pixel = plane.worldToPixel(centres)
    clear = (np.abs(pixel - np.floor(pixel) - 0.5) > 1e-3).all(axis=1) & (np.abs(distance - reach) > 1e-3)
    column, row = np.floor(pixel + 0.5).astype(int).T
    inside = plane.containsPixel(pixel) & (distance <= reach)
    expected = np.zeros(len(centres), bool)
    expected[inside] = mask[row[inside], column[inside]]
    assert np.array_equal(found[clear], expected[clear]) and found.sum() > 40
    scenes.fill(segmentation, "a", found.reshape(shape), scenes.referenceVolume(segmentation))
    back = plane.fromSegmentation(segmentation, "a")
    # Three pixels inside the mask, which is further than from any point of a voxel to its centre.
    padded = np.pad(mask, 3)
    deep = np.logical_and.reduce(
        [padded[y : y + mask.shape[0], x : x + mask.shape[1]] for y in range(7) for x in range(7)]
    )
    at = scenes.apply(np.linalg.inv(other), world[deep.ravel()])
    within = ((at >= -0.5) & (at < np.array(shape[::-1]) - 0.5)).all(axis=1)
    assert back[deep][within].all() and within.any()


def test_a_bent_segmentation_has_no_holes_where_a_plane_cuts_it(scenes, planes):
    """Each pixel's centre, carried through the warp by its node, lies in a voxel that was written."""
    matrix = scenes.GRIDS["oblique"]
    node = scenes.volume(SHAPE, matrix)
    segmentation = scenes.segmentation(node, "a")
    segmentation.SetAndObserveTransformNodeID(scenes.warp(2.0).GetID())
    middle = scenes.apply(matrix, [7.2, 5.6, 3.1])
    plane = planes.planeOfView(tilted_view(scenes, TILTS[0], middle)[0], node)
    image = plane.toSegmentation(np.ones(plane.shape, bool), segmentation)
    written = scenes.voxels(image, SHAPE)
    y, x = np.indices(plane.shape)
    world = plane.pixelToWorld(np.stack([x.ravel(), y.ravel()], axis=1))
    at = scenes.apply(np.linalg.inv(matrix), scenes.throughTransforms(world, node, segmentation))
    index = np.floor(at + 0.5).astype(int)
    inside = ((index >= 0) & (index < SHAPE[::-1])).all(axis=1)
    height, width = plane.shape
    inside &= ((x > 2) & (x < width - 3) & (y > 2) & (y < height - 3)).ravel()
    assert written[tuple(index[inside].T[::-1])].all() and inside.sum() > 50
    centres = scenes.throughTransforms(scenes.apply(matrix, scenes.indices(SHAPE)), segmentation, None)
    distance = np.array([plane.distance(point) for point in centres[written.ravel()]])
    assert distance.max() < np.linalg.norm([0.8, 0.8, 2.5]) / 2 * 1.2
