"""The small model, and scans for whole studies."""

from __future__ import annotations

import pytest

from SAMAdaptLib.sam.registry import MODELS
from Testing.study.scene import NAME, write_scans, write_weights
from Testing.tiny import TINY_VIT


@pytest.fixture
def small(monkeypatch, tmp_path_factory):
    """The small model, and a cache in which nobody else's times are kept."""
    monkeypatch.setitem(MODELS, NAME, TINY_VIT)
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Index and weights."""
    folder = tmp_path_factory.mktemp("data")
    index = write_scans(folder, 4, site=["A", "A", "B", "B"])
    return index, write_weights(folder / "weights.safetensors")
