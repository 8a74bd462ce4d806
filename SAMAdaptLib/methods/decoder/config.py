"""Settings of the decoder method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from SAMAdaptLib.methods.config import MethodConfig, Recipe
from SAMAdaptLib.settings import setting


@dataclass(frozen=True)
class DecoderConfig(MethodConfig):
    """Training of the mask decoder alone (Ranem 2023, section 3).

    The recipe "paper" is its table of hyperparameters: Adam at 1e-4 with a weight decay of 1e-4; no schedule is stated,
    so the rate is constant. It is meant for 75 epochs; the default for runs of minutes has three times the rate, AdamW
    and a schedule.
    """

    what: ClassVar[str] = "setting of decoder"
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "short": Recipe(3e-4),
        "paper": Recipe(1e-4, "adam", weight_decay=1e-4, warmup=0.0, decay_power=0.0),
    }

    prompts: bool = setting(False, "train the prompt encoder's embeddings too; the paper freezes them")
