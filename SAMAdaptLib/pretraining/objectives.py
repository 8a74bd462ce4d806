"""What the encoder learns from slices without labels: e-Mix, ShED and masked reconstruction.

The paper (Wu 2023, section 2.3) describes each in a sentence and specifies none. e-Mix and ShED are Tamkin 2021's
(arXiv 2111.12062, "DABS"), whose words leave details to its code; the masked autoencoder is He 2022's idea (arXiv
2111.06377) in the form of SimMIM (Xie 2022, arXiv 2111.09886). DABS mixes, shuffles and masks the embeddings of patches
between a patch embedding and a transformer. An encoder is known here by its input and output alone, so the same is
done to the patches of its input. On SAM's ViT mixing is the same thing to the letter, since its patch embedding is
linear and positions are added after it; so is shuffling, where a patch is the ViT's own. TinyViT has convolutions in
the place of a patch embedding, and no counterpart.

No objective augments slices: DABS has none for its domains, and MAE learns almost as well without (He 2022, table 1e).
Every head is small and thrown away. All losses are means, so that weights do not depend on sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.pretraining.config import PretrainConfig

# Stacks [N, D, 3, S, S] to embeddings float32 [N, C, g, g] of their middle slices.
Encode = Callable[[torch.Tensor], torch.Tensor]
# Width of DABS's projection, in its code.
PROJECTION = 128


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step shows.

    Attributes:
        pixels: [B, D, 3, S, S], normalised model input; D slices of a stack, 1 for most models.
        picture: bool [B, S, S], where the slice is and not its padding.
    """

    pixels: torch.Tensor
    picture: torch.Tensor

    def inside(self, patches: int) -> torch.Tensor:
        """bool [B, n, n]: patches that hold anything of the picture."""
        side = self.picture.shape[-1] // patches
        return F.max_pool2d(self.picture[:, None].float(), side)[:, 0] > 0


class Objective(nn.Module):
    """A loss on a batch and the head that it needs.

    Args:
        config: of the run.
        input_size: side S of the model input.
        embedding_size: side g of the embedding's grid.
        channels: C of the embedding.

    Raises:
        InputError: patches that do not divide the grid.
    """

    def __init__(self, config: PretrainConfig, input_size: int, embedding_size: int, channels: int) -> None:
        super().__init__()
        self.config = config
        self.patches = min(config.patches, embedding_size)
        if embedding_size % self.patches:
            raise InputError(
                f"{config.patches} patches on a side do not divide an embedding of {embedding_size}",
                None,
                "Set patches to a power of two",
            )

    def forward(self, batch: Batch, encode: Encode, rng: np.random.Generator) -> torch.Tensor:
        """The mean loss of a batch, with gradient; ``rng`` makes all its choices."""
        raise NotImplementedError


class EMix(Objective):
    """Contrastive embedding mixup: a mixture of two slices resembles both, each by its share.

    Shares from Beta(1, 1), folded to 0.5..1, and cosines over a temperature of 0.2 are DABS's code, as are mean over
    the grid, layer norm and one linear layer. Two things are ours: no slice is mixed with itself, which would be
    common in batches as small as these, and no gradient is stopped, since nothing learnt comes before the mixing.
    """

    def __init__(self, config: PretrainConfig, input_size: int, embedding_size: int, channels: int) -> None:
        super().__init__(config, input_size, embedding_size, channels)
        self.head = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, PROJECTION))

    def forward(self, batch: Batch, encode: Encode, rng: np.random.Generator) -> torch.Tensor:
        """See :meth:`Objective.forward`."""
        pixels = batch.pixels
        count = len(pixels)
        drawn = rng.beta(1, 1, count)
        share = torch.from_numpy(np.maximum(drawn, 1 - drawn)).to(pixels)
        partner = torch.from_numpy(_moved(rng.permutation(count), count)).to(pixels.device)
        weight = share.view(-1, 1, 1, 1, 1)
        mixed = weight * pixels + (1 - weight) * pixels[partner]
        projected = self.head(encode(torch.cat((pixels, mixed))).mean(dim=(2, 3)))
        return emix_loss(projected[count:], projected[:count], share, partner, self.config.temperature)


class Shed(Objective):
    """Shuffled embedding detection: which patches of a slice are not in their place?

    15 % of the patches change places in one cycle, so that each of them really moves, and a linear layer on each patch
    of the embedding tells moved from unmoved; both as in DABS's code, whose two logits and cross entropy are one logit
    and binary cross entropy here, which is the same function. Three things are ours: patches without any of the
    picture stay where they are and are not asked about; a patch that came to look as before, as in air, does not count
    as moved; and at least two move.
    """

    def __init__(self, config: PretrainConfig, input_size: int, embedding_size: int, channels: int) -> None:
        super().__init__(config, input_size, embedding_size, channels)
        self.head = nn.Conv2d(channels, 1, 1)

    def forward(self, batch: Batch, encode: Encode, rng: np.random.Generator) -> torch.Tensor:
        """See :meth:`Objective.forward`."""
        inside = batch.inside(self.patches)
        pixels, moved = shuffle(batch.pixels, inside, self.config.shuffle_ratio, rng)
        logits = self.head(F.adaptive_avg_pool2d(encode(pixels), self.patches))[:, 0]
        return F.binary_cross_entropy_with_logits(logits[inside], moved[inside].float())


