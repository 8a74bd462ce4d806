"""SAM's mask decoder for answers alone: no gradient, and the image in tiles of pixels that fit the processor's cache.

A prompt has an image of its own from the first block on, of 4 MB at 64 x 64 pixels, and eight times that on the way
to the mask. An operation on the whole of it spends more on memory than on numbers. Here all that happens to a pixel
between two looks of the tokens at the whole image happens tile by tile: it looks at the tokens, is normalised, and is
multiplied with what the tokens ask next.

Until the first block has written into it, the image is the same for all prompts without a mask; for several of them it
is projected to keys and values once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
import torch.nn.functional as F
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

if TYPE_CHECKING:
    from segment_anything.modeling import TwoWayTransformer
    from segment_anything.modeling.common import LayerNorm2d
    from segment_anything.modeling.transformer import TwoWayAttentionBlock

# Pixels of a tile: what lies between two layers has at most 2 kB for each.
PIXELS = 512
# Prompts whose tokens take the small steps together, for the images of which there is room in the cache.
TOGETHER = 4
# From so many tokens of all prompts on a projection of their common image costs less than folding it into them.
PROJECTED = 17


class Fine(NamedTuple):
    """Finer maps of an image of g x g pixels, added in the upscaling (SAM 2), by those N = g g pixels.

    Attributes:
        twice: at 2g, [N, 4, C / 4]: row and column within the pixel.
        fourfold: at 4g, [N, 4, 4, C / 8]: those of each of the two steps.
    """

    twice: torch.Tensor
    fourfold: torch.Tensor

    def of(self, pixels: slice) -> Fine:
        """The part for some of the pixels."""
        return Fine(self.twice[pixels], self.fourfold[pixels])


def tiled(transformer: TwoWayTransformer, tokens: torch.Tensor) -> bool:
    """Whether :func:`transform` and :func:`masks_of` can stand for a transformer on so many tokens [P, T, C]."""
    # Whoever has such a transformer has loaded the package.
    from segment_anything.modeling.transformer import TwoWayAttentionBlock

    if tokens.device.type != "cpu" or torch.is_grad_enabled():
        return False
    if not all(type(layer) is TwoWayAttentionBlock for layer in transformer.layers):
        return False
    attentions = [transformer.final_attn_token_to_image]
    for layer in transformer.layers:
        attentions += [layer.cross_attn_token_to_image, layer.cross_attn_image_to_token]
    return all(foldable(attention, tokens.shape[1]) for attention in attentions)


class Common:
    """An image that several prompts see, and its projections.

    Args:
        image: [N, C].
        placed: the same with the pixels' places.
        layer: the first block.
    """

    def __init__(self, image: torch.Tensor, placed: torch.Tensor, layer: TwoWayAttentionBlock) -> None:
        asked, asking = layer.cross_attn_token_to_image, layer.cross_attn_image_to_token
        self._layer = layer
        self.keys, self.values, self.queries = (
            heads_of(attention, projection(x.float())[None])[0].to(image.dtype)
            for attention, projection, x in (
                (asked, asked.k_proj, placed),
                (asked, asked.v_proj, image),
                (asking, asking.q_proj, placed),
            )
        )

    def seen(self, queries: torch.Tensor) -> torch.Tensor:
        """What tokens with these queries [P, H, T, d] see, as :func:`values_seen`."""
        attention = self._layer.cross_attn_token_to_image
        prompts, heads, count, width = queries.shape
        asked = queries.transpose(0, 1).flatten(1, 2).to(self.keys.dtype)
        weights = (asked @ self.keys.transpose(-2, -1)).softmax(dim=-1)
        out = (weights @ self.values).float().view(heads, prompts, count, width).permute(1, 2, 0, 3)
        result: torch.Tensor = attention.out_proj(out.flatten(2))
        return result

    def looks(self, keys: torch.Tensor) -> torch.Tensor:
        """Scores [P, H T, N] of tokens with these keys [P, H, T, d]."""
        prompts, heads, count, _ = keys.shape
        asked = keys.transpose(0, 1).flatten(1, 2).to(self.queries.dtype)
        scores = (asked @ self.queries.transpose(-2, -1)).view(heads, prompts, count, -1)
        return scores.transpose(0, 1).flatten(1, 2)


def transform(
    transformer: TwoWayTransformer,
    point_tokens: torch.Tensor,
    images: torch.Tensor,
    pe: torch.Tensor,
    common: Common | None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens and image through SAM's two-way transformer.

    Args:
        transformer: see :func:`tiled`.
        point_tokens: float32 [P, T, C].
        images: [P or 1, N, C], of the type in which products are computed.
        pe: the pixels' places [N, C], of the same type.
        common: of the one image, where it is projected.

    Returns:
        Tokens [P, T, C], and images [P, N, C].
    """
    layers = list(transformer.layers)
    tokens = mixed_tokens(layers[0], point_tokens, point_tokens)
    attention = layers[0].cross_attn_token_to_image
    queries = queries_of(attention, tokens + point_tokens)
    if common is None:
        folded = folded_queries(attention, queries).to(images.dtype)
        weights = folded @ (images + pe).transpose(-2, -1)
        seen = values_seen(attention, _mixed(weights, images))
    else:
        seen = common.seen(queries)
    out = images.new_empty(len(tokens), *images.shape[1:])
    for number, layer in enumerate(layers):
        tokens = layer.norm2(tokens + seen)
        tokens = layer.norm3(tokens + layer.mlp(tokens))
        asking = layer.cross_attn_image_to_token
        keys, bias = keys_of(asking, tokens + point_tokens)
        looks = common.looks(keys) if common is not None and number == 0 else None
        written = written_values(asking, tokens).to(out.dtype)
        following = layers[number + 1] if number + 1 < len(layers) else None
        if following is not None:
            tokens = mixed_tokens(following, tokens, point_tokens)
        attention = following.cross_attn_token_to_image if following else transformer.final_attn_token_to_image
        asked = folded_queries(attention, queries_of(attention, tokens + point_tokens)).to(out.dtype)
        read = folded_keys(asking, keys).to(out.dtype)
        weights = out.new_empty(*asked.shape[:2], out.shape[1])
        for prompt in range(len(out)):
            image = out[prompt] if number else images[prompt % len(images)]
            for rows in _tiles(len(pe)):
                x = image[rows]
                if looks is None:
                    scores = read[prompt] @ (x + pe[rows]).T
                    scores = scores if bias is None else scores + bias[prompt]
                else:
                    scores = looks[prompt, :, rows]
                out[prompt, rows] = x = _written(layer, x, scores, written[prompt])
                torch.mm(asked[prompt], (x + pe[rows]).T, out=weights[prompt, :, rows])
        seen = values_seen(attention, _mixed(weights, out))
    result: torch.Tensor = transformer.norm_final_attn(tokens + seen)
    return result, out


