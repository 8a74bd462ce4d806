"""One step: slices through the encoder, prompts through the decoder, the loss back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.prompts.strategies import bounding_box, box_overlap, correction_point, generator
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import CORRECTION, FOUND, TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.losses import iou_loss, mask_loss

# Share of the run after which boxes that the model finds are used as prompts.
FIND_FROM = 1 / 3


class Stepper:
    """Leaves the gradients of one batch in the parameters.

    Args:
        model: adapted by ``method``.
        method: for its loss on whole slices.
        data: of the run.
        config: of the run.
        embeddings: of training slices.
        backward: takes the loss.
    """

    def __init__(
        self,
        model: SamModel,
        method: Method,
        data: TrainingData,
        config: TrainConfig,
        embeddings: Embeddings,
        backward: Callable[[torch.Tensor], None],
    ) -> None:
        self.model, self.method, self.data, self.config = model, method, data, config
        self.embeddings, self.backward = embeddings, backward

    def __call__(self, step: int, progress: float) -> dict[str, Any]:
        """Do a step.

        Args:
            step: its number, which decides what is drawn.
            progress: 0..1 of the run.

        Returns:
            loss: mean over slices of what was minimised.
            dice: mean Dice of the first answers.
            slice_loss: of the method's loss on whole slices, where it has one.
        """
        items = self.data.batch(step)
        embeddings = self.embeddings([item.image for item in items], [item.frame for item in items])
        losses, dices = [], []
        for slot, item in enumerate(items):
            loss, dice = self._slice(item, embeddings[slot : slot + 1], step, slot, progress)
            losses.append(loss)
            dices.append(dice)
        loss = torch.stack(losses).mean()
        figures = {"dice": float(np.mean(dices))}
        if self.method.learns_slices:
            slice_loss = self.method.slice_loss(self.model, *self.data.known_slices(step))
            loss = loss + self.config.known_weight * slice_loss
            figures["slice_loss"] = float(slice_loss.detach())
        self.backward(loss)
        return {"loss": float(loss.detach()), **figures}

    def _slice(
        self, item: TrainingItem, embedding: torch.Tensor, step: int, slot: int, progress: float
    ) -> tuple[torch.Tensor, float]:
        """Loss and Dice of one slice."""
        config, sam = self.config, self.model.sam
        prompts = item.prompts
        if self.model.find is not None and progress > FIND_FROM:
            rng = generator(config.seed, FOUND, step, slot)
            prompts = with_found(item, self.model.find(item.image), rng, config.found_share)
        target = torch.from_numpy(item.targets).to(embedding.device)[:, None].float()
        low_res, iou = decode(sam, embedding, prompts, item.frame)
        logits = item.frame.logits_to_slice(low_res)
        loss, dice = _loss(logits, iou, target, config), _dice(logits, target)
        rng = generator(config.seed, CORRECTION, step, slot)
        again = _corrections(item.targets, prompts, logits, low_res, rng, config.corrections)
        if again:
            rows, prompts = zip(*again, strict=True)
            low_res, iou = decode(sam, embedding, prompts, item.frame)
            weight = len(rows) / len(item.prompts)
            loss = loss + weight * _loss(item.frame.logits_to_slice(low_res), iou, target[list(rows)], config)
            loss = loss / (1 + weight)
        return loss, dice


def with_found(item: TrainingItem, found: list[np.ndarray], rng: np.random.Generator, share: float) -> list[Prompt]:
    """The item's prompts, of which a share are boxes that the model found for the class: the one with the highest IoU
    with the object's own box. Where the object is not there, or no found box meets it, the prompt stays."""
    prompts = list(item.prompts)
    for row in np.flatnonzero(rng.random(len(prompts)) < share):
        boxes = found[item.classes[row]]
        if len(boxes) and item.targets[row].any():
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


def _corrections(
    targets: np.ndarray,
    prompts: Sequence[Prompt],
    logits: torch.Tensor,
    low_res: torch.Tensor,
    rng: np.random.Generator,
    share: float,
) -> list[tuple[int, Prompt]]:
    """Second prompts for some objects: the first prompt, a click into the largest error, and the first answer."""
    clip = PropagationRules().logit_clip
    again = []
    for row in np.flatnonzero(rng.random(len(prompts)) < share):
        click = correction_point(targets[row], (logits[row, 0] > 0).detach().cpu().numpy())
        if click is None:
            continue
        first = prompts[row]
        point, label = click
        points = np.concatenate([first.points, np.asarray(point, np.float32)[None]])
        earlier = low_res[row, 0].detach().clamp(-clip, clip).float().cpu().numpy()
        labels = np.append(first.labels, label)
        again.append((int(row), replace(first, points=points, labels=labels, mask_logits=earlier)))
    return again
