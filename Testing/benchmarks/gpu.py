"""Rows that need a CUDA device."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch

from SAMAdaptLib.methods import get_method
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor
from Testing.benchmarks.made import library
from Testing.benchmarks.rows import Found, Machine, Row, alternate, faster, share, timed, with_checks, within
from Testing.benchmarks.start import command, need_weights, seconds_until

SIDE = 1024


def _on_gpu(name: str) -> SamModel:
    model = build_sam(name, weights=False)
    model.sam.to("cuda")
    return model


def _picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (SIDE, SIDE), dtype=np.uint8)


@torch.inference_mode()
def encoder(name: str, machine: Machine) -> Found:
    """A slice of 1024² in bfloat16, against float32 as published."""
    machine.need_gpu()
    from segment_anything import sam_model_registry

    model, frame = _on_gpu(name), ModelFrame((SIDE, SIDE), SIDE)
    published = sam_model_registry[name.removeprefix("sam_")]().to("cuda").eval()
    pixels = frame.image_to_model(_picture(), model.sam.pixel_mean, model.sam.pixel_std)[None]
    found = alternate(
        lambda: encode(model, [_picture()], [frame], torch.bfloat16),
        lambda: published.image_encoder(pixels),
        unit="ms",
        warm=3,
    )
    return with_checks(found, note="random weights")


def click(machine: Machine) -> Found:
    """A point on an encoded slice to its mask on the CPU."""
    machine.need_gpu()
    predictor = Predictor(_on_gpu("sam_vit_b"))
    frame = predictor.frame((SIDE, SIDE))
    embedding = predictor.encode(_picture(), frame)
    prompt = Prompt(points=np.array([[500, 500]]), labels=np.array([1]))
    times = [timed(lambda: predictor.decode(embedding, [prompt], frame)) for _ in range(20)]
    return Found(1000 * float(np.median(times[3:])), unit="ms", note="random weights")


def adapter(machine: Machine) -> Found:
    """From the command to the file of an adapter of 60 steps."""
    machine.need_gpu()
    need_weights()
    with tempfile.TemporaryDirectory() as folder:
        exemplars, run = library(Path(folder) / "library").folder, Path(folder) / "run"
        words = ("--library", exemplars, "--output", run, "--set", "steps=60", "--device", "cuda")
        taken = seconds_until(command("finetune", *words), lambda: False)
    return Found(taken, note="60 steps on made-up organs")


def memory(machine: Machine) -> Found:
    """Most memory of forward and backward pass of ViT-B with LoRA at 1024, against float32."""
    machine.need_gpu()
    peaks = []
    for dtype in (torch.bfloat16, torch.float32):
        torch.cuda.empty_cache()
        model, method = _on_gpu("sam_vit_b"), get_method("lora")
        method.apply(model, method.Config())
        model.sam.to("cuda")
        torch.cuda.reset_peak_memory_stats()
        encode(model, [_picture()], [ModelFrame((SIDE, SIDE), SIDE)], dtype).sum().backward()
        peaks.append(torch.cuda.max_memory_allocated() / 1e6)
        del model
    return Found(peaks[0], peaks[1], "MB", note="random weights")


ROWS = (
    *(
        Row(
            f"gpu-{name.removeprefix('sam_')}".replace("_", "-"),
            f"{name.removeprefix('sam_')} encoder, bf16, GPU",
            "segment_anything fp32",
            faster(6.0),
            partial(encoder, name),
        )
        for name in ("sam_vit_b", "sam_vit_l", "sam_vit_h")
    ),
    Row("gpu-click", "click to mask, GPU", "", within(15.0), click),
    Row("gpu-adapter", "an adapter from start to file, GPU", "", within(60.0), adapter),
    Row("gpu-memory", "memory of a LoRA step, GPU", "float32", share(0.5), memory),
)
