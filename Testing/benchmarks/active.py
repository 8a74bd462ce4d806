"""How many slices `samadapt suggest` needs to reach what slices drawn by lot reach.

    python -m Testing.benchmarks.active hippocampus glioma --output DIR [--slices 2 4 8 12 16 24] [--steps 150]
        [--method decoder] [--rules suggested random]

Runs the preset "active", or a part of it, on shared scans, which an interrupted call goes on with, and compares the
curves of Dice against labelled slices, means over seeds: for each number of random slices the number of suggested ones
at which their curve, a straight line from point to point that begins with the base model, first has the same Dice. The
goal is 70 %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from SAMAdaptLib.settings import read_toml
from SAMAdaptLib.study.description import find_description, read_study
from SAMAdaptLib.study.report import write_study_report
from SAMAdaptLib.study.run import run_study
from SAMAdaptLib.study.ways import Way, read_ways
from Testing.benchmarks.few_shot import SHARED, TASKS, Task
from Testing.benchmarks.own import write_index

GOAL = 0.7
ALL = {
    "hippocampus": replace(
        TASKS["hippocampus"],
        train=tuple(f"hippocampus_{n:03d}" for n in (1, 3, 6, 7, 11, 14, 17, 19, 23, 24, 26, 33, 35, 36, 38, 39)),
    ),
    "glioma": TASKS["glioma"],
}
Curve = Sequence[tuple[int, float]]


def slices_needed(curve: Curve, dice: float) -> float | None:
    """Where a curve of (slices, Dice), by rising number of slices, first has a Dice; None where it never has."""
    before: tuple[int, float] | None = None
    for slices, reached in curve:
        if reached >= dice:
            if before is None or reached == before[1]:
                return float(slices)
            return before[0] + (slices - before[0]) * (dice - before[1]) / (reached - before[1])
        before = slices, reached
    return None


def compared(suggested: Curve, lot: Curve) -> list[dict[str, Any]]:
    """For each number of random slices its Dice, the suggested ones for the same, and their share of it."""
    rows = []
    for slices, dice in lot:
        needed = slices_needed(suggested, dice)
        if slices:
            rows.append({"random": slices, "dice": dice, "suggested": needed, "share": needed and needed / slices})
    return rows


def curves(ways: Sequence[Way], prompt: str) -> dict[str, Curve]:
    """Rule to the mean Dice over seeds by number of slices, from the base model's on."""
    mine = [way for way in ways if way.prompt == prompt]
    base = [(0, way.spread("dice").mean or 0.0) for way in mine if way.row["method"] == "none"]
    found: dict[str, dict[int, float]] = {}
    for way in mine:
        if way.row["method"] != "none":
            found.setdefault(way.row["rule"], dict(base))[int(way.row["slices"])] = way.spread("dice").mean or 0.0
    return {rule: sorted(points.items()) for rule, points in found.items()}


def described(method: str, rules: Sequence[str]) -> dict[str, Any]:
    """The preset with the method that is trained and the rules that are compared."""
    preset = read_toml(find_description("active"), "description of the study")
    for row in preset["rows"]:
        if row["method"] != "none":
            row.update(method=method, rule=list(rules))
    return preset


def measure(
    name: str, task: Task, output: Path, preset: Mapping[str, Any], cells: Mapping[str, Any], slices: Sequence[int]
) -> dict[str, Any]:
    """Run the study of a data set, or go on with it, and compare."""
    index = output / name / "scans" / "scans.csv"
    if not index.is_file():
        write_index(task, index.parent)
    study = read_study(preset, data={"index": str(index)}, cells=cells)
    wanted = [cell for cell in study.cells if not cell.trained or cell.own.slices in slices]
    folder = output / name / "study"
    run_study(replace(study, cells=tuple(wanted)), folder, listener=_told)
    write_study_report(folder)
    ways = read_ways(folder)
    return {prompt: compared(**_both(curves(ways, prompt))) for prompt in dict.fromkeys(way.prompt for way in ways)}


def _both(found: Mapping[str, Curve]) -> dict[str, Curve]:
    return {"suggested": found["suggested"], "lot": found["random"]}


def _told(event: dict[str, Any]) -> None:
    if event["event"] == "cell":
        print(f"cell {event['number']} of {event['of']}: {event['row']}", flush=True)
    elif event["event"] == "failed":
        print(f"failed: {event['error']}", flush=True)


def main() -> None:
    """Measure, print, and write active.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=list(ALL), help="data sets")
    parser.add_argument("--output", type=Path, required=True, help="folder of the studies; one that is there goes on")
    parser.add_argument("--slices", type=int, nargs="+", default=[2, 4, 8, 12, 16, 24], help="those of the preset")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--method", default="lora", help="that is trained")
    parser.add_argument(
        "--rules", nargs="+", default=["suggested", "random", "most-labels"], help="suggested, random, and others"
    )
    parser.add_argument("--steps", type=int, default=150, help="of every training")
    parser.add_argument("--test-slices", help="which slices are tested, as every:5; all by default")
    args = parser.parse_args()
    if not SHARED.is_dir():
        parser.error("the shared folder with real scans is not beside this checkout")
    cells: dict[str, Any] = {"seed": args.seeds, "steps": args.steps, "test_slices": args.test_slices}
    preset = described(args.method, args.rules)
    found = {name: measure(name, ALL[name], args.output, preset, cells, args.slices) for name in args.tasks}
    (args.output / "active.json").write_text(json.dumps(found, indent=2))
    for name, prompts in found.items():
        for prompt, rows in prompts.items():
            for row in rows:
                needed = "never" if row["suggested"] is None else f"{row['suggested']:.1f} ({row['share']:.0%})"
                print(f"{name:12} {prompt:6} random {row['random']:3}: Dice {row['dice']:.3f}, suggested: {needed}")
            last = rows[-1]["share"]
            met = last is not None and last <= GOAL
            print(
                f"{name:12} {prompt:6} at most {GOAL:.0%} at {rows[-1]['random']} slices: {'met' if met else 'missed'}"
            )


if __name__ == "__main__":
    main()
