"""What is encoded once and what every time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.training import embeddings as room
from SAMAdaptLib.training.embeddings import Embeddings
from Testing.tiny import TINY_VIT, VIT, build, picture


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
    model.sam.image_encoder.patch_embed.requires_grad_(True)
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


# A stage of two blocks, so that a split may lie between them.
LONGER = replace(TINY_VIT, arch={**TINY_VIT.arch, "depths": (1, 1, 2, 1)})
# What is adapted, and parts before it by name.
TUNED = {
    "tiny_vit": (TINY_VIT, {}, ["layers.0"]),
    "behind a stage": (LONGER, {"last_blocks": 3}, ["layers.0", "layers.1.blocks.0", "layers.1.downsample"]),
    "in a stage": (LONGER, {"last_blocks": 2}, ["layers.0", "layers.1.downsample", "layers.2.blocks.0"]),
    "last block": (LONGER, {"last_blocks": 1}, ["layers.0", "layers.2.blocks.1", "layers.2.downsample"]),
    "vit": (VIT, {"last_blocks": 3}, ["patch_embed", "blocks.0"]),
    "end of a vit": (VIT, {"last_blocks": 1}, ["patch_embed", "blocks.0", "blocks.1", "blocks.2"]),
}


def build_tuned(name):
    """A model with LoRA that does something, and the calls of each part that lies before it."""
    base, settings, before = TUNED[name]
    model, seen = build_sam(base, input_size=64, weights=False), {part: [] for part in before}
    lora = get_method("lora")
    lora.apply(model, lora.Config(**settings))
    for parameter in model.sam.image_encoder.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.1, generator=torch.Generator().manual_seed(len(parameter)))
    for part, calls in seen.items():
        module = model.sam.image_encoder.get_submodule(part)
        module.register_forward_hook(lambda module, given, out, calls=calls: calls.append(len(given[0])))
    return model, seen


@pytest.fixture
def tuned():
    """A TinyViT with LoRA, and the number of slices that went through its first stage."""
    model, seen = build_tuned("tiny_vit")
    return model, seen["layers.0"]


def gradients(model, embeddings):
    model.sam.zero_grad()
    # A layer norm ends the encoder, so that channels have to count differently.
    weights = torch.randn(embeddings.shape, generator=torch.Generator().manual_seed(1))
    (embeddings * weights).sum().backward()
    return [p.grad.clone() for p in model.sam.image_encoder.parameters() if p.grad is not None]


@pytest.mark.parametrize("name", TUNED)
def test_before_the_first_trained_layer_each_slice_is_seen_once(name):
    model, seen = build_tuned(name)
    images = [picture(seed=seed) for seed in range(2)]
    frames = [Predictor(model).frame(image.shape) for image in images]
    plain = encode(model, images, frames, torch.float32)
    wanted = gradients(model, plain)
    for calls in seen.values():
        calls.clear()
    embeddings = Embeddings(model, torch.float32)
    assert embeddings.stem and not embeddings.frozen
    for _ in range(3):
        found = embeddings(images, frames)
        assert torch.allclose(found, plain, atol=1e-5)
    assert seen == {part: [1, 1] for part in TUNED[name][2]}
    pairs = list(zip(gradients(model, found), wanted, strict=True))
    assert all(torch.allclose(one, other, rtol=1e-3, atol=1e-5) for one, other in pairs)
    blocks = TUNED[name][1].get("last_blocks", 3)
    assert len(pairs) == 4 * blocks and min(g.abs().max() for g in wanted) > 1e-3


@pytest.mark.parametrize("name, links", [("tiny_vit", 1 / 7), ("in a stage", 4 / 8), ("end of a vit", 3 / 5)])
def test_how_much_of_an_encoder_lies_before_it(name, links):
    """TinyViT: the first stage, three or four blocks, two mergings, the neck; ViT: four blocks and the neck."""
    assert Embeddings(build_tuned(name)[0], torch.float32).stem.share == links


def test_an_encoder_that_is_trained_from_its_first_block_on_is_not_divided():
    model = build("vit-64")
    get_method("lora").apply(model, LoraConfig())
    assert Embeddings(model, torch.float32).stem is None


@pytest.mark.parametrize("name", ["in a stage", "vit"])
def test_what_is_kept_ends_with_the_weights_that_it_was_made_with(name):
    model, seen = build_tuned(name)
    calls, encoder, image = seen[TUNED[name][2][0]], model.sam.image_encoder, picture()
    embeddings, frame = Embeddings(model, torch.float32), [Predictor(model).frame(image.shape)]
    first = embeddings([image], frame)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.mul_(1.01)
    second = embeddings([image], frame)
    assert len(calls) == 2 and torch.allclose(second, encode(model, [image], frame, torch.float32), atol=1e-5)
    assert (first - second).abs().max() > 1e-3
    encoder.patch_embed.requires_grad_(True)
    embeddings([image], frame).square().sum().backward()
    assert embeddings.stem is None and all(p.grad is not None for p in encoder.patch_embed.parameters())


def test_what_is_kept_of_a_frozen_encoder_ends_with_its_weights(counted):
    model, seen = counted
    embeddings, (images, frames) = Embeddings(model, torch.float32), slices(1)
    first = embeddings(images, frames)
    with torch.no_grad():
        model.sam.image_encoder.neck[0].weight.neg_()
    assert (embeddings(images, frames) - first).abs().max() > 0.1 and seen == [1, 1]


def test_what_is_kept_of_slices_stays_within_its_budget(tuned, monkeypatch):
    model, seen = tuned
    images = [picture(seed=seed) for seed in range(3)]
    frames = [Predictor(model).frame(image.shape) for image in images]
    embeddings = Embeddings(model, torch.float32)
    embeddings(images[:1], frames[:1])
    size = next(iter(embeddings._stems.values())).nbytes
    monkeypatch.setattr(room, "KEPT_BYTES", 2 * size / min(1.0, 2 * embeddings.stem.share))
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
