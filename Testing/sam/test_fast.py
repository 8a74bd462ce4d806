"""Encoders with fewer passes over memory against the same ones computed plainly."""

from __future__ import annotations

import itertools

import pytest
import torch

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.sam import fast
from SAMAdaptLib.sam.families import vit_attention
from SAMAdaptLib.sam.families.tiny_vit import TinyViT
from SAMAdaptLib.sam.families.tiny_vit_convolutions import ConvNorm
from Testing.tiny import build

one_dnn = pytest.mark.skipif(
    not fast.usable(torch.zeros(1)), reason="oneDNN's layers with an activation are for x86 processors"
)


def tiny(size: int = 64, stride: int = 1) -> TinyViT:
    """A frozen TinyViT whose batch norms and biases do something."""
    torch.manual_seed(0)
    model = TinyViT(size, stride, (8, 16, 16, 32), (3, 1, 2, 1), (1, 2, 2, 2), (7, 7, 5, 7)).requires_grad_(False)
    for module in model.modules():
        if isinstance(module, ConvNorm):
            for values in (module.bn.running_mean, module.bn.bias):
                values.normal_(0, 0.3)
            module.bn.running_var.uniform_(0.3, 2)
    return model.eval()


def both(monkeypatch, ask):
    with monkeypatch.context() as patch:
        patch.setenv("SAMADAPT_PLAIN", "encoder")
        plain = ask()
    return plain, ask()


@one_dnn
@pytest.mark.parametrize("shape", [(2, 3, 64, 64), (1, 3, 50, 36), (1, 3, 35, 40)])
@pytest.mark.parametrize("tile_bytes", [1, 30_000, 1 << 30])
def test_tiles_of_any_height_give_the_whole_map(monkeypatch, shape, tile_bytes) -> None:
    monkeypatch.setattr(fast, "TILE_BYTES", tile_bytes)
    model, image = tiny(), torch.randn(shape)
    plain, got = both(monkeypatch, lambda: model(image))
    stem = both(monkeypatch, lambda: model.stem(image))
    assert plain.std() > 0.1 and plain.shape == got.shape
    assert (stem[0] - stem[1]).abs().max() < 1e-5 and (plain - got).abs().max() < 1e-4


@one_dnn
def test_tiles_are_what_is_computed(monkeypatch) -> None:
    """Eight rows at a time, the fewest: the depth-wise convolutions of three blocks see 8 + 2 + 2 n rows."""
    seen = []
    own = fast.convolution

    def watched(x, **layer):
        seen.append((x.shape[2], layer["groups"]))
        return own(x, **layer)

    monkeypatch.setattr(fast, "TILE_BYTES", 1)
    monkeypatch.setattr(fast, "convolution", watched)
    with torch.inference_mode():
        tiny().stem(torch.randn(1, 3, 64, 64))
    heights = [height for height, groups in seen if groups > 1]
    assert len(heights) == 8 * 4 and heights[4:8] == [16, 14, 12, 10]


def adapted(method: str | None, size: int):
    """A ViT whose relative positions, biases and adapter do something."""
    model, generator = build(f"vit-{size}"), torch.Generator().manual_seed(3)
    if method is not None:
        get_method(method).apply(model, get_method(method).Config())
    with torch.no_grad():
        for name, parameter in model.sam.image_encoder.named_parameters():
            if parameter.requires_grad or "rel_pos" in name or name.endswith("bias"):
                parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model


@one_dnn
@pytest.mark.parametrize("tile_bytes", [1, 10_000, 1 << 30])
@pytest.mark.parametrize("method, size", [(None, 128), (None, 64), ("lora", 64), ("msa", 64), ("dbsam", 64)])
def test_a_vit_without_its_padded_tokens_is_segment_anything_s(monkeypatch, method, size, tile_bytes) -> None:
    """A grid of 8 or 4 in windows of 3, and every other block without windows."""
    monkeypatch.setattr(fast, "TILE_BYTES", tile_bytes)
    model, image = adapted(method, size), torch.randn(2, 3, size, size)
    with torch.inference_mode():
        plain, got = both(monkeypatch, lambda: model.sam.image_encoder(image))
    assert plain.std() > 0.1 and 0 < (plain - got).abs().max() < 1e-4


