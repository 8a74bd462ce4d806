"""The adapter file: one folder of two files, whatever the method."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, read_json, sha256_file, write_json
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.sam.build import SamModel

FORMAT_VERSION = 1
WEIGHTS = "adapter.safetensors"
INFO = "adapter.json"


@dataclass(frozen=True)
class AdapterInfo:
    """What an adapter needs to be used rightly, and what its reader wants to know.

    Attributes:
        method: name in the registry of methods.
        config: settings of the method.
        base: name of the base model.
        base_hash: hash of the base weights that it was trained on.
        input_size: side of the model input in pixels.
        intensity: the intensity mapping, as text.
        axis: slice axis that it was trained on.
        classes: names of what it was trained to segment.
        steps: training steps done.
        mask_prompts: whether masks of a neighbouring slice help as prompts, as tried at the end of the training.
        validation: figures on held-out exemplars, empty without.
        weights_sha256: of the weights file.
        software: version of this package that wrote it.
        created: UTC time of writing.
        format_version: of this file.
    """

    method: str
    config: dict[str, Any]
    base: str
    base_hash: str
    input_size: int
    intensity: str
    axis: str
    classes: tuple[str, ...]
    steps: int
    mask_prompts: bool = False
    validation: dict[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""
    software: str = __version__
    created: str = ""
    format_version: int = FORMAT_VERSION


def save_adapter(folder: str | Path, model: SamModel, info: AdapterInfo) -> AdapterInfo:
    """Write the trainable parameters and their description; the description last, as the sign of completeness."""
    from safetensors.torch import save_file

    folder = Path(folder)
    state = {name: p.detach().cpu().contiguous() for name, p in trainable(model.sam).items()}
    with atomic_path(folder / WEIGHTS) as path:
        save_file(state, path)
    created = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    values = asdict(info) | {"weights_sha256": sha256_file(folder / WEIGHTS), "created": created}
    write_json(folder / INFO, values)
    return AdapterInfo(**values | {"classes": tuple(info.classes)})


def find_adapter(path: str | Path) -> Path:
    """The adapter's folder, given it or the run folder around it.

    Raises:
        InputError: there is none, or the run has not finished.
    """
    path = Path(path)
    for folder in (path, path / "adapter"):
        if (folder / INFO).is_file():
            return folder
    if (path / "config.json").is_file():
        raise InputError("This run has no adapter yet", path, "Go on with `samadapt finetune ... --resume`")
    raise InputError("No adapter here", path, "Give the folder that `samadapt finetune --output` wrote")


def read_adapter_info(path: str | Path) -> AdapterInfo:
    """Read and check an adapter's description.

    Raises:
        InputError: no adapter, a damaged description, or one from a newer version.
    """
    folder = find_adapter(path)
    values = read_json(folder / INFO, "adapter description")
    if not isinstance(values, dict) or not isinstance(values.get("format_version"), int):
        raise InputError("The adapter description is damaged", folder / INFO, "Restore it from a copy")
    if values["format_version"] > FORMAT_VERSION:
        raise InputError(
            f"The adapter was written by a newer SAMAdapt ({values.get('software')})", folder, "Update SAMAdapt"
        )
    names = {f.name for f in fields(AdapterInfo)}
    missing = sorted(names - set(values))
    if missing:
        raise InputError(f"The adapter description lacks {missing[0]!r}", folder / INFO, "Restore it from a copy")
    return AdapterInfo(**{n: tuple(values[n]) if n == "classes" else values[n] for n in names})


def apply_adapter(model: SamModel, path: str | Path, merge: bool = True) -> AdapterInfo:
    """Put a saved adapter onto a freshly built base model, for prediction.

    Args:
        model: not adapted yet; changed in place.
        path: adapter or run folder.
        merge: fold it into the weights where that is exact.

    Raises:
        InputError: wrong base model, input size, or altered weights.
    """
    folder = find_adapter(path)
    info = read_adapter_info(folder)
    if info.base_hash != model.base_hash:
        raise InputError(
            f"The adapter was trained on other weights ({info.base}, {info.base_hash[:12]}) "
            f"than those loaded ({model.base.name}, {model.base_hash[:12]})",
            folder,
            f"Use --model {info.base} with the checkpoint of the training",
        )
    if info.input_size != model.input_size:
        raise InputError(
            f"The adapter was trained at input size {info.input_size}, the model runs at {model.input_size}",
            folder,
            f"Build the model at {info.input_size}",
        )
    state = read_weights(folder, info)
    method = get_method(info.method)
    method.apply(model, method.Config.from_dict(info.config))
    load_trainable(model.sam, state, folder)
    model.adapter_hash = info.weights_sha256
    model.mask_prompts = info.mask_prompts
    model.sam.requires_grad_(False)
    if merge:
        method.merge(model)
    return info


def read_weights(folder: Path, info: AdapterInfo) -> dict[str, torch.Tensor]:
    """The adapter's tensors, after comparing the file with its hash.

    Raises:
        InputError: missing, truncated or altered.
    """
    from safetensors.torch import load_file

    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError("The adapter's weights are missing", path, "Copy the folder again as a whole")
    if sha256_file(path) != info.weights_sha256:
        raise InputError("The adapter's weights are damaged or altered", path, "Copy the folder again as a whole")
    return load_file(path)
