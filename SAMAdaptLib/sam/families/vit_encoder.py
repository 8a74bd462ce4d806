"""SAM's image encoder with fewer operations, where nothing in it is trained.

Two identities, exact but for rounding. SAM pads its windows with zeros behind the norm, so that what a padded token
becomes is the bias of ``qkv``: that layer is needed on the real tokens only, and the output projection, too. The
decomposed relative positions are a bias of the scores, which a fused kernel takes; it is made for some windows or some
rows at a time, so that neither it nor the scores are ever there as a whole.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam import fast

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
        if not fast.usable(x, self):
            result = super().forward(x)
            return result
        x = x + in_windows(self, self.norm1(x))
        result = x + fast.mlp(x, self.norm2, self.mlp.lin1, self.mlp.lin2)
        return result


def in_windows(block: Block, normed: torch.Tensor) -> torch.Tensor:
    """The attention of a block on maps [B, H, W, C] behind its norm, within windows where it has them."""
    attention, window = block.attn, block.window_size
    if type(attention) is Attention and attention.use_rel_pos and fast.usable(normed, attention):
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
    qkv = attention.qkv(normed)
    padded = (height, width)
    if window > 0:
        below, right = -height % window, -width % window
        if below or right:
            empty = attention.qkv(normed.new_zeros(normed.shape[-1]))
            qkv = torch.cat([qkv, empty.expand(*qkv.shape[:2], right, -1)], dim=2)
            qkv = torch.cat([qkv, empty.expand(len(qkv), below, qkv.shape[2], -1)], dim=1)
        qkv, padded = window_partition(qkv, window)
    rows, columns = qkv.shape[1:3]
    q, k, v = qkv.unflatten(-1, (3, attention.num_heads, -1)).permute(3, 0, 4, 1, 2, 5)
    tables = [
        get_rel_pos(rows, rows, attention.rel_pos_h).to(q.dtype),
        get_rel_pos(columns, columns, attention.rel_pos_w).to(q.dtype),
    ]
    out = qkv.new_empty(len(q), rows, columns, attention.num_heads, q.shape[-1])
    row = columns * rows * columns * attention.num_heads * q.dtype.itemsize
    some_rows = min(rows, max(1, fast.TILE_BYTES // row))
    some = max(1, fast.TILE_BYTES // (row * rows))
    for first in range(0, len(q), some):
        here = slice(first, first + some)
        keys, values = k[here].flatten(2, 3), v[here].flatten(2, 3)
        for top in range(0, rows, some_rows):
            asking = q[here, :, top : top + some_rows]
            # Contiguous, so that their sum is, and need not be copied.
            by_row = torch.einsum("bnhwc,hkc->bnhwk", asking, tables[0][top : top + some_rows]).contiguous()
            by_column = torch.einsum("bnhwc,wkc->bnhwk", asking, tables[1]).contiguous()
            bias = by_row[..., None] + by_column[..., None, :]
            seen = F.scaled_dot_product_attention(
                asking.flatten(2, 3), keys, values, attn_mask=bias.flatten(4, 5).flatten(2, 3)
            )
            out[here, top : top + some_rows] = seen.unflatten(2, asking.shape[2:4]).permute(0, 2, 3, 1, 4)
    out = out.flatten(3)
    if window > 0:
        out = window_unpartition(out, window, padded, (height, width))
    result: torch.Tensor = attention.proj(out)
    return result
