"""Slices of which only the classes are known, and prompts that the model finds by itself."""

import copy
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.adapters.file import WEIGHTS, apply_adapter
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods.base import KnownSlices
from SAMAdaptLib.methods.sammix import model as sammix
from SAMAdaptLib.methods.sammix.config import SamMixConfig
from SAMAdaptLib.methods.sammix.model import SamMix
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.training import slices as learning
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import LESSON, TrainingData, TrainingItem
from SAMAdaptLib.training.engine import Asked
from SAMAdaptLib.training.finetune import Finetuning
from SAMAdaptLib.training.step import with_found
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import build, scan

STILL = {"blur_sigma": (0, 0), "gain": (1, 1), "offset": (0, 0), "gamma": (1, 1), "scale": (1, 1), "shift": 0}
STILL |= {"rotation_degrees": 0}


def present_on(slices):
    """bool [B, C]."""
    return np.stack([one.present for one in slices.shown])


@pytest.fixture
def library(tmp_path):
    """Slice 1 shows the disc, 4 disc and bean; 3 shows both but is not outlined; 0 shows nothing."""
    library = Library.create(tmp_path / "library")
    volume, labels = scan()
    for index in (1, 4):
        library.add(volume, labels, "axial", index, Intensity.parse("minmax"))
    library.add(volume, None, "axial", 3, Intensity.parse("minmax"), present=("disc", "bean"))
    library.add(volume, None, "axial", 0, Intensity.parse("minmax"), background=True)
    return library


def test_known_slices_carry_what_is_on_them(library):
    config = TrainConfig(steps=1, known_slices=50, synthesis_config=STILL, validation="none", synthesis=False)
    data = TrainingData(library, config, 64, 32)
    truth = {e.image.tobytes(): e for e in library}
    slices = data.known_slices(0)
    present, sources = present_on(slices), [truth[image.tobytes()] for image in slices.images]
    assert [[c in e.info.classes + e.info.present for c in data.classes] for e in sources] == present.tolist()
    assert len({e.info.id for e in sources}) == 4
    # Each class is on about half of them.
    assert (abs(present.mean(axis=0) - 0.5) < 0.25).all()
    assert not np.array_equal(present_on(data.known_slices(1)), present)
    assert [image.tobytes() for image in data.known_slices(0, [4, 9]).images] == [
        slices.images[row].tobytes() for row in (4, 9)
    ]
    for exemplar, (_, outlines), frame in zip(sources, slices.shown, slices.frames, strict=True):
        assert frame == data.frame(exemplar.labels.shape, exemplar.info.pixel_spacing)
        if exemplar.info.present:
            assert outlines is None
        else:
            wanted = [exemplar.labels == library.classes.index(c) + 1 for c in data.classes]
            assert np.array_equal(outlines, wanted)


@pytest.mark.parametrize("real_share, empty_share", [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)])
def test_it_is_known_what_is_on_the_slices_of_a_batch(library, real_share, empty_share):
    config = TrainConfig(
        method="sammix", steps=1, synthesis_config=STILL, validation="none", real_share=real_share,
        empty_share=empty_share,
    )  # fmt: skip
    data = TrainingData(library, config, 64, 32)
    truth = {e.image.tobytes(): e for e in library}
    items = [item for step in range(10) for item in data.batch(step)]
    for item in items:
        present, outlines = item.shown
        assert np.array_equal(present, outlines.any(axis=(1, 2)))
        for place, target in zip(item.classes, item.targets, strict=True):
            # A slice without the object is asked for one that is not on it.
            assert np.array_equal(outlines[place], target)
        exemplar = truth.get(item.image.tobytes())
        if exemplar is not None:
            assert np.array_equal(outlines, [exemplar.labels == library.classes.index(c) + 1 for c in data.classes])
    assert (real_share < 1 and empty_share < 1) == any(item.image.tobytes() not in truth for item in items)


def test_slices_without_outlines_take_no_part_in_outlining(library):
    data = TrainingData(library, TrainConfig(steps=1, synthesis=False, empty_share=0.5, validation="none"), 64, 32)
    hidden = data.unlabelled[0].image.tobytes()
    seen = {item.image.tobytes() for step in range(30) for item in data.batch(step)}
    assert len(seen) == 3 and hidden not in seen


