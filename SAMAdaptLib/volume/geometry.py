"""Voxel grids in the patient: the one place where IJK and RAS meet.

Frames: IJK = voxel indices (column, row, slice), voxel centres at whole numbers; RAS = patient millimetres,
x to the Right, y to the front (Anterior), z up (Superior). Files and SimpleITK use LPS (x and y negated).
Arrays are indexed [k, j, i].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.arrays import Double, Index, Mask, Real
from SAMAdaptLib.errors import InputError

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
# No voxel of a patient is farther away, mm.
FARTHEST_MM = 1e9


@dataclass(frozen=True, eq=False)
class Geometry:
    """A voxel grid.

    Attributes:
        size: number of voxels along I, J, K.
        ijk_to_ras: float64 [4, 4], voxel index to RAS mm; any invertible matrix (oblique, left-handed).
    """

    size: tuple[int, int, int]
    ijk_to_ras: Double

    def __post_init__(self) -> None:
        matrix = np.array(self.ijk_to_ras, dtype=np.float64)
        near = matrix.shape == (4, 4) and bool((np.abs(matrix) < FARTHEST_MM).all())
        if not near or abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
            raise InputError("The image grid has no usable direction and spacing", None, "Repair the image header")
        matrix.setflags(write=False)
        object.__setattr__(self, "ijk_to_ras", matrix)
        object.__setattr__(self, "size", tuple(int(n) for n in self.size))

    @classmethod
    def from_lps(
        cls, size: Sequence[int], spacing: Sequence[float], origin: Sequence[float], direction: Sequence[float]
    ) -> Geometry:
        """From SimpleITK's size, spacing (mm), origin (LPS mm) and direction (9 numbers, row by row)."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.asarray(direction, dtype=float).reshape(3, 3) * np.asarray(spacing, dtype=float)
        matrix[:3, 3] = origin
        i, j, k = size
        return cls((i, j, k), LPS_TO_RAS @ matrix)

    def to_lps(self) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """Return (spacing mm, origin LPS mm, direction as 9 numbers), the inverse of :meth:`from_lps`."""
        matrix = LPS_TO_RAS @ self.ijk_to_ras
        direction = matrix[:3, :3] / self.spacing
        return tuple(self.spacing), tuple(matrix[:3, 3]), tuple(direction.ravel())

    @property
    def shape(self) -> tuple[int, int, int]:
        """Array shape [K, J, I]."""
        i, j, k = self.size
        return k, j, i

    @property
    def spacing(self) -> Double:
        """Voxel size in mm along I, J, K."""
        spacing: Double = np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)
        return spacing

    @property
    def ras_to_ijk(self) -> Double:
        """float64 [4, 4], RAS mm to voxel index."""
        return np.asarray(np.linalg.inv(self.ijk_to_ras), np.float64)

    def to_ijk(self, ras: ArrayLike) -> Double:
        """RAS mm [N, 3] to continuous voxel indices [N, 3]."""
        return transform_points(self.ras_to_ijk, ras)

    def to_ras(self, ijk: ArrayLike) -> Double:
        """Voxel indices [N, 3] to RAS mm [N, 3]."""
        return transform_points(self.ijk_to_ras, ijk)

    def voxel(self, ras: ArrayLike) -> Index:
        """The voxel [N, 3] (int64) that holds each RAS point; a point on a border belongs to the upper voxel."""
        return nearest_index(self.to_ijk(ras))

    def contains(self, ijk: ArrayLike) -> Mask:
        """bool [N]: is the voxel nearest to each index within the grid?"""
        index = nearest_index(np.atleast_2d(ijk))
        inside: Mask = np.all((index >= 0) & (index < np.array(self.size)), axis=1)
        return inside

    def same_grid(self, other: Geometry, tolerance_mm: float = 1e-2) -> bool:
        """Whether both grids have one size and every corner within ``tolerance_mm``.

        Headers round spacing and direction, so equality to the last bit would refuse good pairs.
        """
        if self.size != other.size:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.size])).reshape(3, -1).T
        return bool(np.abs(self.to_ras(corners) - other.to_ras(corners)).max() <= tolerance_mm)


def transform_points(matrix: Real, points: ArrayLike) -> Double:
    """Apply a 4x4 matrix to points [N, 3]; returns float64 [N, 3]."""
    moved: Double = np.atleast_2d(np.asarray(points, dtype=np.float64)) @ matrix[:3, :3].T + matrix[:3, 3]
    return moved


def nearest_index(continuous: ArrayLike) -> Index:
    """floor(x + 0.5), int64: halves go up everywhere, where numpy's rint would send them to even numbers.

    A matrix product leaves a half at 0.49999999999999994 now and then; a millionth of a voxel decides it.
    """
    return np.floor(np.asarray(continuous, dtype=np.float64) + 0.5 + 1e-6).astype(np.int64)
