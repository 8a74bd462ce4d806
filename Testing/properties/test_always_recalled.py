"""Embeddings: whoever asks in whatever order, and however many at once, none gets another one than is its own."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from SAMAdaptLib.adapters.file import apply_adapter, save_adapter
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.cache import EmbeddingCache, SpareRoom
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.faults.mutations import tries
from Testing.tiny import TINY_VIT, VIT, build, scan

THREADS = 4
NBYTES = 2 * 256 * 4 * 4
WINDOWS = [Intensity.parse(text) for text in ("minmax", "percentile:0.5/99.5", "window:100/200", "window:100/201")]


class Asked(NamedTuple):
    """Which embedding: of what model, volume, window, axis and slice, by their places in what there is."""

    model: int
    volume: int
    window: int
    axis: int
    index: int


# How many values each of them has.
COUNTS = Asked(11, 5, len(WINDOWS), 2, 4)
SEEDS = st.integers(0, 1 << 32)


def alike(asked: Asked, part: str) -> list[Asked]:
    """Those that differ in one of its parts only: a key that leaves it out takes them for one another."""
    return [asked._replace(**{part: value}) for value in range(getattr(COUNTS, part))]


def adapted(folder: Path, weights: int, **chosen) -> Predictor:
    """A model with an adapter whose file holds the same weights for the same number, whatever its settings."""
    model, method = build("vit-64"), get_method("msa")
    config = method.Config(**chosen)
    method.apply(model, config, seed=1)
    chance = np.random.default_rng(weights)
    for name, one in trainable(model.sam).items():
        # Layers of a depth that others have not come last in no file.
        if "after_depth" not in name:
            one.data.copy_(one.new_tensor(chance.normal(0, 0.2, one.shape)))
    info = AdapterInfo("msa", config.to_dict(), model.base.name, model.base_hash, 64, "minmax", "", ("disc",), 1)
    save_adapter(folder, model, info)
    fresh = build("vit-64")
    apply_adapter(fresh, folder)
    # Or it would refuse the other windows.
    fresh.intensity = ""
    return Predictor(fresh, "fp32")


@cache
def predictors() -> list[Predictor]:
    """Unlike models, many of which share weights, seed, or the hash of their weights."""
    plain = build("vit-64")
    brighter = replace(VIT, pixel_mean=(100.0, 100.0, 100.0))
    with tempfile.TemporaryDirectory() as folder:
        adapters = [
            adapted(Path(folder, str(number)), weights, **chosen)
            for number, (weights, chosen) in enumerate([
                (0, {}), (0, {"scale": 1.0}), (1, {}), (0, {"depth": 3}), (0, {"depth": 3, "predict": "all"}),
            ])
        ]  # fmt: skip
    same = {one.model.adapter_hash for one in (adapters[0], adapters[1])}
    assert len(same) == 1 and len({one.model.adapter_hash for one in adapters}) == 3
    models = [
        plain,
        build("vit-64", seed=1),
        build("tiny_vit-64"),
        build("vit-128"),
        build_sam(brighter, input_size=64, weights=False),
    ]
    assert models[0].base_hash == models[2].base_hash and TINY_VIT.input_size == 64
    return [*(Predictor(model, "fp32") for model in models), Predictor(plain, "bf16"), *adapters]


@cache
def volumes() -> list[Volume]:
    """Unlike ones; two of the same voxels, of which one has other distances, and one other voxels behind its middle."""
    first, second = scan(0)[0], scan(1)[0]
    other = first.array.copy()
    other[2, 20, 20] += 7
    stretched = first.geometry.ijk_to_ras @ np.diag([1, 2, 1, 1])
    return [
        first,
        second,
        replace(first, array=other),
        replace(first, geometry=Geometry(first.geometry.size, stretched)),
        replace(first, array=first.array.astype(np.int32)),
    ]


def looking(asked: Asked, kept) -> VolumePredictor:
    axis, window = ("axial", "coronal")[asked.axis], WINDOWS[asked.window]
    return VolumePredictor(predictors()[asked.model], volumes()[asked.volume], axis, window, kept)


@cache
def own(asked: Asked) -> np.ndarray:
    """What is to come, with a cache that nothing else has seen."""
    return looking(asked, EmbeddingCache()).embedding(asked.index + 1).numpy()


class Shared(RuleBasedStateMachine):
    """Two caches, in a folder that is too small for all or in none, and threads that ask both at once."""

    @initialize(
        seed=SEEDS, memory=st.sampled_from([0, 3 * NBYTES, 1 << 20]), disk=st.sampled_from([None, 5 * NBYTES, 1 << 22])
    )
    def begun(self, seed: int, memory: int, disk: int | None) -> None:
        self.seed, self.turn, self.hurt = seed, 0, False
        self.place = tempfile.TemporaryDirectory()
        self.memory, self.disk = memory, disk
        self.caches = [self.fresh(), self.fresh()]

    def fresh(self) -> EmbeddingCache:
        if self.disk is None:
            return EmbeddingCache(self.memory)
        return EmbeddingCache(self.memory, Path(self.place.name), self.disk)

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.cleanup()

    @rule(seed=SEEDS)
    def asked_at_once(self, seed: int) -> None:
        self.turn += 1
        chance = np.random.default_rng([self.seed, seed, self.turn])
        if self.turn == 1 or not (self.hurt or chance.random() < 0.5):
            self.often = Asked(*(int(chance.integers(count)) for count in COUNTS))
        self.hurt = False
        asked = [one for part in chance.choice(Asked._fields, 2, replace=False) for one in alike(self.often, part)]
        each = [(int(chance.integers(2)), chance.random() < 0.3, asked[k]) for k in chance.permutation(len(asked))]
        wanted = [own(asked) for _, _, asked in each]
        together = threading.Barrier(THREADS)

        def ask(number: int) -> np.ndarray:
            if number < THREADS:
                together.wait(60)
            which, spare, asked = each[number]
            kept = self.caches[which]
            return looking(asked, SpareRoom(kept) if spare else kept).embedding(asked.index + 1).numpy()

        with ThreadPoolExecutor(THREADS) as threads:
            found = [*threads.map(ask, range(len(each)))]
        for one, right, (_, _, asked) in zip(found, wanted, each, strict=True):
            assert np.array_equal(one, right), asked

    @rule(which=st.integers(0, 1))
    def emptied(self, which: int) -> None:
        self.caches[which].clear()

    @rule(which=st.integers(0, 1))
    def opened_anew(self, which: int) -> None:
        self.caches[which] = self.fresh()

    @rule(seed=SEEDS)
    def damaged(self, seed: int) -> None:
        """A bit of each file, which are read again by the next who ask."""
        self.hurt, self.caches = True, [self.fresh(), self.fresh()]
        chance = np.random.default_rng(seed)
        for path in Path(self.place.name).rglob("*.npy"):
            content = bytearray(path.read_bytes())
            content[int(chance.integers(len(content)))] ^= 1 << int(chance.integers(8))
            path.write_bytes(content)

    @invariant()
    def within_budget(self) -> None:
        for one in getattr(self, "caches", ()):
            assert one.stats.ram_bytes <= self.memory and one.stats.failed_writes == 0


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Models and embeddings go with the test."""
    yield
    for one in (own, predictors, volumes):
        one.cache_clear()


def test_none_gets_the_embedding_of_another_volume_window_adapter_or_model() -> None:
    run_state_machine_as_test(Shared, settings=settings(tries(8), stateful_step_count=10))
