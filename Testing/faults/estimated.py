"""A short training with LiteMedSAM in a process of its own; prints its peak and what was estimated, in bytes:
``python -m Testing.faults.estimated METHOD MODE``."""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.memory import estimate
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume

STEPS = 6
# Slices of a CT.
SIDE = 512


def make_library(folder: Path) -> Library:
    """Two patients with a large and a small disc on noise."""
    library, rng = Library.create(folder), np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    geometry = Geometry.from_lps((SIDE, SIDE, 3), (0.8, 0.8, 3), (0, 0, 0), np.eye(3).ravel())
    for patient in range(2):
        labels = np.zeros((3, SIDE, SIDE), np.uint8)
        labels[:, (rows - 200 - 20 * patient) ** 2 + (columns - 260) ** 2 < 90**2] = 1
        labels[:, (rows - 380) ** 2 + (columns - 100) ** 2 < 40**2] = 2
        values = rng.normal(40, 12, labels.shape) + np.array([0, 150, 80])[labels]
        volume = Volume(values.astype(np.int16), geometry, f"patient {patient}")
        for index in range(3):
            found = Labels(labels, geometry, {"large": 1, "small": 2})
            library.add(volume, found, "axial", index, Intensity.parse("minmax"))
    return library


def peak() -> int:
    """Bytes of this process in memory at its fullest."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) << 10


def main(method: str, mode: str) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        config = TrainConfig(
            model="lite_medsam", method=method, memory=mode, steps=STEPS, validation="none", precision="fp32",
            device="cpu",
        )  # fmt: skip
        finetune(make_library(Path(folder) / "library"), Path(folder) / "run", config)
    print(peak(), estimate("lite_medsam", method, memory=mode).bytes)


if __name__ == "__main__":
    main(*sys.argv[1:])
