"""Slices to embeddings: the one place where images enter the encoder, for prediction and training alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import autocast

# What to do about weights whose numbers are none.
BROKEN = "Take other weights or another adapter: these are broken"


def encode(
    model: SamModel,
    images: Sequence[np.ndarray],
    frames: Sequence[ModelFrame],
    dtype: torch.dtype,
    places: Sequence[int] | None = None,
) -> torch.Tensor:
    """Encode a batch of slices, with gradient where the encoder is trained.

    Args:
        model: adapted or not.
        images: B slices uint8 [H, W]; for a model of depth D > 1 B stacks uint8 [D, H, W], of which one slice is meant;
            of several channels [..., 3].
        frames: how each slice lies in the model input.
        dtype: of the encoder; the result is float32.
        places: which slice of each stack is meant, 0 to D - 1; the middle D // 2 by default.

    Returns:
        embeddings [B, C, g, g] on the model's device.
    """
    stacks = encode_stacks(model, images, frames, dtype)
    places = [model.depth // 2] * len(images) if places is None else list(places)
    return stacks[list(range(len(images))), places]


def encode_stacks(
    model: SamModel, images: Sequence[np.ndarray], frames: Sequence[ModelFrame], dtype: torch.dtype
) -> torch.Tensor:
    """As :func:`encode`, but all slices of the stacks: [B, D, C, g, g]."""
    pixels = model_input(model, images, frames)
    with autocast(pixels.device, dtype):
        embeddings = model.sam.image_encoder(pixels).float()
    result: torch.Tensor = embeddings.unflatten(0, (len(images), model.depth))
    return result


def half_precision(embedding: torch.Tensor, where: str | None = None) -> np.ndarray:
    """An embedding [C, g, g] as it is kept, and therefore used: float16.

    Args:
        embedding: of a slice.
        where: the slice is, for the error.

    Raises:
        InputError: it holds NaN, or numbers beyond half precision's 65504, with which every mask would come out empty.
    """
    kept: np.ndarray = embedding.half().cpu().numpy()
    if not np.isfinite(kept).all():
        raise InputError("The model's embedding of a slice overflows", where, BROKEN)
    return kept


def model_input(model: SamModel, images: Sequence[np.ndarray], frames: Sequence[ModelFrame]) -> torch.Tensor:
    """What the encoder is given for slices or stacks, see :func:`encode`: float32 [B D, 3, S, S], channels last."""
    sam, depth = model.sam, model.depth
    pixels = torch.stack(
        [
            frame.image_to_model(plane, sam.pixel_mean, sam.pixel_std)
            for image, frame in zip(images, frames, strict=True)
            for plane in (image if depth > 1 else (image,))
        ]
    )
    if len(pixels) != depth * len(images):
        raise ValueError(f"stacks of {depth} slices are wanted, {len(pixels)} slices came for {len(images)} stacks")
    return pixels.contiguous(memory_format=torch.channels_last)
