"""Planes through a volume: the way from their pixels to the scene, and to segments and back; and slices of voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
from numpy.typing import ArrayLike
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.app.Titles import titleOf
from SAMAdaptModuleLib.scene.Frames import PointMap, transformKey
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry, volumeKey
from SAMAdaptModuleLib.scene.SegmentGrid import (
    Labelmap,
    SegmentGrid,
    orientedImage,
    referenceGrid,
    segmentLabelmap,
)
from SAMAdaptModuleLib.scene.VoxelTransfer import gather, scatter

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Plane


# Cosine of the angle between the normals of two planes that still count as one.
PARALLEL = 0.9999


class ViewPlane:
    """A plane of pixels through a volume.

    Pixels are (x, y) = (column, row), centres at whole numbers; "world" is the scene's RAS in mm, below no transform.
    A plane stands for the scene as it was when it was made: make another one when the view, the volume or its
    transforms have changed. ``key`` tells whether they have.

    Attributes:
        volumeNode: the volume.
        shape: (H, W).
        pixelSpacing: size of a pixel in mm (along a column, along a row).
        key: hashable; equal for the same plane through the same voxels at the same place.
        axis: "axial", "coronal" or "sagittal" for a voxel slice, else None.
        index: of a voxel slice along its axis, else None.
    """

    axis: str | None = None
    index: int | None = None
    # Whether a mask takes every voxel that the plane cuts, instead of those whose nearest plane this is.
    _whole = False

    def __init__(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        shape: tuple[int, int],
        pixelSpacing: tuple[float, float],
        key: tuple[Any, ...],
    ) -> None:
        self.volumeNode = volumeNode
        self.shape = shape
        self.pixelSpacing = pixelSpacing
        self.key = key

    def _setFrame(
        self, parent: slicer.vtkMRMLTransformNode | None, localToPlane: np.ndarray, z: int, step: float
    ) -> None:
        """Place the pixels.

        Args:
            parent: transform node whose frame ``localToPlane`` starts from; None is the world.
            localToPlane: 4x4, RAS mm in that frame to (x, y, z) with z along the stack of planes.
            z: where this plane lies along that stack.
            step: mm to the next plane that shows other voxels.
        """
        self._parent, self._z, self._step = parent, z, step
        self._localToPlane, self._planeToLocal = localToPlane, np.linalg.inv(localToPlane)
        self._worldToPlane = PointMap.between(None, parent).followed(localToPlane)
        self._planeToWorld = PointMap.between(parent, None).preceded(self._planeToLocal)
        # Asked for by every set of prompts whenever a view is drawn.
        self._pose: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None

    def message(self) -> Plane:
        """The plane for the worker.

        Raises:
            InputError: the plane shows nothing of the volume.
        """
        raise NotImplementedError

    def worldToPixel(self, points: ArrayLike) -> np.ndarray:
        """World points [N, 3] to pixels [N, 2], continuous; points off the plane along the stack's direction."""
        return self._worldToPlane(np.asarray(points, dtype=np.float64))[:, :2]

    def pixelToWorld(self, pixels: ArrayLike) -> np.ndarray:
        """Pixels [N, 2] to world points [N, 3]."""
        pixels = np.atleast_2d(np.asarray(pixels, dtype=np.float64))
        return self._planeToWorld(np.column_stack([pixels, np.full(len(pixels), float(self._z))]))

    def containsPixel(self, pixels: np.ndarray) -> np.ndarray:
        """bool [N]: does each of pixels [N, 2] lie in the plane's picture?"""
        index = nearest_index(np.atleast_2d(pixels))
        return np.asarray(((index >= 0) & (index < self.shape[::-1])).all(axis=1))

    def distance(self, worldPoint: ArrayLike) -> float:
        """Distance of a world point from the plane in mm; from its tangent where a transform bends it."""
        point = np.asarray(worldPoint, dtype=np.float64).reshape(1, 3)
        slope = np.linalg.norm(self._worldToPlane.jacobian(point)[0, 2])
        return float(abs(self._worldToPlane(point)[0, 2] - self._z) / slope)

    def coincides(self, point: ArrayLike, normal: ArrayLike) -> bool:
        """Whether a plane in the world, by a point and its unit normal, shows the same voxels as this one."""
        parallel = abs(float(np.dot(self.pose()[1], normal))) > PARALLEL
        return parallel and self.distance(point) < self._step / 2

    def pose(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """World position of the middle pixel and the unit normal there."""
        if self._pose is None:
            middle = [[(self.shape[1] - 1) / 2, (self.shape[0] - 1) / 2]]
            origin = self.pixelToWorld(middle)
            normal = self._worldToPlane.jacobian(origin)[0, 2]
            self._pose = tuple(origin[0].tolist()), tuple((normal / np.linalg.norm(normal)).tolist())
        return self._pose

    def toSegmentation(
        self, mask: np.ndarray, segmentationNode: slicer.vtkMRMLSegmentationNode
    ) -> slicer.vtkOrientedImageData | None:
        """A mask bool [H, W] as voxels of the segmentation's reference grid.

        A voxel slice becomes exactly the same voxels where the segmentation has the volume's grid. On another grid a
        voxel takes the value of the pixel nearest to its centre, within half a slice step (or half a voxel, where
        voxels are thicker than that). From an oblique plane, every voxel that the plane cuts takes part.

        Returns:
            ``vtkOrientedImageData``, uint8, of the covered extent only; None where no voxel is covered.
        """
        grid = referenceGrid(segmentationNode, self.volumeNode)
        toPlane, fromPlane = self._maps(segmentationNode, grid)
        found = scatter([self._z], np.asarray(mask, bool)[None], toPlane, fromPlane, grid, self._whole)
        return None if found is None else orientedImage(*found, grid.matrix)

    def fromSegmentation(self, segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str) -> np.ndarray:
        """Where the segment lies on this plane, bool [H, W].

        Raises:
            InputError: no such segment.
        """
        return self._read(segmentLabelmap(segmentationNode, segmentID), segmentationNode)

    def _read(self, labelmap: Labelmap | None, segmentationNode: slicer.vtkMRMLSegmentationNode) -> np.ndarray:
        if labelmap is None:
            return np.zeros(self.shape, bool)
        toPlane, fromPlane = self._maps(segmentationNode, labelmap.grid)
        low, high = (0, 0, self._z), (self.shape[1] - 1, self.shape[0] - 1, self._z)
        return gather(labelmap, fromPlane, toPlane, low, high)[0]

    def _maps(self, segmentationNode: slicer.vtkMRMLSegmentationNode, grid: SegmentGrid) -> tuple[PointMap, PointMap]:
        """From the grid's voxel indices to (x, y, z), and back."""
        parent = segmentationNode.GetParentTransformNode()
        toPlane = PointMap.between(parent, self._parent).preceded(grid.matrix).followed(self._localToPlane)
        fromPlane = PointMap.between(self._parent, parent).preceded(self._planeToLocal)
        return toPlane, fromPlane.followed(np.linalg.inv(grid.matrix))


class VoxelPlane(ViewPlane):
    """A voxel slice of the volume, held as :class:`SAMAdaptLib.volume.planes.PlaneStack` shows it.

    Args:
        volumeNode: the volume.
        axis: "axial", "coronal" or "sagittal".
        index: voxel index along the slice axis.

    Raises:
        InputError: another axis, or an index outside the volume.
    """

    axis: str
    index: int

    def __init__(self, volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str, index: int) -> None:
        stack = PlaneStack(volumeGeometry(volumeNode), axis)
        if not 0 <= index < stack.count:
            raise InputError(
                _("There is no {axis} slice {index}").format(axis=titleOf(axis), index=index),
                volumeNode.GetName(),
                _("Choose one of 0 to {last}").format(last=stack.count - 1),
            )
        parent = volumeNode.GetParentTransformNode()
        key = ("voxels", volumeKey(volumeNode), axis, int(index), transformKey(parent))
        super().__init__(volumeNode, stack.shape, stack.pixel_spacing, key)
        self.axis, self.index = axis, int(index)
        self._setFrame(parent, planeMatrix(stack), self.index, stack.step)

    def message(self) -> SlicePlane:
        """The slice by its index: the worker holds the volume itself."""
        return SlicePlane(self.index, self.axis)


def planeMatrix(stack: PlaneStack) -> np.ndarray:
    """4x4 from the volume's own RAS mm to (x, y, index)."""
    return stack.ijk_to_pixel @ stack.geometry.ras_to_ijk
