"""What is said of a segmented structure: volume, surface, and the values of the scan inside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.masks import bounds
from SAMAdaptLib.volume.planes import PlaneStack


class Measures(NamedTuple):
    """Of one structure.

    Attributes:
        ml: volume in mL, that of its voxels (voxel volume of the Image Biomarker Standardisation Initiative, YEKZ).
        surface_cm2: area in cm² of the mesh around its voxels' centres by marching cubes (surface area of that
            initiative, C0JK). Its steps make it some 8 % more than a smooth surface with cubic voxels, however fine
            they are, 11 % with slices twice and 17 % with slices three times as thick as pixels are wide.
        mean: of the scan's values inside, in the scan's own unit (Hounsfield units of a CT); NaN of nothing.
        slices: that show it, along the axis it was segmented on.
    """

    ml: float
    surface_cm2: float
    mean: float
    slices: int


class Shown(NamedTuple):
    """Of one structure as tables have it, see :class:`Measures`. A picture has pixels and no mm, other scans the
    reverse; what is not there is NaN, as is the mean of colours.

    Attributes:
        pixels: that it covers.
    """

    ml: float
    surface_cm2: float
    pixels: float
    mean: float
    slices: int


def millilitres(mask: np.ndarray, geometry: Geometry) -> float:
    """The volume of a mask, bool of any part of the grid, in mL."""
    return float(mask.sum() * np.prod(geometry.spacing) / 1000)


def filled_slices(mask: np.ndarray, geometry: Geometry, axis: str) -> int:
    """How many slices along an axis a mask, bool [K, J, I], shows on."""
    return int(PlaneStack(geometry, axis).view(mask).any(axis=(1, 2)).sum())


def measure(mask: np.ndarray, values: np.ndarray, geometry: Geometry, axis: str) -> Measures:
    """Measure a structure.

    Args:
        mask: bool [K, J, I].
        values: of the scan, [K, J, I].
        geometry: of both.
        axis: along which slices are counted.
    """
    from skimage.measure import marching_cubes, mesh_surface_area

    found = bounds(mask)
    if found is None:
        return Measures(0.0, 0.0, float("nan"), 0)
    # With an empty edge, where the mesh closes.
    part = np.pad(mask[found].astype(np.float32), 1)
    points, faces, _, _ = marching_cubes(part, 0.5, spacing=tuple(geometry.spacing[::-1]))
    ml, surface = millilitres(mask[found], geometry), float(mesh_surface_area(points, faces)) / 100
    return Measures(ml, surface, _mean(mask[found], values[found]), filled_slices(mask, geometry, axis))


def measure_shown(mask: np.ndarray, values: np.ndarray, geometry: Geometry, axis: str, picture: bool) -> Shown:
    """Measure a structure of a scan, or of a picture, whose pixels have no size in mm.

    Args:
        mask: bool [K, J, I].
        values: of the scan, [K, J, I], or colours [K, J, I, C].
        geometry: of both.
        axis: along which slices are counted.
        picture: whether it is one.
    """
    nothing, colour = float("nan"), values.ndim > mask.ndim
    if picture:
        mean = nothing if colour or not mask.any() else _mean(mask, values)
        return Shown(nothing, nothing, float(mask.sum()), mean, filled_slices(mask, geometry, axis))
    ml, surface, mean, slices = measure(mask, values, geometry, axis)
    return Shown(ml, surface, nothing, nothing if colour else mean, slices)


def _mean(mask: np.ndarray, values: np.ndarray) -> float:
    return float(values[mask].mean(dtype=np.float64))
