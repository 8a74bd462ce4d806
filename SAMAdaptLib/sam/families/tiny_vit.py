"""The TinyViT image encoder of MobileSAM and LiteMedSAM, for which no maintained package exists.

Architecture: Wu et al. 2022 (TinyViT, arXiv 2207.10666) with SAM's neck. Parameter names and shapes are those of the
released checkpoints. Grid sizes are taken from the input, so any multiple of the stride works.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam import fast
from SAMAdaptLib.sam.families.base import AttentionBlock, Family, Link, Maps, Step, TwoMaps
from SAMAdaptLib.sam.families.tiny_vit_convolutions import (
    ConvNorm,
    MBConv,
    PatchEmbed,
    PatchMerging,
    convolve_in_tiles,
)
from SAMAdaptLib.sam.registry import BaseModel


class WindowAttention(nn.Module):
    """Multi-head attention within a window, with a learned bias per head and |offset|.

    The fused ``qkv`` interleaves heads: its rows are (head, [q | k | v], channel).
    """

    bias_index: torch.Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window * window))
        place = torch.arange(window)
        offset = (place[:, None] - place[None, :]).abs()
        index = offset[:, None, :, None] * window + offset[None, :, None, :]
        self.register_buffer("bias_index", index.reshape(window**2, window**2), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Tokens [B, window², C] to the same shape."""
        batch, tokens, channels = x.shape
        qkv = self.qkv(self.norm(x)).view(batch, tokens, self.heads, 3, channels // self.heads)
        q, k, v = qkv.permute(3, 0, 2, 1, 4)
        bias = self.attention_biases[:, self.bias_index].to(q.dtype)
        if q.requires_grad and q.device.type == "cpu":
            # The fused kernel's backward pass takes four times as long as plain products on windows this small.
            weights = q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1) + bias
            out = weights.softmax(dim=-1) @ v
        else:
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias[None])
        result: torch.Tensor = self.proj(out.transpose(1, 2).reshape(batch, tokens, channels))
        return result


