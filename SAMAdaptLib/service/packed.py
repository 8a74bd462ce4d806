"""Arrays and masks that are made small before they travel."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np

from SAMAdaptLib.volume.masks import bounds


def inflated(what: str, data: bytes, least: int, most: int) -> bytes:
    """What zlib had compressed.

    Args:
        what: it is, for errors.
        data: one whole stream.
        least: bytes.
        most: bytes; hardly more are unpacked, since a few may unpack to any number.

    Raises:
        ValueError: it is damaged or cut off, or holds fewer or more.
    """
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, max(most, 0) + 1)
    except zlib.error as error:
        raise ValueError(f"{what} is damaged") from error
    if not least <= len(found) <= most or not stream.eof:
        raise ValueError(f"{what} has another size than was told")
    return found


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
        data = inflated("the array", self.data.tobytes(), wanted, wanted)
        return np.frombuffer(data, dtype).reshape(self.shape)


@dataclass(frozen=True, eq=False)
class PackedMask:
    """A mask as its bounding box and one bit a pixel.

    Attributes:
        shape: (H, W) of the whole plane.
        box: (y0, x0, y1, x1), the upper ends exclusive; all 0 for an empty mask.
        bits: uint8, ``np.packbits`` of the box, row by row.
    """

    shape: tuple[int, int]
    box: tuple[int, int, int, int]
    bits: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray) -> PackedMask:
        """Pack a mask bool [H, W]."""
        box = bounds(mask)
        if box is None:
            return cls(tuple(mask.shape), (0, 0, 0, 0), np.zeros(0, np.uint8))
        rows, columns = box
        return cls(tuple(mask.shape), (rows.start, columns.start, rows.stop, columns.stop), np.packbits(mask[box]))

    def crop(self) -> np.ndarray:
        """The mask within its box, bool [y1 - y0, x1 - x0]."""
        y0, x0, y1, x1 = self.box
        return np.unpackbits(self.bits, count=(y1 - y0) * (x1 - x0)).reshape(y1 - y0, x1 - x0).view(bool)

    def placed(self, shape: tuple[int, int], top: int, left: int) -> PackedMask:
        """The same on a larger plane, on which this one begins at a row and a column."""
        y0, x0, y1, x1 = self.box
        moved = (y0 + top, x0 + left, y1 + top, x1 + left) if y1 else self.box
        return PackedMask(shape, moved, self.bits)

    def full(self) -> np.ndarray:
        """The mask on the whole plane, bool [H, W]."""
        mask = np.zeros(self.shape, bool)
        y0, x0, y1, x1 = self.box
        mask[y0:y1, x0:x1] = self.crop()
        return mask
