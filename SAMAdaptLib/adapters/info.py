"""What an adapter's description says; read without torch, so that an application can list adapters."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib import __version__
from SAMAdaptLib.adapters.comparison import is_sound
from SAMAdaptLib.defaults import LEAST_TILE
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import read_mapping, refuse_newer, sha256_file
from SAMAdaptLib.methods import get_config

if TYPE_CHECKING:
    from SAMAdaptLib.methods.config import MethodConfig

FORMAT_VERSION = 1
WEIGHTS = "adapter.safetensors"
INFO = "adapter.json"
# What stands in the place of a mix of prompts where an adapter answers none.
UNPROMPTED = "none"
# What descriptions from before these fields existed are taken to say.
ADDED: dict[str, Any] = {"prompts": "", "comparison": {}, "data": {}, "licence": "", "tile": 0}


@dataclass(frozen=True)
class AdapterInfo:
    """What an adapter needs to be used rightly, and what its reader wants to know.

    Attributes:
        method: name in the registry of methods.
        config: settings of the method.
        base: name of the base model.
        base_hash: hash of the base weights that it was trained on.
        input_size: side of the model input in pixels.
        intensity: the intensity mapping, as text; of a training with CT and others that of CT, " | " and that of the
            others.
        axis: slice axis that it was trained on.
        classes: names of what it was trained to segment.
        steps: training steps done.
        mask_prompts: whether masks of a neighbouring slice help as prompts, as tried at the end of the training.
        validation: figures on held-out exemplars, empty without.
        prompts: mix of prompts that it was trained with, as :mod:`SAMAdaptLib.training.prompting` reads it; "" where
            that is not known, as of adapters from before it was written down and of pretrained ones; UNPROMPTED where
            it labels whole slices by itself and answers no prompt.
        comparison: of base and adapted weights for each kind of prompt, as
            :func:`SAMAdaptLib.adapters.comparison.compare` makes it, and of patients in turn "steps", of each of their
            trainings; empty where nothing was held out.
        data: what it was trained on: "slices" that were outlined and "unlabelled" ones, of how many "patients",
            and "held_out" slices beside them; "classes", by name on how many of the slices; "images", "CT" or "other
            than CT" or both; "pixel_mm", the smallest and the largest pixel; "synthetic", whether slices were made of
            them. Empty where that is not known.
        licence: under which it is handed on, and whom to credit; "" where nobody has said so.
        tile: side in pixels of the tiles of large slices that it was trained on, in which it then sees them; 0 where it
            was trained on whole slices.
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
    prompts: str = ""
    comparison: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    tile: int = 0
    weights_sha256: str = ""
    software: str = __version__
    created: str = ""
    format_version: int = FORMAT_VERSION

    @property
    def prompted(self) -> bool:
        """Whether it answers prompts."""
        return self.prompts != UNPROMPTED

    def of_method(self) -> MethodConfig:
        """Settings of its method.

        Raises:
            InputError: a method or settings that are not known here.
        """
        return get_config(self.method).from_dict(self.config)


def without_paths(info: AdapterInfo) -> AdapterInfo:
    """Of folders of this machine in the method's settings only the last name."""
    def told(value: Any) -> Any:
        local = isinstance(value, str) and (Path(value).expanduser().is_absolute() or value.startswith("."))
        return Path(value).name if local else value

    return replace(info, config={name: told(value) for name, value in info.config.items()})


def find_adapter(path: str | os.PathLike[str]) -> Path:
    """The adapter's folder, given it or the run folder around it.

    Raises:
        InputError: there is none, or the run has not finished.
    """
    path = Path(path)
    for folder in (path, path / "adapter"):
        if (folder / INFO).is_file():
            return folder
    if (path / "config.json").is_file():
        raise InputError("This run has no adapter yet", path, "Go on with --resume")
    raise InputError("No adapter here", path, "Give the folder that `samadapt finetune --output` wrote")


def read_adapter_info(path: str | Path) -> AdapterInfo:
    """Read and check an adapter's description.

    Raises:
        InputError: no adapter, a damaged description, or one from a newer version.
    """
    file = find_adapter(path) / INFO
    return as_info(read_mapping(file, "adapter description"), file)


