"""Base models from the registry, at any input size, with or without weights."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.families import get_family
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.registry import BaseModel, check_size, get_model
from SAMAdaptLib.sam.weights.locate import obtain
from SAMAdaptLib.sam.weights.read import read_checkpoint, state_hash

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

    from SAMAdaptLib.sam.families.base import Family


@dataclass(eq=False)
class SamModel:
    """A built base model.

    Attributes:
        sam: segment_anything's ``Sam`` (image_encoder, prompt_encoder, mask_decoder) in eval mode.
        base: its registry entry.
        input_size: side of the square model input in pixels.
        base_hash: hash of the weights before any adaptation; "random-<seed>" without a checkpoint.
        adapter_hash: hash of the weights of the adapter in use, "" for none.
        adapter_settings: of the adapter in use, its method's name among them.
        intensity: mappings that the adapter in use was trained with, as its description has them, "" for none.
        axis: slice axis that it was trained on, "" for none.
        tile: side in pixels of the parts of slices that it was trained on, 0 for whole slices.
        mask_prompts: whether an earlier mask helps as a prompt: of the base, or of the adapter on it.
        points: whether points are given to the decoder; where not, boxes take their place
            (:mod:`SAMAdaptLib.sam.clicks`). Of the base, or of the adapter on it.
        grown: whether a point alone is grown into boxes, in place of the point or beside it; where the base knows boxes
            only.
        taught: how many points a prompt of the adapter's training had at most, without a box and beside one, on a base
            that knows boxes only; None where the decoder is given all points.
        depth: neighbouring slices that the encoder wants to see together; 1 for single slices.
        whole_stacks: whether the embeddings of all slices of a stack are meant to be used, not only the middle one's.
        find: boxes of the adapter's classes on a slice, for adapters that find objects by themselves. From the slice
            uint8 [H, W], its frame and a function that gives its embedding [1, C, g, g] where that is wanted, to an
            array float32 [N, 4] of (x0, y0, x1, y1) in slice pixels for each class, N = 0 where a class is not on the
            slice.
        labels: whether it labels whole slices by itself: its decoder has a mask for the background and one for each of
            the adapter's classes in place of SAM's (:func:`SAMAdaptLib.sam.decode.label`), and answers no prompt.
    """

    sam: Sam
    base: BaseModel
    input_size: int
    base_hash: str
    adapter_hash: str = ""
    adapter_settings: Mapping[str, Any] = field(default_factory=dict)
    intensity: str = ""
    axis: str = ""
    tile: int = 0
    mask_prompts: bool = True
    points: bool = True
    grown: bool = False
    taught: tuple[int, int] | None = None
    depth: int = 1
    whole_stacks: bool = False
    find: Callable[[np.ndarray, ModelFrame, Callable[[], torch.Tensor]], list[np.ndarray]] | None = None
    labels: bool = False

    @property
    def family(self) -> Family[nn.Module, nn.Module]:
        """The family of the base."""
        return get_family(self.base.family)

    @property
    def embedding_size(self) -> int:
        """Side of the embedding's grid."""
        result: int = self.sam.prompt_encoder.image_embedding_size[0]
        return result

    @property
    def low_res_size(self) -> int:
        """Side of the decoder's own logits."""
        return 4 * self.embedding_size

    @property
    def identity(self) -> dict[str, Any]:
        """All of it that decides an embedding, for :func:`SAMAdaptLib.sam.cache.embedding_key`: weights alone do not,
        since the same ones fit other settings, and random ones are told by their seed."""
        return {
            "base": self.base_hash,
            "encoder": [self.base.family, self.base.arch, self.base.pixel_mean, self.base.pixel_std],
            "input_size": self.input_size,
            "adapter": [self.adapter_hash, self.adapter_settings],
            "depth": self.depth,
            "whole_stacks": self.whole_stacks,
        }

    @property
    def guesses(self) -> bool:
        """Whether what a point means may be guessed from the picture."""
        return self.grown or not self.points

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        result: torch.device = self.sam.pixel_mean.device
        return result


def build_sam(
    model: str | BaseModel,
    checkpoint: str | Path | None = None,
    input_size: int | None = None,
    *,
    weights: bool = True,
    seed: int = 0,
    allow_download: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
) -> SamModel:
    """Build a base model.

    Args:
        model: a name of the registry, or an entry of one's own.
        checkpoint: a local file of the same architecture; otherwise cache, installed package or download.
        input_size: side of the model input in pixels; the native one by default.
        weights: False gives random weights drawn from ``seed``, to count or test without a file.
        seed: of the random weights.
        allow_download: False refuses to fetch what is not on this machine.
        progress: called with (bytes done, bytes in all) while downloading.

    Raises:
        InputError: unknown name, unsupported size, checkpoint missing, damaged or of another architecture.
    """
    base = get_model(model) if isinstance(model, str) else model
    size = check_size(base, input_size)
    with _seeded(None if weights else seed):
        sam = get_family(base.family).build(base)
    base_hash = f"random-{seed}"
    if weights:
        path = obtain(base, checkpoint, allow_download=allow_download, progress=progress)
        state = read_checkpoint(path)
        base_hash = state_hash(state)
        _load(sam, state, base, path)
    built = SamModel(sam, base, base.input_size, base_hash, mask_prompts=base.mask_prompts, points=base.points)
    built.grown = not base.points
    if size != base.input_size:
        _resize(built, size)
    sam.eval().requires_grad_(False)
    sam.image_encoder.to(memory_format=torch.channels_last)
    return built


@contextlib.contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    """Random weights by seed without touching the caller's random state."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _load(sam: Sam, state: dict[str, torch.Tensor], base: BaseModel, path: Path) -> None:
    wanted = sam.state_dict()
    family = get_family(base.family)
    state = family.renamed({k: v for k, v in state.items() if not k.startswith(family.unused)})
    missing = [k for k in wanted if k not in state and k not in ("pixel_mean", "pixel_std")]
    unknown = [k for k in state if k not in wanted and k not in ("pixel_mean", "pixel_std")]
    misfit = [k for k, v in state.items() if k in wanted and v.shape != wanted[k].shape]
    if missing or unknown or misfit:
        first = (missing + misfit + unknown)[0]
        raise InputError(
            f"The checkpoint is not of the architecture {base.name} ({len(missing)} tensors missing, "
            f"{len(misfit)} of another shape, {len(unknown)} unknown, first {first!r})",
            path,
            "Choose the base model that the file belongs to",
        )
    sam.load_state_dict({k: v for k, v in state.items() if not k.startswith("pixel_")}, strict=False)


def share(base: SamModel, adapted: SamModel) -> None:
    """Keep tensors that are equal in both once."""
    there = dict(base.sam.named_parameters())
    for name, parameter in adapted.sam.named_parameters():
        if name in there and there[name].shape == parameter.shape and torch.equal(there[name], parameter):
            parameter.data = there[name].data


def _resize(model: SamModel, size: int) -> None:
    sam, grid = model.sam, size // model.family.stride(model.base)
    model.family.resize(sam.image_encoder, size)
    sam.prompt_encoder.image_embedding_size = (grid, grid)
    sam.prompt_encoder.input_image_size = (size, size)
    sam.prompt_encoder.mask_input_size = (4 * grid, 4 * grid)
    model.input_size = size
