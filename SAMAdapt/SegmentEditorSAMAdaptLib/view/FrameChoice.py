"""The button that gives each frame of a sequence a segmentation of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import qt
from SAMAdaptModuleLib.scene.Sequences import browserOf, checkedBrowser, followFrames, follows
from slicer.i18n import tr as _

from SAMAdaptLib.errors import SAMAdaptError

# In the form: below what is seen together with the volume.
ROW = 5


class FrameChoice:
    """There while the source volume is one of a sequence, and the segmentation is the same for all of its frames.

    Args:
        scriptedEffect: of whose editor the volume and the segmentation are.
        form: a QFormLayout, which gets the button.
        tell: shows a text or an error.
    """

    def __init__(self, scriptedEffect: Any, form: Any, tell: Callable[[Any], None]) -> None:
        self._effect, self._tell = scriptedEffect, tell
        self.button = qt.QPushButton(_("One segmentation per frame"))
        self.button.toolTip = _(
            "The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each "
            "frame has its own, with its prompts: what there is now stays with this frame, and the others begin with "
            "empty segments."
        )
        form.insertRow(ROW, self.button)
        self.button.connect("clicked()", self._onClicked)
        self.follow()

    def follow(self) -> None:
        """Show the button where it has something to do; volume or segmentation may be another one."""
        node = self._effect.parameterSetNode()
        segmentation = None if node is None else node.GetSegmentationNode()
        browser = None if segmentation is None else browserOf(node.GetSourceVolumeNode())
        self.button.visible = browser is not None and not follows(segmentation, browser)

    def close(self) -> None:
        """Let go of the callback."""
        # A widget that is gone is a ValueError in PythonQt.
        with contextlib.suppress(ValueError):
            self.button.disconnect("clicked()", self._onClicked)

    def _onClicked(self) -> None:
        node = self._effect.parameterSetNode()
        try:
            followFrames(node.GetSegmentationNode(), checkedBrowser(node.GetSourceVolumeNode()))
        except SAMAdaptError as error:
            self._tell(error)
            return
        self._tell(_("Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown."))
        self.follow()
