"""Tensors into a file."""

from __future__ import annotations

import os
from collections.abc import Mapping

import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path


def write_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, torch.Tensor],
    metadata: Mapping[str, str] | None = None,
    anew: bool = True,
) -> None:
    """Write tensors of the CPU as safetensors, atomically.

    Args:
        path: the file.
        tensors: by name.
        metadata: texts that the file is to hold with them.
        anew: see :func:`SAMAdaptLib.files.atomic_path`.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with atomic_path(path, anew=anew) as temporary:
        try:
            save_file(whole, temporary, metadata=None if metadata is None else {**metadata})
        except SafetensorError as error:
            raise InputError(f"Cannot write ({error})", path, "Check the free space and the permissions") from error
