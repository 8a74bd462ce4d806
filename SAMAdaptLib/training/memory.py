"""How much memory a training takes, found without weights and before anything runs, and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.files import read_json, write_json
from SAMAdaptLib.methods import get_config, require_fit
from SAMAdaptLib.sam.kept import ESTIMATES
from SAMAdaptLib.sam.registry import BaseModel, check_size, get_model
from SAMAdaptLib.sam.weights.locate import cache_folder
from SAMAdaptLib.shortage import size_text
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.estimates import FOUND

# What a process takes beside tensors: Python, torch, peft and kernels' workspace; and what memory management leaves
# unused between blocks of many sizes, as a share of a step, and at the most. Of LiteMedSAM's trainings on the CPU
# (glibc, 32-bit encoders) the peaks are met within 8 %; on a GPU context and caching allocator take the place of these.
PROGRAM_BYTES = 460_000_000
UNUSED_SHARE, UNUSED_BYTES = 0.7, 700_000_000
LIBRARY = Path(__file__).resolve().parents[1]
# What a step is made of.
ROOMS = ("methods", "sam", "training")
PACKAGES = ("torch", "peft", "segment-anything")
# Beginnings of the environment's variables that choose how it is computed.
SWITCHES = "SAMADAPT_PLAIN"
PARTS = ("weights", "optimiser", "step", "trainable")


@dataclass(frozen=True)
class MemoryEstimate:
    """Memory of a training at its fullest moment, in 32-bit numbers; 16-bit encoders take up to half of ``step``.

    Attributes:
        bytes: of the whole process. What it keeps of slices that come again is not in it: 150 MB with LiteMedSAM, up to
            1 GB where most of the encoder stays as it is.
        text: for people, with the parts.
        weights: of the model.
        optimiser: moments of the trained parameters.
        trainable: number of trained parameters.
        step: of one step: what the backward pass needs, temporary results and gradients.
        program: of the program itself and memory that lies unused between what is in use.
    """

    bytes: int
    text: str
    weights: int
    optimiser: int
    step: int
    trainable: int
    program: int


def estimate(
    model: str | BaseModel,
    method: str = TrainConfig.method,
    batch_size: int = TrainConfig.batch_size,
    prompts_per_slice: int = TrainConfig.prompts_per_slice,
    input_size: int | None = None,
    method_config: dict[str, Any] | None = None,
    corrections: float = TrainConfig.corrections,
    memory: str = TrainConfig.memory,
) -> MemoryEstimate:
    """What a step takes that is run without contents, see :func:`SAMAdaptLib.training.dry_run.run_dry`.

    What kernels take for themselves is not in ``step``, nor is a method's loss on whole slices; against the allocator's
    own count it has been within a few per cent with small models, and some 100 MB below it with LiteMedSAM. For models
    of the registry at their native size under default settings :mod:`SAMAdaptLib.training.estimates` knows the answer;
    any other is remembered in the cache folder for as long as neither SAMAdapt's code nor torch changes. torch is
    loaded only where neither has it.

    Args:
        model: name of the base model, or an entry of one's own.
        method: name of the adaptation method.
        batch_size: slices a step.
        prompts_per_slice: prompts decoded a slice.
        input_size: side of the model input in pixels; the native one by default.
        method_config: settings of the method.
        corrections: share of prompts that are answered a second time.
        memory: see :attr:`TrainConfig.memory`.

    Raises:
        InputError: unknown model or method, an unsupported size, a setting that cannot be.
    """
    base = get_model(model) if isinstance(model, str) else model
    size = check_size(base, input_size)
    require_fit(method, base)
    config = get_config(method).from_dict(method_config or {}).to_dict()
    corrected = math.ceil(corrections * prompts_per_slice)
    given = (model, method, batch_size, prompts_per_slice, size, config, corrected, memory)
    taken = _remembered(*given) if isinstance(model, str) else _taken(*given)
    weights, optimiser, step, trainable = (taken[part] for part in PARTS)
    program = PROGRAM_BYTES + int(min(UNUSED_SHARE * step, UNUSED_BYTES))
    total = weights + optimiser + step + program
    text = (
        f"about {size_text(total)} ({size_text(weights)} model, {size_text(optimiser)} optimiser, "
        f"{size_text(step)} for a step of {counted(batch_size, 'slice')} at {size} pixels, "
        f"{size_text(program)} for the program and what lies unused between)"
    )
    return MemoryEstimate(total, text, weights, optimiser, step, trainable, program)


def _taken(*given: Any) -> dict[str, int]:
    from SAMAdaptLib.training.dry_run import run_dry

    return run_dry(*given)


def shipped_name(model: str, method: str, *settings: Any) -> str:
    """What :data:`SAMAdaptLib.training.estimates.FOUND` calls an estimate: with a hash of all that it was asked for."""
    return f"{model} {method} {hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]}"


def _remembered(*given: Any) -> dict[str, int]:
    """What :func:`_taken` gives, or gave for the same code."""
    switches = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(SWITCHES))
    if not switches and (name := shipped_name(*given)) in FOUND:
        return dict(zip(PARTS, FOUND[name], strict=True))
    path, key, code = cache_folder() / ESTIMATES, json.dumps([*given, *switches]), _code()
    known: dict[str, dict[str, int]] = {}
    with contextlib.suppress(InputError, TypeError, KeyError):
        kept = read_json(path, "estimates")
        known = kept["found"] if kept["code"] == code else {}
        return {part: int(known[key][part]) for part in PARTS}
    taken = _taken(*given)
    # A cache that cannot be written is no reason to fail.
    with contextlib.suppress(InputError, OSError):
        write_json(path, {"code": code, "found": {**known, key: taken}}, private=True)
    return taken


@cache
def _code() -> str:
    """A hash of the code that an estimate depends on."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package} {metadata.version(package)} ".encode())
    for room in ROOMS:
        for source in sorted((LIBRARY / room).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()
