"""Adapters fetched from where others have published them; see :mod:`SAMAdaptLib.adapters.index`.

Loads no torch.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from SAMAdaptLib.adapters.card import heading
from SAMAdaptLib.adapters.index import ANEW, PublishedAdapter, is_address, published_adapters
from SAMAdaptLib.adapters.parcel import SUFFIX, contents
from SAMAdaptLib.adapters.shelf import Shelf, default_shelf
from SAMAdaptLib.adapters.signature import require_trusted
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, finite, private_folder, removed, sha256_file
from SAMAdaptLib.locks import changing
from SAMAdaptLib.names import file_key
from SAMAdaptLib.sam.weights.download import BLOCK, Progress, download, is_verified
from SAMAdaptLib.sam.weights.locate import FETCHED, cache_folder

_BY_HAND = "fetch the file by hand and take it in with `samadapt adapters import`"


def fetch_adapter(
    source: str | os.PathLike[str],
    name: str,
    new_name: str | None = None,
    shelf: Shelf | None = None,
    trust: str | os.PathLike[str] | None = None,
    signed: bool = False,
    progress: Progress | None = None,
) -> str:
    """Put a published adapter onto a shelf; a download that broke goes on where it stopped.

    Args:
        source: folder, index file, or http(s) address of either.
        name: of the adapter, as :func:`SAMAdaptLib.adapters.index.published_adapters` gives it.
        new_name: new on the shelf; by default ``name``, with a number after it where that is taken.
        shelf: that it comes to; by default the user's.
        trust: public keys that are trusted, see :func:`SAMAdaptLib.adapters.signature.check_signature`.
        signed: refuse what has been signed by none of these.
        progress: called with (bytes done, bytes in all); what it raises stops the fetching.

    Returns:
        the adapter's name on the shelf.

    Raises:
        InputError: no such adapter; one of which the index says otherwise than its file: hash, size, name, description
            or key; what :meth:`Shelf.import_` and :func:`SAMAdaptLib.adapters.index.published_adapters` raise.
    """
    shelf = Shelf(default_shelf()) if shelf is None else shelf
    entry = chosen(published_adapters(source, trust), name, source)
    if entry.info is None:
        raise InputError(f"This adapter cannot be used here: {entry.error.rstrip('.')}", entry.name, "Choose another")
    if signed:
        require_trusted(entry.signed, entry.place)
    if new_name is not None:
        shelf.check_new(new_name)
    folder = private_folder(cache_folder() / FETCHED / entry.sha256)
    with changing(folder, what="Another process is fetching this adapter"):
        file = folder / f"{entry.name}{SUFFIX}"
        _bring(entry, file, progress)
        try:
            _compare(entry, file)
            found = shelf.import_(file, new_name, trust, signed)
        except InputError as error:
            if error.where != str(file):
                raise
            # It is of no use, and its place here says nothing to anybody.
            _forget(file)
            raise InputError(error.what, entry.place, error.remedy) from error
        _forget(file)
    # Somebody else may have begun to fetch it, too.
    with contextlib.suppress(OSError):
        folder.rmdir()
    return found


def chosen(found: list[PublishedAdapter], name: str, source: str | os.PathLike[str]) -> PublishedAdapter:
    """The adapter of a name, whatever its case.

    Raises:
        InputError: there is none.
    """
    for one in found:
        if file_key(one.name) == file_key(name):
            return one
    there = f"Published there are {', '.join(one.name for one in found)}" if found else "None is published there"
    raise InputError(f"No adapter of this name in {os.fspath(source)}", name, there)


def _bring(entry: PublishedAdapter, file: Path, progress: Progress | None) -> None:
    if is_verified(file, entry.sha256):
        return
    if is_address(entry.place):
        download(entry.place, file, entry.sha256, entry.bytes, progress, _BY_HAND)
        return
    with atomic_path(file, private=True) as temporary:
        done = 0
        with open(temporary, "wb") as out:
            for block in _blocks(entry):
                out.write(block)
                done += len(block)
                if progress is not None:
                    progress(done, entry.bytes)
        if done != entry.bytes:
            raise InputError(f"The file has not the {entry.bytes} bytes that its index tells", entry.place, ANEW)
        if sha256_file(temporary) != entry.sha256:
            raise InputError("The file is not the one of its index (its checksum differs)", entry.place, ANEW)


def _blocks(entry: PublishedAdapter) -> Iterator[bytes]:
    """What is in a file, up to the first byte too many."""
    if not os.path.isfile(entry.place):
        raise InputError("A file that the index names is not there", entry.place, ANEW)
    left = entry.bytes + 1
    try:
        with open(entry.place, "rb") as file:
            while left and (block := file.read(min(BLOCK, left))):
                left -= len(block)
                yield block
    except OSError as error:
        raise InputError(f"Cannot read the file ({error.strerror or error})", entry.place, ANEW) from error


def _compare(entry: PublishedAdapter, file: Path) -> None:
    """Raises InputError where the index says otherwise than the file."""
    inside = contents(file)
    assert entry.info is not None
    told, there = finite(asdict(entry.info)), finite(asdict(inside.info))
    wrong = [key for key, value in told.items() if there[key] != value]
    if inside.heading != heading(entry.name):
        wrong = ["name", *wrong]
    # Descriptions from before they had a licence say none.
    if inside.info.licence not in ("", entry.licence):
        wrong = ["licence", *wrong]
    if inside.signer != entry.signer:
        wrong = ["signer", *wrong]
    if wrong:
        raise InputError(f"The index says otherwise of this adapter than its file does: {wrong[0]}", file, ANEW)


def _forget(file: Path) -> None:
    for name in (file.name, f"{file.name}.ok"):
        removed(file.with_name(name))
