"""Planes of slice views: which voxels they are, and where their pixels lie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")
GRIDS = ["straight", "oblique", "left-handed", "sagittal"]
SHAPE = (7, 12, 15)


@pytest.fixture
def planes():
    from SAMAdaptModuleLib.scene import FindPlane as ViewPlane

    return ViewPlane


# Which plane


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("parent", [False, True])
def test_a_view_along_the_voxels_shows_the_nearest_slice(scenes, planes, grid, parent):
    """Offsets between two slices go to the nearer one, whichever way the view looks; the content is that slice."""
    import slicer

    matrix = scenes.GRIDS[grid]
    node = scenes.volume(SHAPE, matrix)
    toWorld = scenes.affine(scenes.rotation([3, 1, 1], 33), (1.2, 1.2, 1.2), (4, 5, 6)) if parent else np.eye(4)
    node.SetAndObserveTransformNodeID(scenes.linear(toWorld).GetID())
    world = toWorld @ matrix
    array = slicer.util.arrayFromVolume(node)
    places = [(0, 0.0), (0, -0.49), (3, 0.49), (4, -0.49), (6, 0.3)]
    for across, (index, between), turned in itertools.product(range(3), places, (1, -1)):
        u, v = (axis for axis in range(3) if axis != across)
        ijk = np.array([5.0, 4.0, 3.0])
        ijk[across] = index + between
        right = world[:3, u] / np.linalg.norm(world[:3, u])
        normal = np.cross(right, world[:3, v])
        normal /= np.linalg.norm(normal)
        view = np.eye(4)
        view[:3, :3] = np.stack([turned * right, np.cross(normal, right), turned * normal], axis=1)
        view[:3, 3] = scenes.apply(world, ijk)
        plane = planes.planeOfView(scenes.sliceNode(view, f"V{across}{index}{between}{turned}"), node)
        assert isinstance(plane, planes.VoxelPlane) and plane.index == index
        assert plane.message().axis == plane.axis and plane.message().index == index
        y, x = np.indices(plane.shape)
        at = scenes.apply(np.linalg.inv(world), plane.pixelToWorld(np.stack([x.ravel(), y.ravel()], axis=1)))
        assert np.allclose(at, np.rint(at), atol=1e-6) and (np.rint(at)[:, across] == index).all()
        shown = array[tuple(np.rint(at).astype(int).T[::-1])]
        assert sorted(shown) == sorted(array.take(index, axis=2 - across).ravel())


@pytest.mark.parametrize("orientation", ["Axial", "Coronal", "Sagittal"])
def test_slicers_own_orientations_on_a_straight_volume(scenes, planes, application, orientation):
    import slicer

    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", orientation)
    view.SetOrientation(orientation)
    point = [5, 2.0, -14.6]
    view.JumpSliceByOffsetting(*point)
    plane = planes.planeOfView(view, node)
    # I = (12 - R) / 0.9, J = (9 - A) / 0.9, K = (S + 20) / 2.5
    assert (plane.axis, plane.index) == {"Axial": ("axial", 2), "Coronal": ("coronal", 8), "Sagittal": ("sagittal", 8)}[
        orientation
    ]


def test_a_point_chooses_the_slice_of_a_light_box(scenes, planes):
    node = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    matrix = scenes.GRIDS["oblique"]
    view = np.eye(4)
    view[:3, :3] = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    view[:3, 3] = scenes.apply(matrix, [0, 0, 1])
    view = scenes.sliceNode(view)
    assert planes.planeOfView(view, node).index == 1
    for k in (0, 4, 6):
        assert planes.planeOfView(view, node, scenes.apply(matrix, [14, 11, k])).index == k


def test_views_that_show_nothing_and_slices_that_are_none(scenes, planes):
    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    for turn in (np.eye(3), scenes.rotation([1, 2, 3], 30)):
        view = scenes.affine(turn, origin=(0, 0, 500))
        with pytest.raises(InputError):
            planes.planeOfView(scenes.sliceNode(view, str(turn[0, 1])), node)
    for axis, index in (("axial", 7), ("axial", -1), ("coronal", 12), ("diagonal", 0)):
        with pytest.raises(InputError):
            planes.planeOfIndex(node, axis, index)
    with pytest.raises(InputError):
        planes.planeOfIndex(None, "axial", 0)


def test_one_slice_is_a_volume(scenes, planes):
    node = scenes.volume((1, 12, 15), scenes.GRIDS["straight"])
    segmentation = scenes.segmentation(node, "a")
    view = scenes.affine(origin=(0, 0, -20.9))
    plane = planes.planeOfView(scenes.sliceNode(view), node)
    assert (plane.axis, plane.index, plane.shape) == ("axial", 0, (12, 15))
    assert scenes.voxels(plane.toSegmentation(np.ones((12, 15), bool), segmentation), (1, 12, 15)).all()


# Pixels


@pytest.mark.parametrize("bent", [False, True])
def test_pixels_and_world_are_inverse_and_distance_is_in_the_world(scenes, planes, bent):
    node = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    top = scenes.linear(scenes.affine(scenes.rotation([1, 1, 0], 20), (1.5, 1.5, 1.5)))
    mover = scenes.warp(2.0) if bent else top
    if bent:
        mover.SetAndObserveTransformNodeID(top.GetID())
    node.SetAndObserveTransformNodeID(mover.GetID())
    plane = planes.planeOfIndex(node, "axial", 3)
    pixels = np.array([[0, 0], [14, 11], [-3, 4.25], [7.5, 20]])
    world = plane.pixelToWorld(pixels)
    assert np.allclose(plane.worldToPixel(world), pixels, atol=5e-3 if bent else 1e-9)
    assert plane.containsPixel(pixels).tolist() == [True, True, False, False]
    assert plane.containsPixel([[-0.5, -0.5], [14.49, 11.49], [14.51, 0]]).tolist() == [True, True, False]
    assert max(plane.distance(point) for point in world) < 0.01
    neighbour = planes.planeOfIndex(node, "axial", 4).pixelToWorld([[7, 6]])[0]
    assert plane.distance(neighbour) == pytest.approx(2.5 * 1.5, rel=0.1 if bent else 1e-9)
    assert plane.pixelSpacing == pytest.approx((0.8, 0.8))
    origin, normal = plane.pose()
    assert plane.distance(np.add(origin, normal)) == pytest.approx(1, rel=0.02)
    assert plane.coincides(origin, normal) and plane.coincides(origin, np.negative(normal))
    assert not planes.planeOfIndex(node, "axial", 4).coincides(origin, normal)
    assert not planes.planeOfIndex(node, "coronal", 4).coincides(origin, normal)


def test_the_key_tells_planes_apart(scenes, planes):
    import slicer

    node = scenes.volume(SHAPE, scenes.GRIDS["straight"])
    keys = [planes.planeOfIndex(node, axis, index).key for axis, index in (("axial", 2), ("axial", 3), ("coronal", 2))]
    assert planes.planeOfIndex(node, "axial", 2).key == keys[0]
    mover = scenes.linear(scenes.affine(origin=(1, 0, 0)))
    node.SetAndObserveTransformNodeID(mover.GetID())
    keys.append(planes.planeOfIndex(node, "axial", 2).key)
    slicer.util.arrayFromVolume(node)[:] = 0
    slicer.util.arrayFromVolumeModified(node)
    keys.append(planes.planeOfIndex(node, "axial", 2).key)
    node.SetAndObserveTransformNodeID(scenes.warp().GetID())
    bent = [planes.planeOfIndex(node, "axial", 2).key for _ in range(2)]
    assert bent[0] == bent[1] and len({*keys, bent[0]}) == 6
