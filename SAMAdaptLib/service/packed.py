"""Arrays that are made small before they travel."""

from __future__ import annotations

import math
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
        """The array.

        Raises:
            ValueError: the bytes are not those of such an array.
        """
        dtype = np.dtype(self.dtype)
        wanted = math.prod(self.shape) * dtype.itemsize
        inflate = zlib.decompressobj()
        try:
            # Hardly more than is wanted: a few bytes may unpack to any number.
            data = inflate.decompress(self.data.tobytes(), max(wanted, 0) + 1)
        except zlib.error as error:
            raise ValueError("the array is damaged") from error
        if len(data) != wanted or not inflate.eof:
            raise ValueError("the array has another size than was told")
        return np.frombuffer(data, dtype).reshape(self.shape)
