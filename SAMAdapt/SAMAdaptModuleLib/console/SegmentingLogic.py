"""The part of the console that segments: nodes in, nodes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import slicer

from SAMAdaptLib.defaults import AXIS
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.console.SliceSegmentation import propagateSegment, segmentOnSlice
from SAMAdaptModuleLib.console.WholeVolume import addObjects, findObjects
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation, newSegmentation, segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

# The first prompt waits for the model to load, and for its weights to be fetched on the first day.
PATIENCE_SECONDS = 900.0


class SegmentingLogic:
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`, which has the session and chooses models."""

    installation: Installation
    inference: InferenceSession
    activateAdapter: Callable[..., ModelChoice]

    def segmentSlice(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        segmentName: str = "Segment",
        points: Sequence[tuple[float, float, float, int]] = (),
        box: tuple[Sequence[float], Sequence[float]] | None = None,
        axis: str = AXIS,
        index: int | None = None,
        model: str | None = None,
        adapter: str | Path | None = None,
        add: bool = False,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment one object on one slice.

        Args:
            volumeNode: the scan.
            segmentationNode: where to write; a new one by default.
            segmentName: the segment; made, with terminology and colour, where there is none of this name.
            points: (R, A, S, label) with label 1 = the object, 0 = not the object.
            box: two opposite corners (R, A, S).
            axis: "axial", "coronal" or "sagittal".
            index: voxel index of the slice along the axis; that of the first prompt by default.
            model: base model; the active one by default.
            adapter: name on the shelf, or folder; the active one by default.
            add: keep what the segment has on this slice; it is replaced otherwise.

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume, no prompt, a prompt outside the slice, a model that cannot be loaded.
        """
        checkVolume(volumeNode)
        self._prepare(model, adapter)
        if segmentationNode is None:
            segmentationNode = newSegmentation(volumeNode)
        segmentOnSlice(
            self.inference, volumeNode, segmentationNode, segmentName, points, box, axis, index, add, PATIENCE_SECONDS
        )
        return segmentationNode

    def propagate(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentName: str,
        axis: str = AXIS,
        direction: str = "both",
        progress: Callable[[int, int | None], None] | None = None,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Carry a segment from the slices where it is on to the others, and add what is found to it.

        Slices with stored prompts are prompted with these; without any, every slice that the segment is on is prompted
        with its box.

        Args:
            volumeNode: the scan.
            segmentationNode: with the segment.
            segmentName: of the segment.
            axis: "axial", "coronal" or "sagittal".
            direction: "both", or "up" or "down" for rising or falling slice indices only.
            progress: called with (slices done, slices in all or None).

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume, no such segment, or one that is empty.
        """
        checkVolume(volumeNode)
        checkSegmentation(segmentationNode)
        segmentByName(segmentationNode, segmentName)
        self._prepare()
        propagateSegment(
            self.inference, volumeNode, segmentationNode, segmentName, axis, direction, progress, PATIENCE_SECONDS
        )
        return segmentationNode

    def segmentAutomatically(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        adapter: str | Path | None = None,
        axis: str | None = None,
        cleanup: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment everything that an adapter finds by itself, on all slices.

        Args:
            volumeNode: the scan.
            segmentationNode: where to write; a new one by default. What is found of a class is added to the segment of
                its name, which is made, with terminology and colour, where there is none and something was found.
            adapter: name on the shelf, or folder; the active one by default.
            axis: "axial", "coronal" or "sagittal"; that of the adapter's training by default.
            cleanup: drop what is found on a single slice only.
            progress: called with (slices done, slices in all).

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume; an adapter that does not find objects by itself, or cannot be loaded.
        """
        return self._segmentWholeVolume(volumeNode, segmentationNode, None, adapter, axis, cleanup, progress)

    def segmentByText(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        texts: str | Mapping[str, str],
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        adapter: str | Path | None = None,
        axis: str | None = None,
        cleanup: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment what is named in words, on all slices. The other arguments are as for :meth:`segmentAutomatically`.

        Args:
            texts: of each object by the name of its segment, or one text that is both.

        Raises:
            InputError: an unusable volume; an adapter that was not trained with texts; an empty or too long text; a
                text model that is missing, or another than that of the training.
        """
        texts = {texts: texts} if isinstance(texts, str) else texts
        return self._segmentWholeVolume(volumeNode, segmentationNode, texts, adapter, axis, cleanup, progress)

    def _segmentWholeVolume(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        texts: Mapping[str, str] | None,
        adapter: str | Path | None,
        axis: str | None,
        cleanup: bool,
        progress: Callable[[int, int | None], None] | None,
    ) -> slicer.vtkMRMLSegmentationNode:
        checkVolume(volumeNode)
        self._prepare(adapter=adapter)
        found = findObjects(self.inference, volumeNode, texts, axis, cleanup, progress)
        segmentationNode = segmentationNode or newSegmentation(volumeNode)
        addObjects(found, volumeNode, segmentationNode, self.inference)
        return segmentationNode

    def _prepare(self, model: str | None = None, adapter: str | Path | None = None) -> None:
        self.installation.ensure()
        if model is not None or adapter is not None or self.inference.choice is None:
            self.activateAdapter(adapter, model)
