"""What every version so far has written still opens, and says the same: see ``Testing/tools/freeze_samples.py``."""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import tarfile
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from SAMAdaptLib.adapters import index as indexes
from SAMAdaptLib.adapters import info, signature
from SAMAdaptLib.adapters.fetch import fetch_adapter
from SAMAdaptLib.adapters.file import read_adapter_info
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.cli import config_file, evaluate, synthesize
from SAMAdaptLib.cli import finetune as finetune_verb
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars import manifest
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.sam import cache
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study import run as studies
from SAMAdaptLib.study.description import read_study
from SAMAdaptLib.study.report import write_study_report
from SAMAdaptLib.study.run import run_study
from SAMAdaptLib.synthesis import dataset
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.training import resume
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.resume import recall
from SAMAdaptLib.training.run_folder import read_metrics
from Testing.study.scene import NAME, described, write_scans, write_weights
from Testing.tiny import TINY_VIT, build, scan
from Testing.tools.freeze_samples import ADAPTERS, SAMPLES, answer, seen_slices

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
HELD = {path.name.removesuffix(".tar.xz"): tarfile.open(path).getnames() for path in SAMPLES.glob("*.tar.xz")}
ARCHIVES = sorted(HELD)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Callable[[str], Path]:
    """An archive by its name, unpacked once."""
    folders: dict[str, Path] = {}

    def one(name: str) -> Path:
        if name not in folders:
            folder = folders[name] = tmp_path_factory.mktemp("old")
            with tarfile.open(SAMPLES / f"{name}.tar.xz") as archive:
                for member in archive.getmembers():
                    assert member.isfile() and ".." not in Path(member.name).parts
                    (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / member.name).write_bytes(archive.extractfile(member).read())
        return folders[name]

    return one


# What came later lies in an archive of its own, see the tool.
@pytest.fixture(params=[name for name in ARCHIVES if "-" not in name])
def old(request, unpacked) -> Path:
    return unpacked(request.param)


@pytest.fixture(params=[name for name in ARCHIVES if "signed/signer.pub" in HELD[name]])
def later(request, unpacked) -> Path:
    return unpacked(request.param)


@pytest.fixture(params=[name for name in ARCHIVES if "embeddings/key.json" in HELD[name]])
def embedded(request, unpacked) -> Path:
    return unpacked(request.param)


def settings(run: Path, kind: type):
    """What a run was asked for, as the command line reads it."""
    stored = json.loads((run / "config.json").read_text(encoding="utf-8"))
    return kind.from_dict({name: stored[name] for name in kind.__dataclass_fields__ if name in stored})


# Of each format what names its version, and where that stands in a sample.
FORMATS = {
    "SAMAdaptLib/adapters/info.py": (info.FORMAT_VERSION, "adapters/lora/adapter.json", ["format_version"]),
    "SAMAdaptLib/adapters/index.py": (indexes.FORMAT_VERSION, "published/public/index.json", ["format_version"]),
    "SAMAdaptLib/adapters/signature.py": (
        signature.FORMAT_VERSION, "signed/adapter/adapter.signature.json", ["format_version"],
    ),
    "SAMAdaptLib/exemplars/manifest.py": (manifest.FORMAT_VERSION, "library/library.json", ["format_version"]),
    "SAMAdaptLib/sam/cache.py": (cache.FORMAT_VERSION, "embeddings/key.json", ["format_version"]),
    "SAMAdaptLib/study/run.py": (studies.FORMAT_VERSION, "study/study.json", ["format_version"]),
    "SAMAdaptLib/synthesis/dataset.py": (
        dataset.FORMAT_VERSION, "synthetic/manifest.json", ["recipe", "format_version"],
    ),
    "SAMAdaptLib/training/resume.py": (resume.FORMAT_VERSION, "run/config.json", ["format_version"]),
}  # fmt: skip
# Kept within a scene of the application, see test_segment_prompts.py and test_effect_slices.py in Testing/extension.
IN_SCENE = ("AcceptedSlices", "SegmentPrompts", "SegmentSlices")
ELSEWHERE = {f"SAMAdapt/SAMAdaptModuleLib/scene/{name}.py" for name in IN_SCENE}


