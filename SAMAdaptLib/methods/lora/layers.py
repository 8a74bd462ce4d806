"""Updates of low rank, and a fused qkv layer taken apart, so that q and v can have one without k."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam.fast import kept, working_dtype


class LowRank(nn.Module):
    """A linear layer W with an update of low rank: W x + B A x (Hu 2021, equation 3, where alpha is the rank).

    Parameters are named as peft names them, but for its adapter's name, and start as there: a seed gives the same A,
    and B is zero. peft itself would do as well, but loads transformers, accelerate and torchvision, which takes longer
    than all else that comes before a training's first step.

    Args:
        base_layer: W with its bias; stays as it is.
        rank: columns of A's result.
    """

    def __init__(self, base_layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base_layer = base_layer
        weight = base_layer.weight
        for name, (inputs, outputs) in {
            "lora_A": (base_layer.in_features, rank),
            "lora_B": (rank, base_layer.out_features),
        }.items():
            setattr(self, name, nn.Linear(inputs, outputs, bias=False, device=weight.device, dtype=weight.dtype))
        # Drawn twice, since peft does.
        self.lora_A.reset_parameters()
        nn.init.zeros_(self.lora_B.weight)

    lora_A: nn.Linear
    lora_B: nn.Linear

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., C] to [..., C']."""
        result: torch.Tensor = self.base_layer(x) + self.lora_B(self.lora_A(x))
        return result

    def merged(self) -> nn.Linear:
        """The linear layer that this amounts to: the first one, with BA added to its weight."""
        with torch.no_grad():
            self.base_layer.weight += self.lora_B.weight @ self.lora_A.weight
        return self.base_layer


class SplitQKV(nn.Module):
    """Three linear layers that give what one fused layer gave, to the last bit of each weight.

    The fused rows are (head, [q | k | v], channel) with ``heads`` > 1 and ([q | k | v], channel) with 1.

    Args:
        fused: linear layer C -> 3C.
        heads: how many heads its rows interleave; 1 for SAM's ViT, whose q comes first as a whole.
    """

    q: nn.Linear | LowRank
    k: nn.Linear
    v: nn.Linear | LowRank

    def __init__(self, fused: nn.Linear, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        channels = fused.out_features // 3
        rows = fused.weight.data.view(heads, 3, channels // heads, fused.in_features)
        bias = fused.bias.data.view(heads, 3, channels // heads)
        for part, name in enumerate("qkv"):
            own = rows[:, part].reshape(channels, -1).clone(), bias[:, part].reshape(channels).clone()
            setattr(self, name, _linear(*own))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., C] to [..., 3C] in the fused layer's order."""
        taken = [_taken_apart(layer) for layer in (self.q, self.k, self.v)]
        if None in taken:
            parts = [layer(x).unflatten(-1, (self.heads, -1)) for layer in (self.q, self.k, self.v)]
            return torch.cat(parts, dim=-1).flatten(-2)
        # One product with all frozen rows and one with all updates: x is read, and given gradients, twice instead of
        # five times.
        plain = [part.base for part in taken if part is not None]
        updates = [part.update for part in taken if part is not None]
        y = F.linear(x, *self._frozen(plain, working_dtype(x)))
        downs = [update.down for update in updates if update is not None]
        if not downs:
            return y
        ranks = sum(map(len, downs))
        ups, left = [], 0
        for update in updates:
            own = plain[0].weight.new_zeros(plain[0].out_features, 0) if update is None else update.up
            ups.append(F.pad(own, (left, ranks - left - own.shape[1])))
            left += own.shape[1]
        low = F.linear(x, torch.cat(downs)).reshape(-1, ranks)
        return torch.addmm(y.reshape(-1, y.shape[-1]), low, self._rows(ups).t()).view(y.shape)

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
        parts = [part for part in (self.q, self.k, self.v) if isinstance(part, nn.Linear)]
        weights = [part.weight.data.view(self.heads, -1, self.k.in_features) for part in parts]
        biases = [part.bias.data.view(self.heads, -1) for part in parts]
        return _linear(torch.cat(weights, dim=1).reshape(3 * channels, -1), torch.cat(biases, dim=1).reshape(-1))


class _Update(NamedTuple):
    """What is added to a weight as the product up @ down of [C, r] and [r, C]."""

    down: torch.Tensor
    up: torch.Tensor


class _TakenApart(NamedTuple):
    """A frozen layer, and what is added to its weight."""

    base: nn.Linear
    update: _Update | None


def _taken_apart(layer: nn.Module) -> _TakenApart | None:
    """A linear layer with an update or without; None for anything that is more than that."""
    if type(layer) is nn.Linear:
        return _TakenApart(layer, None)
    if type(layer) is LowRank:
        return _TakenApart(layer.base_layer, _Update(layer.lora_A.weight, layer.lora_B.weight))
    return None


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    """A frozen layer of these values."""
    # On no device it draws nothing, which would only disturb the caller's random state.
    linear = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    linear.weight, linear.bias = nn.Parameter(weight, requires_grad=False), nn.Parameter(bias, requires_grad=False)
    return linear
