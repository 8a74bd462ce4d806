"""Rows of whole volumes: propagation, evaluation, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from functools import cache, partial

import numpy as np

from SAMAdaptLib.evaluation.compare import compare
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import propagate, segment
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume
from Testing.benchmarks.made import model, organs, predictor
from Testing.benchmarks.rows import (
    CannotRun,
    Check,
    Found,
    Machine,
    Row,
    alternate,
    faster,
    resident,
    share,
    timed,
    with_checks,
    working_memory,
)
from Testing.benchmarks.start import ROOT

SLICES, SIDE = 60, 512
# After a first round of propagation that took longer there is none.
ROUND_SECONDS = 90.0
# Whatever the model answers, every slice is to be asked.
RULES = {"min_iou": 0.0, "min_predicted_iou": 0.0, "area_ratio": (1e-9, 1e9), "max_missing": 10**6}
TOLERANCE_MM = 2.0


@cache
def _scan() -> tuple[Volume, Labels]:
    return organs((SLICES, SIDE, SIDE), 4)


def _box(labels: Labels, value: int, index: int) -> np.ndarray:
    """(x0, y0, x1, y1) of an organ on an axial slice."""
    rows, columns = np.nonzero(labels.array[index] == value)
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()], np.float32)


def _prompt(labels: Labels, value: int) -> RasPrompts:
    index = labels.array.shape[0] // 2
    x0, y0, x1, y1 = _box(labels, value, index)
    corners = np.array([[x0, y0, index, 1], [x1, y1, index, 1]]) @ labels.geometry.ijk_to_ras.T
    return RasPrompts(boxes=corners[:, :3].reshape(1, 6))


def _carried(name: int, cache: EmbeddingCache) -> None:
    volume, labels = _scan()
    prompts = {f"organ{name}": _prompt(labels, name)}
    (found,) = propagate(volume, LoadedModel(predictor()), prompts, rules=RULES, cache=cache).values()
    asked = len({one["index"] for one in (*found.slices, *found.stops)})
    if asked < SLICES:
        raise CannotRun(f"only {asked} of {SLICES} slices were asked")


def parts() -> None:
    """Each slice through the encoder, and a box and mask of it through the decoder."""
    volume, labels = _scan()
    box, frame, mask = _box(labels, 1, SLICES // 2), predictor().frame((SIDE, SIDE)), None
    for plane in volume.array.clip(0, 255).astype(np.uint8):
        embedding = predictor().encode(plane, frame)
        mask = predictor().decode(embedding, [Prompt(box=box, mask_logits=mask)], frame).low_res[0, 0].clip(-6.9, 6.9)


@cache
def _propagated() -> dict[str, list[float]]:
    """Seconds of an object, of another one on what was encoded for it, and of their parts, in turns; twice where there
    is time."""
    times: dict[str, list[float]] = {"first": [], "second": [], "parts": []}
    for turn in range(2):
        if sum(map(sum, times.values())) > ROUND_SECONDS:
            break
        kept = EmbeddingCache()
        runs = {"first": partial(_carried, 1, kept), "second": partial(_carried, 2, kept), "parts": parts}
        for name in runs if turn == 0 else ("parts", "first", "second"):
            times[name].append(timed(runs[name]))
    return times


def propagation(machine: Machine) -> Found:
    """An object through 60 slices that nobody has encoded, against encoding and decoding them."""
    whole, alone = _propagated()["first"], _propagated()["parts"]
    ratio = float(np.median(np.divide(alone, whole)))
    return Found(float(np.median(whole)), float(np.median(alone)), ratio=ratio, note=model().note)


def second_object(machine: Machine) -> Found:
    """Another object through the same slices, against the first."""
    times = _propagated()
    return Found(float(np.median(times["second"])), float(np.median(times["first"])), note=model().note)


def evaluation(machine: Machine) -> Found:
    """Dice, HD95 and NSD of eight structures, drawn and moved by two voxels."""
    try:
        import surface_distance
    except ImportError as error:
        raise CannotRun("surface-distance is not installed") from error
    import torch
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance

    _, truth = organs((200, SIDE, SIDE), 8, (0.8, 0.8, 2.0))
    moved = replace(truth, array=np.roll(truth.array, 2, axis=2))
    spacing = truth.geometry.spacing[::-1]
    theirs: list[tuple[float, float]] = []

    def plain() -> None:
        theirs.clear()
        for value in truth.names.values():
            a, b = truth.array == value, moved.array == value
            dice = 2 * (a & b).sum() / (a.sum() + b.sum())
            one, other = (torch.from_numpy(mask)[None, None] for mask in (b, a))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                hd95 = compute_hausdorff_distance(one, other, percentile=95, spacing=spacing, include_background=True)
            surfaces = surface_distance.compute_surface_distances(a, b, spacing)
            nsd = surface_distance.compute_surface_dice_at_tolerance(surfaces, TOLERANCE_MM)
            theirs.append((float(dice), float(hd95), float(nsd)))

    ours: list[dict[str, float]] = []

    def own() -> None:
        ours[:] = compare(truth, moved, TOLERANCE_MM).values()

    found = alternate(own, plain, fewest=1, most=3, seconds=45.0, warm=0)
    names = ("dice", "hd95_mm", "nsd")
    apart = max(abs(a[name] - b[i]) for a, b in zip(ours, theirs, strict=True) for i, name in enumerate(names))
    _, taken = working_memory(own)
    most = [] if taken is None else [Check("MB taken", taken, "<=", truth.array.nbytes / 1e6)]
    return with_checks(found, Check("difference", apart, "<=", 0.01), *most)


def memory(machine: Machine) -> Found:
    """The most that a process takes that has a volume of 600 slices, segments on it and carries on for 20."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", "from Testing.benchmarks.volumes import fullest; fullest()"]
    if resident("VmHWM") is None:
        raise CannotRun("only Linux tells the most that a process took")
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    found = json.loads(done.stdout.splitlines()[-1])
    limit = 1.5 * found["volume"] + found["model"] + 1000
    note = f"20 of 600 slices; volume {found['volume']:.0f} MB, model {found['model']:.0f} MB. {model().note}".strip()
    return Found(found["peak"], unit="MB", checks=(Check("peak", found["peak"], "<=", limit),), note=note)


