"""One scan of a folder: read, segmented, written, measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import InputError, in_words, note, notes_to
from SAMAdaptLib.evaluation.structures import Tile, write_tile
from SAMAdaptLib.files import writable_folder
from SAMAdaptLib.jobs.folder.task import CASES, Case, Result, ScanTask
from SAMAdaptLib.paths import Output
from SAMAdaptLib.prompts.markups import read_markups
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import stacked
from SAMAdaptLib.volume.mark import is_unchanged
from SAMAdaptLib.volume.measures import Measures, measure
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.result import check_result, write_result
from SAMAdaptLib.volume.volume import Volume, read_volume

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.load import LoadedModel
    from SAMAdaptLib.jobs.slices import Segmented


class OneByOne:
    """Segments scan after scan with one model, which is loaded with the first.

    Args:
        task: what is done with each.
        output: folder of the results.
        overwrite: files that are not SAMAdapt's own may be replaced.
    """

    def __init__(self, task: ScanTask, output: Path, overwrite: bool) -> None:
        self.task, self.output, self.overwrite = task, output, overwrite

    def do(self, case: Case, cancelled: Callable[[], bool] | None = None) -> Result | None:
        """Segment a scan; what ends it is told in the result. None where ``cancelled`` said so, and nothing is written.
        """
        started = time.monotonic()
        notes: list[str] = []
        try:
            with notes_to(lambda text: None if text in notes else notes.append(text)):
                rows = self._done(case, cancelled)
        except Exception as error:
            # The others are done whatever is wrong with this one.
            return Result([], notes, in_words(error), time.monotonic() - started)
        return None if rows is None else Result(rows, notes, "", time.monotonic() - started)

    @cached_property
    def _model(self) -> LoadedModel:
        from SAMAdaptLib.jobs.load import load_model

        return load_model(**self.task.model)

    def _done(self, case: Case, cancelled: Callable[[], bool] | None) -> list[dict[str, Any]] | None:
        file = self.output / f"{case.name}{self.task.extension}"
        writable_folder(file.parent)
        Output(file, [case.image], ours=is_unchanged, overwrite=self.overwrite).check()
        check_result(file, case.image, [*(self.task.prompts or self.task.texts or {})])
        volume = read_volume(case.image)
        check_result(file, case.image, (), volume.geometry)
        found = self._found(case, volume, cancelled)
        if any(one.cancelled for one in found.values()):
            return None
        masks = {name: one.mask for name, one in found.items()}
        write_result(file, masks, volume.geometry, case.image)
        axis, intensity = next((one.axis, one.intensity) for one in found.values())
        place = self.output / CASES / f"{case.name}.npz"
        writable_folder(place.parent)
        write_tile(place, _tile(case.name, volume, masks, axis, Intensity.parse(intensity)))
        found_in = volume.channel(0).array, volume.geometry, axis
        return [{"structure": name, **_row(measure(mask, *found_in))} for name, mask in masks.items()]

    def _found(self, case: Case, volume: Volume, cancelled: Callable[[], bool] | None) -> dict[str, Segmented]:
        from SAMAdaptLib.jobs.segment import propagate, segment

        task = self.task
        common: dict[str, Any] = {"axis": task.axis, "intensity": task.intensity, "tile": task.tile}
        common |= {"cancelled": cancelled}
        if not task.prompts:
            return segment(volume, self._model, task.texts, clean=task.clean, **common)
        lacking = [name for name in task.prompts if name not in case.prompts]
        if len(lacking) == len(task.prompts):
            remedy = f"Save its prompts as {Path(case.name).name}.mrk.json there"
            raise InputError("There is no markups file for this scan", ", ".join(task.prompts.values()), remedy)
        if lacking:
            note("There is no markups file for this scan", ", ".join(lacking), "These objects were left out")
        prompts = {name: read_markups(file) for name, file in case.prompts.items()}
        if task.propagate or task.all_axes:
            return propagate(volume, self._model, prompts, all_axes=task.all_axes, rules=task.rules, **common)
        return segment(volume, self._model, prompts, **common)


def _row(found: Measures) -> dict[str, Any]:
    """Measures as the table has them: four digits, and nothing of nothing."""
    values = {"volume_ml": found.ml, "surface_cm2": found.surface_cm2, "mean_value": found.mean}
    told = {name: None if np.isnan(value) else float(f"{value:.4g}") for name, value in values.items()}
    return {**told, "slices": found.slices}


def _tile(name: str, volume: Volume, masks: dict[str, np.ndarray], axis: str, intensity: Intensity) -> Tile:
    """The slice with the most labelled pixels; the middle one where nothing was found."""
    stack = PlaneStack(volume.geometry, axis)
    labels = stack.view(stacked(masks, volume.geometry).array)
    areas = np.count_nonzero(labels, axis=(1, 2))
    index = int(areas.argmax()) if areas.any() else stack.count // 2
    image = intensity.seen(stack.view(volume.array)[index], intensity.bounds(volume.array))
    return Tile(f"{name}, slice {index}", image, labels[index], stack.pixel_spacing, (*masks,))
