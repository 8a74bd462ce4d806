"""Losses that methods and training share."""

from __future__ import annotations

import torch


def dice_loss(logits: torch.Tensor, target: torch.Tensor, smooth: float) -> torch.Tensor:
    """1 - (2 |P T| + s) / (|P| + |T| + s) with P = sigmoid(logits), the mean over masks (Milletari 2016 without its
    squares, as MONAI's ``DiceLoss(sigmoid=True)`` has it).

    MONAI itself is left to the U-Net: to import it takes longer than a step of training.

    Args:
        logits: [B, C, H, W], a mask each channel.
        target: [B, C, H, W], 0..1.
        smooth: s, which keeps two empty masks from dividing by zero.
    """
    found = logits.sigmoid()
    both, size = (found * target).sum((2, 3)), found.sum((2, 3)) + target.sum((2, 3))
    return (1 - (2 * both + smooth) / (size + smooth)).mean()
