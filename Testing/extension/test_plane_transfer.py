"""Masks on voxel slices into segmentations and back, whatever their grids and transforms."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")
GRIDS = ["straight", "oblique", "left-handed", "sagittal"]
AXES = ["axial", "coronal", "sagittal"]
OTHERS = ["finer", "turned", "left-handed"]
SHAPE = (7, 12, 15)


@pytest.fixture
def planes():
    from SAMAdaptModuleLib.scene import FindPlane as ViewPlane

    return ViewPlane


def voxels_on_plane(scenes, volumeNode, axis, segmentation, matrix, shape):
    """(x, y, index) [N, 3] of each voxel centre of a segmentation's grid, through the nodes' own transforms."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    ras = scenes.throughTransforms(scenes.apply(matrix, scenes.indices(shape)), segmentation, volumeNode)
    return PlaneStack(volumeGeometry(volumeNode), axis).ras_to_pixel(ras)


def brute_force(at, index, mask):
    """What a voxel slice becomes by its voxels' centres, and which of them lie clear of any border."""
    clear = (np.abs(at - np.floor(at) - 0.5) > 6e-3).all(axis=1)
    x, y, z = np.floor(at + 0.5).astype(int).T
    inside = (z == index) & (x >= 0) & (x < mask.shape[1]) & (y >= 0) & (y < mask.shape[0])
    out = np.zeros(len(at), bool)
    out[inside] = mask[y[inside], x[inside]]
    return out, clear


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("parent", [None, "linear", "warp"])
def test_on_the_volumes_own_grid_a_mask_is_copied_voxel_for_voxel(scenes, planes, grid, parent):
    """Both below the same node: even a bent one changes nothing. PlaneStack.view is where the library writes."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    node = scenes.volume(SHAPE, scenes.GRIDS[grid])
    segmentation = scenes.segmentation(node, "a")
    if parent:
        mover = scenes.warp() if parent == "warp" else scenes.linear(scenes.affine(scenes.rotation([1, 2, 1], 71)))
        node.SetAndObserveTransformNodeID(mover.GetID())
        segmentation.SetAndObserveTransformNodeID(mover.GetID())
    for axis, last in itertools.product(AXES, (False, True)):
        stack = PlaneStack(volumeGeometry(node), axis)
        index = stack.count - 1 if last else stack.count // 2
        plane = planes.planeOfIndex(node, axis, index)
        mask = scenes.blob(plane.shape, index)
        expected = np.zeros(SHAPE, bool)
        stack.view(expected)[index] = mask
        image = plane.toSegmentation(mask, segmentation)
        assert np.array_equal(scenes.voxels(image, SHAPE), expected)
        assert np.allclose(scenes.matrixOf(image), scenes.GRIDS[grid], atol=1e-9)
        scenes.fill(segmentation, "a", expected, node)
        assert np.array_equal(plane.fromSegmentation(segmentation, "a"), mask)
    assert plane.toSegmentation(np.zeros(plane.shape, bool), segmentation) is None


def test_only_the_extent_of_the_mask_is_made(scenes, planes):
    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    plane = planes.planeOfIndex(node, "axial", 3)
    mask = np.zeros(plane.shape, bool)
    mask[2:5, 6:8] = True
    image = plane.toSegmentation(mask, scenes.segmentation(node))
    assert sorted(np.array(image.GetDimensions())) == [1, 2, 3] and image.GetExtent()[4:] == (3, 3)


COMBINATIONS = [
    *itertools.product(OTHERS, ["straight", "oblique", "left-handed"], ["none"]),
    ("finer", "oblique", "both"),
    ("left-handed", "straight", "both"),
    ("turned", "left-handed", "both"),
    ("turned", "straight", "warp on segmentation"),
    ("finer", "oblique", "warp on segmentation"),
    ("turned", "oblique", "warp on volume"),
]


@pytest.mark.parametrize("which, grid, transforms", COMBINATIONS)
def test_on_another_grid_each_voxel_centre_takes_its_pixel(scenes, planes, which, grid, transforms):
    """Against all voxels of the grid, one by one; slices together leave no gap and cover nothing twice."""
    matrix = scenes.GRIDS[grid]
    shape, other = scenes.other_grid(which, matrix)
    node = scenes.volume(SHAPE, matrix)
    segmentation = scenes.segmentation(scenes.volume(shape, other, name="Reference"), "a")
    if transforms == "both":
        node.SetAndObserveTransformNodeID(scenes.linear(scenes.affine(scenes.rotation([0, 0, 1], 4))).GetID())
        segmentation.SetAndObserveTransformNodeID(scenes.linear(scenes.affine(origin=(0.31, 0.17, -0.23))).GetID())
    elif transforms != "none":
        target = segmentation if transforms.endswith("segmentation") else node
        target.SetAndObserveTransformNodeID(scenes.warp(1.5).GetID())
    at = voxels_on_plane(scenes, node, "axial", segmentation, other, shape)
    count, reached = np.zeros(len(at), int), np.zeros(len(at), bool)
    for index in range(SHAPE[0]):
        plane = planes.planeOfIndex(node, "axial", index)
        mask = scenes.blob(plane.shape, index)
        found = scenes.voxels(plane.toSegmentation(mask, segmentation), shape).ravel()
        expected, clear = brute_force(at, index, mask)
        assert np.array_equal(found[clear], expected[clear])
        everything = np.ones(plane.shape, bool)
        count += scenes.voxels(plane.toSegmentation(everything, segmentation), shape).ravel()
        reached |= brute_force(at, index, everything)[0]
    assert reached.sum() > 100 and clear.mean() > 0.95
    if transforms.startswith("warp"):
        assert (count[reached] == 1).mean() > 0.99
    else:
        assert (count[reached] == 1).all() and not count[~reached & clear].any()


def test_a_mask_is_not_lost_between_thick_voxels(scenes, planes):
    """A segmentation of 6 mm slices on 2.5 mm slices: each slice reaches the voxels that it lies in."""
    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    thick = scenes.GRIDS["straight"].copy()
    thick[2, 2] = 6.0
    segmentation = scenes.segmentation(scenes.volume((4, 12, 15), thick), "a")
    for k in range(SHAPE[0]):
        plane = planes.planeOfIndex(node, "axial", k)
        found = scenes.voxels(plane.toSegmentation(np.ones(plane.shape, bool), segmentation), (4, 12, 15))
        assert np.flatnonzero(found.any(axis=(1, 2))).tolist() == [int(k * 2.5 / 6 + 0.5)]
        scenes.fill(segmentation, "a", found, scenes.referenceVolume(segmentation))
        assert plane.fromSegmentation(segmentation, "a").all()


@pytest.mark.parametrize("grid", ["straight", "oblique"])
def test_a_cropped_reference_grid_and_masks_beyond_it(scenes, planes, grid):
    matrix = scenes.GRIDS[grid]
    crop = matrix.copy()
    crop[:3, 3] = scenes.apply(matrix, [3, 2, 1])
    node = scenes.volume(SHAPE, matrix)
    segmentation = scenes.segmentation(scenes.volume((3, 5, 6), crop), "a")
    for axis, index in (("axial", 2), ("coronal", 4), ("sagittal", 5)):
        plane = planes.planeOfIndex(node, axis, index)
        mask = scenes.blob(plane.shape)
        found = scenes.voxels(plane.toSegmentation(mask, segmentation), (3, 5, 6))
        expected, _ = brute_force(voxels_on_plane(scenes, node, axis, segmentation, crop, (3, 5, 6)), plane.index, mask)
        assert np.array_equal(found.ravel(), expected) and found.any()
    assert planes.planeOfIndex(node, "axial", 6).toSegmentation(np.ones((12, 15), bool), segmentation) is None


def test_a_segmentation_without_a_grid_gets_that_of_the_volume(scenes, planes):
    """Also across transforms: the volume's voxels as they lie in the segmentation's frame."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    node = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    toWorld = scenes.affine(scenes.rotation([1, 0, 0], 30), origin=(1, 2, 3))
    node.SetAndObserveTransformNodeID(scenes.linear(toWorld).GetID())
    segmentation = scenes.segmentation(None)
    segmentation.GetSegmentation().AddEmptySegment("a")
    plane = planes.planeOfIndex(node, "axial", 4)
    mask = scenes.blob(plane.shape)
    image = plane.toSegmentation(mask, segmentation)
    assert np.allclose(scenes.matrixOf(image), toWorld @ scenes.GRIDS["oblique"], atol=1e-9)
    expected = np.zeros(SHAPE, bool)
    PlaneStack(volumeGeometry(node), "axial").view(expected)[4] = mask
    assert np.array_equal(scenes.voxels(image, SHAPE), expected)


