"""The mask decoder alone: what is trained, on every base model, and that it is an ordinary SAM afterwards."""

import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.methods.decoder.config import DecoderConfig
from SAMAdaptLib.methods.decoder.model import Decoder
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.registry import MODELS
from Testing.tiny import build


def number(model, part=""):
    return sum(p.numel() for n, p in trainable(model.sam).items() if n.startswith(part))


@pytest.mark.parametrize("name", MODELS)
def test_every_base_model_has_the_published_number(name):
    """SAM 2 has a token more, which asks whether the object is there."""
    with torch.device("meta"):
        model = build_sam(name, weights=False)
    Decoder().apply(model, DecoderConfig())
    assert number(model, "mask_decoder.") == number(model) == 4_058_340 + 256 * (MODELS[name].family == "sam2")


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_exactly_the_decoder_is_trained(kind):
    model = build(kind)
    # What an earlier user left switched on must not be trained along.
    model.sam.requires_grad_(True)
    Decoder().apply(model, DecoderConfig())
    assert set(trainable(model.sam)) == {n for n, _ in model.sam.named_parameters() if n.startswith("mask_decoder.")}
    assert "mask_decoder.transformer.layers.0.self_attn.q_proj.weight" in trainable(model.sam)


def test_the_prompt_encoder_can_be_trained_too():
    model = build()
    Decoder().apply(model, DecoderConfig(prompts=True))
    assert number(model, "prompt_encoder.") == 6_220 and number(model) == 4_058_340 + 6_220


def test_its_state_carries_one_model_over_to_another():
    first, second, other = build(), build(), build(seed=1)
    Decoder().apply(first, DecoderConfig())
    Decoder().apply(second, DecoderConfig())
    load_trainable(first.sam, {n: p.detach() for n, p in other.sam.named_parameters() if n in trainable(first.sam)})
    load_trainable(second.sam, {n: p.detach() for n, p in trainable(first.sam).items()})
    state = second.sam.state_dict()
    for name, value in other.sam.state_dict().items():
        if name.startswith("mask_decoder."):
            assert torch.equal(state[name], value)
    plain = build().sam.state_dict()
    kept = [n for n in plain if n.startswith(("image_encoder.", "prompt_encoder."))]
    assert kept and all(torch.equal(state[n], plain[n]) for n in kept)
    assert Decoder().merge(second) and not trainable(second.sam)


def test_settings_that_cannot_be():
    with pytest.raises(InputError, match="prompts is 'maybe'. Give true or false"):
        DecoderConfig.from_dict({"prompts": "maybe"})
    with pytest.raises(InputError, match="'rank'.*Known are prompts"):
        DecoderConfig.from_dict({"rank": 4})
    assert DecoderConfig.from_dict(DecoderConfig(prompts=True).to_dict()) == DecoderConfig(prompts=True)
    assert isinstance(get_method("decoder"), Decoder)
