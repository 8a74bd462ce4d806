"""Objectives of pretraining against values worked out by hand, on pictures small enough to look at."""

from math import exp, log, log1p, sqrt

import numpy as np
import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.objectives import Batch, EMix, Mae, Shed, choose, emix_loss, shuffle, standardised

CONFIG = PretrainConfig(steps=1)
SIZE, GRID = 16, 8


def numbers(count=3, depth=1, size=SIZE, seed=0):
    """Pixels of which no two are alike."""
    values = np.random.default_rng(seed).permutation(count * depth * 3 * size * size).astype(np.float32)
    return torch.from_numpy(values.reshape(count, depth, 3, size, size))


def whole(pixels):
    return Batch(pixels, torch.ones(len(pixels), *pixels.shape[-2:], dtype=torch.bool))


class Encoder:
    """Gives what the test wants and keeps what it was shown."""

    def __init__(self, answer=None):
        self.answer = answer

    def __call__(self, pixels):
        self.shown = pixels
        return torch.zeros(len(pixels), 256, GRID, GRID) if self.answer is None else self.answer


def zeroed(objective, bias=0.0):
    for name, parameter in objective.head.named_parameters():
        torch.nn.init.constant_(parameter, bias if name.endswith("bias") else 0.0)
    return objective


def test_the_mixing_loss_in_closed_form():
    clean = torch.tensor([[3.0, 0.0], [0.0, 0.1]])
    mixed = torch.tensor([[7.0, 0.0], [2.0, 2.0]])
    loss = emix_loss(mixed, clean, torch.tensor([0.75, 0.5]), torch.tensor([1, 0]), temperature=0.5)
    # Cosines (1, 0) and (1, 1) / sqrt 2, doubled by the temperature; the second mixture resembles both alike.
    first = 0.75 * log1p(exp(-2)) + 0.25 * log1p(exp(2))
    assert loss.item() == pytest.approx((first + log(2)) / 2, rel=1e-6)


def test_the_temperature_and_three_slices():
    angles = torch.tensor([0.0, 0.5, 1.5])
    clean = torch.stack((angles.cos(), angles.sin()), dim=1)
    loss = emix_loss(clean[:1], clean, torch.tensor([0.9]), torch.tensor([2]), temperature=0.2)
    logits = np.cos([0.0, 0.5, 1.5]) / 0.2
    normal = log(np.exp(logits).sum())
    assert loss.item() == pytest.approx(0.9 * (normal - logits[0]) + 0.1 * (normal - logits[2]), rel=1e-5)


def test_mixtures_hold_two_slices_and_mostly_their_own():
    """Slice i is 1 at pixel i and 0 elsewhere, so a mixture shows what went into it."""
    count = 6
    pixels = torch.zeros(count, 1, 3, SIZE, SIZE)
    for i in range(count):
        pixels[i, ..., 0, i] = 1
    encoder, partners = Encoder(torch.randn(2 * count, 256, GRID, GRID)), set()
    for step in range(20):
        EMix(CONFIG, SIZE, GRID, 256)(whole(pixels), encoder, np.random.default_rng(step))
        assert torch.equal(encoder.shown[:count], pixels)
        shares = encoder.shown[count:, 0, 0, 0, :count].numpy()
        assert np.allclose(shares.sum(axis=1), 1) and (np.diag(shares) >= 0.5).all()
        others = shares - np.diag(np.diag(shares))
        assert ((others > 0).sum(axis=1) == 1).all()
        partners |= {tuple(others.argmax(axis=1))}
        assert sorted(others.argmax(axis=1)) == list(range(count))
    assert len(partners) > 10


def test_shares_are_uniform_between_a_half_and_one():
    """Beta(1, 1) is uniform on 0..1; folded at a half its mean is 3/4 and its deviation sqrt(1/48)."""
    pixels = torch.zeros(500, 1, 3, 4, 4)
    pixels[:, ..., 0, 0] = torch.arange(500.0)[:, None, None]
    pixels[:, ..., 0, 1] = torch.arange(500.0)[:, None, None] ** 2
    encoder = Encoder(torch.randn(1000, 256, 1, 1))
    EMix(CONFIG, 4, 4, 256)(whole(pixels), encoder, np.random.default_rng(0))
    mixed = encoder.shown[500:, 0, 0, 0, :2].double().numpy()
    own = np.arange(500.0)
    # m = s i + (1-s) j and q = s i² + (1-s) j² give j = (q - i m) / (m - i).
    other = (mixed[:, 1] - own * mixed[:, 0]) / (mixed[:, 0] - own)
    shares = (mixed[:, 0] - other) / (own - other)
    shares = shares[np.abs(own - other) > 20]
    assert len(shares) > 400 and abs(shares.mean() - 0.75) < 0.03 and abs(shares.std() - sqrt(1 / 48)) < 0.02


