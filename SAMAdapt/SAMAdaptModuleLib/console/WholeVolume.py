"""Objects found on all slices of a volume without prompts, on their way into segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import slicer

from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import SliceMask
from SAMAdaptModuleLib.scene.SceneSegments import segmentByName
from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter, stackLabelmap
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession


class FoundObjects:
    """What the worker tells in the end, slice by slice and packed as it comes.

    Attributes:
        counts: slices on which each object is, by its name.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._masks: dict[str, dict[int, PackedMask]] = {}
        self._axis = ""

    def take(self, found: SliceMask) -> None:
        """Add a slice; a tentative one does not count."""
        if found.tentative:
            return
        self._axis = found.axis
        masks = self._masks.setdefault(found.name, {})
        masks[found.index] = found.mask
        self.counts[found.name] = len(masks)

    def labelmap(
        self, name: str, volumeNode: slicer.vtkMRMLScalarVolumeNode, segmentationNode: slicer.vtkMRMLSegmentationNode
    ) -> slicer.vtkOrientedImageData | None:
        """An object as voxels of the segmentation's grid, see :func:`stackLabelmap`."""
        masks = {index: mask.full() for index, mask in self._masks[name].items()}
        return stackLabelmap(volumeNode, self._axis, masks, segmentationNode)


def findObjects(
    session: InferenceSession,
    texts: Mapping[str, str] | None,
    axis: str | None,
    clean: bool,
    progress: Callable[[int, int | None], None] | None,
) -> FoundObjects:
    """For scripts: look through the volume in use without the event loop, see ``InferenceSession.segmentVolume``."""
    found = FoundObjects()
    reply = session.segmentVolume(texts, axis, clean)
    reply.on_slice(found.take)
    if progress is not None:
        reply.on_progress(lambda step: progress(step.done, step.total))
    reply.result()
    return found


def addObjects(
    found: FoundObjects,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    session: InferenceSession,
) -> None:
    """For scripts: add each object to the segment of its name, which is made where there is none."""
    for name in found.counts:
        labelmap = found.labelmap(name, volumeNode, segmentationNode)
        with LogicEditor(segmentationNode, segmentByName(segmentationNode, name, create=True), volumeNode) as editor:
            SegmentWriter(editor, session).add(labelmap)
