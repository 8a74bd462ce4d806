"""What the configs of all methods have: settings that travel in the adapter, and how the parameters are moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from SAMAdaptLib.settings import Settings

OPTIMIZERS = ("adamw", "adam")
# Names of a method's recipes; the first is the default.
RECIPES = ("short", "paper")


@dataclass(frozen=True)
class Recipe:
    """Settings of a training where the user gives none, as :class:`SAMAdaptLib.training.config.TrainConfig` has them.

    The defaults are what lora and msa were measured with in runs of some minutes on a dozen slices, see
    Resources/results; they are SAMed's, on which Cheap Lunch builds, with that paper's rate.
    """

    lr: float = 1e-3
    optimizer: str = "adamw"
    weight_decay: float = 0.1
    warmup: float = 0.1
    decay_power: float = 0.9


@dataclass(frozen=True)
class MethodConfig(Settings):
    """Base of the methods' configs: plain values that travel in the adapter file.

    Attributes:
        recipes: how it is trained unless the user says otherwise, by the names of :data:`RECIPES`: the method's values
            for runs of minutes on a few exemplars, or those of its paper. They belong to the training and do not
            travel.
    """

    recipes: ClassVar[Mapping[str, Recipe]] = {"short": Recipe(), "paper": Recipe()}

    @property
    def finds(self) -> bool:
        """Whether the adapted model segments its classes without prompts."""
        return False

    @property
    def prompted(self) -> bool:
        """Whether it answers prompts."""
        return True

    @property
    def reads(self) -> bool:
        """Whether it answers texts."""
        return False

    @property
    def idle(self) -> tuple[str, ...]:
        """Names of its settings that decide nothing as the others are."""
        return ()

    @classmethod
    def settings(cls) -> dict[str, Any]:
        """Defaults of the fields that are for the user to choose, by name."""
        return {one.name: one.default for one in cls.known().values() if not one.filled_in}
