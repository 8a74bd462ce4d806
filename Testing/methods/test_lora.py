"""LoRA on q and v: counts and names from the architecture, the split of fused layers, the merge."""

import pytest
import torch
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.lora import layers
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.layers import SplitQKV
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.fast import cast
from Testing.tiny import build


def number(model, words=()):
    return sum(p.numel() for n, p in trainable(model.sam).items() if all(word in n for word in words))


@pytest.fixture(scope="module")
def adapted():
    model = build_sam("sam_vit_b", input_size=256, weights=False)
    plain = {name for name, _ in model.sam.named_parameters()}
    Lora().apply(model, LoraConfig())
    return model, plain


def test_vit_b_has_the_published_number_of_trained_parameters(adapted):
    model, _ = adapted
    # 12 blocks, q and v, A [4, 768] and B [768, 4].
    assert number(model, ["image_encoder", "lora_"]) == 12 * 2 * 2 * 4 * 768 == 147_456
    # Self-attention keeps 256 channels, the five cross attentions work in 128.
    assert number(model, ["mask_decoder", "lora_"]) == 2 * 2 * 4 * (256 + 256) + 5 * 2 * 4 * (256 + 128) == 23_552
    assert number(model, ["prompt_encoder"]) == 6_220
    assert number(model) == 944_304


def test_exactly_these_are_trained(adapted):
    model, plain = adapted
    wanted = {f"image_encoder.blocks.{b}.attn.qkv.{p}.lora_{m}.weight" for b in range(12) for p in "qv" for m in "AB"}
    attentions = [f"layers.{i}.{a}" for i in (0, 1) for a in ("self_attn", "cross_attn_token_to_image")]
    attentions += [f"layers.{i}.cross_attn_image_to_token" for i in (0, 1)] + ["final_attn_token_to_image"]
    assert len(attentions) == 7
    for name in attentions:
        wanted |= {f"mask_decoder.transformer.{name}.{p}_proj.lora_{m}.weight" for p in "qv" for m in "AB"}
    heads = ("iou_token", "mask_tokens", "output_upscaling", "output_hypernetworks_mlps", "iou_prediction_head")
    wanted |= {n for n in plain if n.split(".")[0] == "mask_decoder" and n.split(".")[1] in heads}
    embeddings = ("point_embeddings", "not_a_point_embed", "mask_downscaling", "no_mask_embed")
    wanted |= {n for n in plain if n.split(".")[0] == "prompt_encoder" and n.split(".")[1] in embeddings}
    assert set(trainable(model.sam)) == wanted


def test_the_scale_is_one(adapted):
    model, _ = adapted
    assert model.sam.image_encoder.blocks[0].attn.qkv.q.scaling == {"default": 1.0}


@pytest.mark.parametrize(
    "off, gone",
    [("encoder", "image_encoder"), ("prompts", "prompt_encoder"), ("heads", "iou_token"), ("decoder", "transformer")],
)
def test_parts_can_be_left_out(off, gone):
    everything, less = build(), build()
    Lora().apply(everything, LoraConfig())
    Lora().apply(less, LoraConfig(**{off: False}))
    before, after = set(trainable(everything.sam)), set(trainable(less.sam))
    assert after < before
    assert any(gone in name for name in before) and not any(gone in name for name in after)


@pytest.mark.parametrize(
    "kind, before, within", [("vit-64", "blocks.1.", "blocks.2."), ("tiny_vit-64", "layers.1.", "layers.2.")]
)
def test_only_the_last_blocks_can_be_adapted(kind, before, within):
    """Two of four blocks; of TinyViT's three blocks with attention those of the last two stages."""
    model, plain = build(kind), build(kind)
    Lora().apply(model, LoraConfig(last_blocks=2))
    names = [n for n in trainable(model.sam) if n.startswith("image_encoder.")]
    assert len(names) == 2 * 2 * 2 and any(within in n for n in names) and not any(before in n for n in names)
    fused = [n for n, m in model.sam.image_encoder.named_modules() if n.endswith("qkv") and type(m) is nn.Linear]
    assert len(fused) == len(model.family.attention_blocks(plain.sam.image_encoder)) - 2


def test_more_blocks_than_there_are_cannot_be_adapted():
    with pytest.raises(InputError, match="last 5 blocks .*, the encoder has 4 .*Set last_blocks to 1 to 4"):
        Lora().apply(build(), LoraConfig(last_blocks=5))
    every, last = build(), build()
    Lora().apply(every, LoraConfig())
    Lora().apply(last, LoraConfig(last_blocks=4))
    assert trainable(every.sam).keys() == trainable(last.sam).keys()


def test_heads_alone_need_no_lora():
    model = build()
    Lora().apply(model, LoraConfig(encoder=False, decoder=False))
    names = set(trainable(model.sam))
    assert names and not any("lora_" in n for n in names)


