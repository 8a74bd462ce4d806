"""One mask from several, and the part of a mask that the prompts speak of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.masks import bounds

WAYS = ("majority", "mean")
# An object found on fewer slices in a row than this is taken for an error.
LEAST_SLICES = 2


def fuse(volumes: Sequence[np.ndarray], how: str = "majority", seeds: np.ndarray | None = None) -> Mask:
    """Join the results of several slice axes on one grid.

    Args:
        volumes: bool masks, or probabilities 0 to 1, all [K, J, I].
        how: "majority": more than half of the volumes are above 0.5 there; "mean": their mean is above 0.5.
        seeds: bool [K, J, I], the prompted voxels; only parts that touch one are kept (see :func:`keep_touching`).

    Returns:
        bool [K, J, I].

    Raises:
        InputError: another ``how``.
    """
    if how not in WAYS:
        raise InputError("Unknown way to fuse", how, f"Choose one of {', '.join(WAYS)}")
    if not volumes or len({volume.shape for volume in volumes}) != 1:
        raise ValueError("fusion needs volumes of one shape")
    total = np.zeros(volumes[0].shape, np.float32)
    for volume in volumes:
        total += (volume > 0.5) if how == "majority" else volume.astype(np.float32)
    fused: Mask = total > len(volumes) / 2
    return fused if seeds is None else keep_touching(fused, seeds)


def keep_touching(mask: np.ndarray, seeds: np.ndarray) -> Mask:
    """Keep the connected parts (26 neighbours) of a mask that hold a seed.

    Args:
        mask: bool [K, J, I].
        seeds: bool [K, J, I].

    Returns:
        bool [K, J, I]; the whole mask where no seed lies in it, since nothing then tells its parts apart.
    """
    kept: Mask = mask.copy()
    # The labels take 4 bytes a voxel, so only the part of the volume around the mask is labelled.
    around = bounds(mask)
    if around is not None:
        parts, count = ndimage.label(mask[around], structure=np.ones((3, 3, 3)))
        wanted = np.zeros(count + 1, bool)
        wanted[parts[seeds[around] & mask[around]]] = True
        if wanted.any() and not wanted[1:].all():
            kept[around] = wanted[parts]
    return kept


def drop_lone_slices(mask: np.ndarray) -> np.ndarray:
    """A mask without its components (connected by faces) on fewer than :data:`LEAST_SLICES` slices.

    What is there goes on for more than a slice, while the errors of slices that are looked at one by one do not.

    Args:
        mask: bool [count, H, W], slices first; a stack of a single slice is returned as it is.
    """
    if len(mask) < LEAST_SLICES:
        return mask
    parts, _ = ndimage.label(mask)
    kept = [part + 1 for part, place in enumerate(ndimage.find_objects(parts)) if _depth(place) >= LEAST_SLICES]
    return np.isin(parts, kept)


def _depth(place: tuple[slice, ...]) -> int:
    return int(place[0].stop - place[0].start)
