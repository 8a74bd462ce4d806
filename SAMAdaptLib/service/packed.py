"""Arrays that are made small before they travel."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class PackedArray:
    """An array, compressed: labels are mostly zeros.

    Attributes:
        shape: of the array.
        dtype: of the array, as ``np.dtype.str``.
        data: uint8, its bytes in C order, by zlib.
    """

    shape: tuple[int, ...]
    dtype: str
    data: np.ndarray

    @classmethod
    def of(cls, array: np.ndarray) -> PackedArray:
        """Pack an array of numbers."""
        packed = zlib.compress(array.tobytes(), 1)
        return cls(tuple(array.shape), array.dtype.str, np.frombuffer(packed, np.uint8))

    def full(self) -> np.ndarray:
        """The array."""
        return np.frombuffer(zlib.decompress(self.data.tobytes()), self.dtype).reshape(self.shape)
