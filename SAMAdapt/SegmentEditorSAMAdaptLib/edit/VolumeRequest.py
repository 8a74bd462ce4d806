"""A request that goes through the volume slice by slice, and is written at the end or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SAMAdaptLib.service.protocol import Done, Progress, SliceMask
from SAMAdaptLib.service.reply import Reply
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
        self._reply: Reply[Done] | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._reply is not None

    def stop(self) -> None:
        """End it after the slice at hand and write what there is."""
        if self._reply is not None:
            self._reply.cancel()

    def drop(self) -> bool:
        """End it and write nothing; False when none is running."""
        if self._reply is None:
            return False
        reply = self._reply
        self._end()
        reply.abandon()
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

    def _follow(self, reply: Reply[Done]) -> None:
        self._reply = reply
        reply.on_slice(self._onSlice)
        reply.on_progress(self._onStep)
        reply.on_done(self._onReply)
        self._onProgress(0, 1)

    @reported
    def _onStep(self, progress: Progress) -> None:
        self._onProgress(progress.done, progress.total)

    @reported
    def _onReply(self, reply: Reply[Done]) -> None:
        if reply.error is not None:
            self._end()
        self._onDone(reply.result())

    def _onSlice(self, found: SliceMask) -> None:
        """Take a slice in."""
        raise NotImplementedError

    def _onDone(self, done: Done) -> None:
        """Write what was found."""
        raise NotImplementedError

    def _end(self) -> None:
        self._reply = None
        self._forget()
        self._onProgress(0, 0)

    def _forget(self) -> None:
        """Let go of everything that belongs to the request."""
        raise NotImplementedError
