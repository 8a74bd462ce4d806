"""Compressed voxels: ITK takes what a damaged stream gives, without comparing its checksum."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from SAMAdaptLib.errors import InputError

AGAIN = "Copy or download it again"
PIECE = 1 << 20
GZIP = b"\x1f\x8b"


def is_packed(file: Path) -> bool:
    """Whether a file begins as one of gzip does."""
    with open(file, "rb") as handle:
        return handle.read(2) == GZIP


def unpacked(file: Path, path: str | os.PathLike[str], begin: int = 0, most: int = PIECE) -> Iterator[bytes]:
    """The content of a stream of zlib or gzip, piece by piece.

    Args:
        file: that holds it.
        path: of the image, for errors.
        begin: its first byte.
        most: bytes of a piece.

    Raises:
        InputError: it is damaged, or is cut off.
    """
    stream = zlib.decompressobj(47)
    rest = b""
    with open(file, "rb") as handle:
        handle.seek(begin)
        while block := rest or handle.read(PIECE):
            if stream.eof:
                # Streams of gzip may follow each other; anything else behind one is no part of it.
                if not block.startswith(GZIP):
                    return
                stream = zlib.decompressobj(47)
            try:
                piece = stream.decompress(block, most)
            except zlib.error as error:
                raise InputError("The compressed voxels are damaged", path, AGAIN) from error
            rest = stream.unconsumed_tail or stream.unused_data
            yield piece
    if not stream.eof:
        raise InputError("The file ends before its last voxel", path, AGAIN)
