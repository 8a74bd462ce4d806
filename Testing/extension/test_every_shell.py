"""Command line, Python, worker and the application's console do the same job alike."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import SAMAdaptLib as sa
from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.defaults import PERCENTILES
from SAMAdaptLib.exemplars.mapping import single_mappings
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.protocol import Train
from SAMAdaptLib.service.worker.trainer import train
from Testing.extension.shells import INDEX, Command, Console, Python, Worker
from Testing.phantoms import ct, mr
from Testing.tiny import TINY_VIT
from Testing.untrained import make_labeller, make_planted

pytestmark = pytest.mark.slow

# A window that no scan would be given where nobody names one.
WINDOW = "window:50/350"
BOTH = f"{WINDOW} | {PERCENTILES}"


@pytest.fixture(params=[Command, Python, Worker, Console])
def shell(request, tmp_path, tiny_weights, monkeypatch) -> Python:
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    needed = {Command: ["capsys"], Console: ["logic"]}.get(request.param, [])
    return request.param(tmp_path, tiny_weights, *map(request.getfixturevalue, needed))


@pytest.fixture(scope="module")
def reference(tmp_path_factory, tiny_weights):
    """What the library makes of the same in this process, where the mapping is named."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
        python = Python(tmp_path_factory.mktemp("reference"), tiny_weights)
        patch.setattr(python, "model", cache(python.model))
        yield python


def scan(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)


def cropped() -> np.ndarray:
    """A CT of another patient, cut above -500 HU: its values alone no longer tell that it is one."""
    return scan(np.clip(ct(seed=1), -499, None))


@pytest.fixture(scope="module")
def adapters(tmp_path_factory, tiny_weights) -> dict[str, Path]:
    """By the mappings under which they were trained."""
    model, lora = build_sam(TINY_VIT, tiny_weights), get_method("lora")
    config = lora.Config()
    lora.apply(model, config, seed=1)
    with torch.no_grad():
        for parameter in trainable(model.sam).values():
            parameter.sub_(0.005)
    folders = {}
    for intensity in (BOTH, "window:700/300"):
        info = AdapterInfo(
            "lora", config.to_dict(), TINY_VIT.name, model.base_hash, model.input_size, intensity, "axial", ("a",), 1
        )
        folders[intensity] = tmp_path_factory.mktemp("adapter")
        save_adapter(folders[intensity], model, info)
    return folders


def test_scans_of_both_kinds(shell, reference, adapters, tiny_weights, tmp_path) -> None:
    """In a library each kind has one mapping, and an adapter that was trained with both shows each scan by its own."""
    Python(tmp_path, tiny_weights).add(scan(ct()), intensity=WINDOW)
    shell.add(scan(ct(seed=2)))
    assert shell.notes == []
    shell.add(cropped())
    told = f"The scan is no CT and the library's exemplars are CT; it is shown by {PERCENTILES}, they by {WINDOW}"
    assert [note.partition(": scan")[0] for note in shell.notes] == [told]
    shell.add(scan(mr()))
    library = sa.Library.open(tmp_path / "LIB")
    assert [info.intensity for info in library.infos()] == [WINDOW, WINDOW, PERCENTILES, PERCENTILES]
    assert single_mappings(library) == BOTH and len(shell.notes) == 1

    for values, wanted, other in (
        (scan(ct()), WINDOW, PERCENTILES), (cropped(), PERCENTILES, WINDOW), (scan(mr()), PERCENTILES, WINDOW)
    ):  # fmt: skip
        found = shell.segment(values, adapters[BOTH])
        np.testing.assert_array_equal(found, reference.segment(values, adapters[BOTH], wanted))
        assert (found != reference.segment(values, adapters[BOTH], other)).any()
    assert len(shell.notes) == 1


def test_an_adapter_s_mapping_is_taken_and_no_other(shell, reference, adapters) -> None:
    values, trained = scan(ct()), adapters["window:700/300"]
    found = shell.segment(values, trained)
    np.testing.assert_array_equal(found, reference.segment(values, trained, "window:700/300"))
    assert found[INDEX].any() and not found[INDEX].all() and shell.notes == []
    with pytest.raises(sa.InputError) as refused:
        shell.segment(values, trained, "minmax")
    assert str(refused.value) == (
        "The adapter was trained with intensity window:700/300, not minmax: scan. Leave the intensity to the adapter, "
        "or use it without one."
    )


def test_a_prompt_that_the_base_answers_better_goes_to_the_base(shell, reference, tiny_weights, tmp_path) -> None:
    planted, values = make_planted(tmp_path / "planted", tiny_weights, point="base"), scan(ct())
    base, adapted = reference.segment(values, None, "minmax"), reference.segment(values, planted, None, "adapted")
    assert (base != adapted).any()
    for choice, wanted in (("auto", base), ("adapted", adapted), ("base", base)):
        np.testing.assert_array_equal(shell.segment(values, planted, None, choice), wanted, err_msg=choice)


