"""Slices that a library has already, and what it calls the structures on them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.exemplars.slices import read_slice
from SAMAdaptLib.files import file_stamp
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume

# Kept while a process runs, so that adding one slice after the other does not read the library each time.
STAMPS = 10_000


class Known:
    """Finds the exemplars with the pixels of a slice. Of each exemplar the picture is read once a process.

    Args:
        library: whose exemplars they are.
        volume: the scan.
        axis: "axial", "coronal" or "sagittal".
    """

    def __init__(self, library: Library, volume: Volume, axis: str) -> None:
        stack = PlaneStack(volume.geometry, axis)
        self._library = library
        self._ids: dict[int, list[str]] = {}
        for info in library.infos():
            if info.axis == axis and info.shape == stack.shape:
                path = library.path(info.id, "image")
                self._ids.setdefault(_stamp_of(path, file_stamp(path)), []).append(info.id)

    def like(self, pixels: np.ndarray) -> list[Exemplar]:
        """Those with these pixels [H, W].

        Raises:
            InputError: one of them is damaged.
        """
        found = [self._library.load(one) for one in self._ids.get(_stamp(pixels), ())]
        return [one for one in found if np.array_equal(one.pixels, pixels)]


def tiles_elsewhere(
    library: Library, volume: Volume, axis: str, index: int, places: Collection[tuple[int, int]], replace: bool
) -> list[ExemplarInfo]:
    """The tiles of a slice that a library holds from other places of it. As outlines say where tiles are cut, these are
    of other outlines; that they stay is told in a note.

    Args:
        library: which holds them.
        volume: the whole scan.
        axis: "axial", "coronal" or "sagittal".
        index: of the slice along the axis.
        places: (top, left) of the tiles that are going to be added.
        replace: whether these take their place.
    """
    plane = PlaneStack(volume.geometry, axis).view(volume.array)[index]
    found = []
    for info in library.infos():
        if info.axis == axis and info.place is not None and info.place not in places:
            (top, left), (height, width) = info.place, info.shape
            seen, path = plane[top : top + height, left : left + width], library.path(info.id, "image")
            if seen.shape[:2] == info.shape and _stamp(seen) == _stamp_of(path, file_stamp(path)):
                found.append(info)
    if found and not replace:
        note(
            f"The library holds tiles of the {axis} slice {index} with other outlines: "
            f"{', '.join(info.id for info in found)}; all count",
            library.folder,
            "Remove them if the new ones are better; --replace puts the new ones in their place at once",
        )
    return found


def _stamp(pixels: np.ndarray) -> int:
    """The same for the same values, whatever their type."""
    # Adding 0 makes -0 and 0 one.
    return zlib.crc32((np.ascontiguousarray(pixels, dtype=np.float64) + 0.0).tobytes())


@lru_cache(STAMPS)
def _stamp_of(path: Path, _state: tuple[int, ...] | None) -> int:
    return _stamp(read_slice(path))


def check_names(
    library: Library,
    there: Sequence[Exemplar],
    name: str,
    plane: np.ndarray,
    names: Sequence[str],
    kept: Collection[str],
) -> None:
    """Check that what is outlined on a slice has no other name in the library: one anatomy would be two classes.

    That the slice is there with other outlines is told in a note, and so is a name that only its spelling sets apart
    from one in the library.

    Args:
        library: to which the slice is going to be added.
        there: its exemplars with the pixels of the slice that will stay beside it, or give up their place.
        name: of the slice.
        plane: [H, W], numbers of the structures outlined on it, 0 for none.
        names: of the structures, in the order of the numbers.
        kept: ids of all exemplars that will stay.

    Raises:
        InputError: an outline that the library has on the same slice, under another name that stays.
    """
    _tell_of_spelling(library, names)
    staying = {old for info in library.infos() if info.id in kept for old in info.classes}
    for one in there:
        _check_against(library, one, name, plane, names, staying)
        if one.info.id in kept and one.info.classes and not _same(library, one, plane, names):
            note(
                f"The library holds {name} already with other outlines, as {one.info.id}; both count",
                library.folder,
                f"Remove {one.info.id} if the new ones are better; --replace puts them in its place at once",
            )


def _check_against(
    library: Library, one: Exemplar, name: str, plane: np.ndarray, names: Sequence[str], staying: set[str]
) -> None:
    """Raises InputError where an outline of an exemplar is there under another name, and the old name stays."""
    for old in (name for name in one.info.classes if name in staying):
        outline = one.labels == library.classes.index(old) + 1
        new = [other for number, other in enumerate(names, start=1) if np.array_equal(plane == number, outline)]
        if new and old not in new:
            raise _renamed(library, name, one.info.id, old, new[0])
    # Joined there and apart here, or the other way round.
    apart = one.info.classes and not set(one.info.classes) & set(names)
    if apart and staying.intersection(one.info.classes) and np.array_equal(plane > 0, one.labels > 0):
        raise _renamed(library, name, one.info.id, " and ".join(one.info.classes), " and ".join(names))


def _same(library: Library, one: Exemplar, plane: np.ndarray, names: Sequence[str]) -> bool:
    classes = library.classes
    values = [0, *(classes.index(name) + 1 if name in classes else -1 for name in names)]
    return np.array_equal(np.array(values)[plane], one.labels)


def _renamed(library: Library, name: str, exemplar: str, old: str, new: str) -> InputError:
    return InputError(
        f"The library holds {name} already, as {exemplar}, and calls {old} what is now called {new}",
        library.folder,
        f"Name it {old} too, by --names FILE or --merge, or remove {exemplar} first",
    )


def _tell_of_spelling(library: Library, names: Sequence[str]) -> None:
    known = {_spelled(old): old for old in library.counts()}
    for name in names:
        old = known.get(_spelled(name), name)
        if old != name and name not in known.values():
            note(
                f"The library has a class {old}, from which only its spelling sets {name} apart; they are two classes",
                library.folder,
                f"If they are one anatomy, call it {old} too",
            )


def _spelled(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
