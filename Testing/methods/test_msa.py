"""Medical SAM Adapter: counts, the place of every adapter, the depth branch."""

import copy

import pytest
import torch
import torch.nn.functional as F

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.layers import AdaptedBlock, Adapter, Bottleneck, PromptAdapter, attend_over_depth
from SAMAdaptLib.methods.msa.model import Msa
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.families.tiny_vit import WindowAttention
from Testing.tiny import build

pytestmark = pytest.mark.slow

TINY = ["vit-64", "vit-128", "tiny_vit-64"]
FAMILIES = ["vit-64", "tiny_vit-64"]
FIRST = "mask_decoder.transformer.layers.0."


def number(model, part):
    return sum(p.numel() for n, p in trainable(model.sam).items() if n.startswith(part))


def adapted(kind, **settings):
    """A model with adapters that do something."""
    model = build(kind)
    Msa().apply(model, MsaConfig(**settings))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for module in model.sam.modules():
            if isinstance(module, Bottleneck):
                module.up.weight.normal_(std=0.1, generator=generator)
                module.up.bias.normal_(std=0.1, generator=generator)
    return model


def images(model, count=1, seed=0):
    return torch.randn(count, 3, model.input_size, model.input_size, generator=torch.Generator().manual_seed(seed))


def by_hand(adapter, x):
    """The adapter's formula from its weights."""
    inner = F.relu(x @ adapter.down.weight.T + adapter.down.bias)
    return inner @ adapter.up.weight.T + adapter.up.bias


def blocks(model):
    return [m for m in model.sam.image_encoder.modules() if isinstance(m, AdaptedBlock)]


def on_meta(name, **settings):
    with torch.device("meta"):
        model = build_sam(name, weights=False)
    model.sam.to("meta")
    Msa().apply(model, MsaConfig(**settings))
    return model


@pytest.mark.parametrize("depth, encoder", [(1, 7_100_928), (3, 10_651_392)])
def test_vit_b_has_the_published_numbers(depth, encoder):
    model = on_meta("sam_vit_b", depth=depth)
    assert number(model, "image_encoder.") == encoder
    assert number(model, FIRST) == 3 * (2 * 256 * 64 + 64 + 256) + 256 * 64 + 64 == 115_712
    assert number(model, "mask_decoder.") - number(model, FIRST) == 2_478_820
    assert number(model, "") == encoder + 115_712 + 2_478_820
    assert model.depth == depth


