"""A fused qkv layer taken apart, so that q and v can be adapted without k."""

from __future__ import annotations

import torch
from torch import nn


class SplitQKV(nn.Module):
    """Three linear layers that give what one fused layer gave, to the last bit of each weight.

    The fused rows are (head, [q | k | v], channel) with ``heads`` > 1 and ([q | k | v], channel) with 1.

    Args:
        fused: linear layer C -> 3C.
        heads: how many heads its rows interleave; 1 for SAM's ViT, whose q comes first as a whole.
    """

    q: nn.Linear
    k: nn.Linear
    v: nn.Linear

    def __init__(self, fused: nn.Linear, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        channels = fused.out_features // 3
        rows = fused.weight.data.view(heads, 3, channels // heads, fused.in_features)
        bias = fused.bias.data.view(heads, 3, channels // heads)
        for part, name in enumerate("qkv"):
            linear = _empty_linear(fused.in_features, channels, fused.weight)
            linear.weight.data.copy_(rows[:, part].reshape(channels, -1))
            linear.bias.data.copy_(bias[:, part].reshape(channels))
            setattr(self, name, linear.requires_grad_(False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., C] to [..., 3C] in the fused layer's order."""
        parts = [layer(x).unflatten(-1, (self.heads, -1)) for layer in (self.q, self.k, self.v)]
        return torch.cat(parts, dim=-1).flatten(-2)

    def fuse(self) -> nn.Linear:
        """One linear layer again; q, k and v must be plain layers by then."""
        channels = self.k.out_features
        fused = _empty_linear(self.k.in_features, 3 * channels, self.k.weight)
        weights = [p.weight.data.view(self.heads, -1, self.k.in_features) for p in (self.q, self.k, self.v)]
        biases = [p.bias.data.view(self.heads, -1) for p in (self.q, self.k, self.v)]
        fused.weight.data.copy_(torch.cat(weights, dim=1).reshape(3 * channels, -1))
        fused.bias.data.copy_(torch.cat(biases, dim=1).reshape(3 * channels))
        return fused.requires_grad_(False)


def _empty_linear(channels_in: int, channels_out: int, like: torch.Tensor) -> nn.Linear:
    # Its values are copied in, so drawing some would only disturb the caller's random state.
    empty: nn.Linear = nn.utils.skip_init(
        nn.Linear, channels_in, channels_out, device=like.device, dtype=like.dtype
    )
    return empty