def test_found_boxes_take_the_place_of_boxes_where_they_meet_the_object():
    target = np.zeros((4, 30, 40), bool)
    target[[0, 1, 3], 5:15, 10:20] = True
    prompts = [*[Prompt(box=[9, 3, 22, 17])] * 3, Prompt([[12, 8]], [1])]
    item = TrainingItem(np.zeros((30, 40), np.uint8), None, prompts, target, np.array([0, 1, 0, 0]))
    near, far = [9, 4, 21, 16], [12, 6, 39, 29]
    found = [np.array([far, near], np.float32), np.array([[30, 20, 39, 29]], np.float32)]
    made = with_found(item, found, np.random.default_rng(0), share=1.0)
    assert made[0].box.tolist() == near and not len(made[0].points)
    # A box elsewhere, a slice without the object, and a point.
    assert all(made[row] is prompts[row] for row in (1, 2, 3))
    assert with_found(item, found, np.random.default_rng(0), share=0.0) == prompts
    nothing = [np.zeros((0, 4), np.float32)] * 2
    assert with_found(item, nothing, np.random.default_rng(0), share=1.0) == prompts


SMALL = {"method": "sammix", "method_config": {"classifier_width": 8}, "known_slices": 2, "synthetic_count": 8}
SMALL |= {"validation": "none", "precision": "fp32", "prompts_per_slice": 2, "checkpoint_seconds": 1e9}


def run_of(library, output, resume=False, **settings):
    config = TrainConfig.from_dict(SMALL | {"steps": 4} | settings).with_recipe()
    inputs = dict.fromkeys(("library", "checkpoint", "start_from", "synthetic"))
    return Finetuning(Team("cpu"), config, Asked(output, inputs, resume, model=build("vit-64")), library)


def test_small_steps_are_plain_ones_on_the_slices_that_were_encoded(library, tmp_path, monkeypatch):
    monkeypatch.setattr(sammix, "SMALL_STEPS", 3)
    run = run_of(library, tmp_path / "run")
    plain = copy.deepcopy(run.model)
    before = {name: p.detach().clone() for name, p in run.parameters.items()}
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"]
    encoded = []
    run.model.sam.image_encoder.register_forward_hook(lambda *_: encoded.append(1))
    figures = run.forward(0, 0.0)
    # The batch at once and each other slice, none of them a second time.
    assert len(encoded) == 2
    method, config = SamMix(), SamMixConfig(classifier_width=8, classes=2)
    items, others = run.data.batch(0), run.data.known_slices(0)
    images, frames = [i.image for i in items] + others.images, [i.frame for i in items] + others.frames
    slices = KnownSlices(images, frames, [i.shown for i in items] + others.shown)
    with torch.no_grad():
        seen = encode(plain, images[:2], frames[:2], torch.float32)
        seen = torch.cat([seen, encode(plain, images[2:], frames[2:], torch.float32)])
    rows = {name: values.float() for name, values in run.slices.kept.items()}
    # Kept in half precision.
    torch.testing.assert_close(rows, method.slice_rows(plain, slices, lambda: seen), rtol=2e-3, atol=2e-3)
    rate = run.recipe.lr * method.rate(config, "classifier.")
    adam = torch.optim.AdamW(plain.sam.classifier.parameters(), rate, weight_decay=run.recipe.weight_decay)
    losses = []
    for number in range(3):
        adam.zero_grad()
        chosen = run.slices.drawn(generator(run.config.seed, LESSON, 0, number))
        loss = method.slice_loss(plain, {name: values[torch.from_numpy(chosen)] for name, values in rows.items()})
        loss.backward()
        torch.nn.utils.clip_grad_norm_(plain.sam.classifier.parameters(), run.config.clip)
        adam.step()
        losses.append(loss.item())
    assert figures["slice_loss"] == pytest.approx(np.mean(losses), rel=1e-5)
    for name, wanted in plain.sam.classifier.named_parameters():
        torch.testing.assert_close(run.parameters[f"classifier.{name}"], wanted, rtol=1e-5, atol=1e-6)
        assert run.parameters[f"classifier.{name}"].grad is None
    # What the loss does not reach waits for the step of the run, with its gradient.
    others = [name for name in before if not name.startswith("classifier.")]
    assert all(torch.equal(run.parameters[name], before[name]) for name in others)
    assert any(run.parameters[name].grad is not None for name in others)


