"""From a slice and prompts to masks in the slice's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.volume.intensity import Intensity, to_uint8
from SAMAdaptLib.volume.io import Volume
from SAMAdaptLib.volume.planes import PlaneStack


@dataclass(frozen=True, eq=False)
class Prediction:
    """Answers to P prompts on one slice, M candidates each.

    Attributes:
        masks: bool [P, M, H, W].
        logits: float32 [P, M, H, W], > 0 inside.
        iou: float32 [P, M], the model's own estimate.
        low_res: float32 [P, M, 4g, 4g], for use as mask prompts.
    """

    masks: np.ndarray
    logits: np.ndarray
    iou: np.ndarray
    low_res: np.ndarray


class Predictor:
    """Runs a model on single slices.

    Args:
        model: the built model, adapted or not.
        precision: of the image encoder, "auto", "fp32" or "bf16"; the decoder runs in float32.
    """

    def __init__(self, model: SamModel, precision: str = "auto") -> None:
        self.model = model
        self.dtype = encoder_dtype(precision, model.device)

    def frame(self, shape: tuple[int, int], pixel_spacing: tuple[float, float] = (1.0, 1.0)) -> ModelFrame:
        """How a slice of this shape lies in the model input."""
        return ModelFrame(tuple(shape), self.model.input_size, tuple(pixel_spacing))

    @torch.inference_mode()
    def encode(self, image: np.ndarray, frame: ModelFrame) -> torch.Tensor:
        """Encode a slice uint8 [H, W], or a stack of them for a model with depth; returns float32 [1, 256, g, g] on the
        model's device."""
        return encode(self.model, [image], [frame], self.dtype)

    @torch.inference_mode()
    def decode(
        self, embedding: torch.Tensor, prompts: Sequence[Prompt], frame: ModelFrame, multimask: bool = False
    ) -> Prediction:
        """Answer prompts on an encoded slice.

        Raises:
            InputError: a prompt with nothing in it.
        """
        if not prompts or any(p.empty for p in prompts):
            raise InputError("A prompt holds no point, box or mask", None, "Add a point or a box")
        low_res, iou = decode(self.model.sam, embedding, prompts, frame, multimask)
        logits = frame.logits_to_slice(low_res)
        return Prediction(
            (logits > 0).cpu().numpy(), logits.cpu().numpy(), iou.float().cpu().numpy(), low_res.float().cpu().numpy()
        )


class ConstantSlice(InputError):
    """A slice that shows a single grey level."""


class VolumePredictor:
    """Runs a predictor on the slices of one volume, with embeddings kept in a cache.

    Calling it with (slice index, prompt) gives the single-mask answer, as propagation wants it.

    Args:
        predictor: the model.
        volume: the scan.
        axis: "axial", "coronal" or "sagittal".
        intensity: mapping to 0..255; its bounds are taken over the whole volume.
        cache: where embeddings are kept; a RAM cache of its own by default.

    Raises:
        InputError: constant volume, unknown axis.
    """

    def __init__(
        self,
        predictor: Predictor,
        volume: Volume,
        axis: str = "axial",
        intensity: Intensity | None = None,
        cache: EmbeddingCache | None = None,
    ) -> None:
        self.predictor = predictor
        self.volume = volume
        self.stack = PlaneStack(volume.geometry, axis)
        self.intensity = intensity or Intensity.parse("percentile:0.5/99.5")
        self.bounds = self.intensity.bounds(volume.array, volume.name or None)
        self.cache = cache if cache is not None else EmbeddingCache()
        self.frame = predictor.frame(self.stack.shape, self.stack.pixel_spacing)
        self._slices = self.stack.view(volume.array)

    def image(self, index: int) -> np.ndarray:
        """The slice after intensity mapping, uint8 [H, W]."""
        return to_uint8(self._slices[index], self.bounds)

    def key(self, index: int) -> str:
        """The cache key of a slice's embedding: everything that it depends on."""
        model = self.predictor.model
        return embedding_key(
            base=model.base_hash,
            adapter=model.adapter_hash,
            volume=self.volume.content_hash,
            bounds=self.bounds,
            axis=self.stack.axis,
            index=index,
            input_size=model.input_size,
            precision=str(self.predictor.dtype),
        )

    def embedding(self, index: int) -> torch.Tensor:
        """The slice's embedding [1, 256, g, g], from the cache or encoded now.

        Raises:
            ConstantSlice: there is nothing to see on it.
        """
        key = self.key(index)
        kept = self.cache.get(key)
        if kept is not None:
            return self._restored(kept)
        image = self.image(index)
        if image.min() == image.max():
            raise ConstantSlice(
                f"Slice {index} of {self.stack.axis} is constant after intensity mapping {self.intensity}",
                self.volume.name or None,
                "Choose another slice or another intensity mapping",
            )
        kept = self.predictor.encode(self._input(index, image), self.frame)[0].half().cpu().numpy()
        self.cache.put(key, kept)
        # From the half-precision copy also the first time, so that an answer does not depend on the cache.
        return self._restored(kept)

    def _input(self, index: int, image: np.ndarray) -> np.ndarray:
        """The slice, or for a model with depth the stack around it; the end slices are repeated beyond the volume."""
        depth = self.predictor.model.depth
        if depth == 1:
            return image
        places = np.clip(index - depth // 2 + np.arange(depth), 0, self.stack.count - 1)
        return np.stack([self.image(int(place)) for place in places])

    def _restored(self, kept: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(kept.astype(np.float32))[None].to(self.predictor.model.device)

    def predict(self, index: int, prompts: Sequence[Prompt], multimask: bool = False) -> Prediction:
        """Answer several prompts on one slice with one encoding and one decoder call."""
        return self.predictor.decode(self.embedding(index), prompts, self.frame, multimask)

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        try:
            answer = self.predict(index, [prompt])
        except ConstantSlice:
            # A volume padded with blank slices ends there; that is no reason to lose what was propagated so far.
            side = self.predictor.model.low_res_size
            return SliceResult(np.zeros(self.stack.shape, bool), np.full((side, side), -10, np.float32), 0.0)
        return SliceResult(answer.masks[0, 0], answer.low_res[0, 0], float(answer.iou[0, 0]))
