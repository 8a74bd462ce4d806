"""The training loop: the same result however often it is stopped, within its budget, and never over another run."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.adapters.file import apply_adapter, read_adapter_info
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.training import engine as runner
from SAMAdaptLib.training import finetune as loop
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import build, make_library, scan

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(
    model="test_vit",
    steps=6,
    prompts_per_slice=2,
    synthetic_count=8,
    corrections=0.5,
    checkpoint_seconds=1e9,
    precision="fp32",
    device="cpu",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("loop") / "library", patients=3, indices=(1, 3), backgrounds=(0,))


def run(library, folder, config=CONFIG, **options):
    return finetune(library, folder, config, model=build("vit-64"), **options)


def weights(folder):
    return (folder / "adapter" / "adapter.safetensors").read_bytes()


def figures(folder):
    return [{k: v for k, v in line.items() if k != "seconds"} for line in read_metrics(folder)]


@pytest.fixture(scope="module")
def whole(library, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(library, folder / "run")


def after(steps):
    """Says "stop" once so many steps are done."""
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) >= steps

    return cancelled


class Killed(BaseException):
    pass


def kill_at(step):
    def listener(event):
        if event["event"] == "step" and event["step"] == step:
            raise Killed

    return listener


def equal(folder, whole):
    return weights(folder) == weights(whole[0] / "run") and figures(folder) == figures(whole[0] / "run")


def test_what_a_run_leaves_behind(whole):
    folder, info = whole[0] / "run", whole[1]
    assert sorted(p.name for p in folder.iterdir()) == ["adapter", "checkpoints", "config.json", "metrics.jsonl"]
    assert not list((folder / "checkpoints").iterdir())
    assert (info.steps, info.method, info.axis, info.intensity) == (6, "lora", "axial", "minmax")
    assert info.classes == ("disc", "bean") and info.input_size == 64 and info.base_hash == "random-0"
    assert read_adapter_info(folder) == info
    # Two labelled slices, one of them with a bean, and a background of each of three patients; validation takes one.
    counts = {"slices": 4, "unlabelled": 2, "patients": 2, "held_out": 2, "classes": {"disc": 4, "bean": 2}}
    assert info.data == counts | {"images": ["other than CT"], "pixel_mm": [1.0, 1.0], "synthetic": True}
    steps = [line for line in figures(folder) if "loss" in line]
    assert [line["step"] for line in steps] == [1, 2, 3, 4, 5, 6]
    # Progress 1/12 lies in the warm-up of 0.1, then (1 - (p - 0.1) / 0.9)^0.9.
    rates = [1 / 1.2] + [(1 - ((k + 0.5) / 6 - 0.1) / 0.9) ** 0.9 for k in range(1, 6)]
    assert [line["lr"] for line in steps] == pytest.approx([1e-3 * r for r in rates])


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_weight_decay_of_both_optimisers(library, tmp_path, optimizer):
    """At the first step of LoRA the gradient of A is 0, since B is: what A does then is weight decay alone."""
    config = replace(
        CONFIG, steps=1, validation="none", optimizer=optimizer, lr=1e-3, weight_decay=0.1, warmup=0.0, decay_power=0
    )
    before = build("vit-64")
    Lora().apply(before, LoraConfig(), config.seed)
    run(library, tmp_path, config)
    trained = load_file(tmp_path / "adapter" / "adapter.safetensors")
    moved = {name: p.detach() for name, p in trainable(before.sam).items() if ".lora_A." in name}
    assert len(moved) > 10
    for name, start in moved.items():
        # Adam takes the decay for a gradient, whose size its first step forgets; AdamW shrinks by rate times decay.
        decay = 0.1 * start
        wanted = start - 1e-3 * (decay / (decay.abs() + 1e-8) if optimizer == "adam" else decay)
        assert torch.allclose(trained[name], wanted, atol=1e-7)


def test_the_paper_s_recipe_for_the_decoder_is_a_constant_rate(library, tmp_path):
    config = replace(CONFIG, method="decoder", recipe="paper", validation="none")
    with pytest.raises(Cancelled):
        run(library, tmp_path, config, cancelled=after(3))
    run(library, tmp_path, config, resume=True)
    assert [line["lr"] for line in read_metrics(tmp_path)] == [1e-4] * 6
    stored = json.loads((tmp_path / "config.json").read_text())
    assert [stored[name] for name in ("recipe", "lr", "optimizer", "weight_decay")] == ["paper", 1e-4, "adam", 1e-4]


def test_the_held_out_patient_is_scored_and_the_best_weights_win(whole):
    folder, info = whole[0] / "run", whole[1]
    scored = [line for line in figures(folder) if "validation" in line]
    # Four times in six steps: after steps 2, 3, 5 and 6.
    assert [line["step"] for line in scored] == [2, 3, 5, 6]
    best = max(scored, key=lambda line: (line["validation"]["dice"], line["step"]))
    assert info.validation == best["validation"] | {"step": best["step"]}
    # The prompts of the default mix, by their shares.
    shares = {"random-point": 0.35, "point": 0.15, "box:0.05": 0.35, "neighbour": 0.15}
    assert set(info.validation) == {*shares, "dice", "step"}
    assert info.validation["dice"] == pytest.approx(sum(info.validation[name] * shares[name] for name in shares))
    assert info.prompts == CONFIG.prompts


def test_the_best_weights_are_those_of_the_best_step(library, tmp_path, monkeypatch):
    """Validation is made to fall, so that the first one is the best, at step 2."""
    scores = iter([0.9, 0.5, 0.4, 0.3])
    monkeypatch.setattr(loop, "validate", lambda *_: {"dice": next(scores)})
    with pytest.raises(Cancelled):
        run(library, tmp_path / "run", cancelled=after(4))
    info = run(library, tmp_path / "run", resume=True)
    assert info.validation == {"dice": 0.9, "step": 2} and info.steps == 6
    kept = {}

    def keep(event):
        if event["event"] == "step" and event["step"] == 2:
            kept.update({n: p.detach().clone() for n, p in model.sam.named_parameters() if p.requires_grad})

    scores = iter([0.9, 0.5, 0.4, 0.3])
    model = build("vit-64")
    finetune(library, tmp_path / "again", CONFIG, model=model, listener=keep)
    state = load_file(tmp_path / "run" / "adapter" / "adapter.safetensors")
    assert len(state) == len(kept) and all(torch.equal(state[n.replace(".default.", ".")], p) for n, p in kept.items())


@pytest.mark.parametrize("stops", [(1,), (4,), (2, 1, 2)], ids=str)
def test_stopped_and_resumed_is_uninterrupted_to_the_bit(library, tmp_path, whole, stops):
    for number, steps in enumerate(stops):
        with pytest.raises(Cancelled, match="--resume"):
            run(library, tmp_path, resume=number > 0, cancelled=after(steps))
        assert not (tmp_path / "adapter").exists()
    assert run(library, tmp_path, resume=True).steps == 6
    assert equal(tmp_path, whole)


@pytest.mark.parametrize("blocks, pools", [(1, [2, 2, 2]), (3, [])])
def test_where_most_of_the_encoder_is_computed_once_few_slices_are_drawn_and_resuming_is_exact(
    library, tmp_path, monkeypatch, blocks, pools
):
    """Four blocks and the neck: three links of five are computed once with the last block alone, one with three."""
    limited, own = [], TrainingData.limit_synthetic
    monkeypatch.setattr(loop, "FROZEN_POOL", 2)
    monkeypatch.setattr(TrainingData, "limit_synthetic", lambda *given: (limited.append(given[1]), own(*given)))
    config = replace(CONFIG, steps=3, method_config={"last_blocks": blocks}, validation="none")
    whole = tmp_path / "whole" / "run"
    info = run(library, whole, config)
    assert info.config["last_blocks"] == blocks
    with pytest.raises(Cancelled):
        run(library, tmp_path / "parts", config, cancelled=after(2))
    run(library, tmp_path / "parts", config, resume=True)
    assert equal(tmp_path / "parts", [whole.parent]) and limited == pools


def test_a_run_from_before_recipes_goes_on_with_what_all_runs_had_then(library, tmp_path, whole):
    with pytest.raises(Cancelled):
        run(library, tmp_path, cancelled=after(3))
    path = tmp_path / "config.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored.pop("recipe") == "short" and stored.pop("optimizer") == "adamw"
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert run(library, tmp_path, resume=True).steps == 6
    assert weights(tmp_path) == weights(whole[0] / "run")


@pytest.mark.parametrize("damage", ["nothing", "torn metrics", "torn checkpoint", "no checkpoint"])
def test_killed_at_any_moment_is_uninterrupted_to_the_bit(library, tmp_path, whole, damage):
    config = CONFIG if damage == "no checkpoint" else replace(CONFIG, checkpoint_seconds=0.0)
    with pytest.raises(Killed):
        run(library, tmp_path, config, listener=kill_at(5))
    kept = sorted((tmp_path / "checkpoints").glob("step-*"))
    assert [int(p.stem[-8:]) for p in kept] == ([] if damage == "no checkpoint" else [3, 4])
    if damage == "torn metrics":
        with open(tmp_path / "metrics.jsonl", "r+b") as file:
            file.truncate(file.seek(0, 2) - 9)
    if damage == "torn checkpoint":
        kept[-1].write_bytes(kept[-1].read_bytes()[:1000])
    run(library, tmp_path, config, resume=True)
    assert equal(tmp_path, whole)


def checkpoints(folder):
    return sorted(path.name for path in (folder / "checkpoints").glob("step-*"))


def test_a_rate_at_which_numbers_end_names_the_step_and_leaves_no_adapter(library, tmp_path):
    with pytest.raises(runner.Diverged, match=r"diverged in step 2: its loss is (nan|inf): .*lower rate.*fp32"):
        run(library, tmp_path, replace(CONFIG, lr=1e30, checkpoint_seconds=0.0))
    # What the first step left is what gave no loss.
    assert not checkpoints(tmp_path) and not (tmp_path / "adapter").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_keeps_the_checkpoint_before(library, tmp_path, whole, monkeypatch, value):
    forward = loop.Finetuning.forward

    def broken(self, step, progress):
        figures = forward(self, step, progress)
        return figures | {"loss": value} if step == 3 else figures

    with monkeypatch.context() as patch:
        patch.setattr(loop.Finetuning, "forward", broken)
        with pytest.raises(runner.Diverged, match=f"step 4: its loss is {value}"):
            run(library, tmp_path, replace(CONFIG, checkpoint_seconds=0.0))
    assert checkpoints(tmp_path) == ["step-00000002.safetensors"]
    (tmp_path / "config.json").write_text((whole[0] / "run" / "config.json").read_text())
    run(library, tmp_path, resume=True)
    assert equal(tmp_path, whole)


@pytest.mark.parametrize("many", [False, True])
def test_a_gradient_that_overflows_is_left_out_unless_all_do(library, tmp_path, monkeypatch, many):
    forward, model, kept = loop.Finetuning.forward, build("vit-64"), {}

    def broken(self, step, progress):
        figures = forward(self, step, progress)
        if step == 2 or many:
            next(p for p in self.parameters.values() if p.grad is not None).grad.fill_(float("inf"))
            kept.update({name: p.detach().clone() for name, p in self.parameters.items()})
        elif step == 3:
            assert all(torch.equal(kept[name], p) for name, p in self.parameters.items())
        return figures

    monkeypatch.setattr(loop.Finetuning, "forward", broken)
    if many:
        with pytest.raises(runner.Diverged, match="step 5: its gradients"):
            finetune(library, tmp_path, CONFIG, model=model)
        assert not (tmp_path / "adapter").exists()
    else:
        assert finetune(library, tmp_path, CONFIG, model=model).steps == 6
        assert [line["step"] for line in read_metrics(tmp_path) if line.get("gradient_norm", 0) is None] == [3]


def test_weights_that_are_no_numbers_become_neither_checkpoint_nor_adapter(library, tmp_path):
    for seconds in (0.0, 1e9):
        model, folder = build("vit-64"), tmp_path / str(seconds)

        def spoil(event, model=model):
            if event["event"] == "step" and event["step"] == 6:
                with torch.no_grad():
                    next(iter(trainable(model.sam).values())).fill_(float("nan"))

        with pytest.raises(runner.Diverged, match="step 6: its weights overflow"):
            finetune(library, folder, replace(CONFIG, checkpoint_seconds=seconds), model=model, listener=spoil)
        assert not (folder / "adapter").exists() and "step-00000006.safetensors" not in checkpoints(folder)


def test_a_second_process_leaves_a_run_alone(library, tmp_path, whole):
    refused = []

    def second(event):
        if event["event"] == "step" and event["step"] == 2:
            for resume in (True, False):
                with pytest.raises(InputError, match="Another process is working on this run.*tmp"):
                    run(library, tmp_path / "tmp", resume=resume)
                refused.append(resume)

    run(library, tmp_path / "tmp", listener=second)
    assert refused == [True, False]
    assert weights(tmp_path / "tmp") == weights(whole[0] / "run")


def test_a_lost_adapter_is_made_again(library, tmp_path, whole):
    run(library, tmp_path)
    for file in (tmp_path / "adapter").iterdir():
        file.unlink()
    run(library, tmp_path, resume=True)
    assert equal(tmp_path, whole)


def test_a_run_of_which_only_the_settings_were_written(library, tmp_path, whole, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(loop.Stepper, "__call__", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            run(library, tmp_path)
    assert (tmp_path / "config.json").exists() and not read_metrics(tmp_path)
    run(library, tmp_path, resume=True)
    assert equal(tmp_path, whole)


def test_a_finished_run_is_not_done_again(library, whole, monkeypatch):
    monkeypatch.setattr(loop.Stepper, "__call__", lambda *_: pytest.fail("it trained"))
    before = weights(whole[0] / "run")
    assert run(library, whole[0] / "run", resume=True) == whole[1]
    assert weights(whole[0] / "run") == before


def test_the_seed_decides(library, tmp_path, whole):
    torch.manual_seed(99)
    np.random.seed(99)
    run(library, tmp_path / "same")
    run(library, tmp_path / "other", replace(CONFIG, seed=1))
    assert equal(tmp_path / "same", whole)
    assert weights(tmp_path / "other") != weights(whole[0] / "run")


def test_another_run_is_left_alone(library, tmp_path, whole):
    folder = whole[0] / "run"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(InputError, match="A run is there already"):
        run(library, folder)
    with pytest.raises(InputError, match="another lr, seed"):
        run(library, folder, replace(CONFIG, lr=1e-4, seed=5), resume=True)
    with pytest.raises(InputError, match="another base_hash"):
        finetune(library, folder, CONFIG, model=build("vit-64", seed=1), resume=True)
    grown = make_library(tmp_path / "grown", patients=3, indices=(1, 2, 3), backgrounds=(0,))
    with pytest.raises(InputError, match="another exemplars"):
        run(grown, folder, resume=True)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_a_library_without_labels_starts_no_run(tmp_path):
    library = Library.create(tmp_path / "library")
    library.add(*scan(), "axial", 0, Intensity.parse("minmax"), background=True)
    with pytest.raises(InputError, match="No exemplar with a label"):
        run(library, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("change", [{"precision": "fp8"}, {"budget_minutes": float("inf")}], ids=str)
def test_settings_that_cannot_be_start_no_run(library, tmp_path, change):
    with pytest.raises(InputError, match=str(*change.values())):
        run(library, tmp_path / "run", replace(CONFIG, **change))
    assert not (tmp_path / "run").exists()


def test_the_loss_falls_and_the_adapter_has_learnt_the_slices(tmp_path):
    library = make_library(tmp_path / "library", patients=2, indices=(1, 2, 3, 4))
    config = replace(
        CONFIG, steps=40, synthesis=False, empty_share=0.0, prompts="point,box", corrections=0.0, weight_decay=0.0
    )
    run(library, tmp_path / "run", config)
    losses = [line["loss"] for line in read_metrics(tmp_path / "run")]
    dices = [line["dice"] for line in read_metrics(tmp_path / "run")]
    assert len(losses) == 40 and np.mean(losses[-8:]) < 0.7 * np.mean(losses[:8])
    assert np.mean(dices[-8:]) > np.mean(dices[:8]) + 0.2
    scores = {}
    for name in ("base", "adapted"):
        model = build("vit-64")
        if name == "adapted":
            apply_adapter(model, tmp_path / "run")
        predictor = Predictor(model, "fp32")
        dice = []
        for exemplar in library:
            frame = predictor.frame(exemplar.image.shape, exemplar.info.pixel_spacing)
            truth = exemplar.labels == 1
            answer = predictor.decode(predictor.encode(exemplar.image, frame), [parse_strategy("box")(truth)], frame)
            mask = answer.masks[0, 0]
            dice.append(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))
        scores[name] = np.mean(dice)
    assert scores["adapted"] > 0.7 and scores["adapted"] > scores["base"] + 0.2


def test_events_tell_how_far_it_is(library, tmp_path):
    events = []
    run(library, tmp_path, replace(CONFIG, validation="none"), listener=events.append)
    assert [e["stage"] for e in events if e["event"] == "stage"] == ["model", "data", "first", "final"]
    events = [e for e in events if e["event"] != "stage"]
    assert [e["event"] for e in events] == ["start", *["step"] * 6, "done"]
    assert [e["step"] for e in events] == [0, 1, 2, 3, 4, 5, 6, 6] and {e["total"] for e in events} == {6}
    assert events[0]["seconds_left"] is None and events[-2]["seconds_left"] == 0
    assert {"loss", "dice", "lr", "gradient_norm", "seconds"} <= events[1].keys()


def test_a_device_that_is_not_there(library, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("it is there")
    with pytest.raises(InputError, match="No such device on this machine: cuda"):
        run(library, tmp_path, replace(CONFIG, device="cuda"))


class Clock:
    """Time that passes only where the test says so."""

    def __init__(self, seconds_of):
        self.now, self.steps, self.seconds_of = 0.0, 0, seconds_of

    def monotonic(self):
        return self.now

    def step(self, *_):
        self.now += self.seconds_of(self.steps)
        self.steps += 1
        return {"loss": 0.0, "dice": 0.0}

    def validate(self, model, data, dtype):
        self.now += 0.5 * self.seconds_of(self.steps) * len(data.validation)
        return {"dice": 0.5}


@pytest.fixture
def clock(monkeypatch):
    def start(seconds_of):
        made = Clock(seconds_of)
        monkeypatch.setattr(runner, "time", made)
        monkeypatch.setattr(loop.Stepper, "__call__", lambda *_: made.step())
        monkeypatch.setattr(loop, "validate", made.validate)
        return made

    return start


@pytest.mark.parametrize(
    "seconds_of",
    [lambda i: 1.0, lambda i: 1.0 if i < 50 else 2.0, lambda i: 2.0 if i < 40 else 0.7, lambda i: 30.0],
    ids=["steady", "slower", "faster", "few long steps"],
)
def test_a_budget_is_used_and_kept(library, tmp_path, clock, seconds_of):
    time = clock(seconds_of)
    info = run(library, tmp_path, replace(CONFIG, steps=None, budget_minutes=5.0))
    assert 0.6 * 300 < time.now < 1.02 * 300
    # Every step that is computed counts.
    assert info.steps == time.steps
    if seconds_of(0) == 1.0 and seconds_of(99) == 1.0:
        assert time.now > 0.9 * 300


def test_steps_and_budget_whichever_comes_first(library, tmp_path, clock):
    clock(lambda i: 1.0)
    config = replace(CONFIG, steps=20, budget_minutes=5.0)
    assert run(library, tmp_path / "a", config).steps == 20
    clock(lambda i: 1.0)
    assert run(library, tmp_path / "b", replace(config, steps=1000)).steps < 300


def test_a_resumed_run_counts_the_time_before(library, tmp_path, clock):
    config = replace(CONFIG, steps=None, budget_minutes=5.0)
    first = clock(lambda i: 1.0)
    with pytest.raises(Cancelled):
        run(library, tmp_path, config, cancelled=after(100))
    second = clock(lambda i: 1.0)
    run(library, tmp_path, config, resume=True)
    assert 0.85 * 300 < first.now + second.now < 1.02 * 300


def test_a_budget_too_short_for_anything_gives_one_step(library, tmp_path, clock):
    clock(lambda i: 100.0)
    assert run(library, tmp_path, replace(CONFIG, steps=None, budget_minutes=0.5)).steps == 1
