"""A slice of every tested structure, kept for the report: image and reference once a study, results with the scores."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.contours import Outlined
from SAMAdaptLib.files import atomic_path, sha256_array
from SAMAdaptLib.paths import folder_within
from SAMAdaptLib.study.task import DIGITS

if TYPE_CHECKING:
    from SAMAdaptLib.evaluation.figures import LabelResult

SLICES = "slices"


def keep_slices(
    output: Path,
    scan: str,
    results: Mapping[str, LabelResult],
    image: Callable[[int], np.ndarray],
    spacing: tuple[float, float],
) -> dict[str, dict[str, Any]]:
    """Keep of each structure the scored slice on which it is largest.

    Args:
        output: folder of the study.
        scan: what tells the scan from others, short enough for a file's name.
        results: of a test.
        image: gives a slice, uint8 [H, W], by its index.
        spacing: (row mm, column mm) of a pixel.

    Returns:
        structure to "index", "file" with image and reference, and "mask", the result on that slice.

    Raises:
        InputError: the folder cannot be written to.
    """
    kept = {}
    folder = folder_within(output, output / SLICES)
    for name, result in results.items():
        areas = np.count_nonzero(result.truth[result.slices], axis=(1, 2))
        if not areas.any():
            continue
        index = result.slices[int(areas.argmax())]
        held = {"image": image(index), "truth": result.truth[index], "spacing": np.array(spacing)}
        # Named by what is in it: rows may know fewer structures, or the study be gone on with along another axis.
        file = f"{scan}-{sha256_array(*held.values())[:DIGITS]}.npz"
        if not (folder / file).is_file():
            with atomic_path(folder / file, anew=False) as path, open(path, "wb") as stream:
                np.savez_compressed(stream, **held)
        packed = zlib.compress(np.packbits(result.prediction[index]).tobytes(), 9)
        kept[name] = {"index": index, "file": file, "mask": base64.b64encode(packed).decode("ascii")}
    return kept


def kept_slice(output: Path, kept: Mapping[str, Any], title: str) -> Outlined | None:
    """What :func:`keep_slices` kept of a structure; None where the file with image and reference is gone.

    Args:
        output: folder of the study.
        kept: of the structure.
        title: for people.

    Raises:
        InputError: the file is damaged.
    """
    path = output / SLICES / Path(str(kept["file"])).name
    if not path.is_file():
        return None
    try:
        with np.load(path) as found:
            image, truth, spacing = found["image"], found["truth"], found["spacing"]
        packed = np.frombuffer(zlib.decompress(base64.b64decode(kept["mask"])), np.uint8)
        result = np.unpackbits(packed, count=truth.size).reshape(truth.shape).astype(bool)
    except Exception as error:
        # zipfile and numpy raise whatever the broken bytes lead them to.
        raise InputError("Cannot read a slice of the study", path, "Delete it, and the report does without") from error
    return Outlined(image, truth, result, (float(spacing[0]), float(spacing[1])), title)
