"""The plane that a slice view shows of a volume."""

from __future__ import annotations

import numpy as np
import slicer
from numpy.typing import ArrayLike
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import nearest_index, transform_points
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.ObliquePlane import ObliquePlane
from SAMAdaptModuleLib.scene.Plane import ViewPlane, VoxelPlane
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, volumeGeometry

__all__ = ["ObliquePlane", "ViewPlane", "VoxelPlane", "planeOfIndex", "planeOfView", "showPlane", "viewsAlong"]

# How far a view may leave one voxel slice from edge to edge of the volume and still show that slice, in slice steps.
DRIFT_TOLERANCE = 0.1


def planeOfView(
    sliceNode: slicer.vtkMRMLSliceNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, worldPoint: ArrayLike | None = None
) -> ViewPlane:
    """The plane of a volume that a slice view shows.

    A view parallel to the voxels shows their slices: then it is the slice whose centre is nearest. Any other view, and
    any view of a volume below a non-linear transform, is resliced.

    Args:
        sliceNode: ``vtkMRMLSliceNode`` of the view.
        volumeNode: the volume.
        worldPoint: a world point that the plane goes through, for views that show several slices at once; the view's
            own slice where None.

    Raises:
        InputError: unusable volume, or a view that shows nothing of it.
    """
    checkVolume(volumeNode)
    view = slicer.util.arrayFromVTKMatrix(sliceNode.GetSliceToRAS())
    point = view[:3, 3] if worldPoint is None else np.asarray(worldPoint, dtype=np.float64)
    found = _voxelSlice(volumeNode, np.cross(view[:3, 0], view[:3, 1]), point)
    return ObliquePlane(volumeNode, view[:3, 0], view[:3, 1], point) if found is None else VoxelPlane(*found)


def planeOfIndex(volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str, index: int) -> VoxelPlane:
    """A voxel slice of a volume.

    Raises:
        InputError: unusable volume, another axis than "axial", "coronal", "sagittal", an index outside the volume.
    """
    checkVolume(volumeNode)
    return VoxelPlane(volumeNode, axis, index)


def viewsAlong(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str
) -> list[tuple[slicer.vtkMRMLSliceNode, VoxelPlane]]:
    """The slice views that show slices of a volume along an axis, each with the slice.

    Raises:
        InputError: see :func:`planeOfView`.
    """
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    shown = [(node, planeOfView(node, volumeNode)) for node in nodes]
    return [(node, plane) for node, plane in shown if isinstance(plane, VoxelPlane) and plane.axis == axis]


def showPlane(volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str, index: int) -> None:
    """Move the slice views along an axis to a slice of a volume. Where none is along it, the one that is nearest to it
    by name is turned.

    Raises:
        InputError: see :func:`planeOfIndex`.
    """
    plane = planeOfIndex(volumeNode, axis, index)
    height, width = plane.shape
    centre = plane.pixelToWorld([[(width - 1) / 2, (height - 1) / 2]])[0]
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    # Moved there first: a view of another place may show nothing of the volume.
    for node in nodes:
        node.JumpSlice(*centre)
    if viewsAlong(volumeNode, axis) or not nodes:
        return
    named = [node for node in nodes if node.GetOrientation() == axis.capitalize()]
    node = (named or nodes)[0]
    if not named:
        node.SetOrientation(axis.capitalize())
    node.RotateToVolumePlane(volumeNode)
    node.JumpSlice(*centre)


def _voxelSlice(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, normal: np.ndarray, point: np.ndarray
) -> tuple[slicer.vtkMRMLScalarVolumeNode, str, int] | None:
    """(volumeNode, axis, index) of the voxel slice that a plane in the world is; None where it is none."""
    geometry = volumeGeometry(volumeNode)
    toVoxel = PointMap.between(None, volumeNode.GetParentTransformNode()).followed(geometry.ras_to_ijk).matrix
    if toVoxel is None:
        return None
    toWorld = np.linalg.inv(toVoxel)
    normal = normal / np.linalg.norm(normal)
    steps = np.abs(normal @ toWorld[:3, :3])
    across = int((steps / np.linalg.norm(toWorld[:3, :3], axis=0)).argmax())
    drift = steps * (np.array(geometry.size) - 1)
    if drift.sum() - drift[across] > DRIFT_TOLERANCE * steps[across]:
        return None
    middle = transform_points(toWorld, (np.array(geometry.size) - 1) / 2)[0]
    nearest = middle + ((point - middle) @ normal) * normal
    index = int(nearest_index(transform_points(toVoxel, nearest))[0, across])
    if not 0 <= index < geometry.size[across]:
        raise InputError(
            _("The slice view shows nothing of the volume"), volumeNode.GetName(), _("Move the slice into the volume")
        )
    for axis in AXES:
        if int(np.abs(PlaneStack(geometry, axis).pixel_to_ijk[:3, 2]).argmax()) == across:
            return volumeNode, axis, index
    return None
