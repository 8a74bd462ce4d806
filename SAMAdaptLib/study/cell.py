"""A cell's work: exemplars, training, tests. What is done stays done, whatever ends it."""

from __future__ import annotations

import math
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import DuplicateExemplar, Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import PART, patiently, remove, writable_folder, write_json
from SAMAdaptLib.jobs.exemplars import empty_slices
from SAMAdaptLib.study.pretrained import Beginning, beginning, pretrain_for
from SAMAdaptLib.study.task import ERROR, LIBRARIES, RECORD, RUN, SCORES, Source, Target, Task
from SAMAdaptLib.study.trial import Trial
from SAMAdaptLib.volume.policy import choose_intensity

if TYPE_CHECKING:
    from SAMAdaptLib.evaluation.figures import LabelResult
    from SAMAdaptLib.jobs.load import LoadedModel
    from SAMAdaptLib.volume.planes import PlaneStack

# Embeddings of one scan, which are asked once for each prompt.
EMBEDDING_BYTES = 2 << 30

Listener = Callable[[dict[str, Any]], None]


def run_task(task: Task, output: Path, tell: Listener, cancelled: Callable[[], bool]) -> None:
    """Do what of a task is not done yet; its scores are in ``output`` afterwards.

    Args:
        task: of a plan.
        output: folder of the study.
        tell: hears the events of a training as they are, and "test" with "scan", "step" and "total".
        cancelled: asked between slices and steps.

    Raises:
        InputError: what the exemplars, the training or the tests raise.
        Cancelled: ``cancelled`` said so; the next call goes on from there.
    """
    place = writable_folder(task.folder(output))
    record = task.record(output)
    started = time.monotonic()
    adapter = None
    if task.cell.trained:
        adapter = place / RUN
        if not (adapter / "adapter" / "adapter.json").is_file():
            library = exemplars(task, output, cancelled)
            record["seconds"]["exemplars"] = time.monotonic() - started
            pretrain_for(task, output, tell, cancelled)
            _train(task, library, beginning(task, output), adapter, tell, cancelled)
        if "training" not in record:
            record |= _trained(output / LIBRARIES / task.library, adapter) | {"place": _place(task)}
            write_json(place / RECORD, record)
    _test_all(task, output, adapter, record, tell, cancelled)
    write_json(place / RECORD, record)
    remove(place / ERROR)


def _place(task: Task) -> dict[str, Any]:
    """Where a cell was trained, for those who want to do it again."""
    import torch

    from SAMAdaptLib.sam.device import devices, pick_device

    device = str(pick_device(task.cell.config.device))
    titles = devices()
    return {
        "samadapt": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "device": titles.get(device) or next((t for name, t in titles.items() if name.startswith(device)), device),
    }


def exemplars(task: Task, output: Path, cancelled: Callable[[], bool]) -> Path:
    """The library that a task learns from, made where it is not there yet; whole or absent at any moment."""
    folder = output / LIBRARIES / task.library
    if (folder / MANIFEST).is_file():
        return folder
    part = Path(tempfile.mkdtemp(prefix=PART, dir=writable_folder(folder.parent)))
    try:
        # The same exemplars for the same scans, pseudonyms included.
        library = Library.create(part, salt=task.library)
        for source in task.sources:
            if cancelled():
                raise Cancelled()
            _add(library, task, source)
        try:
            patiently(os.rename, part, folder)
        except OSError:
            # Another worker was faster.
            if not (folder / MANIFEST).is_file():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _add(library: Library, task: Task, source: Source) -> None:
    own, axis = task.cell.own, task.reading.axis
    volume, labels = task.reading.read(source.scan)
    mapping = choose_intensity(volume, task.reading.intensity)
    bounds = mapping.bounds(volume.array, volume.name or None)
    chosen = [(index, False) for index in source.share.choose(volume, labels, axis, own.rule)]
    empty = empty_slices(volume, labels, own.backgrounds, axis=axis, seed=source.share.seed)
    for index, background in chosen + [(one.index, True) for one in empty]:
        try:
            library.add(
                volume,
                labels,
                axis,
                index,
                mapping,
                bounds=bounds,
                subject=source.subject,
                background=background,
                neighbours=own.neighbours,
            )
        except DuplicateExemplar:
            # A strategy chose it, so that nobody misses it.
            continue


