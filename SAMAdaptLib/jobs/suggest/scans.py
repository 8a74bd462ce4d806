"""The slices that may be suggested: those that show something and are in no library yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.errors import InputError, listed, note
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.slices import storable
from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.volume.intensity import is_constant
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume

# So many slices are looked at where nobody says how many; encoding one takes the better part of a second on two cores.
LOOKED_AT = 120


@dataclass(frozen=True)
class Scan:
    """A scan of which slices may be suggested.

    Attributes:
        image: its name.
        read: gives it, and a segmentation of it on the same grid or None; called more than once, so that not all scans
            are in memory.
    """

    image: str
    read: Callable[[], tuple[Volume, Labels | None]]


@dataclass(frozen=True)
class Slice:
    """One that may be suggested.

    Attributes:
        place: of its scan among the scans.
        index: the volume's own voxel index along the axis.
        position_mm: its middle, RAS.
    """

    place: int
    index: int
    position_mm: tuple[float, float, float]


def free_slices(
    scans: Sequence[Scan],
    axis: str,
    exemplars: Collection[Exemplar],
    stride: int | None = None,
    among: Sequence[Collection[int]] | None = None,
    tile: int = 0,
) -> tuple[list[Slice], int]:
    """Slices that may be suggested, in order, and the step from one to the next.

    Args:
        scans: at least one.
        axis: "axial", "coronal" or "sagittal".
        exemplars: what is labelled already.
        stride: look at every so manieth only; by default as few steps as leave no more than :data:`LOOKED_AT`.
        among: of each scan, slices that may be suggested; by default all.
        tile: in which an adapter was trained on larger slices, 0 for whole ones.

    Raises:
        InputError: no scan, one that cannot be read, or whose segmentation lies on another grid; an unknown axis; no
            slice that shows something and is no exemplar yet; slices of which tiles were learnt, and which are seen
            whole here.
    """
    tile = max([tile, *(one.info.tile for one in exemplars)])
    if not scans:
        raise InputError("There is no scan to choose slices of", None, "Give one or more")
    known = {_digest(one.info.axis, one.pixels) for one in exemplars}
    found: list[list[Slice]] = []
    empty: list[str] = []
    for place, scan in enumerate(scans):
        volume, labels = scan.read()
        if labels is not None and not labels.geometry.same_grid(volume.geometry):
            raise InputError("The labels lie on another grid than the image", scan.image, "Resample them to the image")
        stack = PlaneStack(volume.geometry, axis)
        if tile and max(stack.shape) > tile:
            what = f"The slices are larger than the tiles of {tile} pixels in which such were learnt"
            raise InputError(what, scan.image, "Choose the next ones yourself: suggestions look at whole slices")
        slices = stack.view(volume.array)
        shown = [index for index, pixels in enumerate(slices) if not is_constant(pixels)]
        if not shown:
            raise InputError("No slice shows anything", scan.image, "Give an image that is not constant")
        if among is not None:
            shown = [index for index in shown if index in among[place]]
        left = [i for i in shown if not known or _digest(axis, storable(slices[i])) not in known]
        found.append([Slice(place, index, _middle(stack, index)) for index in left])
        empty += [] if left else [scan.image]
    if len(empty) == len(scans):
        raise InputError(
            "Every slice that shows something is in the library already", listed(empty), "Give other scans"
        )
    if empty:
        note("Every slice is in the library already, so none is suggested", listed(empty))
    step = stride or -(-sum(map(len, found)) // LOOKED_AT)
    return [one for slices in found for one in slices[(min(step, len(slices)) - 1) // 2 :: step]], step


def _middle(stack: PlaneStack, index: int) -> tuple[float, float, float]:
    height, width = stack.shape
    right, front, up = stack.pixel_to_ras([[(width - 1) / 2, (height - 1) / 2, index]])[0]
    return float(right), float(front), float(up)


def _digest(axis: str, pixels: np.ndarray) -> str:
    return axis + sha256_array(pixels)


def axis_of(library: Library) -> str:
    """The slice axis of most exemplars; "" of an empty library."""
    axes = Counter(info.axis for info in library.infos())
    return axes.most_common(1)[0][0] if axes else ""


def check_classes(info: AdapterInfo, library: Library) -> None:
    """Check that a library is of an adapter's structures.

    Raises:
        InputError: it has none of them. That it lacks some is told in a note.
    """
    known = library.counts()
    missing = [name for name in info.classes if name not in known]
    if known and info.classes and len(missing) == len(info.classes):
        raise InputError(
            f"The library holds {listed(list(known))}, and the adapter was trained for {listed(missing)}",
            library.folder,
            "Give the library that it was trained on",
        )
    if known and missing:
        note(f"The library has no exemplar of {listed(missing)}, for which the adapter was trained", library.folder)


def library_of(adapter: str | Path) -> Path | None:
    """The library that a run was trained on, where the folder is one of a run and the library is still there."""
    from SAMAdaptLib.training.resume import is_run, recall

    if not is_run(Path(adapter)):
        return None
    try:
        return recall(adapter, {"library": None})["library"]
    except InputError as error:
        note(error.what, error.where, "Slices are compared with no exemplars; name it by --library")
        return None
