"""Settings of a pretraining run, as they stand in the run folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.settings import unknown_setting
from SAMAdaptLib.training.config import check_kinds
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import AXES

OBJECTIVES = ("emix", "shed", "mae")
PARTS = ("adapters", "encoder")


@dataclass(frozen=True)
class PretrainConfig:
    """One run of self-supervised training of the image encoder (Wu 2023, section 2.3).

    The paper names e-Mix, ShED (both Tamkin 2021, arXiv 2111.12062, "DABS") and a masked autoencoder, and gives no
    setting of any of them, nor weights, rate or length; where a value below is not marked, it is ours.

    Attributes:
        model: name of the base model.
        train: "adapters" of a method on a frozen encoder, or the whole "encoder".
        method: name of the method whose adapters are trained; without a part in "encoder".
        method_config: its settings.
        input_size: side of the model input in pixels, None for the native one.
        objectives: "name" or "name=weight", separated by commas; the loss is the weighted sum.
        steps: optimiser steps; None lets the budget decide.
        budget_minutes: wall time for the whole run, None for no limit.
        batch_size: slices a step; two at least for e-Mix, which sets them against each other.
        axis: along which the volumes are cut.
        intensity: mapping of all volumes, as text; None suggests one for each from its values.
        slices_per_volume: at most so many, evenly spaced: neighbours hardly differ, and e-Mix would push them apart.
        patches: patches on a side of the model input, for ShED and the autoencoder; the embedding's grid where that is
            coarser. 16 makes patches of 64 pixels at 1024 and 16 at 256, between MAE's (1/14 of the side) and
            SimMIM's (1/6).
        shuffle_ratio: share of the patches that ShED moves (DABS: 0.15).
        mask_ratio: share of the patches that the autoencoder has to fill in (SimMIM: 0.6; MAE, which shows its encoder
            nothing in their place: 0.75).
        temperature: of e-Mix (DABS's code: 0.2).
        lr: peak learning rate of what is kept (DABS's code: 1e-4).
        head_lr: peak learning rate of the heads, which start from nothing and are thrown away.
        weight_decay: of AdamW (DABS's code: 1e-4).
        warmup: share of the run in which the rate rises linearly.
        decay_power: power of the polynomial decay after that; 0 keeps the rate.
        clip: largest gradient norm.
        checkpoint_seconds: wall time between checkpoints.
        precision: of the encoder.
        device: see :func:`SAMAdaptLib.inference.load.pick_device`.
        seed: of everything random.
    """

    model: str = "lite_medsam"
    train: str = "adapters"
    method: str = "msa"
    method_config: dict[str, Any] = field(default_factory=dict)
    input_size: int | None = None
    objectives: str = ",".join(OBJECTIVES)
    steps: int | None = None
    budget_minutes: float | None = None
    batch_size: int = 4
    axis: str = "axial"
    intensity: str | None = None
    slices_per_volume: int = 64
    patches: int = 16
    shuffle_ratio: float = 0.15
    mask_ratio: float = 0.6
    temperature: float = 0.2
    lr: float = 1e-4
    head_lr: float = 1e-3
    weight_decay: float = 1e-4
    warmup: float = 0.1
    decay_power: float = 0.9
    clip: float = 1.0
    checkpoint_seconds: float = 30.0
    precision: str = "auto"
    device: str = "auto"
    seed: int = 0

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each objective in use, in a fixed order.

        Raises:
            InputError: unknown or doubled name, a weight that is no positive number, none at all.
        """
        found: dict[str, float] = {}
        for part in self.objectives.split(","):
            name, equals, text = part.strip().partition("=")
            if name not in OBJECTIVES or name in found:
                what = "Unknown objective" if name not in OBJECTIVES else "An objective is named twice"
                raise InputError(what, repr(name), f"Choose from {', '.join(OBJECTIVES)}")
            try:
                found[name] = float(text) if equals else 1.0
            except ValueError:
                found[name] = 0.0
            if not (found[name] > 0 and isfinite(found[name])):
                raise InputError(f"The weight of {name} is {text!r}", None, "Write NAME=WEIGHT with a weight above 0")
        return {name: found[name] for name in OBJECTIVES if name in found}

    def validate(self) -> None:
        """Raises InputError naming the first setting that cannot be."""
        check_kinds(self)
        if self.train not in PARTS:
            raise InputError(f"What to train is {self.train!r}", None, f"Choose {' or '.join(PARTS)}")
        if self.steps is None and self.budget_minutes is None:
            raise InputError("A run needs a length", None, "Give --steps, --budget-minutes or both")
        if self.axis not in AXES:
            raise InputError("Unknown slice axis", self.axis, f"Choose one of {', '.join(AXES)}")
        if self.intensity is not None:
            Intensity.parse(self.intensity)
        positive = ("batch_size", "slices_per_volume", "temperature", "lr", "head_lr", "clip")
        for name in positive + ("steps", "budget_minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} is {value}", None, "It must be above 0")
        for name in ("warmup", "shuffle_ratio", "mask_ratio"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}", None, "It must lie between 0 and 1")
        for name in ("seed", "decay_power"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}", None, "It must be 0 or more")
        if self.patches < 2:
            raise InputError(f"patches is {self.patches}", None, "It must be 2 or more")
        if "emix" in self.weights and self.batch_size < 2:
            raise InputError("e-Mix mixes slices with one another", None, "Give a batch size of 2 or more")

    def to_dict(self) -> dict[str, Any]:
        """Plain values by field name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PretrainConfig:
        """Read what :meth:`to_dict` wrote; raises InputError for an unknown field."""
        names = [f.name for f in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown_setting("Unknown pretraining setting", name, names)
        return cls(**values)
