"""Mending a segment that is there already, by prompts from a script."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.service.protocol import SliceMask
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.console.SliceSegmentation import PATIENCE_SECONDS, promptOn, sliceOf, tellWeights
from SAMAdaptModuleLib.scene.AcceptedSlices import acceptedAlong
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneSegments import segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import segmentationLabels
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, keepMends
from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession


def correctSegment(
    session: InferenceSession,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentName: str,
    marks: Sequence[Mark],
    axis: str,
    accepted: Collection[int],
    through: bool,
    progress: Callable[[int, int | None], None] | None,
    editorNode: slicer.vtkMRMLSegmentEditorNode | None,
    rules: Mapping[str, Any],
) -> list[int]:
    """See ``SAMAdaptLogic.correct``; returns the indices of the slices that have changed."""
    segmentID = segmentByName(segmentationNode, segmentName)
    given = _onSlices(volumeNode, marks, axis)
    prompts = {index: sets.toPrompt(plane) for index, (plane, sets) in given.items()}
    present = slicesOf(volumeNode, segmentationNode, segmentID, axis)
    if not any(mask.any() for mask in present.values()):
        raise InputError(
            _("The segment is empty: there is nothing to correct"), segmentName, _("Segment a slice of it first")
        )
    kept = {*accepted} | acceptedAlong(segmentationNode, segmentID, volumeNode, axis)
    found: dict[int, np.ndarray] = {}

    def take(answer: SliceMask) -> None:
        if not answer.tentative:
            found[answer.index] = answer.mask.full()

    reply = session.correct(axis, present, prompts, sorted(kept), rules, through)
    reply.on_slice(take)
    if progress is not None:
        reply.on_progress(lambda step: progress(step.done, step.total))
    done = reply.result(PATIENCE_SECONDS)
    changed = {index: mask for index, mask in sorted(found.items()) if (mask != present[index]).any()}
    with LogicEditor(segmentationNode, segmentID, volumeNode, editorNode) as editor:
        SegmentWriter(editor, session).replaceSlices(volumeNode, axis, present, changed)
    keepMends(segmentationNode, segmentID, list(given.values()))
    tellWeights(session, segmentName, done.values["by_base"])
    return list(changed)


def slicesOf(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    axis: str,
) -> dict[int, np.ndarray]:
    """A segment on all slices along an axis of a volume: bool [H, W] by voxel index."""
    labels = segmentationLabels(segmentationNode, volumeNode, [segmentID])
    return dict(enumerate(PlaneStack(labels.geometry, axis).view(labels.array > 0)))


def _onSlices(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, marks: Sequence[Mark], axis: str
) -> dict[int, tuple[ViewPlane, PromptSet]]:
    """Each mark on the slice that it lies on, by voxel index."""
    if not marks:
        raise InputError(_("No prompt was given"), None, _("Give points=[(R, A, S, 0)] where something is wrong"))
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        index = sliceOf(volumeNode, axis, np.mean(mark.at, axis=0))
        if index is None:
            what = _("The prompt lies outside the volume")
            raise InputError(what, volumeNode.GetName(), _("Give points inside of it"))
        found.setdefault(index, []).append(mark)
    planes = {index: planeOfIndex(volumeNode, axis, index) for index in found}
    return {index: (plane, promptOn(plane, found[index])[0]) for index, plane in planes.items()}
