"""The convolution branches, which see the picture itself."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.dbsam.config import Convolution

GROUP = 16


class ConvolutionBranch(nn.Sequential):
    """3x3 and 1x1 convolutions, norm and ReLU after all but the last, a 1x1 (Qin 2024, section 2.2).

    The paper normalises over the batch; here it is over groups of 16 channels (Wu and He 2018), with as many
    parameters. Batch statistics of one or two slices would be noise, and frozen ones of new layers would be no norm at
    all; groups make a slice's answer its own, whatever else is in the batch.

    Args:
        channels: of the result.
        stem: all convolutions but the last.
        grid: side g of the result. The image is taken at g pixels a side times all strides: on SAM at 1024 and with
            strides of 4 in all, at the paper's 256. Of an image with fewer pixels (TinyViT with small patches) each is
            repeated.
    """

    def __init__(self, channels: int, stem: tuple[Convolution, ...], grid: int) -> None:
        layers: list[nn.Module] = []
        before = 3
        for width, kernel, stride in stem:
            convolution = nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=False)
            layers += [convolution, nn.GroupNorm(width // GROUP, width), nn.ReLU()]
            before = width
        super().__init__(*layers, nn.Conv2d(before, channels, 1, bias=False))
        self.side = grid * math.prod(stride for _, _, stride in stem)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Model input [B, 3, S, S] to [B, g, g, C]."""
        # One of S and the side is a multiple of the other, so this is the mean of whole pixels, without aliasing.
        maps = F.adaptive_avg_pool2d(image, self.side)
        for layer in self:
            maps = layer(maps)
        return maps.permute(0, 2, 3, 1)


class ConvolutionBranches(nn.Module):
    """One branch, or several that see the picture at several sizes and end on one grid, each with what tells it from
    the others added (the public code's level embedding, which starts at zero there as well).

    Args:
        channels: of the results.
        stems: of the L branches.
        grid: side g of the results.
    """

    def __init__(self, channels: int, stems: tuple[tuple[Convolution, ...], ...], grid: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(ConvolutionBranch(channels, stem, grid) for stem in stems)
        self.levels = nn.Parameter(torch.zeros(len(stems), channels)) if len(stems) > 1 else None

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Model input [B, 3, S, S] to [B, L, g, g, C]."""
        maps = torch.stack([branch(image) for branch in self.branches], dim=1)
        return maps if self.levels is None else maps + self.levels[:, None, None]
