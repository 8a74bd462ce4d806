"""Which slices of the selected segment have prompts, which were found from them, and how sure the model was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfIndex
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, tagText
from SAMAdaptModuleLib.scene.SegmentSlices import TAG, SliceNote, readSlices, writeSlices
from SAMAdaptModuleLib.scene.SegmentWriter import Editor

from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import PlaneStack

# Expected IoU below which a slice is worth a look.
UNSURE = 0.8
# How far a plane may lie from the middle of a slice that it is said to be, in slice steps.
NEAR = 0.25
# Less than any two slices are apart.
SAME_MM = 0.01
PARALLEL = 1 - 1e-4


@dataclass(frozen=True)
class NotedSlice:
    """A slice of the volume.

    Attributes:
        index: voxel index along the axis.
        iou: that the model expected there; None where it is not known, or where nothing was kept.
        prompted: whether it has prompts.
        doubtful: whether nothing was kept there, or the model was not sure.
    """

    index: int
    iou: float | None
    prompted: bool
    doubtful: bool


class SliceNotes:
    """Kept with the segment, so that undo, and saving and loading, hold for them.

    Args:
        editor: of the selected segment.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._known: tuple[Any, list[SliceNote]] = (None, [])

    def take(self, found: Sequence[tuple[ViewPlane, float | None]]) -> None:
        """Note the model's expected IoU on planes, in place of what was known of them."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if not found or node is None or not segment:
            return
        new = [SliceNote(*plane.pose(), None if iou is None else round(iou, 4)) for plane, iou in found]
        writeSlices(node, segment, [*_beside(self._read(node, segment), new), *new])

    def along(self, volumeNode: Any, axis: str, prompted: Sequence[PromptSet]) -> list[NotedSlice]:
        """The slices along an axis of a volume, by rising index.

        Args:
            volumeNode: the volume.
            axis: of the slices.
            prompted: the prompts that count, accepted or not.
        """
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if node is None or not segment:
            return []
        notes = self._read(node, segment)
        places = [(note.origin, note.normal) for note in notes]
        marked = _indices(volumeNode, axis, [(prompts.origin, prompts.normal) for prompts in prompted])
        known = {
            index: note.iou
            for index, note in zip(_indices(volumeNode, axis, places), notes, strict=True)
            if index is not None
        }
        missed = {index for index, iou in known.items() if iou is None}
        indices = {index for index in marked if index is not None}
        return [
            NotedSlice(
                index,
                iou := known.get(index),
                index in indices,
                index not in indices and (index in missed or (iou is not None and iou < UNSURE)),
            )
            for index in sorted({*known, *indices})
        ]

    def _read(self, node: Any, segment: str) -> list[SliceNote]:
        """What is kept with a segment; it is asked for at each change of anything, and seldom another."""
        parent = node.GetParentTransformNode()
        moved = None if parent is None else (parent.GetID(), parent.GetTransformToWorldMTime())
        key = (node.GetID(), segment, tagText(node, segment, TAG), moved)
        if key != self._known[0]:
            self._known = key, readSlices(node, segment)
        return self._known[1]


def stopsOf(slices: Sequence[NotedSlice]) -> list[int]:
    """The indices worth going to: of slices with prompts or doubt, and of the one that the model trusted least."""
    others = [one for one in slices if not one.prompted and one.iou is not None]
    least = min(others, key=lambda one: one.iou or 0.0, default=None)
    return [one.index for one in slices if one.prompted or one.doubtful or one is least]


def _beside(notes: list[SliceNote], others: list[SliceNote]) -> list[SliceNote]:
    """The notes on planes that are none of the others'."""
    if not notes:
        return []
    normals = np.array([other.normal for other in others])
    away = np.array([note.origin for note in notes])[:, None] - np.array([other.origin for other in others])
    along = np.abs(np.array([note.normal for note in notes]) @ normals.T)
    same = (np.abs((away * normals).sum(axis=2)) < SAME_MM) & (along > PARALLEL)
    return [note for note, taken in zip(notes, same.any(axis=1), strict=True) if not taken]


def _indices(volumeNode: Any, axis: str, places: Sequence[tuple[Any, Any]]) -> list[int | None]:
    """The slices that planes (origin, normal) in the world are; None for one that is no slice along this axis."""
    if not places:
        return []
    stack = PlaneStack(volumeGeometry(volumeNode), axis)
    normal = np.array(planeOfIndex(volumeNode, axis, 0).pose()[1])
    toVolume = PointMap.between(None, volumeNode.GetParentTransformNode())
    depths = stack.ras_to_pixel(toVolume(np.array([origin for origin, _normal in places], dtype=np.float64)))[:, 2]
    found: list[int | None] = []
    for depth, (_origin, direction) in zip(depths, places, strict=True):
        index = int(nearest_index(depth))
        same = abs(depth - index) < NEAR and abs(float(normal @ np.array(direction))) > PARALLEL
        found.append(index if same and 0 <= index < stack.count else None)
    return found
