from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume


def build(image: np.ndarray, labels: np.ndarray | None = None, identity: str = "e" * 12, spacing=(1.0, 1.0)):
    """An exemplar in memory whose grey levels are ``image`` (uint8)."""
    labels = np.zeros(image.shape, np.uint8) if labels is None else labels.astype(np.uint8)
    names = tuple(f"class {value}" for value in np.unique(labels) if value)
    info = ExemplarInfo(identity, names, image.shape, spacing, "axial", "minmax", (0.0, 255.0), "g" * 12, identity)
    return Exemplar(info, image.astype(np.uint8), labels)


@pytest.fixture
def make_exemplar() -> Callable[..., Exemplar]:
    return build


@pytest.fixture
def library(tmp_path) -> Library:
    """Classes "common" on 4 slices and "rare" on 1, and 2 backgrounds."""
    rng = np.random.default_rng(5)
    geometry = Geometry((48, 40, 8), np.diag([-1.0, -1.0, 3.0, 1.0]))
    volume = Volume(rng.integers(0, 200, (8, 40, 48)).astype(np.int16), geometry)
    labels = np.zeros((8, 40, 48), np.uint8)
    labels[2:6, 5:20, 8:25] = 1
    labels[5, 25:32, 30:40] = 2
    labels = Labels(labels, geometry, {"common": 1, "rare": 2})
    library = Library.create(tmp_path / "library")
    for index in (2, 3, 4, 5):
        library.add(volume, labels, "axial", index, Intensity.parse("minmax"))
    for index in (0, 7):
        library.add(volume, labels, "axial", index, Intensity.parse("minmax"), background=True)
    return library
