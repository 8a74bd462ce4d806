"""SAM's mask decoder computed with fewer operations; the answers are those of segment_anything's module.

Three identities, all exact but for rounding:

- The projections of an image for few tokens are folded into the tokens, see :mod:`SAMAdaptLib.sam.folding`.
- Until the first block has written into it, the image is the same for all prompts without a mask: one product serves
  all of them.
- A transposed convolution whose stride is its kernel is a linear layer on pixels; the pixels are put in their places
  once, on the finished mask, and only for the masks that are asked for.

Answers without gradient are computed on the CPU in tiles, see :mod:`SAMAdaptLib.sam.tiled_decoder`.
Modules that an adaptation method has put in place of SAM's own are called as they are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from SAMAdaptLib.sam.folding import (
    foldable,
    folded_keys,
    folded_queries,
    heads_of,
    keys_of,
    mixed_tokens,
    queries_of,
    values_seen,
    written_values,
)
from SAMAdaptLib.sam.precision import autocast
from SAMAdaptLib.sam.tiled_decoder import PROJECTED, TOGETHER, Common, Fine, Upscaling, masks_of, tiled, transform

if TYPE_CHECKING:
    from segment_anything.modeling import MaskDecoder, TwoWayTransformer
    from segment_anything.modeling.transformer import Attention, TwoWayAttentionBlock


class Decoded(NamedTuple):
    """What a decoder says to P prompts on one image.

    Attributes:
        logits: low-resolution ones of the M wanted masks, [P, M, 4g, 4g].
        iou: predicted for each of them, [P, M].
        tokens: all of them behind the transformer, [P, T, C]: of the IoU, of each mask, and those that were given.
    """

    logits: torch.Tensor
    iou: torch.Tensor
    tokens: torch.Tensor


def decode_masks(
    decoder: MaskDecoder,
    image: torch.Tensor,
    image_pe: torch.Tensor,
    sparse: torch.Tensor,
    dense: torch.Tensor,
    wanted: range = range(1),
    dtype: torch.dtype = torch.float32,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The logits and predicted IoU alone of :func:`decode_all`."""
    return decode_all(decoder, image, image_pe, sparse, dense, wanted, dtype)[:2]


def decode_all(
    decoder: MaskDecoder,
    image: torch.Tensor,
    image_pe: torch.Tensor,
    sparse: torch.Tensor,
    dense: torch.Tensor,
    wanted: range = range(1),
    dtype: torch.dtype = torch.float32,
    fine: Fine | None = None,
) -> Decoded:
    """Masks, their predicted IoU and tokens for P prompts on one image.

    Args:
        decoder: segment_anything's, adapted or not.
        image: embedding float [1, C, g, g].
        image_pe: its position encoding [1, C, g, g].
        sparse: tokens of points, boxes and texts [P, S, C].
        dense: embedding of the masks [P, C, g, g], or [1, C, g, g] where all prompts share it.
        wanted: which of the decoder's masks: range(1) is SAM's single one, range(1, 4) its three candidates.
        dtype: of transformer and upscaling; the heads stay in float32.
        fine: finer maps of the image, for decoders that take some.
    """
    own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
    tokens = torch.cat([own.expand(len(sparse), -1, -1), sparse], dim=1)
    keys = (image + dense).flatten(2).transpose(1, 2).contiguous()
    pe = image_pe.flatten(2).transpose(1, 2)
    if tiled(decoder.transformer, tokens):
        return _in_tiles(decoder, tokens, keys.to(dtype), pe.to(dtype), wanted, fine)
    together = len(tokens) if torch.is_grad_enabled() or image.device.type != "cpu" else TOGETHER
    logits, qualities, said = [], [], []
    for start in range(0, len(tokens), together):
        part = slice(start, start + together)
        with autocast(image.device, dtype):
            own_keys = keys if len(keys) == 1 else keys[part]
            found, own_keys = _transform(decoder.transformer, tokens[part], own_keys, pe)
        said.append(found.float())
        filters, quality = _heads(decoder, said[-1], wanted)
        with autocast(image.device, dtype):
            logits.append(_masks(decoder.output_upscaling, own_keys, filters, fine).float())
        qualities.append(quality)
    return Decoded(_in_place(torch.cat(logits), image.shape[-1]), torch.cat(qualities), torch.cat(said))