def way_back(encoder, image):
    """Gradients of whatever the encoder trains, by name."""
    encoder.zero_grad()
    embedding = encoder(image)
    (embedding * torch.randn(embedding.shape, generator=torch.Generator().manual_seed(1))).sum().backward()
    return {name: p.grad.clone() for name, p in encoder.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("tile_bytes", [1, 10_000, 1 << 30])
@pytest.mark.parametrize("method, size", [(None, 128), (None, 64), ("lora", 64), ("msa", 64)])
def test_gradients_of_a_vit_are_segment_anything_s(monkeypatch, method, size, tile_bytes) -> None:
    """Without a method everything is trained, the tables of relative positions too."""
    monkeypatch.setattr(fast, "TILE_BYTES", tile_bytes)
    encoder, image = adapted(method, size).sam.image_encoder, torch.randn(2, 3, size, size)
    if method is None:
        encoder.requires_grad_(True)
    plain, got = both(monkeypatch, lambda: way_back(encoder, image))
    assert plain.keys() == got.keys() and len(plain) >= 16
    for name, wanted in plain.items():
        assert 0 < wanted.abs().max() and (got[name] - wanted).abs().max() < 1e-4 * wanted.abs().max(), name
        assert not torch.equal(got[name], wanted) or name.startswith("neck"), name


def test_windows_and_places_are_what_the_sum_written_out_says() -> None:
    """A map of 7 x 5 in windows of 3 x 4, both ways of it; the neighbours of each place one by one."""
    torch.manual_seed(0)
    qkv = torch.randn(2, 7, 5, 3, 2, 8, dtype=torch.float64)
    padding, high, wide = (torch.randn(*shape, 8, dtype=torch.float64) for shape in ((3, 2), (3, 3), (4, 4)))
    wanted = torch.zeros(2, 7, 5, 2, 8, dtype=torch.float64)
    for y, x in itertools.product(range(7), range(5)):
        q, scores, values = qkv[:, y, x, 0], [], []
        for row, column in itertools.product(range(3), range(4)):
            below, right = y // 3 * 3 + row, x // 4 * 4 + column
            _, k, v = (qkv[:, below, right] if below < 7 and right < 5 else padding.expand(2, -1, -1, -1)).unbind(1)
            place = high[y % 3, row] + wide[x % 4, column]
            scores.append((q * k).sum(-1) / 8**0.5 + (q * place).sum(-1))
            values.append(v)
        weights = torch.stack(scores).softmax(0)
        wanted[:, y, x] = (weights[..., None] * torch.stack(values)).sum(0)
    for way in (vit_attention.attend, vit_attention.attend_by_channels):
        assert (way(qkv, padding, high, wide) - wanted.flatten(3)).abs().max() < 1e-12


@pytest.mark.parametrize("tile_bytes", [1, 3_000, 1 << 30])
def test_the_way_back_through_windows_is_that_of_finite_differences(monkeypatch, tile_bytes) -> None:
    monkeypatch.setattr(fast, "TILE_BYTES", tile_bytes)
    torch.manual_seed(0)
    given = [(2, 4, 5, 3, 2, 3), (3, 2, 3), (3, 3, 3), (2, 2, 3)]
    given = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in given]
    assert torch.autograd.gradcheck(vit_attention.attend, given, atol=1e-5, fast_mode=True)


def weight_and_layer():
    layer = torch.nn.Linear(8, 8).requires_grad_(False)
    return layer.weight, lambda: fast.cast(layer.weight, torch.bfloat16)


def test_a_frozen_weight_is_cast_once() -> None:
    weight, ask = weight_and_layer()
    with torch.inference_mode():
        first = ask()
    assert torch.equal(first, weight.bfloat16()) and ask() is first
    # Made while nobody wanted gradients, it still serves who does.
    x = torch.randn(2, 8, dtype=torch.bfloat16, requires_grad=True)
    torch.nn.functional.linear(x, first).sum().backward()
    assert x.grad is not None and not ask().requires_grad


def merged_by_peft(weight):
    """As peft's layers do it, and what methods say afterwards."""
    weight.data += 1
    torch.autograd.graph.increment_version(weight)


