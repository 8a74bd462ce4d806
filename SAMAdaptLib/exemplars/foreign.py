"""What lies in a library although no library holds it: files, fields and texts that may name somebody."""

from __future__ import annotations

import getpass
import json
import re
import socket
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.deface import near_labels
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import KINDS, Library
from SAMAdaptLib.exemplars.manifest import MANIFEST, ExemplarInfo
from SAMAdaptLib.locks import LOCK
from SAMAdaptLib.paths import header_lines
from SAMAdaptLib.volume.intensity import Intensity

_MANIFEST_KEYS = {"format_version", "salt", "classes", "exemplars"}
_COMMENTS = {
    "# Complete NRRD file format specification at:",
    "# http://teem.sourceforge.net/nrrd/format.html",
}
_NUMBER = r"[-+0-9.e]+"
_VECTORS = rf"\({_NUMBER}(,{_NUMBER})*\)( \({_NUMBER}(,{_NUMBER})*\))*"
# All that the header of a slice says, and what it may say.
_FIELDS = {
    "type": r"((un)?signed )?(char|short|int|long long)( int)?|float|double|u?int(8|16|32|64)(_t)?",
    "dimension": r"[23]",
    "space": r"left-posterior-superior",
    "space dimension": r"[23]",
    "sizes": r"[0-9]+( [0-9]+){1,2}",
    "space directions": _VECTORS,
    "kinds": r"domain( domain){1,2}",
    "endian": r"little|big",
    "encoding": r"gzip",
    "space origin": r"\(0(,0){1,2}\)",
}
# A stream of gzip without a name, a time, a comment or other fields of its own.
_PLAIN_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
# Accounts and computers that are called so everywhere; others are taken for names from this length on.
_ANYBODYS = {"root", "user", "admin", "administrator", "localhost"}
_SHORTEST = 3
_LOOKS_LIKE = {
    "a date": r"(?<!\d)(19|20)\d\d([-./]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)",
    "a name as DICOM writes it": r"\w\^|\^\w",
    "a UID": r"(?<![\d.])\d+(\.\d+){4,}",
    "an identifier": r"(?<!\d)\d{6,}(?!\d)",
    "a path": r"[A-Za-z]:[\\/]|\\\\|^[~/]|\w[\\/]\w+[\\/]",
}


@dataclass(frozen=True)
class Foreign:
    """Something that does not belong into a library.

    Attributes:
        file: its name, as seen from the library.
        what: it is, and where in the file.
    """

    file: str
    what: str


def foreign_parts(library: Library) -> list[Foreign]:
    """Everything in a library's folder that its format does not hold, and texts in it that look as if they named a
    patient, a file, or this computer and its user.

    Every exemplar is read and compared with its hash. Names of classes are the only free text; whether one that looks
    like none of these is a patient's, only a reader can tell.

    Raises:
        InputError: an exemplar is damaged.
    """
    shown = [exemplar.info.id for exemplar in library if _shows_more(exemplar)]
    found = [*_unknown_files(library), *_of_manifest(library)]
    found += [Foreign(library.path(one, "image").name, "pixels where it is said to be blanked") for one in shown]
    for path in _slices(library):
        found += [Foreign(path.name, what) for what in _of_slice(path)]
    return found


def _shows_more(exemplar: Exemplar) -> bool:
    """Whether an exemplar that was blanked shows more than one value where it should be."""
    margin = exemplar.info.blanked_mm
    if margin is None:
        return False
    far = ~near_labels(exemplar.labels > 0, exemplar.info.pixel_spacing, margin)
    around = () if exemplar.neighbours is None else exemplar.neighbours
    values = np.concatenate([plane[far] for plane in (exemplar.pixels, *around)])
    return bool((values != values[:1]).any())


def _slices(library: Library) -> list[Path]:
    kinds = {info.id: KINDS if info.neighbours else KINDS[:2] for info in library.infos()}
    return [library.path(one, kind) for one, each in kinds.items() for kind in each]


def _unknown_files(library: Library) -> Iterator[Foreign]:
    known = {MANIFEST, LOCK, *(path.name for path in _slices(library))}
    for path in sorted(library.folder.rglob("*")):
        name = path.relative_to(library.folder).as_posix()
        if path.is_symlink():
            yield Foreign(name, "a link, which leads out of the library")
        elif name not in known and not path.is_dir():
            yield Foreign(name, "a file that belongs to no exemplar")
        elif path.is_dir():
            yield Foreign(name, "a folder")
        elif name == LOCK and path.stat().st_size:
            yield Foreign(name, "content in a file that has none")


def _of_manifest(library: Library) -> Iterator[Foreign]:
    keys: list[str] = []

    def kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys.extend(name for name, _ in pairs)
        return dict(pairs)

    data = json.loads((library.folder / MANIFEST).read_text(encoding="utf-8"), object_pairs_hook=kept)
    known = _MANIFEST_KEYS | {field.name for field in fields(ExemplarInfo)}
    for name in dict.fromkeys(keys):
        if name not in known:
            yield Foreign(MANIFEST, f"the unknown entry {name!r}")
    whole, entries = len(data), data["exemplars"]
    if len(keys) != whole + sum(len(entry) for entry in entries):
        yield Foreign(MANIFEST, "an entry twice, or one within another")
    if not re.fullmatch(r"[0-9a-f]{8,64}", data["salt"]):
        yield Foreign(MANIFEST, "a salt that is no number")
    for info in library.infos():
        if not re.fullmatch(r"[0-9a-f]{12}", info.group) or not re.fullmatch(r"[0-9a-f]{64}", info.hash):
            yield Foreign(MANIFEST, f"a text in the place of the patient's pseudonym or the hash of {info.id}")
        if not _is_mapping(info.intensity):
            yield Foreign(MANIFEST, f"a text in the place of the intensity mapping of {info.id}")
    for name in library.classes:
        for what in _named_by(name):
            yield Foreign(MANIFEST, f"the class {name!r}, which looks like {what}")


def _is_mapping(text: str) -> bool:
    try:
        Intensity.parse(text)
    except InputError:
        return False
    return True


def _named_by(text: str) -> Iterator[str]:
    """What a text gives away."""
    for what, pattern in _LOOKS_LIKE.items():
        if re.search(pattern, text):
            yield what
    for what, name in (("this computer's name", socket.gethostname()), ("this user's name", _user())):
        telling = len(name) >= _SHORTEST and name.lower() not in _ANYBODYS
        if telling and re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text, re.IGNORECASE):
            yield what


def _user() -> str:
    # Containers may run under a number that has no name.
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _of_slice(path: Path) -> Iterator[str]:
    lines, begin = header_lines(path)
    if not lines or not re.fullmatch(r"NRRD000[1-5]", lines[0]):
        yield "another format than a library's"
        return
    for line in lines[1:]:
        name, colon, value = line.partition(": ")
        if line.startswith("#"):
            if line not in _COMMENTS:
                yield f"the comment {line[1:].strip()!r} in its header"
        elif not colon or name not in _FIELDS or not re.fullmatch(_FIELDS[name], value):
            yield f"the line {line!r} in its header"
    data = path.read_bytes()[begin:]
    if not data.startswith(_PLAIN_GZIP):
        yield "a name, time or comment before its compressed pixels"
    # The size was compared with the manifest's when the exemplar was loaded.
    stream = zlib.decompressobj(47)
    stream.decompress(data)
    if stream.unused_data:
        yield f"{len(stream.unused_data)} bytes behind its pixels"
