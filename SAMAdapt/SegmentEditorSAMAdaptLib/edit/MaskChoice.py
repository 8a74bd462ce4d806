"""Choosing among the masks that a prompt on the slice under the mouse may mean."""

from __future__ import annotations

from typing import Any

from SegmentEditorSAMAdaptLib.edit.Draft import Draft
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


class MaskChoice:
    """For one object at a time; what the options frame says holds for those to come.

    Args:
        controller: whose drafts have the masks.
        subject: whose plane is that under the mouse.
    """

    def __init__(self, controller: EffectController, subject: Subject) -> None:
        self._controller, self._subject = controller, subject

    @property
    def offered(self) -> int:
        """How many there are; -1 where there is no choice."""
        draft = self._draft()
        return -1 if draft is None else len(draft.candidates)

    @reported
    def choose(self, number: int) -> bool:
        """Show one, 0: that trusted most; False where there is none of this number."""
        draft = self._draft()
        if draft is None or number > len(draft.candidates):
            return False
        self._controller.chooseFor(draft, number)
        return True

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self._controller.tell(message)

    def _draft(self) -> Draft | None:
        plane = self._subject.plane
        draft = None if plane is None else self._controller.onPlane(plane)[0]
        return draft if draft is not None and draft.offer is not None else None
