"""What is encoded once and what every time."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.training import embeddings as room
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


@pytest.fixture
def tuned():
    """A TinyViT with LoRA, and the number of slices that went through its first stage."""
    model, seen = build("tiny_vit-64"), []
    lora = get_method("lora")
    lora.apply(model, lora.Config())
    for parameter in model.sam.image_encoder.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(len(parameter)))
    model.sam.image_encoder.layers[0].register_forward_hook(lambda module, given, out: seen.append(len(given[0])))
    return model, seen


def gradients(model, embeddings):
    model.sam.zero_grad()
    (embeddings - embeddings.detach().mean()).square().sum().backward()
    return [p.grad.clone() for p in model.sam.image_encoder.parameters() if p.grad is not None]


def test_before_the_first_trained_layer_each_slice_is_seen_once(tuned):
    model, seen = tuned
    images = [picture(seed=seed) for seed in range(2)]
    frames = [Predictor(model).frame(image.shape) for image in images]
    plain = encode(model, images, frames, torch.float32)
    wanted = gradients(model, plain)
    seen.clear()
    embeddings = Embeddings(model, torch.float32)
    assert embeddings.stem and not embeddings.frozen
    for _ in range(3):
        found = embeddings(images, frames)
        assert torch.allclose(found, plain, atol=1e-5)
    assert seen == [1, 1]
    pairs = list(zip(gradients(model, found), wanted, strict=True))
    assert all(torch.allclose(one, other, rtol=1e-3, atol=1e-5) for one, other in pairs)
    assert len(pairs) > 10 and max(g.abs().max() for g in wanted) > 1e-2


def test_what_is_kept_of_slices_stays_within_its_budget(tuned, monkeypatch):
    model, seen = tuned
    images = [picture(seed=seed) for seed in range(3)]
    frames = [Predictor(model).frame(image.shape) for image in images]
    embeddings = Embeddings(model, torch.float32)
    embeddings(images[:1], frames[:1])
    size = next(iter(embeddings._stems.values())).nbytes
    monkeypatch.setattr(room, "KEPT_BYTES", 2 * size)
    for number in (1, 2, 1, 2, 0):
        embeddings(images[number : number + 1], frames[number : number + 1])
    assert len(embeddings._stems) == 2 and len(seen) == 4


def test_a_first_stage_that_is_trained_is_run_every_time(tuned):
    model, seen = tuned
    model.sam.image_encoder.patch_embed.requires_grad_(True)
    embeddings = Embeddings(model, torch.float32)
    image = picture()
    for _ in range(2):
        embeddings([image], [Predictor(model).frame(image.shape)])
    assert not embeddings.stem and seen == [1, 1]