@pytest.mark.parametrize("heads", [1, 4])
def test_a_split_layer_is_the_fused_one_to_the_bit(heads):
    torch.manual_seed(0)
    fused = nn.Linear(32, 96)
    split = SplitQKV(fused, heads)
    # Rows of single-bit inputs read the weights themselves, so that no rounding hides a wrong row.
    assert torch.equal(split(torch.eye(32)) - split(torch.zeros(32)), fused(torch.eye(32)) - fused(torch.zeros(32)))
    x = torch.randn(5, 7, 32)
    assert (split(x) - fused(x)).abs().max() < 1e-6
    back = split.fuse()
    assert torch.equal(back.weight, fused.weight) and torch.equal(back.bias, fused.bias)


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_updates_in_one_product_are_those_of_the_three_layers(monkeypatch, kind):
    model, image = build(kind), torch.randn(2, 3, 64, 64)
    Lora().apply(model, LoraConfig())
    encoder = model.sam.image_encoder
    updates = {n: p for n, p in encoder.named_parameters() if "lora_" in n}
    for parameter in updates.values():
        nn.init.normal_(parameter, 0, 0.1)

    def answer():
        encoder.zero_grad()
        embedding = encoder(image)
        (embedding * torch.linspace(-1, 1, embedding.shape[-1])).sum().backward()
        return embedding.detach(), {n: p.grad.clone() for n, p in updates.items()}

    got, gradients = answer()
    monkeypatch.setattr(layers, "_low_rank", lambda layer: None)
    wanted, plain = answer()
    assert wanted.std() > 0.1 and (got - wanted).abs().max() < 1e-5 and len(plain) >= 4
    for name, value in plain.items():
        assert 0 < value.abs().max() and (gradients[name] - value).abs().max() < 1e-4 * value.abs().max(), name


def test_split_parts_are_q_k_and_v_of_each_layout():
    fused = nn.Linear(2, 12)
    with torch.no_grad():
        fused.bias.copy_(torch.arange(12.0))
    plain, interleaved = SplitQKV(fused, 1), SplitQKV(fused, 2)
    assert plain.q.bias.tolist() == [0, 1, 2, 3] and plain.v.bias.tolist() == [8, 9, 10, 11]
    # Two heads of two channels: q0 k0 v0 q1 k1 v1.
    assert interleaved.q.bias.tolist() == [0, 1, 6, 7] and interleaved.v.bias.tolist() == [4, 5, 10, 11]


@pytest.mark.parametrize("kind, heads", [("vit-64", 1), ("tiny_vit-64", 2)])
def test_the_layout_follows_the_encoder(kind, heads):
    model = build(kind)
    Lora().apply(model, LoraConfig())
    splits = [m for m in model.sam.image_encoder.modules() if isinstance(m, SplitQKV)]
    assert splits and {s.heads for s in splits} == {heads}


def test_the_update_is_b_times_a():
    model = build()
    base = model.sam.image_encoder.blocks[1].attn.qkv.weight.detach().clone()
    Lora().apply(model, LoraConfig(rank=3))
    layer = model.sam.image_encoder.blocks[1].attn.qkv
    with torch.no_grad():
        nn.init.normal_(layer.q.lora_B["default"].weight)
        a, b = layer.q.lora_A["default"].weight.clone(), layer.q.lora_B["default"].weight.clone()
    assert a.shape == (3, 64) and b.shape == (64, 3)
    Lora().merge(model)
    merged = model.sam.image_encoder.blocks[1].attn.qkv.weight
    assert torch.allclose(merged[:64], base[:64] + b @ a, atol=1e-5)
    assert torch.equal(merged[64:], base[64:])


def test_the_start_follows_the_seed_alone():
    def first(seed):
        model = build()
        Lora().apply(model, LoraConfig(), seed)
        return trainable(model.sam)["image_encoder.blocks.0.attn.qkv.q.lora_A.weight"]

    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    a, b, c = first(0), first(0), first(1)
    assert torch.equal(torch.rand(1), wanted) and torch.equal(a, b) and not torch.equal(a, c)


@pytest.mark.parametrize(
    "values, words",
    [
        ({"rank": 0}, "rank is 0. Give a whole number of 1 or more"),
        ({"rank": -4}, "rank is -4"),
        ({"rank": "four"}, "rank is 'four'"),
        ({"rank": 2.5}, "rank is 2.5"),
        ({"rank": True}, "rank is True"),
        ({"rank": None}, "rank is None"),
        ({"encoder": "off"}, "encoder is 'off'. Give true or false"),
        ({"prompts": 0}, "prompts is 0"),
        ({"encoder": False, "decoder": False, "heads": False, "prompts": False}, "trains nothing"),
        ({"last_blocks": 0}, "last_blocks is 0. Give a whole number of 1 or more"),
        ({"last_blocks": 2, "encoder": False}, "last_blocks is 2 and encoder is off"),
        ({"ranks": 4}, "'ranks'.*Known are .*rank"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError, match=words):
        LoraConfig.from_dict(values)


def test_settings_travel():
    assert LoraConfig.from_dict(LoraConfig(rank=7).to_dict()) == LoraConfig(rank=7)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="Unknown method: lorra. Choose one of .*lora"):
        get_method("lorra")


def test_what_was_made_of_weights_is_made_anew_after_a_merge():
    model = build("vit-64")
    Lora().apply(model, LoraConfig(rank=3))
    layer = model.sam.mask_decoder.transformer.layers[0].self_attn.q_proj
    weight = layer.get_base_layer().weight
    before = cast(weight, torch.bfloat16).clone()
    nn.init.normal_(layer.lora_B["default"].weight)
    Lora().merge(model)
    assert model.sam.mask_decoder.transformer.layers[0].self_attn.q_proj.weight is weight
    after = cast(weight, torch.bfloat16)
    assert torch.equal(after, weight.bfloat16()) and not torch.equal(after, before)
