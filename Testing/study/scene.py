"""A study that takes seconds: four patients made of ellipses, a small TinyViT, trainings of a few steps."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import TINY_VIT, build, scan

NAME = TINY_VIT.name
# Of every cell; each training takes a second or two.
QUICK = {
    "model": NAME, "steps": 3, "batch_size": 1, "prompts_per_slice": 1, "synthetic_count": 4, "validation": "none",
    "device": "cpu", "precision": "fp32", "checkpoint_seconds": 0.0,
}  # fmt: skip

# What a step waits in a worker.
STEP_S = 0.2


def register() -> None:
    """Make the small model known in this process."""
    MODELS[NAME] = TINY_VIT


def dask_setup(worker: object) -> None:
    """Make it known in a worker whose setting ``distributed.worker.preload`` names this module, and have its steps
    take a while, so that it can be killed between two."""
    from SAMAdaptLib.training.finetune import Finetuning

    register()
    after = Finetuning.after_step

    def late(self: Finetuning) -> None:
        time.sleep(STEP_S)
        after(self)

    Finetuning.after_step = late


def write_scans(folder: Path, patients: int = 4, **columns: list[str]) -> Path:
    """Scans with labels and an index of them, whose path is returned; further columns by their cells."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(patients):
        volume, labels = scan(number)
        write_volume(folder / f"image{number}.nrrd", volume.array, volume.geometry)
        masks = {name: labels.mask(name) for name in labels.names}
        write_segmentation(folder / f"labels{number}.seg.nrrd", masks, labels.geometry)
        row = {"image": f"image{number}.nrrd", "labels": f"labels{number}.seg.nrrd", "patient": f"P{number}"}
        rows.append(row | {name: cells[number] for name, cells in columns.items()})
    return write_index(folder / "index.csv", rows)


def write_index(path: Path, rows: list[dict[str, str]]) -> Path:
    """A table of scans."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_weights(path: Path) -> Path:
    """Weights of the small model."""
    save_file({n: t.contiguous() for n, t in build("tiny_vit-64").sam.state_dict().items()}, path)
    return path


def described(index: Path, weights: Path, *rows: dict[str, Any], **cells: Any) -> dict[str, Any]:
    """A description, as a TOML file would hold it; the last of four patients are tested on."""
    common = {**QUICK, "checkpoint": str(weights), **cells}
    return {"title": "Four ellipses", "data": {"index": str(index), "test": ["P2", "P3"]}, "cells": common,
            "rows": [*rows]}  # fmt: skip


def main() -> None:
    """``python -m Testing.study.scene STUDY.json DIR [MEMBER]``: run a study in a process of its own, which tells its
    events; with a module that two processes have launched to train together."""
    from SAMAdaptLib.study import launch
    from SAMAdaptLib.study.run import run_study

    register()
    description = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    launch.MEMBER = next(iter(sys.argv[3:]), launch.MEMBER)
    processes = 2 if sys.argv[3:] else 1
    run_study(description, sys.argv[2], listener=lambda event: print(event, flush=True), processes=processes)


if __name__ == "__main__":
    main()
