"""Several scans of one patient on one grid, which a model sees together as channels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.volume.image import resampled
from SAMAdaptLib.volume.intensity import CHANNELS
from SAMAdaptLib.volume.volume import Volume


def join_channels(volumes: Sequence[Volume], resample: bool = False) -> Volume:
    """One volume of several, on the grid of the first, whose name and origin it has.

    Args:
        volumes: one to three scans, each of one channel, in an order that an adapter will have to be given again.
        resample: bring those that lie on another grid onto that of the first, by linear interpolation; beyond their own
            grid they have their lowest value.

    Returns:
        ``array`` [K, J, I, C] in a type that holds the values of all of them; of a single scan the scan itself.

    Raises:
        InputError: none or too many; a scan in colour beside another; other grids, or no part of a scan in common.
    """
    if not 1 <= len(volumes) <= CHANNELS:
        raise InputError(f"{counted(len(volumes), 'volume')} together", None, f"Give 1 to {CHANNELS} of a patient")
    first = volumes[0]
    if len(volumes) == 1:
        return first
    for volume in volumes:
        if volume.channels > 1:
            raise InputError("A picture in colour fills the channels by itself", volume.name or None, "Give it alone")
    arrays = [first.array, *(_on_grid_of(first, other, resample) for other in volumes[1:])]
    joined = np.stack(arrays, axis=-1, dtype=np.result_type(*arrays), casting="same_kind")
    told = (first.modality, first.series, first.body_part)
    return Volume(joined, first.geometry, first.name, *told, frame=first.frame, film=first.film)


def _on_grid_of(first: Volume, other: Volume, resample: bool) -> np.ndarray:
    if first.geometry.same_grid(other.geometry):
        return other.array
    what = f"{other.name or 'A channel'} lies on another grid than {first.name or 'the first one'}"
    if not resample:
        raise InputError(what, None, "Resample it onto that grid, or say --resample")
    share = float(resampled(np.ones(other.geometry.shape, bool), other.geometry, first.geometry).mean())
    if not share:
        raise InputError(f"{what}, and has no place in common with it", None, "Check that they are of one patient")
    note(f"{what}: it was resampled" + ("" if share > 0.995 else f", and covers {share:.0%} of it"))
    return resampled(other.array, other.geometry, first.geometry, sitk.sitkLinear, float(other.array.min()))
