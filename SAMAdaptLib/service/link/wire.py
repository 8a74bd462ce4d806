"""Messages as bytes: a fixed head, a JSON text and raw arrays.

Nothing is pickled, so that neither side can be made to run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service import contents, protocol
from SAMAdaptLib.service.packed import PackedArray, PackedMask
from SAMAdaptLib.service.protocol import Message, Picture, SlicePlane

_HEAD = struct.Struct("<4sII")
_MAGIC = b"SAM1"
MAX_FRAME = 1 << 30
_KINDS = {kind.__name__: kind for kind in (SlicePlane, Picture, PackedArray, PackedMask, Prompt)} | {
    name: kind
    for module in (protocol, contents)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Message)
}


def _protocol() -> str:
    """By what the messages are made of, so that no change of them can be forgotten."""
    told = {name: [(each.name, str(each.type)) for each in fields(kind)] for name, kind in sorted(_KINDS.items())}
    return hashlib.sha256(json.dumps([_MAGIC.decode(), told]).encode()).hexdigest()[:8]


PROTOCOL = _protocol()


def pack(message: Message) -> bytes:
    """One message as a frame."""
    blobs: list[bytes] = []
    text = json.dumps(_plain(message, blobs), separators=(",", ":")).encode()
    body = b"".join(blobs)
    return b"".join((_HEAD.pack(_MAGIC, len(text), len(body)), text, body))


class Unpacker:
    """Puts frames together from whatever pieces arrive.

    Args:
        limit: largest frame in bytes.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes | bytearray) -> None:
        """Take in bytes as received."""
        self._buffer += data

    def __iter__(self) -> Iterator[Message]:
        """The messages that are whole.

        Raises:
            ValueError: not a frame of this protocol.
        """
        while len(self._buffer) >= _HEAD.size:
            magic, text, body = _HEAD.unpack_from(self._buffer)
            if magic != _MAGIC or text + body > self.limit:
                raise ValueError("this is not the worker's protocol")
            end = _HEAD.size + text + body
            if len(self._buffer) < end:
                return
            header, blobs = bytes(self._buffer[_HEAD.size : end - body]), bytes(self._buffer[end - body : end])
            del self._buffer[:end]
            yield _message(header, blobs)


def _message(text: bytes, blobs: bytes) -> Message:
    try:
        message = _rich(json.loads(text), blobs)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"a frame of this protocol holds something else ({type(error).__name__})") from error
    if not isinstance(message, Message):
        raise ValueError("a frame holds one message")
    return message


def _plain(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise TypeError(f"arrays of {value.dtype} do not travel")
        offset = sum(map(len, blobs))
        blobs.append(np.ascontiguousarray(value).tobytes())
        return {"$a": [offset, value.dtype.str, list(value.shape)]}
    if is_dataclass(value):
        content = {f.name: _plain(getattr(value, f.name), blobs) for f in fields(value)}
        return {"$k": type(value).__name__, "$v": content}
    if isinstance(value, dict):
        return {str(key): _plain(item, blobs) for key, item in value.items()}
    if isinstance(value, tuple):
        return {"$t": [_plain(item, blobs) for item in value]}
    if isinstance(value, list):
        return [_plain(item, blobs) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _rich(value: Any, blobs: bytes) -> Any:
    if isinstance(value, list):
        return [_rich(item, blobs) for item in value]
    if not isinstance(value, dict):
        return value
    if "$a" in value:
        offset, dtype, shape = value["$a"]
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(blobs, np.dtype(dtype), count, offset).reshape(shape)
    if "$k" in value:
        made = _KINDS[value["$k"]](**{name: _rich(item, blobs) for name, item in value["$v"].items()})
        for name, kind in _hints(value["$k"]).items():
            if not _fits(getattr(made, name), kind):
                raise TypeError(f"{type(made).__name__}.{name}")
        return made
    if "$t" in value:
        return tuple(_rich(item, blobs) for item in value["$t"])
    return {key: _rich(item, blobs) for key, item in value.items()}


@cache
def _hints(name: str) -> dict[str, Any]:
    return get_type_hints(_KINDS[name])


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of the type that a field declares; a list serves as a tuple, and an int as a float."""
    origin, given = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(_fits(value, each) for each in given)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(item, given[1]) for item in value.values())
    if origin is tuple and given[-1] is not Ellipsis:
        sound = isinstance(value, (list, tuple)) and len(value) == len(given)
        return sound and all(map(_fits, value, given))
    if origin in (list, tuple):
        return isinstance(value, (list, tuple)) and all(_fits(item, given[0]) for item in value)
    return isinstance(value, (int, float) if kind is float else kind)