@pytest.mark.parametrize("transforms", ["none", "linear", "warp"])
def test_reading_takes_the_voxel_at_each_pixel(scenes, planes, transforms):
    """From a shared layer on another grid, against each pixel's centre through the nodes' own transforms."""
    node = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    shape, other = scenes.other_grid("turned", scenes.GRIDS["oblique"])
    reference = scenes.volume(shape, other)
    segmentation = scenes.segmentation(reference, "a", "b")
    truth = np.random.default_rng(3).random((2, *shape)) > 0.5
    truth[1] &= ~truth[0]
    for name, mask in zip("ab", truth, strict=True):
        scenes.fill(segmentation, name, mask, reference)
    segmentation.GetSegmentation().CollapseBinaryLabelmaps(False)
    if transforms == "linear":
        segmentation.SetAndObserveTransformNodeID(scenes.linear(scenes.affine(scenes.rotation([0, 1, 0], 9))).GetID())
    elif transforms == "warp":
        segmentation.SetAndObserveTransformNodeID(scenes.warp(1.5).GetID())
    for axis, index in (("axial", 3), ("coronal", 6), ("sagittal", 7)):
        plane = planes.planeOfIndex(node, axis, index)
        y, x = np.indices(plane.shape)
        world = plane.pixelToWorld(np.stack([x.ravel(), y.ravel()], axis=1))
        at = scenes.apply(np.linalg.inv(other), scenes.throughTransforms(world, reference, segmentation))
        clear = (np.abs(at - np.floor(at) - 0.5) > 2e-3).all(axis=1)
        cell = np.floor(at + 0.5).astype(int)
        inside = ((cell >= 0) & (cell < shape[::-1])).all(axis=1)
        for name, mask in zip("ab", truth, strict=True):
            expected = np.zeros(len(at), bool)
            expected[inside] = mask[tuple(cell[inside].T[::-1])]
            found = plane.fromSegmentation(segmentation, name).ravel()
            assert np.array_equal(found[clear], expected[clear]) and found.any()


