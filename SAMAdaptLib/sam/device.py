"""Where a model runs."""

from __future__ import annotations

import torch

from SAMAdaptLib.errors import InputError


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
