"""What scenes of tests are made of: volumes, segmentations, grids, transforms; and their world coordinates and voxels,
read without the module."""

from __future__ import annotations

import numpy as np
import pytest

try:
    import slicer
    import vtk
    from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy
except ImportError:
    pytest.skip("slicer-core is not installed", allow_module_level=True)


def rotation(axis, degrees):
    """Rodrigues' formula."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def affine(turn=None, spacing=(1, 1, 1), origin=(0, 0, 0)):
    matrix = np.eye(4)
    matrix[:3, :3] = (np.eye(3) if turn is None else turn) @ np.diag(spacing)
    matrix[:3, 3] = origin
    return matrix


# Voxel index to RAS of volumes as scanners and converters give them.
GRIDS = {
    "straight": affine(np.diag([-1, -1, 1]), (0.9, 0.9, 2.5), (12, 9, -20)),
    "oblique": affine(rotation([1, 2, 3], 25) @ np.diag([-1, -1, 1]), (0.8, 0.8, 2.5), (10, 20, -30)),
    "left-handed": affine(np.diag([-1, 1, 1]), (0.7, 0.7, 3.0), (5, -8, 4)),
    "sagittal": affine(np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]]), (1.1, 1.1, 4.0), (3, 2, 1)),
}


def volume(shape=(7, 12, 15), matrix=GRIDS["straight"], array=None, name="Image"):
    if array is None:
        array = np.random.default_rng(1).integers(-200, 300, shape).astype(np.int16)
    node = slicer.util.addVolumeFromArray(array, matrix, name)
    node.CreateDefaultDisplayNodes()
    return node


def segmentation(volumeNode, *names, name="Segmentation", **masks):
    """Segments, whose IDs are their names, on the volume's grid: empty ones, and those with masks bool [K, J, I]."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    if volumeNode is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
    for segment in (*names, *masks):
        node.GetSegmentation().AddEmptySegment(segment, segment)
    for segment, mask in masks.items():
        fill(node, segment, mask, volumeNode)
    return node


def linear(matrix, name="linear"):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    slicer.util.updateTransformMatrixFromArray(node, np.asarray(matrix, float))
    return node


def warp(amplitude=4.0, fromParent=True):
    """A smooth non-linear transform around the origin, as a displacement grid."""
    image = vtk.vtkImageData()
    image.SetDimensions(11, 11, 11)
    image.SetOrigin(-100, -100, -100)
    image.SetSpacing(20, 20, 20)
    z, y, x = np.meshgrid(*[np.arange(11)] * 3, indexing="ij")
    field = np.stack([np.sin(y / 1.7), np.cos(z / 1.4), np.sin(x / 1.5 + 1)], axis=-1) * amplitude
    image.GetPointData().SetScalars(numpy_to_vtk(field.reshape(-1, 3), deep=True))
    grid = slicer.vtkOrientedGridTransform()
    grid.SetDisplacementGridData(image)
    grid.SetInterpolationModeToCubic()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode", "warp")
    if fromParent:
        node.SetAndObserveTransformFromParent(grid)
    else:
        node.SetAndObserveTransformToParent(grid)
    return node


def throughTransforms(points, source, target):
    """Points [N, 3] below one node to below another, one by one through the nodes' own transforms."""

    def carry(points, transform):
        return np.array([transform.TransformPoint(point) for point in points])

    node = source.GetParentTransformNode()
    while node is not None:
        points = carry(points, node.GetTransformToParent())
        node = node.GetParentTransformNode()
    chain = []
    node = None if target is None else target.GetParentTransformNode()
    while node is not None:
        chain.append(node)
        node = node.GetParentTransformNode()
    for node in reversed(chain):
        points = carry(points, node.GetTransformFromParent())
    return points


def indices(shape):
    """All (i, j, k) of an array [K, J, I], in the order of its voxels."""
    k, j, i = np.indices(shape)
    return np.stack([i.ravel(), j.ravel(), k.ravel()], axis=1)


def apply(matrix, points):
    return np.asarray(points, float) @ matrix[:3, :3].T + matrix[:3, 3]


def voxels(image, shape):
    """A vtkOrientedImageData as bool [K, J, I] on a lattice of this shape; nothing may lie outside."""
    out = np.zeros(shape, bool)
    if image is None:
        return out
    i0, i1, j0, j1, k0, k1 = image.GetExtent()
    assert 0 <= i0 and i1 < shape[2] and 0 <= j0 and j1 < shape[1] and 0 <= k0 and k1 < shape[0]
    array = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(k1 - k0 + 1, j1 - j0 + 1, i1 - i0 + 1)
    assert image.GetScalarType() == vtk.VTK_UNSIGNED_CHAR
    out[k0 : k1 + 1, j0 : j1 + 1, i0 : i1 + 1] = array > 0
    return out


def matrixOf(image):
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def segmentArray(segmentationNode, segment, volumeNode):
    """What Slicer's own export gives of a segment by its name or ID, bool [K, J, I]."""
    segmentID = segmentationNode.GetSegmentation().GetSegmentIdBySegmentName(segment) or segment
    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentationNode, segmentID, volumeNode) > 0


def fill(segmentationNode, segmentID, mask, volumeNode):
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentationNode, segmentID, volumeNode)


def middle(node):
    """World position of a volume's centre."""
    bounds = [0.0] * 6
    node.GetRASBounds(bounds)
    return np.array([(bounds[i] + bounds[i + 1]) / 2 for i in (0, 2, 4)])


def sliceNode(sliceToRAS, name="Test"):
    node = slicer.vtkMRMLSliceNode()
    node.SetName(name)
    node.SetLayoutName(name)
    slicer.mrmlScene.AddNode(node)
    node.GetSliceToRAS().DeepCopy(np.asarray(sliceToRAS, float).ravel().tolist())
    node.UpdateMatrices()
    return node


# The size of most test volumes, [K, J, I].
SHAPE = (7, 12, 15)
# Grids of another kind for the segmentation.
OTHERS = {
    "finer": ((16, 20, 20), "straight", (0.5, 0.45, 0.4)),
    "turned": ((16, 24, 24), "turned", (0.7, 0.7, 0.7)),
    "left-handed": ((16, 24, 24), "mirrored", (0.7, 0.8, 0.9)),
}


def other_grid(which, matrix):
    """A grid around the middle of a volume of SHAPE: (shape, matrix)."""
    shape, turn, spacing = OTHERS[which]
    turn = {
        "straight": np.diag([-1, -1, 1]),
        "turned": rotation([2, 1, 3], 41),
        "mirrored": rotation([0, 1, 3], 28) @ np.diag([1, -1, 1]),
    }[turn]
    out = affine(turn, spacing)
    middle = apply(matrix, [(n - 1) / 2 for n in SHAPE[::-1]])
    out[:3, 3] = middle - out[:3, :3] @ [(n - 1) / 2 + 0.13 for n in shape[::-1]]
    return shape, out


def blob(shape, seed=0):
    """A mask that touches two borders, with a hole."""
    mask = np.random.default_rng(seed).random(shape) > 0.4
    mask[0, :3] = mask[:3, -1] = True
    mask[-1], mask[:, 0] = False, False
    mask[0, 0] = True
    return mask


def referenceVolume(segmentation):
    return segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole())
