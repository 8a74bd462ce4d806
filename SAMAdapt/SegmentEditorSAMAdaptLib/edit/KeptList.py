"""What a tag of the selected segment lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from SAMAdaptModuleLib.scene.Frames import transformKey
from SAMAdaptModuleLib.scene.SegmentPrompts import tagText
from SAMAdaptModuleLib.scene.SegmentWriter import Editor

T = TypeVar("T")


class KeptList(Generic[T]):
    """Read anew only where the tag or its place has changed: it is asked for whenever anything is drawn.

    Args:
        editor: of the selected segment.
        tag: of it.
        read: what it lists, of a segmentation node and a segment's ID.
    """

    def __init__(self, editor: Editor, tag: str, read: Callable[[Any, str], list[T]]) -> None:
        self._editor, self._tag, self._read = editor, tag, read
        self._known: tuple[Any, list[T]] = (None, [])

    def all(self) -> list[T]:
        """All of it, as the segmentation's transforms put it now; empty without a segment."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if node is None or not segment:
            return []
        key = (node.GetID(), segment, tagText(node, segment, self._tag), transformKey(node.GetParentTransformNode()))
        if key != self._known[0]:
            self._known = key, self._read(node, segment)
        return self._known[1]
