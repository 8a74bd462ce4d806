"""Which slices of the selected segment the user has accepted."""

from __future__ import annotations

from typing import Any

from SAMAdaptModuleLib.scene.AcceptedSlices import TAG, acceptedAlong, acceptSlices
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, VoxelPlane
from SAMAdaptModuleLib.scene.Frames import transformKey
from SAMAdaptModuleLib.scene.SceneVolume import volumeKey
from SAMAdaptModuleLib.scene.SegmentPrompts import tagText
from SAMAdaptModuleLib.scene.SegmentWriter import Editor


class SliceLocks:
    """Kept with the segment, so that undo, and saving and loading, hold for them.

    Args:
        editor: of the selected segment.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._known: dict[str, tuple[Any, set[int]]] = {}

    @property
    def any(self) -> bool:
        """Whether there is one along any axis."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        return node is not None and bool(segment) and bool(tagText(node, segment or "", TAG))

    def along(self, volumeNode: Any, axis: str) -> set[int]:
        """Those along an axis of a volume, by voxel index."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if not self.any or node is None or not segment:
            return set()
        # Asked for whenever anything is drawn.
        places = [transformKey(one.GetParentTransformNode()) for one in (node, volumeNode)]
        key = (node.GetID(), segment, tagText(node, segment, TAG), *places, volumeKey(volumeNode))
        if self._known.get(axis, (None,))[0] != key:
            self._known[axis] = key, acceptedAlong(node, segment, volumeNode, axis)
        return self._known[axis][1]

    def holds(self, plane: ViewPlane) -> bool:
        """Whether a plane is one of them."""
        return isinstance(plane, VoxelPlane) and plane.index in self.along(plane.volumeNode, plane.axis)

    def turn(self, plane: VoxelPlane) -> bool:
        """Accept a slice, or release it, in an undo state of its own; returns whether it is accepted now.

        Raises:
            InputError: no segment; a transform that bends slices.
        """
        accepted = not self.holds(plane)
        self._editor.saveState()
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        acceptSlices(node, segment or "", plane.volumeNode, plane.axis, [plane.index], accepted)
        return accepted
