"""Layers computed with fewer passes over memory, for where nothing is trained; the values are those of the plain ones.

A map that does not fit the caches is the costliest thing in a small network: each operation reads it and fetches fresh
pages for its result. oneDNN computes the activation while a convolution's result is in registers, and work in tiles
keeps what lies between two layers in the cache and its memory in use.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Hashable, MutableMapping
from functools import cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.weak import WeakTensorKeyDictionary

# Bytes of the widest map between two layers of a tile; as few tiles as are worth it on a cache shared by few cores.
TILE_BYTES = 8 << 20


def plain(part: str) -> bool:
    """Whether ``SAMADAPT_PLAIN``, a list with commas, asks for a part as published: "encoder" or "decoder".

    ``SAMADAPT_PLAIN_DECODER`` set to anything says the latter, too.
    """
    if part == "decoder" and os.environ.get("SAMADAPT_PLAIN_DECODER"):
        return True
    return part in os.environ.get("SAMADAPT_PLAIN", "").replace(" ", "").split(",")


def working_dtype(x: torch.Tensor) -> torch.dtype:
    """What a convolution or a linear layer would compute in here, autocast or not."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if kind != "meta" and torch.is_autocast_enabled(kind) else x.dtype


def usable(x: torch.Tensor, *modules: nn.Module) -> bool:
    """Whether the layers of this file can stand for those modules on this input, and nobody has asked for plain ones.

    They have no gradient and no batch statistics, and oneDNN is on some processors only.
    """
    if x.device.type != "cpu" or not _dtypes().get(working_dtype(x), False) or plain("encoder"):
        return False
    if any(module.training for module in modules):
        return False
    if not torch.is_grad_enabled():
        return True
    return not x.requires_grad and not any(p.requires_grad for module in modules for p in module.parameters())


@cache
def _dtypes() -> dict[torch.dtype, bool]:
    # Elsewhere than on x86 they may lack a kernel of their own and run through a reference implementation.
    there = platform.machine() in ("x86_64", "AMD64") and torch.backends.mkldnn.is_available()
    lower = there and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return {torch.float32: there, torch.bfloat16: lower}


def convolution(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    stride: tuple[int, ...] = (1, 1),
    padding: tuple[int, ...] = (0, 0),
    groups: int = 1,
    gelu: bool = False,
) -> torch.Tensor:
    """A convolution of [B, C, H, W] and, where wanted, the exact GELU of it; all of one dtype, see :func:`usable`."""
    activation = ("gelu", "none") if gelu else ("none", "")
    result: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
        x, weight, bias, padding, stride, (1, 1), groups, activation[0], [], activation[1]
    )
    return result


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, gelu: bool = False) -> torch.Tensor:
    """A linear layer on [..., C], otherwise as :func:`convolution`."""
    activation = ("gelu", "none") if gelu else ("none", "")
    result: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, activation[0], [], activation[1])
    return result


def cast(weight: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A frozen weight in another type, see :func:`kept`."""
    return weight if weight.dtype == dtype else kept(dtype, lambda given: given.to(dtype), weight)


@torch.inference_mode(False)
def kept(name: Hashable, make: Callable[..., torch.Tensor], *weights: torch.Tensor) -> torch.Tensor:
    """What is made of frozen weights, made once for as long as they stay what they are.

    They are told by their places in memory and counts of changes, which everything but a write through
    ``Parameter.data`` moves on; who writes so says so by ``torch.autograd.graph.increment_version``.

    Args:
        name: of what is made.
        make: from the weights.
        weights: without gradient.
    """
    if any(weight.is_inference() for weight in weights):
        return make(*weights)
    made_of = [(weight.data_ptr(), weight._version) for weight in weights]
    known = _KEPT.setdefault(weights[0], {})
    if name not in known or known[name].made_of != made_of:
        sources = [weight.detach() for weight in weights]
        known[name] = _Kept(made_of, sources, make(*sources))
    return known[name].result


class _Kept(NamedTuple):
    """Something made of weights.

    Attributes:
        made_of: places and counts of changes.
        sources: what keeps the places from being given to others.
        result: what was made.
    """

    made_of: list[tuple[int, int]]
    sources: list[torch.Tensor]
    result: torch.Tensor


_KEPT: MutableMapping[torch.Tensor, dict[Hashable, _Kept]] = WeakTensorKeyDictionary()


def through(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """A layer on [..., C]; a linear one that is frozen with weights that are not cast each time."""
    dtype, result = working_dtype(x), None
    if type(layer) is nn.Linear and x.device.type == "cpu" and not layer.weight.requires_grad and not plain("encoder"):
        result = F.linear(x.to(dtype), cast(layer.weight, dtype), cast(layer.bias, dtype))
    return layer(x) if result is None else result


def mlp(x: torch.Tensor, norm: nn.LayerNorm, first: nn.Linear, second: nn.Linear) -> torch.Tensor:
    """Layer norm, linear layer, GELU and linear layer on [..., C], some tokens at a time."""
    dtype = working_dtype(x)
    layers = [(cast(layer.weight, dtype), cast(layer.bias, dtype)) for layer in (first, second)]
    tokens = x.reshape(-1, x.shape[-1])
    rows = max(1, TILE_BYTES // (first.out_features * dtype.itemsize))
    out = tokens.new_empty(len(tokens), second.out_features, dtype=dtype)
    for start in range(0, len(tokens), rows):
        part = F.layer_norm(tokens[start : start + rows], norm.normalized_shape, norm.weight, norm.bias, norm.eps)
        out[start : start + rows] = linear(linear(part.to(dtype), *layers[0], gelu=True), *layers[1])
    return out.view(*x.shape[:-1], -1)
