"""The voxel grids of a segmentation: where it is written to, and where its segments are read from.

A grid's matrix leads from its voxel indices to the segmentation's own RAS, without parent transforms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.masks import bounds


@dataclass(frozen=True, eq=False)
class SegmentGrid:
    """A lattice of voxels.

    Attributes:
        matrix: float64 [4, 4], voxel index to the segmentation's own RAS mm.
        low: lowest voxel index (I, J, K), int64 [3]; may be other than 0.
        high: highest voxel index, inclusive.
    """

    matrix: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Labelmap:
    """What a segment consists of.

    Attributes:
        grid: where the voxels lie.
        array: [K, J, I], a view on the voxels; other segments may share it.
        value: the segment's value in ``array``; None where every voxel above 0 belongs to it.
    """

    grid: SegmentGrid
    array: np.ndarray
    value: int | None = None

    def inside(self, block: np.ndarray) -> np.ndarray:
        """Which of some values of ``array`` belong to the segment, bool of the same shape."""
        return block > 0 if self.value is None else block == self.value

    def cropped(self) -> Labelmap | None:
        """The same segment as bool voxels within its bounding box, None where it is empty."""
        mask = self.inside(self.array)
        box = bounds(mask)
        if box is None:
            return None
        low = self.grid.low + [side.start for side in box[::-1]]
        high = self.grid.low + [side.stop - 1 for side in box[::-1]]
        return Labelmap(SegmentGrid(self.grid.matrix, low, high), mask[box])


def referenceGrid(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode
) -> SegmentGrid:
    """The grid on which the segment editor writes; a segmentation without one takes that of the volume, as there."""
    logic = slicer.vtkSlicerSegmentEditorLogic
    text = logic.GetReferenceImageGeometryStringFromSegmentation(segmentationNode.GetSegmentation())
    if not text:
        segmentationNode.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
        text = logic.GetReferenceImageGeometryStringFromSegmentation(segmentationNode.GetSegmentation())
    image = slicer.vtkOrientedImageData()
    slicer.vtkSegmentationConverter.DeserializeImageGeometry(text, image, False)
    return gridOf(image)


def gridOf(image: slicer.vtkOrientedImageData) -> SegmentGrid:
    """The grid of a ``vtkOrientedImageData``."""
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    extent = np.array(image.GetExtent(), dtype=np.int64)
    return SegmentGrid(slicer.util.arrayFromVTKMatrix(matrix), extent[::2], extent[1::2])


def imageLabelmap(image: slicer.vtkOrientedImageData) -> Labelmap | None:
    """A ``vtkOrientedImageData`` whose voxels above 0 are meant; None where it has no voxels."""
    scalars = image.GetPointData().GetScalars()
    if scalars is None or not scalars.GetNumberOfTuples():
        return None
    shape = image.GetDimensions()[::-1]
    return Labelmap(gridOf(image), vtk_to_numpy(scalars).reshape(shape))


def segmentLabelmap(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str) -> Labelmap | None:
    """The voxels of a segment; None while it has none.

    A segment that is only a surface is converted in a copy, so that reading leaves the scene as it is.

    Raises:
        InputError: no such segment.
    """
    segmentation = segmentationNode.GetSegmentation()
    segment = segmentation.GetSegment(segmentID) if segmentID else None
    if segment is None:
        raise InputError(_("No such segment"), segmentID or segmentationNode.GetName(), _("Choose one of its segments"))
    name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    image = segment.GetRepresentation(name)
    if image is None:
        copy = slicer.vtkSegmentation()
        copy.SetSourceRepresentationName(segmentation.GetSourceRepresentationName())
        copy.CopyConversionParameters(segmentation)
        copy.CopySegmentFromSegmentation(segmentation, segmentID)
        if not copy.CreateRepresentation(name):
            return None
        segment = copy.GetSegment(segmentID)
        image = segment.GetRepresentation(name)
    found = imageLabelmap(image)
    return None if found is None else Labelmap(found.grid, found.array, segment.GetLabelValue())


def orientedImage(array: np.ndarray, low: np.ndarray, matrix: np.ndarray) -> slicer.vtkOrientedImageData:
    """Voxels as a ``vtkOrientedImageData`` (uint8) of exactly their extent.

    Args:
        array: uint8 or bool [K, J, I].
        low: index (I, J, K) of its first voxel in the lattice of ``matrix``.
        matrix: 4x4, voxel index to RAS mm.
    """
    image = slicer.vtkOrientedImageData()
    # The extent carries the shift: the editor keeps the lattice's origin when it merges images.
    ends = np.stack([low, low + np.array(array.shape[::-1]) - 1], axis=1)
    image.SetExtent(*ends.ravel().tolist())
    image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(matrix))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    vtk_to_numpy(image.GetPointData().GetScalars()).reshape(array.shape)[:] = array
    return image
