"""What NRRD and MetaImage headers say, compared with the files before ITK believes it.

ITK takes voxels from any file that a header names, makes room for any size that it claims, reads compressed voxels
without their checksums, and takes what is missing or no number in a grid as 1 or 0. Facts of the headers from the
definition of NRRD (teem.sourceforge.net/nrrd/format.html) and from MetaIO.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.paths import header_lines, voxel_files
from SAMAdaptLib.volume.geometry import FARTHEST_MM
from SAMAdaptLib.volume.packed import AGAIN, unpacked

REPAIR = "Repair the header, or save the image again"
# No voxel of a patient is smaller, mm.
SMALLEST_MM = 1e-9
MAX_AXES = 10
_NRRD_BYTES = {
    1: "signed char,int8,int8_t,uchar,unsigned char,uint8,uint8_t",
    2: "short,short int,signed short,signed short int,int16,int16_t,ushort,unsigned short,unsigned short int,uint16,"
    "uint16_t",
    4: "int,signed int,int32,int32_t,uint,unsigned int,uint32,uint32_t,float",
    8: "longlong,long long,long long int,signed long long,signed long long int,int64,int64_t,ulonglong,"
    "unsigned long long,unsigned long long int,uint64,uint64_t,double",
}
_META_BYTES = {
    1: "MET_CHAR,MET_UCHAR",
    2: "MET_SHORT,MET_USHORT",
    4: "MET_INT,MET_UINT,MET_FLOAT",
    8: "MET_LONG_LONG,MET_ULONG_LONG,MET_DOUBLE",
}
_VECTOR = re.compile(r"\(([^()]*)\)|none", re.IGNORECASE)


@dataclass(frozen=True)
class _Stored:
    """How voxels lie in their files.

    Attributes:
        count: numbers.
        size: bytes of each.
        plane: numbers in a slice.
        packed: whether each file holds a stream of zlib or gzip.
        text: whether they are written as text.
        skip: bytes before them, of a stream once it is unpacked; None where they end with the file or lines come before
            them.
        stream: bytes of a single stream, as the header says it; None where that format does not.
    """

    count: int
    size: int
    plane: int
    packed: bool
    text: bool
    skip: int | None
    stream: int | None = None

    @property
    def bytes(self) -> int:
        """The least that the voxels take."""
        return 2 * self.count - 1 if self.text else self.count * self.size

    @property
    def too_many(self) -> int:
        """Bytes that are not theirs alone: some programs write a few behind them; a whole slice is none of that."""
        return self.bytes + self.plane * self.size


def check_header(path: Path) -> None:
    """Check the header of an NRRD or MetaImage file, and that its voxels are there, whole and of that number.

    A note tells of voxels whose size is not said.

    Raises:
        InputError: voxels in a file outside the header's folder; fewer or more voxels than the header says; compressed
            voxels that are damaged; sizes or a grid that cannot be; a field given twice.
    """
    lines, begin = header_lines(path)
    if not lines:
        return
    with _worded(path):
        stored = _nrrd(lines, path) if lines[0].startswith("NRRD") else _meta(lines, path)
        parts = [_inside(name, path) for name in voxel_files(path, lines)]
    if stored is None:
        return
    files, before = (parts, 0) if parts else ([path], begin)
    skipped = (stored.skip or 0) * len(files)
    if stored.packed:
        found = _unpacked_bytes(files, before, stored.too_many + skipped, path)
    else:
        found = sum(file.stat().st_size - before for file in files)
    exact = stored.packed or not (parts or stored.text or stored.skip is None)
    _compare(found - skipped, stored, path, exact)
    if len(files) == 1 and stored.stream is not None:
        there = files[0].stat().st_size - before
        # MetaIO unpacks so many bytes, and leaves what they do not fill as the memory was; of a file beside the header
        # it takes all where nothing is said.
        if stored.stream != there and (stored.stream or not parts):
            what = f"The header says that {stored.stream} compressed bytes follow, and the file holds {there}"
            raise InputError(what, path, REPAIR)


@contextlib.contextmanager
def _worded(path: Path) -> Iterator[None]:
    """Turn what is wrong with numbers into an error of the file."""
    try:
        yield
    except InputError:
        raise
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise InputError(f"The header holds what cannot be ({str(error)[:80]})", path, REPAIR) from error


def _inside(name: str, path: Path) -> Path:
    """A file that a header names; raises InputError where it lies outside the header's folder."""
    folder = os.path.abspath(path.parent)
    file = os.path.normpath(os.path.join(folder, name))
    if name == "-" or "\0" in name or os.path.commonpath([folder, file]) != folder:
        raise InputError(
            f"The header takes its voxels from a file outside its folder ({name[:80]!r})",
            path,
            "Move that file beside the header and name it there, if it is the image",
        )
    if not os.path.isfile(file):
        what = f"The header names a file that is not there ({name[:80]!r})"
        raise InputError(what, path, "Copy it beside the header")
    return Path(file)


