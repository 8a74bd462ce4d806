"""What an application and a server say to each other beside requests and answers: contents, each sent once, and
whether the other is still there.

A content is named by its SHA-256, so that one that the server has need not be sent, whoever has sent it before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SAMAdaptLib.service.protocol import Message

VOLUME, ADAPTER = "volume", "adapter"
# Bytes of a content in one message, before compression, and how many may be on their way.
PIECE_BYTES = 1 << 18
PIECES_AHEAD = 32
# The largest message that a server takes: a picture of an oblique plane.
MESSAGE_BYTES = 64 << 20


@dataclass(frozen=True)
class Offer(Message):
    """A content that a request is going to name; answered by ``Held``.

    Attributes:
        key: SHA-256 of the content, hexadecimal: of a volume of its shape and type as text and its voxels.
        kind: ``VOLUME`` (voxels in C order) or ``ADAPTER`` (its description, padded to the size that the first eight
            bytes say, and its weights).
        size: in bytes.
        shape: of a volume.
        dtype: of a volume, as ``np.dtype.str``.
    """

    key: str
    kind: str
    size: int
    shape: tuple[int, ...] = ()
    dtype: str = ""


@dataclass(frozen=True, eq=False)
class Piece(Message):
    """The next part of a content that was offered; answered by ``Held``.

    Attributes:
        key: of the content.
        data: uint8, compressed by zlib.
    """

    key: str
    data: np.ndarray


@dataclass(frozen=True)
class Held(Message):
    """So many bytes of a content are there; ``size`` of them once it is whole and has been compared with its key."""

    key: str
    size: int


@dataclass(frozen=True)
class Refused(Message):
    """A content cannot be taken; ``what`` and ``remedy`` as in :class:`SAMAdaptLib.errors.SAMAdaptError`."""

    key: str
    what: str
    remedy: str | None


@dataclass(frozen=True)
class Ping(Message):
    """Asks whether the other is there; answered by ``Pong``."""


@dataclass(frozen=True)
class Pong(Message):
    """It is."""
