"""From what an object is on a frame of a sequence to the next one, by a prompt for it there."""

from __future__ import annotations

from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import VoxelPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume
from SAMAdaptModuleLib.scene.Sequences import checkedBrowser, follows
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.policy import time_rules
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


def frameAtHand(controller: EffectController, subject: Subject) -> tuple[Any, VoxelPlane, np.ndarray]:
    """The browser, the slice that is carried on along time, and the segment there, bool [H, W].

    Raises:
        InputError: no frame; one segmentation for all; prompts that would be lost; no slice of the volume that the
            segment is on.
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
    return browser, plane, mask


def carryToNext(controller: EffectController, subject: Subject) -> None:
    """Show the next frame, and prompt it with the box of the segment on the slice at hand, as propagation along time
    does; the answer waits to be accepted. Where the segment is on that slice of the next frame already, only show it.

    Raises:
        InputError: the last frame; what :func:`frameAtHand` raises.
    """
    browser, plane, mask = frameAtHand(controller, subject)
    volume, segmentation, segment = subject.chosen
    frame = browser.GetSelectedItemNumber() + 1
    if frame >= browser.GetNumberOfItems():
        raise InputError(_("This is the last frame"), volume.GetName(), _("Go to an earlier one"))
    from SAMAdaptLib.propagation.rules import next_prompt

    box = next_prompt(mask, np.zeros((1, 1), np.float32), plane.shape, time_rules({"use_mask": False})).box
    assert box is not None  # the rules use it
    browser.SetSelectedItemNumber(frame)
    there = planeOfIndex(volume, plane.axis, plane.index)
    subject.plane = there
    if there.fromSegmentation(segmentation, segment or "").any():
        controller.tell(_("The segment is on this slice already. Mend it by clicks, or go on."))
        return
    controller.draw(there, "box", there.pixelToWorld(box.reshape(2, 2)))
