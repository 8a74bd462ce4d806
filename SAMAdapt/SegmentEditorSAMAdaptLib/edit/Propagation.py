"""Carrying the selected segment through the slices of a stack, from the prompts that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import slicer
from SAMAdaptModuleLib.app.Weights import answeredByBase
from SAMAdaptModuleLib.console.SliceSegmentation import sliceUnder
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, VoxelPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet
from SAMAdaptModuleLib.scene.SegmentWriter import stackLabelmap
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import MAX_MISSING, MIN_IOU
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.protocol import Done, SliceMask
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeRequest import VolumeRequest

DOWN, BOTH, UP = -1, 0, 1


@dataclass(frozen=True)
class PropagationChoice:
    """How far and how strictly.

    Attributes:
        direction: DOWN, BOTH or UP; up is towards the patient's head, front or right.
        reach: slices beyond the outermost prompts, 0 = to the end of the volume.
        minIoU: least IoU of a slice's mask with that of the slice before.
        maxMissing: slices in a row that may break a rule before the way ends.
        memory: carry by the model's memory of other slices, where it has one, and not by the last mask.
    """

    direction: int = BOTH
    reach: int = 0
    minIoU: float = MIN_IOU
    maxMissing: int = MAX_MISSING
    memory: bool = False


class Propagation(VolumeRequest):
    """Carries the controller's prompts on, see :class:`VolumeRequest`."""

    def __init__(
        self, controller: EffectController, subject: Subject, onProgress: Callable[[int, int | None], None]
    ) -> None:
        super().__init__(controller, subject, onProgress)
        self._forget()

    def start(self, choice: PropagationChoice) -> None:
        """Carry on from all slices with prompts that are parallel to the plane of the subject, else from the segment on
        that plane.

        Raises:
            InputError: no or an oblique plane, nothing to start from, or an impossible range.
        """
        if self.running:
            return
        plane = onlyStacks(self.subject.plane)
        prompts = self._prompts(plane)
        rules, info = rulesOf(plane, sorted(prompts), choice), self.controller.session.info
        if choice.memory and info is not None and info.memory:
            rules["memory"] = True
        self._forget()
        self._axis = plane.axis
        self.controller.cancel()
        self._follow(self.controller.session.propagate(plane.axis, prompts, rules))

    def maskOn(self, plane: ViewPlane) -> np.ndarray | None:
        """What has been found so far on a plane, bool [H, W]."""
        if not self.running or not isinstance(plane, VoxelPlane) or plane.axis != self._axis:
            return None
        return self._masks.get(plane.index)

    def _prompts(self, plane: VoxelPlane) -> dict[int, Prompt]:
        found: dict[int, Prompt] = {}
        # A box that has mended a slice says all of what is there, as a prompt does.
        mends = self.controller.mends.along(plane.volumeNode, plane.axis)
        boxes = [(index, one) for index, one in mends.items() if one.boxed]
        for index, prompts in [*boxes, *storedOn(self.controller, plane)]:
            found[index] = prompts.toPrompt(planeOfIndex(plane.volumeNode, plane.axis, index))
        for draft in self.controller.drafts:
            other = draft.plane
            if isinstance(other, VoxelPlane) and other.axis == plane.axis and not draft.prompts.empty:
                found[other.index] = draft.prompts.toPrompt(other)
        if found:
            return found
        editor = self.controller.editor
        mask = plane.fromSegmentation(editor.segmentationNode, editor.segmentID or "")
        if not mask.any():
            raise InputError(
                _("There is nothing to carry on from"),
                None,
                _("Set a prompt on this slice, or go to a slice on which the segment is drawn"),
            )
        from SAMAdaptLib.prompts.boxes import bounding_box

        return {plane.index: Prompt(box=np.array(bounding_box(mask)))}

    @reported
    def _onSlice(self, found: SliceMask) -> None:
        mask = found.mask.full()
        self._masks[found.index] = mask
        if not found.tentative:
            self._final[found.index], self._expected[found.index] = mask, found.iou

    def _onDone(self, done: Done) -> None:
        try:
            missed = {stop["index"] for stop in done.values.get("stops", [])}
            self._write(done.values.get("ended_at_once", ""), done.values.get("by_base", []), missed)
        finally:
            self._end()

    def _write(self, ended: str, byBase: list[str], missed: set[int]) -> None:
        controller, editor = self.controller, self.controller.editor
        # The writer spares accepted ones; here they are not to be counted, nor noted. Mended ones are right, too.
        kept = controller.locks.along(self.subject.volume, self._axis)
        kept = kept | {*controller.mends.along(self.subject.volume, self._axis)}
        masks = {index: mask for index, mask in self._final.items() if mask.any() and index not in kept}
        labelmap = stackLabelmap(self.subject.volume, self._axis, masks, editor.segmentationNode)
        reason = _(
            "Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or "
            "looser stop rules."
        ).format(reason=ended)
        if labelmap is None:
            nothing = _("Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.")
            controller.tell(reason if ended else nothing)
            return
        start = perf_counter()
        with controller.changing(), slicer.util.RenderBlocker():
            editor.saveState()
            controller.writer.add(labelmap)
            controller.keepDrafts(self._axis)
            controller.notes.take(self._noted(masks, missed))
        controller.session.note("write", 1000 * (perf_counter() - start))
        first, last = min(masks), max(masks)
        if first == last:
            text = _("Slice {index} written.").format(index=first)
        else:
            text = _("{count} slices written, {first} to {last}.").format(count=len(masks), first=first, last=last)
        told = [text, answeredByBase(controller.session.info, byBase), reason if ended else ""]
        controller.tell(" ".join(filter(None, told)))

    def _noted(self, masks: dict[int, np.ndarray], missed: set[int]) -> list[tuple[ViewPlane, float | None]]:
        """How sure the model was of each slice that was kept, and which between them it did not keep."""
        gaps = {index for index in missed - {*masks} if min(masks) < index < max(masks)}
        known = {index: self._expected[index] for index in masks if self._expected[index] is not None}
        sure = {**known, **dict.fromkeys(gaps)}
        return [(planeOfIndex(self.subject.volume, self._axis, index), sure[index]) for index in sorted(sure)]

    def _forget(self) -> None:
        self._axis = ""
        self._expected: dict[int, float | None] = {}
        self._masks: dict[int, np.ndarray] = {}
        self._final: dict[int, np.ndarray] = {}


