"""TinyViT's layers without attention: patches, the first stage and the mergings between stages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam import fast
from SAMAdaptLib.sam.families.base import Maps


class ConvNorm(nn.Sequential):
    """Convolution without bias, then batch normalisation."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.c = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(channels_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, variance = self.bn.running_mean, self.bn.running_var
        if self.training or mean is None or variance is None:
            result: torch.Tensor = self.bn(self.c(x))
            return result
        return F.conv2d(x, *self.folded(mean, variance), self.c.stride, self.c.padding, groups=self.c.groups)

    def folded(self, mean: torch.Tensor, variance: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Kernel and bias with frozen statistics in them: one pass over the map instead of two."""
        factor = self.bn.weight * (variance + self.bn.eps).rsqrt()
        return self.c.weight * factor[:, None, None, None], self.bn.bias - mean * factor

    def fast(self, dtype: torch.dtype, gelu: bool = False) -> Maps:
        """The layer with frozen statistics and, where wanted, a GELU behind it, made ready for many maps of a type."""
        mean, variance = self.bn.running_mean, self.bn.running_var
        assert mean is not None and variance is not None
        kernel, bias = self.folded(mean, variance)
        kernel = kernel.to(dtype, memory_format=torch.channels_last)
        stride, padding, groups = self.c.stride, (self.c.kernel_size[0] // 2,) * 2, self.c.groups
        return partial(
            fast.convolution,
            weight=kernel,
            bias=bias.to(dtype),
            stride=stride,
            padding=padding,
            groups=groups,
            gelu=gelu,
        )


class PatchEmbed(nn.Module):
    """Two convolutions; of 3x3 with stride 2 (MobileSAM, ``stride`` 4) or of 1x1 (LiteMedSAM, ``stride`` 1)."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        kernel, step = (3, 2) if stride == 4 else (1, 1)
        self.seq = nn.Sequential(
            ConvNorm(3, channels // 2, kernel, step), nn.GELU(), ConvNorm(channels // 2, channels, kernel, step)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.seq(x)
        return result


class MBConv(nn.Module):
    """Inverted bottleneck with a depth-wise 3x3 convolution; GELU also after the residual sum."""

    def __init__(self, channels: int, expand: int = 4) -> None:
        super().__init__()
        hidden = channels * expand
        self.conv1 = ConvNorm(channels, hidden)
        self.conv2 = ConvNorm(hidden, hidden, 3, groups=hidden)
        self.conv3 = ConvNorm(hidden, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = F.gelu(self.conv2(F.gelu(self.conv1(x))))
        return F.gelu(x + self.conv3(inner))

    def fast(self, dtype: torch.dtype) -> Callable[[torch.Tensor, int, int], torch.Tensor]:
        """The block on rows of a map [1, C, H, W]: what it gives without ``above`` rows at the top and ``below`` at the
        bottom."""
        widen, spread, narrow = self.conv1.fast(dtype, True), self.conv2.fast(dtype, True), self.conv3.fast(dtype)

        def rows(x: torch.Tensor, above: int, below: int) -> torch.Tensor:
            kept = slice(above, x.shape[2] - below)
            inner = spread(widen(x))[:, :, kept]
            result: torch.Tensor = torch.ops.aten.gelu_(narrow(inner).add_(x[:, :, kept]))
            return result

        return rows


class PatchMerging(nn.Module):
    """Changes the width and, where ``stride`` is 2, halves the grid."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(channels_in, channels_out)
        self.conv2 = ConvNorm(channels_out, channels_out, 3, stride, groups=channels_out)
        self.conv3 = ConvNorm(channels_out, channels_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))
        return result

    def fast(self, dtype: torch.dtype) -> Maps:
        """The layers for many maps of a type."""
        narrow, spread, widen = self.conv1.fast(dtype, True), self.conv2.fast(dtype, True), self.conv3.fast(dtype)
        return lambda x: widen(spread(narrow(x)))


def convolve_in_tiles(blocks: list[MBConv], merging: PatchMerging, x: torch.Tensor) -> torch.Tensor:
    """A stage of convolutions on maps [B, C, H, W], some rows at a time; nothing in it may be trained.

    The widest map between two layers is four times as wide as what enters and, whole, fits no cache. Each depth-wise
    convolution is given one row beyond those that the next one needs, so that a tile's rows are those of the whole map.
    """
    dtype, (batch, _, height, width) = fast.working_dtype(x), x.shape
    x = x.to(dtype, memory_format=torch.channels_last)
    steps, merge = [block.fast(dtype) for block in blocks], merging.fast(dtype)
    widest = max(block.conv1.c.out_channels for block in blocks)
    # An even number keeps the merging's stride of 2 in step.
    rows = max(8, fast.TILE_BYTES // (width * widest * dtype.itemsize) // 2 * 2)
    out = x.new_empty(batch, merging.conv3.c.out_channels, (height + 1) // 2, (width + 1) // 2)
    out = out.contiguous(memory_format=torch.channels_last)
    for image, start in itertools.product(range(batch), range(0, height, rows)):
        stop = min(start + rows, height)
        # For the merging a row above, and one more to keep in step; for each block before it a row on both sides.
        ends = [(max(start - 2 - n, 0), min(stop + n, height)) for n in range(len(steps), -1, -1)]
        tile = x[image : image + 1, :, slice(*ends[0])]
        for step, before, after in zip(steps, ends, ends[1:], strict=False):
            tile = step(tile, after[0] - before[0], before[1] - after[1])
        out[image, :, start // 2 : (stop + 1) // 2] = merge(tile)[0, :, (start - ends[-1][0]) // 2 :]
    return out