def test_a_small_step_sees_classes_present_and_absent_alike(library, tmp_path):
    run = run_of(library, tmp_path / "run")
    # The bean is on one slice in ten.
    run.slices.kept = {"present": torch.tensor([[1.0, 0.0]] * 9 + [[0.0, 1.0]])}
    chosen = np.concatenate([run.slices.drawn(generator(0, number)) for number in range(100)])
    assert np.mean(chosen == 9) == pytest.approx(0.5, abs=0.06)


def test_the_latest_slices_are_kept(library, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "KEPT_SLICES", 10)
    run = run_of(library, tmp_path / "run")
    run.forward(0, 0.0)
    first = run.slices.kept["seen"].clone()
    assert len(first) == 4
    for step in (1, 2):
        run.optimizer.zero_grad()
        run.forward(step, 0.0)
    assert len(run.slices.kept["seen"]) == 10 and torch.equal(run.slices.kept["seen"][:2], first[2:])


def test_stopped_and_resumed_is_uninterrupted_to_the_bit(library, tmp_path):
    run_of(library, tmp_path / "whole").execute()
    stops = iter([False, True])
    stopped = run_of(library, tmp_path / "parts")
    stopped.cancelled = lambda: next(stops)
    with pytest.raises(Cancelled):
        stopped.execute()
    run_of(library, tmp_path / "parts", resume=True).execute()
    wanted, got = (load_file(tmp_path / name / "adapter" / WEIGHTS) for name in ("whole", "parts"))
    assert wanted.keys() == got.keys() and all(torch.equal(wanted[name], got[name]) for name in wanted)


@pytest.mark.parametrize(
    "stages, first, second", [("two", "classifier", "sam"), ("frozen", "classifier", "classifier")]
)
def test_in_two_stages_one_learns_after_the_other(library, tmp_path, stages, first, second):
    run = run_of(library, tmp_path / "run", method_config={"classifier_width": 8, "stages": stages}, found_share=1.0)
    names = {name: "classifier" if name.startswith("classifier.") else "sam" for name in run.parameters}
    assert {*names.values()} == {first, second}
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"]
    for progress, learns in ((0.49, first), (0.5, second)):
        before = {name: p.detach().clone() for name, p in run.parameters.items()}
        figures = run.forward(0, progress)
        assert ("slice_loss" in figures) is (learns == "classifier") is math.isnan(figures["dice"])
        # What learns about slices has moved by steps of its own, the rest has gradients.
        moved = {name for name, p in run.parameters.items() if p.grad is not None or not torch.equal(p, before[name])}
        assert {names[name] for name in moved} == {learns}
        run.optimizer.zero_grad(set_to_none=True)


def test_a_sam_that_stays_frozen_answers_as_the_base(library, tmp_path):
    for idle in ({"decoder": "none"}, {"rank": 4}):
        with pytest.raises(InputError, match=f"{[*idle][0]} is .*, and sammix so set makes no use of it"):
            run_of(library, tmp_path / "run", method_config={"stages": "frozen", **idle})
    run = run_of(library, tmp_path / "run", method_config={"classifier_width": 8, "stages": "frozen"}, steps=2)
    info = run.execute()
    assert info.config["stages"] == "frozen"
    plain, loaded = build("vit-64"), build("vit-64")
    apply_adapter(loaded, tmp_path / "run")
    own = {name: p for name, p in loaded.sam.named_parameters() if not name.startswith("classifier.")}
    assert own.keys() == dict(plain.sam.named_parameters()).keys()
    assert all(torch.equal(own[name], p) for name, p in plain.sam.named_parameters())
