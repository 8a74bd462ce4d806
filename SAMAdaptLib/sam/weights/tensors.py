"""Reading safetensors files without holding on to them."""

from __future__ import annotations

import os

import torch


def read_tensors(path: str | os.PathLike) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors on the CPU by name, and what the file's header says beside them.

    The tensors are copies: those of safetensors keep the file mapped for as long as one of them lives, and Windows can
    then neither replace nor remove it.

    Raises:
        SafetensorError, OSError: missing or damaged.
    """
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name).clone() for name in file.keys()}, file.metadata() or {}
