"""Objects of all sizes on large pictures, seen whole and in parts: Resources/results/tiles.md.

``python -m Testing.benchmarks.tiles DATA together|enlarged`` with the folder of shared data: 16 slices of a CT in one
picture, or single slices of CT and MR made larger. A line of JSON an object, then the means.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.transform import resize

from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.prompts.boxes import bounding_box
from SAMAdaptLib.prompts.strategies import generator, parse_strategy
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import tiled
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume

CT, MR = "window:40/400", "percentile:0.5/99.5"
# Longer sides in pixels, from and below.
SIZES = ((8, 24), (24, 64), (64, 200), (200, 480), (480, 2000))
PROMPTS = {"box": "box:0.05", "lasso": "lasso:0.1"}
PROMPTS |= {"point": "point", "any point": "random-point", "scribble": "scribble"}
# Objects of a size on a picture.
TOGETHER, ENLARGED = 12, 2
# An object in more parts than one is no single one.
WHOLE, LEAST = 0.95, 40

Placed = list[tuple[int, int, np.ndarray]]


def _scan(data: Path, case: str, image: str = "image") -> tuple[np.ndarray, np.ndarray]:
    return read_volume(data / f"{case}_{image}.nrrd").array, read_labels(data / f"{case}_label.nrrd").array


def _enlarged(array: np.ndarray, side: int, order: int) -> np.ndarray:
    shape = [round(n * side / max(array.shape)) for n in array.shape]
    found: np.ndarray = resize(
        array.astype(np.float32), shape, order=order, preserve_range=True, anti_aliasing=False
    )
    return found


def pictures(data: Path, which: str) -> Iterator[tuple[str, np.ndarray, Placed, str]]:
    """Name, pixels, (top, left, labels) of what is on it, and the mapping to grey levels."""
    image, labels = _scan(data, "abdomen_ct_amos/amos_0001")
    if which == "together":
        # Eleven slices, and five of them once more, the other way round.
        middle = np.s_[:, 128:640, 128:640]
        parts = [*zip(image[middle], labels[middle], strict=True)]
        parts += [(one[:, ::-1], other[:, ::-1]) for one, other in parts[:10:2]]
        rows = [np.concatenate([one for one, _ in parts[row : row + 4]], axis=1) for row in range(0, 16, 4)]
        placed = [(place // 4 * 512, place % 4 * 512, one) for place, (_, one) in enumerate(parts)]
        yield "together", np.concatenate(rows), placed, CT
        return
    for k in (1, 5, 9):
        yield f"CT {k}", _enlarged(image[k], 2048, 1), [(0, 0, _enlarged(labels[k], 2048, 0).astype(int))], CT
    sarcomas = sorted((data / "soft_tissue_sarcoma_ibsi").glob("*_image.nrrd"))[1:4]
    cases = [(f"soft_tissue_sarcoma_ibsi/{one.name.removesuffix('_image.nrrd')}", "image") for one in sarcomas]
    cases += [(f"brain_mri_glioma_brats2013/brats_2013_pat000{n}_1", "FLAIR") for n in (3, 6)]
    for case, channel in cases:
        image, labels = _scan(data, case, channel)
        labels = labels > 0 if channel == "FLAIR" else labels
        k = int((labels > 0).sum(axis=(1, 2)).argmax())
        yield case, _enlarged(image[k], 1600, 1), [(0, 0, _enlarged(labels[k], 1600, 0).astype(int))], MR


def objects(placed: Placed, shape: tuple[int, ...]) -> list[tuple[int, np.ndarray]]:
    """Longer side in pixels and mask of each object."""
    found = []
    for top, left, labels in placed:
        for value in np.unique(labels[labels > 0]):
            parts, _ = ndimage.label(labels == value)
            areas = np.bincount(parts.ravel())[1:]
            if areas.max() < WHOLE * areas.sum() or areas.max() < LEAST:
                continue
            mask = np.zeros(shape, bool)
            mask[top : top + labels.shape[0], left : left + labels.shape[1]] = parts == 1 + areas.argmax()
            x0, y0, x1, y1 = bounding_box(mask)
            found.append((int(max(x1 - x0, y1 - y0)) + 1, mask))
    return found


def main() -> None:
    """Print what comes out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("which", choices=("together", "enlarged"))
    args = parser.parse_args()
    model, rng, rows = load_model("lite_medsam"), np.random.default_rng(11), []
    for name, pixels, placed, mapping in pictures(args.data, args.which):
        geometry = Geometry((pixels.shape[1], pixels.shape[0], 1), np.diag([-1.0, -1.0, 1.0, 1.0]))
        volume = Volume(pixels[None].astype(np.float32), geometry, name)
        whole = VolumePredictor(model.predictor, volume, "axial", mapping)
        parts, there, chosen = tiled(whole), objects(placed, pixels.shape), []
        for low, high in SIZES:
            alike = [one for one in there if low <= one[0] < high]
            most = TOGETHER if args.which == "together" else ENLARGED
            chosen += [alike[place] for place in rng.permutation(len(alike))[:most]]
        for place, (size, truth) in enumerate(chosen):
            row = {"picture": name, "size": size}
            for way, text in PROMPTS.items():
                prompt = parse_strategy(text)(truth, generator(5, place))
                row |= {f"{way}, whole": dice(whole(0, prompt).mask, truth)}
                row |= {f"{way}, in parts": dice(parts(0, prompt).mask, truth)}
            rows.append(row)
            print(json.dumps(row), flush=True)
    for key in (key for key in rows[0] if "," in key):
        scores = [[row[key] for row in rows if low <= row["size"] < high] for low, high in SIZES]
        print(key, *(f"{np.mean(one):.2f} ({np.std(one):.2f}) of {len(one)}" for one in scores if one), sep="  ")


if __name__ == "__main__":
    main()
