"""SAM's own image encoder, of segment_anything."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam.families.base import AttentionBlock, Family, Link, Maps, Step, TwoMaps
from SAMAdaptLib.sam.registry import BaseModel

if TYPE_CHECKING:
    from segment_anything.modeling import ImageEncoderViT
    from segment_anything.modeling.image_encoder import Block

PATCH = 16


class VitFamily(Family["ImageEncoderViT", "Block"]):
    """Plain ViTs with windows (Kirillov 2023), on patches of 16 pixels; one width all through."""

    sized = ("pos_embed",)

    def encoder(self, base: BaseModel) -> ImageEncoderViT:
        """See :meth:`Family.encoder`."""
        ensure_sam()
        from SAMAdaptLib.sam.families.vit_encoder import Encoder

        return Encoder(
            img_size=base.input_size,
            patch_size=PATCH,
            mlp_ratio=4,
            qkv_bias=True,
            use_rel_pos=True,
            out_chans=self.channels,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            **base.arch,
        )

    def stride(self, base: BaseModel) -> int:
        """See :meth:`Family.stride`."""
        return PATCH

    def resize(self, encoder: ImageEncoderViT, size: int) -> None:
        """See :meth:`Family.resize`: position embeddings are interpolated once; the relative-position tables are
        interpolated by ``get_rel_pos`` whenever they run, so they stay as in the file."""
        table = encoder.pos_embed.data.permute(0, 3, 1, 2)
        table = F.interpolate(table, size=(size // PATCH,) * 2, mode="bicubic", align_corners=False)
        encoder.pos_embed = nn.Parameter(table.permute(0, 2, 3, 1).contiguous())
        encoder.img_size = size

    def attention_blocks(self, encoder: ImageEncoderViT) -> list[AttentionBlock]:
        """See :meth:`Family.attention_blocks`."""
        blocks = encoder.blocks
        return [AttentionBlock(blocks, i, b.attn, 1, b.attn.qkv.in_features) for i, b in enumerate(blocks)]

    def run_block(self, block: Block, x: torch.Tensor, attended: TwoMaps, beside: Maps) -> torch.Tensor:
        """See :meth:`Family.run_block`."""
        from SAMAdaptLib.sam.families.vit_encoder import in_windows

        normed = block.norm1(x)
        x = x + attended(in_windows(block, normed), normed)
        normed = block.norm2(x)
        result: torch.Tensor = x + block.mlp(normed) + beside(normed)
        return result

    def attend(self, block: Block, x: torch.Tensor, mix: Maps) -> torch.Tensor:
        """See :meth:`Family.attend`."""
        attention = block.attn
        result: torch.Tensor = attention.proj(mix(attention.qkv(x).unflatten(-1, (3, attention.num_heads, -1))))
        return result

    def patches(self, encoder: ImageEncoderViT, image: torch.Tensor) -> torch.Tensor:
        """See :meth:`Family.patches`."""
        result: torch.Tensor = encoder.patch_embed(image) + encoder.pos_embed
        return result

    def steps(self, encoder: ImageEncoderViT) -> list[Step]:
        """See :meth:`Family.steps`: a step a block."""
        channels = encoder.neck[0].in_channels
        return [Step(block, channels) for block in encoder.blocks]

    def neck(self, encoder: ImageEncoderViT) -> nn.Sequential:
        """See :meth:`Family.neck`."""
        result: nn.Sequential = encoder.neck
        return result

    def embed(self, encoder: ImageEncoderViT, image: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """See :meth:`Family.embed`."""
        result: torch.Tensor = encoder.neck(deep.permute(0, 3, 1, 2))
        return result

    def chain(self, encoder: nn.Module) -> list[Link]:
        """See :meth:`Family.chain`: patches with the first block, the other blocks, the neck."""
        from SAMAdaptLib.sam.families.vit_encoder import Encoder

        if type(encoder) is not Encoder:
            return []
        first, *others = encoder.blocks
        neck = encoder.neck
        return [
            Link(lambda x: first(self.patches(encoder, x)), (encoder.patch_embed, encoder.pos_embed, first)),
            *(Link(block, (block,)) for block in others),
            Link(lambda x: neck(x.permute(0, 3, 1, 2)), (neck,)),
        ]
