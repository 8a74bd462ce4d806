"""Rows of synthetic slices."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from skimage.filters import gaussian
from skimage.transform import AffineTransform, SimilarityTransform, warp

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.synthesis.compose import fill_background
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from Testing.benchmarks.made import library
from Testing.benchmarks.rows import Found, Machine, Row, alternate, faster

SIDE, CLASSES, TOGETHER = 256, 8, 8


def plain(exemplar: Exemplar, background: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Equations 1 to 3 of Cheap Lunch as one writes them down: every organ on a whole picture of its own."""
    canvas, image = background.copy(), exemplar.image / 255
    for value in range(1, CLASSES + 1):
        mask = (exemplar.labels == value).astype(float)
        organ = np.clip(gaussian(image, rng.uniform(0, 0.8)) ** rng.uniform(0.65, 1.5) * rng.uniform(0.75, 1.25), 0, 1)
        centre = np.array([axis.mean() for axis in np.nonzero(mask)])[::-1]
        moved = AffineTransform(
            scale=rng.uniform(0.8, 1.25), rotation=rng.uniform(-0.35, 0.35), translation=rng.uniform(-8, 8, 2)
        )
        about = SimilarityTransform(translation=-centre) + moved + SimilarityTransform(translation=centre)
        inside = warp(mask, about.inverse, order=0) > 0.5
        blend = gaussian(inside.astype(float), 1.0) * inside
        canvas = canvas * (1 - blend) + warp(organ * mask, about.inverse, order=1) * blend
    return (255 * canvas).astype(np.uint8)


def synthesis(machine: Machine) -> Found:
    """A few slices with eight organs each; the filled background is there before, on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        exemplars = library(Path(folder) / "library", SIDE, CLASSES)
        config = SynthesisConfig(organ_probability=1.0, whole_slice_share=0.0)
        made, loaded = SyntheticSet(exemplars, 1000, 0, config), [*exemplars]
        ground = [fill_background(one).image / 255 for one in loaded]
        rng = np.random.default_rng(0)

        def own() -> None:
            for index in range(TOGETHER):
                made[index]

        def theirs() -> None:
            for index in range(TOGETHER):
                plain(loaded[index % len(loaded)], ground[index % len(loaded)], rng)

        return alternate(own, theirs, seconds=10.0, unit="ms")


ROWS = (
    Row("synthesis", f"synthesis of {TOGETHER} x {SIDE}², {CLASSES} classes", "scikit-image", faster(10.0), synthesis),
)
