"""What DB-SAM adds to an encoder. Maps are [B, H, W, C], with channels last as in SAM's ViT, unless stated."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.dbsam.config import Size

POINTS = 4
MAX_HEADS = 12
# Squeeze and restore of the channel attention and of the fusion, both from the public code; the paper gives neither.
SQUEEZE = 4
FUSION_SQUEEZE = 12
GROUP = 16


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
        inner = self.depthwise(self.norm(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(inner.mean(dim=(1, 2))))))
        return x + self.pointwise(inner * gate[:, None, None])


class ConvolutionBranch(nn.Sequential):
    """Two 3x3 and three 1x1 convolutions, norm and ReLU after the first four (Qin 2024, section 2.2).

    Order and strides are those of the public code's branch of the same five layers: a 3x3 convolution with stride 2, a
    1x1, both again, and a last 1x1. The paper normalises over the batch; here it is over groups of 16 channels (Wu and
    He 2018), with as many parameters. Batch statistics of one or two slices would be noise, and frozen ones of new
    layers would be no norm at all; groups make a slice's answer its own, whatever else is in the batch.

    Args:
        channels: of the result.
        size: which widths in between.
        grid: side g of the result; the image is taken at 4g pixels a side, which on SAM at 1024 is the paper's 256.
    """

    def __init__(self, channels: int, size: Size, grid: int) -> None:
        first, second = size.stem
        super().__init__(
            *_convolution(3, first, 3, 2),
            *_convolution(first, first, 1, 1),
            *_convolution(first, second, 3, 2),
            *_convolution(second, second, 1, 1),
            nn.Conv2d(second, channels, 1, bias=False),
        )
        self.side = 4 * grid

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Model input [B, 3, S, S] to [B, g, g, C]."""
        # S is a multiple of the side, so this is the mean of whole pixels, without aliasing.
        return super().forward(F.adaptive_avg_pool2d(image, self.side)).permute(0, 2, 3, 1)


