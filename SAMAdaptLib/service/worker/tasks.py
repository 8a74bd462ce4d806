"""The worker of short tasks: ``python -m SAMAdaptLib.service.worker.tasks PORT``, see :mod:`SAMAdaptLib.service.tasks`.

Each imports what it needs, so that none waits for what another one does.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import notes_to
from SAMAdaptLib.files import atomic_path, finite
from SAMAdaptLib.service.packed import PackedArray
from SAMAdaptLib.service.protocol import Cancel, Done, Final, Message, Progress, Task
from SAMAdaptLib.service.worker.application import Application, failure
from SAMAdaptLib.service.worker.long_tasks import fetch_adapter, read_for, study, suggest

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.index import PublishedAdapter
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.labels import Labels

# So many structures can be read when two figures lie side by side in a panel.
NARROW = 3
SHEET_COLUMNS = 4


def memory(
    model: str | dict[str, Any], method: str, batch_size: int, prompts_per_slice: int, input_size: int | None
) -> str:
    """Memory of a training as text; ``model`` is a name or the fields of a ``BaseModel``."""
    from SAMAdaptLib.sam.registry import BaseModel
    from SAMAdaptLib.training.memory import estimate

    entry = BaseModel(**model) if isinstance(model, dict) else model
    return estimate(entry, method, batch_size, prompts_per_slice, input_size).text


def compare(
    size: tuple[int, int, int],
    ijk_to_ras: np.ndarray,
    reference: dict[str, Any],
    prediction: dict[str, Any],
    tolerance_mm: float,
) -> dict[str, dict[str, Any]]:
    """Figures by structure, see :func:`SAMAdaptLib.evaluation.compare.compare`.

    Args:
        size: voxels along I, J, K.
        ijk_to_ras: float [4, 4].
        reference: the truth: "names", "array" [K, J, I] and "masks" by name, as ``Labels`` takes them.
        prediction: the same of what is judged.
        tolerance_mm: of the normalised surface Dice.
    """
    from SAMAdaptLib.evaluation.compare import compare as score
    from SAMAdaptLib.volume.geometry import Geometry

    geometry = Geometry(size, ijk_to_ras)
    return score(_labels(geometry, **reference), _labels(geometry, **prediction), tolerance_mm)


def _labels(geometry: Geometry, array: PackedArray, names: dict[str, int], masks: dict[str, PackedArray]) -> Labels:
    from SAMAdaptLib.volume.labels import Labels

    return Labels(array.full(), geometry, names, {name: mask.full() for name, mask in masks.items()})


def dicom_segmentation(
    path: str,
    size: tuple[int, int, int],
    ijk_to_ras: np.ndarray,
    labels: dict[str, Any],
    files: list[str],
    volume: str,
    entries: dict[str, tuple[str, tuple[float, float, float]]],
    manual: list[str],
) -> str:
    """Write a DICOM segmentation; returns its file.

    Args:
        path: of the file.
        size: voxels along I, J, K.
        ijk_to_ras: float [4, 4].
        labels: the structures, as for :func:`compare`.
        files: of the series.
        volume: its name.
        entries: tag ``TerminologyEntry`` and colour of each structure by name.
        manual: structures that no model has drawn.
    """
    from SAMAdaptLib.volume.dicom_write import write_beside_files
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.terminology import term_of_entry

    terms = {each: term for each, told in entries.items() if (term := term_of_entry(*told)) is not None}
    # Who saves into the own database knows that it holds names.
    with notes_to(lambda _note: None):
        write_beside_files(path, _labels(Geometry(size, ijk_to_ras), **labels), files, volume, terms, manual)
    return path


def devices() -> dict[str, str]:
    """What networks can run on here, the fastest first: name to title."""
    import torch

    from SAMAdaptLib.sam.device import devices as found

    if torch.cuda.is_available():
        torch.cuda.init()
    return found()


def preview(library: str, path: str, count: int, seed: int, config: dict[str, Any]) -> str:
    """Write a sheet of synthetic slices beside their exemplars as a PNG; returns its path.

    Args:
        library: folder of exemplars.
        path: of the file.
        count: synthetic slices on the sheet.
        seed: of all chance.
        config: fields of ``SynthesisConfig`` that differ from its defaults.
    """
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.synthesis.config import SynthesisConfig
    from SAMAdaptLib.synthesis.dataset import SyntheticSet
    from SAMAdaptLib.synthesis.preview import preview_sheet

    dataset = SyntheticSet(Library.open(Path(library)), count, seed, SynthesisConfig.from_dict(config))
    rows = min(len({dataset.source(index)[1].id for index in range(count)}), -(-count // (SHEET_COLUMNS - 1)))
    return str(preview_sheet(dataset, Path(path), rows=rows, columns=1 + -(-count // rows)))


def box_plot(values: dict[str, list[tuple[str, str, list[float | None]]]], path: str) -> str:
    """Write a PNG with a box for each structure and figure, narrow, to fit a panel; returns its path.

    Args:
        values: by figure ("dice", ...): structure, model ("" for none) and numbers of each box.
        path: of the file.
    """
    from PIL import Image

    from SAMAdaptLib.evaluation.plots import box_plot as plot

    models = {model for boxes in values.values() for _, model, _ in boxes}
    named: dict[str, dict[str | tuple[str, str], list[float | None]]] = {
        field: {(name, model) if len(models) > 1 else name: numbers for name, model, numbers in boxes}
        for field, boxes in values.items()
    }
    fields = list(named)
    columns = 2 if len(named[fields[0]]) <= NARROW else 1
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, len(fields), columns):
            part = {field: named[field] for field in fields[first : first + columns]}
            with Image.open(plot(Path(folder) / f"{first}.png", part)) as image:
                parts.append(image.convert("RGB"))
    sheet = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), "white")
    for index, part in enumerate(parts):
        sheet.paste(part, (0, sum(p.height for p in parts[:index])))
    with atomic_path(Path(path)) as temporary:
        sheet.save(temporary)
    return path


def study_models(description: str, index: str | None, output: str) -> list[str]:
    """Names of the base models of a study, whose description and folder are checked; the arguments and errors are as
    for :func:`SAMAdaptLib.service.worker.long_tasks.study`."""
    return sorted({cell.config.model for cell in read_for(description, index, output).cells})


def study_report(folder: str) -> str:
    """Write the page of a study as far as it has come; returns its file."""
    from SAMAdaptLib.study.report import write_study_report

    return str(write_study_report(folder))


def published_adapters(source: str) -> dict[str, Any]:
    """What is published somewhere: "adapters", for people, and "notes".

    Args:
        source: folder, index file, or http(s) address of either.
    """
    from SAMAdaptLib.adapters.index import published_adapters as published

    notes: list[str] = []
    with notes_to(notes.append):
        found = published(source)
    return {"adapters": [_row(one) for one in found], "notes": notes}


def _row(one: PublishedAdapter) -> dict[str, Any]:
    info, told = one.info, asdict(one)
    dice = None if info is None else info.validation.get("dice")
    return {key: told[key] for key in ("name", "bytes", "licence", "signed", "error")} | {
        "card": one.card,
        "method": "" if info is None else info.method,
        "base": "" if info is None else info.base,
        "classes": [] if info is None else list(info.classes),
        "dice": dice if isinstance(dice, float) else None,
    }


SHORT: tuple[Callable[..., Any], ...] = (
    memory, compare, dicom_segmentation, devices, preview, box_plot, study_models, study_report, published_adapters,
)  # fmt: skip
LONG: tuple[Callable[..., Any], ...] = (suggest, study, fetch_adapter)
TASKS = {task.__name__: task for task in SHORT + LONG}


def do(task: Task, application: Application, cancelled: threading.Event) -> Final:
    """Do a task; returns its final answer."""

    def tell(done: int, total: int | None, **values: Any) -> None:
        application.say(Progress(task.id, done, total, values))

    act = TASKS[task.name]
    told = {"tell": tell, "cancelled": cancelled.is_set} if act in LONG else {}
    try:
        return Done(task.id, {"result": finite(act(**task.arguments, **told))})
    except Exception as error:
        return failure(task.id, error)


def main() -> None:
    """Do tasks until the application hangs up."""
    application = Application(int(sys.argv[1]))
    tasks: SimpleQueue[Task] = SimpleQueue()
    cancelled = threading.Event()

    def take(message: Message) -> None:
        if isinstance(message, Task):
            tasks.put(message)
        elif isinstance(message, Cancel):
            cancelled.set()

    application.listen(take)
    while True:
        application.say(do(tasks.get(), application, cancelled))


if __name__ == "__main__":
    main()