def as_info(values: dict[str, Any], where: str | os.PathLike[str]) -> AdapterInfo:
    """A description that was read from a file.

    Args:
        values: that stand there.
        where: for errors.

    Raises:
        InputError: it is damaged, or from a newer version.
    """
    remedy = "Restore it from a copy"
    if not isinstance(values.get("format_version"), int):
        raise InputError("The adapter description is damaged", where, remedy)
    refuse_newer(values["format_version"], FORMAT_VERSION, "adapter", where, str(values.get("software", "")))
    values = ADDED | values
    names = [f.name for f in fields(AdapterInfo)]
    missing = sorted(set(names) - set(values))
    if missing:
        raise InputError(f"The adapter description lacks {missing[0]!r}", where, remedy)
    wrong = [name for name in names if not _is_sound(name, values[name])]
    if wrong:
        raise InputError(f"The adapter description is damaged at {wrong[0]!r}", where, remedy)
    read = {name: values[name] for name in names}
    return AdapterInfo(**read | {"classes": tuple(read["classes"])})


def check_base(info: AdapterInfo, where: str | Path, base: str, base_hash: str | None = None) -> None:
    """Check that an adapter goes with a base model.

    Args:
        info: of the adapter.
        where: it lies.
        base: name of the base model.
        base_hash: of its weights, where they are known already.

    Raises:
        InputError: it was trained on another base model, or on other weights of it.
    """
    if info.base != base:
        raise InputError(
            f"The adapter was trained on {info.base}, not on {base}",
            where,
            f"Choose the base model {info.base}, or an adapter of {base}",
        )
    if base_hash is not None and info.base_hash != base_hash:
        raise InputError(
            f"The adapter was trained on other weights of {base} ({info.base_hash[:12]}) than those loaded "
            f"({base_hash[:12]})",
            where,
            f"Use --model {base} with the checkpoint of the training",
        )


def check_weights(folder: Path, info: AdapterInfo) -> Path:
    """The weights file, after comparing it with its hash.

    Raises:
        InputError: missing, truncated or altered.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError("The adapter's weights are missing", path, "Copy the folder again as a whole")
    if sha256_file(path) != info.weights_sha256:
        raise InputError("The adapter's weights are damaged or altered", path, "Copy the folder again as a whole")
    return path


def is_line(value: Any) -> bool:
    """Whether it is text that can be shown on a line."""
    return isinstance(value, str) and (not value or value.isprintable()) and len(value) <= 1000


def _is_sound(name: str, value: Any) -> bool:
    if name == "licence":
        return is_line(value)
    if name == "tile":
        return isinstance(value, int) and not isinstance(value, bool) and (value == 0 or value >= LEAST_TILE)
    if name == "classes":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if name == "comparison":
        return isinstance(value, dict) and is_sound(value)
    if name == "data":
        return value == {} or _is_sound_data(value)
    kinds = {
        "config": dict, "validation": dict, "input_size": int, "steps": int, "format_version": int,
        "mask_prompts": bool,
    }  # fmt: skip
    return isinstance(value, kinds.get(name, str))


def _is_sound_data(value: Any) -> bool:
    """Whether every number and name that :attr:`AdapterInfo.data` has is there and is one."""
    def number(one: Any) -> bool:
        return isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one < math.inf

    def count(one: Any) -> bool:
        return isinstance(one, int) and number(one)

    if not isinstance(value, dict):
        return False
    counts = [value.get(name) for name in ("slices", "unlabelled", "patients", "held_out")]
    classes, images, sizes = (value.get(name) for name in ("classes", "images", "pixel_mm"))
    return (
        all(map(count, counts))
        and isinstance(classes, dict)
        and all(map(count, classes.values()))
        and isinstance(images, list)
        and all(isinstance(one, str) for one in images)
        and isinstance(sizes, list)
        and len(sizes) == 2
        and all(map(number, sizes))
        and isinstance(value.get("synthetic"), bool)
    )
