"""A plane that is no voxel slice: tilted, or through a volume under a transform that bends it."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.protocol import Picture
from SAMAdaptLib.volume.geometry import Geometry, transform_points
from SAMAdaptModuleLib.scene.Channels import furtherVolumes
from SAMAdaptModuleLib.scene.Frames import PointMap, transformKey
from SAMAdaptModuleLib.scene.Plane import ViewPlane
from SAMAdaptModuleLib.scene.SceneVolume import COLOURS, volumeGeometry, volumeKey

# Points along each edge of the volume where a transform may bend it.
BENT_SAMPLES = 17


class ObliquePlane(ViewPlane):
    """A flat plane in the world, resliced at the volume's voxel size along its own rows and columns.

    Its picture covers the cut through the volume, not the view's window, and its pixels lie on a lattice that the
    plane's pose alone decides: panning and zooming leave it as it is.

    Args:
        volumeNode: the volume.
        right: world direction in which a row of pixels runs, of any length.
        up: world direction against which a column of pixels runs, at a right angle to ``right``.
        point: any world point of the plane.

    Raises:
        InputError: the plane misses the volume.
    """

    _whole = True

    def __init__(
        self, volumeNode: slicer.vtkMRMLScalarVolumeNode, right: np.ndarray, up: np.ndarray, point: np.ndarray
    ) -> None:
        geometry = volumeGeometry(volumeNode)
        parent = volumeNode.GetParentTransformNode()
        toVoxel = _toVoxel(volumeNode)
        fromVoxel = PointMap.between(parent, None).preceded(geometry.ijk_to_ras)
        right, down = np.asarray(right, float) / np.linalg.norm(right), -np.asarray(up, float) / np.linalg.norm(up)
        normal = np.cross(right, down)
        centre = fromVoxel((np.array(geometry.size) - 1) / 2)[0]
        # Rounded, so that the same pose reached another way gives the same pixels.
        offset = float(np.round(normal @ (np.asarray(point, float) - centre), 4))
        # The length in the world over which a line passes one voxel.
        spacing = 1 / np.linalg.norm(toVoxel.jacobian(centre)[0] @ np.stack([right, down, normal]).T, axis=0)
        toWorld = np.eye(4)
        toWorld[:3, 0], toWorld[:3, 1], toWorld[:3, 2] = right * spacing[0], down * spacing[1], normal
        toWorld[:3, 3] = centre + offset * normal
        cut = transform_points(
            np.asarray(np.linalg.inv(toWorld), np.float64), fromVoxel(_edges(geometry, fromVoxel.matrix is None))
        )
        corners = _crossings(cut)
        if not len(corners):
            raise InputError(
                _("The slice view shows nothing of the volume"),
                volumeNode.GetName(),
                _("Move the slice into the volume"),
            )
        low = np.ceil(corners.min(axis=0) - 1e-6)
        high = np.maximum(np.floor(corners.max(axis=0) + 1e-6), low)
        toWorld[:3, 3] += toWorld[:3, :2] @ low
        width, height = (int(n) for n in high - low + 1)
        pose = (*np.round(right, 6), *np.round(down, 6), offset)
        key = ("oblique", volumeKey(volumeNode), pose, transformKey(parent))
        super().__init__(volumeNode, (height, width), (float(spacing[1]), float(spacing[0])), key)
        self._setFrame(None, np.linalg.inv(toWorld), 0, float(spacing[2]))
        self._toWorld = toWorld
        self._picture: Picture | None = None

    def message(self) -> Picture:
        """The resliced plane, float32 in the volume's unit, with a channel for each volume that is seen together with
        it; what lies outside a volume has its lowest value."""
        if self._picture is None:
            nodes = (self.volumeNode, *furtherVolumes(self.volumeNode))
            values = [self._resliced(node) for node in nodes]
            self._picture = Picture(values[0] if len(values) == 1 else np.stack(values, -1), self.pixelSpacing)
        return self._picture

    def _resliced(self, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
        # vtkImageReslice, as it takes any transform, reads the voxels where they are and uses all cores.
        image = volumeNode.GetImageData()
        height, width = self.shape
        reslice = vtk.vtkImageReslice()
        reslice.SetInputData(image)
        reslice.SetResliceTransform(_toVoxel(volumeNode).preceded(self._toWorld).toVtk())
        reslice.SetOutputSpacing(1, 1, 1)
        reslice.SetOutputOrigin(0, 0, 0)
        reslice.SetOutputExtent(0, width - 1, 0, height - 1, 0, 0)
        reslice.SetOutputScalarType(vtk.VTK_FLOAT)
        reslice.SetInterpolationModeToLinear()
        reslice.SetBackgroundLevel(image.GetScalarRange()[0])
        reslice.Update()
        values = vtk_to_numpy(reslice.GetOutput().GetPointData().GetScalars())
        if values.ndim > 1:
            return values[:, : COLOURS[0]].reshape(height, width, -1).copy()
        return values.reshape(height, width).copy()


def _toVoxel(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> PointMap:
    """From the world to a volume's voxels."""
    toLocal = PointMap.between(None, volumeNode.GetParentTransformNode())
    return toLocal.followed(volumeGeometry(volumeNode).ras_to_ijk)


def _edges(geometry: Geometry, bent: bool) -> np.ndarray:
    """Voxel indices [n^3, 3] of a lattice over the whole volume, to the outer faces of its voxels."""
    sides = [np.linspace(-0.5, size - 0.5, BENT_SAMPLES if bent else 2) for size in geometry.size]
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 3)


def _crossings(points: np.ndarray) -> np.ndarray:
    """Where the edges of a lattice of plane coordinates [n^3, 3] cross z = 0: (x, y) [M, 2]."""
    count = round(len(points) ** (1 / 3))
    lattice = points.reshape(count, count, count, 3)
    found = []
    for axis in range(3):
        turned = np.moveaxis(lattice, axis, 0)
        start, end = turned[:-1].reshape(-1, 3), turned[1:].reshape(-1, 3)
        crossing = (start[:, 2] <= 0) != (end[:, 2] <= 0)
        start, end = start[crossing], end[crossing]
        part = start[:, 2] / (start[:, 2] - end[:, 2])
        found.append(start[:, :2] + part[:, None] * (end - start)[:, :2])
    return np.concatenate(found)
