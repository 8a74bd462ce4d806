"""A synthetic training set on disk, to be looked through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.preview import preview_sheet

PREVIEW = "preview.png"


def synthesize(
    library: Library | str | Path,
    output: str | Path,
    *,
    count: int = 200,
    seed: int = 0,
    workers: int = 0,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **settings: Any,
) -> SyntheticSet:
    """Write slices that are made of a library's exemplars (Feng 2023, section 2.1), and a sheet of pictures of them.

    Args:
        library: an open one, or its folder.
        output: new folder, or one begun with the same arguments, which is gone on with.
        count: slices.
        seed: of everything random; the same seed gives the same slices.
        workers: processes beside this one; the result is the same.
        overwrite: replace another set that is there.
        progress: called with (slices done, slices in all).
        settings: fields of :class:`SAMAdaptLib.synthesis.config.SynthesisConfig`.

    Raises:
        InputError: no library, one without labelled slices, settings that cannot be, another set in ``output``.
    """
    library = library if isinstance(library, Library) else Library.open(library)
    made = SyntheticSet(library, count, seed, SynthesisConfig.from_dict(settings))
    made.write(output, progress, workers, overwrite)
    preview_sheet(made, Path(output) / PREVIEW)
    return made
