"""Slice pixels to model pixels and back: the one place where the two frames meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


@dataclass(frozen=True)
class ModelFrame:
    """How one slice lies in the square model input: scaled to the longest side, top left, padded below and right.

    With square pixels this is SAM's own ResizeLongestSide. Where rows and columns differ in mm, the picture is scaled
    to its true proportions first, since SAM never saw squashed anatomy.

    Attributes:
        shape: (H, W) of the slice in pixels.
        input_size: side S of the model input.
        pixel_spacing: (row, column) pixel size in mm.
    """

    shape: tuple[int, int]
    input_size: int
    pixel_spacing: tuple[float, float] = (1.0, 1.0)

    @property
    def resized(self) -> tuple[int, int]:
        """(h, w) of the picture within the model input."""
        finest = min(self.pixel_spacing)
        height = self.shape[0] * (self.pixel_spacing[0] / finest)
        width = self.shape[1] * (self.pixel_spacing[1] / finest)
        scale = self.input_size / max(height, width)
        return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))

    def points_to_model(self, points: np.ndarray) -> np.ndarray:
        """(x, y) in slice pixels [..., 2] to model pixels; the half-pixel shift is the prompt encoder's own."""
        height, width = self.resized
        return np.asarray(points, dtype=np.float64) * [width / self.shape[1], height / self.shape[0]]

    def image_to_model(self, image: np.ndarray, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
        """uint8 [H, W] or [H, W, 3] to the normalised, zero-padded model input, float32 [3, S, S], as SamPredictor
        makes it.

        Args:
            image: the slice after intensity mapping; without channels of its own it is in all three.
            mean: [3, 1, 1], on the 0..255 scale.
            std: [3, 1, 1].
        """
        if image.dtype != np.uint8 or image.shape[:2] != self.shape:
            raise ValueError(f"expected uint8 {self.shape}, got {image.dtype} {image.shape}")
        height, width = self.resized
        picture = Image.fromarray(np.ascontiguousarray(image)).resize((width, height), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.array(picture)).to(device=mean.device, dtype=torch.float32)
        pixels = pixels[None] if pixels.ndim == 2 else pixels.permute(2, 0, 1)
        pixels = (pixels - mean) / std
        return F.pad(pixels, (0, self.input_size - width, 0, self.input_size - height))

    def logits_to_slice(self, low_res: torch.Tensor) -> torch.Tensor:
        """The decoder's logits [P, M, h, h] to slice pixels [P, M, H, W], padding cut off (SAM's postprocess order)."""
        logits = F.interpolate(low_res.float(), (self.input_size,) * 2, mode="bilinear", align_corners=False)
        height, width = self.resized
        return F.interpolate(logits[..., :height, :width], self.shape, mode="bilinear", align_corners=False)

    def mask_to_logits(self, mask: np.ndarray, low_res_size: int, magnitude: float = 6.9) -> np.ndarray:
        """A mask [H, W] as a mask prompt: float32 [h, h] within ±magnitude; padding counts as outside."""
        height, width = (max(1, round(n * low_res_size / self.input_size)) for n in self.resized)
        soft = torch.from_numpy(np.ascontiguousarray(mask, dtype=np.float32))[None, None]
        soft = F.interpolate(soft, (height, width), mode="bilinear", align_corners=False, antialias=True)
        padding = (0, low_res_size - width, 0, low_res_size - height)
        logits = F.pad((2 * soft - 1) * magnitude, padding, value=-magnitude)
        return logits[0, 0].numpy()