def _compare(found: int, stored: _Stored, path: Path, exact: bool) -> None:
    """Raises InputError where a file holds another number of bytes than its voxels take."""
    if found < stored.bytes:
        raise InputError(f"The file ends before its last voxel ({found} of {stored.bytes} bytes)", path, AGAIN)
    if exact and found >= stored.too_many:
        raise InputError(f"The file holds more voxels than its header says ({stored.count})", path, REPAIR)


def _unpacked_bytes(files: Sequence[Path], begin: int, most: int, path: Path) -> int:
    """How many bytes each file's stream becomes together, as far as ``most``; unpacked without being kept, since ITK
    takes what a damaged one gives, and all that a small one becomes."""
    found = 0
    for file in files:
        for piece in unpacked(file, path, begin):
            found += len(piece)
            if found >= most:
                return found
    return found


def _fields(lines: Sequence[str], parted: Callable[[str], tuple[str, str] | None]) -> dict[str, str]:
    """Fields by name; raises ValueError where one is there twice, since readers differ in which one counts."""
    found: dict[str, str] = {}
    for line in lines:
        if (field := parted(line)) is not None:
            if field[0] in found:
                raise ValueError(f"{field[0]} twice")
            found[field[0]] = field[1]
    return found


def _numbers(text: str, count: int, what: str) -> list[float]:
    numbers = [float(word) for word in text.split()]
    if len(numbers) != count:
        raise ValueError(f"{what} has {len(numbers)} numbers in place of {count}")
    return numbers


def _sizes(text: str, axes: int) -> list[int]:
    sizes = [int(word) for word in text.split()]
    if not 1 <= axes <= MAX_AXES or len(sizes) != axes or min(sizes) < 1:
        raise ValueError(f"{axes} axes of the sizes {text[:40]}")
    return sizes


def _check_grid(steps: Sequence[Sequence[float]], origin: Sequence[float], path: Path, axes: int) -> None:
    """Check the steps from voxel to voxel along each axis, mm, and the place of the first one."""
    if not all(map(math.isfinite, [*origin, *(part for step in steps for part in step)])):
        raise ValueError("a place or direction that is no number")
    sizes = [math.hypot(*step) for step in steps]
    if not all(SMALLEST_MM < size < FARTHEST_MM for size in sizes) or max(map(abs, origin), default=0) > FARTHEST_MM:
        raise ValueError("a voxel size or place that no patient has")
    if len(steps) < axes:
        note("The header does not say how large the voxels are; they were taken as 1 mm", path, "Check sizes and sides")


