"""Slices of a segment that a user has accepted: kept with the segment as its prompts are, and never written to."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import Position
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry
from SAMAdaptModuleLib.scene.SegmentGrid import imageLabelmap, orientedImage
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, moved, setTagText, tagText
from SAMAdaptModuleLib.scene.SegmentSlices import indicesAlong

TAG = "SAMAdapt.Accepted"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class AcceptedSlice:
    """One slice, in the segmentation's own RAS, below its transforms.

    Attributes:
        origin: a point of its plane, mm.
        normal: the plane's unit normal.
        step: to the next slice along the normal, mm.
    """

    origin: Position
    normal: Position
    step: float


def readAccepted(segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str) -> list[AcceptedSlice]:
    """What is kept with a segment; [] where there is nothing. A tag that cannot be understood is left alone and counts
    as none."""
    text = tagText(segmentationNode, segmentID, TAG)
    if not text:
        return []
    try:
        stored = json.loads(text)
        if stored["version"] != FORMAT_VERSION:
            raise ValueError(f"version {stored['version']}")
        found = [AcceptedSlice(_position(a), _position(b), float(step)) for a, b, step in stored["slices"]]
        if not all(one.step > 0 for one in found):
            raise ValueError("a slice without thickness")
        return found
    except (ValueError, KeyError, TypeError) as error:
        logging.warning("The accepted slices of segment %s cannot be read (%s)", segmentID, error)
        return []


def acceptedAlong(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    axis: str,
) -> set[int]:
    """The accepted slices along an axis of a volume, by voxel index."""
    kept = readAccepted(segmentationNode, segmentID)
    return {index for index in _indices(segmentationNode, kept, volumeNode, axis) if index is not None}


def acceptSlices(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    axis: str,
    indices: Collection[int],
    accepted: bool = True,
) -> None:
    """Accept slices of a segment, or release them again.

    Args:
        segmentationNode: with the segment.
        segmentID: of the segment.
        volumeNode: whose slices they are.
        axis: "axial", "coronal" or "sagittal".
        indices: voxel indices along the axis.
        accepted: whether to accept or to release.

    Raises:
        InputError: no such segment, axis or slice; a transform that bends slices lies between volume and segmentation.
    """
    if segmentationNode.GetSegmentation().GetSegment(segmentID) is None:
        raise InputError(_("No such segment"), segmentID, _("Choose a segment of the segmentation"))
    new = [_placed(segmentationNode, volumeNode, axis, index) for index in sorted({*indices})]
    kept = readAccepted(segmentationNode, segmentID)
    places = _indices(segmentationNode, kept, volumeNode, axis)
    others = [one for one, index in zip(kept, places, strict=True) if index not in indices]
    slices = [(one.origin, one.normal, one.step) for one in [*others, *(new if accepted else [])]]
    stored = {"version": FORMAT_VERSION, "slices": slices}
    setTagText(segmentationNode, segmentID, TAG, json.dumps(stored, separators=(",", ":")) if slices else "")


def spared(
    labelmap: slicer.vtkOrientedImageData | None, segmentationNode: slicer.vtkMRMLSegmentationNode, segmentID: str
) -> slicer.vtkOrientedImageData | None:
    """A labelmap without the voxels of a segment's accepted slices; None where nothing is left of it."""
    kept = readAccepted(segmentationNode, segmentID)
    found = imageLabelmap(labelmap) if labelmap is not None and kept else None
    if found is None:
        return labelmap
    array, grid = found.array > 0, found.grid
    for one in kept:
        normal = np.array(one.normal)
        weights = normal @ grid.matrix[:3, :3]
        depth = np.full((1, 1, 1), normal @ (grid.matrix[:3, 3] - np.array(one.origin)))
        for axis, weight in enumerate(weights):
            steps = weight * np.arange(grid.low[axis], grid.high[axis] + 1)
            # Along most grids a slice is one of voxels, and this is a row of numbers.
            if np.abs(steps - steps[0]).max() > 1e-3 * one.step:
                depth = depth + steps.reshape([-1 if axis == 2 - side else 1 for side in range(3)])
            else:
                depth = depth + steps[0]
        # Where voxels are thicker than the slice, those that it lies in.
        array = array & (nearest_index(depth / max(one.step, float(np.abs(weights).max()))) != 0)
    return orientedImage(array, grid.low, grid.matrix) if array.any() else None


def _placed(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    axis: str,
    index: int,
) -> AcceptedSlice:
    height, width = planeOfIndex(volumeNode, axis, index).shape
    move = PointMap.between(volumeNode.GetParentTransformNode(), segmentationNode.GetParentTransformNode())
    if move.matrix is None:
        raise InputError(
            _("A transform that bends slices lies between volume and segmentation"),
            volumeNode.GetName(),
            _("Harden it first, or put both under the same transform"),
        )
    middle = np.array([(width - 1) / 2, (height - 1) / 2, index])
    corners = PlaneStack(volumeGeometry(volumeNode), axis).pixel_to_ras(middle + np.vstack([np.zeros(3), np.eye(3)]))
    origin, *ends = move(corners)
    along, down, through = (end - origin for end in ends)
    normal = np.cross(along, down) / np.linalg.norm(np.cross(along, down))
    # Seen from the voxels as a stack of slices is.
    normal = normal * np.sign(through @ normal)
    return AcceptedSlice(_position(origin.round(6)), _position(normal), float(through @ normal))


def _indices(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    kept: list[AcceptedSlice],
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    axis: str,
) -> list[int | None]:
    move = PointMap.between(segmentationNode.GetParentTransformNode(), None)
    places = [moved(PromptSet(one.origin, one.normal), move) for one in kept]
    return indicesAlong(volumeNode, axis, [(place.origin, place.normal) for place in places])


def _position(values: object) -> Position:
    r, a, s = np.asarray(values, dtype=np.float64).tolist()
    return r, a, s
