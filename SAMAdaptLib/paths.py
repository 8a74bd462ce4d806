"""Where results may be written: never over, around or inside what they are made from. Checked before any work."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import STILL_THERE, InputError, note
from SAMAdaptLib.files import PART, read_json, unwritable

# No result is smaller, and a disk this full fails at the next write.
LEAST_FREE_BYTES = 1 << 20
# How headers name the files that hold their voxels.
_NRRD_FILE = re.compile(r"data ?file\s*:(?!=)\s*(.*?)\s*", re.IGNORECASE)
_META_FILE = re.compile(r"\s*ElementDataFile\s*[=:]\s*(.*?)\s*")
_NUMBERED = re.compile(r"([^%]*)%(0?\d*)d([^%]*)")
# No header is longer, and no image lies in more files.
MAX_HEADER = 1 << 26
MAX_VOXEL_FILES = 1 << 16


def data_folder() -> Path:
    """Where this system keeps what belongs to a user and stays, such as adapters."""
    home = Path.home()
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "SAMAdapt"


@dataclass(frozen=True)
class Output:
    """A place that a command is about to write to.

    Attributes:
        path: a file, or a folder that files are written into.
        inputs: what the result is made from; None stands for an option that was not given.
        folder: whether it is a folder.
        ours: whether what is there already is SAMAdapt's own kind, which may be replaced or added to. Without it
            whatever is in the folder stays as it is.
        overwrite: the user allows that something of another kind is there.
        bytes: how many are needed at least.
    """

    path: str | os.PathLike[str]
    inputs: Iterable[str | os.PathLike[str] | None] = ()
    folder: bool = False
    ours: Callable[[Path], bool] | None = None
    overwrite: bool = False
    bytes: int = LEAST_FREE_BYTES

    def check(self) -> None:
        """Find out whether the result can be written there, without leaving anything behind.

        A folder above it that is missing is told in a note, since a typing error looks the same.

        Raises:
            InputError: it is, holds or lies in one of the inputs; something of another kind is there; the folder cannot
                be written to; the disk is full.
        """
        path = Path(self.path)
        keep_apart(path, self.inputs)
        self._check_present(path)
        parent = path if self.folder and path.is_dir() else path.parent
        there = next(folder for folder in (parent, *Path(os.path.abspath(parent)).parents) if _exists(folder))
        if not there.is_dir():
            raise InputError("A file is where the folder of the output should be", there, "Choose another folder")
        _try(there, path.name)
        if shutil.disk_usage(there).free < max(self.bytes, LEAST_FREE_BYTES):
            raise InputError(
                f"The disk is too full for the output ({max(self.bytes, LEAST_FREE_BYTES) / 1e6:.0f} MB are needed)",
                path,
                "Make room, or write to another disk",
            )
        if not _exists(parent):
            note("The folder of the output is not there and will be made", parent)

    def _check_present(self, path: Path) -> None:
        if not os.path.lexists(path):
            return
        if self.folder and not path.is_dir():
            raise InputError("A file is where the output folder should be", path, "Choose another folder")
        if self.folder:
            foreign = self.ours is not None and any(path.iterdir()) and not self.ours(path)
            if foreign and not self.overwrite and any(not one.name.startswith(".") for one in path.iterdir()):
                raise InputError(
                    "The folder holds something else already", path, "Choose a new one, or write into it by --overwrite"
                )
            return
        if path.is_dir():
            raise InputError("The output is a folder", path, "Give the name of a file in it")
        if not path.is_file() and not path.is_symlink():
            raise InputError("The output is a device, not a file", path, "Choose another name")
        if not os.access(path, os.W_OK) and path.exists():
            raise InputError("The file there is write-protected", path, "Choose another name")
        if self.ours is not None and not self.overwrite and not self.ours(path):
            raise InputError(
                "A file is there already that SAMAdapt has not written, or that was changed since",
                path,
                "Choose another name, or replace it by --overwrite",
            )


def keep_apart(output: str | os.PathLike[str], inputs: Iterable[str | os.PathLike[str] | None]) -> None:
    """Refuse an output that is, holds or lies in one of the inputs, however either is spelled.

    Files are compared by what the file system says of them, so that symbolic links, hard links and file systems that
    do not tell capitals from small letters are seen through. The voxel files of a detached header count as inputs, and
    so do files that links in an input folder lead to.

    Raises:
        InputError: it does.
    """
    output = Path(output)
    for given in inputs:
        if given is None:
            continue
        source = Path(given)
        if any(_same(output, part) for part in (source, *_parts(source))):
            how = "The output is one of the inputs and would replace it"
        elif os.path.isdir(source) and any(_same(source, folder) for folder in _above(output)):
            how = f"The output lies inside an input, {source}"
        elif os.path.isdir(output) and any(_same(output, folder) for folder in _above(source)):
            how = f"The output folder holds an input, {source}"
        else:
            continue
        raise InputError(how, output, "Write somewhere else")


def holds(name: str, *keys: str) -> Callable[[Path], bool]:
    """Whether a folder has a JSON file of this name with these keys, by which SAMAdapt knows its own folders."""

    def ours(folder: Path) -> bool:
        try:
            values = read_json(folder / name, "manifest")
        except InputError:
            return False
        return isinstance(values, dict) and all(key in values for key in keys)

    return ours


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise InputError(f"This cannot be a path ({error.strerror})", path, "Choose a shorter name") from error


def _above(path: Path) -> Iterator[Path]:
    """The folders around a path as it is written, and around what it leads to."""
    written = Path(os.path.abspath(path))
    real = Path(os.path.realpath(path))
    yield from written.parents
    if real != written:
        yield from real.parents


def _parts(source: Path) -> list[Path]:
    """The files that belong to an input beside itself."""
    try:
        if source.is_dir():
            return [Path(entry.path) for entry in os.scandir(source) if entry.is_symlink()]
        return [source.parent / name for name in voxel_files(source, header_lines(source)[0])]
    except (OSError, ValueError):
        return []


def header_lines(path: Path) -> tuple[list[str], int]:
    """The lines of the header of an NRRD or MetaImage file, and the byte behind it; nothing of any other file.

    Lists of files that a header ends with are part of it.

    Raises:
        OSError: it cannot be read.
    """
    lines: list[str] = []
    with open(path, "rb") as handle:
        nrrd = handle.read(4) == b"NRRD"
        if not nrrd and path.suffix.lower() not in (".mha", ".mhd"):
            return [], 0
        handle.seek(0)
        while handle.tell() < MAX_HEADER and (raw := handle.readline(MAX_HEADER)):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if nrrd and not line:
                break
            lines.append(line)
            named = None if nrrd else _META_FILE.fullmatch(line)
            if named is not None and not named[1].startswith("LIST"):
                break
        return lines, handle.tell()


def voxel_files(header: Path, lines: Sequence[str]) -> list[str]:
    """The files that hold the voxels, as a header names them: from the folder that it lies in, or from the root.

    Args:
        header: an NRRD or MetaImage file.
        lines: of its header, see :func:`header_lines`.

    Returns:
        names; none where the voxels follow in the file itself.
    """
    meta = header.suffix.lower() in (".mha", ".mhd")
    named = _META_FILE if meta else _NRRD_FILE
    for number, line in enumerate(lines):
        match = named.fullmatch(line)
        if match is None:
            continue
        words = match[1].split()
        if meta and match[1].upper() == "LOCAL":
            return []
        if words[:1] == ["LIST"]:
            return [text.strip() for text in lines[number + 1 :] if text.strip()]
        numbered = _NUMBERED.fullmatch(words[0]) if len(words) > 2 else None
        return [match[1]] if numbered is None else _numbered(numbered, words[1:])
    return []


def _numbered(pattern: re.Match[str], words: Sequence[str]) -> list[str]:
    """The files of a pattern such as a%03d.raw, from one number up to another in steps."""
    first, last, step = (int(word) for word in [*words, "1"][:3])
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_VOXEL_FILES:
        raise ValueError(f"{len(numbers)} files")
    return [f"{pattern[1]}{number:{pattern[2]}d}{pattern[3]}" for number in numbers]


def _try(folder: Path, name: str) -> None:
    """Raises InputError where a file of this name cannot be made in the folder; asks by trying, as rights are not all
    that can forbid it."""
    try:
        # As atomic writes do it.
        tempfile.NamedTemporaryFile(prefix=PART, suffix="-" + name, dir=folder).close()
    except OSError as error:
        raise unwritable(
            folder / name, error, "The output cannot be written there", "Choose another folder or name"
        ) from error


def require_still(file: str | os.PathLike[str], what: str) -> None:
    """Check that a folder is still there by a file that it always holds. One on a share that has gone away would
    otherwise be begun anew in its place, where it was mounted.

    Raises:
        InputError: it is gone; ``what`` it is.
    """
    if not os.path.isfile(file):
        raise InputError(f"{what} is gone", Path(file).parent, STILL_THERE)


def folder_within(outer: Path, folder: Path) -> Path:
    """Create ``folder``, which lies in ``outer``, and return it. Where the outer one is not there, as its disk has gone
    away, no other one is begun in its place.

    Raises:
        InputError: there is no outer one, or the folder cannot be made.
    """
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if outer in one.parents]):
            # Without its parents.
            missing.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error, "Cannot create the folder") from error
    return folder


def require_same_version(version: object, folder: str | os.PathLike[str]) -> None:
    """Check that results in a folder, which tell the version that made them, are of this one: what is added to them has
    to be made alike.

    Raises:
        InputError: they are not.
    """
    if version != __version__:
        what = f"The results there are of SAMAdapt {version}, and this is {__version__}"
        raise InputError(what, folder, "Choose another folder, or go on with that version")
