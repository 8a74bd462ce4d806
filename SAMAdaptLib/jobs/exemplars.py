"""Labelled slices on their way into an exemplar library; read without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_fields
from functools import cache as remembered
from functools import partial
from pathlib import Path

import numpy as np

from SAMAdaptLib.defaults import AXIS, BACKGROUNDS, STRATEGY, SUGGESTIONS
from SAMAdaptLib.errors import Cancelled, InputError, counted, note
from SAMAdaptLib.exemplars.deface import check_margin, shows_head
from SAMAdaptLib.exemplars.known import Known, check_names, tiles_elsewhere
from SAMAdaptLib.exemplars.library import DuplicateExemplar, Library
from SAMAdaptLib.exemplars.manifest import MANIFEST, ExemplarInfo
from SAMAdaptLib.exemplars.mapping import library_intensity
from SAMAdaptLib.exemplars.select import background_indices, suggest
from SAMAdaptLib.exemplars.slices import check_slice, label_plane, slice_pixels
from SAMAdaptLib.exemplars.tiles import cut, tell_of_small, tiles_showing
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import Part, PlaneStack
from SAMAdaptLib.volume.policy import check_tile
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
        part: what of the slice is added, see :func:`SAMAdaptLib.exemplars.tiles.tiles_showing`; None for all of it.
    """

    index: int
    background: bool = False
    named: bool = True
    part: Part | None = None


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

    A note tells where there are fewer than somebody wants.
    """
    wanted = count or 0
    if count is None:
        count = BACKGROUNDS if _complete(labels, axis) else 0
    if not count:
        return []
    found = background_indices(volume, labels, axis, count, seed)
    if len(found) < wanted:
        what = f"The scan has {counted(len(found), f'{axis} slice')} without labels for a background, not {wanted}"
        note(what, volume.name or None, "Take others from other scans")
    return [Chosen(index, True, False) for index in found]


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
    blanked_mm: float | None = None,
    tile: int | None = None,
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
        blanked_mm: blank what is farther from the outlines on each slice, as a face may be; what is near them stays,
            see :mod:`SAMAdaptLib.exemplars.deface`. None does as was done with the library's slices; where nothing was
            blanked, a note tells of scans that show a head. Backgrounds that a strategy chose are left out with it.
        tile: of larger slices take the tiles of this side in pixels that show what is outlined, each an exemplar, so
            that a training sees it at the size at which slices are seen in parts; of a background the one in the
            middle. 0 for whole slices; by default as the library's are.
        told: hears of each slice, or tile, as soon as it is done.
        cancelled: asked before every slice.

    Raises:
        InputError: what :meth:`SAMAdaptLib.exemplars.library.Library.add` raises for a slice; an outline that the
            library has under another name; a library with several mappings for scans of this kind; a tile that is not
            that of the library, or smaller than an object; tiles of slices that nobody has outlined.
        Cancelled: ``cancelled`` said so; what was added stays.
    """
    if not chosen:
        raise InputError("No slice is chosen", None, "Name the slices, or let a strategy choose")
    folder = library.folder if isinstance(library, Library) else Path(library)
    blanked_mm = library_margin(folder, blanked_mm)
    chosen = chosen if blanked_mm is None else [one for one in chosen if one.named or not one.background]
    mapping = library_intensity(folder, volume, None if intensity is None else str(intensity))
    bounds = mapping.bounds(volume.array, volume.name or None)
    tile = library_tile(folder, tile)
    chosen = _in_tiles(volume, labels, chosen, axis, tile, present)
    seen = remembered(lambda part: cut(volume, labels, axis, part))
    outlined = {one: _checked(*seen(one.part), one, axis, present, blanked_mm) for one in chosen}
    library = library if isinstance(library, Library) else Library.open_or_create(folder)
    older = _older(library, volume, seen, outlined, axis, replace, blanked_mm)
    if blanked_mm is None:
        _tell_of_faces(volume, labels)
    if not tile:
        tell_of_small(plane for plane, _ in outlined.values())
    add = partial(
        library.add, axis=axis, intensity=mapping, bounds=bounds, subject=subject or None, present=present,
        neighbours=neighbours, blanked_mm=blanked_mm, tile=tile,
    )  # fmt: skip
    added = []
    for one in chosen:
        if cancelled is not None and cancelled():
            raise Cancelled()
        replaced, skipped = _left(library, older.get(one, [])) if replace else [], ""
        try:
            place = None if one.part is None else one.part[:2]
            going = [each.id for each in replaced]
            info = add(*seen(one.part), index=one.index, background=one.background, replaced=going, place=place)
        except DuplicateExemplar as error:
            # Of a slice in tiles some may be as they were.
            if one.named and not replace and one.part is None:
                raise
            info, skipped = error.info, error.what
            replaced = _rest_removed(library, info, replaced)
        added.append(Added(one, mapping, info, skipped, tuple(replaced)))
        if told is not None:
            told(added[-1])
    if not replace and all(one.skipped and one.chosen.named for one in added):
        raise DuplicateExemplar(added[0].info)
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
    blanked_mm: float | None = None,
    tile: int | None = None,
) -> ExemplarInfo:
    """Copy one slice of a scan into a library. The arguments and errors are as for :func:`add_exemplars`.

    Returns:
        what it became; of several tiles the first.

    Args:
        index: of the slice, the volume's own voxel index along the axis.
        background: take a slice without any label.
    """
    chosen = [Chosen(index, background)]
    added, *_ = add_exemplars(
        library, volume, labels, chosen, axis=axis, intensity=intensity, subject=subject, present=present,
        neighbours=neighbours, replace=replace, blanked_mm=blanked_mm, tile=tile,
    )  # fmt: skip
    return added.info


