"""Slices that a library has already, and what it calls the structures on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.slices import label_plane, storable
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume


def check_names(library: Library, volume: Volume, labels: Labels | None, axis: str, index: int) -> None:
    """Check that what is outlined on a slice has no other name in the library: one anatomy would be two classes.

    That the slice is there with other outlines is told in a note, and so is a name that only its spelling sets apart
    from one in the library.

    Args:
        library: to which the slice is going to be added.
        volume: the scan.
        labels: on its grid; None for a slice without outlines, which has no name to check.
        axis: "axial", "coronal" or "sagittal".
        index: of the slice; one outside the volume is left to :meth:`Library.add`.

    Raises:
        InputError: an outline that the library has on the same slice, under another name.
    """
    stack = PlaneStack(volume.geometry, axis)
    if labels is None or not 0 <= index < stack.count:
        return
    pixels = storable(stack.view(volume.array)[index])
    plane, names = label_plane(labels, stack, index)
    classes = library.classes
    _tell_of_spelling(library, names)
    for info in library.infos():
        if not info.classes or info.axis != axis or info.shape != pixels.shape:
            continue
        there = library.load(info.id)
        if not np.array_equal(there.pixels, pixels):
            continue
        for old in info.classes:
            outline = there.labels == classes.index(old) + 1
            new = [name for number, name in enumerate(names, start=1) if np.array_equal(plane == number, outline)]
            if new and old not in new:
                raise _renamed(library, axis, index, info.id, old, new[0])
        # Joined there and apart here, or the other way round.
        if not set(info.classes) & set(names) and np.array_equal(plane > 0, there.labels > 0):
            raise _renamed(library, axis, index, info.id, " and ".join(info.classes), " and ".join(names))
        values = [0, *(classes.index(name) + 1 if name in classes else -1 for name in names)]
        if not np.array_equal(np.array(values)[plane], there.labels):
            note(
                f"The library holds the {axis} slice {index} already with other outlines, as {info.id}; both count",
                library.folder,
                f"Remove {info.id} if the new ones are better",
            )


def _renamed(library: Library, axis: str, index: int, exemplar: str, old: str, new: str) -> InputError:
    return InputError(
        f"The library holds the {axis} slice {index} already, as {exemplar}, and calls {old} what is now called {new}",
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
