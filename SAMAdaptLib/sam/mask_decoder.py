"""SAM's mask decoder computed with fewer operations; the answers are those of segment_anything's module.

Three identities, all exact but for rounding:

- A head of a cross attention has 16 channels and few tokens. Instead of projecting every pixel of the image to keys, or
  back from values, the projection is folded into the tokens: x W_k^T q = x (W_k^T q), and softmax(s) (V W_o) =
  (softmax(s) V) W_o. With H heads and T tokens that is a product of width H T per pixel instead of the projection's.
- Until the first block has written into it, the image is the same for all prompts without a mask: one product serves
  all of them.
- A transposed convolution whose stride is its kernel is a linear layer on pixels; the pixels are put in their places
  once, on the finished mask, and only for the masks that are asked for.

Modules that an adaptation method has put in place of SAM's own are called as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam.precision import autocast

if TYPE_CHECKING:
    from peft.tuners.lora import LoraLayer
    from segment_anything.modeling import MaskDecoder, TwoWayTransformer
    from segment_anything.modeling.common import LayerNorm2d
    from segment_anything.modeling.transformer import Attention, TwoWayAttentionBlock

# Above this many tokens a projection of the image costs less than folding it into the tokens.
FOLDED_TOKENS = 12


def decode_masks(
    decoder: MaskDecoder,
    image: torch.Tensor,
    image_pe: torch.Tensor,
    sparse: torch.Tensor,
    dense: torch.Tensor,
    multimask: bool = False,
    dtype: torch.dtype = torch.float32,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Masks and their predicted IoU for P prompts on one image.

    Args:
        decoder: segment_anything's, adapted or not.
        image: embedding float [1, C, g, g].
        image_pe: its position encoding [1, C, g, g].
        sparse: tokens of points, boxes and texts [P, S, C].
        dense: embedding of the masks [P, C, g, g], or [1, C, g, g] where all prompts share it.
        multimask: the three candidates instead of the single mask.
        dtype: of transformer and upscaling; the heads stay in float32.

    Returns:
        Low-resolution logits [P, M, 4g, 4g] and predicted IoU [P, M]; M = 3 or 1.
    """
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = torch.cat([own.expand(len(sparse), -1, -1), sparse], dim=1)
    keys = (image + dense).flatten(2).transpose(1, 2).contiguous()
    with autocast(image.device, dtype):
        tokens, keys = _transform(decoder.transformer, tokens, keys, image_pe.flatten(2).transpose(1, 2))
    wanted = range(1, decoder.num_mask_tokens) if multimask else range(1)
    tokens = tokens.float()
    filters = torch.stack([decoder.output_hypernetworks_mlps[i](tokens[:, 1 + i]) for i in wanted], dim=1)
    quality = decoder.iou_prediction_head(tokens[:, 0])[:, wanted.start : wanted.stop]
    with autocast(image.device, dtype):
        masks = _masks(decoder.output_upscaling, keys, filters, image.shape[-1])
    return masks.float(), quality


