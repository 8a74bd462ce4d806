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
from SAMAdaptLib.volume.colour import is_picture
from SAMAdaptLib.volume.image import NO_SIZE, SEGMENTATION, extension
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import stacked
from SAMAdaptLib.volume.mark import is_unchanged
from SAMAdaptLib.volume.measures import measure_shown
from SAMAdaptLib.volume.moments import NoFrameNamed
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.result import check_result, is_dicom_result, write_result
from SAMAdaptLib.volume.volume import Volume, read_volume

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.load import LoadedModel
    from SAMAdaptLib.jobs.slices import Segmented

# Of the shorter side of a slice on the sheet, at the least.
TILE_PIXELS = 512


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
            # A picture is measured in pixels here, whatever stands for one.
            with notes_to(lambda text: None if text in notes or NO_SIZE in text else notes.append(text)):
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
        file = self.output / case.file_of(self.task)
        writable_folder(file.parent)
        Output(file, [case.image], ours=is_unchanged, overwrite=self.overwrite).check()
        check_result(file, case.image, [*(self.task.prompts or self.task.texts or {})])
        volume = self._read(case)
        check_result(file, case.image, (), volume.geometry, None if volume.frame is None else [volume.frame])
        found = self._found(case, volume, cancelled)
        if any(one.cancelled for one in found.values()):
            return None
        masks = {name: one.mask for name, one in found.items()}
        written = masks
        if not _keeps_names(file):
            # An object has the same value in all scans, also where some are left out.
            empty = np.zeros(volume.geometry.shape, bool)
            written = {name: masks.get(name, empty) for name in self.task.prompts or masks}
        write_result(file, written, volume.geometry, case.image, frame=volume.frame)
        axis, intensity = next((one.axis, one.intensity) for one in found.values())
        place = self.output / CASES / f"{case.name}.npz"
        writable_folder(place.parent)
        write_tile(place, _tile(case.name, volume, masks, axis, Intensity.parse(intensity)))
        values = {} if _keeps_names(file) else {name: place for place, name in enumerate(written, start=1)}
        return [
            {"structure": name, "label": values.get(name), **_measured(mask, volume, axis, case)}
            for name, mask in masks.items()
        ]

    def _read(self, case: Case) -> Volume:
        """The scan; of one over time the frame that is asked for."""
        try:
            return read_volume(case.image)
        except NoFrameNamed:
            if self.task.frame is None:
                raise
            return read_volume(case.image, frame=self.task.frame)

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


def _keeps_names(file: Path) -> bool:
    """Whether a file of this name says how its structures are called."""
    return extension(file) == SEGMENTATION or is_dicom_result(file)


def _measured(mask: np.ndarray, volume: Volume, axis: str, case: Case) -> dict[str, Any]:
    """Of one structure as the table has it: four digits, and nothing of nothing."""
    values = volume.array if volume.colour else volume.channel(0).array
    found = measure_shown(mask, values, volume.geometry, axis, is_picture(case.image))
    measured = {"volume_ml": found.ml, "surface_cm2": found.surface_cm2, "mean_value": found.mean}
    told = {name: None if np.isnan(value) else float(f"{value:.4g}") for name, value in measured.items()}
    return {**told, "pixels": None if np.isnan(found.pixels) else int(found.pixels), "slices": found.slices}


def _tile(name: str, volume: Volume, masks: dict[str, np.ndarray], axis: str, intensity: Intensity) -> Tile:
    """The slice with the most labelled pixels; the middle one where nothing was found."""
    stack = PlaneStack(volume.geometry, axis)
    labels = stack.view(stacked(masks, volume.geometry).array)
    areas = np.count_nonzero(labels, axis=(1, 2))
    index = int(areas.argmax()) if areas.any() else stack.count // 2
    image = intensity.seen(stack.view(volume.array)[index], intensity.bounds(volume.array))
    title = name if stack.count == 1 else f"{name}, slice {index}"
    # Many large pictures on a sheet would not fit into memory.
    step = max(1, min(image.shape[:2]) // TILE_PIXELS)
    rows, columns = stack.pixel_spacing
    shown = image[::step, ::step], labels[index][::step, ::step]
    return Tile(title, *shown, (rows * step, columns * step), (*masks,))
