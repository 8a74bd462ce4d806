"""Several scans of one patient on one grid, which a model sees together as channels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, counted, listed, note
from SAMAdaptLib.volume.image import resampled
from SAMAdaptLib.volume.intensity import CHANNELS
from SAMAdaptLib.volume.patients import told_apart
from SAMAdaptLib.volume.volume import Volume


def join_channels(volumes: Sequence[Volume], resample: bool = False, places: Sequence[str] = ()) -> Volume:
    """One volume of several, on the grid of the first, whose name and origin it has.

    Args:
        volumes: one to three scans, each of one channel, in an order that an adapter will have to be given again.
        resample: bring those that lie on another grid onto that of the first, by linear interpolation; beyond their own
            grid they have their lowest value.
        places: their files, whose names and folders may tell whose they are; without them their names do.

    Returns:
        ``array`` [K, J, I, C] in a type that holds the values of all of them; of a single scan the scan itself.

    Raises:
        InputError: none or too many; none that shows anything; a scan in colour beside another; DICOM of two patients;
            other grids, or no part of a scan in common. A note tells where the names are as of two patients.
    """
    if not 1 <= len(volumes) <= CHANNELS:
        raise InputError(f"{counted(len(volumes), 'volume')} together", None, f"Give 1 to {CHANNELS} of a patient")
    first = volumes[0]
    if len(volumes) == 1:
        return first
    for volume in volumes:
        if volume.channels > 1:
            raise InputError("A picture in colour fills the channels by itself", volume.name or None, "Give it alone")
    check_patients(volumes, places)
    arrays = [first.array, *(_on_grid_of(first, other, resample) for other in volumes[1:])]
    _check_shown(volumes, arrays)
    joined = np.stack(arrays, axis=-1, dtype=np.result_type(*arrays), casting="same_kind")
    told = (first.modality, first.series, first.body_part)
    return Volume(joined, first.geometry, first.name, *told, frame=first.frame, film=first.film)


def _check_shown(volumes: Sequence[Volume], arrays: Sequence[np.ndarray]) -> None:
    """Note which of them have one value in all voxels; raises InputError where all have."""
    flat = [array.min() == array.max() for array in arrays]
    constant = [volume.name or "one" for volume, nothing in zip(volumes, flat, strict=True) if nothing]
    if len(constant) == len(volumes):
        raise InputError("All of the volumes are constant", listed(constant), "Give images that show something")
    if constant:
        what = f"Constant, and so of no use beside the other: {listed(constant)}"
        note(what, None, "See whether it is the right file")


def check_patients(volumes: Sequence[Volume], places: Sequence[str] = ()) -> None:
    """Note where names are as of two patients; raises InputError where DICOM says that they are; see
    :func:`join_channels`."""
    ids = {volume.patient for volume in volumes if volume.patient}
    if len(ids) > 1:
        names = listed([volume.name or "a series" for volume in volumes])
        remedy = "Give scans of one patient; save them as NRRD where the headers are wrong"
        raise InputError("The DICOM series that are to be seen together are of several patients", names, remedy)
    apart = told_apart(places or [volume.name for volume in volumes])
    if apart is not None:
        note(f"By their names {apart[0]} and {apart[1]} are of two patients", None, "See whether they belong together")


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
