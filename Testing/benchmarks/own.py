"""One of few_shot.py's splits of real scans as a table for ``samadapt study``.

    python Testing/benchmarks/own.py glioma DIR
    samadapt study Resources/results/adaptation.toml --index DIR/scans.csv --output STUDY

Labels are written anew, since their numbers differ between scans, and a study has one name for a structure.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from SAMAdaptLib.volume.segfile import write_segmentation
from Testing.benchmarks.few_shot import SHARED, TASKS, Task


def write_index(task: Task, folder: Path) -> Path:
    """The table, with a label file for each scan beside it."""
    folder.mkdir(parents=True)
    table = folder / "scans.csv"
    with table.open("w", newline="") as file:
        rows = csv.DictWriter(file, ["image", "labels", "patient", "split"])
        rows.writeheader()
        for split, patients in (("train", task.train), ("test", task.test)):
            for patient in patients:
                _, labels = task.read(patient)
                name = Path(patient).name
                masks = {structure: labels.mask(structure) for structure in labels.names}
                write_segmentation(folder / f"{name}.seg.nrrd", masks, labels.geometry)
                image = SHARED / task.folder / f"{patient}_{task.image}.nrrd"
                rows.writerow({"image": image, "labels": f"{name}.seg.nrrd", "patient": name, "split": split})
    return table


def main() -> None:
    """Write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=list(TASKS), help="data set")
    parser.add_argument("output", type=Path, help="new folder")
    args = parser.parse_args()
    if not SHARED.is_dir():
        parser.error("the shared folder with real scans is not beside this checkout")
    print(write_index(TASKS[args.task], args.output))


if __name__ == "__main__":
    main()
