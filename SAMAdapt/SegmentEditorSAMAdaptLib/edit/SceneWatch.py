"""Tells an active effect what happens to the nodes that its prompts stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from SAMAdaptModuleLib.scene.SceneVolume import volumeKey
from slicer.util import VTKObservationMixin


class SceneWatch(VTKObservationMixin):
    """Watches one volume, segmentation and segment at a time.

    Attributes:
        nodes: (volume, segmentation, segment ID) that are watched; None where there is none.

    Args:
        onSelection: another node, segment or mask setting may have been chosen in the editor.
        onVolume: the volume has other voxels, another grid or another place.
        onSegment: the segment or the place of its segmentation changed; called with False when it is gone.
        onGone: a watched node or the whole scene goes away; ``nodes`` are None already.
    """

    def __init__(
        self,
        onSelection: Callable[[], None],
        onVolume: Callable[[], None],
        onSegment: Callable[[bool], None],
        onGone: Callable[[], None],
    ) -> None:
        super().__init__()
        self.nodes: tuple[Any, Any, str | None] = (None, None, None)
        self._onSelection, self._onVolume = onSelection, onVolume
        self._onSegment, self._onGone = onSegment, onGone
        self._volumeKey: tuple | None = None

    def watch(self, editorNode: Any, volume: Any, segmentation: Any, segment: str | None) -> None:
        """Watch these instead."""
        self.removeObservers()
        self.nodes = (volume, segmentation, segment)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._onSceneClosing)
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._onNodeRemoved)
        if editorNode is not None:
            self.addObserver(editorNode, "ModifiedEvent", self._onEditorNode)
        if volume is not None:
            self._volumeKey = _keyOf(volume)
            self.addObserver(volume, "ModifiedEvent", self._onVolumeModified)
            self.addObserver(volume, volume.ImageDataModifiedEvent, self._onVolumeModified)
            self.addObserver(volume, volume.TransformModifiedEvent, self._onVolumeMoved)
        if segmentation is not None:
            events = slicer.vtkSegmentation
            for event in (events.SegmentModified, events.SourceRepresentationModified, events.SegmentRemoved):
                self.addObserver(segmentation.GetSegmentation(), event, self._onSegmentation)
            self.addObserver(segmentation, segmentation.TransformModifiedEvent, self._onSegmentation)

    def stop(self) -> None:
        """Watch nothing any more."""
        self.removeObservers()
        self.nodes = (None, None, None)

    def _onEditorNode(self, _caller: Any, _event: Any) -> None:
        self._onSelection()

    def _onVolumeModified(self, volume: Any, _event: Any) -> None:
        key = _keyOf(volume)
        # Names and displays change too, and are no reason to drop prompts.
        if key != self._volumeKey:
            self._volumeKey = key
            self._onVolume()

    def _onVolumeMoved(self, _caller: Any, _event: Any) -> None:
        self._onVolume()

    def _onSegmentation(self, _caller: Any, _event: Any) -> None:
        _volume, segmentation, segment = self.nodes
        if segment:
            self._onSegment(segmentation.GetSegmentation().GetSegment(segment) is not None)

    def _onSceneClosing(self, _caller: Any, _event: Any) -> None:
        self.nodes = (None, None, None)
        self._onGone()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeRemoved(self, _caller: Any, _event: Any, node: Any) -> None:
        if node in self.nodes[:2]:
            self.nodes = (None, None, None)
            self._onGone()


def _keyOf(volume: Any) -> tuple | None:
    return volumeKey(volume) if volume.GetImageData() is not None else None
