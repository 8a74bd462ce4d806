"""The shape of an object between two slices on which it is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Distances = NDArray[np.float64]


def between(first: Distances, second: Distances, share: float) -> np.ndarray:
    """Shape-based interpolation (Raya and Udupa 1990, IEEE Transactions on Medical Imaging 9(1), 32): where the mean of
    both signed distances to the outline is above 0.

    Args:
        first, second: of masks that are not empty, see :func:`distances`.
        share: of the way from the first to the second, 0 to 1.

    Returns:
        bool [H, W]; may be empty where the two have no place in common.
    """
    inside: np.ndarray = (1 - share) * first + share * second > 0
    return inside


def distances(mask: np.ndarray) -> Distances:
    """Pixels to the outline of a mask, bool [H, W], half a pixel from those beside it; above 0 inside."""
    near: Distances = ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)
    near -= 0.5 * np.sign(near)
    return near
