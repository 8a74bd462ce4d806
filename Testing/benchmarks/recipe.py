"""Dice for minutes: what an adaptation buys on other patients, over seeds, against the untrained model.

    python Testing/benchmarks/recipe.py [glioma glioma-swapped sarcoma hippocampus abdomen ...] [--minutes 1 2 4 8]
        [--seeds 0 1 2] [--set lr=2e-3 ...] [--inside] [--output DIR]

Scores are Dice of one point and of a box on oracle slices, and of one box and of one point propagated through the
volume, pooled per volume and label; ``±`` is the standard deviation over seeds, and the interval in brackets a paired
bootstrap (95 %) over volumes and labels of the gain over the untrained model. ``--inside`` stays within the training
patients: each is left out in turn, and scored. Settings are to be chosen by that alone. ``--steps`` gives so many steps
in place of the minutes, such as those that an idle machine has time for, so that other programs may run meanwhile.
Without ``--set validation=auto`` nothing is held out, so that the adapter answers everything; with it the scores are
given a second time as a user gets them, where some prompts are answered by other weights.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import bootstrap

from SAMAdaptLib.adapters.comparison import ADAPTED, answering
from SAMAdaptLib.adapters.info import read_adapter_info
from SAMAdaptLib.cli.run_options import parse_settings
from SAMAdaptLib.defaults import BASE, WEIGHTS
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import write_json
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.scoring import evaluate_oracle, evaluate_propagated, parse_slices
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.prompts.types import BOX, POINT, PROPAGATION
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from Testing.benchmarks.few_shot import SHARED, TASKS, Task, fill

PROPAGATED = ("propagated box", "propagated point")
KINDS = (POINT, BOX, *PROPAGATED)
# Dice by kind of prompt, volume and label.
Scores = dict[str, dict[str, float]]


def scores(task: Task, adapter: Path | None, kinds: Sequence[str], weights: str = ADAPTED) -> Scores:
    """Dice on the test patients with a choice of weights, by default the adapter's own."""
    predictor, _ = load_model(adapter=adapter, weights=weights)
    found: Scores = {kind: {} for kind in kinds}
    for patient in task.test:
        volume, labels = task.read(patient)
        slices = VolumePredictor(predictor, volume, "axial", task.intensity, EmbeddingCache())
        for kind, dices in found.items():
            strategy = parse_strategy(kind.rpartition(" ")[2])
            if kind in PROPAGATED:
                results = evaluate_propagated(slices, labels, strategy)
            else:
                results = evaluate_oracle(slices, labels, strategy, parse_slices(task.slices))
            dices |= {f"{patient} {name}": result.figures["dice"] for name, result in results.items()}
    return found


def answered(task: Task, adapter: Path, own: Scores, base: Scores) -> Scores:
    """Dice as a user gets it; what the adapter or the base answers alone is not asked again."""
    used = answering(read_adapter_info(adapter).comparison)
    found: Scores = {}
    mixed = []
    for kind, dices in own.items():
        ways = {used.get(kind.rpartition(" ")[2], ADAPTED)}
        if kind in PROPAGATED:
            ways.add(used.get(PROPAGATION, ADAPTED))
        if ways == {ADAPTED}:
            found[kind] = dices
        elif ways == {BASE}:
            found[kind] = {key: base[kind][key] for key in dices}
        else:
            mixed.append(kind)
    # In one call, so that a slice is encoded once for all of them.
    return found | scores(task, adapter, mixed, WEIGHTS) if mixed else found