def test_an_empty_segment_reads_as_nothing_and_no_segment_is_an_error(scenes, planes):
    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    segmentation = scenes.segmentation(node, "a")
    plane = planes.planeOfIndex(node, "axial", 2)
    assert not plane.fromSegmentation(segmentation, "a").any()
    for wrong in ("b", "", None):
        with pytest.raises(InputError):
            plane.fromSegmentation(segmentation, wrong)


@pytest.mark.parametrize("transforms", ["none", "shift", "warp"])
def test_a_stack_is_the_sum_of_its_slices(scenes, planes, transforms):
    from SAMAdaptModuleLib.scene.SegmentWriter import stackLabelmap

    node = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    segmentation = scenes.segmentation(node, "a")
    if transforms == "shift":
        segmentation.SetAndObserveTransformNodeID(scenes.linear(scenes.affine(origin=(0.3, 0.4, 1.1))).GetID())
    elif transforms == "warp":
        segmentation.SetAndObserveTransformNodeID(scenes.warp(1.5).GetID())
    for axis, chosen in (("axial", (0, 1, 2, 5)), ("coronal", (3, 4)), ("sagittal", (14,))):
        masks = {k: scenes.blob(planes.planeOfIndex(node, axis, k).shape, k) for k in chosen}
        found = scenes.voxels(stackLabelmap(node, axis, masks, segmentation), SHAPE)
        expected = np.zeros(SHAPE, bool)
        for k, mask in masks.items():
            plane = planes.planeOfIndex(node, axis, k)
            expected |= scenes.voxels(plane.toSegmentation(mask, segmentation), SHAPE)
        if transforms == "warp":
            assert (found != expected).sum() <= 0.03 * expected.sum()
        else:
            assert np.array_equal(found, expected)
    assert stackLabelmap(node, "axial", {3: np.zeros((12, 15), bool)}, segmentation) is None
    assert stackLabelmap(node, "axial", {}, segmentation) is None