CHANGES = {
    "in place": lambda weight: weight.mul_(3),
    "by a state": lambda weight: weight.copy_(torch.ones(8, 8)),
    "by new data": lambda weight: setattr(weight, "data", torch.ones(8, 8)),
    "by a merge": merged_by_peft,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_weight_that_is_another_one_is_cast_anew(change) -> None:
    weight, ask = weight_and_layer()
    first = ask()
    with torch.no_grad():
        CHANGES[change](weight)
    assert not torch.equal(ask(), first) and torch.equal(ask(), weight.bfloat16())


@one_dnn
@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
@pytest.mark.parametrize("method", ["lora", "sammix"])
def test_an_encoder_that_is_adapted_and_merged_after_it_was_used_answers_with_its_new_weights(kind, method) -> None:
    """Merged in place, with the copies of 16 bits made before; against a model that never had any."""
    image, made = torch.randn(1, 3, 64, 64), []
    for used in (True, False):
        model, chosen = build(kind), get_method(method)
        encoder = model.sam.image_encoder

        def answer(encoder=encoder):
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
                return encoder(image).float()

        before = answer() if used else None
        chosen.apply(model, chosen.Config())
        with torch.no_grad():
            for number, parameter in enumerate(trainable(encoder).values()):
                torch.nn.init.normal_(parameter, 0, 0.3, torch.Generator().manual_seed(number))
        if used:
            answer()
        chosen.merge(model)
        made.append(answer())
        assert before is None or (made[0] - before).abs().max() > 0.1
    assert torch.equal(*made)


@one_dnn
def test_every_block_of_a_vit_is_called_so_that_an_encoding_can_end_before_it() -> None:
    encoder, image, called = adapted(None, 64).sam.image_encoder, torch.randn(1, 3, 64, 64), []

    def given_up(module, given):
        called.append(module)
        if len(called) == 3:
            raise InterruptedError

    for block in encoder.blocks:
        block.register_forward_pre_hook(given_up)
    with torch.inference_mode(), pytest.raises(InterruptedError):
        encoder(image)
    assert called == [*encoder.blocks][:3]


@one_dnn
def test_a_vit_runs_neither_its_own_attention_nor_its_own_blocks(monkeypatch) -> None:
    encoder, image = adapted(None, 64).sam.image_encoder, torch.randn(1, 3, 64, 64)
    from segment_anything.modeling.image_encoder import Attention, Block

    for kind in (Block, Attention):
        monkeypatch.setattr(kind, "forward", lambda *_: pytest.fail("the plain way"))
    with torch.inference_mode():
        assert encoder(image).isfinite().all()


@one_dnn
@pytest.mark.parametrize("made", [tiny, lambda: adapted(None, 64).sam.image_encoder])
def test_lower_precision_is_as_near_as_that_of_the_plain_one(monkeypatch, made) -> None:
    model, image = made(), torch.randn(1, 3, 64, 64)
    exact = model(image)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        plain, got = both(monkeypatch, lambda: model(image).float())
    assert 0 < (got - exact).abs().mean() < 1.2 * (plain - exact).abs().mean()


def test_what_is_trained_keeps_its_gradient_and_batch_statistics() -> None:
    x, model = torch.randn(1, 4, 4, 32), tiny()
    mlp = model.layers[3].blocks[0].mlp
    usable = fast.usable(x)
    assert fast.usable(x, mlp) == usable
    assert not fast.usable(x.double(), mlp) and not fast.usable(x.clone().requires_grad_(), mlp)
    assert not fast.usable(x, mlp.train())
    mlp.eval().fc2.requires_grad_(True)
    assert not fast.usable(x, mlp)
    with torch.no_grad():
        assert fast.usable(x, mlp) == usable


@pytest.mark.parametrize(
    "variables, parts",
    [
        ({"SAMADAPT_PLAIN": "encoder"}, ["encoder"]),
        ({"SAMADAPT_PLAIN": "decoder, encoder"}, ["decoder", "encoder"]),
        ({"SAMADAPT_PLAIN_DECODER": "1"}, ["decoder"]),
        ({"SAMADAPT_PLAIN": ""}, []),
    ],
)
def test_a_variable_asks_for_plain_parts(monkeypatch, variables, parts) -> None:
    for name in ("SAMADAPT_PLAIN", "SAMADAPT_PLAIN_DECODER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [part for part in ("decoder", "encoder") if fast.plain(part)] == parts
