"""Prompts from a script to voxels of a segment, without a view."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.protocol import Done, SliceMask
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.app.Titles import titleOf
from SAMAdaptModuleLib.app.Weights import answeredByBase
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfIndex
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.SceneSegments import segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import segmentationLabels, volumeGeometry
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, readPrompts, writePrompts
from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter, stackLabelmap
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

DIRECTIONS = ("both", "up", "down")
# The first prompt waits for the model to load, and for its weights to be fetched on the first day.
PATIENCE_SECONDS = 900.0


def segmentOnSlice(
    session: InferenceSession,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentName: str,
    marks: Sequence[Mark],
    axis: str,
    index: int | None,
    add: bool,
) -> None:
    """See ``SAMAdaptLogic.segmentSlice``."""
    if not marks:
        raise InputError(_("No prompt was given"), None, _("Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))"))
    if index is None:
        index = sliceOf(volumeNode, axis, np.mean(marks[0].at, axis=0))
        if index is None:
            raise InputError(
                _("The prompt lies outside the volume"), volumeNode.GetName(), _("Give points inside of it")
            )
    plane = planeOfIndex(volumeNode, axis, index)
    prompts, prompt = promptOn(plane, marks)
    answer = session.predict(plane, prompt).result(PATIENCE_SECONDS)
    tellWeights(session, segmentName, [answer.by_base] if answer.by_base else [])
    new = answer.masks[int(np.argmax(answer.iou))].full()
    segmentID = segmentByName(segmentationNode, segmentName, create=True)
    with LogicEditor(segmentationNode, segmentID, volumeNode) as editor:
        old = np.zeros_like(new) if add else plane.fromSegmentation(segmentationNode, segmentID)
        SegmentWriter(editor, session).replace(plane, old, new)
    stored = readPrompts(segmentationNode, segmentID)
    if not add:
        stored = [one for one in stored if sliceUnder(one, volumeNode, axis) != index]
    writePrompts(segmentationNode, segmentID, [*stored, prompts])


def promptOn(plane: ViewPlane, marks: Sequence[Mark]) -> tuple[PromptSet, Prompt]:
    """Marks on a plane as they are kept, and in its pixels.

    Raises:
        InputError: one lies beside the plane's picture, or two give a box.
    """
    prompts = PromptSet.onPlane(plane)
    for mark in marks:
        prompts.add(mark)
    if len(prompts.marks) < len(marks):
        raise InputError(_("Two of the prompts give a box"), None, _("Give one box for one object"))
    return prompts, prompts.toPrompt(plane)


def propagateSegment(
    session: InferenceSession,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentName: str,
    axis: str,
    direction: str,
    rules: Mapping[str, Any],
    allAxes: bool,
    progress: Callable[[int, int | None], None] | None,
) -> None:
    """See ``SAMAdaptLogic.propagate``."""
    if direction not in DIRECTIONS:
        raise InputError(
            _("Unknown direction"), direction, _("Choose one of {names}").format(names=", ".join(DIRECTIONS))
        )
    segmentID = segmentByName(segmentationNode, segmentName)
    prompts = startingPrompts(volumeNode, segmentationNode, segmentID, axis)
    limits = {"both": {}, "up": {"first": min(prompts)}, "down": {"last": max(prompts)}}
    nodes = volumeNode, segmentationNode, segmentID
    done = addFound(session, nodes, axis, prompts, {**limits[direction], **rules}, allAxes, progress)
    tellWeights(session, segmentName, done.values["by_base"])
    reason = done.values["ended_at_once"]
    if reason:
        note(
            _("{name}: propagation ended at once: {reason}").format(name=segmentName, reason=reason),
            None,
            _("Try a box in place of points, a second prompt on a nearby slice, or an adapter"),
        )


def addFound(
    session: InferenceSession,
    nodes: tuple[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLSegmentationNode, str],
    axis: str,
    prompts: Mapping[int, Prompt],
    rules: Mapping[str, Any],
    allAxes: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
) -> Done:
    """Carry prompts on through the volume and add what is found to the segment.

    Args:
        session: that looks at the volume.
        nodes: volume, segmentation, and the segment's ID.
        axis: of the prompts.
        prompts: by slice index.
        rules: fields of ``PropagationRules``.
        allAxes: along the other two axes as well.
        progress: called with (slices done, slices in all).
    """
    volumeNode, segmentationNode, segmentID = nodes
    reply = session.propagate(axis, dict(prompts), dict(rules), allAxes)
    masks = masksOf(reply)
    if progress is not None:
        reply.on_progress(lambda step: progress(step.done, step.total))
    done = reply.result(PATIENCE_SECONDS)
    labelmap = stackLabelmap(volumeNode, axis, masks, segmentationNode)
    if labelmap is not None:
        with LogicEditor(segmentationNode, segmentID, volumeNode) as editor:
            SegmentWriter(editor, session).add(labelmap)
    return done


def masksOf(reply: Reply[Done], only: Collection[int] | None = None) -> dict[int, np.ndarray]:
    """What a request finds: empty now, and once it is answered its final masks, bool [H, W] by slice index, of the
    slices in ``only`` where that is given."""
    masks: dict[int, np.ndarray] = {}

    def take(answer: SliceMask) -> None:
        if not answer.tentative and (only is None or answer.index in only):
            masks[answer.index] = answer.mask.full()

    reply.on_slice(take)
    return masks


def tellWeights(session: InferenceSession, name: str, kinds: Sequence[str]) -> None:
    """Note that base weights have answered kinds of prompts for a segment, where they have."""
    if kinds:
        told = answeredByBase(session.info, kinds).removesuffix(".")
        note(told, name, _("For the adapter's own, activate it with weights='adapted'"))


def sliceUnder(prompts: PromptSet, volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str) -> int | None:
    """Index of the slice that stored prompts lie on; None where they were given on another plane."""
    index = sliceOf(volumeNode, axis, prompts.origin)
    if index is None:
        return None
    return index if prompts.liesOn(planeOfIndex(volumeNode, axis, index)) else None


def storedPrompts(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    axis: str,
) -> dict[int, Prompt]:
    """The prompts that are kept with a segment and lie on slices along an axis, by their voxel index."""
    prompts = {}
    for one in readPrompts(segmentationNode, segmentID):
        index = sliceUnder(one, volumeNode, axis)
        if index is not None:
            prompts[index] = one.toPrompt(planeOfIndex(volumeNode, axis, index))
    return prompts


def startingPrompts(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    axis: str,
) -> dict[int, Prompt]:
    """Prompts by slice index: stored ones, else the boxes of the segment where it is.

    Raises:
        InputError: neither.
    """
    nodes = volumeNode, segmentationNode, segmentID, axis
    prompts = storedPrompts(*nodes) or segmentBoxes(*nodes)
    if not prompts:
        raise InputError(
            _("The segment is on no {axis} slice yet").format(axis=titleOf(axis)),
            None,
            _("Segment one slice first, or choose the axis of the prompts"),
        )
    return prompts


def segmentBoxes(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentID: str,
    axis: str,
) -> dict[int, Prompt]:
    """The boxes of a segment on the slices that it is on, by their voxel index."""
    from SAMAdaptLib.prompts.boxes import bounding_box

    labels = segmentationLabels(segmentationNode, volumeNode, [segmentID])
    slices = PlaneStack(labels.geometry, axis).view(labels.array > 0)
    found = np.flatnonzero(slices.any(axis=(1, 2)))
    return {int(index): Prompt(box=np.array(bounding_box(slices[index]))) for index in found}


def sliceOf(volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str, world: ArrayLike) -> int | None:
    """Index of the slice that holds a world position; None outside of the volume."""
    stack = PlaneStack(volumeGeometry(volumeNode), axis)
    local = PointMap.between(None, volumeNode.GetParentTransformNode())(np.array([world], dtype=np.float64))
    index = int(nearest_index(stack.ras_to_pixel(local)[0, 2]))
    return index if 0 <= index < stack.count else None