def _in_tiles(
    volume: Volume, labels: Labels | None, chosen: Sequence[Chosen], axis: str, tile: int, present: Sequence[str]
) -> list[Chosen]:
    """Each slice once; of one that is larger than a tile, where these are wanted, those that show what is outlined.

    Raises:
        InputError: nobody has outlined what is on them; an object that is larger than a tile.
    """
    # One that is named twice is meant once.
    chosen = list({one.index: one for one in chosen}.values())
    stack = PlaneStack(volume.geometry, axis)
    if not tile or max(stack.shape) <= tile:
        return chosen
    if present:
        what = "Which tiles of a slice show what is only named is not known"
        raise InputError(what, ", ".join(present), "Outline it, or take whole slices (tile 0)")
    found = []
    for one in chosen:
        # A slice outside the volume is refused with the others.
        inside = 0 <= one.index < stack.count
        plane, names = label_plane(labels, stack, one.index) if inside else (np.zeros(stack.shape, int), [])
        parts = tiles_showing(plane, names, tile, f"the {axis} slice {one.index}")
        found += [with_fields(one, part=part) for part in parts]
    return found


def _checked(
    volume: Volume, labels: Labels | None, one: Chosen, axis: str, present: Sequence[str], blanked_mm: float | None
) -> tuple[np.ndarray, list[str]]:
    """See :func:`SAMAdaptLib.exemplars.slices.check_slice`."""
    stack = PlaneStack(volume.geometry, axis)
    return check_slice(stack, labels, one.index, one.background, present, blanked_mm)


def _older(
    library: Library,
    scan: Volume,
    seen: Callable[[Part | None], tuple[Volume, Labels | None]],
    outlined: Mapping[Chosen, tuple[np.ndarray, Sequence[str]]],
    axis: str,
    replace: bool,
    blanked_mm: float | None,
) -> dict[Chosen, list[ExemplarInfo]]:
    """The exemplars with the pixels of each slice, and where it is to be blanked, with its whole pixels too; with a
    slice's last tile those elsewhere on it. All names are checked: what is refused leaves the library as it was."""
    known = remembered(lambda part: Known(library, seen(part)[0], axis))
    there = {}
    for one, (plane, _) in outlined.items():
        if one.named or not one.background:
            volume, stack = seen(one.part)[0], PlaneStack(seen(one.part)[0].geometry, axis)
            found = known(one.part).like(slice_pixels(volume, stack, one.index, plane, 0, blanked_mm)[0])
            same = {each.info.id for each in found}
            # Where nothing is blanked, those were the whole pixels.
            every = known(one.part).like(stack.view(volume.array)[one.index]) if blanked_mm is not None else []
            whole = [each for each in every if each.info.id not in same]
            if whole and not replace:
                raise InputError(
                    f"The library holds the {axis} slice {one.index} already, as {whole[0].info.id}, and not blanked",
                    library.folder,
                    "Give --replace, which puts the blanked one in its place",
                )
            there[one] = found + whole
    tiles = {one: one.part[:2] for one in there if one.part}
    stale = {
        last: tiles_elsewhere(library, scan, axis, at, [tiles[one] for one in tiles if one.index == at], replace)
        for at, last in {one.index: one for one in tiles}.items()
    }
    older = {chosen: [one.info for one in found] + stale.get(chosen, []) for chosen, found in there.items()}
    going = {info.id for infos in older.values() for info in infos} if replace else set()
    kept = {info.id for info in library.infos()} - going
    for chosen, found in there.items():
        plane, names = outlined[chosen]
        bare = next((one.info for one in found if one.info.classes), None)
        if replace and seen(chosen.part)[1] is None and bare is not None:
            raise InputError(
                f"Slice {chosen.index} is outlined in the library, as {bare.id}, and would be left with names alone",
                library.folder,
                f"Give its labels, or leave out --replace; `samadapt exemplars remove` takes {bare.id} out",
            )
        if names:
            check_names(library, found, f"the {axis} slice {chosen.index}", plane, names, kept)
    return older


def library_tile(folder: Path, given: int | None) -> int:
    """The side of the tiles in which a library holds large slices: its own, else the user's; 0 for whole ones.

    Raises:
        InputError: an unusable library; a tile that is too small, or another one than the library's.
    """
    check_tile(given)
    infos = Library.open(folder).infos() if (folder / MANIFEST).exists() else []
    if not infos:
        return given or 0
    if given is not None and given != infos[0].tile:
        own = f"tiles of {infos[0].tile} pixels" if infos[0].tile else "whole slices"
        raise InputError(
            f"The library holds {own}", f"tile {given}", f"Give tile {infos[0].tile}, or start another library"
        )
    return infos[0].tile


def library_margin(folder: Path, given: float | None) -> float | None:
    """Beyond what distance in mm from its outlines a new exemplar is blanked: the user's, else the library's least.

    Raises:
        InputError: an unusable library or margin.
    """
    if given is not None or not (folder / MANIFEST).exists():
        return None if given is None else check_margin(given)
    known = [info.blanked_mm for info in Library.open(folder).infos() if info.blanked_mm is not None]
    if known:
        note(f"Blanked beyond {min(known):g} mm from the labels, as other slices of the library are", folder)
    return min(known, default=None)


def _tell_of_faces(volume: Volume, labels: Labels | None) -> None:
    """Note where pixels can show a face."""
    if head := shows_head(volume, () if labels is None else labels.names):
        note(
            f"The scan shows a head, as {head}, and its pixels can show a face",
            volume.name or None,
            "Blank what is far from the labels (--deface), and look at the library before you hand it on",
        )


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
