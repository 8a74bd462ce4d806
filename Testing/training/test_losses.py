"""Losses against hand-made sums."""

import math

import pytest
import torch

from SAMAdaptLib.methods.losses import dice_loss
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.losses import iou_loss, mask_loss

LOGITS = torch.tensor([[[[2.0, -1.0], [0.5, -3.0]]], [[[1.0, 1.0], [-2.0, 0.0]]]])
TARGET = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]], [[[1.0, 1.0], [1.0, 0.0]]]])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def by_hand(ce_weight, dice_weight):
    entropy, dice = [], []
    for logits, target in zip(LOGITS.flatten(1).tolist(), TARGET.flatten(1).tolist(), strict=True):
        p = [sigmoid(x) for x in logits]
        entropy += [-(t * math.log(q) + (1 - t) * math.log(1 - q)) for q, t in zip(p, target, strict=True)]
        both = sum(q * t for q, t in zip(p, target, strict=True))
        # The smoothing of 1e-5 keeps two empty masks from dividing by zero.
        dice.append(1 - (2 * both + 1e-5) / (sum(p) + sum(target) + 1e-5))
    return ce_weight * sum(entropy) / len(entropy) + dice_weight * sum(dice) / len(dice)


@pytest.mark.parametrize("weights", [(1.0, 0.8), (1.0, 0.0), (0.0, 1.0), (0.2, 0.8)])
def test_cross_entropy_and_dice(weights):
    assert float(mask_loss(LOGITS, TARGET, *weights)) == pytest.approx(by_hand(*weights), rel=1e-5)


def test_dice_and_its_gradient_are_those_of_monai():
    losses = pytest.importorskip("monai.losses")
    rng = torch.Generator().manual_seed(0)
    target = (torch.rand(3, 2, 9, 7, generator=rng) > 0.5).float()
    target[1] = 0
    for smooth in (1e-5, 1.0):
        ours, theirs = (torch.randn(3, 2, 9, 7, generator=rng.manual_seed(1)).requires_grad_() for _ in range(2))
        loss = dice_loss(ours, target, smooth)
        wanted = losses.DiceLoss(sigmoid=True, smooth_nr=smooth, smooth_dr=smooth)(theirs, target)
        loss.backward(), wanted.backward()
        assert loss.item() == pytest.approx(wanted.item(), rel=1e-6) and torch.allclose(ours.grad, theirs.grad)


def test_cross_entropy_of_one_channel_has_a_gradient():
    """A softmax over a single channel is constant, and its cross entropy therefore 0."""
    logits = LOGITS.clone().requires_grad_(True)
    mask_loss(logits, TARGET, 1.0, 0.0).backward()
    assert torch.allclose(logits.grad, (torch.sigmoid(LOGITS) - TARGET) / TARGET.numel(), atol=1e-6)


def test_an_empty_target_pushes_down():
    logits = torch.zeros(1, 1, 4, 4, requires_grad=True)
    mask_loss(logits, torch.zeros(1, 1, 4, 4), 1.0, 0.8).backward()
    assert (logits.grad > 0).all()


def test_iou_loss():
    # Masks by sign: {a, c} against {a}: 1/2; {a, b} against {a, b, c}: 2/3.
    predicted = torch.tensor([[0.9], [0.1]])
    wanted = ((0.9 - 1 / 2) ** 2 + (0.1 - 2 / 3) ** 2) / 2
    assert float(iou_loss(predicted, LOGITS, TARGET)) == pytest.approx(wanted)


def test_iou_of_empty_masks():
    nothing, zero = torch.full((1, 1, 2, 2), -1.0), torch.zeros(1, 1, 2, 2)
    assert float(iou_loss(torch.tensor([[1.0]]), nothing, zero)) == 0.0
    assert float(iou_loss(torch.tensor([[1.0]]), -nothing, zero)) == 1.0


def test_iou_loss_teaches_the_estimate_only():
    predicted, logits = torch.tensor([[0.3], [0.3]], requires_grad=True), LOGITS.clone().requires_grad_(True)
    iou_loss(predicted, logits, TARGET).backward()
    assert logits.grad is None
    assert predicted.grad[:, 0].tolist() == pytest.approx([0.3 - 1 / 2, 0.3 - 2 / 3])


@pytest.mark.parametrize("shape", [(30, 60), (60, 30)])
def test_what_the_model_says_of_the_padding_costs_nothing(shape):
    frame = ModelFrame(shape, 64)
    low_res = torch.zeros(1, 1, 16, 16, requires_grad=True)
    target = torch.zeros(1, 1, *shape)
    target[..., 5:20, 5:20] = 1
    mask_loss(frame.logits_to_slice(low_res), target, 1.0, 0.8).backward()
    gradient = low_res.grad[0, 0] if shape[0] < shape[1] else low_res.grad[0, 0].T
    # The picture fills 8 of 16 rows; interpolation looks one row further.
    assert (gradient[:8] != 0).all() and (gradient[9:] == 0).all()
