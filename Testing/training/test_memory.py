"""The estimate against what torch's own allocator counts in a real step, and against plain arithmetic."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.training import dry_run, memory
from SAMAdaptLib.training.config import MEMORIES, TrainConfig
from SAMAdaptLib.training.data import TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.estimates import FOUND
from SAMAdaptLib.training.memory import MemoryEstimate, estimate
from SAMAdaptLib.training.recompute import compute_twice
from SAMAdaptLib.training.step import Stepper
from SAMAdaptLib.training.team import Team
from Testing.tiny import KINDS, build
from Testing.tools.estimates import computed

pytestmark = pytest.mark.slow

# What the allocator counts and the estimate does not: workspace of kernels; and the other way round, fused kernels.
TOLERANCE = 0.06
WHOLE_SLICES = dry_run.SLICE_SHAPE
# Small slices make real steps short; the estimate is told so.
SHAPE = (128, 128)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(dry_run, "SLICE_SHAPE", SHAPE)
    # No user is to be told what these slices take.
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path))


class Slices:
    """Training data without a library: one square on noise, prompted with the forms that training uses."""

    def __init__(self, input_size: int, config: TrainConfig) -> None:
        self.frame, self.config = ModelFrame(SHAPE, input_size), config

    def batch(self, step: int, slots: range) -> list[TrainingItem]:
        image = np.random.default_rng(step).integers(0, 255, SHAPE).astype(np.uint8)
        target = np.zeros(SHAPE, bool)
        target[30:90, 30:90] = True
        count = self.config.prompts_per_slice
        point = Prompt(points=np.array([[60, 60]], np.float32), labels=np.array([1]))
        box = Prompt(box=np.array([30, 30, 90, 90], np.float32))
        prompts = [(point, box)[i % 2] for i in range(count)]
        item = TrainingItem(image, self.frame, prompts, np.stack([target] * count), np.zeros(count, int))
        return [item] * self.config.batch_size


def allocated(kind: str, config: TrainConfig, tmp_path) -> int:
    """Bytes that one real training step had allocated at its fullest, by the events of torch's CPU allocator."""
    from torch.profiler import ProfilerActivity, profile

    model = build(kind)
    method = get_method(config.method)
    method.apply(model, method.Config.from_dict(config.method_config))
    data, embeddings = Slices(model.input_size, config), Embeddings(model, torch.float32)
    step = Stepper(model, data, config, embeddings, Team("cpu"))
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as measured:
        step(0, 0.0)
    measured.export_chrome_trace(str(tmp_path / "trace.json"))
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    changes = sorted((e for e in events if e.get("name") == "[memory]"), key=lambda e: e["ts"])
    return int(np.cumsum([e["args"]["Bytes"] for e in changes]).max())


def expected(kind: str, config: TrainConfig) -> MemoryEstimate:
    base, size = KINDS[kind]
    return estimate(
        base,
        config.method,
        config.batch_size,
        config.prompts_per_slice,
        size,
        config.method_config,
        config.corrections,
        config.memory,
    )


@pytest.mark.parametrize("kind, batch_size, prompts", [("vit-128", 1, 2), ("vit-64", 2, 4), ("tiny_vit-64", 2, 4)])
def test_a_step_takes_what_was_estimated(kind, batch_size, prompts, tmp_path) -> None:
    config = TrainConfig(steps=1, batch_size=batch_size, prompts_per_slice=prompts, corrections=0)
    assert expected(kind, config).step == pytest.approx(allocated(kind, config, tmp_path), rel=TOLERANCE)


@pytest.mark.parametrize("method", METHODS)
def test_the_estimate_holds_for_every_method(method, tmp_path) -> None:
    if get_method(method).learns_slices:
        pytest.skip("its loss on whole slices is not estimated")
    config = TrainConfig(steps=1, method=method, corrections=0)
    assert expected("vit-128", config).step == pytest.approx(allocated("vit-128", config, tmp_path), rel=TOLERANCE)


