"""The adapter file: one folder of two files, whatever the method."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from SAMAdaptLib.adapters.info import (
    FORMAT_VERSION,
    INFO,
    WEIGHTS,
    AdapterInfo,
    check_base,
    check_weights,
    find_adapter,
    read_adapter_info,
)
from SAMAdaptLib.adapters.signature import check_signature
from SAMAdaptLib.adapters.undo import Undo
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_file, write_json
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.weights.read import read_tensors
from SAMAdaptLib.sam.weights.write import write_tensors

__all__ = [
    "FORMAT_VERSION",
    "INFO",
    "WEIGHTS",
    "AdapterInfo",
    "apply_adapter",
    "find_adapter",
    "read_adapter_info",
    "read_weights",
    "save_adapter",
]


def save_adapter(folder: str | Path, model: SamModel, info: AdapterInfo) -> AdapterInfo:
    """Write the trainable parameters and their description; the description last, as the sign of completeness."""
    folder = Path(folder)
    write_tensors(folder / WEIGHTS, {name: p.detach().cpu() for name, p in trainable(model.sam).items()})
    created = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    values = asdict(info) | {"weights_sha256": sha256_file(folder / WEIGHTS), "created": created}
    write_json(folder / INFO, values, anew=False)
    return AdapterInfo(**values | {"classes": tuple(info.classes)})


def apply_adapter(model: SamModel, path: str | Path, merge: bool = True, share: float = 1.0) -> AdapterInfo:
    """Put a saved adapter onto a freshly built base model, for prediction. Whatever goes wrong, the model stays as it
    was.

    Args:
        model: not adapted yet; changed in place.
        path: adapter or run folder.
        merge: fold it into the weights where that is exact.
        share: how far from the base's weights to the adapter's; below 1 only for methods that are a change of weights.

    Raises:
        InputError: wrong base model, input size, altered weights, or a signature that does not hold; a share where the
            method has no weights between.
    """
    folder = find_adapter(path)
    info = read_adapter_info(folder)
    check_base(info, folder, model.base.name, model.base_hash)
    if info.input_size != model.input_size:
        raise InputError(
            f"The adapter was trained at input size {info.input_size}, the model runs at {model.input_size}",
            folder,
            f"Build the model at {info.input_size}",
        )
    method = get_method(info.method)
    if share != 1 and method.between({}, {}, share) is None:
        raise InputError(
            f"The adapter's description asks for weights halfway to the base's, and {info.method} has none between",
            folder / INFO,
            "Restore it from a copy",
        )
    state = read_weights(folder, info)
    check_signature(folder, info)
    undo = Undo(model)
    try:
        _put_on(model, folder, info, state, share, undo)
        if merge:
            undo.keep(_merged_into(model))
            method.merge(model)
    except BaseException:
        undo.put_back()
        raise
    return info


def _put_on(
    model: SamModel, folder: Path, info: AdapterInfo, state: dict[str, torch.Tensor], share: float, undo: Undo
) -> None:
    method = get_method(info.method)
    method.apply(model, method.Config.from_dict(info.config, folder / INFO))
    undo.keep(trainable(model.sam).values())
    if share != 1:
        start = {name: p.detach().clone() for name, p in trainable(model.sam).items()}
        load_trainable(model.sam, state, folder)
        state = method.between(start, state, share) or {}
    load_trainable(model.sam, state, folder)
    model.adapter_hash = info.weights_sha256 + ("" if share == 1 else f"-{share:g}")
    model.adapter_settings = {**info.config, "method": info.method}
    model.intensity, model.axis, model.tile = info.intensity, info.axis, info.tile
    model.mask_prompts = info.mask_prompts
    model.sam.requires_grad_(False)


def _merged_into(model: SamModel) -> Iterator[nn.Parameter]:
    """Weights of the base to which layers will add theirs."""
    for module in model.sam.modules():
        base = getattr(module, "base_layer", None)
        if callable(getattr(module, "merge", None)) and isinstance(base, nn.Module):
            yield from base.parameters()


def read_weights(folder: Path, info: AdapterInfo) -> dict[str, torch.Tensor]:
    """The adapter's tensors, after comparing the file with its hash.

    Raises:
        InputError: missing, truncated or altered; NaN or infinite values, with which every mask would come out empty.
    """
    path = check_weights(folder, info)
    tensors = read_tensors(path)[0]
    lost = [name for name, tensor in tensors.items() if not torch.isfinite(tensor.float()).all()]
    if lost:
        what = f"The adapter's weights are no numbers ({len(lost)} of {len(tensors)} tensors, first {lost[0]!r})"
        raise InputError(what, path, "Take another adapter, or train it again")
    return tensors