def test_every_format_has_a_version_of_which_there_is_a_sample(unpacked) -> None:
    """A raised version without `python -m Testing.tools.freeze_samples` fails here."""
    files = [*(ROOT / "SAMAdaptLib").rglob("*.py"), *(ROOT / "SAMAdapt").rglob("*.py")]
    defining = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if re.search(r"^FORMAT_VERSION\b.*=", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert defining == {*FORMATS} | ELSEWHERE
    for file, (newest, path, keys) in FORMATS.items():
        there = [unpacked(name) / path for name in ARCHIVES if (unpacked(name) / path).is_file()]
        told = [json.loads(one.read_text(encoding="utf-8")) for one in there]
        versions = [reduce(dict.__getitem__, keys, one) for one in told]
        assert newest in versions and max(versions) == newest, (file, versions)


def raised(path: Path, *keys: str) -> Path:
    """Have a file say that a later version of its format wrote it; returns its folder."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    within = reduce(dict.__getitem__, keys, whole)
    within["format_version"] += 1
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path.parent


@pytest.fixture
def all_parts(unpacked, tmp_path) -> Path:
    """Copies of the newest samples."""
    for name in ARCHIVES:
        shutil.copytree(unpacked(name), tmp_path / "all", dirs_exist_ok=True)
    return tmp_path / "all"


def test_what_a_later_version_wrote_is_refused_with_the_remedy(all_parts, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(MODELS, NAME, TINY_VIT)
    scans, weights = write_scans(tmp_path / "scans"), write_weights(tmp_path / "weights.safetensors")
    adapter = raised(all_parts / "adapters" / "lora" / "adapter.json")
    library = all_parts / "library"
    synthetic = raised(all_parts / "synthetic" / "manifest.json", "recipe")
    run = raised(all_parts / "run" / "config.json")
    study = raised(all_parts / "study" / "study.json")
    known = Library.open(library)
    signed = raised(all_parts / "signed" / "adapter" / "adapter.signature.json")
    published = raised(all_parts / "published" / "public" / "index.json")
    before = {path: path.read_bytes() for path in all_parts.rglob("*") if path.is_file()}
    refused = (
        ("signature", lambda: signature.check_signature(signed, read_adapter_info(signed))),
        ("adapter", lambda: read_adapter_info(adapter)),
        ("index of adapters", lambda: indexes.published_adapters(published)),
        ("synthetic set", lambda: WrittenSet(synthetic, known)),
        ("synthetic set", lambda: SyntheticSet(known, 4, 5).write(synthetic)),
        ("run", lambda: recall(run, {"library": library})),
        ("run", lambda: finetune(library, run, settings(run, TrainConfig), model=build("vit-64"), resume=True)),
        ("study", lambda: write_study_report(study)),
        ("study", lambda: run_study(described(scans, weights, {"method": "none"}), study)),
    )
    for what, act in refused:
        with pytest.raises(InputError, match="newer SAMAdapt.* wrote this.*Update SAMAdapt") as caught:
            act()
        assert what in caught.value.what, what
    raised(library / "library.json")
    with pytest.raises(InputError, match="newer SAMAdapt wrote this exemplar library: .*Update SAMAdapt"):
        Library.open(library)
    changed = {path for path, data in before.items() if path.read_bytes() != data}
    assert changed == {library / "library.json"}


def test_a_kept_embedding_is_that_of_its_slice_or_left_alone(embedded, tmp_path) -> None:
    """What makes an embedding another one, or its key, wants another version of the format."""
    told = json.loads((embedded / "embeddings" / "key.json").read_text(encoding="utf-8"))
    there = EmbeddingCache(folder=shutil.copytree(embedded / "embeddings", tmp_path / "cache"))
    kept, slices = there.get(told["key"]), seen_slices(EmbeddingCache())
    assert (slices.key(2) == told["key"]) is (told["format_version"] == cache.FORMAT_VERSION)
    if told["format_version"] == cache.FORMAT_VERSION:
        np.testing.assert_allclose(kept[None], slices.embedding(2).numpy(), atol=0.02)
        assert kept.std() > 0.3


def test_a_signature_holds_for_what_was_signed(later, tmp_path) -> None:
    adapter, key = later / "signed" / "adapter", later / "signed" / "signer.pub"
    found = signature.check_signature(adapter, read_adapter_info(adapter), key)
    assert (found.state, found.signer) == (signature.TRUSTED, "signer")
    altered = shutil.copytree(adapter, tmp_path / "altered")
    card = altered / "MODEL_CARD.md"
    card.write_text(card.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(InputError, match="signature does not hold"):
        signature.check_signature(altered, read_adapter_info(altered), key)


def test_a_study_shows_the_figures_it_had(later, tmp_path) -> None:
    study = shutil.copytree(later / "study", tmp_path / "study")
    page = write_study_report(study).read_text(encoding="utf-8")
    with open(study / "results.csv", encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert {row["label"] for row in rows} == {"disc", "bean"} and {row["site"] for row in rows} == {"B"}
    by_scan = [[float(row["dice"]) for row in rows if row["patient"] == patient] for patient in ("P2", "P3")]
    assert "Four ellipses" in page and f"{np.mean([np.mean(one) for one in by_scan]):.3f}" in page


def test_what_users_have_written_means_the_same(later) -> None:
    group = argparse.ArgumentParser(prog="samadapt").add_subparsers()
    for verb in (evaluate, finetune_verb, synthesize):
        verb.add_parser(group)
    parsers = group.choices
    file = later / "settings" / "samadapt.toml"
    for verb, wanted in {
        "finetune": {"library": "LIB", "output": "RUN", "model": "lite_medsam", "method": "lora", "budget_minutes": 4},
        "synthesize": {"library": "LIB", "output": "SET", "count": 12, "seed": 3},
        "evaluate": {"image": ["a.nrrd"], "output": "OUT", "prompt": "box", "tolerance_mm": 1},
    }.items():
        words, _ = config_file.with_file([verb, "--config", str(file)], parsers)
        args = parsers[verb].parse_args(words[1:])
        assert {name: getattr(args, name) for name in wanted} == wanted, verb
    study = read_study(later / "settings" / "study.toml")
    told = [cell.told() for cell in study.cells]
    assert study.title == "Four ellipses" and [cell["method"] for cell in told] == ["none", *["lora"] * 4]
    wanted = [(slices, "random", seed, 3) for seed in (0, 1) for slices in ("2 per scan", 3)]
    assert [tuple(cell[key] for key in ("slices", "rule", "seed", "steps")) for cell in told[1:]] == wanted
    assert told[0]["test_prompts"] == ["box", "random-point"]


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


def test_what_was_published_is_fetched(unpacked, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    folders = [unpacked(name) / "published" for name in ARCHIVES if (unpacked(name) / "published").is_dir()]
    assert folders
    for number, folder in enumerate(folders):
        first, second = indexes.published_adapters(folder / "public", folder / "signer.pub")
        assert (first.name, first.licence, first.signed.state) == ("Milz", "CC BY 4.0, A. Body", "unsigned")
        assert (second.name, second.signed.signer) == ("signed", "signer")
        shelf = Shelf(tmp_path / str(number))
        for one in (first, second):
            new = fetch_adapter(folder / "public", one.name, shelf=shelf, trust=folder / "signer.pub",
                                signed=one is second)  # fmt: skip
            assert read_adapter_info(shelf.place(new)).classes == ("disc", "Milz")
