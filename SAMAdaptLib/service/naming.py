"""A volume on its way to a worker: whether it can go, and by which message it is named there."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.link.place import VolumeCopy
from SAMAdaptLib.service.link.shared import volume_form
from SAMAdaptLib.service.protocol import SetVolume
from SAMAdaptLib.volume.geometry import Geometry


def check_grid(array: np.ndarray, geometry: Geometry, name: str) -> None:
    """Raises InputError for an array that is no volume on a grid."""
    if array.shape[:3] != geometry.shape:
        raise InputError(
            f"The volume has shape {array.shape} on a grid of {geometry.shape}", name or None, "Give a 3D volume"
        )
    volume_form(array.shape, array.dtype)


def naming(
    request: int,
    copy: VolumeCopy,
    geometry: Geometry,
    intensity: str | None,
    name: str,
    modality: str,
    colour: bool,
) -> SetVolume:
    """The message that names a copy; the other arguments are as for ``Client.set_volume``."""
    matrix = geometry.ijk_to_ras
    return SetVolume(request, copy.name, copy.shape, copy.dtype, matrix, intensity, name, modality, colour)
