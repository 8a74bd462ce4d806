"""SAM 2.1: Hiera for an encoder, SAM's decoder with finer maps, and a memory across slices.

Published by Ravi et al. 2024 (arXiv 2408.00714) for pictures and videos; a volume is a video of slices here. Encoder
and memory are those of the package transformers, which is kept up month by month; Meta's own repository has not been
changed since 2024, is no wheel, and wants hydra and a compiler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam.families.base import AttentionBlock, Family, Maps, Step, TwoMaps
from SAMAdaptLib.sam.families.sam2_encoder import FOURFOLD, STRIDE, TWICE, WIDTH, HieraEncoder, unfolded
from SAMAdaptLib.sam.families.sam2_memory import Memory
from SAMAdaptLib.sam.families.sam2_names import UNUSED, renamed
from SAMAdaptLib.sam.mask_decoder import Decoded, decode_all
from SAMAdaptLib.sam.registry import BaseModel

ensure_sam()
from segment_anything.modeling import PromptEncoder  # noqa: E402
from segment_anything.modeling.mask_decoder import MLP  # noqa: E402

if TYPE_CHECKING:
    from segment_anything.modeling import Sam


class PaddedPrompts(PromptEncoder):  # type: ignore[misc]  # segment_anything carries no types
    """SAM's, with the token of no point behind a box, too, and twice where there is neither point nor box. SAM has it
    behind points without a box only."""

    def forward(
        self,
        points: tuple[torch.Tensor, torch.Tensor] | None,
        boxes: torch.Tensor | None,
        masks: torch.Tensor | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See segment_anything's."""
        sparse, dense = super().forward(points, boxes, masks)
        none = 1 if boxes is not None else 0 if points is not None else 2
        sparse = torch.cat([sparse, self.not_a_point_embed.weight.expand(len(sparse), none, -1)], dim=1)
        return sparse, dense


class Sam2Family(Family[HieraEncoder, Any]):
    """See the module. A slice's single mask is the decoder's first, as for SAM; the published predictor takes the best
    of the three others instead where that one is unsure of its outline."""

    channels = WIDTH + 4 * TWICE + 16 * FOURFOLD
    width = WIDTH
    unused = UNUSED

    def encoder(self, base: BaseModel) -> HieraEncoder:
        """See :meth:`Family.encoder`."""
        return HieraEncoder(base.input_size, **base.arch)

    def stride(self, base: BaseModel) -> int:
        """See :meth:`Family.stride`."""
        return STRIDE

    def resize(self, encoder: HieraEncoder, size: int) -> None:
        """See :meth:`Family.resize`: positions are interpolated whenever it runs."""
        encoder.img_size = size

    def attention_blocks(self, encoder: HieraEncoder) -> list[AttentionBlock]:
        """See :meth:`Family.attention_blocks`; without the first block of a stage, which widens and halves the map."""
        blocks = encoder.trunk.blocks
        return [
            AttentionBlock(blocks, place, block.attn, 1, block.dim)
            for place, block in enumerate(blocks)
            if block.dim == block.dim_out
        ]

    def run_block(self, block: Any, x: torch.Tensor, attended: TwoMaps, beside: Maps) -> torch.Tensor:
        """See :meth:`Family.run_block`."""
        from SAMAdaptLib.sam.families.vit_encoder import in_windows

        normed = block.layer_norm1(x)
        x = x + attended(in_windows(block, normed), normed)
        normed = block.layer_norm2(x)
        result: torch.Tensor = x + block.mlp(normed) + beside(normed)
        return result

    def attend(self, block: Any, x: torch.Tensor, mix: Maps) -> torch.Tensor:
        """See :meth:`Family.attend`."""
        attention = block.attn
        qkv = attention.qkv(x).unflatten(-1, (3, attention.num_attention_heads, -1))
        result: torch.Tensor = attention.proj(mix(qkv))
        return result

    def patches(self, encoder: HieraEncoder, image: torch.Tensor) -> torch.Tensor:
        """See :meth:`Family.patches`."""
        return encoder.patches(image)

    def steps(self, encoder: HieraEncoder) -> list[Step]:
        """See :meth:`Family.steps`: a step a block."""
        return [Step(block, block.dim_out) for block in encoder.trunk.blocks]

    def neck(self, encoder: HieraEncoder) -> nn.Module:
        """See :meth:`Family.neck`."""
        result: nn.Module = encoder.neck
        return result

    def embed(self, encoder: HieraEncoder, image: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """Not to be had: the finer maps come from the ends of all stages."""
        raise NotImplementedError("SAM 2's embedding is made from the ends of all stages")

    def build(self, base: BaseModel) -> Sam:
        """See :meth:`Family.build`."""
        sam, grid = super().build(base), base.input_size // STRIDE
        sam.prompt_encoder = PaddedPrompts(WIDTH, (grid, grid), (base.input_size,) * 2, mask_in_chans=16)
        sam.mask_decoder.iou_prediction_head = MLP(WIDTH, 256, sam.mask_decoder.num_mask_tokens, 3, sigmoid_output=True)
        sam.mask_decoder.obj_score_token = nn.Embedding(1, WIDTH)
        sam.memory = Memory(grid)
        return sam

    def renamed(self, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """See :meth:`Family.renamed`."""
        return renamed(state)

    def answer(
        self,
        sam: Sam,
        embedding: torch.Tensor,
        sparse: torch.Tensor,
        dense: torch.Tensor,
        wanted: range,
        dtype: torch.dtype,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See :meth:`Family.answer`: without a memory."""
        image = embedding[:, :WIDTH] + sam.memory.nothing.view(1, WIDTH, 1, 1)
        return self.said(sam, embedding, image, sparse, dense, wanted, dtype)[:2]

    def said(
        self,
        sam: Sam,
        embedding: torch.Tensor,
        image: torch.Tensor,
        sparse: torch.Tensor,
        dense: torch.Tensor,
        wanted: range,
        dtype: torch.dtype = torch.float32,
    ) -> Decoded:
        """All that the decoder says of a slice, as :meth:`answer`, with a coarse map [1, 256, g, g] that took a look at
        what is remembered, or at nothing."""
        _, fine = unfolded(embedding)
        asked = sam.mask_decoder.obj_score_token.weight.expand(len(sparse), 1, -1)
        places = sam.prompt_encoder.get_dense_pe()
        tokens = torch.cat([asked, sparse], dim=1)
        return decode_all(sam.mask_decoder, image, places, tokens, dense, wanted, dtype, fine)
