"""A user at a real CT: clicks in all kinds of views below all kinds of transforms fill the voxels that they should."""

from __future__ import annotations

import numpy as np

from Testing.extension.effect_tools import EFFECT, RADIUS
from Testing.harness import scenes
from Testing.harness.scenes import segmentArray

# Pixels by which the border of a disc may move where voxels are not pixels: half a pixel and half a voxel each way.
BORDER = 1.0
# Voxels around the click at which the expectation is computed; none may be filled farther away.
REACH = 14


def ijk_to_ras(volume):
    import slicer
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def voxel_of(volume, world):
    local = scenes.throughTransforms(np.atleast_2d(world), World(), volume)
    return scenes.apply(np.linalg.inv(ijk_to_ras(volume)), local)[0]


class World:
    """Stands for a node below no transform."""

    def GetParentTransformNode(self):
        return None


def world_of(volume, voxels):
    return scenes.throughTransforms(scenes.apply(ijk_to_ras(volume), voxels), volume, World())


def around(volume, world):
    """Indices (I, J, K) [N, 3] of the voxels near a world point."""
    size = np.array(volume.GetImageData().GetDimensions())
    middle = np.rint(voxel_of(volume, world)).astype(int)
    low, high = np.maximum(middle - REACH, 0), np.minimum(middle + REACH, size - 1)
    sides = [np.arange(a, b + 1) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 3)


def disc_in_slice(volume, world, axis):
    """(certainly inside, certainly outside) for a disc of RADIUS voxels on the voxel slice through ``world``."""
    index = around(volume, world)
    off = index - voxel_of(volume, world)
    inside = (np.delete(off, axis, axis=1) ** 2).sum(axis=1) <= RADIUS**2
    inside &= index[:, axis] == np.floor(voxel_of(volume, world)[axis] + 0.5)
    return index, inside, ~inside


def disc_in_plane(volume, world, view):
    """The same for a flat disc in the view's plane, with the voxels at its border left open."""
    import slicer

    index = around(volume, world)
    pose = slicer.util.arrayFromVTKMatrix(view.sliceNode.GetSliceToRAS())[:3, :3]
    steps = np.stack(
        [world_of(volume, index + step) - world_of(volume, index - step) for step in np.eye(3) / 2], axis=1
    )
    # A pixel is as long as the way through a voxel in the middle of the volume.
    middle = (np.array(volume.GetImageData().GetDimensions()) - 1) / 2
    edges = np.array(
        [(world_of(volume, [middle + e / 2]) - world_of(volume, [middle - e / 2]))[0] for e in np.eye(3)]
    ).T
    pixel = 1 / np.linalg.norm(np.linalg.inv(edges) @ pose, axis=0)
    along = (world_of(volume, index) - world) @ pose
    radius = np.hypot(*(along / pixel)[:, :2].T)
    half = np.abs(steps @ pose[:, 2]).sum(axis=1) / 2
    depth = np.abs(along[:, 2])
    # Where a transform bends the voxels, the thickest of those around decides, so that no holes are left.
    thickest = half[(radius < RADIUS + BORDER) & (depth < half.max())].max()
    return (
        index,
        (radius < RADIUS - BORDER) & (depth < 0.9 * half),
        (radius > RADIUS + BORDER) | (depth > 1.1 * thickest),
    )


def test_clicks_fill_the_voxels_that_they_should(application, session, ct_node):
    """One volume, and each transform, view and click with an undo state of its own."""
    import slicer

    size = np.array(ct_node.GetImageData().GetDimensions())
    assert size[0] >= 256 and size[2] >= 10
    # Into the part of the world that the transforms bend.
    ct_node.SetOrigin(np.array(ct_node.GetOrigin()) - world_of(ct_node, [size / 2])[0])
    application.registerEffect(EFFECT)
    segmentation = scenes.segmentation(ct_node, "organ")
    editor = application.segmentEditor(segmentation, ct_node, "organ")
    editor.setActiveEffect("SAM Adapt")
    view = application.view("Red")
    transforms = {
        "none": None,
        "linear": scenes.linear(scenes.affine(scenes.rotation([0, 0, 1], 90), origin=(12, -7, 5))),
        "bent": scenes.warp(4.0),
    }
    try:
        for name, transform in transforms.items():
            for node in (ct_node, segmentation):
                node.SetAndObserveTransformNodeID(transform.GetID() if transform else None)
            for kind, axis in (("Axial", 2), ("Sagittal", 0), ("oblique", None)):
                where = f"{kind} view, transform: {name}"
                view.setOrientation("Axial" if axis is None else kind)
                point = world_of(ct_node, [size * (0.45, 0.55, 0.45)])[0]
                if name == "linear" and axis == 0:
                    axis = 1  # turned by 90 degrees about S, the view sees the voxels' J from the side
                if name == "bent":
                    axis = None
                view.jumpTo(point)
                if kind == "oblique":
                    view.rotate(30, (1, 0.4, 0))
                view.clickAt(point)
                clicked = np.array(view.rasOf(view.xyOf(point)))
                view.key("Return")
                assert not editor.effect.options.ui.statusLabel.text, where
                found = segmentArray(segmentation, "organ", ct_node)
                index, inside, outside = (
                    disc_in_plane(ct_node, clicked, view) if axis is None else disc_in_slice(ct_node, clicked, axis)
                )
                filled = found[tuple(index.T[::-1])]
                assert inside.sum() > 20 and found.sum() == filled.sum(), where
                assert filled[inside].all() and not filled[outside].any(), where
                editor.undo()
                assert not slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "organ", ct_node).any(), where
                editor.redo()
                assert np.array_equal(segmentArray(segmentation, "organ", ct_node), found), where
                editor.undo()
    finally:
        application.forgetEffects()
