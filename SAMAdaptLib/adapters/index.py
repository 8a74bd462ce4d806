"""The index of a folder of published adapters: what each is, where its file lies, and its hash. Loads no torch.

``index.json`` lies beside the files that it names, in a folder of this computer, on a share, or behind any web server.
It is believed as far as a file agrees with it: what is fetched has the hash, the name, the description and the key of
the signature that stand there, or is refused.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.card import model_card
from SAMAdaptLib.adapters.info import AdapterInfo, as_info, is_line
from SAMAdaptLib.adapters.parcel import MAX_BYTES, SUFFIX
from SAMAdaptLib.adapters.signature import Signed, named
from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import refuse_newer
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.names import check_name, file_key
from SAMAdaptLib.sam.weights.download import read_document

FORMAT_VERSION, INDEX = 1, "index.json"
# A description has some kilobytes.
MAX_INDEX_BYTES = 1 << 24
# Of a parcel: what may lie in it, and what a zip file adds.
MAX_PARCEL_BYTES = sum(MAX_BYTES.values()) + (1 << 16)
WANTED = "Give a folder that `samadapt adapters publish` wrote, its index.json, or the address of either"
ANEW = "Ask whoever publishes there to do so anew"
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class PublishedAdapter:
    """One adapter of an index, by what the index says.

    Attributes:
        name: of the adapter.
        place: path or address of its file.
        bytes: of the file.
        sha256: of the file, lower-case hex.
        signer: fingerprint of the key by which it says that it is signed, else "".
        licence: under which it is handed on, and whom to credit; "" where nobody has said so.
        signed: who vouches for it, if the signature holds, which shows when it is fetched.
        info: its description; None where it cannot be used here.
        error: why it cannot be used here, else "".
    """

    name: str
    place: str
    bytes: int
    sha256: str
    signer: str
    licence: str
    signed: Signed
    info: AdapterInfo | None
    error: str = ""

    @property
    def card(self) -> str:
        """Its model card in Markdown; why there is none, where it cannot be used here."""
        return self.error if self.info is None else model_card(self.info, self.name)


def published_adapters(
    source: str | os.PathLike[str], trust: str | os.PathLike[str] | None = None
) -> list[PublishedAdapter]:
    """The adapters that are published in a folder or behind an address, by name.

    Args:
        source: folder, index file, or http(s) address of either.
        trust: public keys that are trusted, see :func:`SAMAdaptLib.adapters.signature.trusted_keys`.

    Raises:
        InputError: there is no index, or one that is damaged, too large, or from a newer version; a network that
            fails; a trusted key that cannot be read.
    """
    where = index_of(source)
    signers: dict[str, Signed] = {}
    found = []
    for entry in read_entries(where):
        key = entry["signer"]
        signers[key] = signers[key] if key in signers else named(key, trust)
        found.append(_published(entry, where, signers[key]))
    return sorted(found, key=lambda one: (one.name.casefold(), one.name))


def index_of(source: str | os.PathLike[str]) -> str:
    """Path or address of the index that a user means.

    Raises:
        InputError: an address that is none of the web, or holds a password.
    """
    text = os.fspath(source)
    if not is_address(text):
        return str(Path(text) / INDEX) if os.path.isdir(text) else text
    try:
        parts = urllib.parse.urlsplit(text)
        host, secret, _ = parts.hostname, parts.username is not None, parts.port
    except ValueError as error:
        raise InputError(f"This is no address ({error})", text, WANTED) from error
    if parts.scheme.lower() not in ("http", "https") or not host or not re.fullmatch("[!-~]+", text):
        raise InputError("Nothing can be fetched from such an address", text, f"{WANTED}, with https://")
    if secret:
        raise InputError("Names and passwords in an address are not used", host, WANTED)
    path = parts.path if parts.path.endswith(".json") else f"{parts.path.rstrip('/')}/{INDEX}"
    return urllib.parse.urlunsplit(parts._replace(path=path, fragment=""))


def is_address(place: str) -> bool:
    """Whether it is an address rather than a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", place) is not None


