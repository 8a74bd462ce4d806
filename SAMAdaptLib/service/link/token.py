"""The file with the token that a server and its clients share."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from SAMAdaptLib.errors import InputError, note

MIN_BYTES, MAX_BYTES = 16, 4096
HOW = "Make one with `openssl rand -hex 32 > FILE` and `chmod 600 FILE`, and copy it to both sides"


def read_token(file: str | os.PathLike[str], demanding: bool = False) -> bytes:
    """The token in a file, without the white space around it.

    Args:
        file: with 16 bytes at least. Where other users of this computer may read it, there is a note.
        demanding: refuse what others may read.

    Raises:
        InputError: no such file, too short or long, or readable by others.
    """
    path = Path(file)
    try:
        with open(path, "rb") as opened:
            token = opened.read(MAX_BYTES + 1).strip()
            mode = os.fstat(opened.fileno()).st_mode
    except OSError as error:
        raise InputError(f"Cannot read the token ({error.strerror or error})", path, HOW) from error
    if not MIN_BYTES <= len(token) <= MAX_BYTES:
        raise InputError(f"The token has {len(token)} bytes instead of {MIN_BYTES} to {MAX_BYTES}", path, HOW)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        told = ("Other users of this computer may read the token", path, f"Run `chmod 600 {path}`")
        if demanding:
            raise InputError(*told)
        note(*told)
    return token
