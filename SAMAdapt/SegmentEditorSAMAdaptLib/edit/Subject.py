"""What an active effect works on, and what happens to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from SAMAdaptModuleLib.scene.Channels import furtherVolumes
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SceneVolume import volumeKey
from slicer.util import VTKObservationMixin


class Subject(VTKObservationMixin):
    """One volume, segmentation and segment at a time, and the plane that prompts come to. All parts of the effect ask
    here what these are; none of them keeps its own.

    Attributes:
        volume: node; None where there is none, as for the two after it.
        segmentation: node.
        segment: its ID.
        plane: of the volume, which was clicked on or rested on last; None before, and once the volume has changed.

    Args:
        onSelection: another node, segment or mask setting may have been chosen in the editor.
        onVolume: the volume, or what is seen together with it, has other voxels, another grid or another place.
        onSegment: the segment or the place of its segmentation changed; called with False when it is gone.
        onGone: a watched node, be it the editor's own, or the whole scene goes away; everything is None already.
    """

    def __init__(
        self,
        onSelection: Callable[[], None],
        onVolume: Callable[[], None],
        onSegment: Callable[[bool], None],
        onGone: Callable[[], None],
    ) -> None:
        super().__init__()
        self.forget()
        self._onSelection, self._onVolume = onSelection, onVolume
        self._onSegment, self._onGone = onSegment, onGone
        self._volumeKey: tuple[Any, ...] | None = None
        self._editorNode: Any = None
        self._further: list[tuple[Any, Any]] = []
        self._segments: Any = None

    @property
    def chosen(self) -> tuple[Any, Any, str | None]:
        """(volume, segmentation, segment)."""
        return self.volume, self.segmentation, self.segment

    def forget(self) -> None:
        """Nothing is chosen."""
        self.volume: Any = None
        self.segmentation: Any = None
        self.segment: str | None = None
        self.plane: ViewPlane | None = None

    def watch(self, editorNode: Any, volume: Any, segmentation: Any, segment: str | None) -> None:
        """Work on these instead."""
        self.removeObservers()
        self._editorNode, self._further = editorNode, []
        self.volume, self.segmentation, self.segment, self.plane = volume, segmentation, segment, None
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
            self._watchFurther()
        if segmentation is not None:
            self._watchSegments()
            self.addObserver(segmentation, "ModifiedEvent", self._onSegmentationNode)
            self.addObserver(segmentation, segmentation.TransformModifiedEvent, self._onSegmentation)

    def stop(self) -> None:
        """Watch nothing any more."""
        self.removeObservers()
        self._editorNode = None
        self.forget()

    def _onEditorNode(self, _caller: Any, _event: Any) -> None:
        self._onSelection()

    def _onVolumeModified(self, volume: Any, _event: Any) -> None:
        if self.volume is None:
            # Its segment has gone, and nothing is worked on until another one is chosen.
            return
        key = _keyOf(volume)
        # Names and displays change too, and are no reason to drop prompts.
        if key != self._volumeKey:
            self._volumeKey = key
            self._watchFurther()
            self._onVolumeMoved(volume, _event)

    def _onFurtherModified(self, _node: Any, _event: Any) -> None:
        self._onVolumeModified(self.volume, _event)

    def _watchFurther(self) -> None:
        for node, event in self._further:
            self.removeObserver(node, event, self._onFurtherModified)
        self._further = [
            (node, event)
            for node in furtherVolumes(self.volume)
            for event in ("ModifiedEvent", node.ImageDataModifiedEvent, node.TransformModifiedEvent)
        ]
        for node, event in self._further:
            self.addObserver(node, event, self._onFurtherModified)

    def _onVolumeMoved(self, _caller: Any, _event: Any) -> None:
        # Planes of what the volume was are none of what it is now.
        self.plane = None
        self._onVolume()

    def _watchSegments(self) -> None:
        self._segments = self.segmentation.GetSegmentation()
        for event in _events():
            self.addObserver(self._segments, event, self._onSegmentation)

    def _onSegmentationNode(self, _caller: Any, _event: Any) -> None:
        # Another frame of a sequence has come under the node, with segments of its own.
        if self.segmentation is not None and self.segmentation.GetSegmentation() is not self._segments:
            for event in _events():
                self.removeObserver(self._segments, event, self._onSegmentation)
            self._watchSegments()
            self._onSegmentation(_caller, _event)

    def _onSegmentation(self, _caller: Any, _event: Any) -> None:
        if self.segment:
            self._onSegment(self.segmentation.GetSegmentation().GetSegment(self.segment) is not None)

    def _onSceneClosing(self, _caller: Any, _event: Any) -> None:
        self.forget()
        self._onGone()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeRemoved(self, _caller: Any, _event: Any, node: Any) -> None:
        if node in (self.volume, self.segmentation, self._editorNode):
            self.forget()
            self._onGone()


def _events() -> tuple[int, ...]:
    """Of segments, by which their content changes."""
    of = slicer.vtkSegmentation
    return of.SegmentModified, of.SourceRepresentationModified, of.SegmentRemoved


def _keyOf(volume: Any) -> tuple[Any, ...] | None:
    return volumeKey(volume) if volume.GetImageData() is not None else None
