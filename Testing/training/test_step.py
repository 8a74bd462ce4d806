"""Answers that are asked for again: what the decoder is given, and what the loss is a mean of."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training import step as steps
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.losses import mask_loss
from SAMAdaptLib.training.step import Stepper
from SAMAdaptLib.training.team import Team
from Testing.tiny import build, make_library

pytestmark = pytest.mark.slow

SQUARE = np.zeros((64, 64), bool)
SQUARE[8:40, 8:40] = True
# What the made-up decoder never finds unless a click is there: columns 32 to 39 of the square.
STRIP = SQUARE & (np.arange(64) >= 32)
PLAIN = {"iou_weight": 0.0, "synthesis": False, "validation": "none"}


@pytest.fixture
def asked(monkeypatch):
    """The prompts of every decoder call; answers miss the strip until the second click in it, confidently."""
    calls = []

    def decode(sam, embedding, prompts, frame, **options):
        calls.append(list(prompts))
        masks = []
        for prompt in prompts:
            clicks = sum(bool(STRIP[int(y), int(x)]) for x, y in prompt.points)
            masks.append(np.where(SQUARE if clicks > 1 else SQUARE & ~STRIP, 9.0, -9.0))
        logits = torch.tensor(np.stack(masks), dtype=torch.float32)[:, None]
        return (logits * embedding.sum()).requires_grad_(), torch.zeros(len(prompts), 1)

    monkeypatch.setattr(steps, "decode", decode)
    return calls


class Squares:
    """Two objects a slice, the same square, asked for by a point with so many clicks after it."""

    def __init__(self, clicks):
        self.clicks = clicks

    def batch(self, step, slots):
        prompts = [Prompt([[12, 12]], [1]), Prompt(box=[8, 8, 39, 39])]
        targets = np.stack([SQUARE, SQUARE])
        return [TrainingItem(SQUARE.astype(np.uint8), ModelFrame((64, 64), 64), prompts, targets, np.zeros(2, int),
                             np.array(self.clicks))]  # fmt: skip


def run(clicks, corrections=0.0, seed=0):
    model = build("vit-64")
    config = TrainConfig(steps=1, batch_size=1, corrections=corrections, seed=seed, **PLAIN)

    def embeddings(images, frames, places):
        assert places == [0]
        return torch.ones(1, 1, 1, 1)

    embeddings.dtype = torch.float32
    return Stepper(model, Squares(clicks), config, embeddings, Team("cpu"))(0, 0.0)


def test_every_click_lies_in_the_error_of_the_last_answer(asked):
    run([3, 0])
    # The first object goes on until nothing is wrong any more, which is after two clicks; the second has one answer.
    assert [len(call) for call in asked] == [2, 1, 1]
    (first, _), (second,), (third,) = asked
    for before, after in ((first, second), (second, third)):
        assert np.array_equal(after.points[:-1], before.points) and after.labels.tolist() == [1] * len(after.points)
        x, y = after.points[-1].astype(int)
        assert STRIP[y, x]
        # The answer itself, clipped to what a mask prompt may be.
        assert after.mask_logits.max() == pytest.approx(6.9) and after.mask_logits.min() == pytest.approx(-6.9)
        assert np.array_equal(after.mask_logits > 0, SQUARE & ~STRIP)


def test_the_loss_is_the_mean_over_all_answers(asked):
    def loss(mask):
        logits = torch.tensor(np.where(mask, 9.0, -9.0), dtype=torch.float32)[None, None]
        return float(mask_loss(logits, torch.tensor(SQUARE, dtype=torch.float32)[None, None], 1.0, 0.8))

    bad, good = loss(SQUARE & ~STRIP), loss(SQUARE)
    assert run([0, 0])["loss"] == pytest.approx(bad)
    # Both objects twice wrong and the third time right: a plain mean over three rounds.
    figures = run([2, 2])
    assert [len(call) for call in asked[-3:]] == [2, 2, 2]
    assert figures["loss"] == pytest.approx((2 * bad + good) / 3, rel=1e-4) and figures["dice"] < 0.9
    # Two answers a round and then one.
    assert run([1, 2])["loss"] == pytest.approx((2 * bad + 2 * bad + good) / 5, rel=1e-4)


def test_clicks_of_the_mix_follow_the_seed_and_corrections_the_middle_of_the_error(asked):
    drawn = []
    for seed in (0, 0, 1, 2):
        run([1, 0], seed=seed)
        drawn.append(tuple(asked[-1][0].points[-1]))
    assert drawn[0] == drawn[1] and len(set(drawn)) == 3
    for seed in (0, 1):
        run([0, 0], corrections=1.0, seed=seed)
        # The strip is 8 columns wide: the innermost pixel is 4 from its side, the first of those in reading order.
        assert [prompt.points[-1].tolist() for prompt in asked[-1]] == [[35, 11]] * 2


def test_one_encoder_pass_serves_all_rounds_and_their_answers_carry_no_gradient(tmp_path):
    library = make_library(tmp_path, patients=1, indices=(2, 3))
    model, passes, given = build("vit-64"), [], []
    model.sam.image_encoder.register_forward_hook(lambda *_: passes.append(1))
    model.sam.prompt_encoder.register_forward_hook(
        lambda module, words, named, out: given.append(named), with_kwargs=True
    )
    get_method("lora").apply(model, get_method("lora").Config())
    config = TrainConfig(steps=1, prompts="clicks:4", batch_size=1, prompts_per_slice=2, empty_share=0, **PLAIN)
    data = TrainingData(library, config, model.input_size, model.low_res_size)
    assert [item.clicks.tolist() for item in data.batch(0)] == [[3, 3]]
    Stepper(model, data, config, Embeddings(model, torch.float32), Team("cpu"))(0, 0.0)
    assert len(passes) == 1
    assert [call["points"][0].shape[1] for call in given] == [1, 2, 3, 4]
    assert given[0]["masks"] is None and all(not call["masks"].requires_grad for call in given[1:])


def test_a_mix_with_clicks_is_learned(tmp_path):
    library = make_library(tmp_path, patients=1, indices=(2, 3))
    model = build("vit-64")
    method = get_method("decoder")
    method.apply(model, method.Config())
    config = TrainConfig(steps=1, prompts="clicks:3=0.5,box-iou:0.75=0.5", empty_share=0, **PLAIN)
    data = TrainingData(library, config, model.input_size, model.low_res_size)
    optimizer = torch.optim.AdamW([p for p in model.sam.parameters() if p.requires_grad], lr=1e-3)
    stepper = Stepper(model, data, config, Embeddings(model, torch.float32), Team("cpu"))
    losses = []
    for number in range(25):
        optimizer.zero_grad()
        losses.append(stepper(number, 0.0)["loss"])
        optimizer.step()
    assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:3])


def test_the_memory_of_many_clicks_is_foreseen(capsys):
    def step_bytes(mix):
        words = ["finetune", "--estimate", "--steps", "1", "--model", "lite_medsam", "--input-size", "256"]
        assert main([*words, "--prompts", mix, "--json"]) == 0
        return json.loads(capsys.readouterr().out)["step"]

    few, many = step_bytes("point"), step_bytes("point=0.9,clicks:6=0.1")
    assert many > 1.2 * few
