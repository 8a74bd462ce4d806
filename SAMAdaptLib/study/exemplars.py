"""The exemplars that cells learn from: slices of training scans, drawn or suggested."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.exemplars.library import DuplicateExemplar, Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import make_common, part_folder, patiently
from SAMAdaptLib.jobs.exemplars import empty_slices
from SAMAdaptLib.paths import folder_within
from SAMAdaptLib.study.config import SUGGESTED
from SAMAdaptLib.study.suggested import add_suggested
from SAMAdaptLib.study.task import LIBRARIES, Source, Task
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels


def exemplars(task: Task, output: Path, cancelled: Callable[[], bool]) -> Path:
    """The library that a task learns from, made where it is not there yet; whole or absent at any moment."""
    folder = output / LIBRARIES / task.library
    if (folder / MANIFEST).is_file():
        return folder
    part = part_folder(folder_within(output, output / LIBRARIES))
    try:
        # The same exemplars for the same scans, pseudonyms included.
        library = Library.create(part, salt=task.library)
        if task.cell.own.rule == SUGGESTED:
            add_suggested(library, task, partial(_add, library, task), cancelled)
        else:
            _add_drawn(library, task, cancelled)
        # Until now it is private; workers of other users may train with it.
        make_common(part, 0o777)
        try:
            patiently(os.rename, part, folder)
        except OSError:
            # Another worker was faster.
            if not (folder / MANIFEST).is_file():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _add_drawn(library: Library, task: Task, cancelled: Callable[[], bool]) -> None:
    for source in task.sources:
        if cancelled():
            raise Cancelled()
        _add(library, task, source, None, True)


def _add(library: Library, task: Task, source: Source, indices: Sequence[int] | None, rest: bool) -> None:
    """Slices of a scan with their labels, those of its share where none are named; and if wanted, of the rest what a
    cell learns from without outlines."""
    own, axis = task.cell.own, task.reading.axis
    volume, labels = task.reading.read(source.scan)
    if indices is None:
        indices = source.share.choose(volume, labels, axis, own.rule)
    mapping = choose_intensity(volume, task.reading.intensity)
    bounds = mapping.bounds(volume.array, volume.name or None)
    wanted: list[tuple[int, Labels | None, bool, tuple[str, ...]]]
    wanted = [(index, labels, False, ()) for index in indices]
    if rest:
        empty = empty_slices(volume, labels, own.backgrounds, axis=axis, seed=source.share.seed)
        wanted += [(one.index, labels, True, ()) for one in empty]
    if rest and own.slice_labels:
        wanted += [(index, None, False, names) for index, names in _rest(labels, axis, indices)]
    for index, outlines, background, present in wanted:
        try:
            library.add(
                volume,
                outlines,
                axis,
                index,
                mapping,
                bounds=bounds,
                subject=source.subject,
                background=background,
                present=present,
                neighbours=own.neighbours,
            )
        except DuplicateExemplar:
            # A strategy chose it, so that nobody misses it.
            continue


def _rest(labels: Labels, axis: str, chosen: Collection[int]) -> list[tuple[int, tuple[str, ...]]]:
    """The other slices with something on them, and what that is."""
    stack = PlaneStack(labels.geometry, axis)
    shown = {name: {*np.flatnonzero(stack.view(labels.mask(name)).any(axis=(1, 2)))} for name in labels.names}
    named = [(index, tuple(name for name, there in shown.items() if index in there)) for index in range(stack.count)]
    return [(index, names) for index, names in named if names and index not in chosen]
