"""Settings of a training run, as they stand in the run folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, TypeVar

from SAMAdaptLib import defaults
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_config, require_fit
from SAMAdaptLib.methods.config import OPTIMIZERS, RECIPES, MethodConfig, Recipe
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.settings import Settings, setting
from SAMAdaptLib.synthesis.config import SynthesisConfig

# Names of the memory modes; the first is the default.
MEMORIES = ("fast", "low")
# The validation that leaves out each patient in turn.
CROSSED = "crossed"

R = TypeVar("R", bound="RunConfig")


@dataclass(frozen=True)
class RunConfig(Settings):
    """What every run has, whatever it trains.

    Attributes:
        minutes: budget where nobody says how long the run is to be.
    """

    minutes: ClassVar[float]

    model: str = setting(defaults.MODEL, "base model that is adapted")
    method: str = setting(defaults.METHOD, "adaptation method")
    method_config: dict[str, Any] = setting({}, "its settings")
    input_size: int | None = setting(None, "side of the model input; the native one by default", low=1, unit="pixels")
    steps: int | None = setting(None, "optimiser steps, with or instead of a budget", low=1)
    budget_minutes: float | None = setting(
        None,
        "wall time of the whole run, which ends in time with the best state that it found",
        above=0,
        unit="minutes",
    )
    seed: int = setting(
        0, "start of everything random: the same seed gives the same slices and the same training", low=0
    )
    device: str = setting(defaults.DEVICE, "what the run works on", form="auto, cpu, mps, cuda or cuda:NUMBER")
    precision: str = setting(defaults.PRECISION, "of the image encoder", choices=("auto", "fp32", "bf16"))
    clip: float = setting(1.0, "largest gradient norm", above=0)
    checkpoint_seconds: float = setting(30.0, "wall time between checkpoints", low=0, unit="seconds")

    def check(self) -> None:
        """Raises InputError for an unknown method or one that does not fit the base model, settings that it has not, or
        some that would decide nothing."""
        method = self.of_method()
        if self.model in MODELS:
            require_fit(self.method, MODELS[self.model])
        for name in method.idle:
            one, value = method.known()[name], getattr(method, name)
            if value != one.default:
                raise InputError(
                    f"{name} is {value}, and {self.method} so set makes no use of it", "method_config", "Leave it out"
                )

    def of_method(self) -> MethodConfig:
        """The method's settings.

        Raises:
            InputError: an unknown method, or settings that it has not.
        """
        return get_config(self.method).from_dict(self.method_config, "method_config")

    def with_length(self: R) -> R:
        """These settings, with the usual budget where they do not say how long the run is to be."""
        return self if self.has_length else replace(self, budget_minutes=self.minutes)

    @property
    def has_length(self) -> bool:
        """Whether they say how long the run is to be."""
        return self.steps is not None or self.budget_minutes is not None

    def limited(self: R) -> R:
        """These settings, where they say how long the run is to be.

        Raises:
            InputError: neither a number of steps nor a budget.
        """
        if not self.has_length:
            raise InputError("A run needs a length", None, "Give --steps, --budget-minutes or both")
        return self


@dataclass(frozen=True)
class TrainConfig(RunConfig):
    """One fine-tuning run.

    The paper's own setting (Cheap Lunch, sections 2 and 3.3) is ``prompts="random-point"``,
    ``real_share=0``, ``empty_share=0``, ``corrections=0``, ``iou_weight=0``; the defaults add what interactive use
    needs: boxes, slices without the object, prompts as propagation makes them, and a trained IoU estimate.
    """

    what: ClassVar[str] = "training setting"
    minutes: ClassVar[float] = defaults.MINUTES

    batch_size: int = setting(2, "slices a step", low=1)
    prompts_per_slice: int = setting(4, "prompts (objects) decoded a slice", low=1)
    # See SAMAdaptLib.training.prompting.
    prompts: str = setting(
        "random-point=0.35,point=0.15,box:0.05=0.35,neighbour=0.15",
        "mix of training prompts, e.g. clicks:3=0.5,box:0.1=0.5",
        form="NAME=WEIGHT, separated by commas",
    )
    # Those of clicks:N in the mix are answered N times in any case.
    corrections: float = setting(
        0.25,
        "share of prompts that are answered a second time with a click into the error and the first answer",
        low=0,
        high=1,
    )
    recipe: str = setting(
        RECIPES[0],
        "whose values the five settings after this one have where they are None: short, the method's for runs of "
        "minutes on a few exemplars, or paper, those of its paper",
        choices=RECIPES,
    )
    lr: float | None = setting(None, "peak learning rate", above=0)
    optimizer: str | None = setting(
        None, "adamw, or adam, which adds the weight decay to the gradient", choices=OPTIMIZERS
    )
    weight_decay: float | None = setting(None, "weight decay of the optimiser", low=0)
    warmup: float | None = setting(None, "share of the run in which the rate rises linearly", low=0, high=1)
    decay_power: float | None = setting(None, "power of the polynomial decay after that; 0 keeps the rate", low=0)
    ce_weight: float = setting(1.0, "weight of the cross entropy (paper: 1)", low=0)
    dice_weight: float = setting(0.8, "weight of the Dice loss (paper: 0.8)", low=0)
    iou_weight: float = setting(0.1, "weight of the squared error of the IoU estimate", low=0)
    synthesis: bool = setting(True, "train on synthetic slices too, beside the exemplars themselves")
    synthetic_count: int = setting(
        1000,
        "different synthetic slices that training draws from; they are made on demand and take no space on disk",
        low=1,
    )
    synthesis_config: dict[str, Any] = setting({}, "settings of the synthesis, as `samadapt synthesize` has them")
    real_share: float = setting(0.5, "share of exemplars as they are, when synthesis is on", low=0, high=1)
    empty_share: float = setting(0.1, "share of slices without the prompted object", low=0, high=1)
    known_slices: int = setting(
        1, "slices a step that are encoded for the loss on whole slices alone, where the method has one", low=1
    )
    # Before a third of the run is over the model finds nothing of use.
    found_share: float = setting(
        0.5,
        "share of box prompts that are replaced by boxes found by the model itself, where the method finds objects, "
        "once a third of the run is over",
        low=0,
        high=1,
    )
    memory: str = setting(
        MEMORIES[0],
        "what a step keeps of the encoder for its way back: fast, what that needs; or low, what each block was given, "
        "and the block is computed a second time: less memory, the same gradients, some more time",
        choices=MEMORIES,
    )
    validation: str | float = setting(
        "auto",
        "patients held out to measure the adapter; auto is one in five, where there are enough, else one slice in "
        "five, on which only base and adapter are compared; crossed compares them on each patient in turn, three at "
        "most, by short trainings without that patient, which take a quarter of the run; the adapter learns from all",
        form="auto, crossed, none or a share such as 0.2",
    )

    def check(self) -> None:
        """Raises InputError for settings of method or synthesis that cannot be, or patients that cannot be held out."""
        super().check()
        SynthesisConfig.from_dict(self.synthesis_config, "synthesis_config")
        if not self.of_method().prompted:
            if self.validation == CROSSED:
                what = "Each patient in turn is compared on by prompts, and the adapter answers none"
                raise InputError(what, None, "Give validation=auto")
            if self.prompts != self.known()["prompts"].default:
                what = f"prompts is {self.prompts!r}, and {self.method} so set is trained without prompts"
                raise InputError(what, None, "Leave it out, or in a study name it in the rows that have prompts")
        if self.validation not in ("auto", CROSSED, "none"):
            try:
                inside = 0 < float(self.validation) < 1
            except ValueError:
                inside = False
            if not inside:
                takes = self.known()["validation"].takes
                raise InputError(f"validation is {self.validation!r}", None, f"Give {takes}")

    def full_recipe(self) -> Recipe:
        """How the parameters are moved: as given, else as the recipe says."""
        recipe = get_config(self.method).recipes[self.recipe]
        given = {name: getattr(self, name) for name in vars(recipe)}
        return replace(recipe, **{name: value for name, value in given.items() if value is not None})

    def with_recipe(self) -> TrainConfig:
        """These settings with those of the recipe where nothing else is given.

        Raises:
            InputError: they do not say how long the run is to be.
        """
        return replace(self.limited(), **asdict(self.full_recipe()))
