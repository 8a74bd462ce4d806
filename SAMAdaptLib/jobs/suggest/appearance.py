"""What slices look like to a base model: embeddings in few numbers, and which parts of them look like a structure."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from SAMAdaptLib.sam.frames import ModelFrame

# Parts of a slice along each of its sides.
CELLS = 16


def cells_of(embedding: torch.Tensor, frame: ModelFrame) -> np.ndarray:
    """Means of an embedding [1, C, g, g] over equal parts of the slice, without padding: float32 [C, CELLS, CELLS]."""
    grid = embedding.shape[-1]
    height, width = (max(1, round(side * grid / frame.input_size)) for side in frame.resized)
    found: np.ndarray = F.adaptive_avg_pool2d(embedding[0, :, :height, :width].float(), CELLS).cpu().numpy()
    return found


def shares_of(masks: np.ndarray) -> np.ndarray:
    """Share of each part of a slice that masks bool [P, H, W] cover: float32 [P, CELLS, CELLS]."""
    found: np.ndarray = F.adaptive_avg_pool2d(torch.from_numpy(masks.astype(np.float32)), CELLS).numpy()
    return found