def test_second_answers_are_counted(tmp_path) -> None:
    config = TrainConfig(steps=1, corrections=1)
    measured = allocated("vit-64", config, tmp_path)
    assert expected("vit-64", config).step == pytest.approx(measured, rel=TOLERANCE)
    assert expected("vit-64", replace(config, corrections=0)).step < 0.8 * measured


@pytest.mark.parametrize("method", METHODS)
def test_weights_and_moments_are_what_the_built_model_holds(method) -> None:
    base, size = KINDS["vit-64"]
    model = build("vit-64")
    get_method(method).apply(model, get_method(method).Config())
    found = estimate(base, method, input_size=size)
    held = [*model.sam.parameters(), *model.sam.buffers()]
    assert found.weights == sum(t.numel() * t.element_size() for t in held)
    assert found.optimiser == 8 * sum(p.numel() for p in trainable(model.sam).values())
    assert found.bytes == found.weights + found.optimiser + found.step + found.program


def test_the_weights_of_sam_without_its_file() -> None:
    """The released file holds the same tensors in 32 bits, and their names."""
    assert estimate("sam_vit_b", "decoder", 1, 1).weights == pytest.approx(375_042_383, rel=0.0005)


def test_more_of_anything_takes_more() -> None:
    def of(**values) -> MemoryEstimate:
        return estimate(KINDS["vit-128"][0], **{"batch_size": 1, "prompts_per_slice": 1, "input_size": 64} | values)

    small = of()
    for more in ({"batch_size": 2}, {"prompts_per_slice": 4}, {"input_size": 128}):
        assert of(**more).step > 1.2 * small.step
    # Rank 4 of LoRA: q and v, each with A and B of 64 channels, in 4 blocks; in the decoder 23,552 parameters.
    doubled = of(method_config={"rank": 8}).optimiser - small.optimiser
    assert doubled == 8 * (4 * 2 * 2 * 4 * 64 + 23_552)


@pytest.mark.parametrize("method", ["lora", "msa", "dbsam"])
@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_blocks_that_are_computed_twice_give_the_same_gradients_to_the_bit(kind, method) -> None:
    model, image = build(kind), torch.randn(2, 3, 64, 64)
    encoder, calls = model.sam.image_encoder, []
    blocks = model.family.attention_blocks(encoder)
    get_method(method).apply(model, get_method(method).Config())
    blocks[-1].attention.proj.register_forward_hook(lambda *_: calls.append(1))

    def gradients() -> list[torch.Tensor]:
        model.sam.zero_grad()
        calls.clear()
        embedding = model.sam.image_encoder(image)
        weights = torch.randn(embedding.shape, generator=torch.Generator().manual_seed(1))
        (embedding * weights).sum().backward()
        return [p.grad.clone() for p in model.sam.image_encoder.parameters() if p.grad is not None]

    with torch.no_grad():
        for number, parameter in enumerate(trainable(model.sam.image_encoder).values()):
            torch.nn.init.normal_(parameter, 0, 0.2, torch.Generator().manual_seed(number))
    wanted, once = gradients(), len(calls)
    compute_twice(block.holder[block.place] for block in blocks)
    got = gradients()
    assert len(got) > 8 and sum(bool(g.any()) for g in wanted) > 8 and (once, len(calls)) in ((1, 2), (0, 0))
    assert all(torch.equal(one, other) for one, other in zip(got, wanted, strict=True))
    with torch.no_grad():
        model.sam.image_encoder(image)


def test_less_is_kept_where_the_mode_says_so(tmp_path) -> None:
    config = TrainConfig(steps=1, batch_size=2, prompts_per_slice=1, corrections=0, memory="low")
    assert expected("vit-128", config).step < 0.9 * expected("vit-128", replace(config, memory="fast")).step