def folds(task: Task) -> list[Task]:
    """The training patients alone, each left out in turn; its exemplars are replaced by more of the others'."""
    slices = task.per_patient * len(task.train)
    rest = len(task.train) - 1
    return [
        replace(task, train=tuple(p for p in task.train if p != one), test=(one,), per_patient=-(-slices // rest))
        for one in task.train
    ]


def train(task: Task, config: TrainConfig, work: Path) -> tuple[Path, int, float]:
    """Run folder, steps and seconds of one training."""
    work.mkdir(parents=True)
    library = Library.create(work / "library")
    fill(library, task, everything=False)
    started = time.monotonic()
    info = finetune(library, work / "run", config)
    return work / "run", info.steps, time.monotonic() - started


def told(kind: str, runs: Sequence[Scores], base: Scores) -> str:
    """Mean over seeds and its spread, and the gain with its interval."""
    means = [float(np.mean([*run[kind].values()])) for run in runs]
    keys = base[kind]
    gains = np.array([np.mean([run[kind][key] for run in runs]) - base[kind][key] for key in keys])
    spread = f" ± {np.std(means, ddof=1):.3f}" if len(means) > 1 else ""
    interval = ""
    if len(gains) > 1:
        low, high = bootstrap((gains,), np.mean, random_state=np.random.default_rng(0)).confidence_interval
        interval = f" [{low:+.3f}, {high:+.3f}]"
    return f"{kind} {np.mean(means):.3f}{spread}, gain {gains.mean():+.3f}{interval}, worst {gains.min():+.3f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=list(TASKS), help="data sets")
    parser.add_argument("--minutes", nargs="+", type=float, default=[1.0, 2.0, 4.0, 8.0])
    parser.add_argument("--steps", nargs="+", type=int, help="steps of each of the minutes, instead of them")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="training settings")
    parser.add_argument("--inside", action="store_true", help="training patients only, each left out in turn")
    parser.add_argument("--no-propagation", action="store_true", help="leave out the slowest score")
    parser.add_argument("--output", type=Path, help="keep runs and figures there")
    args = parser.parse_args()
    if not SHARED.is_dir():
        print("skipped: the shared folder with real scans is not beside this checkout")
        return
    settings = parse_settings(args.set)
    lengths = [{"steps": s} for s in args.steps] if args.steps else [{"budget_minutes": m} for m in args.minutes]
    with tempfile.TemporaryDirectory() as temporary:
        work, rows = args.output or Path(temporary), []
        for name in args.tasks:
            tasks = folds(TASKS[name]) if args.inside else [TASKS[name]]
            kinds = KINDS[:2] if args.no_propagation else KINDS
            base = merged([scores(task, None, kinds) for task in tasks])
            print(name, *(f"{kind} {np.mean([*base[kind].values()]):.3f}" for kind in base), sep="  ", flush=True)
            for length in lengths:
                runs: dict[str, list[Scores]] = {"adapter": [], "as answered": []}
                for seed in args.seeds:
                    config = TrainConfig.from_dict({"validation": "none", "seed": seed, **length, **settings})
                    parts: dict[str, list[Scores]] = {way: [] for way in runs}
                    for number, task in enumerate(tasks):
                        place = work / f"{name}-{'-'.join(map(str, length.values()))}-{seed}-{number}"
                        run, steps, seconds = train(task, config, place)
                        own = scores(task, run, kinds)
                        found = {"adapter": own, "as answered": answered(task, run, own, base)}
                        rows.append({"data": name, "seed": seed, "steps": steps, "seconds": seconds, **length})
                        rows[-1] |= {"test": task.test, "settings": settings, "base": base, "dice": found}
                        for way, part in found.items():
                            parts[way].append(part)
                    for way, kept in runs.items():
                        kept.append(merged(parts[way]))
                    write_json(work / "recipe.json", rows)
                print(f"  {length}, {steps} steps", flush=True)
                for way, kept in runs.items():
                    if way == "adapter" or kept != runs["adapter"]:
                        print(f"    {way}", *(told(kind, kept, base) for kind in kinds), sep="\n      ", flush=True)


def merged(parts: Sequence[Scores]) -> Scores:
    """Scores of several test sets as those of one."""
    return {kind: {key: dice for part in parts for key, dice in part[kind].items()} for kind in parts[0]}


if __name__ == "__main__":
    main()
