"""The buttons and the key by which a segment is continued from, and slices are accepted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from SAMAdaptModuleLib.app.Connections import disconnectAll
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfView
from slicer.i18n import tr as _

from SegmentEditorSAMAdaptLib.edit.Correction import Correction
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Propagation import onlyStacks
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


class CorrectionControls:
    """Lives as long as the effect is active.

    Args:
        correction: which is turned on and off.
        controller: whose slices are accepted.
        subject: whose plane a button means.
        ui: the widgets of the options.
        onChanged: called when there is something else to draw or to enable.
    """

    def __init__(
        self,
        correction: Correction,
        controller: EffectController,
        subject: Subject,
        ui: Any,
        onChanged: Callable[[], None],
    ) -> None:
        self._correction, self._controller, self._subject = correction, controller, subject
        self._ui, self._onChanged = ui, onChanged
        correction.through = ui.carryCheckBox.checked
        self._connections = (
            (ui.continueButton, "clicked()", self._turn),
            (ui.carryCheckBox, "clicked()", self._carry),
            (ui.acceptSliceButton, "clicked()", self._accept),
            # Another object is none that is there already.
            (ui.newObjectButton, "clicked()", self._leave),
        )
        for widget, signal, slot in self._connections:
            widget.connect(signal, slot)

    def close(self) -> None:
        """Hear nothing of the widgets any more."""
        disconnectAll(self._connections)
        with contextlib.suppress(ValueError):
            self._ui.continueButton.checked = self._ui.acceptSliceButton.checked = False

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self._controller.tell(message)

    def refresh(self, othersRun: bool) -> None:
        """Show what there is now; ``othersRun``: something else goes through the volume."""
        ui, plane = self._ui, self._subject.plane
        ui.continueButton.checked = self._correction.active
        ui.continueButton.enabled = not othersRun
        ui.acceptSliceButton.checked = plane is not None and self._controller.locks.holds(plane)
        ui.acceptSliceButton.enabled = not (othersRun or self._correction.running)

    @reported
    def acceptSlice(self, viewWidget: Any) -> bool:
        """Accept the slice that a view shows, or release it."""
        if self._subject.volume is not None:
            self._acceptPlane(planeOfView(viewWidget.mrmlSliceNode(), self._subject.volume))
        return True

    @reported
    def _accept(self) -> None:
        self._acceptPlane(self._subject.plane)

    def _acceptPlane(self, shown: ViewPlane | None) -> None:
        controller = self._controller
        try:
            plane = onlyStacks(shown)
            if not controller.editor.segmentID:
                self.tell(_("No segment is selected. Add or select a segment first."))
                return
            if self._correction.running:
                self.tell(_("Slices can be accepted once the correction has ended. Stop ends it."))
                return
            with controller.changing():
                accepted = controller.locks.turn(plane)
            words = (
                _("Slice {index} is accepted: nothing of SAM Adapt changes it.")
                if accepted
                else _("Slice {index} is released.")
            )
            self.tell(words.format(index=plane.index))
        finally:
            self._onChanged()

    @reported
    def _turn(self) -> None:
        try:
            if self._correction.active:
                self._correction.leave()
                self.tell(None)
            else:
                self._correction.begin()
        finally:
            self._onChanged()

    def _carry(self) -> None:
        self._correction.through = self._ui.carryCheckBox.checked

    @reported
    def _leave(self) -> None:
        self._correction.leave()
        self._onChanged()
