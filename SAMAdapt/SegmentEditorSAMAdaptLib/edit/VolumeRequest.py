"""A request that goes through the volume slice by slice, and is written at the end or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject


class VolumeRequest:
    """One at a time. Results are shown as they come, and written at the end in one undo state.

    Args:
        controller: whose session is asked and whose editor writes.
        subject: on which; a request is to be dropped when it changes.
        onProgress: called with (slices done, slices in all), and with (0, 0) when it is over.
    """

    def __init__(
        self, controller: EffectController, subject: Subject, onProgress: Callable[[int, int | None], None]
    ) -> None:
        self.controller, self.subject = controller, subject
        self._onProgress = onProgress
        self._request = 0

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._request != 0

    def stop(self) -> None:
        """End it after the slice at hand and write what there is."""
        if self.running:
            self.controller.session.cancel(self._request)

    def drop(self) -> bool:
        """End it and write nothing; False when none is running."""
        if not self.running:
            return False
        request = self._request
        self._end()
        self.controller.session.cancel(request)
        return True

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self.controller.tell(message)

    def close(self) -> None:
        """Drop what is under way, and let go of the nodes of what is over."""
        try:
            self.drop()
        finally:
            self._forget()

    @reported
    def _onError(self, error: Exception) -> None:
        if self.running:
            self._end()
            self.tell(error)

    def _end(self) -> None:
        self._request = 0
        self._forget()
        self._onProgress(0, 0)

    def _forget(self) -> None:
        """Let go of everything that belongs to the request."""
        raise NotImplementedError
