"""A fused qkv layer taken apart, so that q and v can be adapted without k."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam.fast import kept, working_dtype


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
        taken = [_low_rank(layer) for layer in (self.q, self.k, self.v)]
        if None in taken:
            parts = [layer(x).unflatten(-1, (self.heads, -1)) for layer in (self.q, self.k, self.v)]
            return torch.cat(parts, dim=-1).flatten(-2)
        # One product with all frozen rows and one with all updates: x is read, and given gradients, twice instead of
        # five times.
        plain = [part.base for part in taken if part is not None]
        updates = [part.updates for part in taken if part is not None]
        y = F.linear(x, *self._frozen(plain, working_dtype(x)))
        if not any(updates):
            return y
        ranks = [sum(len(down) for down, _ in part) for part in updates]
        ups, left = [], 0
        for part, rank in zip(updates, ranks, strict=True):
            own = [up for _, up in part] or [plain[0].weight.new_zeros(plain[0].out_features, 0)]
            ups.append(F.pad(torch.cat(own, dim=1), (left, sum(ranks) - left - rank)))
            left += rank
        downs = torch.cat([down for part in updates for down, _ in part])
        low = F.linear(x, downs).reshape(-1, sum(ranks))
        up = self._rows(ups)
        return torch.addmm(y.reshape(-1, y.shape[-1]), low, up.t()).view(y.shape)

    def _frozen(self, plain: list[nn.Linear], dtype: torch.dtype) -> list[torch.Tensor]:
        """Weight and bias of the fused layer."""

        def fused(*parts: torch.Tensor) -> torch.Tensor:
            return self._rows(list(parts)).to(dtype)

        weights, biases = [layer.weight for layer in plain], [layer.bias for layer in plain]
        if any(one.requires_grad for one in (*weights, *biases)):
            return [fused(*weights), fused(*biases)]
        name = ("fused", self.heads, dtype)
        return [kept(name, fused, *weights), kept(name, fused, *biases)]

    def _rows(self, parts: list[torch.Tensor]) -> torch.Tensor:
        """Rows of q, k and v, [C, ...] each, in the fused layer's order: [3C, ...]."""
        return torch.cat([part.unflatten(0, (self.heads, -1)) for part in parts], dim=1).flatten(0, 1)

    def fuse(self) -> nn.Linear:
        """One linear layer again; q, k and v must be plain layers by then."""
        channels = self.k.out_features
        fused = _empty_linear(self.k.in_features, 3 * channels, self.k.weight)
        weights = [p.weight.data.view(self.heads, -1, self.k.in_features) for p in (self.q, self.k, self.v)]
        biases = [p.bias.data.view(self.heads, -1) for p in (self.q, self.k, self.v)]
        fused.weight.data.copy_(torch.cat(weights, dim=1).reshape(3 * channels, -1))
        fused.bias.data.copy_(torch.cat(biases, dim=1).reshape(3 * channels))
        return fused.requires_grad_(False)


class _LowRank(NamedTuple):
    """A frozen layer, and what is added to its weight as products up @ down, [C, r] and [r, C]."""

    base: nn.Linear
    updates: list[tuple[torch.Tensor, torch.Tensor]]


def _low_rank(layer: nn.Module) -> _LowRank | None:
    """A linear layer with LoRA or without; None for anything that is more than that."""
    if type(layer) is nn.Linear:
        return _LowRank(layer, [])
    from peft.tuners.lora import LoraLayer

    base = layer.get_base_layer() if isinstance(layer, LoraLayer) else None
    if not isinstance(layer, LoraLayer) or type(base) is not nn.Linear:
        return None
    updates: list[tuple[torch.Tensor, torch.Tensor]] = []
    if not layer.merged and not layer.disable_adapters:
        for name in layer.active_adapters:
            # Dropout acts on the input, and DoRA rescales the sum: neither can be told by products alone.
            if layer.use_dora.get(name) or not isinstance(layer.lora_dropout[name], nn.Identity):
                return None
            down, up = (part[name].get_parameter("weight") for part in (layer.lora_A, layer.lora_B))
            scaled: torch.Tensor = layer.scaling[name] * up
            updates.append((down, scaled))
    return _LowRank(base, updates)


def _empty_linear(channels_in: int, channels_out: int, like: torch.Tensor) -> nn.Linear:
    # Its values are copied in, so drawing some would only disturb the caller's random state.
    empty: nn.Linear = nn.utils.skip_init(
        nn.Linear, channels_in, channels_out, device=like.device, dtype=like.dtype
    )
    return empty
