"""Mending what the selected segment has, by gestures on any slice, each carried on as far as it changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic, perf_counter

import numpy as np
import slicer
from SAMAdaptModuleLib.app.Weights import answeredByBase
from SAMAdaptModuleLib.console.Correction import slicesOf
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, VoxelPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import volumeKey
from SAMAdaptModuleLib.scene.SegmentGrid import segmentLabelmap
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet
from SAMAdaptModuleLib.scene.SegmentWriter import modelOf
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.service.protocol import Done, SliceMask
from SAMAdaptLib.service.reply import Reply
from SegmentEditorSAMAdaptLib.edit.CorrectionRun import CorrectionRun, PastRun
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.OneShot import OneShot
from SegmentEditorSAMAdaptLib.edit.Propagation import PropagationChoice, onlyStacks, rulesOf, storedOn
from SegmentEditorSAMAdaptLib.edit.Reporting import maskedAway, reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.Taker import Taker
from SegmentEditorSAMAdaptLib.edit.VolumeRequest import VolumeRequest

# Between two writings on the way, the first of which is at once: each has the surface computed anew. With
# the last one, which follows when it may, there are two within a second at most.
WRITE_MS = 1000
# Corrections that gestures can be taken back of.
KEPT_BACK = 20


class Correction(VolumeRequest, Taker):
    """While it is active, gestures mend the segment, whoever has made it, and make no drafts; while it is not, those on
    slices that the segment has reached without prompts there. What changes is written on the way, so that the surface
    follows, and takes nothing from other segments before the end; all of it is one undo state. Gestures are kept with
    the segment.

    Args:
        controller: see :class:`VolumeRequest`, as for ``subject`` and ``onProgress``.
        choice: tells how far and how strictly to carry on.

    Attributes:
        active: whether all gestures come here.
        through: whether slices without gestures change, too.
    """

    def __init__(
        self,
        controller: EffectController,
        subject: Subject,
        onProgress: Callable[[int, int | None], None],
        choice: Callable[[], PropagationChoice],
    ) -> None:
        super().__init__(controller, subject, onProgress)
        self.active, self.through = False, True
        self._choice = choice
        self._past: list[PastRun] = []
        self._timer = OneShot(WRITE_MS, self._writeSome)
        self._wrote = -float("inf")
        self._run: CorrectionRun | None = None
        controller.taker = self

    def begin(self) -> None:
        """Take gestures from now on; previews are accepted first.

        Raises:
            InputError: no segment, or an empty one.
        """
        editor = self.controller.editor
        self.controller.acceptAll()
        node, segment = editor.segmentationNode, editor.segmentID
        if node is None or not segment:
            raise InputError(_("No segment is selected"), None, _("Add or select a segment first"))
        labelmap = segmentLabelmap(node, segment)
        if labelmap is None or labelmap.cropped() is None:
            raise InputError(
                _("The segment is empty: there is nothing to continue from"),
                node.GetSegmentation().GetSegment(segment).GetName(),
                _("Draw it on a slice first, with any tool or by prompts"),
            )
        self.active = True
        self.tell(
            _("Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.")
        )

    def leave(self) -> None:
        """Take no gestures any more; what is under way is dropped."""
        self.drop()
        self.active = False
        self._past.clear()

    @property
    def busy(self) -> bool:
        """Whether a correction is under way."""
        return self.running

    @property
    def canUndo(self) -> bool:
        """Whether there is a gesture to take back."""
        return self._run is not None or bool(self._past)

    def wants(self, plane: ViewPlane) -> bool:
        """Whether marks on a plane mend what is there: always while it is active or under way, else where the segment
        is without prompts that had made it there."""
        if self.active or self._run is not None:
            return True
        controller = self.controller
        node, segment = controller.editor.segmentationNode, controller.editor.segmentID
        if controller.fresh or not isinstance(plane, VoxelPlane) or node is None or not segment:
            return False
        draft, accepted = controller.onPlane(plane)
        if draft is not None or accepted or not self._reaches(plane):
            return False
        return bool(plane.fromSegmentation(node, segment).any())

    def take(self, plane: ViewPlane, mark: Mark) -> None:
        """Mend by a mark on a plane, and carry it on. What goes wrong is shown."""
        try:
            self._mend(onlyStacks(plane), mark)
        except SAMAdaptError as error:
            self.tell(error)

    def asked(self, plane: ViewPlane, mark: Mark) -> Reply[Done] | None:
        """Ask what a mark would make of its slice, and of no other; None on an accepted one and on oblique planes."""
        editor = self.controller.editor
        if not isinstance(plane, VoxelPlane) or self.controller.locks.holds(plane):
            return None
        present = plane.fromSegmentation(editor.segmentationNode, editor.segmentID or "")
        prompts = PromptSet.onPlane(plane)
        prompts.add(mark)
        asked = {plane.index: prompts.toPrompt(plane)}
        return self.controller.session.correct(plane.axis, {plane.index: present}, asked, through=False)

    def undo(self) -> bool:
        """Take the last gesture back, and all that it has changed of the segment; False where there is none, or
        somebody else has changed those slices since."""
        run = self._run or self._revived()
        if run is None:
            return False
        self._abandon()
        index = run.order.pop()
        run.marks[index].undo()
        if run.marks[index].empty:
            del run.marks[index]
        self.tell(None)
        self._run = run
        if run.marks:
            self._ask(run, planeOfIndex(run.chosen[0], run.axis, index))
        else:
            self._putBack(run)
            self._end()
        return True

    def maskOn(self, plane: ViewPlane) -> np.ndarray | None:
        """What has been found so far on a plane, bool [H, W]."""
        run = self._run
        if run is None or not isinstance(plane, VoxelPlane) or plane.axis != run.axis:
            return None
        return run.found.get(plane.index)

    def promptsOn(self, plane: ViewPlane) -> list[PromptSet]:
        """The gestures on a plane, as long as they are not answered."""
        return [] if self._run is None else [one for one in self._run.marks.values() if one.liesOn(plane)]

    def drop(self) -> bool:
        """End it, and put back what was; False when none is running."""
        run, editor = self._run, self.controller.editor
        there = run is not None and run.chosen == self.subject.chosen and run.key == volumeKey(self.subject.volume)
        # The editor knows first that a segment is gone.
        if run is not None and there and run.chosen[1:] == (editor.segmentationNode, editor.segmentID):
            self._run = None
            self._putBack(run)
        return super().drop()

    def changedElsewhere(self) -> None:
        """Somebody else has changed the segment, or undone: what is still to be written can be undone for itself, and
        of what is over nothing is taken back any more."""
        self._past.clear()
        if self._run is not None:
            self._run.saved = False

    def close(self) -> None:
        """Drop it, and let go of everything."""
        try:
            super().close()
        finally:
            self.active = False
            self._past.clear()
            self._timer.close()

    def _mend(self, plane: VoxelPlane, mark: Mark) -> None:
        run = self._run
        if run is not None and run.axis != plane.axis:
            raise InputError(
                _("A correction along other slices is under way"), None, _("Wait for its end, or Stop it first")
            )
        if run is None:
            # Previews are written first, and what a gesture back means is this one from now on.
            self.controller.acceptAll()
            self.controller.reload()
            volume, node, segment = self.subject.chosen
            before = slicesOf(volume, node, segment or "", plane.axis)
            state = self.controller.mends.state()
            run = CorrectionRun(plane.axis, self.subject.chosen, volumeKey(volume), before, state=state)
        self.tell(None)
        run.marks.setdefault(plane.index, PromptSet.onPlane(plane)).add(mark)
        run.order.append(plane.index)
        self._abandon()
        self._ask(run, plane)

    def _reaches(self, plane: VoxelPlane) -> bool:
        """Whether the segment is more than what prompts have made on their own slices: it was carried on, found without
        any, or mended, or all its prompts lie along this axis."""
        controller = self.controller
        node, segment = controller.editor.segmentationNode, controller.editor.segmentID
        prompted = len(controller.stored)
        if controller.mends.sets or controller.notes.count > prompted:
            return True
        if not prompted:
            return bool(node is not None and modelOf(node.GetSegmentation().GetSegment(segment)))
        return len(storedOn(controller, plane)) == prompted

    def _abandon(self) -> None:
        if self._reply is not None:
            reply, self._reply = self._reply, None
            reply.abandon()

    def _revived(self) -> CorrectionRun | None:
        """The last correction that is over, as if it were under way and all written."""
        past = self._past.pop() if self._past else None
        if past is None or past.run.key != volumeKey(self.subject.volume):
            return None
        volume, node, segment = past.run.chosen
        found = past.revived(slicesOf(volume, node, segment or "", past.run.axis))
        if found is None:
            self._past.clear()
        return found

    def _putBack(self, run: CorrectionRun) -> None:
        """Have the segment be what it was before a correction, with what is kept with it."""
        run.found, run.final, run.expected = {}, {}, {}
        self._write(run, {index: run.before[index] for index in run.written})
        with self.controller.changing():
            self.controller.mends.restore(run.state)

    def _ask(self, run: CorrectionRun, plane: VoxelPlane) -> None:
        run.found, run.final, run.expected = {}, {}, {}
        self._run = run
        try:
            self._follow(self._asked(run, plane))
        except SAMAdaptError:
            self.drop()
            self._end()
            raise

    def _asked(self, run: CorrectionRun, plane: VoxelPlane) -> Reply[Done]:
        volume, axis, controller = plane.volumeNode, run.axis, self.controller
        prompts = {index: one.toPrompt(planeOfIndex(volume, axis, index)) for index, one in run.marks.items()}
        kept = {index for index, _prompts in storedOn(controller, plane)}
        kept |= {draft.plane.index for draft in controller.drafts if isinstance(draft.plane, VoxelPlane)}
        kept |= controller.locks.along(volume, axis) | {*controller.mends.along(volume, axis)}
        rules = rulesOf(plane, sorted(prompts), self._choice())
        return controller.session.correct(axis, run.before, prompts, sorted(kept - {*prompts}), rules, self.through)

    @reported
    def _onSlice(self, found: SliceMask) -> None:
        run, mask = self._run, found.mask.full()
        if run is None:
            return
        run.found[found.index] = mask
        if not found.tentative:
            run.final[found.index], run.expected[found.index] = mask, found.iou
        elif self._timer.active:
            return
        elif 1000 * (monotonic() - self._wrote) >= WRITE_MS:
            self._writeSome()
        else:
            self._timer.start()

    @reported
    def _writeSome(self) -> None:
        run = self._run
        if run is not None:
            self._wrote = monotonic()
            self._write(run, run.found, free=True)

    @reported
    def _onReply(self, reply: Reply[Done]) -> None:
        if reply.error is not None:
            self.drop()
        super()._onReply(reply)

    def _onDone(self, done: Done) -> None:
        run = self._run
        # The editor may leave the effect in the middle of writing, which would put back what was before.
        self._end()
        try:
            if run is not None:
                self._finish(run, done)
        finally:
            self._onProgress(0, 0)

    def _finish(self, run: CorrectionRun, done: Done) -> None:
        target = {index: run.final.get(index, run.before[index]) for index in {*run.written, *run.final}}
        start = perf_counter()
        self._write(run, target)
        changed = [index for index, mask in target.items() if (mask != run.before[index]).any()]
        if run.written:
            self._keep(run)
        self.controller.session.note("write", 1000 * (perf_counter() - start))
        if changed and not run.written:
            self.tell(maskedAway())
            return
        told = [_changes(sorted(changed)), answeredByBase(self.controller.session.info, done.values.get("by_base", []))]
        self.tell(" ".join(filter(None, told)))

    def _write(self, run: CorrectionRun, new: Mapping[int, np.ndarray], free: bool = False) -> None:
        """Have slices be something else where they are not yet; ``free`` as for ``SegmentWriter.replaceSlices``."""
        volume, node, segment = run.chosen
        held = self.controller.locks.along(volume, run.axis)
        planes = {index: planeOfIndex(volume, run.axis, index) for index in new if index not in held}
        now = {index: plane.fromSegmentation(node, segment or "") for index, plane in planes.items()}
        changed = {index: new[index] for index, mask in now.items() if (mask != new[index]).any()}
        if not changed:
            return
        controller = self.controller
        with controller.changing(), slicer.util.RenderBlocker():
            if not run.saved:
                run.saved = True
                controller.editor.saveState()
            controller.writer.replaceSlices(volume, run.axis, now, changed, free)
            if not free:
                self._note(run, planes)
        run.written |= {
            index
            for index in changed
            if not np.array_equal(planes[index].fromSegmentation(node, segment or ""), run.before[index])
        }

    def _keep(self, run: CorrectionRun) -> None:
        """The gestures with the segment, and what it takes to take them back."""
        volume, node, segment = run.chosen
        planes = {index: planeOfIndex(volume, run.axis, index) for index in {*run.marks, *run.written}}
        with self.controller.changing():
            self.controller.mends.restore((run.state[0],))
            self.controller.mends.keep([(planes[index], one) for index, one in run.marks.items()])
        after = {index: planes[index].fromSegmentation(node, segment or "") for index in run.written}
        self._past = [*self._past[1 - KEPT_BACK :], PastRun.of(run, after)]

    def _note(self, run: CorrectionRun, planes: Mapping[int, VoxelPlane]) -> None:
        sure = {index: iou for index, iou in run.expected.items() if iou is not None and run.final[index].any()}
        empty = [planes[index] for index, mask in run.final.items() if index in planes and not mask.any()]
        self.controller.notes.take([(planes[index], sure[index]) for index in sorted(sure) if index in planes], empty)

    def _forget(self) -> None:
        self._run = None
        self._timer.stop()


def _changes(changed: list[int]) -> str:
    if not changed:
        return _("Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.")
    if len(changed) == 1:
        return _("Slice {index} changed.").format(index=changed[0])
    first, last = changed[0], changed[-1]
    return _("{count} slices changed, {first} to {last}.").format(count=len(changed), first=first, last=last)
