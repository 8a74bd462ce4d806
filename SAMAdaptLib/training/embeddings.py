"""Embeddings of training slices; those of a frozen encoder are computed once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.frames import ModelFrame

KEPT_BYTES = 1 << 30


class Embeddings:
    """Encodes training slices.

    Args:
        model: adapted already; what it trains by now decides whether embeddings are kept.
        dtype: of the encoder.

    Attributes:
        frozen: whether the method leaves the encoder as it is, so that a step costs the decoder only once a slice has
            been seen.
    """

    def __init__(self, model: SamModel, dtype: torch.dtype) -> None:
        self.frozen = not any(p.requires_grad for p in model.sam.image_encoder.parameters())
        self._model, self._dtype = model, dtype
        self._kept = EmbeddingCache(ram_bytes=KEPT_BYTES)

    def __call__(
        self, images: Sequence[np.ndarray], frames: Sequence[ModelFrame], places: Sequence[int] | None = None
    ) -> torch.Tensor:
        """See :func:`SAMAdaptLib.sam.encode.encode`."""
        if places is None:
            places = [self._model.depth // 2] * len(images)
        if not self.frozen:
            return encode(self._model, images, frames, self._dtype, places)
        return torch.cat([self._recalled(*one) for one in zip(images, frames, places, strict=True)])

    def _recalled(self, image: np.ndarray, frame: ModelFrame, place: int) -> torch.Tensor:
        key = sha256_array(image, np.array([*frame.pixel_spacing, place]))
        kept = self._kept.get(key)
        if kept is None:
            with torch.no_grad():
                kept = encode(self._model, [image], [frame], self._dtype, [place])[0].half().cpu().numpy()
            self._kept.put(key, kept)
        # Rounded the first time too, or a resumed run would differ from one that was never interrupted.
        return torch.from_numpy(kept.astype(np.float32))[None].to(self._model.device)
