"""Corrected slices on their way into the exemplar library."""

from __future__ import annotations

from SAMAdaptModuleLib.console.ExemplarLogic import addedText
from SAMAdaptModuleLib.scene.FindPlane import VoxelPlane, planeOfIndex
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, notes_to
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Propagation import storedOn
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


def addExemplars(controller: EffectController, subject: Subject, prompted: bool) -> str:
    """Accept the previews and add slices with their labels; one that the library has with other labels is replaced.

    Args:
        controller: of the prompts.
        subject: whose plane says the axis.
        prompted: all slices along the plane on which the selected segment has prompts and is drawn, in place of the
            plane alone.

    Returns:
        What became of them, in a line, and lines of what is to be known of it.

    Raises:
        InputError: a correction under way, an oblique plane, no prompts, or what :meth:`ExemplarLogic.addExemplars`
            raises.
    """
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    if controller.taker.busy:
        raise InputError(
            _("A correction is under way, and the slice may change yet"), None, _("Wait for its end, or Stop it first")
        )
    controller.acceptAll()
    plane = subject.plane
    if not isinstance(plane, VoxelPlane):
        raise InputError(
            _("Exemplars are whole slices of the volume"), None, _("Click on a slice in a standard orientation")
        )
    indices = _prompted(controller, plane) if prompted else [plane.index]
    segmentation = controller.editor.segmentationNode
    notes: list[str] = []
    with notes_to(notes.append):
        added = SAMAdaptLogic().addExemplars(plane.volumeNode, segmentation, indices, plane.axis, replace=True)
    return "\n".join([addedText(added, plane.axis), *notes])


def _prompted(controller: EffectController, plane: VoxelPlane) -> list[int]:
    """Slices along the plane that have prompts and on which the selected segment is drawn."""
    volume, editor = plane.volumeNode, controller.editor
    under = {index for index, _prompts in storedOn(controller, plane)} | {*controller.mends.along(volume, plane.axis)}
    found = [
        index
        for index in sorted(under)
        if planeOfIndex(volume, plane.axis, index)
        .fromSegmentation(editor.segmentationNode, editor.segmentID or "")
        .any()
    ]
    if not found:
        raise InputError(
            _("No slice along this view has prompts of the selected segment"),
            None,
            _("Correct some by clicks first, or add the slice shown"),
        )
    return found
