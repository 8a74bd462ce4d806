"""The descriptions that come with SAMAdapt; read without torch, as an application lists them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def presets() -> dict[str, Path]:
    """The descriptions that come with SAMAdapt, by name."""
    folder = Path(str(resources.files("SAMAdaptLib.study") / "presets"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}