@pytest.mark.parametrize("shell", [Command, Python, Worker], indirect=True)
def test_a_point_is_answered_as_the_held_out_slices_speak_for(
    shell, reference, tiny_weights, tmp_path, monkeypatch
) -> None:
    """On an adapter that is never sure a grown box changes the answer, but where its description says not to. The
    console's worker is another process, which hears of no base that knows boxes only."""
    monkeypatch.setitem(MODELS, TINY_VIT.name, replace(TINY_VIT, points=False))
    monkeypatch.setattr("SAMAdaptLib.sam.clicks.SURE_ENOUGH", 99.0)
    old, values = make_planted(tmp_path / "old", tiny_weights), scan(ct())
    planted = make_planted(tmp_path / "planted", tiny_weights, point="plain")
    grown, plain = (reference.segment(values, one) for one in (old, planted))
    assert (grown != plain).any()
    for choice in ("auto", "adapted"):
        np.testing.assert_array_equal(shell.segment(values, planted, None, choice), plain, err_msg=choice)
    np.testing.assert_array_equal(shell.segment(values, old), grown)


def test_a_point_is_no_question_for_an_adapter_that_labels_slices(shell, tiny_weights, tmp_path) -> None:
    labeller = make_labeller(tmp_path / "labeller", tiny_weights)
    with pytest.raises(sa.InputError, match="This adapter labels whole slices by itself and answers no prompt"):
        shell.segment(scan(ct()), labeller, "minmax")


def test_the_rules_hold_along_all_axes(shell, reference) -> None:
    """By the defaults a coronal way goes past a slice that overlaps too little, to end on the next one."""
    rules = {"min_iou": 0.6, "max_missing": 1}
    found, stops = shell.carry(scan(ct()), **rules)
    wanted, reasons = reference.carry(scan(ct()), **rules)
    assert stops == reasons and {one["axis"] for one in stops} == {"axial", "coronal", "sagittal"}
    assert any(one["axis"] == "coronal" and one["reason"].endswith("under 0.6") for one in stops)
    assert all(one["reason"].startswith("stopped") for one in stops)
    beside = np.arange(len(found)) != INDEX
    np.testing.assert_array_equal(found[beside], wanted[beside])
    assert wanted[beside].any() and not (wanted[INDEX] & ~found[INDEX]).any()


def test_a_run_without_a_length_has_the_same_everywhere(logic, tiny_weights, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    begun = []

    def begin(team, config, asked, library):
        begun.append(config)
        raise sa.InputError("Enough is known")

    monkeypatch.setattr("SAMAdaptLib.training.finetune.Finetuning", begin)
    Python(tmp_path, tiny_weights).add(scan(ct()))
    library, run = tmp_path / "LIB", tmp_path / "RUN"
    settings = {"model": TINY_VIT.name, "method": "lora", "device": "cpu"}

    def by_the_worker(library, output, config, checkpoint, entry, resume):
        request = Train(1, str(library), str(output), config, str(checkpoint))
        return train(SimpleNamespace(say=print), request, threading.Event())

    monkeypatch.setattr(logic.runs, "_session", SimpleNamespace(running=False, start=by_the_worker))
    logic.settings.device = "cpu"
    logic.fineTune(library, "new", model=TINY_VIT.name, waitForCompletion=False)
    options = [word for name, value in settings.items() for word in ("--" + name, value)]
    words = ["finetune", "--library", library, "--output", run, "--checkpoint", tiny_weights, *options]
    assert main([str(word) for word in words]) == 2
    with pytest.raises(sa.InputError, match="Enough is known"):
        sa.finetune(library, run, checkpoint=tiny_weights, **settings)
    assert len(begun) == 3 and begun[0] == begun[1] == begun[2] and begun[0].budget_minutes == 8


ADDING = pytest.mark.parametrize("shell", [Command, Python, Console], indirect=True)


@ADDING
def test_backgrounds_come_with_suggestions_where_labels_run_without_a_gap(shell, tmp_path) -> None:
    shell.suggest(scan(ct()), count=2)
    infos = sa.Library.open(tmp_path / "LIB").infos()
    assert [info.classes for info in infos] == [("a",), ("a",), (), ()]
    empty = {tuple(np.unique(sa.Library.open(tmp_path / "LIB").load(info.id).labels)) for info in infos[2:]}
    assert empty == {(0,)}


@ADDING
def test_what_is_on_a_slice_can_be_said_without_an_outline(shell, tmp_path) -> None:
    shell.add(scan(ct()), present=("a", "b"))
    (info,) = sa.Library.open(tmp_path / "LIB").infos()
    assert info.present == ("a", "b") and info.classes == ()
