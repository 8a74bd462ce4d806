"""How the trained parameters of a method are moved: its paper's values, and those for runs of minutes."""

from __future__ import annotations

from dataclasses import dataclass

OPTIMIZERS = ("adamw", "adam")
# Names of a method's recipes; the first is the default.
RECIPES = ("short", "paper")


@dataclass(frozen=True)
class Recipe:
    """Settings of a training where the user gives none.

    The defaults are what lora and msa were measured with in runs of some minutes on a dozen slices, see
    Resources/results; they are SAMed's, on which Cheap Lunch builds, with that paper's rate.

    Attributes:
        lr: peak learning rate.
        optimizer: "adamw", or "adam", which adds the weight decay to the gradient.
        weight_decay: of either.
        warmup: share of the run in which the rate rises linearly.
        decay_power: power of the polynomial decay after that; 0 keeps the rate.
    """

    lr: float = 1e-3
    optimizer: str = "adamw"
    weight_decay: float = 0.1
    warmup: float = 0.1
    decay_power: float = 0.9
