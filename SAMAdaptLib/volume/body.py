"""What of a slice is the patient, and what the air around."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.volume.masks import largest_part

# Of a grey slice: air has one level, as dark as this, on so much of the slice's border; levels this near are the same.
DARK, BORDER_SHARE, SPREAD = 30, 0.3, 8
# A table top and the line of a mould are thinner than this, the skin over a rib is not.
THIN_MM = 3.0
# Hounsfield units: between air and fat, and above soft tissue.
AIR_HU, BONE_HU = -300.0, 200.0


def air_level(image: np.ndarray) -> int | None:
    """The grey level up to which a slice shows air, judged by its border.

    Args:
        image: uint8 [H, W].

    Returns:
        a level; None for a slice without air around, such as one that lies within the head.
    """
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]]).astype(int)
    level = int(np.bincount(border, minlength=256).argmax())
    share = (np.abs(border - level) <= SPREAD).mean()
    return level + SPREAD if level <= DARK and share >= BORDER_SHARE else None


def body_mask(image: np.ndarray, air: float, pixel_spacing: tuple[float, float]) -> Mask:
    """The largest region brighter than air with all that it encloses: skin to skin, lungs and bowel gas included.

    Args:
        image: [H, W] of any type.
        air: value up to which a pixel is air.
        pixel_spacing: (row mm, column mm).

    Returns:
        bool [H, W]; all True where nothing is thicker than a table top.
    """
    from scipy import ndimage
    from skimage.measure import label

    rows, columns = (np.arange(-np.ceil(THIN_MM / mm), np.ceil(THIN_MM / mm) + 1) * mm for mm in pixel_spacing)
    disk = rows[:, None] ** 2 + columns[None] ** 2 <= (THIN_MM / 2) ** 2
    # Where the edge of the picture cuts through the body, the body goes on beyond it.
    width = max(disk.shape)
    solid = ndimage.binary_opening(np.pad(image > air, width, mode="edge"), disk)[width:-width, width:-width]
    regions = label(solid, connectivity=1)
    if not regions.any():
        return np.ones(image.shape, bool)
    filled: Mask = ndimage.binary_fill_holes(largest_part(regions))
    return filled
