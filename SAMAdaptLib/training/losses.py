"""What is minimised."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from SAMAdaptLib.methods.losses import dice_loss


def mask_loss(logits: torch.Tensor, target: torch.Tensor, ce_weight: float, dice_weight: float) -> torch.Tensor:
    """Cross entropy and Dice, L = ce_weight * L_CE + dice_weight * L_Dice (Feng 2023, section 3.3: 1 and 0.8).

    Args:
        logits: float32 [P, 1, H, W] in slice pixels, so that padding takes no part and thin structures count.
        target: float32 [P, 1, H, W], 0 or 1.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, target)
    return ce_weight * entropy + dice_weight * dice_loss(logits, target, smooth=1e-5)


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
