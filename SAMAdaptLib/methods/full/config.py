"""Settings of the full tuning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from SAMAdaptLib.methods.config import MethodConfig, Recipe
from SAMAdaptLib.settings import setting


@dataclass(frozen=True)
class FullConfig(MethodConfig):
    """Training of all of SAM, the row against which Wu 2023 (section 3.2, tables 1 and 2) sets its adapters.

    That paper calls it MedSAM, after Ma 2023 (arXiv 2304.12306), and states none of its settings. The recipe "paper" is
    that of MedSAM's public code, AdamW at a constant 1e-4 with a weight decay of 0.01; the default for runs of minutes
    has the same rate with a warm-up and a schedule.
    """

    what: ClassVar[str] = "setting of full"
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "short": Recipe(1e-4, weight_decay=0.01),
        "paper": Recipe(1e-4, weight_decay=0.01, warmup=0.0, decay_power=0.0),
    }

    encoder: bool = setting(True, "train the image encoder; without it, what is left is the method decoder")
    prompts: bool = setting(True, "train the prompt encoder's embeddings; MedSAM freezes them")
