"""Every method trained for the same wall time on the same exemplars, scored on other patients.

    python Testing/benchmarks/methods.py [glioma hippocampus sarcoma] [--minutes 8] [--methods lora ...] [--steps ...]

Data, split and scores are those of few_shot.py. ``--steps`` gives every method its own number of steps in place of
the wall time, such as those that an earlier run had time for: a step costs the same on every data set, as its slices
are scaled to one size, and so other programs may run meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import write_json
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.config import RECIPES
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from Testing.benchmarks.few_shot import SHARED, TASKS, fill, measure


def run(task_name: str, method: str, minutes: float, steps: int | None, work: Path, recipe: str) -> dict:
    """Train and score one method on one data set."""
    task = TASKS[task_name]
    library = Library.create(work / f"{task_name}-{method}-library")
    slices = fill(library, task, everything=False)
    output = work / f"{task_name}-{method}"
    config = TrainConfig(
        method=method,
        budget_minutes=None if steps else minutes,
        steps=steps,
        validation="none",
        recipe=recipe,
    )
    model = build_sam("lite_medsam", allow_download=False)
    started, used = time.monotonic(), time.process_time()
    info = finetune(library, output, config, model=model)
    seconds, cores = time.monotonic() - started, time.process_time() - used
    row = {"data": task_name, "method": method, "slices": slices, "steps": info.steps}
    row |= {"seconds": seconds, "core_seconds": cores}
    row["trainable"] = sum(p.numel() for p in trainable(model.sam).values())
    return row | measure(task, output)


def show(row: dict) -> None:
    """One line of the table."""
    cells = [f"{row['data']:12} {row['method']:10} {row['trainable']:>10,} parameters {row['steps']:4} steps"]
    cells.append(f"{row['seconds']:5.0f} s, of all cores {row['core_seconds']:5.0f} s")
    prompts = [prompt for prompt, figures in row.items() if isinstance(figures, dict)]
    cells += [f"{prompt} {row[prompt]['dice']:.3f} ({row[prompt]['slice_dice']:.3f})" for prompt in prompts]
    print("  ".join(cells), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=["glioma", "hippocampus", "sarcoma"], help="data sets")
    parser.add_argument("--minutes", type=float, default=8.0, help="wall time of every training")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--steps", nargs="+", type=int, help="steps of each of the methods, in their order")
    parser.add_argument("--recipe", choices=RECIPES, default=RECIPES[0], help="rates of short runs, or the papers'")
    parser.add_argument("--output", type=Path, help="keep runs and figures there")
    args = parser.parse_args()
    if args.steps and len(args.steps) != len(args.methods):
        parser.error(f"{len(args.steps)} numbers of steps for {len(args.methods)} methods")
    if not SHARED.is_dir():
        print("skipped: the shared folder with real scans is not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as temporary:
        work = args.output or Path(temporary)
        for task in args.tasks:
            zero = {
                "data": task,
                "method": "zero-shot",
                "trainable": 0,
                "steps": 0,
                "seconds": 0.0,
                "core_seconds": 0.0,
            }
            rows = [zero | measure(TASKS[task], None)]
            show(rows[-1])
            for method, steps in zip(args.methods, args.steps or [None] * len(args.methods), strict=True):
                rows.append(run(task, method, args.minutes, steps, work, args.recipe))
                show(rows[-1])
                write_json(work / f"methods-{task}.json", rows)


if __name__ == "__main__":
    main()