def fullest() -> None:
    """Segment and propagate, and print the peak; for a process of its own."""
    slices = 600
    _, labels = organs((10, SIDE, SIDE), 1)
    array = np.empty((slices, SIDE, SIDE), np.int16)
    array[:] = organs((10, SIDE, SIDE), 1)[0].array[5]
    geometry = Geometry.from_lps((SIDE, SIDE, slices), (1, 1, 1), (0, 0, 0), np.eye(3).ravel())
    volume, middle = Volume(array, geometry, "large"), slices // 2
    x0, y0, x1, y1 = _box(labels, 1, 5)
    corners = np.array([[x0, y0, middle, 1], [x1, y1, middle, 1]]) @ geometry.ijk_to_ras.T
    prompts = {"organ": RasPrompts(boxes=corners[:, :3].reshape(1, 6))}
    ready = LoadedModel(predictor())
    segment(volume, ready, prompts)
    propagate(volume, ready, prompts, rules={"first": middle - 10, "last": middle + 10, **RULES})
    weights = sum(p.nbytes for p in predictor().model.sam.parameters())
    print(json.dumps({"peak": resident("VmHWM"), "volume": array.nbytes / 1e6, "model": weights / 1e6}))


ROWS = (
    Row("propagation", f"propagation, {SLICES} slices of {SIDE}²", "sum of its parts", share(1.1), propagation),
    Row("propagation-second", "a second object through them", "first object", share(0.1), second_object),
    Row("evaluation", "evaluation of 512x512x200, 8 labels", "MONAI, surface-distance", faster(5.0), evaluation),
    Row("memory", "peak memory, 512x512x600", "", None, memory),
)