def test_a_twin_of_its_slice_is_told_from_the_others():
    """With a head that lets four channels pass, features of slices at right angles and mixtures like their own."""
    features = torch.zeros(4, 256, GRID, GRID)
    for i in range(4):
        features[i, i] = 1
    objective = EMix(CONFIG, SIZE, GRID, 256)
    objective.head = torch.nn.Identity()
    encoder = Encoder(torch.cat((features, features)))
    share = np.random.default_rng(3).beta(1, 1, 4)
    share = np.maximum(share, 1 - share)
    loss = objective(whole(numbers(4)), encoder, np.random.default_rng(3))
    # Cosine 1 with its own and 0 with the others, over 0.2: the partner costs 5 more than the own.
    assert loss.item() == pytest.approx(log(exp(5) + 3) - 5 + 5 * (1 - share).mean(), rel=1e-5)


def test_a_share_of_the_patches_changes_places():
    inside = torch.ones(3, 4, 4, dtype=torch.bool)
    inside[1, 2:] = False
    pixels = numbers(depth=2)
    after, moved = shuffle(pixels, inside, 0.3, np.random.default_rng(0))
    # The next whole number above 0.3 * 16, and above 0.3 * 8.
    assert moved.flatten(1).sum(dim=1).tolist() == [5, 3, 5]
    assert not moved[1, 2:].any()
    for b in range(3):
        before, now = (
            t[b].unfold(2, 4, 4).unfold(3, 4, 4).permute(2, 3, 0, 1, 4, 5).flatten(2) for t in (pixels, after)
        )
        assert torch.equal((before != now).all(dim=2), moved[b]) and torch.equal((before != now).any(dim=2), moved[b])
        # They are the same patches in other places, whole stacks of them.
        key = before[..., 0].flatten()
        assert sorted(key.tolist()) == sorted(now[..., 0].flatten().tolist())
        row = {float(k): p for k, p in zip(key, before.flatten(0, 1), strict=True)}
        assert all(torch.equal(p, row[float(p[0])]) for p in now.flatten(0, 1))


def test_a_patch_that_looks_as_before_has_not_moved():
    pixels = torch.zeros(1, 1, 3, 16, 16)
    pixels[..., :4, :4] = 1
    inside = torch.ones(1, 4, 4, dtype=torch.bool)
    after, moved = shuffle(pixels, inside, 1.0, np.random.default_rng(0))
    assert after.sum() == pixels.sum() and moved.sum() == 2 and moved[0, 0, 0]


def test_two_patches_move_at_the_least():
    _, moved = shuffle(numbers(1), torch.ones(1, 2, 2, dtype=torch.bool), 0.0, np.random.default_rng(0))
    assert moved.sum() == 2


def test_the_detection_loss_in_closed_form():
    """A head that says 0.7 of every patch; 10 of 64 moved."""
    loss = zeroed(Shed(CONFIG, SIZE, GRID, 256), bias=0.7)(whole(numbers()), Encoder(), np.random.default_rng(0))
    assert loss.item() == pytest.approx((10 * log1p(exp(-0.7)) + 54 * log1p(exp(0.7))) / 64, rel=1e-5)


def test_the_detector_looks_at_the_patch_itself():
    """One channel is 5 where the shown picture is not the given one and -5 elsewhere: a head for it is always right."""
    pixels = numbers()

    def encode(shown):
        differ = (shown != pixels).any(dim=1).any(dim=1).float()
        embedding = torch.zeros(3, 256, GRID, GRID)
        embedding[:, 5] = torch.nn.functional.max_pool2d(differ, 2) * 10 - 5
        return embedding

    objective = zeroed(Shed(CONFIG, SIZE, GRID, 256))
    with torch.no_grad():
        objective.head.weight[0, 5] = 1
    assert objective(whole(pixels), encode, np.random.default_rng(1)).item() == pytest.approx(log1p(exp(-5)), rel=1e-3)


def test_padding_is_neither_shuffled_nor_asked_about():
    pixels, picture = numbers(2), torch.zeros(2, SIZE, SIZE, dtype=torch.bool)
    picture[:, :5] = True
    encoder = Encoder()
    loss = zeroed(Shed(CONFIG, SIZE, GRID, 256), bias=0.7)(Batch(pixels, picture), encoder, np.random.default_rng(0))
    # Five rows of pixels reach into three rows of patches: 24, of which 4 move.
    assert loss.item() == pytest.approx((4 * log1p(exp(-0.7)) + 20 * log1p(exp(0.7))) / 24, rel=1e-5)
    assert torch.equal(encoder.shown[..., 6:, :], pixels[..., 6:, :])


def test_standardised_over_the_picture_alone():
    pixels, picture = numbers(2, depth=3), torch.zeros(2, SIZE, SIZE, dtype=torch.bool)
    picture[:, :, :10] = True
    grey = pixels[:, 1].numpy().mean(axis=1)
    for b in range(2):
        seen = grey[b, :, :10]
        wanted = (grey[b] - seen.mean()) / seen.std()
        np.testing.assert_allclose(standardised(pixels, picture)[b].numpy(), wanted, rtol=1e-4, atol=1e-4)
    flat = standardised(torch.full((1, 1, 3, 4, 4), 7.0), torch.ones(1, 4, 4, dtype=torch.bool))
    assert torch.isfinite(flat).all() and flat.abs().max() < 1


