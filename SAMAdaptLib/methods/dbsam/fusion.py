"""Two ways to make one map of the encoder's F_d and the convolution branches' F_s, after the last stage.

Both start as F_d, so that training begins from SAM.
"""

from __future__ import annotations

import torch
from torch import nn

from SAMAdaptLib.methods.dbsam.config import Size
from SAMAdaptLib.methods.dbsam.layers import FeedForward

# Squeeze and restore, from the public code; the paper does not give it.
SQUEEZE = 12


class ElementFusion(nn.Module):
    """F_d + gamma (fused - F_d), where fused = F_d M + F_s (1 - M) and M = sigmoid(A_d(F_d) + A_s(F_s)).

    Fused is Qin 2024, equation 2, which is what comes out at gamma = 1; gamma, one number a channel, is ours and starts
    at zero. (A gate that begins fully open would serve as well but for its gradient, which vanishes there.) M is one
    number a place and channel, from both maps.

    Args:
        channels: of both maps.
        size: with one convolution branch, since equation 2 is of two maps.
    """

    def __init__(self, channels: int, size: Size) -> None:
        super().__init__()
        hidden = max(1, channels // SQUEEZE)
        self.deep = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.shallow = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.gamma = nn.Parameter(torch.zeros(channels))

    def forward(self, deep: torch.Tensor, shallow: torch.Tensor) -> torch.Tensor:
        """[B, H, W, C] and [B, 1, H, W, C] to [B, H, W, C]."""
        (shallow,) = shallow.unbind(dim=1)
        mask = torch.sigmoid(self.deep(deep) + self.shallow(shallow))
        fused = deep * mask + shallow * (1 - mask)
        return deep + self.gamma * (fused - deep)


class PlaceChannelFusion(nn.Module):
    """F_d + LN(fused + FFN(LN fused)), where fused = F_s M + F_d (1 - M) and M = sigmoid(P(F_s) + A(mean of F_d)).

    That is the public code but for "F_d +". M is the sum of one number a place, from the convolution branches, and one
    a channel, from the encoder's mean over the picture (with SiLU and a norm between squeeze and restore), and has the
    two maps the other way round than the paper. F_s is a linear mixture of the L maps. The last norm is the one that
    the code has before SAM's neck, on the whole map; but the neck of SAM knows no normed map, and no weights of that
    norm would let training begin from SAM. Here it takes only what is added, with scale and shift zero at the start:
    the same parameters, of which the scale does what gamma does above, and a neck that can go on as it was.

    Args:
        channels: C, of all maps.
        size: with L convolution branches.
    """

    def __init__(self, channels: int, size: Size) -> None:
        super().__init__()
        hidden = max(1, channels // SQUEEZE)
        self.join = nn.Linear(len(size.stems) * channels, channels)
        self.place = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, 1, bias=False))
        self.channel = nn.Sequential(
            nn.Linear(channels, hidden, bias=False),
            nn.SiLU(),
            nn.LayerNorm(hidden),
            nn.Linear(hidden, channels, bias=False),
        )
        self.norm_ffn = nn.LayerNorm(channels)
        self.ffn = FeedForward(channels, size.ffn, depthwise=False)
        self.norm = nn.LayerNorm(channels)
        nn.init.zeros_(self.norm.weight)

    def forward(self, deep: torch.Tensor, shallow: torch.Tensor) -> torch.Tensor:
        """[B, H, W, C] and [B, L, H, W, C] to [B, H, W, C]."""
        # Channel by channel of the first map, then of the second, as if they were concatenated.
        joined = self.join(shallow.permute(0, 2, 3, 1, 4).flatten(3))
        mask = torch.sigmoid(self.place(joined) + self.channel(deep.mean(dim=(1, 2)))[:, None, None])
        fused = joined * mask + deep * (1 - mask)
        added: torch.Tensor = self.norm(fused + self.ffn(self.norm_ffn(fused)))
        return deep + added


FUSIONS = {"element": ElementFusion, "place-channel": PlaceChannelFusion}