class Mae(Objective):
    """Masked reconstruction: what is in the patches that were painted over?

    SimMIM's form, since TinyViT has no tokens that could be left out as MAE does: the encoder sees masked patches
    filled with one value, one convolution of width 1 turns each place of the embedding into its pixels, and the loss is
    the absolute error on masked pixels. SimMIM's learnt filling would need gradients through a frozen encoder down to
    its input; the slice's mean takes its place. The target is the slice's grey at mean 0 and deviation 1 over the
    picture, so that the loss means the same on every scan and base model.
    """

    def __init__(self, config: PretrainConfig, input_size: int, embedding_size: int, channels: int) -> None:
        super().__init__(config, input_size, embedding_size, channels)
        self.stride = input_size // embedding_size
        self.head = nn.Conv2d(channels, self.stride**2, 1)

    def forward(self, batch: Batch, encode: Encode, rng: np.random.Generator) -> torch.Tensor:
        """See :meth:`Objective.forward`."""
        pixels, picture = batch.pixels, batch.picture
        hidden = choose(batch.inside(self.patches), self.config.mask_ratio, rng, least=1)
        side = picture.shape[-1] // self.patches
        hidden = hidden.repeat_interleave(side, 1).repeat_interleave(side, 2) & picture
        shown = picture[:, None, None]
        area = shown.sum(dim=(3, 4), keepdim=True) * pixels.shape[1]
        filling = (pixels * shown).sum(dim=(1, 3, 4), keepdim=True) / area
        painted = torch.where(hidden[:, None, None], filling, pixels)
        found = F.pixel_shuffle(self.head(encode(painted)), self.stride)[:, 0]
        return (found - standardised(pixels, picture))[hidden].abs().mean()


KINDS: dict[str, type[Objective]] = {"emix": EMix, "shed": Shed, "mae": Mae}


def emix_loss(
    mixed: torch.Tensor, clean: torch.Tensor, share: torch.Tensor, partner: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Cross entropy of each mixture's cosines to all slices against its two parts, weighted by their shares.

    Args:
        mixed: [B, C], of the mixtures.
        clean: [B, C], of the slices.
        share: [B], of slice i in mixture i.
        partner: int [B], which slice has the rest.
        temperature: the cosines are divided by.
    """
    logits = F.normalize(mixed, dim=1) @ F.normalize(clean, dim=1).T / temperature
    own = torch.arange(len(logits), device=logits.device)
    first, second = (F.cross_entropy(logits, target, reduction="none") for target in (own, partner))
    return (share * first + (1 - share) * second).mean()


def shuffle(
    pixels: torch.Tensor, inside: torch.Tensor, ratio: float, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let a share of each slice's patches change places; all slices of a stack alike.

    Args:
        pixels: [B, D, 3, S, S].
        inside: bool [B, n, n], patches that may move.
        ratio: share of those.
        rng: chooses them.

    Returns:
        (pixels of the same shape, bool [B, n, n]: patches that differ from before).
    """
    count, patches = inside.shape[0], inside.shape[-1]
    source = np.stack([_moved(_drawn(row, ratio, rng, least=2), patches**2) for row in inside.flatten(1).cpu().numpy()])
    before = _cut(pixels, patches)
    after = before[torch.arange(count, device=pixels.device)[:, None], torch.from_numpy(source).to(pixels.device)]
    differ = (after != before).flatten(2).any(dim=2).view(inside.shape)
    return _joined(after, patches), differ


def choose(inside: torch.Tensor, ratio: float, rng: np.random.Generator, least: int) -> torch.Tensor:
    """A share of each slice's patches: bool [B, n, n] to the same, ``least`` of them at the least."""
    chosen = np.zeros((len(inside), inside[0].numel()), bool)
    for row, places in zip(chosen, inside.flatten(1).cpu().numpy(), strict=True):
        row[_drawn(places, ratio, rng, least)] = True
    return torch.from_numpy(chosen).to(inside.device).view(inside.shape)


def standardised(pixels: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """The middle slices' grey, [B, D, 3, S, S] to [B, S, S], at mean 0 and deviation 1 over the picture [B, S, S]."""
    grey = pixels[:, pixels.shape[1] // 2].mean(dim=1)
    area = picture.sum(dim=(1, 2), keepdim=True)
    grey = grey - (grey * picture).sum(dim=(1, 2), keepdim=True) / area
    deviation = ((grey**2 * picture).sum(dim=(1, 2), keepdim=True) / area).sqrt()
    return grey / deviation.clamp_min(1e-6)


def _drawn(places: np.ndarray, ratio: float, rng: np.random.Generator, least: int) -> np.ndarray:
    """Indices of a share of the places that are True, in random order."""
    allowed = np.flatnonzero(places)
    return rng.permutation(allowed)[: max(least, ceil(ratio * len(allowed)))]


def _moved(cycle: np.ndarray, count: int) -> np.ndarray:
    """For each of ``count`` places, the one whose contents it gets: the next of the cycle, else its own."""
    source = np.arange(count)
    source[cycle] = np.roll(cycle, 1)
    return source


def _cut(pixels: torch.Tensor, patches: int) -> torch.Tensor:
    """[B, D, 3, S, S] to patches [B, n*n, D, 3, p, p], row by row."""
    tiles: torch.Tensor = pixels.unflatten(4, (patches, -1)).unflatten(3, (patches, -1))
    return tiles.permute(0, 3, 5, 1, 2, 4, 6).flatten(1, 2)


def _joined(tiles: torch.Tensor, patches: int) -> torch.Tensor:
    """The inverse of :func:`_cut`."""
    tiles = tiles.unflatten(1, (patches, patches)).permute(0, 3, 4, 1, 5, 2, 6)
    return tiles.flatten(5, 6).flatten(3, 4)
