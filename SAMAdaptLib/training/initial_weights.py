"""A run that starts from weights that another run left, as after pretraining."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch

from SAMAdaptLib.adapters.file import read_weights
from SAMAdaptLib.adapters.info import check_base, find_adapter, read_adapter_info
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.sam.build import SamModel

# What pretraining of a whole encoder leaves in its run folder, in place of an adapter.
CHECKPOINT = "checkpoint.safetensors"


class Start(NamedTuple):
    """Weights to start from.

    Attributes:
        hash: SHA-256 of their file, which tells runs apart.
        weights: by the names of the method's trainable parameters.
    """

    hash: str
    weights: dict[str, torch.Tensor]

    def fitted(self, model: SamModel) -> dict[str, torch.Tensor]:
        """The weights for an adapted model; tensors of another shape, as of a part with a row for each class, are the
        model's own."""
        own = trainable(model.sam)
        return {
            name: own[name].detach() if name in own and own[name].shape != tensor.shape else tensor
            for name, tensor in self.weights.items()
        }


def read_start(path: str | Path, method: str, config: MethodConfig, model: SamModel) -> Start:
    """The weights of a saved adapter of the same method on the same base model.

    Args:
        path: adapter or run folder.
        method: name of the method to be trained.
        config: its settings.
        model: the base model, not adapted.

    Raises:
        InputError: no adapter there, damaged, of another method or other settings, or on another base model.
    """
    if (Path(path) / CHECKPOINT).is_file():
        raise InputError(
            "This run trained the whole encoder, which is no adapter",
            path,
            f"Start from it with --checkpoint {Path(path) / CHECKPOINT}",
        )
    folder = find_adapter(path)
    info = read_adapter_info(folder)
    if info.method != method:
        raise InputError(
            f"The weights to start from are of the method {info.method}, not {method}",
            folder,
            f"Give --method {info.method}, or another start",
        )
    check_base(info, folder, model.base.name, model.base_hash)
    there = type(config).from_dict(info.config)
    different = sorted(name for name in config.settings() if getattr(there, name) != getattr(config, name))
    if different:
        settings = ", ".join(f"{name} = {getattr(there, name)!r}" for name in different)
        raise InputError(
            f"The weights to start from have other settings of {method} ({settings})",
            folder,
            "Give the same with --method-set",
        )
    return Start(info.weights_sha256, read_weights(folder, info))
