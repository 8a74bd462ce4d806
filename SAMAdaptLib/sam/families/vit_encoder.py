"""SAM's image encoder with fewer operations, with gradient where something in it is trained.

Exact but for rounding: SAM pads its windows with zeros behind the norm, so that what a padded token becomes is the bias
of ``qkv``. That layer is needed on the real tokens only, as are queries and the output projection.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam import fast
from SAMAdaptLib.sam.families.vit_attention import attend

ensure_sam()
from segment_anything.modeling import ImageEncoderViT  # noqa: E402
from segment_anything.modeling.image_encoder import (  # noqa: E402
    Attention,
    Block,
    get_rel_pos,
    window_partition,
    window_unpartition,
)


class Encoder(ImageEncoderViT):  # type: ignore[misc]  # segment_anything carries no types
    """segment_anything's, with its parameters; blocks that a method has put in place of its own run as they are."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Modules still, which are called as such: who watches their calls may end a long encoding between two.
        published: nn.ModuleList = self.get_submodule("blocks")
        self.blocks = nn.ModuleList(FastBlock(block) for block in published)


class FastBlock(Block):  # type: ignore[misc]  # segment_anything carries no types
    """segment_anything's, with all that one of them holds."""

    def __init__(self, block: Block) -> None:
        # Without the parent's own, which would draw weights once more.
        self.__dict__.update(block.__dict__)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps [B, H, W, C] to such maps."""
        result: torch.Tensor
        if fast.plain("encoder"):
            result = super().forward(x)
            return result
        x = x + in_windows(self, self.norm1(x))
        if fast.usable(x, self.norm2, self.mlp):
            result = x + fast.mlp(x, self.norm2, self.mlp.lin1, self.mlp.lin2)
            return result
        hidden = self.mlp.act(fast.through(self.mlp.lin1, self.norm2(x)))
        result = x + fast.through(self.mlp.lin2, hidden)
        return result


def in_windows(block: Block, normed: torch.Tensor) -> torch.Tensor:
    """The attention of a block on maps [B, H, W, C] behind its norm, within windows where it has them."""
    attention, window = block.attn, block.window_size
    if type(attention) is Attention and attention.use_rel_pos and not fast.plain("encoder"):
        return _attend(attention, normed, window)
    result: torch.Tensor
    if window == 0:
        result = attention(normed)
    else:
        windows, padded = window_partition(normed, window)
        result = window_unpartition(attention(windows), window, padded, tuple(normed.shape[1:3]))
    return result


def _attend(attention: Attention, normed: torch.Tensor, window: int) -> torch.Tensor:
    height, width = normed.shape[1:3]
    rows, columns = (window, window) if window > 0 else (height, width)
    by_head = (3, attention.num_heads, -1)
    qkv = fast.through(attention.qkv, normed)
    padding = fast.through(attention.qkv, normed.new_zeros(normed.shape[-1]))
    tables = [
        get_rel_pos(rows, rows, attention.rel_pos_h).to(qkv.dtype),
        get_rel_pos(columns, columns, attention.rel_pos_w).to(qkv.dtype),
    ]
    seen = attend(qkv.unflatten(-1, by_head), padding.to(qkv.dtype).unflatten(-1, by_head), *tables)
    return fast.through(attention.proj, seen)