def _nrrd(lines: Sequence[str], path: Path) -> _Stored | None:
    def parted(line: str) -> tuple[str, str] | None:
        name, colon, value = line.partition(":")
        if line.startswith("#") or not colon or value.startswith("="):
            return None
        return name.strip().lower().replace(" ", ""), value.strip()

    fields = _fields(lines[1:], parted)
    axes = int(fields.get("dimension", "0"))
    sizes = _sizes(fields.get("sizes", ""), axes)
    # Values of one voxel come along an axis that is none of space.
    kinds = fields.get("kinds", "").lower().split()
    others = [kind for kind in kinds if kind not in ("domain", "space", "???", "none")]
    spatial = min(axes - len(others), 3)
    vectors = [match[1] for match in _VECTOR.finditer(fields.get("spacedirections", ""))]
    steps = [[float(part) for part in vector.split(",")] for vector in vectors if vector is not None]
    if not vectors:
        # NaN says that there is none along this axis.
        given = [float(word) for word in fields.get("spacings", "").split()]
        steps = [[step] for step in given if not math.isnan(step)]
    origin = re.fullmatch(r"\((.*)\)", fields.get("spaceorigin", ""))
    _check_grid(steps, [float(part) for part in origin[1].split(",")] if origin else [], path, spatial)
    size = next((size for size, names in _NRRD_BYTES.items() if fields.get("type") in names.split(",")), None)
    encoding = fields.get("encoding", "").lower()
    packed = encoding in ("gz", "gzip")
    text = encoding in ("txt", "text", "ascii", "hex")
    if size is None or not (packed or text or encoding == "raw"):
        # Nothing that ITK could read either.
        return None
    skip, lines_before = int(fields.get("byteskip", "0")), int(fields.get("lineskip", "0"))
    if min(skip + 1, lines_before) < 0 or (packed and (skip < 0 or lines_before)):
        raise ValueError(f"{skip} bytes and {lines_before} lines to skip")
    plane = math.prod(sizes) // sizes[-1]
    return _Stored(math.prod(sizes), size, plane, packed, text, None if lines_before or skip < 0 else skip)


def _meta(lines: Sequence[str], path: Path) -> _Stored:
    def parted(line: str) -> tuple[str, str] | None:
        match = re.fullmatch(r"\s*(\w+)\s*[=:]\s*(.*?)\s*", line)
        return None if match is None else (match[1], match[2])

    fields = _fields(lines, parted)
    axes = int(fields.get("NDims", "0"))
    sizes = _sizes(fields.get("DimSize", ""), axes)
    spacing = fields.get("ElementSpacing", fields.get("ElementSize", ""))
    steps = [[step] for step in _numbers(spacing, axes, "the voxel size")] if spacing else []
    origin = [_numbers(fields[name], axes, name) for name in ("Offset", "Position", "Origin") if name in fields]
    turns = [name for name in ("TransformMatrix", "Orientation", "Rotation") if name in fields]
    turned = [_numbers(fields[name], axes * axes, name) for name in turns]
    _check_grid(steps, [part for one in (*origin, *turned) for part in one], path, min(axes, 3))
    channels = int(fields.get("ElementNumberOfChannels", "1"))
    skip = int(fields.get("HeaderSize", "0"))
    packed, binary = _is(fields.get("CompressedData", "False")), _is(fields.get("BinaryData", "True"))
    if channels < 1 or skip < -1 or (packed and skip):
        raise ValueError(f"{channels} values in a voxel" if channels < 1 else f"{skip} bytes to skip")
    kind = fields.get("ElementType", "").removesuffix("_ARRAY")
    size = next((size for size, names in _META_BYTES.items() if kind in names.split(",")), None)
    if size is None:
        # A long has four bytes on Windows and eight elsewhere: what the file holds depends on who wrote it.
        raise ValueError(f"voxels of the type {kind[:20]!r}")
    count = math.prod(sizes) * channels
    stream = int(fields.get("CompressedDataSize", "0")) if packed else None
    return _Stored(count, size, count // sizes[-1], packed, not binary, None if skip < 0 else skip, stream)


def _is(text: str) -> bool:
    # As MetaIO reads it: by the first letter.
    return text[:1] in ("T", "t", "1")
