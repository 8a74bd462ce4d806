"""One step: slices through the encoder, prompts through the decoder, the loss back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from SAMAdaptLib.methods.base import KnownSlices, Lesson
from SAMAdaptLib.prompts.boxes import bounding_box, box_overlap
from SAMAdaptLib.prompts.strategies import generator, next_click
from SAMAdaptLib.prompts.types import BOX, Prompt
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode, label
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import CORRECTION, FOUND, TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.losses import iou_loss, label_iou_loss, label_loss, margins, mask_loss
from SAMAdaptLib.training.slices import SliceLearning
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.training.together import Together

# Share of the run after which boxes that the model finds are used as prompts.
FIND_FROM = 1 / 3


class Drawn(NamedTuple):
    """What a step is made from.

    Attributes:
        items: the slices of this process with their prompts.
        known: slices that the method's loss on whole ones has for itself, see :class:`SliceLearning`.
    """

    items: list[TrainingItem]
    known: KnownSlices | None


class Stepper:
    """Leaves the gradients of one process's share of a batch in the parameters.

    Args:
        model: adapted by ``method``.
        data: of the run.
        config: of the run.
        embeddings: of training slices.
        team: of the run.
        slices: what learns about whole slices beside it, where the method does.
        lesson: from a progress of 0..1, see :meth:`Method.lesson`.
    """

    def __init__(
        self,
        model: SamModel,
        data: TrainingData,
        config: TrainConfig,
        embeddings: Embeddings,
        team: Team,
        slices: SliceLearning | None = None,
        lesson: Callable[[float], Lesson] = lambda progress: Lesson(),
    ) -> None:
        self.model, self.data, self.config = model, data, config
        self.embeddings, self.slices, self.lesson = embeddings, slices, lesson
        self.slots = team.share(config.batch_size)
        self.together = Together(len(self.slots))

    def drawn(self, step: int) -> Drawn:
        """What a step is made from, a function of its number and of nothing that training changes."""
        known = None if self.slices is None else self.slices.others(step)
        return Drawn(self.data.batch(step, self.slots), known)

    def __call__(self, step: int, progress: float, drawn: Drawn | None = None) -> dict[str, float]:
        """Do a step.

        Args:
            step: its number, which decides what is drawn.
            progress: 0..1 of the run.
            drawn: what :meth:`drawn` gave for it, where that was asked before.

        Returns:
            what summed over the processes is
            loss: mean over slices of what was minimised.
            dice: mean Dice of the first answers; NaN where none were asked for.
            slice_loss: of the method's loss on whole slices, where it takes part.
        """
        lesson = self.lesson(progress)
        items, known = self.drawn(step) if drawn is None else drawn
        if self.slices is not None and known is not None and not lesson.masks:
            alone = self.slices(step, items, partial(self._unlearnt, items), known)
            return {"loss": alone, "dice": math.nan, "slice_loss": alone}
        first: list[torch.Tensor] = []

        def encode_all(number: int) -> None:
            # Whoever learns about whole slices sees them as they are encoded for the step, where they are at once.
            if number >= len(items):
                first.append(self._encoded(items))

        self.together.done(encode_all, self._forget)
        extra = {}
        if self.slices is not None and known is not None and lesson.slices:
            encode = first[0].detach if first else partial(self._unlearnt, items)
            extra["slice_loss"] = self.slices(step, items, encode, known)
        learnt = self.together.done(lambda number: self._learnt(number, items, first, step, progress), self._forget)
        return {**learnt, **extra}

    def _learnt(
        self, number: int, items: Sequence[TrainingItem], first: list[torch.Tensor], step: int, progress: float
    ) -> dict[str, float]:
        """The losses of the slices, so many at a time, with the sum of all gradients left in the parameters.

        Args:
            number: of slices.
            items: of the step.
            first: their embeddings where they are there already, taken out.
            step: see :meth:`__call__`, as for the last.
            progress: see there.
        """
        figures = {"loss": 0.0, "dice": 0.0}
        for begin in range(0, len(items), number):
            part = items[begin : begin + number]
            embeddings = first.pop() if first else self._encoded(part)
            losses, dices = [], []
            for row, (slot, item) in enumerate(zip(self.slots[begin : begin + number], part, strict=True)):
                embedding = embeddings[row : row + 1]
                if self.model.labels:
                    loss, dice = self._labelled(item, embedding)
                else:
                    loss, dice = self._slice(item, embedding, step, slot, progress)
                losses.append(loss)
                dices.append(dice)
            share = len(part) / self.config.batch_size
            total = torch.stack(losses).mean() * share
            total.backward()
            figures["loss"] += float(total.detach())
            figures["dice"] += float(np.mean(dices)) * share
        return figures

    def _forget(self) -> None:
        """The gradients of a part of a step, which is done anew."""
        self.model.sam.zero_grad(set_to_none=True)

    def _encoded(self, items: Sequence[TrainingItem]) -> torch.Tensor:
        places = [item.place for item in items]
        return self.embeddings([item.image for item in items], [item.frame for item in items], places)

    @torch.no_grad()
    def _unlearnt(self, items: Sequence[TrainingItem]) -> torch.Tensor:
        def encoded(number: int) -> torch.Tensor:
            parts = [items[begin : begin + number] for begin in range(0, len(items), number)]
            return torch.cat([self._encoded(part) for part in parts])

        return self.together.done(encoded, self._forget)

    def _labelled(self, item: TrainingItem, embedding: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Loss and Dice of a slice that the model labels, whatever is asked of it; Dice is the mean over classes."""
        config = self.config
        target = torch.from_numpy(item.masks).to(embedding.device)
        low_res, iou = label(self.model, embedding, self.embeddings.dtype)
        logits = item.frame.logits_to_slice(low_res)
        loss = label_loss(logits, target, config.ce_weight, config.dice_weight)
        if config.iou_weight:
            loss = loss + config.iou_weight * label_iou_loss(iou, logits, target)
        return loss, _dice(margins(logits)[0, 1:, None], target[0, 1:, None])

    def _slice(
        self, item: TrainingItem, embedding: torch.Tensor, step: int, slot: int, progress: float
    ) -> tuple[torch.Tensor, float]:
        """Loss and Dice of one slice.

        Some prompts are answered again, with a click into the error of their last answer and that answer for a mask
        prompt, without gradient through it. All answers count alike: where every prompt has N clicks, the loss is the
        mean over N rounds.
        """
        config = self.config
        prompts = item.prompts
        if self.model.find is not None and progress > FIND_FROM:
            rng = generator(config.seed, FOUND, step, slot)
            found = self.model.find(item.image, item.frame, embedding.detach)
            prompts = with_found(item, found, rng, config.found_share)
        target = torch.from_numpy(item.targets).to(embedding.device)[:, None].float()
        low_res, iou = decode(self.model, embedding, prompts, item.frame, dtype=self.embeddings.dtype)
        logits = item.frame.logits_to_slice(low_res)
        loss, dice = _loss(logits, iou, target, config), _dice(logits, target)
        rng = generator(config.seed, CORRECTION, step, slot)
        clicks = np.broadcast_to(item.clicks, len(prompts))
        left = np.maximum(clicks, rng.random(len(prompts)) < config.corrections)
        # Clicks of the mix go anywhere in the error (Wu et al. 2023), a mere correction to its innermost pixel.
        chances = [rng if number else None for number in clicks]
        asked, weights = list(enumerate(prompts)), 1.0
        for number in range(left.max()):
            asked = corrections(item.targets, asked, logits, low_res, left > number, chances)
            if not asked:
                break
            rows, prompts = map(list, zip(*asked, strict=True))
            low_res, iou = decode(self.model, embedding, prompts, item.frame, dtype=self.embeddings.dtype)
            logits = item.frame.logits_to_slice(low_res)
            weight = len(rows) / len(item.prompts)
            loss = loss + weight * _loss(logits, iou, target[rows], config)
            weights += weight
        return loss / weights, dice


