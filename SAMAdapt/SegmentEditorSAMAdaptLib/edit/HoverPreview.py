"""What a click at the mouse would give, while a key is held. Nothing of it is ever a draft, let alone written."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet

from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.service.protocol import Done, Predicted, SliceMask
from SAMAdaptLib.service.reply import Reply
from SegmentEditorSAMAdaptLib.edit.Draft import Draft
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Reporting import reported


class HoverPreview:
    """One question at a time: where the mouse has gone on meanwhile, its last place is asked for next. Who clicks, or
    waits for an answer to a click, is never kept waiting by it.

    Args:
        controller: whose prompts a click would go on with.
        onChanged: called when there is something else to draw.
    """

    def __init__(self, controller: EffectController, onChanged: Callable[[], None]) -> None:
        self._controller, self._onChanged = controller, onChanged
        self._shown: tuple[ViewPlane, np.ndarray] | None = None
        self._reply: Reply[Predicted] | Reply[Done] | None = None
        self._next: tuple[ViewPlane, np.ndarray, bool] | None = None
        self.running = False

    def at(self, plane: ViewPlane, world: np.ndarray, positive: bool) -> None:
        """The key is held with the mouse at a world position [3] of a plane. Where the plane is not encoded yet, or it
        lies beside the image, nothing is shown."""
        self.running = True
        if self._reply is not None:
            self._next = plane, world, positive
            return
        inside = plane.containsPixel(plane.worldToPixel(np.atleast_2d(world)))[0]
        if not inside or self._controller.waiting or not self._controller.session.isReady(plane):
            self._show(None)
            return
        try:
            self._ask(plane, Mark("point", world, positive))
        except SAMAdaptError:
            # Told when the user clicks.
            self._show(None)

    def end(self) -> None:
        """The key is released."""
        reply, self._reply, self._next, self.running = self._reply, None, None, False
        if reply is not None:
            reply.abandon()
        self._show(None)

    close = end

    def maskOn(self, plane: ViewPlane) -> np.ndarray | None:
        """What is shown on a plane, bool [H, W]."""
        return self._shown[1] if self._shown is not None and self._shown[0].key == plane.key else None

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        self._controller.tell(message)

    def _ask(self, plane: ViewPlane, mark: Mark) -> None:
        controller = self._controller
        if controller.taker.wants(plane):
            mending = controller.taker.asked(plane, mark)
            if mending is None:
                self._show(None)
                return
            self._reply = mending
            mending.on_slice(functools.partial(self._onSlice, plane))
            mending.on_done(lambda _reply: self._goOn())
            return
        draft = Draft(plane, self._prompts(plane), choice=controller.settings.candidate)
        draft.prompts.add(mark)
        self._reply = reply = controller.session.predict(plane, draft.prompts.toPrompt(plane), draft.wantsCandidates)
        reply.on_done(functools.partial(self._onReply, draft))

    @reported
    def _onSlice(self, plane: ViewPlane, found: SliceMask) -> None:
        self._show((plane, found.mask.full()))

    @reported
    def _onReply(self, draft: Draft, reply: Reply[Predicted]) -> None:
        if reply.error is None:
            draft.answer(reply.result())
            self._show(None if draft.mask is None else (draft.plane, draft.mask))
        self._goOn()

    @reported
    def _goOn(self) -> None:
        self._reply = None
        if self._next is not None:
            following, self._next = self._next, None
            self.at(*following)

    def _prompts(self, plane: ViewPlane) -> PromptSet:
        draft, accepted = self._controller.onPlane(plane)
        if self._controller.fresh or not (draft or accepted):
            return PromptSet.onPlane(plane)
        return copy.deepcopy(draft.prompts if draft is not None else accepted[-1])

    def _show(self, shown: tuple[ViewPlane, np.ndarray] | None) -> None:
        if shown is not self._shown:
            self._shown = shown
            self._onChanged()
