"""SAM 2's image encoder: Hiera with a feature pyramid, whose three maps are folded into one."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn

from SAMAdaptLib.sam.families.sam2_package import package
from SAMAdaptLib.sam.tiled_decoder import Fine

WIDTH = 256
# Channels of the finer maps as the decoder adds them: of twice and of four times the grid.
TWICE, FOURFOLD = WIDTH // 4, WIDTH // 8
# Pixels of the model input for one place of the coarsest map that is used.
STRIDE = 16


class HieraEncoder(nn.Module):
    """[B, 3, S, S] to [B, 256 + 4 * 64 + 16 * 32, S / 16, S / 16].

    The coarse map comes first, as it is without a memory; then the finer ones of S / 8 and S / 4, each already brought
    to the decoder's channels, by the pixels of the coarse map that they lie in (:func:`unfolded`).

    Args:
        img_size: side S of the input, a multiple of 32.
        width: channels of the first of four stages, doubled from stage to stage.
        heads: of the first, doubled likewise.
        stages: blocks of each.
        windows: sides of the attention's windows in each.
        everywhere: blocks, counted through all stages, in which every place sees all others.
        background: side of the coarse part of the positions.
    """

    def __init__(
        self,
        img_size: int,
        width: int,
        heads: int,
        stages: tuple[int, ...],
        windows: tuple[int, ...],
        everywhere: tuple[int, ...],
        background: int,
    ) -> None:
        super().__init__()
        self.img_size = img_size
        taken, widths = package(), [width * 2**stage for stage in range(len(stages))]
        hiera = taken.hiera(
            hidden_size=width,
            num_attention_heads=heads,
            image_size=[img_size, img_size],
            window_positional_embedding_background_size=[background, background],
            blocks_per_stage=list(stages),
            embed_dim_per_stage=widths,
            num_attention_heads_per_stage=[heads * 2**stage for stage in range(len(stages))],
            window_size_per_stage=list(windows),
            global_attention_blocks=list(everywhere),
        )
        built = taken.encoder(taken.vision(backbone_config=hiera, backbone_channel_list=widths[::-1]))
        # Called part by part: the package's own way through them is made for videos, and takes no adapted blocks.
        self.trunk, self.neck = cast("Any", built.backbone), cast("Any", built.neck)
        self.conv_s0 = nn.Conv2d(WIDTH, FOURFOLD, 1)
        self.conv_s1 = nn.Conv2d(WIDTH, TWICE, 1)

    def patches(self, image: torch.Tensor) -> torch.Tensor:
        """Patches with their positions, [B, S / 4, S / 4, C]."""
        x = self.trunk.patch_embed(image)
        placed: torch.Tensor = x + self.trunk._get_pos_embed(x.shape[1:3])
        return placed

    def places(self, coarse: torch.Tensor) -> torch.Tensor:
        """The places of a coarse map [1, C, g, g] as sines, of the same shape."""
        where: torch.Tensor = self.neck.position_encoding(coarse.shape, coarse.device, coarse.dtype)
        return where

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x, ends = self.patches(image), []
        for number, block in enumerate(self.trunk.blocks):
            x = block(x)
            if number in self.trunk.stage_ends:
                ends.append(x)
        _, coarse, twice, fourfold = self.neck(tuple(ends))[0]
        return torch.cat([coarse, _folded(self.conv_s1(twice), 1), _folded(self.conv_s0(fourfold), 2)], dim=1)


def _folded(fine: torch.Tensor, steps: int) -> torch.Tensor:
    """A map [B, C, n g, n g], n = 2^steps, by the places of the grid: [B, n n C, g, g], with row and column of each
    step before the channels."""
    batch, channels, side, _ = fine.shape
    grid = side >> steps
    halves = fine.view(batch, channels, *((grid, *[2] * steps) * 2))
    rows, columns = range(3, 3 + steps), range(4 + steps, 4 + 2 * steps)
    within = [axis for pair in zip(rows, columns, strict=True) for axis in pair]
    return halves.permute(0, *within, 1, 2, 3 + steps).reshape(batch, -1, grid, grid)


def unfolded(embedding: torch.Tensor) -> tuple[torch.Tensor, Fine]:
    """The coarse map [1, 256, g, g] of a slice and its finer ones, from what the encoder yields."""
    coarse, twice, fourfold = embedding.split((WIDTH, 4 * TWICE, 16 * FOURFOLD), dim=1)
    pixels = [part[0].flatten(1).T for part in (twice, fourfold)]
    return coarse, Fine(pixels[0].unflatten(1, (4, TWICE)), pixels[1].unflatten(1, (4, 4, FOURFOLD)))
