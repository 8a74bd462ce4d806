"""A third family in one file, with widths, a finer map and a way to the mask that no other has."""

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.sam.families.base import AttentionBlock, Family, Step

PATCH = 8
INNER, WIDTH, FINE = 24, 64, 3


class DummyBlock(nn.Module):
    """Attention of all places to all, three heads, and an MLP."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(INNER), nn.LayerNorm(INNER)
        self.attn = nn.Module()
        self.attn.qkv = nn.Linear(INNER, 3 * INNER)
        self.attn.proj = nn.Linear(INNER, INNER)
        self.mlp = nn.Sequential(nn.Linear(INNER, 48), nn.GELU(), nn.Linear(48, INNER))

    def qkv(self, x):
        return self.attn.qkv(x).unflatten(-1, (3, 3, -1))

    def among_places(self, qkv):
        q, k, v = qkv.flatten(1, 2).permute(2, 0, 3, 1, 4)
        out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return out.unflatten(1, qkv.shape[1:3])

    def forward(self, x):
        return DummyFamily().run_block(self, x, lambda out, given: out, lambda given: 0)


class DummyEncoder(nn.Module):
    """[B, 3, S, S] to [B, 64 + 4 * 3, S / 8, S / 8]: the embedding, and a map of S / 4 folded behind it."""

    def __init__(self, size, blocks) -> None:
        super().__init__()
        self.img_size = size
        self.patch = nn.Conv2d(3, INNER, PATCH, PATCH)
        self.blocks = nn.ModuleList(DummyBlock() for _ in range(blocks))
        self.neck = nn.Conv2d(INNER, WIDTH, 1)
        self.fine = nn.Conv2d(3, FINE, PATCH // 2, PATCH // 2)

    def forward(self, image):
        family = DummyFamily()
        x = family.patches(self, image)
        for block in self.blocks:
            x = block(x)
        return family.embed(self, image, x)


class DummyFamily(Family[DummyEncoder, DummyBlock]):
    """See :class:`DummyEncoder`; the finer map is added to the decoder's logits."""

    channels = WIDTH + 4 * FINE
    width = WIDTH

    def encoder(self, base):
        return DummyEncoder(base.input_size, **base.arch)

    def stride(self, base):
        return PATCH

    def resize(self, encoder, size):
        encoder.img_size = size

    def attention_blocks(self, encoder):
        return [AttentionBlock(encoder.blocks, i, b.attn, 1, INNER) for i, b in enumerate(encoder.blocks)]

    def run_block(self, block, x, attended, beside):
        normed = block.norm1(x)
        x = x + attended(self.attend(block, normed, block.among_places), normed)
        normed = block.norm2(x)
        return x + block.mlp(normed) + beside(normed)

    def attend(self, block, x, mix):
        return block.attn.proj(mix(block.qkv(x)))

    def patches(self, encoder, image):
        return encoder.patch(image).permute(0, 2, 3, 1)

    def steps(self, encoder):
        return [Step(block, INNER) for block in encoder.blocks]

    def neck(self, encoder):
        return encoder.neck

    def embed(self, encoder, image, deep):
        return torch.cat([encoder.neck(deep.permute(0, 3, 1, 2)), F.pixel_unshuffle(encoder.fine(image), 2)], dim=1)

    def answer(self, sam, embedding, sparse, dense, wanted, dtype):
        coarse, fine = embedding[:, :WIDTH], F.pixel_shuffle(embedding[:, WIDTH:], 2)
        logits, iou = super().answer(sam, coarse, sparse, dense, wanted, dtype)
        return logits + F.interpolate(fine.mean(1, keepdim=True), scale_factor=2.0), iou
