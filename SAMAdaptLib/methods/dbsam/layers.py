"""What the two branches do when they meet. Maps have their channels last, as in SAM's ViT."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.dbsam.config import Size
from SAMAdaptLib.methods.dbsam.deformable import DeformableAttention, pixel_middles

# Squeeze and restore of the channel attention, from the public code; the paper does not give it.
SQUEEZE = 4


class ChannelAttention(nn.Module):
    """F + Conv1x1(SE(DWConv3x3(LN(F)))) (Qin 2024, equation 1), SE as in Hu 2018.

    The public code has a GELU between DWConv and SE, and in SE another one for the ReLU; as there, no layer but the
    norm has a bias. Conv1x1 starts at zero, so a new block gives back what it gets.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(1, channels // SQUEEZE)
        self.norm = nn.LayerNorm(channels)
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.squeeze = nn.Linear(channels, hidden, bias=False)
        self.excite = nn.Linear(hidden, channels, bias=False)
        # A linear layer over channels that come last is the 1x1 convolution.
        self.pointwise = nn.Linear(channels, channels, bias=False)
        nn.init.zeros_(self.pointwise.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, H, W, C] to the same shape."""
        inner = self.depthwise(self.norm(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(inner.mean(dim=(1, 2))))))
        added: torch.Tensor = self.pointwise(inner * gate[:, None, None])
        return x + added


class FeedForward(nn.Module):
    """Two layers with a GELU between, and before the GELU a depth-wise 3x3 convolution of each map, where wanted.

    Args:
        channels: of what comes and goes.
        ratio: inner width over that.
        depthwise: with the convolution, as the public code has it in the cross-attention (a "mix" FFN, Xie 2021).
    """

    def __init__(self, channels: int, ratio: float, depthwise: bool) -> None:
        super().__init__()
        hidden = max(1, round(channels * ratio))
        self.inner = nn.Linear(channels, hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden) if depthwise else None
        self.outer = nn.Linear(hidden, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., H, W, C] to the same shape."""
        hidden = self.inner(x)
        if self.depthwise is not None:
            maps = hidden.flatten(0, -4).permute(0, 3, 1, 2)
            hidden = self.depthwise(maps).permute(0, 2, 3, 1).reshape(hidden.shape)
        outer: torch.Tensor = self.outer(F.gelu(hidden))
        return outer


class CrossAttention(nn.Module):
    """One way of the bilateral cross-attention (Qin 2024, section 2.2): F + DeformAttn(LN F, LN F'), then + FFN(LN F).

    The paper puts one norm after the attention; the others, before it, are the public code's. Several maps on one side
    are as in that code: as those who ask, they share all layers; as those who are asked, they share norm and
    projection and differ in where they are read and how much they count.

    Args:
        channels: of the maps that ask.
        other: of the maps that are asked.
        size: of the FFN.
        levels: how many are asked.
        closed: start both residual paths with a last layer of zero, so that the maps come back as they were.
    """

    def __init__(self, channels: int, other: int, size: Size, levels: int, closed: bool) -> None:
        super().__init__()
        self.norm_query = nn.LayerNorm(channels)
        self.norm_value = nn.LayerNorm(other)
        self.attention = DeformableAttention(channels, other, levels)
        self.norm_ffn = nn.LayerNorm(channels)
        self.ffn = FeedForward(channels, size.ffn, size.depthwise)
        if closed:
            for last in (self.attention.out, self.ffn.outer):
                nn.init.zeros_(last.weight)
                nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Maps [B, K, H, W, C] and [B, L, h, w, C'], of any two grids over the same picture, to [B, K, H, W, C]."""
        count, height, width = x.shape[1:4]
        reference = pixel_middles(height, width, x.device).repeat(count, 1)
        attended = self.attention(self.norm_query(x).flatten(1, 3), reference, self.norm_value(other))
        x = x + attended.view(x.shape)
        added: torch.Tensor = self.ffn(self.norm_ffn(x))
        return x + added
