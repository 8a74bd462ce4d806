"""A cell's work: exemplars, training, tests. What is done stays done, whatever ends it."""

from __future__ import annotations

import math
import os
import platform
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import Cancelled, InputError, in_words
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import remove, write_json
from SAMAdaptLib.paths import folder_within, require_still
from SAMAdaptLib.study.config import UNET
from SAMAdaptLib.study.exemplars import exemplars
from SAMAdaptLib.study.launch import Job, train
from SAMAdaptLib.study.pretrained import Beginning, beginning, pretrain_for
from SAMAdaptLib.study.shown import keep_slices
from SAMAdaptLib.study.task import DIGITS, ERROR, FOLDER, LIBRARIES, RECORD, RUN, SCORES, STUDY, Target, Task
from SAMAdaptLib.study.trial import Trial
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity

if TYPE_CHECKING:
    from SAMAdaptLib.evaluation.figures import LabelResult
    from SAMAdaptLib.jobs.interaction import Clicked
    from SAMAdaptLib.jobs.load import LoadedModel
    from SAMAdaptLib.training.unet import Unet
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume

# Embeddings of one scan, which are asked once for each prompt.
EMBEDDING_BYTES = 2 << 30

Listener = Callable[[dict[str, Any]], None]
# Keys of tasks as they end, each with its error, None where it is done.
Ended = Generator[tuple[str, str | None], None, None]


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
    require_still(output / STUDY, FOLDER)
    place = folder_within(output, task.folder(output))
    record = task.record(output)
    started = time.monotonic()
    adapter = None
    if task.cell.trained:
        adapter = place / RUN
        if _learnt(task, adapter) is None:
            library = exemplars(task, output, cancelled)
            record["seconds"]["exemplars"] = time.monotonic() - started
            pretrain_for(task, output, tell, cancelled)
            run = folder_within(output, adapter)
            _train(task, library, beginning(task, output), run, tell, cancelled)
        if "training" not in record:
            record |= _trained(task, output / LIBRARIES / task.library, adapter) | {"place": _place(task)}
            write_json(place / RECORD, record, anew=False)
    _test_all(task, output, adapter, record, tell, cancelled)
    write_json(place / RECORD, record, anew=False)
    remove(place / ERROR)


def attempt(task: Task, output: Path, tell: Listener, cancelled: Callable[[], bool]) -> str | None:
    """:func:`run_task`, with an error written down rather than raised.

    Args:
        task, output, cancelled: as there.
        tell: hears the same events, with the task's "key".

    Returns:
        the error in words; None where the task is done.

    Raises:
        Cancelled: as there.
    """
    try:
        run_task(task, output, lambda event: tell({**event, "key": task.key}), cancelled)
    except Cancelled:
        raise
    except Exception as error:
        return failed(task, output, error)
    return None


def failed(task: Task, output: Path, error: BaseException) -> str:
    """Write down what ended a task; returns it in words."""
    text = in_words(error)
    trace = "".join(traceback.format_exception(error))
    written = {"error": text, "traceback": trace, "time": time.time()}
    require_still(output / STUDY, FOLDER)
    write_json(folder_within(output, task.folder(output)) / ERROR, written, anew=False)
    return text


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


def _train(
    task: Task, library: Path, start: Beginning, run: Path, tell: Listener, cancelled: Callable[[], bool]
) -> None:
    config = task.cell.config
    if task.cell.other == UNET:
        from SAMAdaptLib.training.resume import is_run
        from SAMAdaptLib.training.unet import train_unet

        train_unet(library, run, config, resume=is_run(run), listener=tell, cancelled=cancelled)
        return
    checkpoint, start_from = (None if path is None else str(path) for path in start)
    job = Job(str(run), config.to_dict(), checkpoint, str(library), start_from)
    train(job, task.processes, tell, cancelled)


class _Learnt(NamedTuple):
    """What a training has left: steps, names of classes, and the file of the weights."""

    steps: int
    classes: tuple[str, ...]
    weights: Path


def _learnt(task: Task, run: Path) -> _Learnt | None:
    """None where it has not finished."""
    from SAMAdaptLib.adapters.info import INFO, WEIGHTS, read_adapter_info

    if task.cell.other == UNET:
        from SAMAdaptLib.training.unet import read_unet

        found = read_unet(run)
        return None if found is None else _Learnt(found.steps, found.classes, found.weights)
    folder = run / "adapter"
    if not (folder / INFO).is_file():
        return None
    info = read_adapter_info(folder)
    return _Learnt(info.steps, info.classes, folder / WEIGHTS)


