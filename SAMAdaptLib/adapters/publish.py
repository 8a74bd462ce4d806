"""Adapters put into a folder with an index, for others to fetch; see :mod:`SAMAdaptLib.adapters.index`.

Loads no torch.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SAMAdaptLib import __version__
from SAMAdaptLib.adapters.card import CARD, heading
from SAMAdaptLib.adapters.index import (
    FORMAT_VERSION,
    INDEX,
    PublishedAdapter,
    published_adapters,
    read_entries,
)
from SAMAdaptLib.adapters.info import is_line
from SAMAdaptLib.adapters.parcel import SUFFIX, contents
from SAMAdaptLib.adapters.shelf import Shelf, default_shelf
from SAMAdaptLib.adapters.signature import UNSIGNED
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import part_folder, patiently, removed, sha256_file, sweep, unwritable, write_json
from SAMAdaptLib.locks import changing
from SAMAdaptLib.names import file_key
from SAMAdaptLib.paths import keep_apart

# Of a file's name: what every web server and share leaves as it is, and enough of the hash that no other file has it.
_UNUSUAL, _DIGITS, _LONGEST = re.compile("[^A-Za-z0-9]+"), 12, 50
_OURS = re.compile(rf"[A-Za-z0-9-]+-[0-9a-f]{{{_DIGITS}}}{re.escape(SUFFIX)}")


def publish_adapters(
    names: Sequence[str],
    folder: str | os.PathLike[str],
    shelf: Shelf | None = None,
    key: str | os.PathLike[str] | None = None,
    licence: str = "",
    overwrite: bool = False,
) -> list[PublishedAdapter]:
    """Put adapters of a shelf into a folder, which any web server or share can then offer as it is.

    The index is replaced last: whoever reads it, or kills this at any moment, finds what was published before or all of
    it. Several may publish into one folder at once. Files that no index names any more are removed.

    Args:
        names: of adapters on the shelf.
        folder: to publish in; made where there is none.
        shelf: that they are on; by default the user's.
        key: private key to sign them with first; without one, signatures that they have go along.
        licence: under which they are handed on, and whom to credit, on one line; it goes into their descriptions and
            cards. Without one, those that say one already keep it.
        overwrite: put them in the place of those that are published under these names.

    Returns:
        what the index says of them now.

    Raises:
        InputError: no such adapter, a damaged one, or one whose signed card has another name; a name that is published
            already; a key that cannot be used; an index there that cannot be read; a folder that cannot be written to,
            or lies in an adapter's.
    """
    shelf = Shelf(default_shelf()) if shelf is None else shelf
    folder = Path(folder)
    keep_apart(folder, [shelf.place(name) for name in names])
    if len({*map(file_key, names)}) < len(names):
        raise InputError("An adapter is named twice", ", ".join(names), "Name each once")
    if not is_line(licence):
        raise InputError("The licence is no line of text", repr(licence[:60]), "Give up to 1000 printable characters")
    _check_free(_entries(folder), names, folder, overwrite)
    for name in names:
        # Upon signing, the card gets the adapter's name.
        if key is None:
            _check_card(shelf, name)
            if licence:
                shelf.license(name, licence)
        else:
            shelf.sign(name, key, licence)
    try:
        _publish(shelf, names, folder, overwrite)
    except OSError as error:
        raise unwritable(folder, error, "Cannot publish there") from error
    mine = {*map(file_key, names)}
    return [one for one in published_adapters(folder) if file_key(one.name) in mine]


def is_published(folder: Path) -> bool:
    """Whether a folder has an index of adapters."""
    try:
        read_entries(str(folder / INDEX))
    except InputError:
        return False
    return True


def _publish(shelf: Shelf, names: Sequence[str], folder: Path, overwrite: bool) -> None:
    part = part_folder(folder)
    try:
        new = [_packed(shelf, name, part) for name in names]
        with changing(folder):
            there = _entries(folder)
            _check_free(there, names, folder, overwrite)
            mine = {*map(file_key, names)}
            kept = [entry for entry in there if file_key(entry["name"]) not in mine]
            try:
                for entry in new:
                    _put(part / entry["file"], folder / entry["file"], entry["sha256"])
                adapters = sorted([*kept, *new], key=lambda entry: (str(entry["name"]).casefold(), str(entry["name"])))
                told = {"format_version": FORMAT_VERSION, "software": __version__, "adapters": adapters}
                write_json(folder / INDEX, told, anew=False)
                there = adapters
            finally:
                _sweep(folder, {entry["file"] for entry in there})
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _entries(folder: Path) -> list[dict[str, Any]]:
    return read_entries(str(folder / INDEX)) if os.path.lexists(folder / INDEX) else []


def _check_free(there: Sequence[dict[str, Any]], names: Sequence[str], folder: Path, overwrite: bool) -> None:
    taken = {file_key(entry["name"]) for entry in there}
    for name in names:
        if file_key(name) in taken and not overwrite:
            raise InputError(f"The adapter {name!r} is published there already", folder, "Replace it by --overwrite")


def _check_card(shelf: Shelf, name: str) -> None:
    """A signed card stays as it is, and who fetches the adapter wants the name that somebody vouches for."""
    if shelf.signed(name).state == UNSIGNED:
        return
    with open(shelf.place(name) / CARD, encoding="utf-8", errors="replace") as card:
        if card.readline().rstrip("\r\n") != heading(name):
            raise InputError(
                "The signed model card calls the adapter otherwise", name, "Rename it to that, or sign it anew by --key"
            )


def _packed(shelf: Shelf, name: str, part: Path) -> dict[str, Any]:
    """Write an adapter's file, named by its content, into a folder; returns its entry of the index."""
    made = shelf.export(name, part / f"new{SUFFIX}")
    digest, inside = sha256_file(made), contents(made)
    stem = _UNUSUAL.sub("-", name)[:_LONGEST].strip("-") or "adapter"
    file = part / f"{stem}-{digest[:_DIGITS]}{SUFFIX}"
    patiently(os.rename, made, file)
    return {
        "name": name,
        "file": file.name,
        "bytes": file.stat().st_size,
        "sha256": digest,
        "signer": inside.signer,
        "licence": inside.info.licence,
        "description": asdict(inside.info),
    }


def _put(source: Path, target: Path, digest: str) -> None:
    # The same content has the same name, and may be what somebody reads now.
    if not target.is_file() or sha256_file(target) != digest:
        patiently(os.replace, source, target)


def _sweep(folder: Path, named: set[str]) -> None:
    """Remove what no index names any more, and what killed processes have left unfinished."""
    for file in folder.glob(f"*{SUFFIX}"):
        if _OURS.fullmatch(file.name) and file.name not in named:
            removed(file)
    sweep(folder)
