"""What is encoded once and what every time."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.training.embeddings import Embeddings
from Testing.tiny import build, picture


@pytest.fixture
def counted():
    """A model, and the number of slices that went through its encoder."""
    model, seen = build("vit-64"), []
    model.sam.image_encoder.register_forward_hook(lambda module, given, out: seen.append(len(given[0])))
    return model, seen


def slices(count=2):
    images = [picture(seed=seed) for seed in range(count)]
    return images, [Predictor(build("vit-64")).frame(image.shape) for image in images]


def test_a_frozen_encoder_sees_each_slice_once(counted):
    model, seen = counted
    embeddings = Embeddings(model, torch.float32)
    images, frames = slices()
    first = embeddings(images, frames)
    assert embeddings.frozen and seen == [1, 1]
    assert torch.equal(embeddings(images[::-1], frames[::-1]), first.flip(0)) and seen == [1, 1]
    wanted = Predictor(build("vit-64"), "fp32").encode(images[1], frames[1])[0]
    # Kept in half precision.
    assert not first.requires_grad and np.allclose(first[1], wanted, rtol=1e-3, atol=1e-4)


def test_an_encoder_in_training_is_run_every_time_with_gradient(counted):
    model, seen = counted
    model.sam.image_encoder.neck.requires_grad_(True)
    embeddings = Embeddings(model, torch.float32)
    for _ in range(2):
        assert embeddings(*slices()).requires_grad
    assert not embeddings.frozen and seen == [2, 2]


def test_stacks_give_their_middle_slice(counted):
    model, seen = counted
    model.depth = 3
    images, frames = slices(3)
    stacked = Embeddings(model, torch.float32)([np.stack(images)], frames[:1])
    assert seen == [3]
    assert torch.allclose(stacked[0], Predictor(build("vit-64"), "fp32").encode(images[1], frames[1])[0], atol=1e-2)
    with pytest.raises(ValueError, match="stacks of 3"):
        Embeddings(model, torch.float32)([np.stack(images[:2])], frames[:1])
