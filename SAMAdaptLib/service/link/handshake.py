"""How two ends of a socket find out that they speak the same protocol and know the same token, before parsing a word.

Both say of what make they are and a number that they have never said before. Who called then proves to know the token,
and only then so does who was called. The token itself never travels.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.link.wire import PROTOCOL

# The make, the protocol, SAMAdapt's version, a number used once.
_GREETING = struct.Struct("<8s16s24s32s")
_MAKE = b"SAMADAPT"
_PROOF_BYTES = hashlib.sha256().digest_size


class Handshake:
    """One side of it.

    Args:
        token: that both know.
        caller: whether this side has called the other.

    Attributes:
        greeting: what to say first.
        done: whether the other side has proven that it knows the token.
    """

    def __init__(self, token: bytes, caller: bool) -> None:
        self._token, self._caller = token, caller
        self._nonce = secrets.token_bytes(32)
        self._theirs: bytes | None = None
        self.greeting = _GREETING.pack(_MAKE, PROTOCOL.encode(), __version__.encode(), self._nonce)
        self.done = False

    def take(self, heard: bytearray) -> bytes:
        """Take off ``heard`` what belongs to this; returns what to answer.

        Raises:
            InputError: the other side is something else, speaks another protocol or does not know the token.
        """
        answer = b""
        if self._theirs is None:
            if not heard.startswith(_MAKE[: len(heard)]):
                raise InputError("What answers there is not SAMAdapt", None, "Check the address")
            if len(heard) < _GREETING.size:
                return answer
            _, protocol, version, self._theirs = _GREETING.unpack(_cut(heard, _GREETING.size))
            _compare(protocol, version)
            if self._caller:
                answer = self._proof(True, self._nonce, self._theirs)
        if len(heard) >= _PROOF_BYTES:
            theirs = self._proof(not self._caller, self._theirs, self._nonce)
            if not hmac.compare_digest(_cut(heard, _PROOF_BYTES), theirs):
                raise InputError("The other side does not know the token", None, "Give both sides the same token")
            self.done = True
            if not self._caller:
                answer = self._proof(False, self._nonce, self._theirs)
        return answer

    def unfinished(self) -> InputError:
        """What it means that the other side has hung up before the end."""
        if self._theirs is None:
            return InputError("Nothing answers there", None, "Start `samadapt serve` there, and look after the tunnel")
        return InputError("The other side does not take the token", None, "Give both sides the same token")

    def _proof(self, caller: bool, own: bytes, other: bytes) -> bytes:
        return hmac.digest(self._token, (b"calls" if caller else b"called") + own + other, "sha256")


def _compare(protocol: bytes, version: bytes) -> None:
    theirs, number = (each.rstrip(b"\0").decode("ascii", "replace") for each in (protocol, version))
    if theirs != PROTOCOL:
        raise InputError(
            f"The other side speaks protocol {theirs} (SAMAdapt {number}), this side protocol {PROTOCOL} (SAMAdapt "
            f"{__version__})",
            None,
            "Install the same version of SAMAdapt on both sides",
        )


def _cut(heard: bytearray, size: int) -> bytes:
    part = bytes(heard[:size])
    del heard[:size]
    return part
