"""What is minimised."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from SAMAdaptLib.methods.losses import dice_loss

# Keeps Dice of two empty masks from dividing by zero.
SMOOTH = 1e-5


def mask_loss(logits: torch.Tensor, target: torch.Tensor, ce_weight: float, dice_weight: float) -> torch.Tensor:
    """Cross entropy and Dice, L = ce_weight * L_CE + dice_weight * L_Dice (Feng 2023, section 3.3: 1 and 0.8).

    Args:
        logits: float32 [P, 1, H, W] in slice pixels, so that padding takes no part and thin structures count.
        target: float32 [P, 1, H, W], 0 or 1.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    return ce_weight * entropy + dice_weight * dice_loss(logits, target, smooth=SMOOTH)


def label_loss(logits: torch.Tensor, target: torch.Tensor, ce_weight: float, dice_weight: float) -> torch.Tensor:
    """Cross entropy and Dice of a label map, as SAMed has them (Zhang and Liu 2023, eq. 4, and its code).

    L = ce_weight * L_CE + dice_weight * the mean over all masks, the background's included, of
    1 - (2 sum(p t) + s) / (sum(p^2) + sum(t^2) + s) with p = softmax(logits) and s = 1e-5. SAMed's weights are 0.2 and
    0.8, and its sums are over a batch; here they are over a slice, so that the processes of a team add up.

    Args:
        logits: float32 [1, K + 1, H, W] in slice pixels, the background's first.
        target: float32 [1, K + 1, H, W], 0 or 1, one of them 1 on every pixel.
    """
    entropy = F.cross_entropy(logits, target.argmax(1))
    found = logits.softmax(1)
    both = (found * target).sum((2, 3))
    size = found.square().sum((2, 3)) + target.sum((2, 3))
    return ce_weight * entropy + dice_weight * (1 - (2 * both + SMOOTH) / (size + SMOOTH)).mean()


def margins(logits: torch.Tensor) -> torch.Tensor:
    """How far each mask of a label map is above the highest of the others: above 0 where it is the answer.

    Args:
        logits: [B, M, H, W] with M > 1.
    """
    first, second = logits.topk(2, dim=1).values.split(1, dim=1)
    return logits - torch.where(logits == first, second, first)


def label_iou_loss(predicted: torch.Tensor, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """:func:`iou_loss` of the masks of a label map; SAMed leaves the estimate untrained.

    Args:
        predicted: [1, M].
        logits, target: see :func:`label_loss`.
    """
    return iou_loss(predicted.transpose(0, 1), margins(logits).transpose(0, 1), target.transpose(0, 1))


def iou_loss(predicted: torch.Tensor, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Squared error of the model's own IoU estimate (Kirillov 2023, appendix A).

    Args:
        predicted: [P, 1].
        logits: [P, 1, H, W]; no gradient flows through it.
        target: [P, 1, H, W]. Two empty masks count as IoU 1.
    """
    with torch.no_grad():
        mask, truth = logits > 0, target > 0.5
        union = (mask | truth).sum((2, 3))
        actual = torch.where(union > 0, (mask & truth).sum((2, 3)) / union.clamp(min=1), 1.0)
    return F.mse_loss(predicted.float(), actual.float())
