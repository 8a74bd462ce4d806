"""Which intensity mapping a library's exemplars have, of CT and of all else."""

from __future__ import annotations

import os
from pathlib import Path

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.policy import choose_intensity, is_ct, join_mappings
from SAMAdaptLib.volume.volume import Volume


def mappings_by_kind(library: Library) -> dict[bool, list[str]]:
    """Under True the mappings of exemplars from CT, under False those of all others, in the order of their adding.

    A mapping is one of CT where any of its exemplars shows CT numbers: of the raw values in the library, since not
    every slice shows enough.
    """
    of_ct: dict[str, bool] = {}
    for info in library.infos():
        if not of_ct.get(info.intensity):
            of_ct[info.intensity] = library.load(info.id).ct
    return {kind: [mapping for mapping, ct in of_ct.items() if ct == kind] for kind in (True, False)}


def library_intensity(folder: str | os.PathLike[str], volume: Volume, given: str | None = None) -> Intensity:
    """The mapping for a new exemplar: the user's, else that of the library's scans of its kind, else one that suits it.

    Args:
        folder: of the library; there may be none yet.
        volume: the scan that the exemplar is from.
        given: by the user, as text.

    Raises:
        InputError: an unusable library or mapping, a library with several mappings for scans of this kind, or one of
            scans with another number of channels.
    """
    if not (Path(folder) / MANIFEST).exists():
        return choose_intensity(volume, given)
    library = Library.open(folder)
    library.check_channels(volume)
    if given is not None:
        return choose_intensity(volume, given)
    known = mappings_by_kind(library)
    kind = is_ct(volume)
    if len(known[kind]) > 1:
        raise InputError(
            f"The library holds such scans under several intensity mappings ({', '.join(known[kind])})",
            folder,
            "Say which one: --intensity MAP",
        )
    if known[kind]:
        return Intensity.parse(known[kind][0])
    mapping = choose_intensity(volume)
    if any(other != str(mapping) for other in known[not kind]):
        what, others = ("CT", "no CT") if kind else ("no CT", "CT")
        note(
            f"The scan is {what} and the library's exemplars are {others}; it is shown by {mapping}, they by "
            f"{', '.join(known[not kind])}",
            volume.name or None,
            "Give --intensity for another one",
        )
    return mapping


def single_mappings(library: Library) -> str:
    """The mapping that all exemplars have, or where CT and others are mixed one for each, as an adapter describes it.

    Raises:
        InputError: several for scans of one kind.
    """
    every = list(dict.fromkeys(info.intensity for info in library.infos()))
    if len(every) == 1:
        return every[0]
    known = mappings_by_kind(library)
    for kind, what in ((True, "CT"), (False, "scans other than CT")):
        if len(known[kind]) > 1:
            raise InputError(
                f"The library mixes intensity mappings of {what} ({', '.join(sorted(known[kind]))})",
                library.folder,
                "Add these exemplars again with one mapping, or keep one library for each",
            )
    return join_mappings(*known[True], *known[False])
