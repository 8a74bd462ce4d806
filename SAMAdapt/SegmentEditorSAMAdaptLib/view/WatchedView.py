"""The slice view that the mouse is over, and its slice, which is encoded before anyone clicks on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfView
from SAMAdaptModuleLib.scene.NextVolume import likelyPlanes, nextVolume
from SAMAdaptModuleLib.scene.SceneVolume import intensityText
from SAMAdaptModuleLib.worker.Session import Session

from SAMAdaptLib.defaults import AXIS
from SAMAdaptLib.errors import SAMAdaptError
from SegmentEditorSAMAdaptLib.edit.OneShot import OneShot
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.view.KeyFilter import KeyFilter
from SegmentEditorSAMAdaptLib.view.SliceView import SliceView

# A slice that is only scrolled past is not worth encoding.
REST_MS = 50


class WatchedView:
    """One view at a time, the last that the mouse was over or that was clicked on.

    Args:
        scriptedEffect: whose parameter "Intensity" counts.
        session: who encodes.
        subject: whose plane becomes that of the view.
        keys: listens to the view.
        busy: whether the model is to be left alone.
        onEncoding: called when there is something else to enable.
        tell: shows an Exception.
    """

    def __init__(
        self,
        scriptedEffect: Any,
        session: Session,
        subject: Subject,
        keys: KeyFilter,
        busy: Callable[[], bool],
        onEncoding: Callable[[], None],
        tell: Callable[[Any], None],
    ) -> None:
        self._effect, self._session, self._subject, self._keys = scriptedEffect, session, subject, keys
        self._busy, self._onEncoding, self.tell = busy, onEncoding, tell
        self._widget: Any = None
        self._timer = OneShot(REST_MS, self._encode)

    def entered(self, viewWidget: Any) -> None:
        """The mouse is over a view."""
        self._lookAt(viewWidget)
        self._timer.start()

    def moved(self, viewWidget: Any) -> None:
        """A view shows another slice, or the same one elsewhere."""
        if self._widget is None or viewWidget is self._widget:
            self.entered(viewWidget)

    def rest(self) -> None:
        """Encode what is shown, unless it changes within a moment."""
        self._timer.start()

    def pointedAt(self, viewWidget: Any, xy: tuple[int, int]) -> tuple[ViewPlane, np.ndarray]:
        """The plane under a display position, which becomes the current one, and the world position [3].

        Raises:
            InputError: see :func:`planeOfView`.
        """
        self._lookAt(viewWidget)
        world = SliceView(viewWidget).displayToWorld(xy)
        plane = self._subject.plane = planeOfView(viewWidget.mrmlSliceNode(), self._subject.volume, world)
        return plane, world

    def forget(self) -> None:
        """Look at none."""
        self._widget = None

    def close(self) -> None:
        """Look at none any more."""
        self.forget()
        self._timer.close()

    def _lookAt(self, viewWidget: Any) -> None:
        if self._widget is not viewWidget:
            self._widget = viewWidget
            self._keys.watch(viewWidget)

    @reported
    def _encode(self) -> None:
        volume = self._subject.volume
        if self._widget is None or volume is None or self._busy():
            return
        try:
            sliceNode = self._widget.mrmlSliceNode()
        except ValueError:
            # PythonQt's word for a view that is gone.
            self._widget = None
            return
        try:
            plane = self._subject.plane = planeOfView(sliceNode, volume)
            if not self._session.isReady(plane):
                self._session.encode(plane)
            self._lookAhead(sliceNode, plane)
        except SAMAdaptError:
            # Shown when the user clicks; merely looking at a slice is no mistake.
            return
        self._onEncoding()

    def _lookAhead(self, sliceNode: Any, plane: ViewPlane) -> None:
        """Who works through the scans of a scene goes on with the next one."""
        following = nextVolume(plane.volumeNode)
        if following is None:
            self._session.useNext(None, (), None)
            return
        with contextlib.suppress(SAMAdaptError):
            wish = intensityText(self._effect.parameter("Intensity"), following)
            self._session.useNext(following, likelyPlanes(sliceNode, following, plane.axis or AXIS), wish)
