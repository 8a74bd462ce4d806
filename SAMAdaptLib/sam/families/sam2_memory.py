"""What SAM 2 remembers of slices, and how it looks at a slice with that in mind (Ravi et al. 2024, arXiv 2408.00714,
section 4). The networks are those of the package transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam.families.sam2_encoder import WIDTH
from SAMAdaptLib.sam.families.sam2_package import package

ensure_sam()
from segment_anything.modeling.mask_decoder import MLP  # noqa: E402

# Slices without a prompt whose maps are looked at, and whose pointers are; channels of what is remembered.
MAPS, POINTERS, CHANNELS = 6, 15, 64
# A mask as what is remembered of a slice is made from it: probabilities 0..1 to -10..10.
SCALE, SHIFT = 20.0, -10.0
# The logit of every place where the model says that the object is not on the slice.
ABSENT = -1024.0


class Remembered(NamedTuple):
    """A slice.

    Attributes:
        map: bfloat16 [g g, 1, 64].
        places: float32 [g g, 1, 64].
        pointer: float32 [1, 256], the object in one token.
    """

    map: torch.Tensor
    places: torch.Tensor
    pointer: torch.Tensor


class Near(NamedTuple):
    """A slice, and how many slices it lies behind on the way; negative for one that lies ahead."""

    distance: int
    slice: Remembered


class Memory(nn.Module):
    """The parts of SAM 2 beside image encoder, prompt encoder and mask decoder. No training here changes them.

    Args:
        grid: side g of the embedding.

    Attributes:
        nothing: [1, 1, 256], added to the map of a slice that is looked at without a memory.
    """

    def __init__(self, grid: int) -> None:
        super().__init__()
        taken = package()
        self.attention = taken.attention(self._settings(grid))
        self.encoder = taken.remembering(self._settings(grid))
        self.nothing = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.times = nn.Parameter(torch.zeros(MAPS + 1, 1, 1, CHANNELS))
        self.no_pointer = nn.Parameter(torch.zeros(1, WIDTH))
        self.no_object = nn.Parameter(torch.zeros(1, CHANNELS))
        self.pointer = MLP(WIDTH, WIDTH, WIDTH, 3)
        self.pointer_times = nn.Linear(WIDTH, CHANNELS)
        self.object_score = MLP(WIDTH, WIDTH, 1, 3)
        self._grid = grid

    @staticmethod
    def _settings(grid: int) -> object:
        settings: object = package().video(
            memory_attention_rope_feat_sizes=[grid, grid], attn_implementation="sdpa"
        )
        return settings

    def remember(
        self, image: torch.Tensor, logits: torch.Tensor, token: torch.Tensor, prompted: bool
    ) -> Remembered:
        """What is kept of a slice.

        Args:
            image: its coarse map [1, 256, g, g].
            logits: low-resolution ones of the object on it, [1, 1, 4g, 4g]; all :data:`ABSENT` where it is not.
            token: of that mask, [1, 256].
            prompted: whether a user has said where it is.
        """
        there = bool((logits > ABSENT).any())
        mask = F.interpolate(logits.float(), scale_factor=4, mode="bilinear", align_corners=False)
        mask = (mask > 0).float() if prompted else mask.sigmoid()
        found, places = self.encoder(image, SCALE * mask + SHIFT)
        if not there:
            found = found + self.no_object[..., None, None]
        pointer = self.pointer(token) if there else self.no_pointer
        return Remembered(_tokens(found.to(torch.bfloat16)), _tokens(places.float()), pointer.float())

    def recall(
        self, image: torch.Tensor, places: torch.Tensor, prompted: Sequence[Near], carried: Sequence[Near], count: int
    ) -> torch.Tensor:
        """The map of a slice after it has looked at what is remembered.

        Args:
            image: its coarse map [1, 256, g, g].
            places: of that map, [1, 256, g, g].
            prompted: all slices that a user has marked; at least one.
            carried: those that the way has come over, up to :data:`POINTERS` of them, each once.
            count: slices of the volume.

        Returns:
            [1, 256, g, g].
        """
        # Marked slices have one time for all, which is kept last.
        maps = [(one.slice, MAPS) for one in prompted]
        maps += [(one.slice, one.distance - 1) for one in carried if one.distance <= MAPS]
        seen = [slice.map.to(image) for slice, _ in maps]
        where = [slice.places.to(image) + self.times[time] for slice, time in maps]
        # The object as it was on marked slices ahead is left out, as in the published model.
        behind = [one for one in (*prompted, *carried) if one.distance >= 0]
        split = WIDTH // CHANNELS
        if behind:
            times = self._times([one.distance for one in behind], min(count, POINTERS + 1) - 1)
            seen.append(torch.cat([one.slice.pointer.to(image).view(split, 1, CHANNELS) for one in behind]))
            where.append(times.repeat_interleave(split, dim=0)[:, None])
        found = self._attention(image.shape[-1])(
            _tokens(image), torch.cat(seen), _tokens(places), torch.cat(where), split * len(behind)
        )
        result: torch.Tensor = found.reshape(1, *image.shape[-2:], WIDTH).permute(0, 3, 1, 2)
        return result

    def _times(self, distances: list[int], longest: int) -> torch.Tensor:
        """Tokens [N, 64] of how far pointers have come, as sines of shares of the longest way (Vaswani 2017)."""
        shares = torch.tensor(distances, dtype=torch.float32, device=self.times.device) / longest
        half = WIDTH // 2
        periods = 10000.0 ** (2 * (torch.arange(half, device=shares.device) // 2) / half)
        angles = shares[:, None] / periods
        result: torch.Tensor = self.pointer_times(torch.cat([angles.sin(), angles.cos()], dim=-1))
        return result

    def _attention(self, grid: int) -> nn.Module:
        """The attention for a grid of that side: its places are fixed when it is built."""
        if grid != self._grid:
            other = package().attention(self._settings(grid))
            other.load_state_dict(self.attention.state_dict())
            self.attention = other.to(self.times.device).eval().requires_grad_(False)
            self._grid = grid
        return self.attention


def _tokens(image: torch.Tensor) -> torch.Tensor:
    """[1, C, g, g] to [g g, 1, C]."""
    return image.flatten(2).permute(2, 0, 1)