def _transform(
    transformer: TwoWayTransformer, point_tokens: torch.Tensor, keys: torch.Tensor, pe: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens [P, T, C] and image [P or 1, N, C] through SAM's two-way transformer; returns them for all P prompts."""
    # Whoever has such a transformer has loaded the package.
    from segment_anything.modeling.transformer import TwoWayAttentionBlock

    tokens = point_tokens
    for layer in transformer.layers:
        if type(layer) is TwoWayAttentionBlock:
            tokens, keys = _block(layer, tokens, keys, point_tokens, pe)
            continue
        keys = keys.expand(len(tokens), -1, -1)
        tokens, keys = layer(queries=tokens, keys=keys, query_pe=point_tokens, key_pe=pe.expand_as(keys))
    attention = transformer.final_attn_token_to_image
    tokens = tokens + _tokens_to_image(attention, tokens + point_tokens, keys + pe, keys)
    return transformer.norm_final_attn(tokens), keys.expand(len(tokens), -1, -1)


def _block(
    layer: TwoWayAttentionBlock, tokens: torch.Tensor, keys: torch.Tensor, token_pe: torch.Tensor, pe: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    if layer.skip_first_layer_pe:
        tokens = _among_tokens(layer.self_attn, tokens, tokens)
    else:
        tokens = tokens + _among_tokens(layer.self_attn, tokens + token_pe, tokens)
    tokens = layer.norm1(tokens)
    placed = keys + pe
    tokens = layer.norm2(
        tokens + _tokens_to_image(layer.cross_attn_token_to_image, tokens + token_pe, placed, keys)
    )
    tokens = layer.norm3(tokens + layer.mlp(tokens))
    return tokens, layer.norm4(
        _image_to_tokens(layer.cross_attn_image_to_token, keys, placed, tokens + token_pe, tokens)
    )


def _heads(attention: Attention, x: torch.Tensor) -> torch.Tensor:
    """[P, T, H d] to [P, H, T, d]."""
    result: torch.Tensor = x.unflatten(-1, (attention.num_heads, -1)).transpose(1, 2)
    return result


def _among_tokens(attention: Attention, placed: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    q, k, v = (
        _heads(attention, projection(x))
        for projection, x in ((attention.q_proj, placed), (attention.k_proj, placed), (attention.v_proj, tokens))
    )
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    out = scores.softmax(dim=-1) @ v
    result: torch.Tensor = attention.out_proj(out.transpose(1, 2).flatten(2))
    return result


def _tokens_to_image(
    attention: Attention, placed_tokens: torch.Tensor, placed: torch.Tensor, image: torch.Tensor
) -> torch.Tensor:
    """Tokens [P, T, C] look at the image [P or 1, N, C]; returns [P, T, C]."""
    prompts, count, _ = placed_tokens.shape
    q = _heads(attention, attention.q_proj(placed_tokens))
    q = q * q.shape[-1] ** -0.5
    keys, values = _plain(attention.k_proj), _plain(attention.v_proj)
    if count > FOLDED_TOKENS or keys is None or values is None:
        k, v = _heads(attention, attention.k_proj(placed)), _heads(attention, attention.v_proj(image))
        out = (q @ k.transpose(-2, -1)).softmax(dim=-1) @ v
    else:
        heads, width = q.shape[1], q.shape[-1]
        # The keys' bias adds the same to all pixels, which a softmax over them does not see.
        folded = (q @ keys[0].view(heads, width, -1)).flatten(1, 2)
        weights = _against(folded, placed).softmax(dim=-1)
        seen = _mixed(weights, image).unflatten(1, (heads, count))
        out = seen @ values[0].view(heads, width, -1).transpose(-2, -1)
        if values[1] is not None:
            out = out + values[1].view(heads, 1, width)
    result: torch.Tensor = attention.out_proj(out.transpose(1, 2).flatten(2))
    return result


def _image_to_tokens(
    attention: Attention,
    keys: torch.Tensor,
    placed: torch.Tensor,
    placed_tokens: torch.Tensor,
    tokens: torch.Tensor,
) -> torch.Tensor:
    """The image [P or 1, N, C] looks at the tokens [P, T, C]; returns the image with what it saw added, [P, N, C]."""
    k = _heads(attention, attention.k_proj(placed_tokens))
    k = k * k.shape[-1] ** -0.5
    v = _heads(attention, attention.v_proj(tokens))
    heads, count, width = k.shape[1:]
    queries, outputs = _plain(attention.q_proj), _plain(attention.out_proj)
    if count > FOLDED_TOKENS or queries is None or outputs is None:
        scores = _heads(attention, attention.q_proj(placed)) @ k.transpose(-2, -1)
        result: torch.Tensor = keys + attention.out_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2))
        return result
    scores = _against((k @ queries[0].view(heads, width, -1)).flatten(1, 2), placed).unflatten(1, (heads, count))
    if queries[1] is not None:
        scores = scores + k @ queries[1].view(heads, width, 1)
    weights = scores.softmax(dim=2).flatten(1, 2)
    written = v @ outputs[0].view(-1, heads, width).permute(1, 2, 0)
    if outputs[1] is not None:
        # The weights of a head add up to one, so that what is added to all its tokens is added once to each pixel.
        written = written + F.pad(outputs[1][None], (0, 0, 0, heads - 1)).unsqueeze(1)
    return torch.baddbmm(keys.to(written.dtype), weights.transpose(1, 2), written.flatten(1, 2))


def _against(folded: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Products of [P, F, C] with each pixel of [P or 1, N, C]: [P, F, N]."""
    if len(image) == 1:
        return (folded.flatten(0, 1) @ image[0].T).view(*folded.shape[:2], -1)
    return folded @ image.transpose(-2, -1)


def _mixed(weights: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """Sums of pixels [P or 1, N, C] by weights [P, F, N]: [P, F, C]."""
    if len(image) == 1:
        return (weights.flatten(0, 1) @ image[0]).view(*weights.shape[:2], -1)
    return weights @ image


def _plain(linear: nn.Module) -> tuple[torch.Tensor, torch.Tensor | None] | None:
    """Weight and bias that a linear layer amounts to, a LoRA update included; None for any other module."""
    if type(linear) is nn.Linear:
        return linear.weight, linear.bias
    base = getattr(linear, "base_layer", None)
    if type(base) is not nn.Linear or not hasattr(linear, "lora_A"):
        return None
    lora = cast("LoraLayer", linear)
    weight: torch.Tensor = base.weight
    if not lora.merged and not lora.disable_adapters:
        for name in lora.active_adapters:
            # Dropout acts on the input, and DoRA rescales the sum: neither can be told by a weight alone.
            if lora.use_dora.get(name) or not isinstance(lora.lora_dropout[name], nn.Identity):
                return None
            down, up = (part[name].get_parameter("weight") for part in (lora.lora_A, lora.lora_B))
            weight = weight + lora.scaling[name] * (up @ down)
    return weight, base.bias


def _masks(upscaling: nn.Sequential, keys: torch.Tensor, filters: torch.Tensor, side: int) -> torch.Tensor:
    """Image tokens [P, g g, C] and a filter [P, M, C / 8] for each mask to logits [P, M, 4g, 4g]."""
    layers = cast("tuple[nn.ConvTranspose2d, LayerNorm2d, nn.Module, nn.ConvTranspose2d, nn.Module]", tuple(upscaling))
    first, norm, activation, second, last = layers
    x = _spread(first, keys)
    x = F.layer_norm(x, x.shape[-1:], norm.weight, norm.bias, norm.eps)
    x = last(_spread(second, activation(x)))
    # [P, g, g, 2, 2, 2, 2, M]: row and column of the embedding, then of each of the two steps.
    masks = x.flatten(1, -2) @ filters.transpose(-2, -1)
    masks = masks.view(len(keys), side, side, 2, 2, 2, 2, -1)
    result: torch.Tensor = masks.permute(0, 7, 1, 3, 5, 2, 4, 6).reshape(len(keys), -1, 4 * side, 4 * side)
    return result


def _spread(convolution: nn.ConvTranspose2d, x: torch.Tensor) -> torch.Tensor:
    """A transposed convolution of kernel and stride 2 on pixels [..., C]: [..., 2, 2, C']."""
    weight, bias = convolution.weight, convolution.bias
    assert bias is not None
    out = F.linear(x, weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0]), bias.repeat(4))
    result: torch.Tensor = out.unflatten(-1, (2, 2, -1))
    return result