def _convolution(channels_in: int, channels_out: int, kernel: int, stride: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, bias=False)
    return convolution, nn.GroupNorm(channels_out // GROUP, channels_out), nn.ReLU()


class DeformableAttention(nn.Module):
    """Attention of each query to a few places of another map (Zhu 2021, equation 2): out_n is

        sum over heads m of W_m [sum over points k of A_nmk W'_m value(p_n + offset_nmk)],

    where offsets (in pixels of the value map) and shares A (which add up to 1 over k) are linear in the query. Between
    pixels the value map is read bilinearly; beyond its border it is zero, also for the outer half of a border pixel,
    which fades out there. That is grid_sample's rule and that of the paper's compiled operator alike.

    Args:
        channels: C, of queries and result.
        other: C', of the value map.
    """

    def __init__(self, channels: int, other: int) -> None:
        super().__init__()
        self.heads = max(n for n in range(1, MAX_HEADS + 1) if channels % n == 0)
        self.offsets = nn.Linear(channels, self.heads * POINTS * 2)
        self.shares = nn.Linear(channels, self.heads * POINTS)
        self.value = nn.Linear(other, channels)
        self.out = nn.Linear(channels, channels)
        self._start()

    def _start(self) -> None:
        """As in Zhu 2021: point k of a head lies k pixels away, each head in a direction of its own.

        The shares begin all but even there as here; quite even ones would leave the queries' norm without a gradient
        until both layers above it have moved off zero.
        """
        angles = torch.arange(self.heads, dtype=torch.float32) * (2 * math.pi / self.heads)
        around = torch.stack([angles.cos(), angles.sin()], dim=-1)
        around = around / around.abs().amax(dim=-1, keepdim=True)
        steps = torch.arange(1, POINTS + 1, dtype=torch.float32)
        nn.init.zeros_(self.offsets.weight)
        with torch.no_grad():
            self.offsets.bias.copy_((around[:, None] * steps[:, None]).flatten())
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
            value: [B, h, w, C'].

        Returns:
            [B, N, C].
        """
        batch, count, channels = query.shape
        height, width = value.shape[1:3]
        # Places and sums stay in 32 bits: 16 leave only a quarter of a pixel on a map of 64.
        offsets = self.offsets(query).float().view(batch, count, self.heads, POINTS, 2)
        places = reference[:, None, None] + offsets / offsets.new_tensor([width, height])
        shares = self.shares(query).float().view(batch, count, self.heads, POINTS).softmax(dim=-1)
        values = self.value(value).float().view(batch, height, width, self.heads, -1)
        read = F.grid_sample(
            values.permute(0, 3, 4, 1, 2).flatten(0, 1),
            (2 * places - 1).transpose(1, 2).flatten(0, 1),
            mode="bilinear",
            padding_mode="zeros",
            align_corners=False,
        )
        mixed = (read * shares.transpose(1, 2).flatten(0, 1)[:, None]).sum(dim=-1)
        return self.out(mixed.view(batch, channels, count).transpose(1, 2))


class CrossAttention(nn.Module):
    """One way of the bilateral cross-attention (Qin 2024, section 2.2): F + DeformAttn(LN F, LN F'), then + FFN(LN F).

    The paper puts one norm after the attention; the others, before it, are the public code's. That code's FFN has a
    depth-wise convolution besides, which the paper's two layers and GELU leave no room for.

    Args:
        channels: of the map that asks.
        other: of the map that is asked.
        ratio: inner width of the FFN over its outer.
        closed: start both residual paths with a last layer of zero, so that the map comes back as it was.
    """

    def __init__(self, channels: int, other: int, ratio: float, closed: bool) -> None:
        super().__init__()
        hidden = max(1, round(channels * ratio))
        self.norm_query = nn.LayerNorm(channels)
        self.norm_value = nn.LayerNorm(other)
        self.attention = DeformableAttention(channels, other)
        self.norm_ffn = nn.LayerNorm(channels)
        self.ffn = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        if closed:
            for last in (self.attention.out, self.ffn[-1]):
                nn.init.zeros_(last.weight)
                nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """Maps [B, H, W, C] and [B, h, w, C'], of any two grids over the same picture, to [B, H, W, C]."""
        height, width = x.shape[1:3]
        reference = pixel_middles(height, width, x.device)
        attended = self.attention(self.norm_query(x).flatten(1, 2), reference, self.norm_value(other))
        x = x + attended.unflatten(1, (height, width))
        return x + self.ffn(self.norm_ffn(x))


def pixel_middles(height: int, width: int, device: torch.device) -> torch.Tensor:
    """(x, y) of every pixel's middle, row by row, as shares of width and height: [H*W, 2]."""
    y = (torch.arange(height, device=device, dtype=torch.float32) + 0.5) / height
    x = (torch.arange(width, device=device, dtype=torch.float32) + 0.5) / width
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=-1).flatten(0, 1)


class Fusion(nn.Module):
    """F_d + gamma (fused - F_d), where fused = F_d M + F_s (1 - M) and M = sigmoid(A_d(F_d) + A_s(F_s)).

    Fused is Qin 2024, equation 2, which is what comes out at gamma = 1; gamma, one number a channel, is ours and starts
    at zero, so that training begins from SAM. (A gate that begins fully open would serve as well but for its gradient,
    which vanishes there.) The public code adds gated maps the other way round, draws F_s' share of the gate from one
    number a place and F_d's from the mean over the picture, with SiLU for GELU, and appends an FFN; the paper's mask is
    one number a place and channel from both.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(1, channels // FUSION_SQUEEZE)
        self.deep = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.shallow = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.gamma = nn.Parameter(torch.zeros(channels))

    def forward(self, deep: torch.Tensor, shallow: torch.Tensor) -> torch.Tensor:
        """Two maps [B, H, W, C] to one."""
        mask = torch.sigmoid(self.deep(deep) + self.shallow(shallow))
        fused = deep * mask + shallow * (1 - mask)
        return deep + self.gamma * (fused - deep)
