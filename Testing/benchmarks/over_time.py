"""How well a segment follows a structure that is moved in a known way: Resources/results/time.md.

``python -m Testing.benchmarks.over_time DATA [--adapter RUN] [--only NAME ...]`` with the folder of shared data.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from SAMAdaptLib.jobs.film import propagate_film
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.prompts.boxes import bounding_box
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.volume.film import Film
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume

FRAMES = 10


class Case(NamedTuple):
    """A structure, and how it moves within a cycle: its size at most, and by how many mm to the head and the front."""

    scan: str
    label: int
    size: float
    shift: tuple[float, float]


CT = "abdomen_ct_totalsegmentator/example_ct_3mm"
CASES = {
    "kidney, shrinks by 30 %": Case(CT, 2, 0.7, (0, 0)),
    "spleen, breathes by 15 mm": Case(CT, 1, 1.0, (-15, 5)),
    "bladder, grows by 25 %": Case(CT, 104, 1.25, (0, 0)),
}


def moved(volume: Volume, mask: np.ndarray, case: Case, part: float) -> tuple[Volume, np.ndarray]:
    """A volume and a mask, bool [K, J, I], with ``part`` of the movement: about the structure's middle all is scaled
    and shifted, less and less from its border to twice as far out; with new noise of a hundredth of the range."""
    spacing = np.array(volume.geometry.spacing)[::-1]
    places = np.argwhere(mask) * spacing
    middle, scale, shift = places.mean(axis=0), 1 + part * (case.size - 1), np.array([*case.shift, 0]) * part
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in mask.shape), indexing="ij")) * spacing[:, None, None, None]
    reach = ndimage.distance_transform_edt(~mask, sampling=spacing)
    width = np.linalg.norm(places - middle, axis=1).max()
    near = np.clip(1 - reach / width, 0, 1)
    away = grid - middle[:, None, None, None]
    # Where a place comes from; the field is smooth, so that nothing folds.
    source = (grid - near * (away * (1 - 1 / scale) + shift[:, None, None, None])) / spacing[:, None, None, None]
    low, high = np.percentile(volume.array, (1, 99))
    noise = np.random.default_rng(round(1000 * part)).normal(0, (high - low) / 100, mask.shape)
    array = ndimage.map_coordinates(volume.array.astype(np.float32), source, order=1, mode="nearest") + noise
    there = ndimage.map_coordinates(mask.astype(np.float32), source, order=1) > 0.5
    return replace(volume, array=array.astype(np.float32)), there


def boxes_of(volume: Volume, mask: np.ndarray) -> RasPrompts:
    """The boxes of a structure on all axial slices that it is on, as a segment gives them that a user has made."""
    stack, marks = PlaneStack(volume.geometry, "axial"), []
    for index, one in enumerate(stack.view(mask)):
        if one.any():
            # Half a pixel wider, since a box of one column has no area.
            ends = np.reshape(bounding_box(one), (2, 2)) + [[-0.5, -0.5], [0.5, 0.5]]
            corners = np.column_stack([ends.clip(0, np.array(one.shape[::-1]) - 1), [index, index]])
            marks.append(Mark("box", stack.pixel_to_ras(corners)))
    return RasPrompts(marks=marks)


def main() -> None:
    """Print the figures of each case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--adapter", help="run folder; without one the base model answers")
    parser.add_argument("--only", choices=CASES, nargs="+", default=[*CASES], help="which ones; all by default")
    args = parser.parse_args()
    model = load_model("lite_medsam", adapter=args.adapter)
    for name in args.only:
        case = CASES[name]
        volume = read_volume(args.data / f"{case.scan}_image.nrrd")
        mask = read_labels(args.data / f"{case.scan}_label.nrrd").array == case.label
        parts = np.sin(np.pi * np.arange(FRAMES) / FRAMES) ** 2
        frames = [moved(volume, mask, case, part) for part in parts]
        film = Film(tuple(one for one, _there in frames))
        start = time.perf_counter()
        given = {"object": {1: boxes_of(film.volumes[0], frames[0][1])}}
        found = propagate_film(film, model, given, through=True, axis="axial")["object"].frames
        seconds = time.perf_counter() - start
        scores = [dice(one.mask, there) for one, (_volume, there) in zip(found, frames, strict=True)]
        sizes = np.array([[one.mask.sum(), there.sum()] for one, (_volume, there) in zip(found, frames, strict=True)])
        changes = 100 * (sizes / sizes[0] - 1)
        worst = int(np.abs(changes[:, 1]).argmax())
        print(
            f"{name}: Dice {' '.join(f'{one:.3f}' for one in scores)}; volume "
            f"{' '.join(f'{100 * (ours / true - 1):+.0f}' for ours, true in sizes)} % off; change at most "
            f"{changes[worst, 0]:+.0f} % where {changes[worst, 1]:+.0f} % is right; {seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
