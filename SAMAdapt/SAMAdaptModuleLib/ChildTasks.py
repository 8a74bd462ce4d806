"""Run by ``LibraryProcess`` in a Python of its own: what needs torch, which the application should not load.

A task takes and gives plain JSON values; arrays come by a file.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np


def memory(
    model: str | dict[str, Any], method: str, batch_size: int, prompts_per_slice: int, input_size: int | None
) -> str:
    """Memory of a training as text; ``model`` is a name or the fields of a ``BaseModel``."""
    from SAMAdaptLib.sam.registry import BaseModel
    from SAMAdaptLib.training.memory import estimate

    entry = BaseModel(**model) if isinstance(model, dict) else model
    return estimate(entry, method, batch_size, prompts_per_slice, input_size).text


def compare(file: str, size: list[int], tolerance_mm: float) -> dict[str, dict[str, Any]]:
    """Figures by structure.

    Args:
        file: .npz with "ijk_to_ras", and for "reference" and "prediction": "<it>/names" (JSON), "<it>/array" and, where
            structures overlap, "<it>/mask/<name>".
        size: voxels along I, J, K.
        tolerance_mm: of the normalised surface Dice.
    """
    from SAMAdaptLib.evaluation.compare import compare as score
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.segmentation import Labels

    with np.load(file, allow_pickle=False) as arrays:
        geometry = Geometry(tuple(size), arrays["ijk_to_ras"])
        labels = []
        for which in ("reference", "prediction"):
            names = json.loads(str(arrays[f"{which}/names"]))
            masks = {name: arrays[f"{which}/mask/{name}"] for name in names if f"{which}/mask/{name}" in arrays.files}
            labels.append(Labels(arrays[f"{which}/array"], geometry, names, masks))
    return score(*labels, tolerance_mm)


def main() -> None:
    """``ChildTasks.py FOLDER TASK``: arguments as JSON on the input, {"result"} or {"error"} on the output."""
    sys.path.insert(0, sys.argv[1])
    from SAMAdaptLib.errors import InputError
    from SAMAdaptLib.files import finite

    try:
        answer = {"result": globals()[sys.argv[2]](**json.load(sys.stdin))}
    except InputError as error:
        answer = {"error": [error.what, error.where, error.remedy]}
    # Libraries write to the output too; the answer is its last line.
    print("\n" + json.dumps(finite(answer)))


if __name__ == "__main__":
    main()