def _trained(task: Task, library: Path, run: Path) -> dict[str, Any]:
    """What a table tells of a training."""
    from safetensors import safe_open

    from SAMAdaptLib.training.run_folder import read_metrics

    info = _learnt(task, run)
    assert info is not None  # it has just been done
    with safe_open(info.weights, "numpy") as tensors:
        shapes = [tensors.get_slice(name).get_shape() for name in tensors.keys()]  # noqa: SIM118  # no mapping
    infos = Library.open(library).infos()
    steps = [line["seconds"] for line in read_metrics(run) if "seconds" in line]
    return {
        "training": {
            "steps": info.steps,
            "seconds": steps[-1] if steps else None,
            "parameters": sum(math.prod(shape) for shape in shapes),
            "bytes": info.weights.stat().st_size,
            "labelled_slices": sum(bool(one.classes) for one in infos),
            "scans": len({one.group for one in infos if one.classes}),
            "backgrounds": sum(one.background for one in infos),
            "processes": task.processes,
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
    from SAMAdaptLib.training.unet import Unet

    left = {target: task.missing(output, target) for target in task.targets}
    config = task.cell.config
    if task.cell.other == UNET and adapter is not None:
        network = Unet(adapter, config.device)
        for target, trials in left.items():
            if trials:
                _test(task, output, target, trials, partial(_by_unet, task, network), record, tell, cancelled)
        return
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
                _test(task, output, target, wanted, partial(_by_sam, task, model), record, tell, cancelled)


class _Subject(NamedTuple):
    """What is tested, on a scan.

    Attributes:
        stack: its slices.
        image: gives one as it is seen, uint8 [H, W], by its index.
        intensity: mapping to grey levels under which they are seen.
        by_base: kinds of prompts that base weights answer.
        score: from a trial, the labels, who hears how many slices are done, and who may stop it.
    """

    stack: PlaneStack
    image: Callable[[int], np.ndarray]
    intensity: str
    by_base: list[str]
    score: Callable[[Trial, Labels, Callable[[int, int], None], Callable[[], bool]], Clicked]


def _by_sam(task: Task, model: LoadedModel, volume: Volume) -> _Subject:
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.sam.predictor import VolumePredictor
    from SAMAdaptLib.sam.tiles import tiled
    from SAMAdaptLib.volume.policy import choose_axis

    axis = choose_axis(task.reading.axis, model.predictor.model.axis)
    # One cache for all prompts, so that a slice is encoded once.
    whole = VolumePredictor(model.predictor, volume, axis, task.reading.intensity, EmbeddingCache(EMBEDDING_BYTES))
    on = tiled(whole)
    return _Subject(
        on.stack,
        whole.image,
        str(whole.intensity),
        sorted(model.predictor.by_base),
        lambda trial, truth, tell, cancelled: trial.scoring().score(on, truth, model, tell, cancelled),
    )


def _by_unet(task: Task, network: Unet, volume: Volume) -> _Subject:
    from SAMAdaptLib.jobs.interaction import Clicked
    from SAMAdaptLib.jobs.scoring import evaluate_found
    from SAMAdaptLib.jobs.slices import Answer, labelled
    from SAMAdaptLib.volume.intensity import to_uint8

    stack, intensity = PlaneStack(volume.geometry, task.reading.axis), choose_intensity(volume, task.reading.intensity)
    slices, bounds = stack.view(volume.array), intensity.bounds(volume.array, volume.name or None)
    classes = network.info.classes

    def image(index: int) -> np.ndarray:
        return to_uint8(slices[index], bounds)

    def look(index: int) -> dict[str, Answer]:
        return labelled(network.label(image(index), stack.pixel_spacing), classes)

    def score(
        trial: Trial, truth: Labels, tell: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Clicked:
        choose = trial.scoring().choose
        return Clicked(evaluate_found(stack, look, truth, classes, choose, trial.tolerance_mm, tell, cancelled))

    return _Subject(stack, image, str(intensity), [], score)


def _test(
    task: Task,
    output: Path,
    target: Target,
    trials: Sequence[Trial],
    look_at: Callable[[Volume], _Subject],
    record: dict[str, Any],
    tell: Listener,
    cancelled: Callable[[], bool],
) -> None:
    started = time.monotonic()
    volume, truth = task.reading.read(target.scan)
    on = look_at(volume)
    path = folder_within(output, task.folder(output) / SCORES) / target.file
    known = task.scores(output, target)
    for trial in trials:

        def progress(done: int, total: int, words: str = trial.words) -> None:
            tell({"event": "test", "scan": target.scan.name, "prompt": words, "step": done, "total": total})

        begun = time.monotonic()
        found = on.score(trial, truth, progress, cancelled)
        results = found.results
        if not any(one.slices for one in results.values()):
            raise InputError("No label on any of the slices to test", target.scan.labels, "Choose other test_slices")
        known[task.trial_key(trial)] = {
            "prompt": trial.words,
            "seed": trial.seed,
            "intensity": on.intensity,
            "by_base": on.by_base,
            "seconds": time.monotonic() - begun,
            "labels": {name: one.figures for name, one in results.items()},
            "volumes": {name: _volumes(one, on.stack) for name, one in results.items()},
            "shown": keep_slices(output, target.fingerprint[:DIGITS], results, on.image, on.stack.pixel_spacing),
        } | ({"first": trial.scoring().first, "after": found.after} if found.after else {})
    write_json(path, {"scan": target.scan.name, "trials": known}, anew=False)
    seconds = record["seconds"]
    seconds["test"] = seconds.get("test", 0.0) + time.monotonic() - started


def _volumes(result: LabelResult, stack: PlaneStack) -> list[float]:
    """Of a structure on the tested slices, mL: truth, result."""
    voxel = stack.step * math.prod(stack.pixel_spacing) / 1000
    return [voxel * int(mask[result.slices].sum()) for mask in (result.truth, result.prediction)]