@pytest.mark.parametrize("depth", [1, 2])
def test_reconstruction_in_closed_form(depth):
    """A head that answers 0 is wrong by the grey itself; what was masked is seen from the outside."""
    pixels, picture = numbers(2, depth), torch.zeros(2, SIZE, SIZE, dtype=torch.bool)
    picture[:, :12, :] = True
    encoder = Encoder()
    loss = zeroed(Mae(CONFIG, SIZE, GRID, 256))(Batch(pixels, picture), encoder, np.random.default_rng(0))
    hidden = (encoder.shown != pixels).any(dim=1).any(dim=1)
    # 0.6 of 6 x 8 patches are 28.8: 29 patches of four pixels.
    assert hidden.flatten(1).sum(dim=1).tolist() == [116, 116] and not hidden[:, 12:].any()
    errors = []
    for b in range(2):
        for c in range(3):
            filled = encoder.shown[b, :, c][:, hidden[b]]
            assert torch.allclose(filled, pixels[b, :, c, :12].mean().expand_as(filled), rtol=1e-4)
        grey = pixels[b, depth // 2].numpy().mean(axis=0)
        seen = grey[:12]
        errors.append(np.abs((grey - seen.mean()) / seen.std())[hidden[b].numpy()])
    assert loss.item() == pytest.approx(np.concatenate(errors).mean(), rel=1e-4)


def test_reconstruction_of_a_known_picture_costs_nothing():
    """Channel 2 i + j of a place is pixel (i, j) of its 2 x 2: a linear head can say the whole picture."""
    pixels = numbers(2)
    target = standardised(pixels, whole(pixels).picture)
    embedding = torch.zeros(2, 256, GRID, GRID)
    for i in range(2):
        for j in range(2):
            embedding[:, 2 * i + j] = target[:, i::2, j::2]
    objective = zeroed(Mae(CONFIG, SIZE, GRID, 256))
    with torch.no_grad():
        objective.head.weight[:, :4, 0, 0] = torch.eye(4)
    assert objective(whole(pixels), Encoder(embedding), np.random.default_rng(0)).item() < 1e-6


def test_masked_patches_are_drawn_evenly_and_by_the_generator():
    inside = torch.ones(1, 4, 4, dtype=torch.bool)
    drawn = [choose(inside, 0.5, np.random.default_rng(seed), 1) for seed in range(400)]
    assert {int(one.sum()) for one in drawn} == {8}
    assert (torch.cat(drawn).float().mean(dim=0) - 0.5).abs().max() < 0.1
    assert torch.equal(choose(inside, 0.5, np.random.default_rng(7), 1), drawn[7])


def test_patches_follow_the_grid_of_the_embedding():
    assert [Shed(CONFIG, 1024, g, 256).patches for g in (64, 32, 16, 8)] == [16, 16, 16, 8]
    with pytest.raises(InputError, match="10 patches on a side do not divide an embedding of 64"):
        Shed(PretrainConfig(steps=1, patches=10), 256, 64, 256)


def test_names_and_weights_of_objectives():
    assert PretrainConfig().weights == {"emix": 1.0, "shed": 1.0, "mae": 1.0}
    assert PretrainConfig(objectives="mae=0.5, emix").weights == {"emix": 1.0, "mae": 0.5}


@pytest.mark.parametrize(
    "values, words",
    [
        ({"objectives": "emix,simclr"}, "Unknown objective: 'simclr'. Choose from emix, shed, mae"),
        ({"objectives": ""}, "Unknown objective: ''"),
        ({"objectives": "mae,mae=2"}, "named twice"),
        ({"objectives": "mae=0"}, "above 0"),
        ({"objectives": "mae=much"}, "'much'"),
        ({"train": "decoder"}, "Give adapters or encoder"),
        ({"steps": None}, "--budget-minutes"),
        ({"axis": "oblique"}, "axial"),
        ({"intensity": "window:40"}, "window:LEVEL/WIDTH"),
        ({"mask_ratio": 1.5}, "mask_ratio is 1.5"),
        ({"patches": 1}, "2 or more"),
        ({"batch_size": 1}, "e-Mix"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"seed": -1}, "seed is -1. Give a whole number of 0 or more"),
        ({"temperature": "hot"}, "temperature is 'hot'. Give a number above 0"),
        ({"lr": float("inf")}, "lr is inf. Give a number above 0"),
        ({"budget_minutes": float("nan")}, "budget_minutes is nan"),
        ({"steps": 1.5}, "steps is 1.5. Give a whole number"),
        ({"batch_size": True}, "batch_size is True. Give a whole number"),
        ({"objectives": 3}, "objectives is 3. Give NAME or NAME=WEIGHT"),
        ({"method_config": 3}, "method_config is 3. Give names and values"),
        ({"model": None}, "model is None. Give a text"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError) as error:
        PretrainConfig(**{"steps": 1} | values).limited()
    assert words in str(error.value)


def test_one_slice_at_a_time_without_mixing():
    assert list(PretrainConfig(steps=1, batch_size=1, objectives="shed,mae").weights) == ["shed", "mae"]
