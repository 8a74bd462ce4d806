"""Deformable attention in plain torch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

POINTS = 4
MAX_HEADS = 12


class DeformableAttention(nn.Module):
    """Attention of each query to a few places on each of L maps (Zhu 2021, equation 3): out_n is

        sum over heads m of W_m [sum over maps l and points k of A_nmlk W'_m value_l(p_n + offset_nmlk)],

    where offsets (in pixels of the value maps) and shares A (which add up to 1 over l and k) are linear in the query.
    Between pixels a value map is read bilinearly; beyond its border it is zero, also for the outer half of a border
    pixel, which fades out there. That is grid_sample's rule and that of the paper's compiled operator alike. All maps
    have one grid here, as DB-SAM's have.

    Args:
        channels: C, of queries and result.
        other: C', of the value maps.
        levels: L.
    """

    def __init__(self, channels: int, other: int, levels: int = 1) -> None:
        super().__init__()
        self.heads = max(n for n in range(1, MAX_HEADS + 1) if channels % n == 0)
        self.levels = levels
        self.offsets = nn.Linear(channels, self.heads * levels * POINTS * 2)
        self.shares = nn.Linear(channels, self.heads * levels * POINTS)
        self.value = nn.Linear(other, channels)
        self.out = nn.Linear(channels, channels)
        self._start()

    def _start(self) -> None:
        """As in Zhu 2021: point k of a head lies k pixels away on every map, each head in a direction of its own.

        The shares begin all but even there as here; quite even ones would leave the queries' norm without a gradient
        until both layers above it have moved off zero.
        """
        angles = torch.arange(self.heads, dtype=torch.float32) * (2 * math.pi / self.heads)
        around = torch.stack([angles.cos(), angles.sin()], dim=-1)
        around = around / around.abs().amax(dim=-1, keepdim=True)
        steps = torch.arange(1, POINTS + 1, dtype=torch.float32)
        places = (around[:, None] * steps[:, None])[:, None].expand(-1, self.levels, -1, -1)
        nn.init.zeros_(self.offsets.weight)
        with torch.no_grad():
            self.offsets.bias.copy_(places.flatten())
        nn.init.normal_(self.shares.weight, std=0.01)
        nn.init.zeros_(self.shares.bias)
        for layer in (self.value, self.out):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, query: torch.Tensor, reference: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """Attend.

        Args:
            query: [B, N, C].
            reference: (x, y) of every query [N, 2] as a share of width and height, so that the middle of pixel i of W
                is (i + 0.5) / W.
            value: [B, L, h, w, C'].

        Returns:
            [B, N, C].
        """
        batch, count, channels = query.shape
        height, width = value.shape[2:4]
        # Places and sums stay in 32 bits: 16 leave only a quarter of a pixel on a map of 64.
        offsets = self.offsets(query).float().view(batch, count, self.heads, self.levels, POINTS, 2)
        places = reference[:, None, None, None] + offsets / offsets.new_tensor([width, height])
        shares = self.shares(query).float().view(batch, count, self.heads, -1).softmax(dim=-1)
        shares = shares.view(batch, count, self.heads, self.levels, POINTS).permute(0, 2, 3, 1, 4)
        values = self.value(value).float().view(batch, self.levels, height, width, self.heads, -1)
        read = F.grid_sample(
            values.permute(0, 4, 1, 5, 2, 3).flatten(0, 2),
            (2 * places - 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2),
            mode="bilinear",
            padding_mode="zeros",
            align_corners=False,
        )
        mixed = (read * shares.flatten(0, 2)[:, None]).sum(dim=-1)
        mixed = mixed.view(batch, self.heads, self.levels, -1, count).sum(dim=2)
        result: torch.Tensor = self.out(mixed.reshape(batch, channels, count).transpose(1, 2))
        return result


def pixel_middles(height: int, width: int, device: torch.device) -> torch.Tensor:
    """(x, y) of every pixel's middle, row by row, as shares of width and height: [H*W, 2]."""
    y = (torch.arange(height, device=device, dtype=torch.float32) + 0.5) / height
    x = (torch.arange(width, device=device, dtype=torch.float32) + 0.5) / width
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=-1).flatten(0, 1)
