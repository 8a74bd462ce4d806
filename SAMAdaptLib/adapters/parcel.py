"""An adapter in one zip file, to hand on: its two files, a model card, and a signature where it has one.

Loads no torch.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.card import CARD, model_card
from SAMAdaptLib.adapters.info import (
    INFO,
    WEIGHTS,
    AdapterInfo,
    as_info,
    check_weights,
    read_adapter_info,
    without_paths,
)
from SAMAdaptLib.adapters.signature import SIGNATURE, Signed, check_signature, claimed
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, sha256_file
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.paths import keep_apart

SUFFIX = ".samadapt.zip"
BLOCK = 1 << 20
# The largest base model has 2.6 GB, and no adapter has more parameters than its base.
MAX_BYTES = {WEIGHTS: 3 << 30, INFO: 1 << 20, CARD: 1 << 20, SIGNATURE: 1 << 12}


def pack(folder: Path, name: str, file: str | os.PathLike[str]) -> Path:
    """Write an adapter and its model card into one zip file, replaced atomically; returns its path.

    Of folders on this machine, such as that of a text model, only the last name goes along.

    Args:
        folder: the adapter's.
        name: the heading of the card.
        file: the zip file.

    Raises:
        InputError: a damaged adapter, one whose signature does not hold, or a file that cannot be written or lies in
            the adapter's folder.
    """
    keep_apart(file, [folder])
    file = Path(file)
    anew = not file.parent.is_dir()
    here = read_adapter_info(folder)
    check_weights(folder, here)
    check_signature(folder, here)
    info = without_paths(here)
    with atomic_path(file, anew=anew) as temporary, zipfile.ZipFile(temporary, "w", strict_timestamps=False) as archive:
        if (folder / SIGNATURE).is_file():
            archive.write(folder / CARD, CARD)
            archive.write(folder / SIGNATURE, SIGNATURE)
        else:
            archive.writestr(CARD, model_card(info, name))
        if info == here:
            archive.write(folder / INFO, INFO)
        else:
            archive.writestr(INFO, json.dumps(asdict(info), indent=2, ensure_ascii=False) + "\n")
        archive.write(folder / WEIGHTS, WEIGHTS)
    return file


def unpack(file: str | os.PathLike[str], folder: Path, trust: str | os.PathLike[str] | None = None) -> Signed:
    """Put the adapter of a file that :func:`pack` wrote into a folder; what is there after an error is of no use.

    Nothing of the file is used as a path, and nothing in it is run. Unless it is signed, the model card stays behind:
    it would be out of date as soon as the adapter has another name, and :func:`pack` writes it anew.

    Args:
        file: that :func:`pack` wrote.
        folder: there already.
        trust: public keys, see :func:`SAMAdaptLib.adapters.signature.check_signature`.

    Returns:
        who has signed it.

    Raises:
        InputError: no such file, one that holds anything else than an adapter, a damaged adapter, one whose signature
            does not hold, or one that needs a newer version.
    """
    file = Path(file)
    with _opened(file) as archive:
        members = _checked(archive, file)
        kept = {INFO, WEIGHTS} if SIGNATURE not in archive.namelist() else {*MAX_BYTES}
        for member in members:
            if member.filename in kept:
                _extract(archive, member, folder / member.filename, file)
    try:
        info = read_adapter_info(folder)
    except InputError as error:
        raise InputError(error.what, file, error.remedy) from error
    if info.method not in METHODS:
        raise InputError(f"The adapter uses the method {info.method!r}, unknown here", file, "Update SAMAdapt")
    if sha256_file(folder / WEIGHTS) != info.weights_sha256:
        raise _unfit("Its weights are damaged or altered", file)
    return check_signature(folder, info, trust, file)


@dataclass(frozen=True)
class Contents:
    """What a file that :func:`pack` wrote says of itself.

    Attributes:
        info: the adapter's description.
        heading: the first line of its model card.
        signer: fingerprint of the key by which it says that it is signed, else "".
    """

    info: AdapterInfo
    heading: str
    signer: str


def contents(file: str | os.PathLike[str]) -> Contents:
    """Look into a file without its weights; nothing is compared with a hash or a signature.

    Raises:
        InputError: no such file, one that holds anything else than an adapter or no card, or a damaged one.
    """
    file = Path(file)
    with _opened(file) as archive:
        members = {member.filename: member for member in _checked(archive, file)}
        if CARD not in members:
            raise _unfit(f"It lacks {CARD}", file)

        def text(name: str) -> str:
            return b"".join(_blocks(archive, members[name], file)).decode(errors="replace")

        info = as_info(_mapping(text(INFO), file), file)
        signer = claimed(_mapping(text(SIGNATURE), file), file) if SIGNATURE in members else ""
        return Contents(info, text(CARD).partition("\n")[0].rstrip("\r"), signer)


def is_parcel(file: str | os.PathLike[str]) -> bool:
    """Whether a file is one that :func:`pack` wrote, by the names in it."""
    try:
        with zipfile.ZipFile(file) as archive:
            return {INFO, WEIGHTS} <= set(archive.namelist()) <= set(MAX_BYTES)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def default_name(file: str | os.PathLike[str]) -> str:
    """The file's own name without its ending."""
    name = Path(file).name
    for ending in (SUFFIX, ".zip"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _unfit(what: str, file: Path) -> InputError:
    return InputError(f"This file cannot be imported. {what}", file, "Ask for a new export from SAMAdapt")


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    if not file.is_file():
        raise InputError("No such file", file, "Check the path")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _unfit("It is no zip file or a damaged one", file) from error
    with archive:
        yield archive


def _checked(archive: zipfile.ZipFile, file: Path) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    # ZipFile cuts names at a NUL and turns backslashes around; what the file itself says decides.
    names = [member.orig_filename for member in members]
    unknown = sorted(set(names) - set(MAX_BYTES))
    if unknown:
        raise _unfit(f"It holds something else than an adapter ({unknown[0][:60]!r})", file)
    missing = sorted({INFO, WEIGHTS, *([CARD] if SIGNATURE in names else [])} - set(names))
    if missing:
        raise _unfit(f"It lacks {missing[0]}", file)
    if len(names) > len(set(names)):
        raise _unfit("It holds a file twice", file)
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise _unfit("It is compressed in an unusual way", file)
    large = [member.filename for member in members if member.file_size > MAX_BYTES[member.filename]]
    if large:
        raise _unfit(f"Its {large[0]} is larger than any adapter's", file)
    return members


def _mapping(text: str, file: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise _unfit(f"What describes it cannot be read ({error})", file) from error
    if not isinstance(found, dict):
        raise _unfit("What describes it is damaged", file)
    return found


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, file: Path) -> None:
    """Copy a member. What the disk says of the copy stays an OSError."""
    with open(target, "wb") as out:
        out.writelines(_blocks(archive, member, file))


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> Iterator[bytes]:
    """What is in a member; ZipFile gives no more bytes than its header says, and compares their checksum.

    Whatever a damaged zip file leads to is an error of that file; a place before its begin is an OSError.
    """
    try:
        with archive.open(member) as source:
            while block := source.read(BLOCK):
                yield block
    except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError, OSError, ValueError) as error:
        raise _unfit("It is encrypted or damaged", file) from error
