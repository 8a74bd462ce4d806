"""What every version so far has written still opens, and says the same: see ``Testing/tools/freeze_samples.py``."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from SAMAdaptLib.adapters.file import read_adapter_info
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.resume import recall
from SAMAdaptLib.training.run_folder import read_metrics
from Testing.tiny import build, scan
from Testing.tools.freeze_samples import ADAPTERS, SAMPLES, answer

pytestmark = pytest.mark.slow

VERSIONS = sorted(path.name.removesuffix(".tar.xz") for path in SAMPLES.glob("*.tar.xz"))


@pytest.fixture(scope="module", params=VERSIONS)
def old(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(SAMPLES / f"{request.param}.tar.xz") as archive:
        for member in archive.getmembers():
            assert member.isfile() and ".." not in Path(member.name).parts
            (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / member.name).write_bytes(archive.extractfile(member).read())
    return folder


def settings(run: Path, kind: type):
    """What a run was asked for, as the command line reads it."""
    stored = json.loads((run / "config.json").read_text(encoding="utf-8"))
    return kind.from_dict({name: stored[name] for name in kind.__dataclass_fields__ if name in stored})


def test_there_are_samples_of_each_version() -> None:
    assert VERSIONS and VERSIONS[0] == "0.1.0"


def test_every_adapter_answers_as_it_did(old) -> None:
    """The answers were written down by the version that wrote the adapter."""
    found = sorted(path.name for path in (old / "adapters").iterdir() if path.is_dir())
    assert set(found) >= {"lora", "msa", "dbsam", "sammix", "decoder"} and set(found) <= set(ADAPTERS)
    for name in found:
        info = read_adapter_info(old / "adapters" / name)
        assert (info.method, info.base, info.intensity, info.axis) == (
            ADAPTERS[name][0], "test_vit", "window:40/400", "axial",
        )  # fmt: skip
        assert (info.classes, info.steps, info.input_size) == (("disc", "Milz"), 7, 64)
        wanted = np.load(old / "adapters" / f"{name}.npy")
        assert wanted.std() > 0.3
        np.testing.assert_allclose(answer(old / "adapters" / name), wanted, atol=1e-3, err_msg=name)


def test_the_library_holds_its_slices(old) -> None:
    library = Library.open(old / "library")
    assert library.classes == ("disc", "bean") and len(library) == 9
    for patient in range(3):
        volume, labels = scan(patient)
        for index in (1, 3):
            (exemplar,) = [e for e in library if np.array_equal(e.labels, labels.array[index])]
            grey = volume.array[index].astype(float)
            spread = np.ptp(volume.array.astype(float))
            np.testing.assert_allclose(exemplar.image, 255 * (grey - volume.array.min()) / spread, atol=1)


def test_a_synthetic_set_belongs_to_its_library(old) -> None:
    library = Library.open(old / "library")
    written = WrittenSet(old / "synthetic", library)
    assert len(written) == 4 and all(written[i].labels.any() for i in range(4))
    # Made anew it may look otherwise in another version; what was written is what counts.
    assert {written[i].exemplar_id for i in range(4)} <= {info.id for info in library.infos()}
    assert SyntheticSet(library, 4, 5)[0].image.shape == written[0].image.shape


def test_a_stopped_run_goes_on_from_where_it_was(old, tmp_path) -> None:
    """It was written elsewhere: the library is found from where the run lies now."""
    for name in ("run", "library"):
        shutil.copytree(old / name, tmp_path / name)
    run = tmp_path / "run"
    before = read_metrics(run)
    places = recall(run, {"library": None})
    assert places == {"library": tmp_path / "library"}
    info = finetune(places["library"], run, settings(run, TrainConfig), model=build("vit-64"), resume=True)
    after = read_metrics(run)
    assert info.steps in (2, 3, 4, 5, 6) and read_adapter_info(run) == info
    assert after[: len(before)] == before
    assert [line["step"] for line in after if "loss" in line] == [1, 2, 3, 4, 5, 6]


def test_a_stopped_pretraining_goes_on(old, tmp_path) -> None:
    for name in ("pretraining", "images"):
        shutil.copytree(old / name, tmp_path / name)
    run = tmp_path / "pretraining"
    before = read_metrics(run)
    pretrain(tmp_path / "images", run, settings(run, PretrainConfig), model=build("vit-64"), resume=True)
    after = read_metrics(run)
    assert after[: len(before)] == before and [line["step"] for line in after if "loss" in line] == [1, 2, 3, 4]


def test_the_shelf_and_what_was_exported_from_it(old, tmp_path) -> None:
    shelf = Shelf(shutil.copytree(old / "shelf", tmp_path / "shelf"))
    assert [entry.name for entry in shelf.list()] == ["Milz"]
    assert shelf.import_(old / "Milz.zip", "again") == "again"
    wanted, got = (load_file(tmp_path / "shelf" / name / "adapter.safetensors") for name in ("Milz", "again"))
    assert wanted.keys() == got.keys() and all((wanted[name] == got[name]).all() for name in wanted)
    np.testing.assert_allclose(answer(shelf.place("again")), np.load(old / "adapters" / "lora-rank.npy"), atol=1e-3)
