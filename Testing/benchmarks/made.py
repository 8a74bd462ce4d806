"""What the rows are measured on: a model, a scan with organs, a library, all made here and the same every time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.sam.registry import get_model
from SAMAdaptLib.sam.weights.locate import locate
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume


class Made(NamedTuple):
    """A model for timing, and what is to be known of it."""

    model: SamModel
    note: str


@cache
def model(name: str = "lite_medsam", input_size: int | None = None) -> Made:
    """A base model on the CPU; with random weights where its own are not on this machine, since they take as long."""
    there = locate(get_model(name)).path is not None
    built = build_sam(name, input_size=input_size, weights=there, allow_download=False)
    return Made(built, "" if there else f"random weights, those of {name} are not on this machine")


@cache
def predictor(precision: str = "auto") -> Predictor:
    """LiteMedSAM on slices; shared."""
    return Predictor(model().model, precision)


def organs(
    shape: tuple[int, int, int], count: int, spacing: tuple[float, float, float] = (1.0, 1.0, 1.0), seed: int = 0
) -> tuple[Volume, Labels]:
    """Columns of oval cross section on a grid, all through the volume but for the outer tenths, brighter one by one.

    Args:
        shape: (slices, rows, columns).
        count: organs.
        spacing: of the voxels (x, y, z), mm.
        seed: of noise and sizes.
    """
    rng = np.random.default_rng(seed)
    slices, height, width = shape
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.mgrid[:height, :width]
    plane, values = np.zeros((height, width), np.uint8), np.full((height, width), 40.0)
    for number in range(count):
        y, x = ((np.array(divmod(number, side)) + 0.5) / side) * (height, width)
        radii = rng.uniform(0.25, 0.4, 2) * (height / side, width / side)
        inside = ((rows - y) / radii[0]) ** 2 + ((columns - x) / radii[1]) ** 2 < 1
        plane[inside], values[inside] = number + 1, 90 + 120 * (number + 1) / count
    labels, array = np.zeros(shape, np.uint8), np.full(shape, 40, np.int16)
    begin, end = slices // 10, slices - slices // 10
    labels[begin:end], array[begin:end] = plane, values.astype(np.int16)
    # One slice of noise, moved on from slice to slice: making more would take longer than what is measured.
    noise = rng.normal(0, 8, (height, width)).astype(np.int16)
    for index in range(slices):
        array[index] += np.roll(noise, (index // width, index), (0, 1))
    geometry = Geometry.from_lps((width, height, slices), spacing, (0, 0, 0), np.eye(3).ravel())
    names = {f"organ{number + 1}": number + 1 for number in range(count)}
    return Volume(array, geometry, "organs"), Labels(labels, geometry, names)


def library(folder: Path, side: int = 256, classes: int = 2, exemplars: int = 4) -> Library:
    """Exemplars of two patients with all classes, square."""
    made = Library.create(folder)
    for patient in range(2):
        volume, labels = organs((exemplars + 4, side, side), classes, seed=patient)
        for index in range(exemplars // 2):
            made.add(volume, labels, "axial", 2 + index, Intensity.parse("minmax"))
    return made