def onlyStacks(plane: ViewPlane | None) -> VoxelPlane:
    """A plane if it is one of the volume's own slices; raises InputError otherwise."""
    if plane is None:
        raise InputError(_("No slice is chosen"), None, _("Click on the object first"))
    if not isinstance(plane, VoxelPlane):
        raise InputError(
            _("Propagation goes along the volume's own slices, and this view is oblique to them"),
            None,
            _("Choose a standard orientation, or rotate the view to the volume plane"),
        )
    return plane


def chosenIn(effect: Any, direction: int = BOTH) -> PropagationChoice:
    """What the parameters of the effect say."""
    return PropagationChoice(
        direction,
        effect.integerParameter("PropagateReach"),
        effect.doubleParameter("MinIoU"),
        effect.integerParameter("MaxMissing"),
        effect.integerParameter("Memory") != 0,
    )


def rulesOf(plane: VoxelPlane, indices: list[int], choice: PropagationChoice) -> dict[str, Any]:
    """Rules of propagation from slices, by rising index, as they are chosen."""
    stack = _stack(plane)
    first, last = 0, stack.count - 1
    if choice.reach:
        first, last = max(first, indices[0] - choice.reach), min(last, indices[-1] + choice.reach)
    if choice.direction != BOTH and stack.count > 1:
        rising = choice.direction == (UP if upIsRising(plane) else DOWN)
        first, last = (indices[0], last) if rising else (first, indices[-1])
    return {"first": first, "last": last, "min_iou": choice.minIoU, "max_missing": choice.maxMissing}


def storedOn(controller: EffectController, plane: VoxelPlane) -> list[tuple[int, PromptSet]]:
    """The accepted prompts on slices along the axis of a plane, with their index."""
    prompts = [stored.prompts for stored in controller.stored]
    found = [(sliceUnder(one, plane.volumeNode, plane.axis), one) for one in prompts]
    return [(index, one) for index, one in found if index is not None]


def upIsRising(plane: VoxelPlane) -> bool:
    """Whether slices with a higher index lie further up: towards the head, the front or the right in the scene."""
    neighbour = planeOfIndex(plane.volumeNode, plane.axis, plane.index + 1 if plane.index == 0 else plane.index - 1)
    step = (neighbour.pixelToWorld(np.zeros((1, 2))) - plane.pixelToWorld(np.zeros((1, 2))))[0]
    rising = float(step @ np.array(AXES[plane.axis][2], float)) > 0
    return rising if plane.index == 0 else not rising


def _stack(plane: VoxelPlane) -> PlaneStack:
    return PlaneStack(volumeGeometry(plane.volumeNode), plane.axis)
