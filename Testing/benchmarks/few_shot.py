"""Few-shot adaptation on real scans: zero-shot, adapted with and without synthesis, and the upper bound.

    python Testing/benchmarks/few_shot.py [glioma hippocampus sarcoma] [--minutes 10] [--runs synthesis ...]

Exemplars come from the first patients, scores from slices of the last ones. The run with synthesis has the stated wall
time; the one without and the upper bound (every labelled slice of the training patients) take as many steps.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from SAMAdaptLib.evaluation.figures import mean_figures
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.select import background_indices, suggest
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.scoring import evaluate_automatic, evaluate_oracle, parse_slices, whole_image
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import merge, on_grid, parse_merge
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

SHARED = Path(os.environ.get("SAMADAPT_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
INTENSITY = Intensity.parse("percentile:0.5/99.5")
PROMPTS = ("point", "box")
RUNS = ("zero-shot", "synthesis", "exemplars", "upper-bound")


@dataclass(frozen=True)
class Task:
    """A data set split by patient."""

    folder: str
    image: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    merge: tuple[str, ...]
    per_patient: int
    backgrounds: int
    slices: str
    intensity: Intensity = INTENSITY
    # Where every patient's labels have numbers of their own: as ``merge``, by patient.
    merges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, patient: str) -> tuple:
        """Scan and labels of a patient."""
        folder = SHARED / self.folder
        volume = read_volume(folder / f"{patient}_{self.image}.nrrd")
        wanted = parse_merge(list(self.merges.get(patient, self.merge)))
        labels = merge(read_labels(folder / f"{patient}_label.nrrd"), wanted)
        return volume, on_grid(labels, volume.geometry)


def _hippocampus(*numbers: int) -> tuple[str, ...]:
    return tuple(f"hippocampus_{n:03d}" for n in numbers)


def _sarcoma(*numbers: int) -> tuple[str, ...]:
    return tuple(f"STS_{n:03d}_MR_T1" for n in numbers)


CT = Intensity.parse("window:40/400")
ORGANS = ("spleen", "right kidney", "left kidney", "liver", "stomach", "aorta")
AMOS, WHOLE = "abdomen_ct_amos/amos_0001", "abdomen_ct_totalsegmentator/example_ct_3mm"
ABDOMENS = {
    AMOS: tuple(f"{name}={value}" for name, value in zip(ORGANS, (1, 2, 3, 6, 7, 8), strict=True)),
    WHOLE: tuple(f"{name}={value}" for name, value in zip(ORGANS, (1, 2, 3, 5, 6, 7), strict=True)),
}


def _abdomen(train: str, test: str) -> Task:
    return Task("", "image", (train,), (test,), (), 6, 2, "every:3", CT, ABDOMENS)


TASKS = {
    # The source's own split into training and validation, and the other way round: only one pair has large dark
    # necrotic cores.
    "glioma": Task(
        "brain_mri_glioma_brats2013",
        "FLAIR",
        ("brats_2013_pat0005_1", "brats_2013_pat0006_1"),
        ("brats_2013_pat0003_1", "brats_2013_pat0004_1"),
        ("tumour=1,2,3,4",),
        6,
        3,
        "every:3",
    ),
    "glioma-swapped": Task(
        "brain_mri_glioma_brats2013",
        "FLAIR",
        ("brats_2013_pat0003_1", "brats_2013_pat0004_1"),
        ("brats_2013_pat0005_1", "brats_2013_pat0006_1"),
        ("tumour=1,2,3,4",),
        6,
        3,
        "every:3",
    ),
    "abdomen": _abdomen(AMOS, WHOLE),
    "abdomen-swapped": _abdomen(WHOLE, AMOS),
    "hippocampus": Task(
        "brain_mri_hippocampus_msd",
        "image",
        _hippocampus(1, 3, 6, 7),
        _hippocampus(41, 42, 45, 46, 49, 50, 52, 53),
        ("anterior=1", "posterior=2"),
        3,
        1,
        "every:5",
    ),
    "sarcoma": Task(
        "soft_tissue_sarcoma_ibsi",
        "image",
        _sarcoma(3, 10, 18, 23),
        _sarcoma(26, 28, 38, 50),
        ("tumour=1",),
        3,
        1,
        "every:5",
    ),
}


def fill(library: Library, task: Task, everything: bool) -> int:
    """Add the exemplars, or every labelled slice; returns the number of labelled slices."""
    labelled = 0
    for patient in task.train:
        volume, labels = task.read(patient)
        count = volume.geometry.size[2] if everything else task.per_patient
        for index in suggest(volume, labels, "axial", count, "uniform"):
            library.add(volume, labels, "axial", index, task.intensity)
            labelled += 1
        for index in background_indices(volume, labels, "axial", task.backgrounds):
            library.add(volume, labels, "axial", index, task.intensity, background=True)
    return labelled


def measure(task: Task, adapter: Path | None) -> dict[str, dict]:
    """Mean figures on the test patients by kind of prompt; of a model that finds objects by itself also "auto" and,
    to compare it with, "whole-image"."""
    predictor, info = load_model("lite_medsam", adapter=adapter)
    strategies = {prompt: parse_strategy(prompt) for prompt in PROMPTS}
    if predictor.model.find is not None:
        strategies |= {"whole-image": whole_image, "auto": None}
    figures: dict[str, list] = {prompt: [] for prompt in strategies}
    for patient in task.test:
        volume, labels = task.read(patient)
        # One cache for all prompts, so that a slice is encoded once.
        slices = VolumePredictor(predictor, volume, "axial", task.intensity, EmbeddingCache())
        for prompt, strategy in strategies.items():
            chosen = parse_slices(task.slices)
            if strategy is None:
                results = evaluate_automatic(slices, labels, info.classes, chosen)
            else:
                results = evaluate_oracle(slices, labels, strategy, chosen)
            figures[prompt].append({name: result.figures for name, result in results.items()})
    return {prompt: mean_figures(cases) for prompt, cases in figures.items()}


def run(name: str, wanted: Sequence[str], minutes: float, steps: int | None, seed: int, work: Path) -> list[dict]:
    """The wanted rows of one data set."""
    task, rows = TASKS[name], []
    if "zero-shot" in wanted:
        rows.append({"data": name, "run": "zero-shot", "slices": 0, "steps": 0, "seconds": 0.0} | measure(task, None))
        show(rows[-1])
    for label in [label for label in wanted if label != "zero-shot"]:
        library = Library.create(work / f"{name}-{label}-{seed}-library")
        slices = fill(library, task, everything=label == "upper-bound")
        config = TrainConfig(
            budget_minutes=minutes if steps is None else None,
            steps=steps,
            synthesis=label == "synthesis",
            validation="none",
            seed=seed,
        )
        output = work / f"{name}-{label}-{seed}"
        started = time.monotonic()
        info = finetune(library, output, config)
        seconds = time.monotonic() - started
        steps = info.steps
        rows.append({"data": name, "run": label, "slices": slices, "steps": steps, "seconds": seconds, "seed": seed})
        rows[-1] |= measure(task, output)
        show(rows[-1])
    return rows


def show(row: dict) -> None:
    """One line of the table."""
    cells = [
        f"{row['data']:12} {row['run']:24} {row['slices']:4} slices {row['steps']:4} steps {row['seconds']:5.0f} s"
    ]
    for prompt in PROMPTS:
        figures = row[prompt]
        per_slice, distance = figures["slice_dice"], figures["hd95_mm"]
        cells.append(f"{prompt} {figures['dice']:.3f} (per slice {per_slice:.3f}, HD95 {distance:.1f} mm)")
    print("  ".join(cells), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=list(TASKS), help="data sets")
    parser.add_argument("--minutes", type=float, default=10.0, help="wall time of the run with synthesis")
    parser.add_argument("--steps", type=int, help="steps of every run, instead of that time")
    parser.add_argument("--runs", nargs="+", default=RUNS, choices=RUNS, help="rows of the table")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="keep runs and figures there")
    args = parser.parse_args()
    if not SHARED.is_dir():
        print("skipped: the shared folder with real scans is not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as temporary:
        work = args.output or Path(temporary)
        for name in args.tasks:
            rows = run(name, args.runs, args.minutes, args.steps, args.seed, work)
            if args.output:
                (work / f"{name}-{'-'.join(args.runs)}-{args.seed}.json").write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
