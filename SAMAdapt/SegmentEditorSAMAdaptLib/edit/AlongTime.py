"""Carrying the selected segment from the frame at hand to all others of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SAMAdaptModuleLib.console.Correction import slicesOf
from SAMAdaptModuleLib.console.TimeWay import Events, FrameRow, Step, TimeWay, TimeWish
from SAMAdaptModuleLib.scene.FindPlane import VoxelPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import intensityText
from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.service.reply import Reply
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.NextFrame import frameAtHand
from SegmentEditorSAMAdaptLib.edit.Propagation import PropagationChoice
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeRequest import VolumeRequest


class AlongTime(VolumeRequest):
    """See :class:`VolumeRequest`, but that each frame is written when it is found: within masking, and beyond undo,
    which reaches back to the last change of frame. Frames with prompts, and the one at hand, stay as they are.

    Args:
        controller: see :class:`VolumeRequest`, as for ``subject`` and ``onProgress``.
        choice: tells how strictly.

    Attributes:
        stepping: whether it changes frame or segment just now, so that what is heard of them is no news.
    """

    def __init__(
        self,
        controller: EffectController,
        subject: Subject,
        onProgress: Callable[[int, int | None], None],
        choice: Callable[[], PropagationChoice],
    ) -> None:
        super().__init__(controller, subject, onProgress)
        self.stepping = self._stopping = False
        self._choice = choice
        self._way: TimeWay | None = None
        self._steps: Events | None = None
        self._browser: Any = None
        self._plane: VoxelPlane | None = None
        self._here = 0

    def start(self, wish: str) -> None:
        """Carry on from the slices of this frame that the segment is on; from more than one, also on to slices beside
        them on the other frames.

        Args:
            wish: how the session is to look at the volume, see :func:`intensityText`.

        Raises:
            InputError: see :func:`frameAtHand`.
        """
        if self.running:
            return
        browser, plane, _mask = frameAtHand(self.controller, self.subject)
        self.tell(None)
        volume, node, segment = self.subject.chosen
        choice, intensity = self._choice(), intensityText(wish, volume)
        on = [index for index, mask in slicesOf(volume, node, segment or "", plane.axis).items() if mask.any()]
        nodes = volume, node, segment or ""
        self._way = way = TimeWay(self.controller.session, browser, nodes, plane.axis, intensity, self._add)
        self._browser, self._plane, self._here = browser, plane, browser.GetSelectedItemNumber()
        rules = {"min_iou": choice.minIoU, "max_missing": choice.maxMissing}
        self._steps = way.steps(self._here, TimeWish(rules, len(on) > 1, keep=True))
        self.controller.cancel()
        self._onProgress(0, 0)
        self._goOn(None)

    def maskOn(self, _plane: Any) -> None:
        """Nothing is shown before it is written."""

    def stop(self) -> None:
        """End it after the answer at hand; frames that are finished stay."""
        self._stopping = True
        super().stop()

    def _goOn(self, answer: Any) -> None:
        """Send an answer, and ask on."""
        steps = self._steps
        if steps is None:
            return
        try:
            event = self._sent(steps, answer)
            while isinstance(event, Step) and steps is self._steps:
                self._onProgress(event.done, event.total)
                event = self._sent(steps, None)
        except StopIteration:
            self._finish()
            return
        except Exception:
            self._end()
            raise
        if steps is self._steps and isinstance(event, Reply):
            self._reply = event
            event.on_done(self._onAnswer)
        elif isinstance(event, Reply):
            # The segment is gone, or the scene.
            event.abandon()

    def _sent(self, steps: Events, answer: Any) -> Reply[Any] | Step:
        self.stepping = True
        try:
            return steps.send(answer)
        finally:
            self.stepping = False

    @reported
    def _onAnswer(self, reply: Reply[Any]) -> None:
        if reply is not self._reply:
            return
        try:
            answer = reply.result()
        except Cancelled:
            self._finish()
            return
        except Exception:
            self._end()
            raise
        if self._stopping:
            self._finish()
        else:
            self._goOn(answer)

    def _add(self, labelmap: Any) -> None:
        with self.controller.changing():
            self.controller.editor.saveState()
            self.controller.writer.add(labelmap)

    def _finish(self) -> None:
        rows = [] if self._way is None else self._way.rows
        self._end()
        self.tell(_told(rows))

    def _end(self) -> None:
        way, browser, plane, here = self._way, self._browser, self._plane, self._here
        super()._end()
        if way is None or plane is None or self.subject.volume is not plane.volumeNode:
            return
        if browser.GetSelectedItemNumber() != way.shown:
            # The user has gone elsewhere.
            return
        self.stepping = True
        try:
            browser.SetSelectedItemNumber(here)
            self.subject.plane = planeOfIndex(plane.volumeNode, plane.axis, plane.index)
        finally:
            self.stepping = False
        self.controller.reload()

    def _forget(self) -> None:
        self._way = self._steps = self._browser = self._plane = None
        self._stopping = False


def _told(rows: list[FrameRow]) -> str:
    """What became of the frames that are finished, in words."""
    found = [row for row in rows if row.millilitres > 0]
    if len(found) < 2:
        return _("The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.")
    most, least = max(found, key=lambda row: row.millilitres), min(found, key=lambda row: row.millilitres)
    text = _(
        "The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least "
        "(frame {other})."
    )
    return text.format(
        found=len(found),
        count=len(rows),
        most=f"{most.millilitres:.4g}",
        frame=most.frame,
        least=f"{least.millilitres:.4g}",
        other=least.frame,
    )
