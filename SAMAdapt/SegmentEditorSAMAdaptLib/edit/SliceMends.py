"""Which slices of the selected segment were mended, and by what."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from SAMAdaptModuleLib.console.SliceSegmentation import sliceUnder
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SegmentPrompts import MENDS, PromptSet, keepMends, readPrompts, setTagText, tagText
from SAMAdaptModuleLib.scene.SegmentSlices import TAG
from SAMAdaptModuleLib.scene.SegmentWriter import Editor

from SegmentEditorSAMAdaptLib.edit.KeptList import KeptList


class SliceMends:
    """Kept with the segment, so that undo, and saving and loading, hold for them.

    Args:
        editor: of the selected segment.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._kept = KeptList(editor, MENDS, partial(readPrompts, tag=MENDS))

    @property
    def sets(self) -> list[PromptSet]:
        """All gestures, by plane."""
        return self._kept.all()

    def onPlane(self, plane: ViewPlane) -> list[PromptSet]:
        """Those on a plane."""
        return [one for one in self.sets if one.liesOn(plane)]

    def along(self, volumeNode: Any, axis: str) -> dict[int, PromptSet]:
        """Those on slices along an axis of a volume, by voxel index."""
        found = {sliceUnder(one, volumeNode, axis): one for one in self.sets}
        return {index: one for index, one in found.items() if index is not None}

    def keep(self, new: Sequence[tuple[ViewPlane, PromptSet]]) -> None:
        """Take in what has mended the segment now."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if node is not None and segment:
            keepMends(node, segment, new)

    def state(self) -> tuple[str, ...]:
        """What is kept of gestures and of how sure the model was, to come back to it."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID or ""
        return () if node is None else tuple(tagText(node, segment, tag) for tag in (MENDS, TAG))

    def restore(self, state: tuple[str, ...]) -> None:
        """Come back to what :meth:`state` has told."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID or ""
        for tag, text in zip((MENDS, TAG), state, strict=False):
            setTagText(node, segment, tag, text)
