"""A folder of adapters, each under a name. Loads no torch."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from SAMAdaptLib.adapters.card import CARD
from SAMAdaptLib.adapters.info import INFO, WEIGHTS, AdapterInfo, check_weights, find_adapter, read_adapter_info
from SAMAdaptLib.adapters.parcel import default_name, pack, unpack
from SAMAdaptLib.adapters.signature import SIGNATURE, Signed, check_signature, licensed, require_trusted, sign
from SAMAdaptLib.errors import STILL_THERE, InputError
from SAMAdaptLib.files import (
    file_stamp,
    make_common,
    part_folder,
    patiently,
    sha256_file,
    sweep,
    unwritable,
)
from SAMAdaptLib.locks import changing
from SAMAdaptLib.names import check_name, file_key, safe_name
from SAMAdaptLib.paths import data_folder

# Of an adapter; the latter two where it is signed.
FILES = (WEIGHTS, INFO, CARD, SIGNATURE)
# Names another folder for the shelf of whoever names none.
PLACE = "SAMADAPT_SHELF"


def default_shelf() -> Path:
    """The shelf of this user where none is named: one for the application and the command line."""
    given = os.environ.get(PLACE)
    return Path(given) if given else data_folder() / "adapters"


def adapter_named(text: str) -> str:
    """The folder that a path or the name of an adapter on the shelf means; a path that is there comes first.

    Raises:
        InputError: neither is there.
    """
    # Unlike pathlib, it takes a name that no system has for one that is not there.
    if os.path.exists(text):
        return text
    shelf = Shelf(default_shelf())
    names = {file_key(entry.name): entry for entry in shelf.list()}
    if file_key(text) in names:
        return str(names[file_key(text)].path)
    there = f"On it are {', '.join(entry.name for entry in names.values())}" if names else "It is empty"
    raise InputError(
        "No such adapter, neither as a folder nor on the shelf", text, f"The shelf is {shelf.folder}. {there}"
    )


@dataclass(frozen=True)
class ShelfEntry:
    """One adapter on a shelf.

    Attributes:
        name: of its folder.
        path: its folder.
        info: its description; None where it cannot be used.
        error: why it cannot be used, else "".
        signed: who vouches for it; of an adapter that cannot be used, nobody.
    """

    name: str
    path: Path
    info: AdapterInfo | None
    error: str = ""
    signed: Signed = Signed()


class Shelf:
    """Adapters in the subfolders of one folder, each under the name of its subfolder.

    A change is a rename of a whole folder at its end: a process killed at any moment leaves the adapter as it was
    before, or as it is after. Names that differ in case only count as the same, since on some disks they are.

    Args:
        folder: where they lie; made at the first change, and not a second time where it goes away with its disk.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._there = self.folder.is_dir()

    def list(self) -> list[ShelfEntry]:
        """All adapters by name, the damaged ones with what is wrong; other folders are left out."""
        try:
            found = [p for p in self.folder.iterdir() if not p.name.startswith(".") and _is_adapter(p)]
        except OSError:
            return []
        return [_entry(path) for path in sorted(found, key=lambda p: (p.name.casefold(), p.name))]

    def place(self, name: str) -> Path:
        """The folder that an adapter of this name has or would have; raises InputError where it cannot be a file's."""
        return self.folder / check_name(name)

    def check_new(self, name: str) -> None:
        """Check that an adapter could be added under a name, before the work for it begins.

        Raises:
            InputError: a name that is taken or cannot be a file's.
        """
        self._free(name)

    def add(self, source: str | os.PathLike[str], name: str) -> Path:
        """Copy an adapter onto the shelf.

        Args:
            source: adapter or run folder.
            name: new on the shelf.

        Returns:
            its folder on the shelf.

        Raises:
            InputError: no usable adapter there, or one whose signature does not hold; a name that is taken or cannot be
                a file's; a folder that cannot be written to.
        """
        source = find_adapter(source)
        info = read_adapter_info(source)
        check_weights(source, info)
        check_signature(source, info)
        there = FILES if (source / SIGNATURE).is_file() else (WEIGHTS, INFO)

        def copy(folder: Path) -> None:
            for file in there:
                shutil.copyfile(source / file, folder / file)

        return self._put(copy, lambda: self._free(name))

    def rename(self, name: str, new: str) -> Path:
        """Give an adapter another name; returns its new folder.

        Raises:
            InputError: no such adapter; a name that is taken or cannot be a file's; a folder that cannot be changed.
        """
        path = self._path(name)
        self._free(new, but=name)
        with _reported(path), changing(self.folder):
            target = self._free(new, but=name)
            patiently(os.rename, path, target)
        return target

    def delete(self, name: str) -> None:
        """Delete an adapter.

        Raises:
            InputError: no such adapter; its folder holds other files too; a folder that cannot be changed.
        """
        path = self._path(name)
        with _reported(path):
            others = sorted(p.name for p in path.iterdir() if p.name not in FILES)
            if others:
                raise InputError(f"The adapter's folder holds other files too ({others[0]})", path, "Delete it by hand")
            # Hidden first: a half-deleted adapter would be listed as a damaged one.
            doomed = part_folder(self.folder)
            try:
                patiently(os.rename, path, doomed / "adapter")
            finally:
                shutil.rmtree(doomed, ignore_errors=True)

    def sign(self, name: str, key_file: str | os.PathLike[str], licence: str = "") -> str:
        """Sign an adapter with a private key, see :func:`SAMAdaptLib.adapters.signature.sign`; returns the fingerprint.

        Raises:
            InputError: no such adapter; what that function raises.
        """
        path = self._path(name)
        with _reported(path), changing(self.folder):
            return sign(path, name, key_file, licence)

    def license(self, name: str, licence: str) -> None:
        """Say under which licence an adapter is handed on, see :func:`SAMAdaptLib.adapters.signature.licensed`.

        Raises:
            InputError: no such adapter; what that function raises.
        """
        path = self._path(name)
        with _reported(path), changing(self.folder):
            licensed(path, licence)

    def export(self, name: str, file: str | os.PathLike[str]) -> Path:
        """Write an adapter and its model card into one zip file, replaced atomically; returns its path.

        Raises:
            InputError: no such adapter, a damaged one, one whose signature does not hold, or a file that cannot be
                written.
        """
        return pack(self._path(name), name, file)

    def import_(
        self,
        file: str | os.PathLike[str],
        name: str | None = None,
        trust: str | os.PathLike[str] | None = None,
        signed: bool = False,
    ) -> str:
        """Take in a file that :meth:`export` wrote; returns the adapter's name on the shelf.

        Args:
            file: the zip file.
            name: new on the shelf; by default the file's own, with a number after it where that is taken.
            trust: public keys that are trusted, see :func:`SAMAdaptLib.adapters.signature.check_signature`.
            signed: refuse what has been signed by none of these.

        Raises:
            InputError: no such file, or one that holds anything else than an adapter, a damaged adapter, one whose
                signature does not hold, or one that needs a newer version; a name that is taken or cannot be a file's;
                a folder that cannot be written to.
        """
        def fill(folder: Path) -> None:
            found = unpack(file, folder, trust)
            if signed:
                require_trusted(found, file)

        def target() -> Path:
            return self._unused(default_name(file)) if name is None else self._free(name)

        return self._put(fill, target).name

    def signed(self, name: str, trust: str | os.PathLike[str] | None = None) -> Signed:
        """Who vouches for an adapter.

        Args:
            name: of the adapter.
            trust: public keys that are trusted, see :func:`SAMAdaptLib.adapters.signature.check_signature`.

        Raises:
            InputError: no such adapter, a damaged one, or one whose signature does not hold.
        """
        path = self._path(name)
        info = read_adapter_info(path)
        check_weights(path, info)
        return check_signature(path, info, trust)

    def _path(self, name: str) -> Path:
        path = self.folder / check_name(name)
        if not _is_adapter(path):
            raise InputError("No such adapter on the shelf", name, "List the shelf to see what it holds")
        return path

    def _taken(self) -> Sequence[str]:
        try:
            return [p.name for p in self.folder.iterdir()]
        except OSError:
            return []

    def _free(self, name: str, but: str = "") -> Path:
        check_name(name)
        if name == but or file_key(name) in {*map(file_key, self._taken())} - {file_key(but)}:
            raise InputError("This name is taken", name, "Choose another name")
        return self.folder / name

    def _unused(self, name: str) -> Path:
        return self.folder / safe_name(name, self._taken())

    def _put(self, fill: Callable[[Path], object], target: Callable[[], Path]) -> Path:
        """Fill a temporary folder, and give it the name that is free once nobody else changes the shelf."""
        if self._there and not self.folder.is_dir():
            raise InputError("The shelf is gone", self.folder, STILL_THERE)
        with _reported(target()):
            folder = part_folder(self.folder)
            self._there = True
            try:
                fill(folder)
                # Until now it is private; a shelf may be shared.
                make_common(folder, 0o777)
                with changing(self.folder):
                    place = target()
                    patiently(os.rename, folder, place)
                    sweep(self.folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        return place


@contextlib.contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, "Cannot change the shelf") from error


def _is_adapter(path: Path) -> bool:
    return any((path / part).is_file() for part in (INFO, WEIGHTS))


def _entry(path: Path) -> ShelfEntry:
    try:
        if not (path / INFO).is_file():
            raise InputError("The adapter description is missing", path, "Copy the folder again as a whole")
        info = read_adapter_info(path)
        weights = path / WEIGHTS
        if not weights.is_file() or _hash(weights, file_stamp(weights)) != info.weights_sha256:
            check_weights(path, info)
        signed = check_signature(path, info)
    except (InputError, OSError) as error:
        return ShelfEntry(path.name, path, None, str(error))
    return ShelfEntry(path.name, path, info, "", signed)


# A list is shown often, and hashing is the long part of it.
@lru_cache(maxsize=1024)
def _hash(path: Path, stamp: tuple[int, ...] | None) -> str:
    return sha256_file(path)