def _in_tiles(
    decoder: MaskDecoder,
    tokens: torch.Tensor,
    images: torch.Tensor,
    pe: torch.Tensor,
    wanted: range,
    fine: Fine | None,
) -> Decoded:
    """The answer to tokens [P, T, C] on images [P or 1, N, C], see :mod:`SAMAdaptLib.sam.tiled_decoder`."""
    common = None
    if len(images) == 1 and tokens.shape[0] * tokens.shape[1] >= PROJECTED:
        common = Common(images[0], images[0] + pe[0], decoder.transformer.layers[0])
    logits, qualities, said = [], [], []
    for start in range(0, len(tokens), TOGETHER):
        part = slice(start, start + TOGETHER)
        own = images if len(images) == 1 else images[part]
        found, own = transform(decoder.transformer, tokens[part], own, pe[0], common)
        filters, quality = _heads(decoder, found, wanted)
        logits += masks_of(decoder.output_upscaling, own, filters, fine)
        qualities.append(quality)
        said.append(found)
    low_res = _in_place(torch.stack(logits).float(), math.isqrt(images.shape[1]))
    return Decoded(low_res, torch.cat(qualities), torch.cat(said))


def _heads(decoder: MaskDecoder, tokens: torch.Tensor, wanted: range) -> tuple[torch.Tensor, torch.Tensor]:
    """Filters [P, M, C / 8] of the masks that are wanted, and their predicted IoU [P, M]."""
    filters = torch.stack([decoder.output_hypernetworks_mlps[i](tokens[:, 1 + i]) for i in wanted], dim=1)
    return filters, decoder.iou_prediction_head(tokens[:, 0])[:, wanted.start : wanted.stop]


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
    tokens = mixed_tokens(layer, tokens, token_pe)
    placed = keys + pe
    tokens = layer.norm2(
        tokens + _tokens_to_image(layer.cross_attn_token_to_image, tokens + token_pe, placed, keys)
    )
    tokens = layer.norm3(tokens + layer.mlp(tokens))
    return tokens, layer.norm4(
        _image_to_tokens(layer.cross_attn_image_to_token, keys, placed, tokens + token_pe, tokens)
    )


def _tokens_to_image(
    attention: Attention, placed_tokens: torch.Tensor, placed: torch.Tensor, image: torch.Tensor
) -> torch.Tensor:
    """Tokens [P, T, C] look at the image [P or 1, N, C]; returns [P, T, C]."""
    queries = queries_of(attention, placed_tokens)
    if foldable(attention, placed_tokens.shape[1]):
        weights = _against(folded_queries(attention, queries), placed).softmax(dim=-1)
        return values_seen(attention, _mixed(weights, image))
    k, v = heads_of(attention, attention.k_proj(placed)), heads_of(attention, attention.v_proj(image))
    out = (queries @ k.transpose(-2, -1)).softmax(dim=-1) @ v
    result: torch.Tensor = attention.out_proj(out.transpose(1, 2).flatten(2))
    return result


def _image_to_tokens(
    attention: Attention,
    image: torch.Tensor,
    placed: torch.Tensor,
    placed_tokens: torch.Tensor,
    tokens: torch.Tensor,
) -> torch.Tensor:
    """The image [P or 1, N, C] looks at the tokens [P, T, C]; returns the image with what it saw added, [P, N, C]."""
    count = placed_tokens.shape[1]
    if not foldable(attention, count):
        k, v = heads_of(attention, attention.k_proj(placed_tokens)), heads_of(attention, attention.v_proj(tokens))
        scores = heads_of(attention, attention.q_proj(placed)) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        result: torch.Tensor = image + attention.out_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2))
        return result
    keys, bias = keys_of(attention, placed_tokens)
    scores = _against(folded_keys(attention, keys), placed)
    if bias is not None:
        scores = scores + bias
    weights = scores.unflatten(1, (attention.num_heads, count)).softmax(dim=2).flatten(1, 2)
    written = written_values(attention, tokens)
    return torch.baddbmm(image.to(written.dtype), weights.transpose(1, 2), written)


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


def _masks(
    upscaling: nn.Sequential, keys: torch.Tensor, filters: torch.Tensor, fine: Fine | None
) -> torch.Tensor:
    """Image tokens [P, g g, C] and a filter [P, M, C / 8] for each mask to logits [P, g g 16, M]."""
    pixels = Upscaling(upscaling, keys.dtype)(keys, fine)
    result: torch.Tensor = pixels.flatten(1, -2) @ filters.transpose(-2, -1)
    return result


def _in_place(masks: torch.Tensor, side: int) -> torch.Tensor:
    """Logits [P, g g 16, M], which follow the embedding's pixels, to [P, M, 4g, 4g]."""
    # Row and column of the embedding, then of each of the two steps.
    parts = masks.view(len(masks), side, side, 2, 2, 2, 2, -1)
    result: torch.Tensor = parts.permute(0, 7, 1, 3, 5, 2, 4, 6).reshape(len(masks), -1, 4 * side, 4 * side)
    return result
