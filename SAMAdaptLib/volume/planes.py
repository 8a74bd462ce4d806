"""Slices of a volume along one anatomical axis, always shown the way radiologists hold them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.arrays import Double, Mask
from SAMAdaptLib.defaults import AXIS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry, nearest_index, transform_points

# The in-plane directions of each view in RAS: where a column step (x) and a row step (y) point.
AXES = {
    "axial": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "coronal": ((-1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "sagittal": ((0, -1, 0), (0, 0, -1), (1, 0, 0)),
}


class Part(NamedTuple):
    """A rectangle of slice pixels, its lower ends inclusive and its upper ones exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) in pixels."""
        return self.bottom - self.top, self.right - self.left

    def of(self, slices: np.ndarray) -> np.ndarray:
        """This part of a slice [H, W], or of slices [count, H, W, ...], without a copy."""
        cut = slice(self.top, self.bottom), slice(self.left, self.right)
        shown: np.ndarray = slices[cut] if slices.ndim == 2 else slices[:, cut[0], cut[1]]
        return shown


class Shrunk:
    """Slices made smaller by a whole number, each pixel the mean of a square; each slice as it is asked for.

    Args:
        slices: [count, H, W, ...].
        by: the number; rows and columns that fill no square are left out.
    """

    def __init__(self, slices: np.ndarray, by: int) -> None:
        self._slices, self._by = slices, by
        self.shape = (len(slices), slices.shape[1] // by, slices.shape[2] // by, *slices.shape[3:])

    def __getitem__(self, index: int) -> np.ndarray:
        height, width, *channels = self.shape[1:]
        one = self._slices[index][: height * self._by, : width * self._by]
        squares = one.reshape(height, self._by, width, self._by, *channels)
        mean: np.ndarray = squares.mean(axis=(1, 3), dtype=np.float32)
        return mean


def shrunken(slices: np.ndarray, by: int) -> np.ndarray | Shrunk:
    """Slices [count, H, W, ...], smaller where ``by`` is more than 1."""
    return slices if by == 1 else Shrunk(slices, by)


class PlaneStack:
    """The slices of a grid along the voxel axis nearest to an anatomical one.

    Pixels are (x, y) = (column, row), centres at whole numbers. Columns and rows run as in the radiological view
    (axial: patient's right on the left, front at the top), whatever the file's orientation, so that an adapter trained
    on one orientation serves another. ``index`` is the volume's own voxel index along the slice axis.

    Args:
        geometry: the voxel grid.
        axis: "axial", "coronal" or "sagittal".

    Raises:
        InputError: another axis name.
    """

    def __init__(self, geometry: Geometry, axis: str = AXIS) -> None:
        if axis not in AXES:
            raise InputError("Unknown slice axis", axis, f"Choose one of {', '.join(AXES)}")
        self.geometry = geometry
        self.axis = axis
        directions = geometry.ijk_to_ras[:3, :3] / geometry.spacing
        order = _assign(directions, np.array(AXES[axis], dtype=float))
        self._voxel_axis = order
        self._flip = tuple(
            view != 2 and float(directions[:, voxel] @ AXES[axis][view]) < 0 for view, voxel in enumerate(order)
        )
        x, y, n = order
        size = geometry.size
        self.shape = (size[y], size[x])
        self.count = size[n]
        spacing = geometry.spacing
        self.pixel_spacing = (float(spacing[y]), float(spacing[x]))
        self.step = float(spacing[n])
        self.pixel_to_ijk = self._pixel_matrix()
        self.ijk_to_pixel = np.asarray(np.linalg.inv(self.pixel_to_ijk), np.float64)

    def _pixel_matrix(self) -> Double:
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1.0
        for view, voxel in enumerate(self._voxel_axis):
            matrix[voxel, view] = -1.0 if self._flip[view] else 1.0
            if self._flip[view]:
                matrix[voxel, 3] = self.geometry.size[voxel] - 1
        return matrix

    def view(self, array: np.ndarray) -> np.ndarray:
        """Show an array [K, J, I] as slices [count, H, W] without a copy; what is written there lands in the array.

        Further axes stay behind: [K, J, I, C] gives [count, H, W, C].
        """
        if array.shape[:3] != self.geometry.shape:
            raise ValueError(f"array of shape {array.shape} on a grid of shape {self.geometry.shape}")
        x, y, n = (2 - voxel for voxel in self._voxel_axis)
        shown: np.ndarray = array.transpose(n, y, x, *range(3, array.ndim))
        step = [slice(None, None, -1) if flipped else slice(None) for flipped in self._flip]
        return shown[:, step[1], step[0]]

    def cut(self, part: Part) -> tuple[tuple[slice, slice, slice], Geometry]:
        """A part of all slices: where it lies in an array [K, J, I], and its grid."""
        first, last = np.zeros(3, int), np.array(self.geometry.size)
        ends = ((part.left, part.right), (part.top, part.bottom))
        for voxel, flip, (low, high) in zip(self._voxel_axis[:2], self._flip[:2], ends, strict=True):
            size = self.geometry.size[voxel]
            first[voxel], last[voxel] = (size - high, size - low) if flip else (low, high)
        k, j, i = (slice(int(low), int(high)) for low, high in zip(first[::-1], last[::-1], strict=True))
        matrix = self.geometry.ijk_to_ras.copy()
        matrix[:3, 3] = self.geometry.to_ras(first[None].astype(float))[0]
        width, height, depth = (int(n) for n in last - first)
        return (k, j, i), Geometry((width, height, depth), matrix)

    def ras_to_pixel(self, ras: ArrayLike) -> Double:
        """RAS mm [N, 3] to continuous (x, y, index) [N, 3]."""
        return transform_points(self.ijk_to_pixel, self.geometry.to_ijk(ras))

    def pixel_to_ras(self, pixel: ArrayLike) -> Double:
        """(x, y, index) [N, 3] to RAS mm [N, 3]."""
        return self.geometry.to_ras(transform_points(self.pixel_to_ijk, pixel))

    def contains(self, pixel: ArrayLike) -> Mask:
        """bool [N]: is (x, y, index) within the stack?"""
        index = nearest_index(np.atleast_2d(pixel))
        limits = np.array([self.shape[1], self.shape[0], self.count])
        inside: Mask = np.all((index >= 0) & (index < limits), axis=1)
        return inside


def _assign(directions: Double, wanted: Double) -> tuple[int, int, int]:
    """Voxel axes for (x, y, slice) so that the sum of |cosines| is greatest, each axis used once."""
    cosines = np.abs(wanted @ directions)
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    return max(orders, key=lambda order: float(cosines[range(3), order].sum()))
