"""One step: slices through the encoder, prompts through the decoder, the loss back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.prompts.strategies import correction_point, generator
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import CORRECTION, TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.losses import iou_loss, mask_loss


def training_step(
    model: SamModel,
    data: TrainingData,
    step: int,
    config: TrainConfig,
    embeddings_of: Embeddings,
    backward: Callable[[torch.Tensor], None],
) -> dict[str, Any]:
    """Leave the gradients of one batch in the parameters.

    Returns:
        loss: mean over slices of what was minimised.
        dice: mean Dice of the first answers.
    """
    items = data.batch(step)
    embeddings = embeddings_of([item.image for item in items], [item.frame for item in items])
    losses, dices = [], []
    for slot, item in enumerate(items):
        target = torch.from_numpy(item.targets).to(embeddings.device)[:, None].float()
        low_res, iou = decode(model.sam, embeddings[slot : slot + 1], item.prompts, item.frame)
        logits = item.frame.logits_to_slice(low_res)
        loss = _loss(logits, iou, target, config)
        dices.append(_dice(logits, target))
        again = _corrections(item, logits, low_res, generator(config.seed, CORRECTION, step, slot), config.corrections)
        if again:
            rows, prompts = zip(*again, strict=True)
            low_res, iou = decode(model.sam, embeddings[slot : slot + 1], prompts, item.frame)
            weight = len(rows) / len(item.prompts)
            loss = loss + weight * _loss(item.frame.logits_to_slice(low_res), iou, target[list(rows)], config)
            loss = loss / (1 + weight)
        losses.append(loss)
    loss = torch.stack(losses).mean()
    backward(loss)
    return {"loss": float(loss.detach()), "dice": float(np.mean(dices))}


def _loss(logits: torch.Tensor, iou: torch.Tensor, target: torch.Tensor, config: TrainConfig) -> torch.Tensor:
    loss = mask_loss(logits, target, config.ce_weight, config.dice_weight)
    return loss + config.iou_weight * iou_loss(iou, logits, target) if config.iou_weight else loss


def _dice(logits: torch.Tensor, target: torch.Tensor) -> float:
    with torch.no_grad():
        mask = (logits > 0).float()
        both, size = (mask * target).sum((1, 2, 3)), (mask + target).sum((1, 2, 3))
        return float(torch.where(size > 0, 2 * both / size.clamp(min=1), 1.0).mean())


def _corrections(
    item: TrainingItem, logits: torch.Tensor, low_res: torch.Tensor, rng: np.random.Generator, share: float
) -> list[tuple[int, Prompt]]:
    """Second prompts for some objects: the first prompt, a click into the largest error, and the first answer."""
    clip = PropagationRules().logit_clip
    again = []
    for row in np.flatnonzero(rng.random(len(item.prompts)) < share):
        click = correction_point(item.targets[row], (logits[row, 0] > 0).detach().cpu().numpy())
        if click is None:
            continue
        first = item.prompts[row]
        point, label = click
        points = np.concatenate([first.points, np.asarray(point, np.float32)[None]])
        earlier = low_res[row, 0].detach().clamp(-clip, clip).float().cpu().numpy()
        again.append((int(row), Prompt(points, np.append(first.labels, label), first.box, earlier)))
    return again
