from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume


def build(seed: int = 0, name: str = "scan", masks: dict | None = None) -> tuple[Volume, Labels]:
    """A noisy LPS volume [12, 20, 30] (spacing 0.5, 0.8, 4 mm) with a liver on slices 3-8 and a spleen on 5-6."""
    rng = np.random.default_rng(seed)
    geometry = Geometry.from_lps((30, 20, 12), (0.5, 0.8, 4.0), (-11.5, 22.25, 333.125), np.eye(3).ravel())
    array = rng.integers(0, 100, (12, 20, 30)).astype(np.int16)
    if masks is None:
        masks = {"liver": np.zeros(array.shape, bool), "spleen": np.zeros(array.shape, bool)}
        masks["liver"][3:9, 4:10, 5:12] = True
        masks["spleen"][5:7, 12:15, 20:25] = True
    labels = np.zeros(array.shape, np.uint16)
    for value, mask in enumerate(masks.values(), start=1):
        labels[mask] = value
    return Volume(array, geometry, name), Labels(labels, geometry, {n: v for v, n in enumerate(masks, 1)}, masks)


@pytest.fixture
def make_case() -> Callable[..., tuple[Volume, Labels]]:
    return build


@pytest.fixture
def case() -> tuple[Volume, Labels]:
    return build()


@pytest.fixture
def library(tmp_path) -> Library:
    return Library.create(tmp_path / "library")
