"""What a run folder knows of its settings and inputs, so that the run can go on without them being named again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import read_mapping, refuse_newer
from SAMAdaptLib.paths import holds
from SAMAdaptLib.settings import Settings

CONFIG = "config.json"
INPUTS = "inputs"
FORMAT_VERSION = 1

is_run = holds(CONFIG, "format_version")


def remember(run: str | Path, inputs: Mapping[str, str | Path | None]) -> dict[str, dict[str, str]]:
    """The places of a run's inputs as they stand in its configuration: from the root, and as seen from the run."""
    places = {}
    for name, path in inputs.items():
        if path is not None:
            places[name] = {"path": os.path.abspath(path)}
            # Two disks of Windows have no way from one to the other.
            with contextlib.suppress(ValueError):
                places[name]["from_run"] = os.path.relpath(path, run)
    return places


def read_config(run: Path) -> dict[str, Any]:
    """What stands in a run's configuration.

    Raises:
        InputError: there is none, it is damaged, or a newer version wrote it.
    """
    stored = read_mapping(run / CONFIG, "run configuration", _is_sound)
    refuse_newer(stored.get("format_version", 0), FORMAT_VERSION, "run", run)
    return stored


def _is_sound(stored: dict[str, Any]) -> bool:
    places = stored.get(INPUTS, {})
    named = isinstance(places, dict) and all(
        isinstance(place, dict) and all(isinstance(text, str) for text in place.values()) and "path" in place
        for place in places.values()
    )
    return named and isinstance(stored.get("format_version", 0), int)


def stored_settings(run: str | Path, kind: type[Settings]) -> dict[str, Any]:
    """The settings of a kind that a run began with, by name; none where no run is there."""
    stored = read_config(Path(run)) if (Path(run) / CONFIG).exists() else {}
    return {name: stored[name] for name in kind.known() if name in stored}


def recall(run: str | Path, given: Mapping[str, str | Path | None]) -> dict[str, Path | None]:
    """The inputs of a run that is to go on: those given, else those that it remembers.

    A run that was moved together with its inputs finds them from where it is now.

    Args:
        run: its folder.
        given: by name (as of a command line's option, with _ for -); None where it is to be remembered.

    Raises:
        InputError: no run there; an input that is no longer where it was.
    """
    run = Path(run)
    if not (run / CONFIG).exists():
        raise InputError(
            "There is no run to go on with", run, "Check the folder, or leave --resume out to begin a run there"
        )
    places = read_config(run).get(INPUTS, {})
    return {
        name: _found(run, name, places.get(name)) if path is None else Path(path) for name, path in given.items()
    }


def _found(run: Path, name: str, place: Mapping[str, str] | None) -> Path | None:
    if not place:
        return None
    candidates = [Path(place["path"])]
    if "from_run" in place:
        candidates.append(Path(os.path.normpath(run / place["from_run"])))
    for path in candidates:
        # Unlike pathlib, it takes a name that no system has for one that is not there.
        if os.path.exists(path):
            return path
    option = "--" + name.replace("_", "-")
    raise InputError(
        f"The {name.replace('_', ' ')} of the run is no longer there", candidates[0], f"Name its place by {option}"
    )
