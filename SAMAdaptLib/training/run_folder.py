"""The run folder: everything that a run needs to go on after a kill at any moment.

``config.json`` what was asked; ``metrics.jsonl`` a line a step; ``checkpoints/`` the last states, each whole or absent;
``adapter/`` the result, there once the run is done.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import (
    atomic_path,
    finite,
    remove,
    sweep,
    unwritable,
    writable_folder,
    write_json,
)
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import folder_within
from SAMAdaptLib.sam.weights.read import read_tensors
from SAMAdaptLib.sam.weights.write import write_tensors
from SAMAdaptLib.settings import GONE
from SAMAdaptLib.training.resume import CONFIG, FORMAT_VERSION, INPUTS, read_config, recall, remember

KEPT_CHECKPOINTS = 2
_HASHES = ("exemplars", "images", "base_hash", "start", "synthetic")
# Settings that a run may not know yet, and what every run had then.
_ONCE_FIXED = {"recipe": "short", "optimizer": "adamw", "memory": "fast"}


@dataclass
class State:
    """A moment of a run.

    Attributes:
        step: steps done.
        tensors: trainable parameters and optimiser moments by name.
        extra: plain values: plan, seconds, validation figures.
    """

    step: int
    tensors: dict[str, torch.Tensor]
    extra: dict[str, Any]


class RunFolder:
    """One run on disk.

    Args:
        folder: of the run.
        config: plain values that say what the run is; compared when it is resumed.
        resume: go on with what is there.
        inputs: places of what it is made from, to be remembered, see :mod:`SAMAdaptLib.training.resume`.

    Raises:
        InputError: a run is there and ``resume`` is off, or none is and it is on; another configuration; a folder that
            cannot be written.
    """

    def __init__(
        self,
        folder: str | Path,
        config: dict[str, Any],
        resume: bool,
        inputs: Mapping[str, str | Path | None] | None = None,
    ) -> None:
        self.folder = Path(folder)
        config = finite(config) | {"format_version": FORMAT_VERSION}
        path = self.folder / CONFIG
        if resume:
            recall(self.folder, {})
            _compare(read_config(self.folder), config, self.folder)
        else:
            writable_folder(self.folder)
            with self.alone():
                if path.exists():
                    raise InputError("A run is there already", self.folder, "Add --resume, or choose another folder")
                write_json(path, config | {INPUTS: remember(self.folder, inputs or {})}, anew=False)
        self.checkpoints = folder_within(self.folder, self.folder / "checkpoints")
        self.adapter = self.folder / "adapter"
        self._metrics = self.folder / "metrics.jsonl"

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Keeps a second process from working on the run; raises InputError where one does."""
        return changing(self.folder, 0, "Another process is working on this run")

    @property
    def finished(self) -> bool:
        """Whether the adapter is written."""
        return (self.adapter / "adapter.json").exists()

    def adapter_folder(self) -> Path:
        """Where the adapter is written, made where it is not there; raises InputError where the run itself is gone."""
        return folder_within(self.folder, self.adapter)

    def latest(self) -> State | None:
        """The newest checkpoint that can be read; None on a fresh run.

        A damaged one costs the steps since the one before it, never the run.
        """
        paths = sorted(self.checkpoints.glob("step-*.safetensors"), reverse=True)
        return next((state for state in map(_read_state, paths) if state is not None), None)

    def named(self, name: str) -> State | None:
        """The checkpoint saved under a name, where there is one that can be read."""
        return _read_state(self.checkpoints / f"{name}.safetensors")

    def save(self, state: State, name: str | None = None) -> None:
        """Write a checkpoint; older ones go once it is whole."""
        extra = json.dumps(finite(state.extra | {"step": state.step}))
        path = self.checkpoints / f"{name or f'step-{state.step:08d}'}.safetensors"
        write_tensors(path, state.tensors, {"state": extra}, anew=False)
        for old in sorted(self.checkpoints.glob("step-*.safetensors"))[:-KEPT_CHECKPOINTS]:
            remove(old)

    def drop(self, step: int) -> None:
        """Remove the checkpoint of a step, where there is one that the next one shows to be of no use."""
        remove(self.checkpoints / f"step-{step:08d}.safetensors")

    def append(self, values: dict[str, Any]) -> None:
        """Add a line to the metrics; raises InputError where it cannot be written."""
        try:
            with open(self._metrics, "a", encoding="utf-8") as file:
                file.write(json.dumps(finite(values)) + "\n")
        except OSError as error:
            raise unwritable(self._metrics, error) from error

    def rewind(self, step: int) -> None:
        """Drop metrics of steps that the resumed run will do again, a line torn by a kill, and unfinished files."""
        for folder in (self.folder, self.checkpoints, self.adapter):
            sweep(folder, 0)
        lines = read_metrics(self.folder)
        kept = [line for line in lines if line.get("step", 0) <= step]
        with atomic_path(self._metrics, anew=False) as path:
            path.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")

    def discard_checkpoints(self) -> None:
        """Free the space of a finished run."""
        for path in self.checkpoints.glob("*.safetensors"):
            remove(path)


def read_metrics(folder: str | Path) -> list[dict[str, Any]]:
    """The metrics of a run, one dict a line; a torn last line, and any other that is none of a run, is left out."""
    path = Path(folder) / "metrics.jsonl"
    lines = []
    if path.exists():
        for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(RecursionError, ValueError):
                line = json.loads(text)
                if isinstance(line, dict) and isinstance(line.get("step", 0), int):
                    lines.append(line)
    return lines


def _read_state(path: Path) -> State | None:
    from safetensors import SafetensorError

    try:
        tensors, told = read_tensors(path)
        extra = json.loads(told["state"])
        return State(int(extra["step"]), tensors, extra)
    except (SafetensorError, OSError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return None


def _compare(there: dict[str, Any], wanted: dict[str, Any], folder: Path) -> None:
    there = {name: value for name, value in _ONCE_FIXED.items() if name in wanted} | there
    different = sorted(k for k in (there.keys() | wanted.keys()) - {INPUTS, *GONE} if there.get(k) != wanted.get(k))
    if different:
        # Hashes and whole dictionaries tell nobody anything.
        plain = (k for k in different if k not in _HASHES and not isinstance(wanted.get(k), dict))
        values = "; ".join(f"{k} is {there.get(k)} there and {wanted.get(k)} here" for k in plain)
        raise InputError(
            f"The run there has another {', '.join(different)}" + (f" ({values})" if values else ""),
            folder,
            "Leave the options out to go on with its own, give the same options, or another folder",
        )