def read_entries(where: str) -> list[dict[str, Any]]:
    """What an index says of each adapter, as it stands there; keys that are not known here stay in it.

    Args:
        where: path or address of the index.

    Raises:
        InputError: see :func:`published_adapters`.
    """
    data = _web(where) if is_address(where) else _file(where)
    if len(data) > MAX_INDEX_BYTES:
        raise InputError(f"The index has more than {MAX_INDEX_BYTES / 1e6:.0f} MB", where, WANTED)
    try:
        found = json.loads(data.decode())
    except (RecursionError, ValueError) as error:
        raise InputError(f"This is no index of adapters ({error})", where, WANTED) from error
    if not isinstance(found, dict) or not isinstance(found.get("format_version"), int):
        raise InputError("This is no index of adapters", where, WANTED)
    refuse_newer(found["format_version"], FORMAT_VERSION, "index of adapters", where)
    entries = found.get("adapters")
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise InputError("The index of adapters is damaged at 'adapters'", where, ANEW)
    for entry in entries:
        wrong = next((key for key, sound in _SOUND.items() if not sound(entry.get(key))), None)
        if wrong is not None:
            raise InputError(f"The index of adapters is damaged at {wrong!r}", where, ANEW)
    if len({file_key(entry["name"]) for entry in entries}) < len(entries):
        raise InputError("The index of adapters has a name twice", where, ANEW)
    return entries


def _published(entry: dict[str, Any], where: str, signed: Signed) -> PublishedAdapter:
    if is_address(where):
        place = urllib.parse.urljoin(where, urllib.parse.quote(entry["file"]))
    else:
        place = str(Path(where).parent / entry["file"])
    info, error = None, ""
    try:
        info = as_info(entry["description"], f"{where}, {entry['name']}")
        if info.method not in METHODS:
            raise InputError(f"The adapter uses the method {info.method!r}, unknown here", place, "Update SAMAdapt")
    except InputError as refusal:
        info, error = None, str(refusal)
    told = (entry["name"], place, entry["bytes"], entry["sha256"], entry["signer"], entry["licence"])
    return PublishedAdapter(*told, signed, info, error)


def _file(where: str) -> bytes:
    if not os.path.isfile(where):
        raise InputError("No adapters are published here", where, WANTED)
    try:
        with open(where, "rb") as file:
            return file.read(MAX_INDEX_BYTES + 1)
    except OSError as error:
        raise InputError(f"Cannot read the index of adapters ({error.strerror or error})", where, WANTED) from error


def _web(where: str) -> bytes:
    data, origin = read_document(where, MAX_INDEX_BYTES)
    host, answered = (urllib.parse.urlsplit(one).hostname or "" for one in (where, origin))
    if answered != host:
        note(f"The server has sent on to {answered}, from which the index of adapters is", where)
    if not where.lower().startswith("https:") and not _is_here(host):
        note(
            "Nothing is encrypted on the way from there, and may be altered", where,
            "Use https, or accept signed adapters only (--require-signature)",
        )  # fmt: skip
    return data


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_name(value: Any) -> bool:
    """Whether a file beside the index can have it: no folder, no drive, no address."""
    try:
        return isinstance(value, str) and check_name(value) == value
    except InputError:
        return False


_SOUND: dict[str, Callable[[Any], bool]] = {
    "name": _is_name,
    "file": lambda value: _is_name(value) and value.endswith(SUFFIX) and value.isascii(),
    "bytes": lambda value: isinstance(value, int) and value is not True and 0 < value <= MAX_PARCEL_BYTES,
    "sha256": lambda value: isinstance(value, str) and _HEX.fullmatch(value) is not None,
    "signer": lambda value: isinstance(value, str) and (not value or _HEX.fullmatch(value) is not None),
    "licence": is_line,
    "description": lambda value: isinstance(value, dict),
}
