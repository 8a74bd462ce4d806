"""How well one segmentation agrees with another on the same scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.metrics import score
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.masks import bounds, joined


def compare(reference: Labels, prediction: Labels, tolerance_mm: float = 2.0) -> dict[str, dict[str, Any]]:
    """Score every structure of the reference against the one of the same name, in 3D.

    A structure that the prediction lacks is a miss, as in :func:`SAMAdaptLib.evaluation.metrics.policy`. Structures
    that only the prediction has are left out: nobody drew them in the reference, so nothing tells whether they are
    wrong.

    Args:
        reference: the truth.
        prediction: on the same grid.
        tolerance_mm: surface distance that NSD forgives, mm.

    Returns:
        structure name, in the order of the reference, to what :func:`SAMAdaptLib.evaluation.metrics.score` gives.

    Raises:
        InputError: another grid, or no structure in the reference.
    """
    if not prediction.geometry.same_grid(reference.geometry):
        raise InputError(
            "The two segmentations lie on different grids (size, spacing, position or direction)",
            None,
            "Draw both on the same scan, or resample one of them",
        )
    if not reference.names:
        raise InputError("The reference segmentation holds no structure", None, "Choose another reference")
    spacing_zyx = reference.geometry.spacing[::-1]
    sides = [_Masks(reference), _Masks(prediction)]
    figures = {}
    for name in reference.names:
        boxes = [side.box(name) for side in sides]
        # A part of no voxel where both are empty.
        box = joined(*boxes) if any(boxes) else (slice(0, 0),) * 3
        truth, found = (side.cut(name, box) for side in sides)
        figures[name] = score(truth, found, spacing_zyx, tolerance_mm, cut_from=reference.geometry.shape)
    return figures


class _Masks:
    """The masks of labels in the boxes around them: none is ever as large as the scan."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._found: Sequence[tuple[slice, ...] | None] = ndimage.find_objects(labels.array)

    def box(self, name: str) -> tuple[slice, ...] | None:
        """Around a structure; None for an empty or unknown one."""
        if name in self._labels.masks:
            return bounds(self._labels.masks[name])
        value = self._labels.names.get(name, 0)
        return self._found[value - 1] if 0 < value <= len(self._found) else None

    def cut(self, name: str, box: tuple[slice, ...]) -> np.ndarray:
        """A structure in a box, bool; nothing of an unknown one."""
        labels = self._labels
        if name not in labels.names:
            return np.zeros(labels.array[box].shape, bool)
        cut: np.ndarray = labels.masks[name][box] if name in labels.masks else labels.array[box] == labels.names[name]
        return cut
