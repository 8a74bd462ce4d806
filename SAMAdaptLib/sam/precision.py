"""Which number type the image encoder should run in on this device."""

from __future__ import annotations

import contextlib

import torch

from SAMAdaptLib.errors import InputError

PRECISIONS = ("auto", "fp32", "bf16")


def encoder_dtype(precision: str, device: torch.device | str) -> torch.dtype:
    """Resolve "auto" to bfloat16 where the hardware has it, else float32.

    float16 is never chosen: SAM's attention overflows in it on some cards.

    Raises:
        InputError: an unknown precision.
    """
    if precision not in PRECISIONS:
        raise InputError("Unknown precision", precision, f"Choose one of {', '.join(PRECISIONS)}")
    if precision == "auto":
        precision = "bf16" if _has_bf16(torch.device(device).type) else "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def autocast(device: torch.device, dtype: torch.dtype) -> contextlib.AbstractContextManager[object]:
    """The autocast context for this type; nothing for float32, nor for tensors without contents."""
    if dtype == torch.float32 or device.type == "meta":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=dtype)


def _has_bf16(device_type: str) -> bool:
    """Whether the hardware multiplies bfloat16; emulated, it is several times slower than float32.

    Asked, not timed: a busy machine would answer differently from one call to the next, and a resumed run with it.
    """
    if device_type == "cuda":
        result: bool = torch.cuda.is_bf16_supported(including_emulation=False)
        return result
    if device_type != "cpu":
        return False
    if hasattr(torch.cpu, "get_capabilities"):
        found = torch.cpu.get_capabilities()
        return any(found.get(name, False) for name in ("amx_bf16", "avx512_bf16", "bf16", "sve_bf16"))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
