"""Activation maps to boxes."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from SAMAdaptLib.methods.sammix.config import SamMixConfig


def find_boxes(activation: np.ndarray, config: SamMixConfig) -> np.ndarray:
    """A box for each region of high activation (Ward 2024, eqs. 5-8, where a region is a connected component).

    Args:
        activation: float [H, W] in slice pixels, 0 or more. The paper divides it by its maximum first; a threshold
            that is a share of the maximum gives the same regions.
        config: ``threshold``, ``smallest`` and ``margin``.

    Returns:
        float32 [N, 4], (x0, y0, x1, y1) with both corners inside the region, in slice pixels within the slice; the
        largest region first. N = 0 for a map of zeros.
    """
    peak = activation.max()
    if not peak > 0:
        return np.zeros((0, 4), np.float32)
    regions, _ = ndimage.label(activation >= config.threshold * peak)
    areas = np.bincount(regions.ravel())[1:]
    boxes = np.array([(x.start, y.start, x.stop - 1, y.stop - 1) for y, x in ndimage.find_objects(regions)], np.float32)
    order = np.argsort(-areas, kind="stable")
    boxes = boxes[order[areas[order] >= config.smallest * areas.max()]]
    grown = config.margin * (boxes[:, 2:] - boxes[:, :2] + 1)
    limit = np.array(activation.shape[::-1], np.float32) - 1
    return np.concatenate([np.maximum(boxes[:, :2] - grown, 0), np.minimum(boxes[:, 2:] + grown, limit)], axis=1)