class Mlp(nn.Module):
    """Layer norm and two linear layers."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if fast.usable(x, self):
            return fast.mlp(x, self.norm, self.fc1, self.fc2)
        result: torch.Tensor = self.fc2(F.gelu(self.fc1(self.norm(x))))
        return result


class TinyViTBlock(nn.Module):
    """Window attention, a depth-wise convolution and an MLP on channels-last maps [B, H, W, C]."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.attn = WindowAttention(channels, heads, window)
        self.local_conv = ConvNorm(channels, channels, 3, groups=channels)
        self.mlp = Mlp(channels, 4 * channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.mixed(x + self.attend(x))
        result: torch.Tensor = x + self.mlp(x)
        return result

    def mixed(self, x: torch.Tensor) -> torch.Tensor:
        """The convolution between attention and MLP."""
        result: torch.Tensor = self.local_conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return result

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        """Attention within windows, without the residual sum."""
        batch, height, width, channels = x.shape
        window = self.window
        below, right = -height % window, -width % window
        # Padding comes before the attention's own norm, as in training: padded tokens are that norm's bias.
        padded = F.pad(x, (0, 0, 0, right, 0, below)) if below or right else x
        rows, columns = (height + below) // window, (width + right) // window
        tokens = padded.view(batch, rows, window, columns, window, channels).transpose(2, 3)
        tokens = self.attn(tokens.reshape(-1, window * window, channels))
        tokens = tokens.view(batch, rows, columns, window, window, channels).transpose(2, 3)
        result: torch.Tensor = tokens.reshape(batch, height + below, width + right, channels)[:, :height, :width]
        return result


class Stage(nn.Module):
    """Blocks and, but for the last stage, a patch merging; what leaves it has ``channels``."""

    def __init__(
        self, blocks: list[nn.Module], downsample: PatchMerging | None, channels: int, channels_last: bool
    ) -> None:
        super().__init__()
        self.channels = channels
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample
        self.channels_last = channels_last

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps [B, C, H, W] to [B, C', H', W']."""
        blocks = [block for block in self.blocks if type(block) is MBConv]
        if self.downsample is not None and len(blocks) == len(self.blocks) and fast.usable(x, self):
            return convolve_in_tiles(blocks, self.downsample, x)
        if self.channels_last:
            x = x.permute(0, 2, 3, 1)
        for block in self.blocks:
            x = block(x)
        if self.channels_last:
            x = x.permute(0, 3, 1, 2)
        return x if self.downsample is None else self.downsample(x)


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of [B, C, H, W]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class TinyViT(nn.Module):
    """Image [B, 3, S, S] to embedding [B, 256, g, g]; g = S/16 for ``patch_stride`` 4 and S/4 for 1.

    Args:
        img_size: side S of the input in pixels.
        patch_stride: 4 (MobileSAM, S = 1024) or 1 (LiteMedSAM, S = 256).
    """

    def __init__(
        self,
        img_size: int,
        patch_stride: int,
        widths: tuple[int, ...] = (64, 128, 160, 320),
        depths: tuple[int, ...] = (2, 2, 6, 2),
        heads: tuple[int, ...] = (2, 4, 5, 10),
        windows: tuple[int, ...] = (7, 7, 14, 7),
    ) -> None:
        super().__init__()
        self.img_size = img_size
        self.patch_embed = PatchEmbed(widths[0], patch_stride)
        self.layers = nn.ModuleList()
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            if i == 0:
                blocks: list[nn.Module] = [MBConv(width) for _ in range(depth)]
            else:
                blocks = [TinyViTBlock(width, heads[i], windows[i]) for _ in range(depth)]
            # The grid is halved after the first two stages only; SAM's decoder wants a dense embedding.
            after = widths[min(i + 1, len(widths) - 1)]
            merging = None if i == len(widths) - 1 else PatchMerging(width, after, 2 if i < 2 else 1)
            self.layers.append(Stage(blocks, merging, after, channels_last=i > 0))
        self.neck = nn.Sequential(
            nn.Conv2d(widths[-1], 256, 1, bias=False),
            LayerNorm2d(256, eps=1e-6),
            nn.Conv2d(256, 256, 3, padding=1, bias=False),
            LayerNorm2d(256, eps=1e-6),
        )

    @property
    def stages(self) -> list[Stage]:
        """The stages, the first of convolutions."""
        return [stage for stage in self.layers if isinstance(stage, Stage)]

    def stem(self, x: torch.Tensor) -> torch.Tensor:
        """Everything before the first attention, [B, 3, S, S] to maps [B, C, H, W]."""
        result: torch.Tensor = self.layers[0](self.patch_embed(x))
        return result

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for stage in self.layers[1:]:
            x = stage(x)
        result: torch.Tensor = self.neck(x)
        return result


class TinyVitFamily(Family[TinyViT, TinyViTBlock]):
    """TinyViTs; adapters go to the stages with attention, which are all but the first, of convolutions."""

    # MobileSAM's file carries the classification head of its pretraining.
    unused = ("image_encoder.norm_head", "image_encoder.head")

    def encoder(self, base: BaseModel) -> TinyViT:
        """See :meth:`Family.encoder`."""
        return TinyViT(base.input_size, **base.arch)

    def stride(self, base: BaseModel) -> int:
        """See :meth:`Family.stride`: the grid of patches is halved twice."""
        return 4 * int(base.arch["patch_stride"])

    def resize(self, encoder: TinyViT, size: int) -> None:
        """See :meth:`Family.resize`: no parameter knows the size."""
        encoder.img_size = size

    def attention_blocks(self, encoder: TinyViT) -> list[AttentionBlock]:
        """See :meth:`Family.attention_blocks`."""
        return [
            AttentionBlock(stage.blocks, i, block.attn, block.attn.heads, block.attn.qkv.in_features)
            for stage in encoder.stages
            for i, block in enumerate(stage.blocks)
            if isinstance(block, TinyViTBlock)
        ]

    def run_block(
        self,
        block: TinyViTBlock,
        x: torch.Tensor,
        attended: TwoMaps,
        beside: Maps,
    ) -> torch.Tensor:
        """See :meth:`Family.run_block`; attention and MLP hold their own norm, which the additions run again."""
        x = block.mixed(x + attended(block.attend(x), x))
        result: torch.Tensor = x + block.mlp(x) + beside(block.mlp.norm(x))
        return result

    def attend(self, block: TinyViTBlock, x: torch.Tensor, mix: Maps) -> torch.Tensor:
        """See :meth:`Family.attend`."""
        attention = block.attn
        qkv = attention.qkv(attention.norm(x)).unflatten(-1, (attention.heads, 3, -1)).transpose(-3, -2)
        result: torch.Tensor = attention.proj(mix(qkv))
        return result

    def patches(self, encoder: TinyViT, image: torch.Tensor) -> torch.Tensor:
        """See :meth:`Family.patches`."""
        result: torch.Tensor = encoder.patch_embed(image).permute(0, 2, 3, 1)
        return result

    def steps(self, encoder: TinyViT) -> list[Step]:
        """See :meth:`Family.steps`: a step a stage, patch merging included."""
        return [Step(_channels_last(stage), stage.channels) for stage in encoder.stages]

    def neck(self, encoder: TinyViT) -> nn.Sequential:
        """See :meth:`Family.neck`."""
        return encoder.neck

    def embed(self, encoder: TinyViT, image: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """See :meth:`Family.embed`."""
        result: torch.Tensor = encoder.neck(deep.permute(0, 3, 1, 2))
        return result

    def chain(self, encoder: nn.Module) -> list[Link]:
        """See :meth:`Family.chain`: patches with the first stage, the blocks and mergings of the others, the neck."""
        if type(encoder) is not TinyViT:
            return []
        links = [Link(lambda x: encoder.stem(x).permute(0, 2, 3, 1), (encoder.patch_embed, encoder.layers[0]))]
        for stage in encoder.stages[1:]:
            links += [Link(block, (block,)) for block in stage.blocks]
            if stage.downsample is not None:
                links.append(Link(_channels_last(stage.downsample), (stage.downsample,)))
        return [*links, Link(lambda x: encoder.neck(x.permute(0, 3, 1, 2)), (encoder.neck,))]


def _channels_last(convolutions: nn.Module) -> Maps:
    """Maps [B, H, W, C] through what works on [B, C, H, W]."""
    return lambda x: convolutions(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
