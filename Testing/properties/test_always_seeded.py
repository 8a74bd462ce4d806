"""Seeds: the same one gives the same slices, exemplars and adapter, whoever does the work and in whatever order."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.training import finetune as loop
from SAMAdaptLib.training.ahead import Ahead
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.volume.intensity import Intensity
from Testing.faults.mutations import tries
from Testing.tiny import build, make_library, scan

pytestmark = pytest.mark.slow

WORKERS = 4
SEEDS = st.integers(0, 1 << 32)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Library:
    """Two patients, labelled slices and a background."""
    return make_library(tmp_path_factory.mktemp("seeded") / "library", backgrounds=(0,))


def files(folder: Path) -> dict[str, str]:
    """Names and hashes of all that lies in a folder."""
    return {str(path.relative_to(folder)): sha256_file(path) for path in folder.rglob("*") if path.is_file()}


@tries(1)
@given(SEEDS)
def test_four_processes_write_the_synthetic_set_of_one(library, tmp_path_factory, seed) -> None:
    made, place = SyntheticSet(library, 18, seed), tmp_path_factory.mktemp("sets")
    made.write(place / "one")
    made.write(place / "four", workers=WORKERS)
    assert files(place / "one") == files(place / "four") and len(files(place / "one")) == 2 * 18 + 1


@tries(5)
@given(SEEDS, st.permutations(range(12)))
def test_a_sample_is_the_same_in_any_order_and_by_any_thread(library, seed, order) -> None:
    made = SyntheticSet(library, 12, seed)
    alone = [made[index] for index in range(12)]
    # Each with a copy of its own, as a process has it.
    copies = [pickle.loads(pickle.dumps(made)) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as threads:
        found = dict(zip(order, threads.map(lambda index: copies[index % WORKERS][index], order), strict=True))
    for index, sample in enumerate(alone):
        assert np.array_equal(sample.image, found[index].image)
        assert np.array_equal(sample.labels, found[index].labels)


@tries(4)
@given(st.permutations([(patient, index) for patient in range(2) for index in range(1, 5)]))
def test_exemplars_are_the_same_added_by_four_at_once(tmp_path_factory, order) -> None:
    scans = [scan(patient) for patient in range(2)]

    def filled(workers: int, slices) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("filled") / "library"
        Library.create(folder, salt="of this test")

        def add(one: tuple[int, int]) -> None:
            Library.open(folder).add(*scans[one[0]], "axial", one[1], Intensity.parse("minmax"))

        # Classes are numbered as they come, so that the first slices, which hold one or two of them, come first.
        for one in sorted(slices)[2:4]:
            add(one)
        with ThreadPoolExecutor(workers) as threads:
            assert [*threads.map(add, [one for one in slices if one not in sorted(slices)[2:4]])]
        # The manifest lists them in the order in which they came.
        found = files(folder)
        del found["library.json"]
        infos = sorted(repr(info) for info in Library.open(folder).infos())
        return found | dict.fromkeys(infos, "")

    assert filled(1, sorted(order)) == filled(WORKERS, order)


class InTurn(Ahead):
    """Makes nothing ahead."""

    def __call__(self, step):
        return self._make(step)


@tries(1)
@given(st.sampled_from(["decoder", "lora", "sammix"]), st.integers(0, 1 << 31))
def test_the_adapter_is_the_same_made_ahead_or_in_turn(library, tmp_path_factory, method, seed) -> None:
    config = TrainConfig(
        model="test_vit", method=method, steps=3, seed=seed, synthetic_count=8, precision="fp32", device="cpu",
        validation="none",
    )  # fmt: skip

    def trained(ahead: type[Ahead]) -> bytes:
        folder = tmp_path_factory.mktemp("run")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "Ahead", ahead)
            finetune(library, folder, config, model=build("vit-64"))
        return (folder / "adapter" / "adapter.safetensors").read_bytes()

    assert trained(Ahead) == trained(InTurn)
