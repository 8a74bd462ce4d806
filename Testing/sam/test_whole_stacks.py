"""Volumes cut into stacks, all slices of which are encoded at once."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.layers import Adapter
from SAMAdaptLib.methods.msa.model import Msa
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.volume import Volume
from Testing.tiny import build, scan

# The cache keeps half precision.
HALF = 4e-3


def stacked(depth, predict="all", kind="tiny_vit-64"):
    """A model whose embeddings depend on the neighbours, and the batches that its encoder has seen."""
    model, seen = build(kind), []
    Msa().apply(model, MsaConfig(depth=depth, predict=predict))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for module in model.sam.modules():
            if isinstance(module, Adapter):
                module.up.weight.normal_(std=0.5, generator=generator)
    model.sam.image_encoder.register_forward_hook(lambda module, given, out: seen.append(len(given[0])))
    return model, seen


def by_hand(slices, members):
    """The encoder's own output [D, 256, g, g] for these slices of the volume."""
    model = slices.predictor.model
    pictures = [
        slices.frame.image_to_model(slices.image(i), model.sam.pixel_mean, model.sam.pixel_std) for i in members
    ]
    with torch.no_grad():
        return model.sam.image_encoder(torch.stack(pictures))


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
@pytest.mark.parametrize("order", [range(8), (7, 0, 6, 4, 1, 2, 3, 5)])
def test_every_slice_has_the_embedding_of_its_own_stack(kind, order):
    model, _ = stacked(3, kind=kind)
    slices = VolumePredictor(Predictor(model, "fp32"), scan(slices=8)[0])
    found = {index: slices.embedding(index)[0] for index in order}
    # The last of three stacks is shifted back by one; slice 5 belongs to the second nevertheless.
    for members, own in (((0, 1, 2), (0, 1, 2)), ((3, 4, 5), (3, 4, 5)), ((5, 6, 7), (6, 7))):
        wanted = by_hand(slices, members)
        for index in own:
            assert torch.allclose(found[index], wanted[members.index(index)], atol=HALF)
    assert not torch.allclose(found[5], by_hand(slices, (5, 6, 7))[0], atol=10 * HALF)


@pytest.mark.parametrize("count, depth, passes", [(8, 3, 3), (6, 3, 2), (7, 2, 4), (5, 5, 1)])
def test_a_volume_costs_one_pass_a_stack(count, depth, passes):
    model, seen = stacked(depth)
    slices = VolumePredictor(Predictor(model, "fp32"), scan(slices=count)[0])
    for _ in range(2):
        for index in range(count):
            slices.embedding(index)
    assert seen == [depth] * passes and passes == -(-count // depth)
    middle, seen = stacked(depth, "middle")
    slices = VolumePredictor(Predictor(middle, "fp32"), scan(slices=count)[0])
    for index in range(count):
        slices.embedding(index)
    assert seen == [depth] * count


@pytest.mark.parametrize("predict", ["all", "middle"])
def test_a_volume_of_fewer_slices_is_refused(predict):
    model, seen = stacked(4, predict)
    with pytest.raises(InputError, match="sees 4 slices together, and the volume has 3 along axial.*smaller --depth"):
        VolumePredictor(Predictor(model, "fp32"), scan(slices=3)[0])
    VolumePredictor(Predictor(model, "fp32"), scan(slices=4)[0]).embedding(1)
    assert seen == [4]


def test_one_cache_holds_the_embeddings_of_both_ways_and_all_depths():
    """Adapters of one hash can differ in depth and prediction, which are settings, not weights."""
    model, _ = stacked(3)
    volume = scan()[0]

    def key(**changes):
        return VolumePredictor(Predictor(replace(model, **changes), "fp32"), volume).key(2)

    keys = [key(), key(whole_stacks=False), key(depth=4), key(depth=4, whole_stacks=False)]
    assert len(set(keys)) == 4 and key() == keys[0]


def test_a_constant_slice_is_seen_by_its_neighbours_and_stays_an_error():
    model, seen = stacked(3)
    volume = scan(slices=6)[0]
    array = volume.array.copy()
    array[1] = 40
    slices = VolumePredictor(Predictor(model, "fp32"), Volume(array, volume.geometry, "gap"))
    found = slices.embedding(0)[0]
    assert torch.allclose(found, by_hand(slices, (0, 1, 2))[0], atol=HALF)
    with pytest.raises(InputError, match="Slice 1 of axial is constant"):
        slices.embedding(1)
    assert not slices(1, Prompt(box=[3, 3, 20, 20])).mask.any()
    del seen[:]
    slices.embedding(2)
    assert seen == []


def test_one_stack_gives_its_middle_to_who_asks_for_one_slice():
    """As for an oblique plane, which is its own neighbour."""
    model, _ = stacked(3)
    predictor = Predictor(model, "fp32")
    slices = VolumePredictor(predictor, scan()[0])
    stack = np.stack([slices.image(index) for index in (2, 3, 4)])
    with torch.no_grad():
        one, every = predictor.encode(stack, slices.frame), predictor.encode_stack(stack, slices.frame)
    assert one.shape == (1, *every.shape[1:]) and torch.equal(one[0], every[1])
    assert torch.allclose(every, by_hand(slices, (2, 3, 4)), atol=1e-5)
