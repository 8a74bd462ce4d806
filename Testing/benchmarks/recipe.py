"""Dice for minutes: what an adaptation buys on other patients, over seeds, against the untrained model.

    python Testing/benchmarks/recipe.py [glioma glioma-swapped sarcoma hippocampus abdomen ...] [--minutes 1 2 4 8]
        [--seeds 0 1 2] [--set lr=2e-3 ...] [--inside] [--output DIR]

Scores are Dice of one point and of a box on oracle slices, and of one box propagated through the volume, pooled per
volume and label; ``±`` is the standard deviation over seeds, and the interval in brackets a paired bootstrap (95 %)
over volumes and labels of the gain over the untrained model. ``--inside`` stays within the training patients: each is
left out in turn, and scored. Settings are to be chosen by that alone. ``--steps`` gives so many steps in place of the
minutes, such as those that an idle machine has time for, so that other programs may run meanwhile.
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

from SAMAdaptLib.cli.run_options import parse_settings
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import write_json
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.scoring import evaluate_oracle, evaluate_propagated, parse_slices
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from Testing.benchmarks.few_shot import SHARED, TASKS, Task, fill

KINDS = ("point", "box", "propagated box")
# Dice by kind of prompt, volume and label.
Scores = dict[str, dict[str, float]]


def scores(task: Task, adapter: Path | None, propagate: bool) -> Scores:
    """Dice on the test patients; of the adapter's own weights, whatever it would rather answer with the base's."""
    predictor, _ = load_model(adapter=adapter)
    found: Scores = {kind: {} for kind in KINDS[: 2 + propagate]}
    for patient in task.test:
        volume, labels = task.read(patient)
        slices = VolumePredictor(predictor, volume, "axial", task.intensity, EmbeddingCache())
        for kind, dices in found.items():
            strategy = parse_strategy(kind.rpartition(" ")[2])
            if kind in ("point", "box"):
                results = evaluate_oracle(slices, labels, strategy, parse_slices(task.slices))
            else:
                results = evaluate_propagated(slices, labels, strategy)
            dices |= {f"{patient} {name}": result.figures["dice"] for name, result in results.items()}
    return found


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
        low, high = bootstrap((gains,), np.mean, rng=np.random.default_rng(0)).confidence_interval
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
            base = merged([scores(task, None, not args.no_propagation) for task in tasks])
            print(name, *(f"{kind} {np.mean([*base[kind].values()]):.3f}" for kind in base), sep="  ", flush=True)
            for length in lengths:
                runs = []
                for seed in args.seeds:
                    config = TrainConfig.from_dict({"validation": "none", "seed": seed, **length, **settings})
                    parts = []
                    for number, task in enumerate(tasks):
                        place = work / f"{name}-{'-'.join(map(str, length.values()))}-{seed}-{number}"
                        run, steps, seconds = train(task, config, place)
                        parts.append(scores(task, run, not args.no_propagation))
                        rows.append({"data": name, "seed": seed, "steps": steps, "seconds": seconds, **length})
                        rows[-1] |= {"test": task.test, "settings": settings, "base": base, "dice": parts[-1]}
                    runs.append(merged(parts))
                    write_json(work / "recipe.json", rows)
                print(f"  {length}, {steps} steps", *(told(k, runs, base) for k in base), sep="\n    ", flush=True)


def merged(parts: Sequence[Scores]) -> Scores:
    """Scores of several test sets as those of one."""
    return {kind: {key: dice for part in parts for key, dice in part[kind].items()} for kind in parts[0]}


if __name__ == "__main__":
    main()