def _written(
    layer: TwoWayAttentionBlock, x: torch.Tensor, scores: torch.Tensor, written: torch.Tensor
) -> torch.Tensor:
    """Pixels [n, C] after they looked at the tokens with scores [H T, n], and what these write, [H T, C]."""
    heads = layer.cross_attn_image_to_token.num_heads
    share = scores.unflatten(0, (heads, -1)).softmax(dim=1).flatten(0, 1).to(x.dtype)
    norm = layer.norm4
    return F.layer_norm(torch.addmm(x, share.T, written), x.shape[-1:], norm.weight, norm.bias, norm.eps)


def _mixed(scores: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """Sums of pixels by the softmax of scores [P, F, N], float32 [P, F, C]."""
    weights = scores.softmax(dim=-1)
    if len(images) == 1:
        return (weights.flatten(0, 1) @ images[0]).view(*weights.shape[:2], -1).float()
    return torch.stack([one @ image for one, image in zip(weights, images, strict=True)]).float()


def masks_of(
    upscaling: nn.Sequential, images: torch.Tensor, filters: torch.Tensor, fine: Fine | None = None
) -> list[torch.Tensor]:
    """Images [N, C] and a filter [M, C / 8] for each mask, both of P prompts, to logits [N 16, M] of each prompt, those
    of a pixel of the image one after another; with finer maps of the image, where the decoder takes some."""
    upscaled, answers = Upscaling(upscaling, images.dtype), []
    for image, wanted in zip(images, filters.to(images.dtype).transpose(1, 2), strict=True):
        out = image.new_empty(len(image), 16, wanted.shape[1])
        for rows in _tiles(len(image)):
            pixels = upscaled(image[rows], None if fine is None else fine.of(rows)).view(-1, wanted.shape[0])
            torch.mm(pixels, wanted, out=out[rows].view(-1, wanted.shape[1]))
        answers.append(out.view(-1, wanted.shape[1]))
    return answers


class Upscaling:
    """SAM's upscaling on pixels: a transposed convolution of kernel and stride 2 is a linear layer on each.

    Args:
        layers: the decoder's.
        dtype: of the pixels.
    """

    def __init__(self, layers: nn.Sequential, dtype: torch.dtype) -> None:
        first, self._norm, self._activation, second, self._last = cast(
            "tuple[nn.ConvTranspose2d, LayerNorm2d, nn.Module, nn.ConvTranspose2d, nn.Module]", tuple(layers)
        )
        self._channels = second.in_channels
        self._weights = [self._spreading(convolution, dtype) for convolution in (first, second)]

    @staticmethod
    def _spreading(convolution: nn.ConvTranspose2d, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
        weight, bias = convolution.weight, convolution.bias
        assert bias is not None
        return weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0]).to(dtype), bias.repeat(4).to(dtype)

    def __call__(self, pixels: torch.Tensor, fine: Fine | None = None) -> torch.Tensor:
        """Pixels [..., C] to [..., 4, 4, C / 8]: row and column of each of the two steps."""
        norm = self._norm
        x = F.linear(pixels, *self._weights[0]).unflatten(-1, (4, self._channels))
        if fine is not None:
            x = x + fine.twice.to(x.dtype)
        x = F.layer_norm(x, x.shape[-1:], norm.weight, norm.bias, norm.eps)
        x = F.linear(self._activation(x), *self._weights[1])
        if fine is not None:
            x = x + fine.fourfold.flatten(-2).to(x.dtype)
        result: torch.Tensor = self._last(x).unflatten(-1, (4, -1))
        return result


def _tiles(count: int) -> Iterator[slice]:
    return (slice(start, start + PIXELS) for start in range(0, count, PIXELS))
