"""The shape of an object between two slices on which it is known."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def between(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """Shape-based interpolation (Raya and Udupa 1990, IEEE Transactions on Medical Imaging 9(1), 32): where the mean of
    both signed distances to the outline is above 0.

    Args:
        first: bool [H, W], not empty.
        second: bool [H, W], not empty.
        share: of the way from the first to the second, 0 to 1.

    Returns:
        bool [H, W]; may be empty where the two have no place in common.
    """
    inside: np.ndarray = (1 - share) * _distance(first) + share * _distance(second) > 0
    return inside


def _distance(mask: np.ndarray) -> np.ndarray:
    """Pixels to the outline, half a pixel from those beside it; above 0 inside."""
    near: np.ndarray = ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)
    near -= 0.5 * np.sign(near)
    return near
