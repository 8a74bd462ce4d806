"""What prompts, answers and masks do between a click and the segment. Knows no widgets and no views."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import slicer
from SAMAdaptModuleLib.app.Weights import answeredByBase
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet, readPrompts, writePrompts
from SAMAdaptModuleLib.scene.SegmentWriter import Editor, SegmentWriter
from SAMAdaptModuleLib.worker.Session import Session
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SAMAdaptLib.service.protocol import Predicted
from SAMAdaptLib.service.reply import Reply
from SegmentEditorSAMAdaptLib.edit.Draft import BEST, Draft, StoredPrompts, componentsOf, thinned
from SegmentEditorSAMAdaptLib.edit.Reporting import maskedAway, reported
from SegmentEditorSAMAdaptLib.edit.SliceLocks import SliceLocks
from SegmentEditorSAMAdaptLib.edit.SliceMends import SliceMends
from SegmentEditorSAMAdaptLib.edit.SliceNotes import UNSURE, SliceNotes
from SegmentEditorSAMAdaptLib.edit.Taker import Taker

# Longer than a warm answer takes, shorter than what feels like a frozen view.
ANSWER_SECONDS = 0.25


@dataclass
class EffectSettings:
    """Choices in the options frame that bear on prompts.

    Attributes:
        livePreview: show answers and write at Enter; otherwise every answer is written at once.
        candidate: which of the model's masks, see :meth:`Draft.choose`.
    """

    livePreview: bool = True
    candidate: int = BEST


class EffectController:
    """The prompts of the selected segment.

    Gestures make drafts, at most one a plane. An answer is a preview until it is accepted, which writes all previews in
    one undo state and keeps their prompts with the segment. A gesture on a plane that has accepted prompts goes on with
    the last of them; what they had written is then replaced by difference.

    Args:
        session: who answers.
        editor: of the selected segment.
        onChanged: called without arguments when there is something else to draw or to enable.
        onMessage: called with an Exception to be shown, a text, or None to take the last message away.
    """

    def __init__(
        self, session: Session, editor: Editor, onChanged: Callable[[], None], onMessage: Callable[[Any], None]
    ) -> None:
        self.session, self.editor = session, editor
        self.writer = SegmentWriter(editor, session)
        self.notes, self.locks, self.mends = SliceNotes(editor), SliceLocks(editor), SliceMends(editor)
        self.taker = Taker()
        self.settings = EffectSettings()
        self.drafts: list[Draft] = []
        self.stored: list[StoredPrompts] = []
        self.editing = False
        self._onChanged, self._onMessage = onChanged, onMessage
        self._history: list[Draft] = []
        self.fresh = False

    @property
    def waiting(self) -> bool:
        """Whether an answer is due that the user waits for."""
        return any(draft.reply is not None for draft in self.drafts)

    @property
    def hasPreview(self) -> bool:
        """Whether there is something to accept or to drop."""
        return self.settings.livePreview and bool(self.drafts)

    @property
    def canUndo(self) -> bool:
        """Whether there is a gesture to take back."""
        return bool(self._history) or self.taker.canUndo

    # Gestures

    def addPoint(self, plane: ViewPlane, world: np.ndarray, positive: bool) -> None:
        """Add a point at a world position [3] and ask the model. What goes wrong is shown, not raised."""
        if not plane.containsPixel(plane.worldToPixel(np.atleast_2d(world)))[0]:
            self._onMessage(_("That place lies outside the volume. Click on the image."))
            return
        self.add(plane, Mark("point", world, positive))

    def draw(self, plane: ViewPlane, kind: str, world: np.ndarray, positive: bool = True) -> None:
        """Add what was drawn through world positions [N, 3], cut at the borders of the image: of kinds that give a box
        it replaces the earlier one. What goes wrong is shown, not raised."""
        pixels = plane.worldToPixel(world)
        last = np.array(plane.shape[::-1]) - 1
        if (pixels.max(axis=0) < 0).any() or (pixels.min(axis=0) > last).any():
            self._onMessage(_("That lies outside the volume. Draw it on the image."))
            return
        of, inside = KINDS[kind], pixels.clip(0, last)
        try:
            places = plane.pixelToWorld(thinned(inside) if of.line else inside)
            mark = Mark(kind, places, positive or not of.negative)
            # One that means nothing must not stay among the prompts.
            of.prompt(inside, mark.label, plane.shape)
        except InputError as error:
            self._onMessage(error)
            return
        self.add(plane, mark)

    def add(self, plane: ViewPlane, mark: Mark) -> None:
        """Add a mark that lies on the image, and ask the model. What goes wrong is shown, not raised."""
        if self.locks.holds(plane):
            self._onMessage(_("This slice is accepted. Release it first, with Accept slice or the key K."))
            return
        if self.taker.wants(plane):
            self.taker.take(plane, mark)
            return
        draft = self._draftOn(plane)
        draft.prompts.add(mark)
        self._onMessage(None)
        self._history.append(draft)
        try:
            self._ask(draft)
        except InputError as error:
            self._onMessage(error)
        finally:
            self._onChanged()

    @reported
    def undoGesture(self) -> bool:
        """Take the last gesture back; False when there is none."""
        if not self._history:
            return self.taker.undo()
        draft = self._history.pop()
        draft.prompts.undo()
        if draft in self._history or not (self.settings.livePreview or draft.prompts.empty):
            self._ask(draft)
        else:
            self._withdraw(draft)
        self._onChanged()
        return True

    @reported
    def newObject(self) -> None:
        """Accept what there is; the next gesture begins another object, also where this one has prompts."""
        self.acceptAll()
        self.fresh = True

    @reported
    def accept(self) -> bool:
        """The same as :meth:`acceptAll`, for those who cannot be told what goes wrong."""
        return self.acceptAll()

    def acceptAll(self) -> bool:
        """Write all previews in one undo state; those without an answer yet follow when it comes. False if none."""
        if not self.hasPreview:
            return False
        self._onMessage(None)
        ready = [draft for draft in self.drafts if draft.reply is None and draft.mask is not None]
        for draft in self.drafts:
            draft.acceptWhenAnswered = draft.reply is not None
        self._write(ready)
        for draft in ready:
            self._close(draft)
        self._onChanged()
        return True

    def drop(self) -> bool:
        """Forget all prompts that are not accepted; False when there are none."""
        self.cancel()
        dropped, self.drafts, self._history = self.drafts, [], []
        self.fresh = False
        self._onChanged()
        return bool(dropped)

    def cancel(self) -> None:
        """Give up waiting for answers; the prompts stay."""
        for draft in self.drafts:
            draft.giveUp()

    def choose(self, candidate: int) -> None:
        """Show another of the model's masks, see :meth:`Draft.choose`, here and with prompts to come."""
        self.settings.candidate = candidate
        for draft in self.drafts:
            draft.choose(candidate)
            if draft.wantsCandidates and len(draft.candidates) < 2:
                self._ask(draft)
            else:
                self._written(draft)
        self._onChanged()

    def chooseFor(self, draft: Draft, candidate: int) -> None:
        """Show another of the masks of a draft, for it alone."""
        draft.choose(candidate)
        self._onMessage(draft.offer)
        self._written(draft)
        self._onChanged()

    def setLivePreview(self, live: bool) -> None:
        """Show answers before they are written, or write them at once; what is shown now is written first."""
        if live == self.settings.livePreview:
            return
        self.acceptAll()
        self.drop()
        self.settings.livePreview = live
        self._onChanged()

    # What else happens to the segment

    def reload(self) -> None:
        """Read the accepted prompts of the selected segment anew; what they wrote is not known any more.

        To be called when another segment is selected, or when the segment changed by someone else's hand.
        """
        if self.editing:
            return
        node, segment = self.editor.segmentationNode, self.editor.segmentID
        found = readPrompts(node, segment) if node is not None and segment else []
        self.stored = [StoredPrompts(prompts) for prompts in found]
        if self.settings.livePreview:
            for draft in self.drafts:
                draft.continues = self._last(draft.plane) if draft.continues is not None else None
        else:
            # Without previews a draft is what has been written; it comes back from the segment.
            self.drafts, self._history = [], []
        self._onChanged()

    def reset(self) -> None:
        """Forget everything: another segment or volume, or the end of the scene."""
        self.stored = []
        self.drop()

    def onPlane(self, plane: ViewPlane) -> tuple[Draft | None, list[PromptSet]]:
        """The draft on a plane, and the accepted prompts on it that the draft does not take the place of."""
        draft = next((draft for draft in reversed(self.drafts) if draft.plane.key == plane.key), None)
        hidden = draft.continues if draft is not None else None
        others = [stored.prompts for stored in self.stored if stored is not hidden]
        return draft, [prompts for prompts in others if prompts.liesOn(plane)]

    def keepDrafts(self, axis: str) -> None:
        """Count the drafts on slices along an axis as accepted, because a propagation has written them."""
        for draft in [draft for draft in self.drafts if draft.plane.axis == axis]:
            if draft.continues is None:
                self.stored.append(StoredPrompts(draft.prompts))
            else:
                draft.continues.prompts, draft.continues.written = draft.prompts, None
            self._close(draft)
        self.storePrompts()

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self._onMessage(message)

    # Details

    def _draftOn(self, plane: ViewPlane) -> Draft:
        draft, _others = self.onPlane(plane)
        if draft is not None and not self.fresh:
            return draft
        if draft is not None and not draft.acceptWhenAnswered:
            self._close(draft)
        stored = None if self.fresh else self._last(plane)
        self.fresh = False
        prompts = PromptSet.onPlane(plane) if stored is None else copy.deepcopy(stored.prompts)
        draft = Draft(plane, prompts, stored, choice=self.settings.candidate)
        self.drafts.append(draft)
        return draft

    def _last(self, plane: ViewPlane) -> StoredPrompts | None:
        return next((stored for stored in reversed(self.stored) if stored.prompts.liesOn(plane)), None)

    def _ask(self, draft: Draft) -> None:
        draft.candidates, draft.reply = [], None
        prompt, several = draft.prompts.toPrompt(draft.plane), draft.wantsCandidates
        ready = self.session.isReady(draft.plane)
        draft.reply = reply = self.session.predict(draft.plane, prompt, several)
        if ready and reply.wait(ANSWER_SECONDS) and reply.error is None:
            # Whoever asks has the views drawn once it is done.
            self._answered(draft, reply)
        else:
            reply.on_done(functools.partial(self._onReply, draft))

    @reported
    def _onReply(self, draft: Draft, reply: Reply[Predicted]) -> None:
        try:
            self._answered(draft, reply)
        finally:
            self._onChanged()

    def _answered(self, draft: Draft, reply: Reply[Predicted]) -> None:
        if draft.reply is not reply or draft not in self.drafts:
            return
        draft.reply = None
        if reply.error is not None:
            draft.acceptWhenAnswered = False
            self._onMessage(reply.error)
            return
        draft.answer(reply.result())
        info = self.session.info
        if not draft.prompts.boxed and info is not None and not info.points:
            if max(draft.expected, default=0.0) < UNSURE:
                self._onMessage(_("This model was not trained on points, and nothing stands out here: draw a box."))
            else:
                self._onMessage(_("Grown from the point, since this model knows boxes only: check it, or draw a box."))
        elif draft.mask is not None and not draft.mask.any():
            self._onMessage(_("The model finds nothing there. Add a point inside the object or draw a box around it."))
        elif reply.result().by_base:
            self._onMessage(answeredByBase(info, [reply.result().by_base]))
        elif draft.offer is not None:
            self._onMessage(draft.offer)
        if draft.acceptWhenAnswered:
            draft.acceptWhenAnswered = False
            self._write([draft])
            self._close(draft)
        else:
            self._written(draft)

    def _written(self, draft: Draft) -> None:
        if not self.settings.livePreview and draft.mask is not None:
            self._write([draft])

    def _withdraw(self, draft: Draft) -> None:
        """The draft has lost its last gesture."""
        if not self.settings.livePreview and draft.continues is not None:
            draft.mask = np.zeros(draft.plane.shape, bool)
            self._write([draft])
        self._close(draft)

    def _close(self, draft: Draft) -> None:
        draft.giveUp()
        self.drafts = [other for other in self.drafts if other is not draft]
        self._history = [other for other in self._history if other is not draft]

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """While this effect edits the segment itself, what is heard of it is no news."""
        self.editing = True
        try:
            yield
        finally:
            self.editing = False

    def _write(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        start = perf_counter()
        refused = False
        with self.changing(), slicer.util.RenderBlocker():
            self.editor.saveState()
            for draft in drafts:
                refused |= self._replace(draft)
            self.storePrompts()
            self.notes.take([(one.plane, one.expected[one.shown]) for one in drafts if one.candidates])
        self.session.note("write", 1000 * (perf_counter() - start))
        if refused:
            self._onMessage(maskedAway())

    def _replace(self, draft: Draft) -> bool:
        """Write one draft; True when masking let nothing of it through."""
        node, segment, mask = self.editor.segmentationNode, self.editor.segmentID or "", draft.mask
        if mask is None:
            return False
        present = draft.plane.fromSegmentation(node, segment)
        old = self._earlier(draft, present)
        self.writer.replace(draft.plane, old, mask)
        after = draft.plane.fromSegmentation(node, segment)
        if draft.continues is None:
            draft.continues = StoredPrompts(draft.prompts)
            self.stored.append(draft.continues)
        draft.continues.prompts = copy.deepcopy(draft.prompts)
        # What was in the segment before is not the prompts' own, and stays whatever becomes of them.
        draft.continues.written = mask & after & ~(present & ~old)
        if draft.prompts.empty:
            self.stored.remove(draft.continues)
        return bool(mask.any()) and not (mask & after).any()

    def _earlier(self, draft: Draft, present: np.ndarray) -> np.ndarray:
        """What the prompts that the draft continues have written."""
        if draft.continues is None:
            return np.zeros_like(present)
        if draft.continues.written is not None and draft.continues.written.shape == present.shape:
            return draft.continues.written
        return componentsOf(present, draft.continues.prompts.toPrompt(draft.plane))

    def storePrompts(self) -> None:
        """Keep the accepted prompts with the segment."""
        prompts = [stored.prompts for stored in self.stored]
        writePrompts(self.editor.segmentationNode, self.editor.segmentID or "", prompts)
