"""How well one segmentation agrees with another on the same scan."""

from __future__ import annotations

from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.metrics import score
from SAMAdaptLib.volume.labels import Labels


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
    figures = {}
    for name in reference.names:
        truth = reference.mask(name)
        found = prediction.mask(name) if name in prediction.names else np.zeros_like(truth)
        figures[name] = score(truth, found, spacing_zyx, tolerance_mm)
    return figures