def _train(
    task: Task, library: Path, start: Beginning, run: Path, tell: Listener, cancelled: Callable[[], bool]
) -> None:
    from SAMAdaptLib.training.finetune import finetune
    from SAMAdaptLib.training.resume import is_run

    finetune(
        library,
        run,
        task.cell.config,
        checkpoint=start.checkpoint,
        start_from=start.start_from,
        resume=is_run(run),
        listener=tell,
        cancelled=cancelled,
    )


def _trained(library: Path, run: Path) -> dict[str, Any]:
    """What a table tells of a training."""
    from safetensors import safe_open

    from SAMAdaptLib.adapters.info import WEIGHTS, find_adapter, read_adapter_info
    from SAMAdaptLib.training.run_folder import read_metrics

    info = read_adapter_info(run)
    weights = find_adapter(run) / WEIGHTS
    with safe_open(weights, "numpy") as tensors:
        shapes = [tensors.get_slice(name).get_shape() for name in tensors.keys()]  # noqa: SIM118  # no mapping
    infos = Library.open(library).infos()
    steps = [line["seconds"] for line in read_metrics(run) if "seconds" in line]
    return {
        "training": {
            "steps": info.steps,
            "seconds": steps[-1] if steps else None,
            "parameters": sum(math.prod(shape) for shape in shapes),
            "bytes": weights.stat().st_size,
            "labelled_slices": sum(bool(one.classes) for one in infos),
            "scans": len({one.group for one in infos if one.classes}),
            "backgrounds": sum(one.background for one in infos),
            "classes": list(info.classes),
        }
    }


def _test_all(
    task: Task,
    output: Path,
    adapter: Path | None,
    record: dict[str, Any],
    tell: Listener,
    cancelled: Callable[[], bool],
) -> None:
    """Score what has no score yet; a scan after the other, so that little is lost by a kill."""
    from SAMAdaptLib.jobs.load import load_model

    left = {target: task.missing(output, target) for target in task.targets}
    config = task.cell.config
    ways = dict.fromkeys((one.weights, one.plain_points) for trials in left.values() for one in trials)
    for weights, plain in ways:
        model = load_model(
            None if adapter else config.model,
            adapter=adapter,
            checkpoint=beginning(task, output).checkpoint,
            input_size=config.input_size,
            device=config.device,
            precision=config.precision,
            weights=weights,
            plain_points=plain,
        )
        for target, trials in left.items():
            wanted = [one for one in trials if (one.weights, one.plain_points) == (weights, plain)]
            if wanted:
                _test(task, output, target, wanted, model, record, tell, cancelled)


def _test(
    task: Task,
    output: Path,
    target: Target,
    trials: Sequence[Trial],
    model: LoadedModel,
    record: dict[str, Any],
    tell: Listener,
    cancelled: Callable[[], bool],
) -> None:
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.sam.predictor import VolumePredictor
    from SAMAdaptLib.volume.policy import choose_axis

    started = time.monotonic()
    volume, truth = task.reading.read(target.scan)
    axis = choose_axis(task.reading.axis, model.predictor.model.axis)
    # One cache for all prompts, so that a slice is encoded once.
    on = VolumePredictor(model.predictor, volume, axis, task.reading.intensity, EmbeddingCache(EMBEDDING_BYTES))
    path = task.folder(output) / SCORES / target.file
    known = task.scores(output, target)
    for trial in trials:

        def progress(done: int, total: int, words: str = trial.words) -> None:
            tell({"event": "test", "scan": target.scan.name, "prompt": words, "step": done, "total": total})

        begun = time.monotonic()
        results = trial.scoring().score(on, truth, model, progress, cancelled)
        if not any(one.slices for one in results.values()):
            raise InputError("No label on any of the slices to test", target.scan.labels, "Choose other test_slices")
        known[task.trial_key(trial)] = {
            "prompt": trial.words,
            "seed": trial.seed,
            "intensity": str(on.intensity),
            "by_base": sorted(model.predictor.by_base),
            "seconds": time.monotonic() - begun,
            "labels": {name: one.figures for name, one in results.items()},
            "volumes": {name: _volumes(one, on.stack) for name, one in results.items()},
        }
    write_json(path, {"scan": target.scan.name, "trials": known})
    seconds = record["seconds"]
    seconds["test"] = seconds.get("test", 0.0) + time.monotonic() - started


def _volumes(result: LabelResult, stack: PlaneStack) -> list[float]:
    """Of a structure on the tested slices, mL: truth, result."""
    voxel = stack.step * math.prod(stack.pixel_spacing) / 1000
    return [voxel * int(mask[result.slices].sum()) for mask in (result.truth, result.prediction)]
