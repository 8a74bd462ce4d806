"""The decoder with fewer operations against segment_anything's own: answers and gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam import mask_decoder, tiled_decoder
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.families import base as family
from SAMAdaptLib.sam.frames import ModelFrame
from Testing.tiny import build

pytestmark = pytest.mark.slow

SHAPE = (40, 60)
# Their biases move all scores of a softmax alike, so that their gradient is rounding in either decoder.
WITHOUT_GRADIENT = "k_proj.bias"


def prompts(low_res: int) -> list[Prompt]:
    earlier = np.random.default_rng(5).normal(0, 4, (low_res, low_res)).astype(np.float32)
    clicks = np.random.default_rng(6).uniform(0, 39, (20, 2))
    return [
        Prompt([[30, 20]], [1]),
        Prompt(box=[5, 4, 40, 30]),
        Prompt([[30, 20], [2, 3]], [1, 0], [5, 4, 40, 30]),
        Prompt(box=[1, 1, 20, 30], mask_logits=earlier),
        Prompt([[9, 9]], [1], mask_logits=-earlier),
        Prompt(clicks, np.arange(20) % 2),
        Prompt(box=[15, 14, 30, 30]),
    ]


def adapted(kind: str, method: str | None, seed: int = 3):
    """A model whose adapter does something."""
    model = build(kind)
    if method is not None:
        chosen = get_method(method)
        chosen.apply(model, chosen.for_classes(chosen.Config(), 2))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in model.sam.parameters():
                if parameter.requires_grad:
                    parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return model


def both(monkeypatch, ask):
    plain, fast = None, ask()
    with monkeypatch.context() as patch:
        patch.setenv("SAMADAPT_PLAIN", "encoder, decoder")
        plain = ask()
    return plain, fast


def embedding_of(model, seed: int = 1) -> torch.Tensor:
    side = model.embedding_size
    return 0.5 * torch.randn(1, 256, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("multimask", [False, True])
@pytest.mark.parametrize("method", [None, "lora", "msa", "decoder", "sammix"])
@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_the_answers_are_segment_anything_s(monkeypatch, kind, method, multimask) -> None:
    # Small models have 16 or 256 pixels: tiles, and a smaller last one.
    monkeypatch.setattr(tiled_decoder, "PIXELS", 7)
    model = adapted(kind, method)
    embedding, frame = embedding_of(model), ModelFrame(SHAPE, model.input_size)
    with torch.inference_mode():
        plain, fast = both(
            monkeypatch, lambda: decode(model, embedding, prompts(model.low_res_size), frame, multimask)
        )
    assert plain[0].std() > 0.01
    assert (plain[0] - fast[0]).abs().max() <= 2e-5 * plain[0].abs().max()
    assert (plain[1] - fast[1]).abs().max() <= 1e-5


@pytest.mark.parametrize("method", ["lora", "msa", "decoder"])
def test_the_gradients_are_segment_anything_s(monkeypatch, method) -> None:
    model = adapted("tiny_vit-64", method)
    embedding = embedding_of(model).requires_grad_()
    frame = ModelFrame(SHAPE, model.input_size)
    trained = {n: p for n, p in model.sam.named_parameters() if p.requires_grad} | {"embedding": embedding}

    def gradients():
        for parameter in trained.values():
            parameter.grad = None
        logits, iou = decode(model, embedding, prompts(model.low_res_size), frame)
        (logits.square().mean() + iou.sum()).backward()
        return {n: p.grad for n, p in trained.items() if p.grad is not None and not n.endswith(WITHOUT_GRADIENT)}

    plain, fast = both(monkeypatch, gradients)
    compared = 0
    for name, wanted in plain.items():
        if wanted.abs().max() > 0:
            assert (wanted - fast[name]).abs().max() <= 1e-3 * wanted.abs().max() + 1e-9, name
            compared += 1
    assert compared > 20 and not set(fast) - set(plain)


def test_with_the_real_weights_no_pixel_changes_sides(monkeypatch) -> None:
    model = build("lite_medsam")
    embedding, frame = embedding_of(model), ModelFrame((200, 256), 256)
    asked = [Prompt(box=[30 + 9 * n, 40, 120 + 9 * n, 150]) for n in range(6)]
    with torch.inference_mode():
        plain, fast = both(monkeypatch, lambda: decode(model, embedding, asked, frame)[0])
        lower = decode(model, embedding, asked, frame, dtype=torch.bfloat16)[0]
    assert plain.std() > 1 and (plain - fast).abs().max() < 1e-4
    assert ((plain > 0) != (fast > 0)).float().mean() < 1e-5
    assert lower.dtype == torch.float32 and 0 < ((plain > 0) != (lower > 0)).float().mean() < 2e-3


def test_a_gradient_makes_no_difference_to_the_answers() -> None:
    model = build("tiny_vit-64")
    embedding, frame = embedding_of(model), ModelFrame(SHAPE, model.input_size)
    asked = prompts(model.low_res_size)
    with torch.no_grad():
        tiled = decode(model, embedding, asked, frame)
    whole = decode(model, embedding.requires_grad_(), asked, frame)
    assert whole[0].requires_grad and torch.allclose(tiled[0], whole[0].detach(), rtol=1e-4, atol=1e-5)
    assert torch.allclose(tiled[1], whole[1].detach(), atol=1e-5)


def test_more_prompts_than_one_call_takes_are_answered_in_their_order() -> None:
    model = build("tiny_vit-64")
    embedding, frame = embedding_of(model), ModelFrame(SHAPE, model.input_size)
    asked = [Prompt(box=[n, 2, 20 + 3 * n, 30]) for n in range(2 * tiled_decoder.TOGETHER + 1)]
    with torch.inference_mode():
        together = decode(model, embedding, asked, frame)
        alone = [decode(model, embedding, [prompt], frame) for prompt in asked]
    assert torch.allclose(together[0], torch.cat([a[0] for a in alone]), atol=1e-5)
    assert torch.allclose(together[1], torch.cat([a[1] for a in alone]), atol=1e-5)


def test_a_point_and_a_box_have_as_many_tokens_and_share_a_call(monkeypatch) -> None:
    model = build("tiny_vit-64")
    calls = []

    def counted(decoder, image, image_pe, sparse, dense, *others):
        calls.append((len(sparse), len(dense)))
        return mask_decoder.decode_masks(decoder, image, image_pe, sparse, dense, *others)

    monkeypatch.setattr(family, "decode_masks", counted)
    frame = ModelFrame(SHAPE, model.input_size)
    decode(model, embedding_of(model), prompts(model.low_res_size), frame)
    # Point and two boxes; box with clicks; box and point with a mask, each with its own; twenty clicks.
    assert sorted(calls) == [(1, 1), (1, 1), (2, 2), (3, 1)]
