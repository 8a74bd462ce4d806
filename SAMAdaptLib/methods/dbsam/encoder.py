"""The encoder with two sides: a frozen one and trained branches of convolutions, which meet after every stage."""

from __future__ import annotations

import torch
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.dbsam.branches import ConvolutionBranches
from SAMAdaptLib.methods.dbsam.config import SIZES, DbSamConfig
from SAMAdaptLib.methods.dbsam.fusion import FUSIONS
from SAMAdaptLib.methods.dbsam.layers import ChannelAttention, CrossAttention
from SAMAdaptLib.sam.families.base import Family


class Meeting(nn.Module):
    """What happens at the end of a stage: channel attention on the deep map, then cross-attention both ways, each from
    what the other was before.

    Args:
        deep: channels of the encoder's map here.
        shallow: channels of the convolution branches.
        config: which parts there are, and their size.
        heard: whether anything reads the convolution branches after this; else they are left as they are.
    """

    def __init__(self, deep: int, shallow: int, config: DbSamConfig, heard: bool) -> None:
        super().__init__()
        size = SIZES[config.size]
        self.channel_attention = ChannelAttention(deep) if config.channel_attention else None
        self.to_deep = self.to_shallow = None
        if config.bilateral:
            self.to_deep = CrossAttention(deep, shallow, size, len(size.stems), closed=True)
        if config.bilateral and heard:
            # The convolution branches are new: what they do at the start needs no closing, since nothing listens yet.
            self.to_shallow = CrossAttention(shallow, deep, size, 1, closed=False)

    def forward(self, deep: torch.Tensor, shallow: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Maps [B, H, W, C] and [B, L, g, g, C'] to the same shapes."""
        if self.channel_attention is not None:
            deep = self.channel_attention(deep)
        before = deep[:, None]
        if self.to_deep is not None:
            deep = self.to_deep(before, shallow)[:, 0]
        if self.to_shallow is not None:
            shallow = self.to_shallow(shallow, before)
        return deep, shallow


class DualBranchEncoder(nn.Module):
    """An image encoder, whole and frozen as ``base_layer``, beside convolution branches (Qin 2024, figure 1). Its neck
    may be trained.

    Stages are of SAM's attention blocks, or of TinyViT's own stages, patch merging included. There the maps' widths and
    grids change from stage to stage; the convolution branches keep those of the end. Deformable attention reads any
    grid at any place, so the two need not agree, and brings the other's width to its own.

    Nothing before the end of the first stage needs a gradient, and since nothing there asks for one, none is kept.

    Args:
        family: of the encoder.
        encoder: [B, 3, S, S] to [B, C, g, g].
        grid: g.
        config: of the method.

    Raises:
        InputError: more stages than the encoder has blocks.
    """

    def __init__(
        self, family: Family[nn.Module, nn.Module], encoder: nn.Module, grid: int, config: DbSamConfig
    ) -> None:
        super().__init__()
        self.family = family
        self.base_layer = encoder
        # SAM asks its encoder for the side S of the input by this name.
        self.img_size = encoder.img_size
        widths = [step.channels for step in family.steps(encoder)]
        if config.stages > len(widths):
            raise InputError(
                f"{config.stages} stages are wanted, the encoder has {len(widths)} to make them from",
                None,
                f"Set stages to 1 to {len(widths)}",
            )
        self._ends = [(stage + 1) * len(widths) // config.stages for stage in range(config.stages)]
        channels, size = widths[-1], SIZES[config.size]
        self.convolution = None
        if config.bilateral or config.fusion:
            self.convolution = ConvolutionBranches(channels, size.stems, grid)
        self.meetings = nn.ModuleList(
            Meeting(widths[end - 1], channels, config, heard=config.fusion or end < len(widths)) for end in self._ends
        )
        self.fusion = FUSIONS[size.gate](channels, size) if config.fusion else None

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[B, 3, S, S] to [B, C, g, g]."""
        family, encoder = self.family, self.base_layer
        shallow = None if self.convolution is None else self.convolution(image)
        deep, steps = family.patches(encoder, image), family.steps(encoder)
        done = 0
        for end, meeting in zip(self._ends, self.meetings, strict=True):
            for step in steps[done:end]:
                deep = step.run(deep)
            deep, shallow = meeting(deep, shallow)
            done = end
        if self.fusion is not None:
            deep = self.fusion(deep, shallow)
        return family.embed(encoder, image, deep)
