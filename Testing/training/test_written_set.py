"""Training with a synthetic set from a folder: its slices to the bit, but for those that were deleted."""

from __future__ import annotations

import json
import shutil
import warnings

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Cancelled, InputError, Note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.finetune import finetune
from Testing.tiny import build, make_library

CONFIG = TrainConfig(model="test_vit", steps=3, real_share=0, empty_share=0, prompts_per_slice=2, precision="fp32",
                     device="cpu", validation="none")  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("written") / "library", patients=3, indices=(2, 3), backgrounds=(0,))


@pytest.fixture
def folder(library, tmp_path):
    SyntheticSet(library, 8, 5).write(tmp_path / "set")
    return tmp_path / "set"


def images(data: TrainingData, steps: int = 40) -> set[bytes]:
    return {item.image.tobytes() for step in range(steps) for item in data.batch(step)}


def test_a_batch_draws_the_slices_of_the_folder_and_no_others(library, folder) -> None:
    drawn = images(TrainingData(library, CONFIG, 64, 16, folder))
    there = [sitk.GetArrayFromImage(sitk.ReadImage(str(path))).tobytes() for path in folder.glob("*_image.nrrd")]
    assert len(there) == 8 and drawn == set(there)
    assert drawn != images(TrainingData(library, CONFIG, 64, 16))


def test_what_was_deleted_is_left_out_and_told(library, folder) -> None:
    whole = WrittenSet(folder, library)
    (folder / "000003_image.nrrd").unlink()
    (folder / "000005_label.nrrd").unlink()
    with pytest.warns(Note, match="2 slices of 8"):
        rest = WrittenSet(folder, library)
    assert len(rest) == 6 and rest.digest != whole.digest
    kept = [whole[index] for index in (0, 1, 2, 4, 6, 7)]
    assert all(np.array_equal(a.image, rest[i].image) and a.pixel_spacing == rest[i].pixel_spacing
               for i, a in enumerate(kept))  # fmt: skip
    assert [a.exemplar_id for a in kept] == [SyntheticSet(library, 8, 5)[i].exemplar_id for i in (0, 1, 2, 4, 6, 7)]


def test_slices_of_patients_held_out_are_left_out(library, folder) -> None:
    data = TrainingData(library, TrainConfig(**vars(CONFIG) | {"validation": 0.34}), 64, 16, folder)
    apart = {exemplar.info.id for exemplar in data.validation}
    used = {data.synthetic[index].exemplar_id for index in range(len(data.synthetic))}
    assert apart and used and not apart & used
    assert len(data.synthetic) == sum(SyntheticSet(library, 8, 5)[i].exemplar_id not in apart for i in range(8))


def changed_slice(folder, library):
    path = folder / "000002_label.nrrd"
    path.write_bytes((folder / "000001_label.nrrd").read_bytes())
    return library


def other_library(folder, library):
    return make_library(folder.parent / "other", patients=1, indices=(2, 3))


def other_classes(folder, library):
    return make_library(folder.parent / "other", patients=1, indices=(1,))


def other_mapping(folder, library):
    """The same slices, added under another intensity mapping."""
    shutil.copytree(library.folder, folder.parent / "same")
    path = folder.parent / "same" / "library.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"minmax"', '"window:40/400"'), encoding="utf-8")
    return Library.open(folder.parent / "same")


def half_written(folder, library):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"complete": False}), encoding="utf-8")
    return library


def no_set(folder, library):
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return library


def all_deleted(folder, library):
    for path in folder.glob("*_image.nrrd"):
        path.unlink()
    return library


@pytest.mark.parametrize(
    "spoil, words",
    [
        (changed_slice, "changed since it was made: .*000002_label"),
        (other_library, "made from other exemplars than those of .*other"),
        (other_classes, "other classes than the library .*disc, bean; .*other has disc"),
        (other_mapping, "with intensity minmax; .*same has it with window:40/400"),
        (half_written, "not whole"),
        (no_set, "no synthetic set"),
        (all_deleted, "No slice"),
    ],
)
def test_a_set_that_cannot_be_used(library, folder, spoil, words) -> None:
    given = spoil(folder, library)
    with warnings.catch_warnings(), pytest.raises(InputError, match=words):
        warnings.simplefilter("ignore", Note)
        WrittenSet(folder, given)


def test_without_synthesis_there_is_no_set(library, folder) -> None:
    with pytest.raises(InputError, match="without synthesis"):
        TrainingData(library, TrainConfig(**vars(CONFIG) | {"synthesis": False}), 64, 16, folder)


def test_a_run_remembers_its_set_and_notices_another(library, folder, tmp_path) -> None:
    def run(**options):
        return finetune(library, tmp_path / "run", CONFIG, model=build("vit-64"), synthetic=folder, **options)

    steps = []
    with pytest.raises(Cancelled):
        run(listener=lambda e: steps.append(e) if e["event"] == "step" else None, cancelled=lambda: len(steps) > 0)
    (folder / "000003_image.nrrd").unlink()
    with pytest.warns(Note), pytest.raises(InputError, match="another synthetic"):
        run(resume=True)


def test_from_the_command_line(folder, library, tmp_path, capsys) -> None:
    words = ["finetune", "--library", str(Library.open(library.folder).folder), "--synthetic", str(folder)]
    assert main([*words, "--no-synthesis", "--steps", "1", "--output", str(tmp_path / "R")]) == 2
    assert "without synthesis" in capsys.readouterr().err and not (tmp_path / "R").exists()
    assert main([*words, "--steps", "1", "--output", str(folder / "R")]) == 2
    assert "lies inside an input" in capsys.readouterr().err
