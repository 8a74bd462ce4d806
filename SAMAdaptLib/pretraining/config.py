"""Settings of a pretraining run, as they stand in the run folder."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

from SAMAdaptLib import defaults
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.settings import setting
from SAMAdaptLib.training.config import RunConfig
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import AXES

OBJECTIVES = ("emix", "shed", "mae")
PARTS = ("adapters", "encoder")


@dataclass(frozen=True)
class PretrainConfig(RunConfig):
    """One run of self-supervised training of the image encoder (Wu 2023, section 2.3).

    The paper names e-Mix, ShED (both Tamkin 2021, arXiv 2111.12062, "DABS") and a masked autoencoder, and gives no
    setting of any of them, nor weights, rate or length; where a value below is not marked, it is ours.
    """

    what: ClassVar[str] = "pretraining setting"
    minutes: ClassVar[float] = defaults.PRETRAINING_MINUTES

    method: str = setting("msa", "whose adapters are trained; without a part where the whole encoder is")
    train: str = setting(
        PARTS[0],
        "adapters: RUN is for finetune --start-from; or encoder, the whole of it: RUN/checkpoint.safetensors is for "
        "any --checkpoint",
        choices=PARTS,
    )
    objectives: str = setting(
        ",".join(OBJECTIVES),
        "what is learnt, of emix, shed and mae; emix=0.5 sets a weight in the sum of their losses",
        form="NAME or NAME=WEIGHT, separated by commas",
    )
    batch_size: int = setting(4, "slices a step; two at least for e-Mix, which sets them against each other", low=1)
    axis: str = setting(defaults.AXIS, "along which the volumes are cut", choices=AXES)
    intensity: str | None = setting(
        None,
        "mapping of all volumes; by default one is suggested for each from its values",
        form="window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax",
    )
    # Neighbours hardly differ, and e-Mix would push them apart.
    slices_per_volume: int = setting(64, "at most so many, evenly spaced", low=1)
    # 16 makes patches of 64 pixels at 1024 and 16 at 256, between MAE's (1/14 of the side) and SimMIM's (1/6).
    patches: int = setting(
        16,
        "patches on a side of the model input, for ShED and the autoencoder; the embedding's grid where that is "
        "coarser",
        low=2,
    )
    shuffle_ratio: float = setting(0.15, "share of the patches that ShED moves (DABS: 0.15)", low=0, high=1)
    # MAE, which shows its encoder nothing in their place, has 0.75.
    mask_ratio: float = setting(
        0.6, "share of the patches that the autoencoder has to fill in (SimMIM: 0.6)", low=0, high=1
    )
    temperature: float = setting(0.2, "of e-Mix (DABS's code: 0.2)", above=0)
    lr: float = setting(1e-4, "peak learning rate of what is kept (DABS's code: 1e-4)", above=0)
    head_lr: float = setting(
        1e-3, "peak learning rate of the heads, which start from nothing and are thrown away", above=0
    )
    weight_decay: float = setting(1e-4, "weight decay of AdamW (DABS's code: 1e-4)", low=0)
    warmup: float = setting(0.1, "share of the run in which the rate rises linearly", low=0, high=1)
    decay_power: float = setting(0.9, "power of the polynomial decay after that; 0 keeps the rate", low=0)

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

    def check(self) -> None:
        """Raises InputError for settings that do not go together."""
        super().check()
        if self.intensity is not None:
            Intensity.parse(self.intensity)
        if "emix" in self.weights and self.batch_size < 2:
            raise InputError("e-Mix mixes slices with one another", None, "Give a batch size of 2 or more")
