"""Labelled slices on their way into an exemplar library; read without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from SAMAdaptLib.defaults import AXIS, BACKGROUNDS, STRATEGY, SUGGESTIONS
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.known import Known, check_names
from SAMAdaptLib.exemplars.library import DuplicateExemplar, Library
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.exemplars.mapping import library_intensity
from SAMAdaptLib.exemplars.select import background_indices, suggest
from SAMAdaptLib.exemplars.slices import check_slice
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume

# Fewer labelled slices in a row than this may be single ones that somebody happened to outline.
COMPLETE = 5


@dataclass(frozen=True)
class Chosen:
    """A slice that is to be added.

    Attributes:
        index: along the axis.
        background: holds no label.
        named: by the user; that the library has it already is an error then, and passed over where a strategy chose it.
    """

    index: int
    background: bool = False
    named: bool = True


@dataclass(frozen=True)
class Added:
    """What became of a chosen slice.

    Attributes:
        chosen: the slice.
        intensity: mapping under which it was to be taken.
        info: of the exemplar.
        skipped: why it was passed over, else "": the library has the exemplar already.
        replaced: exemplars that it took the place of.
    """

    chosen: Chosen
    intensity: Intensity
    info: ExemplarInfo
    skipped: str = ""
    replaced: tuple[ExemplarInfo, ...] = ()


def suggested(
    volume: Volume,
    labels: Labels,
    *,
    count: int = SUGGESTIONS,
    strategy: str = STRATEGY,
    axis: str = AXIS,
    backgrounds: int | None = None,
    seed: int = 0,
) -> list[Chosen]:
    """Slices that a strategy chooses as exemplars, and backgrounds to go with them.

    Args:
        volume: the scan.
        labels: its segmentation on the same grid.
        count: labelled slices.
        strategy: see :func:`SAMAdaptLib.exemplars.select.suggest`.
        axis: "axial", "coronal" or "sagittal".
        backgrounds: slices without any label, see :func:`empty_slices`.
        seed: of random choices.

    Raises:
        InputError: no slice holds a label, an unknown axis or strategy, a count below 1, or grids that differ.
    """
    chosen = suggest(volume, labels, axis, count, strategy, seed)
    if not chosen:
        raise InputError("No slice holds a label", volume.name or None, "Check that the labels belong to the image")
    plan = [Chosen(index, named=False) for index in chosen]
    return plan + empty_slices(volume, labels, backgrounds, axis=axis, seed=seed)


def empty_slices(
    volume: Volume, labels: Labels, count: int | None = None, *, axis: str = AXIS, seed: int = 0
) -> list[Chosen]:
    """Backgrounds, see :func:`SAMAdaptLib.exemplars.select.background_indices`.

    Args:
        volume: the scan.
        labels: its segmentation on the same grid.
        count: how many; by default 2 where labels run without a gap, else none, since unlabelled slices may still hold
            the object.
        axis: "axial", "coronal" or "sagittal".
        seed: of random choices.
    """
    if count is None:
        count = BACKGROUNDS if _complete(labels, axis) else 0
    if not count:
        return []
    return [Chosen(index, True, False) for index in background_indices(volume, labels, axis, count, seed)]


def add_exemplars(
    library: Library | str | Path,
    volume: Volume,
    labels: Labels | None,
    chosen: Sequence[Chosen],
    *,
    axis: str = AXIS,
    intensity: Intensity | str | None = None,
    subject: str | None = None,
    present: Sequence[str] = (),
    neighbours: int = 0,
    replace: bool = False,
    told: Callable[[Added], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Added]:
    """Copy slices of a scan into a library; all are checked before the first is added.

    Args:
        library: an open one, or its folder, where one is made if there is none.
        volume: the scan.
        labels: its segmentation on the same grid; None for slices that nobody has outlined.
        chosen: the slices.
        axis: "axial", "coronal" or "sagittal".
        intensity: mapping to grey levels; by default that of the library's scans of its kind (CT or not), else the one
            that suits the values.
        subject: any text that is the same for all scans of one patient; only a salted hash of it is kept.
        present: classes that are on the slices although nobody has outlined them.
        neighbours: slices on each side to keep with each, for methods that see several slices.
        replace: a slice whose pixels the library has already, with other outlines or neighbours, takes the place of
            what is there, and its patient where no ``subject`` is given; the same once more is no error. What a
            strategy chose as a background replaces nothing.
        told: hears of each slice as soon as it is done.
        cancelled: asked before every slice.

    Raises:
        InputError: what :meth:`SAMAdaptLib.exemplars.library.Library.add` raises for a slice; an outline that the
            library has under another name; a library with several mappings for scans of this kind.
        Cancelled: ``cancelled`` said so; what was added stays.
    """
    if not chosen:
        raise InputError("No slice is chosen", None, "Name the slices, or let a strategy choose")
    folder = library.folder if isinstance(library, Library) else Path(library)
    mapping = library_intensity(folder, volume, None if intensity is None else str(intensity))
    bounds = mapping.bounds(volume.array, volume.name or None)
    stack = PlaneStack(volume.geometry, axis)
    # One that is named twice is meant once.
    chosen = list({one.index: one for one in chosen}.values())
    outlined = {one.index: check_slice(stack, labels, one.index, one.background, present) for one in chosen}
    library = library if isinstance(library, Library) else Library.open_or_create(folder)
    older = _older(library, volume, labels, outlined, chosen, axis, replace)
    added = []
    for one in chosen:
        if cancelled is not None and cancelled():
            raise Cancelled()
        replaced, skipped = _left(library, older.get(one.index, [])) if replace else [], ""
        try:
            info = library.add(
                volume,
                labels,
                axis,
                one.index,
                mapping,
                bounds=bounds,
                subject=subject or None,
                background=one.background,
                present=present,
                neighbours=neighbours,
                replaced=[each.id for each in replaced],
            )
        except DuplicateExemplar as error:
            if one.named and not replace:
                raise
            info, skipped = error.info, error.what
            replaced = _rest_removed(library, info, replaced)
        added.append(Added(one, mapping, info, skipped, tuple(replaced)))
        if told is not None:
            told(added[-1])
    return added


def add_exemplar(
    library: Library | str | Path,
    volume: Volume,
    labels: Labels | None,
    index: int,
    *,
    axis: str = AXIS,
    background: bool = False,
    intensity: Intensity | str | None = None,
    subject: str | None = None,
    present: Sequence[str] = (),
    neighbours: int = 0,
    replace: bool = False,
) -> ExemplarInfo:
    """Copy one slice of a scan into a library. The arguments and errors are as for :func:`add_exemplars`.

    Args:
        index: of the slice, the volume's own voxel index along the axis.
        background: take a slice without any label.
    """
    chosen = [Chosen(index, background)]
    (added,) = add_exemplars(
        library,
        volume,
        labels,
        chosen,
        axis=axis,
        intensity=intensity,
        subject=subject,
        present=present,
        neighbours=neighbours,
        replace=replace,
    )
    return added.info


def _older(
    library: Library,
    volume: Volume,
    labels: Labels | None,
    outlined: Mapping[int, tuple[np.ndarray, Sequence[str]]],
    chosen: Sequence[Chosen],
    axis: str,
    replace: bool,
) -> dict[int, list[ExemplarInfo]]:
    """The exemplars with the pixels of each slice, by its index. The names of all slices are checked: what is refused
    leaves the library as it was."""
    known = Known(library, volume, axis)
    there = {one.index: known.like(one.index) for one in chosen if one.named or not one.background}
    going = {one.info.id for found in there.values() for one in found} if replace else set()
    kept = {info.id for info in library.infos()} - going
    for index, found in there.items():
        plane, names = outlined[index]
        bare = next((one.info for one in found if one.info.classes), None)
        if replace and labels is None and bare is not None:
            raise InputError(
                f"Slice {index} is outlined in the library, as {bare.id}, and would be left with names alone",
                library.folder,
                f"Give its labels, or leave out --replace; `samadapt exemplars remove` takes {bare.id} out",
            )
        if names:
            check_names(library, found, f"the {axis} slice {index}", plane, names, kept)
    return {index: [one.info for one in found] for index, found in there.items()}


def _left(library: Library, infos: Sequence[ExemplarInfo]) -> list[ExemplarInfo]:
    """Those that no slice with the same pixels has taken the place of since."""
    there = {info.id for info in library.infos()}
    return [info for info in infos if info.id in there]


def _rest_removed(library: Library, kept: ExemplarInfo, infos: Sequence[ExemplarInfo]) -> list[ExemplarInfo]:
    """Remove all but one; returns those removed."""
    rest = [info for info in infos if info.id != kept.id]
    for info in rest:
        library.remove(info.id)
    return rest


def _complete(labels: Labels, axis: str) -> bool:
    """Whether labelled slices follow one another without a gap, so that what is beside them holds none."""
    stack = PlaneStack(labels.geometry, axis)
    labelled = np.zeros(stack.count, bool)
    for name in labels.names:
        labelled |= stack.view(labels.mask(name)).any(axis=(1, 2))
    found = np.flatnonzero(labelled)
    return len(found) >= COMPLETE and int(np.ptp(found)) + 1 == len(found)
