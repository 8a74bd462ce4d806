"""Prompts of one object on one plane while the user works on them, and the model's answer to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.scene.SegmentPrompts import PromptSet
from slicer.i18n import tr as _

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.protocol import Predicted
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.volume.geometry import nearest_index

BEST = 0
# Pixels between the positions of a line that are kept; finer ones say nothing to a model.
LEAST_STEP = 0.5


@dataclass(eq=False)
class StoredPrompts:
    """Accepted prompts of a segment.

    Attributes:
        prompts: as kept with the segment.
        written: bool [H, W], what they added to the segment on their plane; None when that is not known (any more).
    """

    prompts: PromptSet
    written: np.ndarray | None = None


@dataclass(eq=False)
class Draft:
    """Prompts on one plane.

    Attributes:
        plane: that they are on.
        prompts: so far.
        continues: the accepted prompts to which they are added, None for a new object.
        candidates: the model's masks (bool [H, W]), largest last; empty without an answer to the present prompts.
        expected: the IoU that the model expects of each.
        mask: the candidate that is shown, bool [H, W]; stays that of the earlier prompts until the answer is there.
        reply: that is pending, None without.
        acceptWhenAnswered: the user has accepted it before the answer came.
        choice: of the candidates, see :meth:`choose`.
    """

    plane: ViewPlane
    prompts: PromptSet
    continues: StoredPrompts | None = None
    candidates: list[np.ndarray] = field(default_factory=list)
    expected: list[float] = field(default_factory=list)
    mask: np.ndarray | None = None
    reply: Reply[Predicted] | None = None
    acceptWhenAnswered: bool = False
    choice: int = BEST

    @property
    def wantsCandidates(self) -> bool:
        """Whether to ask for several masks: when the user wants to choose, or one point alone may mean many things."""
        return self.choice != BEST or [mark.kind for mark in self.prompts.marks] == ["point"]

    def giveUp(self) -> None:
        """Wait for no answer any more."""
        if self.reply is not None:
            self.reply.abandon()
        self.reply, self.acceptWhenAnswered = None, False

    def answer(self, predicted: Predicted) -> None:
        """Take an answer in and show the candidate of choice."""
        order = np.argsort([int(np.count_nonzero(mask.crop())) for mask in predicted.masks], kind="stable")
        self.candidates = [predicted.masks[index].full() for index in order]
        self.expected = [float(predicted.iou[index]) for index in order]
        self.choose(self.choice)

    def choose(self, choice: int) -> None:
        """Show the candidate in which the model trusts most (0), or the smallest (1) to the largest (3)."""
        self.choice = choice
        if self.candidates:
            self.mask = self.candidates[self.shown]

    @property
    def shown(self) -> int:
        """Which of the candidates is shown."""
        return int(np.argmax(self.expected)) if self.choice == BEST else min(self.choice, len(self.candidates)) - 1

    @property
    def offer(self) -> str | None:
        """What there is to choose from, in words; None without a choice."""
        if len(self.candidates) < 2:
            return None
        return _("Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.").format(
            # The model's guess may leave the range of what it guesses.
            shown=self.shown + 1, count=len(self.candidates), iou=f"{np.clip(self.expected[self.shown], 0, 1):.2f}"
        )


def thinned(line: np.ndarray) -> np.ndarray:
    """A line (x, y) [N, 2] without what lies closer than half a pixel to what is kept before it; both ends stay."""
    kept = [line[0]]
    for place in line[1:]:
        if np.hypot(*(place - kept[-1])) >= LEAST_STEP:
            kept.append(place)
    if len(kept) > 1:
        kept[-1] = line[-1]
    return np.array(kept)


def componentsOf(mask: np.ndarray, prompt: Prompt) -> np.ndarray:
    """The connected parts of a mask (bool [H, W]) that hold a positive point of its prompt; for a box without points,
    those that reach into it."""
    from scipy import ndimage

    parts, _count = ndimage.label(mask, np.ones((3, 3)))
    if prompt.labels.any():
        x, y = nearest_index(prompt.points[prompt.labels == 1]).clip(0, (mask.shape[1] - 1, mask.shape[0] - 1)).T
        found = parts[y, x]
    elif prompt.box is not None:
        x0, y0, x1, y1 = nearest_index(prompt.box)
        found = parts[y0 : y1 + 1, x0 : x1 + 1].ravel()
    else:
        found = np.zeros(0, int)
    return np.isin(parts, np.unique(found[found > 0]))