@pytest.mark.parametrize(
    "name, widths",
    [
        ("sam_vit_l", [1024] * 24),
        ("sam_vit_h", [1280] * 32),
        ("mobile_sam", [128] * 2 + [160] * 6 + [320] * 2),
        ("lite_medsam", [128] * 2 + [160] * 6 + [320] * 2),
    ],
)
def test_others_follow_their_widths(name, widths):
    # Two adapters a block with attention: d x d/4 twice, and both biases.
    assert number(on_meta(name), "image_encoder.") == sum(2 * (d * d // 2 + d // 4 + d) for d in widths)


def test_exactly_these_are_trained():
    model = build()
    plain = {n for n, _ in model.sam.named_parameters()}
    Msa().apply(model, MsaConfig(depth=2))
    ends = [f"{end}.{kind}" for end in ("down", "up") for kind in ("weight", "bias")]
    places = ("after_attention", "beside_mlp", "after_depth")
    wanted = {f"image_encoder.blocks.{b}.{place}.{end}" for b in range(4) for place in places for end in ends}
    wanted |= {FIRST + f"{place}.{end}" for place in ("after_tokens", "beside_mlp", "after_image") for end in ends}
    wanted |= {FIRST + "after_tokens.down_prompt.weight", FIRST + "after_tokens.down_prompt.bias"}
    wanted |= {n for n in plain if n.startswith("mask_decoder.") and not n.startswith(FIRST)}
    assert set(trainable(model.sam)) == wanted


def test_parts_can_be_left_out():
    encoder, decoder = build(), build()
    Msa().apply(encoder, MsaConfig(decoder=False))
    Msa().apply(decoder, MsaConfig(encoder=False))
    assert {n.split(".")[0] for n in trainable(encoder.sam)} == {"image_encoder"}
    assert {n.split(".")[0] for n in trainable(decoder.sam)} == {"mask_decoder"}


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("kind", TINY)
def test_it_starts_as_sam_to_the_bit(kind, depth, monkeypatch):
    # What is computed with fewer passes agrees to rounding, and on some processors no better.
    monkeypatch.setenv("SAMADAPT_PLAIN", "encoder")
    base, model = build(kind), build(kind)
    Msa().apply(model, MsaConfig(depth=depth))
    batch = images(model, 2 * depth)
    with torch.no_grad():
        assert torch.equal(model.sam.image_encoder(batch), base.sam.image_encoder(batch))


@pytest.mark.parametrize("kind", TINY)
def test_adapters_stand_where_the_paper_puts_them(kind, monkeypatch):
    """The base model with hooks that add h + A(h) to the attention's output and s·B(LN x) to the MLP's."""
    # The faster form calls no modules, and so no hooks.
    monkeypatch.setenv("SAMADAPT_PLAIN", "encoder")
    base, model = build(kind), adapted(kind, scale=0.3)
    tiny = kind.startswith("tiny")
    plain = [m for m in base.sam.image_encoder.modules() if hasattr(getattr(m, "attn", None), "qkv")]
    assert len(plain) == len(blocks(model)) == (3 if tiny else 4)
    for block, ours in zip(plain, blocks(model), strict=True):

        def attention(module, given, out, ours=ours):
            return out + by_hand(ours.after_attention, out)

        def mlp(module, given, out, ours=ours):
            taken = module.norm(given[0]) if tiny else given[0]
            return out + 0.3 * by_hand(ours.beside_mlp, taken)

        block.attn.register_forward_hook(attention)
        block.mlp.register_forward_hook(mlp)
    with torch.no_grad():
        wanted, got, without = (m.sam.image_encoder(images(m)) for m in (base, model, build(kind)))
    assert (wanted - got).abs().max() < 1e-5 and (wanted - without).abs().max() > 0.1


def test_one_block_is_its_formula():
    block = blocks(adapted("vit-64"))[1]
    base = block.base_layer
    assert base.window_size == 0
    x = torch.randn(2, 4, 4, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        h = base.attn(base.norm1(x))
        x1 = x + h + by_hand(block.after_attention, h)
        normed = base.norm2(x1)
        wanted = x1 + base.mlp(normed) + 0.5 * by_hand(block.beside_mlp, normed)
        assert (block(x) - wanted).abs().max() < 1e-5


def test_the_decoder_s_first_block_is_its_formula():
    block = adapted("vit-64").sam.mask_decoder.transformer.layers[0]
    base = block.base_layer
    generator = torch.Generator().manual_seed(0)
    tokens, image, place = (torch.randn(2, n, 256, generator=generator) for n in (7, 16, 16))
    with torch.no_grad():
        queries = base.norm1(base.self_attn(tokens, tokens, tokens))
        queries = queries + base.cross_attn_token_to_image(queries + tokens, image + place, image)
        first = block.after_tokens
        inner = F.relu(first.down(queries) + tokens @ first.down_prompt.weight.T + first.down_prompt.bias)
        queries = base.norm2(queries + first.up(inner))
        queries = base.norm3(queries + base.mlp(queries) + 0.5 * by_hand(block.beside_mlp, queries))
        keys = image + base.cross_attn_image_to_token(image + place, queries + tokens, queries)
        keys = base.norm4(keys + by_hand(block.after_image, keys))
        got = block(queries=tokens, keys=image, query_pe=tokens, key_pe=place)
    for wanted, ours in zip((queries, keys), got, strict=True):
        assert (wanted - ours).abs().max() < 1e-5


def test_the_decoder_starts_as_sam_s():
    plain, model = build(), build()
    Msa().apply(model, MsaConfig())
    generator = torch.Generator().manual_seed(0)
    tokens, image, place = (
        torch.randn(2, *shape, generator=generator) for shape in ((7, 256), (256, 4, 4), (256, 4, 4))
    )
    with torch.no_grad():
        wanted, got = (m.sam.mask_decoder.transformer(image, place, tokens) for m in (plain, model))
    assert torch.equal(wanted[0], got[0]) and torch.equal(wanted[1], got[1])


def test_the_prompt_turns_its_adapter():
    adapter = PromptAdapter(16, 0.25)
    torch.nn.init.normal_(adapter.up.weight)
    x, prompt = torch.randn(2, 3, 16), torch.randn(2, 3, 16)
    with torch.no_grad():
        turned = (adapter(x, prompt) - adapter(x, torch.zeros_like(prompt))).abs().amax(-1)
        assert turned.max() > 1e-3
        # Each token by its own prompt only.
        prompt[:, 1] = 0
        assert torch.equal(adapter(x, prompt)[:, 1], adapter(x, torch.zeros_like(prompt))[:, 1])
        torch.nn.init.zeros_(adapter.down_prompt.weight)
        assert torch.equal(adapter(x, prompt), adapter(x, 5 * prompt))


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("kind", FAMILIES)
def test_the_gradient_reaches_every_adapter(kind, depth):
    model = adapted(kind, depth=depth)
    sam = model.sam
    embeddings = sam.image_encoder(images(model, 2))
    sparse, dense = sam.prompt_encoder((torch.tensor([[[9.0, 5.0]]]), torch.tensor([[1]])), None, None)
    masks, _ = sam.mask_decoder(embeddings[:1], sam.prompt_encoder.get_dense_pe(), sparse, dense, False)
    masks.square().mean().backward()
    found = [m for m in sam.modules() if isinstance(m, Bottleneck)]
    assert len(found) == (2 if depth == 1 else 3) * len(blocks(model)) + 3
    for adapter in found:
        assert all(p.grad.abs().max() > 0 for p in adapter.parameters())


@pytest.mark.parametrize("depth", [2, 4, 5])
def test_depth_is_space_on_a_transposed_stack_in_the_vit(depth):
    ensure_torchvision()
    from segment_anything.modeling.image_encoder import Attention

    torch.manual_seed(0)
    attention = Attention(32, num_heads=4, use_rel_pos=False)
    stack = torch.randn(2 * depth, 3, 5, 32)
    with torch.no_grad():
        ours = attention.proj(attend_over_depth(attention.qkv(stack).unflatten(-1, (3, 4, -1)), depth))
        # N pictures of one row, whose pixels are the slices.
        turned = stack.view(2, depth, 15, 32).transpose(1, 2).reshape(30, 1, depth, 32)
        back = attention(turned).view(2, 15, depth, 32).transpose(1, 2).reshape(stack.shape)
    assert (ours - back).abs().max() < 1e-5 < 1e-2 < (ours - attention(stack)).abs().max()


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_block_runs_its_own_attention_over_depth(kind):
    """The whole branch against a layer of the base model's class with the same weights and no bias of place."""
    block = blocks(adapted(kind, depth=4))[0]
    attention = block.base_layer.attn
    channels = attention.qkv.in_features
    x = torch.randn(8, 5, 5, channels, generator=torch.Generator().manual_seed(0))
    turned = x.view(2, 4, 25, channels).transpose(1, 2).reshape(50, 4, channels)
    in_plane = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        if kind == "vit-64":
            plain = copy.deepcopy(attention)
            plain.use_rel_pos = False
            over_depth = plain(turned[:, None])
        else:
            # A window of two by two has four tokens, and new biases are zero.
            plain = WindowAttention(channels, attention.heads, 2)
            state = {n: v for n, v in attention.state_dict().items() if n != "attention_biases"}
            assert plain.load_state_dict(state, strict=False).missing_keys == ["attention_biases"]
            over_depth = plain(turned)
        over_depth = over_depth.view(2, 25, 4, channels).transpose(1, 2).reshape(x.shape)
        wanted = in_plane + by_hand(block.after_attention, in_plane) + by_hand(block.after_depth, over_depth)
        assert (block._adapted(in_plane, x) - wanted).abs().max() < 1e-5


def test_many_places_stay_within_what_fused_kernels_allow(monkeypatch):
    """LiteMedSAM's first attention sees 128 x 128 places a stack: four stacks are one place too many for one axis."""
    seen = []
    monkeypatch.setattr(F, "scaled_dot_product_attention", lambda q, k, v: seen.append(q.shape) or q)
    out = attend_over_depth(torch.empty(8, 128, 128, 3, 4, 32, device="meta"), 2)
    assert out.shape == (8, 128, 128, 128)
    assert seen[0].numel() == 8 * 128 * 128 * 4 * 32 and seen[0][2:] == (2, 32) and max(seen[0][:2]) <= 65_535


@pytest.mark.parametrize("kind", FAMILIES)
def test_slices_see_their_own_stack_and_no_other(kind):
    model = adapted(kind, depth=3)
    batch = images(model, 6)
    other = batch.clone()
    other[0] = images(model, 1, seed=9)[0]
    with torch.no_grad():
        before, after = model.sam.image_encoder(batch), model.sam.image_encoder(other)
        alone = model.sam.image_encoder(batch[3:])
    changed = (before - after).abs().amax((1, 2, 3))
    assert before.shape == (6, 256, 64 // (16 if kind == "vit-64" else 4), before.shape[-1])
    assert (changed[:3] > 1e-3).all() and (changed[3:] < 1e-5).all()
    assert (alone - before[3:]).abs().max() < 1e-4


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_stack_in_another_order_has_the_same_embeddings_in_that_order(kind):
    """So a loss on one place of the stacks trains all of them."""
    model, order = adapted(kind, depth=4), [2, 0, 3, 1]
    batch = images(model, 4)
    with torch.no_grad():
        straight, mixed = model.sam.image_encoder(batch), model.sam.image_encoder(batch[order])
        alone = adapted(kind).sam.image_encoder(batch)
    assert (straight[order] - mixed).abs().max() < 1e-4 < 1e-2 < (straight - alone).abs().max()


def test_what_is_predicted_changes_no_parameter():
    middle, whole = build(), build()
    Msa().apply(middle, MsaConfig(depth=3))
    Msa().apply(whole, MsaConfig(depth=3, predict="all"))
    assert (middle.whole_stacks, whole.whole_stacks) == (False, True)
    state = trainable(middle.sam)
    assert all(torch.equal(state[name], parameter) for name, parameter in trainable(whole.sam).items())
    assert set(state) == set(trainable(whole.sam))


@pytest.mark.parametrize("kind", FAMILIES)
def test_slices_that_fill_no_stack_are_refused(kind):
    model = adapted(kind, depth=3)
    with pytest.raises(ValueError, match="4 slices .*stacks of 3"):
        model.sam.image_encoder(images(model, 4))


@pytest.mark.parametrize("kind", FAMILIES)
def test_its_state_makes_another_model_the_same(kind):
    trained, other = adapted(kind, depth=2), build(kind)
    Msa().apply(other, MsaConfig(depth=2), seed=7)
    batch = images(trained, 2)
    with torch.no_grad():
        wanted = trained.sam.image_encoder(batch)
        assert not torch.equal(other.sam.image_encoder(batch), wanted)
        load_trainable(other.sam, {n: p.detach().clone() for n, p in trainable(trained.sam).items()})
        assert torch.equal(other.sam.image_encoder(batch), wanted)
    with pytest.raises(InputError, match="does not fit"):
        load_trainable(build(kind).sam, trainable(trained.sam))


def test_the_start_follows_the_seed_alone():
    def first(seed):
        model = build()
        Msa().apply(model, MsaConfig(), seed)
        return trainable(model.sam)["image_encoder.blocks.0.after_attention.down.weight"]

    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    a, b, c = first(0), first(0), first(1)
    assert torch.equal(torch.rand(1), wanted) and torch.equal(a, b) and not torch.equal(a, c)


def test_the_ratio_is_the_inner_width():
    assert Adapter(64, 0.5).down.weight.shape == (32, 64) and Adapter(64, 0.001).down.weight.shape == (1, 64)


@pytest.mark.parametrize(
    "values, words",
    [
        ({"ratio": 0}, "ratio is 0"),
        ({"ratio": 1.5}, "ratio is 1.5"),
        ({"scale": -1}, "scale is -1"),
        ({"scale": float("nan")}, "scale is nan"),
        ({"scale": "half"}, "scale is 'half'"),
        ({"depth": 0}, "depth is 0. Give a whole number from 1 to 32"),
        ({"depth": 33}, "depth is 33"),
        ({"depth": 2.0}, "depth is 2.0"),
        ({"encoder": "yes"}, "encoder is 'yes'"),
        ({"encoder": False, "decoder": False}, "trains nothing"),
        ({"encoder": False, "depth": 3}, "Stacks of 3 slices need an adapted encoder"),
        ({"depth": 3, "predict": "last"}, "predict is 'last'. Give middle or all"),
        ({"predict": True}, "predict is True"),
        ({"predict": "all"}, "no stack to predict all of.*depth to 2"),
        ({"rank": 4}, "'rank'.*Known are ratio, scale, depth, predict, encoder, decoder"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError, match=words):
        MsaConfig.from_dict(values)


@pytest.mark.parametrize("depth", [1, 2, 5, 32])
def test_settings_that_can_be(depth):
    config = MsaConfig(ratio=1, scale=1, depth=depth)
    assert MsaConfig.from_dict(config.to_dict()) == config
    assert isinstance(get_method("msa"), Msa)
