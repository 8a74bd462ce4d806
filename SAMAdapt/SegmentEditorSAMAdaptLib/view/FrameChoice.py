"""The buttons for a volume that is a frame of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
from SAMAdaptModuleLib.app.Connections import disconnectAll
from SAMAdaptModuleLib.scene.Sequences import browserOf, checkedBrowser, followFrames, follows
from slicer.i18n import tr as _

from SAMAdaptLib.errors import SAMAdaptError

# In the form: below what is seen together with the volume.
ROW = 5


class FrameChoice:
    """One is there while the segmentation is the same for all frames, the others while each has its own.

    Args:
        scriptedEffect: of whose editor the volume and the segmentation are.
        form: a QFormLayout, which gets the buttons.
        tell: shows a text or an error.
        carry: carries the segment to the next frame.
        carryToAll: carries it to all others.
    """

    def __init__(
        self,
        scriptedEffect: Any,
        form: Any,
        tell: Callable[[Any], None],
        carry: Callable[[], None],
        carryToAll: Callable[[], None],
    ) -> None:
        self._effect, self._tell, self._carry, self._carryToAll = scriptedEffect, tell, carry, carryToAll
        self.button = qt.QPushButton(_("One segmentation per frame"))
        self.button.toolTip = _(
            "The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each "
            "frame has its own, with its prompts: what there is now stays with this frame, and the others begin with "
            "empty segments."
        )
        self.nextButton = qt.QPushButton(_("To the next frame"))
        self.nextButton.toolTip = _(
            "Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept "
            "the answer, or mend it, and go on."
        )
        self.allButton = qt.QPushButton(_("To all frames"))
        self.allButton.toolTip = _(
            "Carries the segment from this frame along time to all others, earlier and later, slice by slice, and "
            "there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from "
            "themselves. Each frame is written when it is found; undo does not reach back to it."
        )
        self._connections = (
            (self.button, "clicked()", self._onClicked),
            # Rows are put before one another.
            (self.allButton, "clicked()", self._onAll),
            (self.nextButton, "clicked()", self._onNext),
        )
        for button, signal, slot in self._connections:
            form.insertRow(ROW, button)
            button.connect(signal, slot)
        self.follow()

    def follow(self) -> None:
        """Show the button that has something to do; volume or segmentation may be another one."""
        node = self._effect.parameterSetNode()
        segmentation = None if node is None else node.GetSegmentationNode()
        browser = None if segmentation is None else browserOf(node.GetSourceVolumeNode())
        own = browser is not None and follows(segmentation, browser)
        self.button.visible = browser is not None and not own
        self.nextButton.visible = self.allButton.visible = own

    def close(self) -> None:
        """Let go of the callbacks."""
        disconnectAll(self._connections)

    def _onNext(self) -> None:
        self._carry()

    def _onAll(self) -> None:
        self._carryToAll()

    def _onClicked(self) -> None:
        node = self._effect.parameterSetNode()
        try:
            followFrames(node.GetSegmentationNode(), checkedBrowser(node.GetSourceVolumeNode()))
        except SAMAdaptError as error:
            self._tell(error)
            return
        self._tell(_("Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown."))
        self.follow()
