"""Attention between few tokens and many pixels, without projecting the pixels.

A head of SAM's cross attentions has 16 channels. Instead of projecting every pixel of the image to keys, or back from
values, the projection is folded into the tokens: x W_k^T q = x (W_k^T q), and softmax(s) (V W_o) = (softmax(s) V) W_o.
With H heads and T tokens that is a product of width H T per pixel instead of the projection's; exact but for rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import nn

if TYPE_CHECKING:
    from peft.tuners.lora import LoraLayer
    from segment_anything.modeling.transformer import Attention, TwoWayAttentionBlock

# Above this many tokens a projection of the image costs less than folding it into the tokens.
FOLDED_TOKENS = 12


def heads_of(attention: Attention, x: torch.Tensor) -> torch.Tensor:
    """[P, T, H d] to [P, H, T, d]."""
    result: torch.Tensor = x.unflatten(-1, (attention.num_heads, -1)).transpose(1, 2)
    return result


def foldable(attention: Attention, count: int) -> bool:
    """Whether the projections of an attention can be folded into so many tokens, and are worth it: linear layers, a
    LoRA update included, and no other modules."""
    layers = (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj)
    return count <= FOLDED_TOKENS and all(map(_is_linear, layers))


def _is_linear(layer: nn.Module) -> bool:
    if type(layer) is nn.Linear:
        return True
    if type(getattr(layer, "base_layer", None)) is not nn.Linear or not hasattr(layer, "lora_A"):
        return False
    lora = cast("LoraLayer", layer)
    if lora.merged or lora.disable_adapters:
        return True
    # Dropout acts on the input, and DoRA rescales the sum: neither can be told by a weight alone.
    return not any(
        lora.use_dora.get(name) or not isinstance(lora.lora_dropout[name], nn.Identity) for name in lora.active_adapters
    )


def _weights(layer: nn.Module) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Weight and bias that a linear layer amounts to, a LoRA update included."""
    if type(layer) is nn.Linear:
        return layer.weight, layer.bias
    lora = cast("LoraLayer", layer)
    base = lora.get_base_layer()
    assert isinstance(base, nn.Linear)
    weight: torch.Tensor = base.weight
    if not lora.merged and not lora.disable_adapters:
        for name in lora.active_adapters:
            down, up = (part[name].get_parameter("weight") for part in (lora.lora_A, lora.lora_B))
            weight = weight + lora.scaling[name] * (up @ down)
    return weight, base.bias


def queries_of(attention: Attention, placed_tokens: torch.Tensor) -> torch.Tensor:
    """The tokens' queries [P, H, T, d], scaled."""
    q = heads_of(attention, attention.q_proj(placed_tokens))
    result: torch.Tensor = q * q.shape[-1] ** -0.5
    return result


def folded_queries(attention: Attention, queries: torch.Tensor) -> torch.Tensor:
    """What a pixel with its place is multiplied with for its scores, [P, H T, C], from :func:`queries_of`."""
    # The keys' bias adds the same to all pixels, which a softmax over them does not see.
    weight = _weights(attention.k_proj)[0]
    return (queries @ weight.view(queries.shape[1], queries.shape[-1], -1)).flatten(1, 2)


def values_seen(attention: Attention, seen: torch.Tensor) -> torch.Tensor:
    """What the tokens get [P, T, C], from the sums of pixels that each saw [P, H T, C]."""
    weight, bias = _weights(attention.v_proj)
    heads = attention.num_heads
    out = seen.unflatten(1, (heads, -1)) @ weight.view(heads, -1, weight.shape[1]).transpose(-2, -1)
    if bias is not None:
        out = out + bias.view(heads, 1, -1)
    result: torch.Tensor = attention.out_proj(out.transpose(1, 2).flatten(2))
    return result


def keys_of(attention: Attention, placed_tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The tokens' keys [P, H, T, d], scaled, and what the pixels' bias adds to all of their scores, [P, H T, 1]."""
    k = heads_of(attention, attention.k_proj(placed_tokens))
    k = k * k.shape[-1] ** -0.5
    bias = _weights(attention.q_proj)[1]
    return k, None if bias is None else (k @ bias.view(k.shape[1], -1, 1)).flatten(1, 2)


def folded_keys(attention: Attention, keys: torch.Tensor) -> torch.Tensor:
    """What a pixel with its place is multiplied with to look at the tokens, [P, H T, C], from :func:`keys_of`."""
    weight = _weights(attention.q_proj)[0]
    return (keys @ weight.view(keys.shape[1], keys.shape[-1], -1)).flatten(1, 2)


def written_values(attention: Attention, tokens: torch.Tensor) -> torch.Tensor:
    """What a pixel gets for all of its attention on a token, by head and token: [P, H T, C]."""
    v = heads_of(attention, attention.v_proj(tokens))
    heads, _, width = v.shape[1:]
    weight, bias = _weights(attention.out_proj)
    written = v @ weight.view(-1, heads, width).permute(1, 2, 0)
    if bias is not None:
        # The weights of a head add up to one, so that what is added to all its tokens is added once to each pixel.
        written = written + F.pad(bias[None], (0, 0, 0, heads - 1)).unsqueeze(1)
    return written.flatten(1, 2)


def among_tokens(attention: Attention, placed: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """The tokens [P, T, C] look at each other."""
    q, k, v = (
        heads_of(attention, projection(x))
        for projection, x in ((attention.q_proj, placed), (attention.k_proj, placed), (attention.v_proj, tokens))
    )
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    out = scores.softmax(dim=-1) @ v
    result: torch.Tensor = attention.out_proj(out.transpose(1, 2).flatten(2))
    return result


def mixed_tokens(layer: TwoWayAttentionBlock, tokens: torch.Tensor, token_pe: torch.Tensor) -> torch.Tensor:
    """The first part of a block: the tokens after they looked at each other."""
    if layer.skip_first_layer_pe:
        tokens = among_tokens(layer.self_attn, tokens, tokens)
    else:
        tokens = tokens + among_tokens(layer.self_attn, tokens + token_pe, tokens)
    result: torch.Tensor = layer.norm1(tokens)
    return result
