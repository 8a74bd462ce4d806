"""Bottleneck adapters, and blocks of encoder and decoder with them in place.

A block that carries adapters keeps the base model's own block, whole and frozen, as ``base_layer``; its ``forward``
says where in the block the adapters stand.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.sam.families.base import AttentionBlock, Family

if TYPE_CHECKING:
    from segment_anything.modeling.transformer import TwoWayAttentionBlock


class Bottleneck(nn.Module):
    """The layers Down and Up from C channels to a narrower width and back (Wu 2023, section 2.2 and figure 2b).

    Up starts at zero, so a new adapter gives zero. The paper says nothing of the start; with the usual random one, as
    in the public code, training would begin from another model than SAM.
    """

    def __init__(self, channels: int, ratio: float) -> None:
        super().__init__()
        hidden = max(1, round(channels * ratio))
        self.down = nn.Linear(channels, hidden)
        self.up = nn.Linear(hidden, channels)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)


class Adapter(Bottleneck):
    """Up(ReLU(Down(x)))."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., C] to the same shape."""
        result: torch.Tensor = self.up(F.relu(self.down(x)))
        return result


class PromptAdapter(Bottleneck):
    """Up(ReLU(Down(x) + DownP(p))): an adapter that the prompt turns (Wu 2023, section 2.2)."""

    def __init__(self, channels: int, ratio: float) -> None:
        super().__init__(channels, ratio)
        self.down_prompt = nn.Linear(channels, self.down.out_features)

    def forward(self, x: torch.Tensor, prompt: torch.Tensor) -> torch.Tensor:
        """Tokens and the prompt's embedding, both [..., C], to the same shape."""
        result: torch.Tensor = self.up(F.relu(self.down(x) + self.down_prompt(prompt)))
        return result


class AdaptedBlock(nn.Module):
    """An attention block of the encoder with two adapters, and a third where it sees stacks of slices.

    The first takes the attention's output before the residual sum, h + A(h); the second stands beside the MLP, takes
    what its linear layers take, and is scaled. For stacks the same attention weights run a second time, over depth; the
    third adapter takes their output, with no path around it. The paper adds the depth branch as it is; here the
    adapter's zero start closes it, so that the encoder starts as SAM's.
    """

    def __init__(self, family: Family[nn.Module, nn.Module], block: AttentionBlock, config: MsaConfig) -> None:
        super().__init__()
        self.family = family
        self.base_layer = block.holder[block.place]
        self.scale = config.scale
        self.depth = config.depth
        self.after_attention = Adapter(block.channels, config.ratio)
        self.beside_mlp = Adapter(block.channels, config.ratio)
        if self.depth > 1:
            self.after_depth = Adapter(block.channels, config.ratio)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B*D, H, W, C] to the same shape."""
        return self.family.run_block(self.base_layer, x, self._adapted, self._beside)

    def _adapted(self, in_plane: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """What the residual sum gets, from the attention's output and its input, both [B*D, H, W, C]."""
        out: torch.Tensor = in_plane + self.after_attention(in_plane)
        if self.depth == 1:
            return out
        over_depth = self.family.attend(self.base_layer, x, partial(attend_over_depth, depth=self.depth))
        added: torch.Tensor = self.after_depth(over_depth)
        return out + added

    def _beside(self, x: torch.Tensor) -> torch.Tensor:
        beside: torch.Tensor = self.beside_mlp(x)
        return self.scale * beside


def attend_over_depth(qkv: torch.Tensor, depth: int) -> torch.Tensor:
    """Attention of each place of the map over the slices of its stack (Wu 2023, section 2.2: D x N to N x D).

    There is no positional bias: the base model's biases are of offsets within a slice, and the paper names none for
    depth. (Its public code folds the slices into a small grid and interpolates the in-plane tables onto it.) Windows do
    not matter here, since a place meets only itself in other slices.

    Args:
        qkv: [B*D, H, W, 3, heads, c]; each run of D slices is one stack.
        depth: D.

    Returns:
        [B*D, H, W, heads * c], before the output projection.

    Raises:
        ValueError: the number of slices is no multiple of D.
    """
    slices, height, width = qkv.shape[:3]
    if slices % depth:
        raise ValueError(f"a batch of {slices} slices cannot be divided into stacks of {depth}")
    stacks = qkv.unflatten(0, (-1, depth)).permute(4, 0, 2, 3, 5, 1, 6)
    # Fused kernels want four dimensions and allow 65,535 in each of the first two (pytorch/pytorch#142228), which
    # the places of a few stacks would fill: columns go along with the heads instead.
    q, k, v = stacks.flatten(3, 4).flatten(1, 2).unbind(0)
    attended: torch.Tensor = F.scaled_dot_product_attention(q, k, v)
    out: torch.Tensor = attended.unflatten(1, (width, -1)).unflatten(0, (-1, height))
    return out.permute(0, 4, 1, 2, 3, 5).flatten(-2).flatten(0, 1)


class AdaptedTwoWayBlock(nn.Module):
    """The first block of the mask decoder's transformer with three adapters (Wu 2023, section 2.2).

    1. After the tokens' cross-attention to the image with its residual sum, turned by the embedding of the prompt:
       the tokens as the decoder got them, which the block also uses as positions. 2. Beside the MLP, scaled, as in
       the encoder. 3. After the image's cross-attention to the tokens with its residual sum. The first and the third
       have a residual path of their own before the layer norm. Of the first the paper's words can also be read as
       before the residual sum; the third's place, which they state clearly, decides. The public code has none of them
       and trains the whole decoder.
    """

    def __init__(self, block: TwoWayAttentionBlock, config: MsaConfig) -> None:
        super().__init__()
        channels = block.norm1.normalized_shape[0]
        self.base_layer: TwoWayAttentionBlock = block
        self.scale = config.scale
        self.after_tokens = PromptAdapter(channels, config.ratio)
        self.beside_mlp = Adapter(channels, config.ratio)
        self.after_image = Adapter(channels, config.ratio)

    def forward(
        self, queries: torch.Tensor, keys: torch.Tensor, query_pe: torch.Tensor, key_pe: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens [P, T, C], image [P, N, C] and their positions to new tokens and a new image."""
        block = self.base_layer
        # Only the first block attends to itself without positions and without a residual sum.
        queries = block.norm1(block.self_attn(q=queries, k=queries, v=queries))
        placed = keys + key_pe
        queries = queries + block.cross_attn_token_to_image(q=queries + query_pe, k=placed, v=keys)
        queries = block.norm2(queries + self.after_tokens(queries, query_pe))
        queries = block.norm3(queries + block.mlp(queries) + self.scale * self.beside_mlp(queries))
        keys = keys + block.cross_attn_image_to_token(q=placed, k=queries + query_pe, v=queries)
        return queries, block.norm4(keys + self.after_image(keys))