@pytest.mark.parametrize(
    "values", [{"model": "sam_vit_z"}, {"method": "magic"}, {"input_size": 999}, {"method_config": {"rank": 0}}]
)
def test_bad_settings_are_refused(values) -> None:
    with pytest.raises(InputError):
        estimate(**{"model": "lite_medsam"} | values)


def test_it_is_remembered_for_as_long_as_the_code_is_the_same(tmp_path, monkeypatch) -> None:
    asked, run = [], dry_run.run_dry
    monkeypatch.setattr(dry_run, "run_dry", lambda *given: asked.append(given) or run(*given))
    first = estimate("lite_medsam", "decoder", prompts_per_slice=1)
    assert estimate("lite_medsam", "decoder", prompts_per_slice=1) == first and len(asked) == 1
    # What is asked without a setting and with its default is the same question; with another one it is not.
    assert estimate("lite_medsam", "decoder", 2, 1, 256, {"prompts": False}) == first and len(asked) == 1
    assert estimate("lite_medsam", "decoder", 2, 1, 256, {"prompts": True}) != first and len(asked) == 2
    code = "from SAMAdaptLib.training.memory import estimate; print(estimate('lite_medsam', 'decoder', 2, 1)"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", "import sys; " + code + ", 'torch' in sys.modules)"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == f"{first} False"
    monkeypatch.setattr(memory, "_code", lambda: "changed")
    assert estimate("lite_medsam", "decoder", prompts_per_slice=1) == first and len(asked) == 3
    (tmp_path / "estimates.json").write_text("[")
    assert estimate("lite_medsam", "decoder", prompts_per_slice=1) == first and len(asked) == 4


@pytest.mark.parametrize("method, mode", [("lora", "fast"), ("decoder", "fast"), ("lora", "low")])
def test_what_is_shipped_is_what_a_dry_run_finds(method, mode, monkeypatch) -> None:
    monkeypatch.setattr(dry_run, "SLICE_SHAPE", WHOLE_SLICES)
    name, found = computed("lite_medsam", method, mode)
    shipped = dict(zip(memory.PARTS, FOUND[name], strict=True))
    again = "python -m Testing.tools.estimates"
    assert shipped == pytest.approx(found, rel=0.02), again
    assert shipped["trainable"] == found["trainable"], again
    # And it is what is told.
    assert estimate("lite_medsam", method, memory=mode).step == shipped["step"]


def test_every_model_and_method_is_shipped_under_the_settings_of_today(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(memory, "_taken", lambda *given: pytest.fail("python -m Testing.tools.estimates"))
    for model, method, mode in itertools.product(MODELS, METHODS, MEMORIES):
        if MODELS[model].family in METHODS[method].unfit:
            continue
        asked.append(estimate(model, method, memory=mode).trainable)
    assert len(asked) == len(FOUND) and min(asked) > 100_000
    # A switch asks for another computation.
    monkeypatch.setenv("SAMADAPT_PLAIN", "decoder")
    with pytest.raises(pytest.fail.Exception):
        estimate("lite_medsam")


def test_finetune_tells_it_and_does_nothing_else(capsys, tmp_path) -> None:
    run = tmp_path / "RUN"
    words = ["finetune", "--estimate", "--model", "lite_medsam", "--set", "batch_size=1"]
    assert main([*words, "--output", str(run), "--json"]) == 0
    out, err = capsys.readouterr()
    found = estimate("lite_medsam", batch_size=1)
    assert json.loads(out)["bytes"] == found.bytes and found.text in err and not run.exists()
    assert main(words) == 0
    assert found.text in capsys.readouterr().out
    assert main([*words, "--method-set", "rank=0"]) == 2
    assert "rank" in capsys.readouterr().err


def test_a_run_still_needs_library_and_folder(capsys) -> None:
    assert main(["finetune", "--model", "lite_medsam"]) == 2
    assert "--library, --output" in capsys.readouterr().err
