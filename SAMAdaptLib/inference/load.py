"""A ready predictor from the names that a user knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, read_adapter_info
from SAMAdaptLib.defaults import MODEL
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor


def load_predictor(
    model: str | None = None,
    checkpoint: str | Path | None = None,
    adapter: str | Path | None = None,
    *,
    input_size: int | None = None,
    device: str = "auto",
    precision: str = "auto",
    allow_download: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
) -> tuple[Predictor, AdapterInfo | None]:
    """Build a base model, put an adapter on it, and move it to the device.

    Args:
        model: name of the base model; the adapter's own by default, and without an adapter the usual one.
        checkpoint: local file with its weights.
        adapter: adapter or run folder.
        input_size: side of the model input in pixels; the adapter's own, else the native one, by default.
        device: see :func:`pick_device`.
        precision: of the encoder.
        allow_download: False refuses to fetch weights.
        progress: called with (bytes done, bytes in all) while downloading.

    Raises:
        InputError: an adapter for another model; anything that building or reading raises.
    """
    info = None if adapter is None else read_adapter_info(adapter)
    if info is not None and model not in (None, info.base):
        raise InputError(
            f"The adapter was trained on {info.base}, not on {model}",
            adapter,
            f"Give --model {info.base} or leave it out",
        )
    if info is not None:
        model, input_size = info.base, input_size or info.input_size
    built = build_sam(model or MODEL, checkpoint, input_size, allow_download=allow_download, progress=progress)
    if adapter is not None:
        info = apply_adapter(built, adapter)
    built.sam.to(pick_device(device))
    return Predictor(built, precision), info


def pick_device(name: str) -> torch.device:
    """The device of this name: "auto" (CUDA, then MPS, then the CPU), "cpu", "mps", "cuda", "cuda:1" ...

    Raises:
        InputError: the device is not there.
    """
    there = _there()
    if name == "auto":
        return torch.device(there[0].partition(":")[0])
    if name not in there and not (name == "cuda" and "cuda:0" in there):
        listed = ", ".join(there)
        raise InputError("No such device on this machine", name, f"Give --device auto, or one that is there: {listed}")
    return torch.device(name)


def devices() -> dict[str, str]:
    """What is there, the fastest first: name as :func:`pick_device` takes it, to a title, such as that of the card."""
    titles = {"mps": "Apple GPU", "cpu": "CPU"}
    # Asking a card for its name takes memory on it, which is none of the business of who has chosen the CPU.
    named = torch.cuda.is_initialized()
    return {name: titles.get(name) or (torch.cuda.get_device_name(name) if named else "CUDA") for name in _there()}


def _there() -> list[str]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return [*(f"cuda:{index}" for index in range(count)), *["mps"] * torch.backends.mps.is_available(), "cpu"]
