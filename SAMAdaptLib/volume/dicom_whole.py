"""Whether a DICOM file holds all of its pixels: ITK before 5.4, which is in SimpleITK before 2.5, fills up what is cut
off with what is in memory."""

from __future__ import annotations

import itertools
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    import SimpleITK as sitk

# The tag of pixels, by the order of bytes in which it and lengths are stored.
PIXELS: dict[Literal["little", "big"], bytes] = {"little": b"\xe0\x7f\x10\x00", "big": b"\x7f\xe0\x00\x10"}
# Rows, columns, samples of a pixel, frames, and bits of a sample.
SIZES = ("0028|0010", "0028|0011", "0028|0002", "0028|0008", "0028|0100")
# How their values are said to be stored; nothing of it where headers leave it out.
KINDS = (b"OW\0\0", b"OB\0\0", b"")
# Of the colours.
PHOTOMETRIC = "0028|0004"
# No header of an image is longer.
MAX_HEADER = 1 << 20


def require_whole(file: Path, reader: sitk.ImageFileReader) -> None:
    """Check that the file has as many bytes as its pixels take, where they are not compressed.

    Args:
        file: an image.
        reader: that has read its header.

    Raises:
        InputError: they are cut off, or fewer than the header says.
    """
    sizes = [reader.GetMetaData(tag).strip("\0 ") for tag in SIZES if reader.HasMetaDataKey(tag)]
    if not all(size.isdigit() for size in sizes):
        return
    count = math.prod(map(int, sizes)) // 8
    # Of an odd number a byte fills up the last word.
    length = count + count % 2
    with open(file, "rb") as handle:
        start, size = handle.read(MAX_HEADER), handle.seek(0, os.SEEK_END)
    for order, kind in itertools.product(PIXELS, KINDS):
        head = PIXELS[order] + kind + (length & 0xFFFFFFFF).to_bytes(4, order)
        at = start.find(head)
        if at >= 0 and at + len(head) + length > size:
            remedy = "Export the series again"
            raise InputError("Cannot read a DICOM slice, whose pixels are cut off", file, remedy)
    # Of colours that two pixels share, two bytes are stored of each.
    halved = reader.HasMetaDataKey(PHOTOMETRIC) and "422" in reader.GetMetaData(PHOTOMETRIC)
    if not halved and any(told < count for told in _lengths_to_end(start, size)):
        what = "The DICOM file has fewer pixels than its header says (rows, columns, frames)"
        raise InputError(what, file, "Export the series again")


def _lengths_to_end(start: bytes, size: int) -> list[int]:
    """Lengths of elements of pixels that end with the file; those within sequences, of icons, do not."""
    found = []
    for order, pixels in PIXELS.items():
        at = start.find(pixels)
        while at >= 0:
            for kind in KINDS:
                head = at + len(pixels + kind)
                told = int.from_bytes(start[head : head + 4], order)
                if start[at:head] == pixels + kind and head + 4 + told == size:
                    found.append(told)
            at = start.find(pixels, at + 1)
    return found
