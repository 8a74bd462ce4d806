"""Embeddings of training slices; what no training changes on the way to them is computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.encode import encode, half_precision, model_input
from SAMAdaptLib.sam.families.base import Stem
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import autocast

KEPT_BYTES = 1 << 30


class Embeddings:
    """Encodes training slices.

    What was kept is for the weights that it was made with: where one that is not trained changes, or what is trained,
    everything is decided and computed anew. Only what is written through ``Parameter.data`` goes unnoticed.

    Args:
        model: adapted already; what it trains by now decides whether embeddings are kept.
        dtype: of the encoder, and of the decoder's transformer and upscaling.

    Attributes:
        dtype: as given.
        frozen: whether the method leaves the encoder as it is, so that a step costs the decoder only once a slice has
            been seen.
        stem: the encoder in two parts, where the first is computed once for each slice; None where it is not.
    """

    frozen: bool
    stem: Stem | None

    def __init__(self, model: SamModel, dtype: torch.dtype) -> None:
        self._model, self.dtype = model, dtype
        self._kept = EmbeddingCache(ram_bytes=KEPT_BYTES)
        self._stems: OrderedDict[str, torch.Tensor] = OrderedDict()
        self._made_of = self._untrained()
        self._divide()

    def _divide(self) -> None:
        encoder = self._model.sam.image_encoder
        self.frozen = not any(p.requires_grad for p in encoder.parameters())
        self.stem = None if self.frozen or self._model.depth > 1 else self._model.family.stem(encoder)

    def _untrained(self) -> tuple[Any, ...]:
        """What no training changes, by place and count of changes; None in place of what one does."""
        encoder = self._model.sam.image_encoder
        held = [*encoder.parameters(), *encoder.buffers()]
        return tuple(None if one.requires_grad else (one.data_ptr(), one._version) for one in held)

    def __call__(
        self, images: Sequence[np.ndarray], frames: Sequence[ModelFrame], places: Sequence[int] | None = None
    ) -> torch.Tensor:
        """See :func:`SAMAdaptLib.sam.encode.encode`."""
        now = self._untrained()
        if now != self._made_of:
            self._made_of, self._kept = now, EmbeddingCache(ram_bytes=KEPT_BYTES)
            self._stems.clear()
            self._divide()
        if places is None:
            places = [self._model.depth // 2] * len(images)
        if self.stem is not None:
            with autocast(self._model.device, self.dtype):
                stems = torch.cat([self._stem_of(self.stem, *one) for one in zip(images, frames, strict=True)])
                return self.stem.rest(stems).float()
        if not self.frozen:
            return encode(self._model, images, frames, self.dtype, places)
        return torch.cat([self._recalled(*one) for one in zip(images, frames, places, strict=True)])

    def _stem_of(self, split: Stem, image: np.ndarray, frame: ModelFrame) -> torch.Tensor:
        """Output of the stem [1, C, h, w]; alone each time it is computed, so that it never depends on its company."""
        key = sha256_array(image, np.array(frame.pixel_spacing))
        if key in self._stems:
            self._stems.move_to_end(key)
            return self._stems[key]
        with torch.no_grad():
            stem = split.first(model_input(self._model, [image], [frame]))
        self._stems[key] = stem
        # What saves a small part of the work may take a small part of the memory: a stem can be as large as an image.
        while len(self._stems) * stem.nbytes > KEPT_BYTES * min(1.0, 2 * split.share):
            self._stems.popitem(last=False)
        return stem

    def _recalled(self, image: np.ndarray, frame: ModelFrame, place: int) -> torch.Tensor:
        key = sha256_array(image, np.array([*frame.pixel_spacing, place]))
        kept = self._kept.get(key)
        if kept is None:
            with torch.no_grad():
                kept = half_precision(encode(self._model, [image], [frame], self.dtype, [place])[0])
            self._kept.put(key, kept)
        # Rounded the first time too, or a resumed run would differ from one that was never interrupted.
        return torch.from_numpy(kept.astype(np.float32))[None].to(self._model.device)
