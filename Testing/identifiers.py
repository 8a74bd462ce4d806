"""Identifiers to plant in files that are read, and a search for them in every byte that is written."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from pathlib import Path

from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataset import Dataset, FileDataset

from Testing.dicom_files import item

# Eight letters, and the eight hex digits of a tag or of a place make the sixteen characters of the shortest texts.
LETTERS = "ZQXVKJWQ"
# Those of places of the user's own, which what stays with the user may name.
OWN = "WKQXJZVY"
DAY, TIME, AGE, NUMBER = "19370723", "031741.271828", "093Y", "73.11594826"
ROOT = "1.2.826.0.1.3680043.8.498.7311594826."
# Image, geometry and what a file is: not names, and read.
READ = {"SOPClassUID", "TransferSyntaxUID", "MediaStorageSOPClassUID"}
MEASURED = {0x0028, 0x5400, 0x7FE0}
VALUES = {"AS": AGE, "DA": DAY, "DT": DAY + TIME, "TM": TIME}


def mark(number: int, letters: str = LETTERS) -> str:
    """A text that stands nowhere else."""
    return f"{letters}{number:08X}"


def value(tag: int, kind: str) -> str | None:
    """What is planted in an element; None where its kind holds no text."""
    if kind == "UI":
        return ROOT + str(tag)
    if kind in VALUES:
        return VALUES[kind]
    if kind == "PN":
        return f"{mark(tag)}^{mark(tag)}"
    if kind in {"DS", "IS"}:
        return (NUMBER if kind == "DS" else NUMBER.replace(".", "")[:9]) if tag >> 16 == 0x10 else None
    if kind == "CS":
        return mark(tag) if tag >> 16 in {0x10, 0x12, 0x38, 0x40} else None
    return mark(tag) if kind in {"AE", "LO", "SH", "ST", "LT", "UC", "UR", "UT"} else None


def plant(data: FileDataset) -> int:
    """Fill every element of the DICOM dictionary that holds a name, text, date, time, age or UID, of which the basic
    confidentiality profile of PS3.15 E.1 is a part, private elements, nested ones and file header; returns how many."""
    kept = {tag for tag in data.keys() if tag.group in {0x18, 0x20} and data[tag].VR != "UI"}
    planted = 0
    for tag, (kind, _, _, _, keyword) in DicomDictionary.items():
        group = tag >> 16
        told = value(tag, kind)
        if told is None or not keyword or group < 8 or group in MEASURED or keyword in READ or tag in kept:
            continue
        data.add_new(tag, kind, told)
        planted += 1
    data.Modality = "CT"
    block = data.private_block(0x0099, mark(0x990010), create=True)
    block.add_new(0x01, "UT", mark(0x990101))
    names = {keyword_for_tag(tag): value(tag, "PN") for tag in (0x00100010, 0x00080090)}
    data.RequestAttributesSequence = [item(**names, RequestedProcedureDescription=mark(0x321060))]
    data.add_new(0x60004000, "LT", mark(0x60004000))
    data.preamble = mark(0x10000).encode().ljust(128, b"\0")
    data.file_meta.SourceApplicationEntityTitle = mark(0x20016)
    data.file_meta.ImplementationVersionName = mark(0x20013)
    return planted


def planted_texts(data: Dataset) -> set[str]:
    """All that :func:`plant` has put there, as text."""
    return {str(element.value) for element in data.iterall() if element.VR not in {"SQ", "OW", "OB", "US", "SS"}}


def digests(texts: set[str]) -> set[bytes]:
    """The first 12 hex digits of hashes of texts without a salt, which who guesses a text can confirm."""
    kinds = (hashlib.md5, hashlib.sha1, hashlib.sha256)
    return {kind(text.encode()).hexdigest()[:12].encode() for text in texts if len(text) > 5 for kind in kinds}


def found(data: bytes, hashed: set[bytes] = frozenset(), more: tuple[str, ...] = ()) -> list[str]:
    """Identifiers in bytes: planted ones, as they are, as UTF-16 and in base64; hashes of them; and other texts."""
    hits = [repr(data[hit.start() : hit.start() + 40]) for hit in PLANTED.finditer(data)]
    hits += [f"hash {run[:12]!r}" for run in re.findall(rb"[0-9a-f]{12,}", data) if run[:12] in hashed]
    return hits + [text for text in more for way in _ways(text) if way in data]


def within(name: str, data: bytes) -> dict[str, bytes]:
    """The bytes of a file, and what is packed in it: members of archives, deflated voxels and texts."""
    parts = {name: name.encode() + b"\n" + data}
    with contextlib.suppress(zipfile.BadZipFile):
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts[f"{name}:comments"] = archive.comment + b"".join(one.comment + one.extra for one in archive.infolist())
        for member in archive.namelist():
            parts |= within(f"{name}:{member}", archive.read(member))
    for start in (hit.start() for hit in re.finditer(rb"\x1f\x8b\x08", data)):
        with contextlib.suppress(OSError, EOFError, zlib.error):
            parts[f"{name}:gzip@{start}"] = gzip.decompress(data[start:])
    for start in (hit.start() for hit in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)):
        with contextlib.suppress(zlib.error):
            parts[f"{name}:zlib@{start}"] = zlib.decompressobj().decompress(data[start:])
    return parts


def searched(folder: Path, hashed: set[bytes] = frozenset(), more: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    """Search all files below a folder and their names; how many there are, and what was found where."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hits = [
        f"{place}: {hit}"
        for path in files
        for place, data in within(path.relative_to(folder).as_posix(), path.read_bytes()).items()
        for hit in found(data, hashed, more)
    ]
    return len(files), hits


def _ways(text: str) -> set[bytes]:
    """A text in UTF-8, in UTF-16, and as it stands within a longer text in base64."""
    raw = text.encode()
    coded = set()
    for skip in range(3):
        whole = raw[skip : skip + (len(raw) - skip) // 3 * 3]
        coded |= {base64.b64encode(whole)} if len(whole) >= 6 else set()
    return {raw, text.encode("utf-16-le"), *coded}


_TEXTS = [LETTERS, LETTERS.lower(), ROOT, TIME, NUMBER, f"{DAY[:4]}-{DAY[4:6]}-{DAY[6:]}", AGE]
_ALL = b"|".join(sorted(re.escape(way) for text in _TEXTS for way in _ways(text)))
# Eight digits stand in some number or other by chance; where they begin one they are a date.
PLANTED = re.compile(_ALL + b"|(?<![0-9.])" + DAY.encode() + b"(?![0-9])")
