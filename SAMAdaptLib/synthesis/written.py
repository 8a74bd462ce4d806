"""A synthetic set that lies in a folder, as its maker has left it after looking through it."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.slices import read_slice
from SAMAdaptLib.files import finite, sha256_array, sha256_file
from SAMAdaptLib.synthesis.compose import Synthetic
from SAMAdaptLib.synthesis.dataset import SyntheticSet, read_set

KINDS = ("image", "label")
# What of an exemplar decides, beside the settings, how slices that are made from it look.
DECISIVE = ("hash", "axis", "intensity", "bounds", "pixel_spacing")


class WrittenSet:
    """What :meth:`SyntheticSet.write` wrote, but for the slices whose image or labels were deleted since.

    Slices of exemplars that are not to be used are left out, too: with patients held out for validation, theirs. What a
    slice's background was is not known any more; with patients held out it may be one of theirs without labels, which
    is never scored.

    Args:
        folder: of the set.
        library: from which it was made.
        exemplar_ids: use slices of these exemplars only; all by default.

    Attributes:
        digest: hash of all slices that are used.

    Raises:
        InputError: no synthetic set, one that was made from another library, one that is not whole, a slice that was
            changed, none left.
    """

    def __init__(
        self, folder: str | os.PathLike[str], library: Library, exemplar_ids: Collection[str] | None = None
    ) -> None:
        self.folder = Path(folder)
        manifest = read_set(self.folder)
        try:
            recipe, entries = manifest["recipe"], manifest["samples"]
            classes = tuple(recipe["classes"])
            made_from = [{name: info[name] for name in ("id", *DECISIVE)} for info in recipe["exemplars"]]
            spacings = {info["id"]: _pair(*info["pixel_spacing"]) for info in recipe["exemplars"]}
            complete = manifest["complete"]
            found = [(e["exemplar"], {kind: (e[kind]["file"], e[kind]["sha256"]) for kind in KINDS}) for e in entries]
            texts = [*classes, *(text for _, files in found for pair in files.values() for text in pair)]
            if not all(isinstance(text, str) for text in texts) or not {name for name, _ in found} <= {*spacings}:
                raise ValueError(found)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                "This is no synthetic set", folder, "Give a folder that `samadapt synthesize` wrote"
            ) from error
        if not complete:
            raise InputError(
                "The synthetic set is not whole", folder, "Let `samadapt synthesize` finish it, with the same options"
            )
        _check_origin(self.folder, classes, made_from, library)
        there = [
            (exemplar, files)
            for exemplar, files in found
            if all(os.path.isfile(self.folder / Path(name).name) for name, _ in files.values())
        ]
        self._samples = [s for s in there if exemplar_ids is None or s[0] in exemplar_ids]
        self._spacings = spacings
        for _, files in self._samples:
            for name, digest in files.values():
                if sha256_file(self.folder / Path(name).name) != digest:
                    raise InputError(
                        "A slice of the synthetic set was changed since it was made",
                        self.folder / name,
                        "Delete it to leave it out, or make the set anew",
                    )
        if not self._samples:
            raise InputError("No slice of the synthetic set can be used", folder, "Make it anew, or leave it out")
        if len(there) < len(found):
            missing = counted(len(found) - len(there), "slice")
            note(f"{missing} of {len(found)} in the synthetic set were deleted and are left out", folder)
        text = "\n".join(digest for _, files in self._samples for _, digest in files.values())
        self.digest = sha256_array(np.frombuffer(text.encode(), np.uint8))

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Synthetic:
        exemplar, files = self._samples[index]
        image, labels = (read_slice(self.folder / Path(files[kind][0]).name) for kind in KINDS)
        return Synthetic(image, labels, self._spacings[exemplar], exemplar, exemplar)


def _pair(first: float, second: float) -> tuple[float, float]:
    return float(first), float(second)


def _check_origin(folder: Path, classes: tuple[str, ...], made_from: list[dict[str, Any]], library: Library) -> None:
    remedy = "Make it anew from this library"
    if library.classes[: len(classes)] != classes:
        names = f"{', '.join(classes)}; {library.folder} has {', '.join(library.classes)}"
        raise InputError(f"The synthetic set has other classes than the library ({names})", folder, remedy)
    known = {info.id: finite(asdict(info)) for info in library.infos()}
    for there in made_from:
        here = known.get(there["id"])
        if here is None or there["hash"] != here["hash"]:
            raise InputError(
                f"The synthetic set was made from other exemplars than those of {library.folder}", folder, remedy
            )
        for name in DECISIVE:
            if there[name] != here[name]:
                what = f"exemplar {there['id']} with {name} {there[name]}; {library.folder} has it with {here[name]}"
                raise InputError(f"The synthetic set was made from {what}", folder, remedy)


SliceSet: TypeAlias = SyntheticSet | WrittenSet
