"""Layers computed with fewer passes over memory, for where nothing is trained; the values are those of the plain ones.

A map that does not fit the caches is the costliest thing in a small network: each operation reads it and fetches fresh
pages for its result. oneDNN computes the activation while a convolution's result is in registers, and work in tiles
keeps what lies between two layers in the cache and its memory in use.
"""

from __future__ import annotations

import os
import platform
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

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
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


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


def mlp(x: torch.Tensor, norm: nn.LayerNorm, first: nn.Linear, second: nn.Linear) -> torch.Tensor:
    """Layer norm, linear layer, GELU and linear layer on [..., C], some tokens at a time."""
    dtype = working_dtype(x)
    layers = [(layer.weight.to(dtype), layer.bias.to(dtype)) for layer in (first, second)]
    tokens = x.reshape(-1, x.shape[-1])
    rows = max(1, TILE_BYTES // (first.out_features * dtype.itemsize))
    out = tokens.new_empty(len(tokens), second.out_features, dtype=dtype)
    for start in range(0, len(tokens), rows):
        part = F.layer_norm(tokens[start : start + rows], norm.normalized_shape, norm.weight, norm.bias, norm.eps)
        out[start : start + rows] = linear(linear(part.to(dtype), *layers[0], gelu=True), *layers[1])
    return out.view(*x.shape[:-1], -1)