def with_found(item: TrainingItem, found: list[np.ndarray], rng: np.random.Generator, share: float) -> list[Prompt]:
    """The item's prompts, of whose boxes a share are replaced by one that the model found for the class: the one with
    the highest IoU with the object's own box. Where the object is not there, or no found box meets it, the prompt
    stays, as do points, which would be seen too seldom otherwise."""
    prompts = list(item.prompts)
    for row in np.flatnonzero(rng.random(len(prompts)) < share):
        boxes = found[item.classes[row]]
        if prompts[row].kind == BOX and len(boxes) and item.targets[row].any():
            overlaps = box_overlap(boxes, np.array(bounding_box(item.targets[row])))
            if overlaps.max() > 0:
                prompts[row] = Prompt(box=boxes[overlaps.argmax()])
    return prompts


def _loss(logits: torch.Tensor, iou: torch.Tensor, target: torch.Tensor, config: TrainConfig) -> torch.Tensor:
    loss = mask_loss(logits, target, config.ce_weight, config.dice_weight)
    return loss + config.iou_weight * iou_loss(iou, logits, target) if config.iou_weight else loss


def _dice(logits: torch.Tensor, target: torch.Tensor) -> float:
    with torch.no_grad():
        mask = (logits > 0).float()
        both, size = (mask * target).sum((1, 2, 3)), (mask + target).sum((1, 2, 3))
        return float(torch.where(size > 0, 2 * both / size.clamp(min=1), 1.0).mean())


def corrections(
    targets: np.ndarray,
    asked: Sequence[tuple[int, Prompt]],
    logits: torch.Tensor,
    low_res: torch.Tensor,
    wanted: np.ndarray,
    chances: Sequence[np.random.Generator | None],
) -> list[tuple[int, Prompt]]:
    """The next prompts of the objects that are wanted: the last one, a click into the largest error, and the answer.

    Args:
        targets: bool [P, H, W].
        asked: A objects by number, with what was asked.
        logits: [A, 1, H, W] of the answers.
        low_res: [A, 1, 4g, 4g], the same.
        wanted: bool [P].
        chances: for each of the P objects, as ``rng`` of :func:`next_click`.
    """
    clip = PropagationRules().logit_clip
    again = []
    for place, (row, prompt) in enumerate(asked):
        if not wanted[row]:
            continue
        answer = (logits[place, 0] > 0).detach().cpu().numpy()
        earlier = low_res[place, 0].detach().clamp(-clip, clip).float().cpu().numpy()
        following = next_click(prompt, targets[row], answer, earlier, chances[row])
        if following is not None:
            again.append((row, following))
    return again
