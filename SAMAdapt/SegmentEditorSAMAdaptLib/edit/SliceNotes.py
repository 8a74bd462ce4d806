"""Which slices of the selected segment have prompts, which were found from them, and how sure the model was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet
from SAMAdaptModuleLib.scene.SegmentSlices import PARALLEL, TAG, SliceNote, indicesAlong, readSlices, writeSlices
from SAMAdaptModuleLib.scene.SegmentWriter import Editor

from SegmentEditorSAMAdaptLib.edit.KeptList import KeptList

# Expected IoU below which a slice is worth a look.
UNSURE = 0.8
# Less than any two slices are apart.
SAME_MM = 0.01


@dataclass(frozen=True)
class NotedSlice:
    """A slice of the volume.

    Attributes:
        index: voxel index along the axis.
        iou: that the model expected there; None where it is not known, or where nothing was kept.
        prompted: whether it has prompts.
        doubtful: whether nothing was kept there, or the model was not sure; an accepted one never is.
        accepted: whether it is accepted as it is.
    """

    index: int
    iou: float | None
    prompted: bool
    doubtful: bool
    accepted: bool = False


class SliceNotes:
    """Kept with the segment, so that undo, and saving and loading, hold for them.

    Args:
        editor: of the selected segment.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._kept = KeptList(editor, TAG, readSlices)

    @property
    def count(self) -> int:
        """How many planes are noted."""
        return len(self._kept.all())

    def take(self, found: Sequence[tuple[ViewPlane, float | None]], gone: Sequence[ViewPlane] = ()) -> None:
        """Note the model's expected IoU on planes, in place of what was known of them and of those ``gone``."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if not (found or gone) or node is None or not segment:
            return
        new = [SliceNote(*plane.pose(), None if iou is None else round(iou, 4)) for plane, iou in found]
        old = [SliceNote(*plane.pose(), None) for plane in gone]
        writeSlices(node, segment, [*_beside(self._kept.all(), [*new, *old]), *new])

    def along(
        self, volumeNode: Any, axis: str, prompted: Sequence[PromptSet], accepted: Collection[int] = ()
    ) -> list[NotedSlice]:
        """The slices along an axis of a volume, by rising index.

        Args:
            volumeNode: the volume.
            axis: of the slices.
            prompted: the prompts that count, accepted or not.
            accepted: slices that are accepted as they are.
        """
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if node is None or not segment:
            return []
        notes = self._kept.all()
        places = [(note.origin, note.normal) for note in notes]
        marked = indicesAlong(volumeNode, axis, [(prompts.origin, prompts.normal) for prompts in prompted])
        known = {
            index: note.iou
            for index, note in zip(indicesAlong(volumeNode, axis, places), notes, strict=True)
            if index is not None
        }
        missed = {index for index, iou in known.items() if iou is None}
        indices = {index for index in marked if index is not None}
        sure = {*indices, *accepted}
        return [
            NotedSlice(
                index,
                iou := known.get(index),
                index in indices,
                index not in sure and (index in missed or (iou is not None and iou < UNSURE)),
                index in accepted,
            )
            for index in sorted({*known, *sure})
        ]


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
