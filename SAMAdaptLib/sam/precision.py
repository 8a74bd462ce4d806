"""Which number type the image encoder should run in on this device."""

from __future__ import annotations

import contextlib
import time
from functools import cache

import torch

from SAMAdaptLib.errors import InputError

PRECISIONS = ("auto", "fp32", "bf16")


def encoder_dtype(precision: str, device: torch.device | str) -> torch.dtype:
    """Resolve "auto" to bfloat16 where it is really faster, else float32.

    float16 is never chosen: SAM's attention overflows in it on some cards.

    Raises:
        InputError: an unknown precision.
    """
    if precision not in PRECISIONS:
        raise InputError("Unknown precision", precision, f"Choose one of {', '.join(PRECISIONS)}")
    if precision == "auto":
        precision = "bf16" if _bf16_is_faster(torch.device(device).type) else "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def encoder_autocast(device: torch.device, dtype: torch.dtype) -> contextlib.AbstractContextManager:
    """The autocast context for the encoder; nothing for float32."""
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)


@cache
def _bf16_is_faster(device_type: str) -> bool:
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device_type != "cpu":
        return False
    # Emulated bfloat16 is several times slower than float32, and no public call tells a CPU's true speed.
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        a = torch.ones(384, 384, dtype=dtype)
        a @ a
        runs = []
        for _ in range(3):
            start = time.perf_counter()
            a @ a
            runs.append(time.perf_counter() - start)
        seconds[dtype] = min(runs)
    return seconds[torch.bfloat16] < seconds[torch.float32]
