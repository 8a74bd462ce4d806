"""A content on its way to a server: named by its hash, offered, and sent in pieces where the server lacks it."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np

from SAMAdaptLib.adapters.info import WEIGHTS, find_adapter, read_adapter_info, without_paths
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.contents import ADAPTER, PIECE_BYTES, PIECES_AHEAD, VOLUME, Held, Offer, Piece, Refused
from SAMAdaptLib.service.link.connection import Connection


class Sender(Protocol):
    """Who has the connection to a server, where there is one."""

    @property
    def connection(self) -> Connection | None:
        """To the server."""


class Source(Protocol):
    """What a content consists of.

    Attributes:
        head: goes into the hash before the content.
    """

    head: bytes

    def offer(self, key: str) -> Offer:
        """The words that announce it."""

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, ``PIECE_BYTES`` at a time at most.

        Raises:
            OSError: they cannot be read any more.
        """


class Voxels:
    """A volume [K, J, I] or [K, J, I, C] in C order, however it lies in memory."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array
        self.head = volume_head(array.shape, array.dtype.str)

    def offer(self, key: str) -> Offer:
        """See :class:`Source`."""
        return Offer(0, key, VOLUME, self._array.nbytes, self._array.shape, self._array.dtype.str)

    def pieces(self) -> Iterator[bytes]:
        """See :class:`Source`."""
        for plane in self._array:
            voxels = np.ascontiguousarray(plane).view(np.uint8).reshape(-1)
            for start in range(0, len(voxels), PIECE_BYTES):
                yield voxels[start : start + PIECE_BYTES].tobytes()


class AdapterFiles:
    """An adapter's two files; of folders on this machine that it names only the last name goes along.

    Raises:
        InputError: no adapter, or a damaged description; whether the weights are whole is seen where they arrive.
        OSError: there are no weights.
    """

    head = b""

    def __init__(self, path: str | Path) -> None:
        folder = find_adapter(path)
        info = read_adapter_info(folder)
        self._weights = folder / WEIGHTS
        text = json.dumps(asdict(without_paths(info)), sort_keys=True).encode()
        self._begin = len(text).to_bytes(8, "little") + text
        self._size = len(self._begin) + self._weights.stat().st_size

    def offer(self, key: str) -> Offer:
        """See :class:`Source`."""
        return Offer(0, key, ADAPTER, self._size)

    def pieces(self) -> Iterator[bytes]:
        """See :class:`Source`."""
        yield self._begin
        with open(self._weights, "rb") as file:
            while data := file.read(PIECE_BYTES):
                yield data


def volume_head(shape: tuple[int, ...], dtype: str) -> bytes:
    """What tells volumes apart that have the same bytes."""
    return f"{'x'.join(map(str, shape))} {dtype} ".encode()


class Upload:
    """Brings a content to a server; where the connection is another one, anew.

    Attributes:
        key: the content's name; empty until all of it was read.
        fault: why it cannot be brought there.
    """

    def __init__(self, source: Source, sender: Sender) -> None:
        self._source, self._sender = source, sender
        self._begin()

    def _begin(self) -> None:
        self.key = ""
        self.fault: SAMAdaptError | None = None
        self._hash = hashlib.sha256(self._source.head)
        self._pieces = self._source.pieces()
        self._to: Connection | None = None
        # Bytes: of all, sent, and as the server has said to hold, which is below 0 until it has.
        self._size, self._sent, self._held = 0, 0, -1

    @property
    def complete(self) -> bool:
        """Whether a request may name it: the server has the whole, or cannot have it."""
        here = self._to is not None and self._to is self._sender.connection
        return self.fault is not None or (here and self._held == self._size)

    @property
    def busy(self) -> bool:
        """Whether :meth:`fill` has something to do at once, instead of waiting for the server."""
        connection = self._sender.connection
        if self.fault is not None or not self.key:
            return self.fault is None
        if connection is None or not connection.proven:
            return False
        ahead = min(self._size, self._held + PIECES_AHEAD * PIECE_BYTES)
        return connection is not self._to or (0 <= self._held < self._size and self._sent < ahead)

    def fill(self, seconds: float) -> bool:
        """Go on for about so long; returns ``complete``."""
        end = time.perf_counter() + seconds
        while self.busy:
            try:
                self._one_step(self._sender.connection)
            except OSError as error:
                self.fault = InputError(f"It cannot be read any more ({error.strerror or error})", None, "Try again")
            if time.perf_counter() >= end:
                break
        return self.complete

    def hear(self, message: Held | Refused) -> None:
        """Take in what the server says of contents."""
        if message.key != self.key or self._to is None:
            return
        if isinstance(message, Refused):
            self.fault = SAMAdaptError(message.what, None, message.remedy)
        else:
            self._held = message.size

    def forgive(self) -> SAMAdaptError | None:
        """The fault; where there is one, the next :meth:`fill` begins anew."""
        fault = self.fault
        if fault is not None:
            self._begin()
        return fault

    def _one_step(self, connection: Connection | None) -> None:
        if not self.key:
            piece = next(self._pieces, None)
            if piece is None:
                self.key = self._hash.hexdigest()
            else:
                self._hash.update(piece)
        elif connection is not None and connection is not self._to:
            offer = self._source.offer(self.key)
            self._to, self._size, self._sent, self._held = connection, offer.size, 0, -1
            self._pieces = self._source.pieces()
            connection.send(offer)
        elif connection is not None:
            piece = next(self._pieces, b"")
            self._sent += len(piece)
            connection.send(Piece(0, self.key, np.frombuffer(zlib.compress(piece, 1), np.uint8)))
