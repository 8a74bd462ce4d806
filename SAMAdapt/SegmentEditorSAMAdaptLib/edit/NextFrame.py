"""From what an object is on a frame of a sequence to a prompt for it on the next one."""

from __future__ import annotations

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import VoxelPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume
from SAMAdaptModuleLib.scene.Sequences import checkedBrowser, follows
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.policy import time_rules
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


def carryToNext(controller: EffectController, subject: Subject) -> None:
    """Show the next frame, and prompt it with the box of the segment on the slice at hand, as propagation along time
    does; the answer waits to be accepted.

    Raises:
        InputError: the last frame, or none; one segmentation for all; prompts that would be lost; no slice of the
            volume that the segment is on.
    """
    volume, segmentation, segment = subject.chosen
    checkVolume(volume)
    plane, browser = subject.plane, checkedBrowser(volume)
    if not follows(segmentation, browser):
        what = _("The segmentation is the same for all frames")
        raise InputError(what, segmentation.GetName(), _("Choose one segmentation per frame first"))
    if any(not draft.prompts.empty for draft in controller.drafts):
        raise InputError(_("There are prompts that are not accepted"), None, _("Accept or drop them first"))
    if not isinstance(plane, VoxelPlane):
        raise InputError(_("No slice of the volume is chosen"), None, _("Click on the object first"))
    mask = plane.fromSegmentation(segmentation, segment or "")
    if not mask.any():
        raise InputError(_("The segment is not on this slice"), None, _("Go to a slice on which it is"))
    frame = browser.GetSelectedItemNumber() + 1
    if frame >= browser.GetNumberOfItems():
        raise InputError(_("This is the last frame"), volume.GetName(), _("Go to an earlier one"))
    from SAMAdaptLib.propagation.rules import next_prompt

    box = next_prompt(mask, np.zeros((1, 1), np.float32), plane.shape, time_rules({"use_mask": False})).box
    assert box is not None  # the rules use it
    browser.SetSelectedItemNumber(frame)
    there = planeOfIndex(volume, plane.axis, plane.index)
    subject.plane = there
    controller.draw(there, "box", there.pixelToWorld(box.reshape(2, 2)))
