"""Run by ``LibraryProcess`` in a Python of its own: what needs torch, which the application should not load.

A task takes and gives plain JSON values; arrays come by a file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

# So many structures can be read when two figures lie side by side in a panel.
NARROW = 3
SHEET_COLUMNS = 4


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
    from SAMAdaptLib.volume.labels import Labels

    with np.load(file, allow_pickle=False) as arrays:
        geometry = Geometry(tuple(size), arrays["ijk_to_ras"])
        labels = []
        for which in ("reference", "prediction"):
            names = json.loads(str(arrays[f"{which}/names"]))
            masks = {name: arrays[f"{which}/mask/{name}"] for name in names if f"{which}/mask/{name}" in arrays.files}
            labels.append(Labels(arrays[f"{which}/array"], geometry, names, masks))
    return score(*labels, tolerance_mm)


def devices() -> dict[str, str]:
    """What networks can run on here, the fastest first: name to title."""
    import torch

    from SAMAdaptLib.sam.device import devices as found

    if torch.cuda.is_available():
        torch.cuda.init()
    return found()


def preview(library: str, path: str, count: int, seed: int, config: dict[str, Any]) -> str:
    """Write a sheet of synthetic slices beside their exemplars as a PNG; returns its path.

    Args:
        library: folder of exemplars.
        path: of the file.
        count: synthetic slices on the sheet.
        seed: of all chance.
        config: fields of ``SynthesisConfig`` that differ from its defaults.
    """
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.synthesis.config import SynthesisConfig
    from SAMAdaptLib.synthesis.dataset import SyntheticSet
    from SAMAdaptLib.synthesis.preview import preview_sheet

    dataset = SyntheticSet(Library.open(Path(library)), count, seed, SynthesisConfig.from_dict(config))
    rows = min(len({dataset.source(index)[1].id for index in range(count)}), -(-count // (SHEET_COLUMNS - 1)))
    return str(preview_sheet(dataset, Path(path), rows=rows, columns=1 + -(-count // rows)))


def boxPlot(values: dict[str, list[tuple[str, str, list[float]]]], path: str) -> str:
    """Write a PNG with a box for each structure and figure, narrow, to fit a panel; returns its path.

    Args:
        values: by figure ("dice", ...): structure, model ("" for none) and numbers of each box.
        path: of the file.
    """
    from PIL import Image

    from SAMAdaptLib.evaluation.plots import box_plot
    from SAMAdaptLib.files import atomic_path

    models = {model for boxes in values.values() for _, model, _ in boxes}
    named = {
        field: {(name, model) if len(models) > 1 else name: numbers for name, model, numbers in boxes}
        for field, boxes in values.items()
    }
    fields = list(named)
    columns = 2 if len(named[fields[0]]) <= NARROW else 1
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, len(fields), columns):
            part = {field: named[field] for field in fields[first : first + columns]}
            with Image.open(box_plot(Path(folder) / f"{first}.png", part)) as image:
                parts.append(image.convert("RGB"))
    sheet = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), "white")
    for index, part in enumerate(parts):
        sheet.paste(part, (0, sum(p.height for p in parts[:index])))
    with atomic_path(Path(path)) as temporary:
        sheet.save(temporary)
    return path


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
