"""Settings of a training run, as they stand in the run folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from math import isfinite
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.recipes import OPTIMIZERS, RECIPES
from SAMAdaptLib.settings import unknown_setting

DEFAULT_PROMPTS = "random-point=0.35,point=0.15,box:0.05=0.35,neighbour=0.15"


@dataclass(frozen=True)
class TrainConfig:
    """One fine-tuning run.

    The paper's own setting (Cheap Lunch, sections 2 and 3.3) is ``prompts="random-point"``,
    ``real_share=0``, ``empty_share=0``, ``corrections=0``, ``iou_weight=0``; the defaults add what interactive use
    needs: boxes, slices without the object, prompts as propagation makes them, and a trained IoU estimate.

    Attributes:
        model: name of the base model.
        method: name of the adaptation method.
        method_config: its settings.
        input_size: side of the model input in pixels, None for the native one.
        steps: optimiser steps; None lets the budget decide.
        budget_minutes: wall time for the whole run, None for no limit.
        batch_size: slices a step.
        prompts_per_slice: prompts (objects) decoded a slice.
        prompts: mix of prompt strategies, "name=weight,..."; see :mod:`SAMAdaptLib.training.prompting`.
        corrections: share of prompts that are answered a second time with a click into the error and the first answer;
            those of ``clicks:N`` in the mix are answered N times in any case.
        recipe: whose values the five settings after this one have where they are None: "short", the method's for runs
            of minutes on a few exemplars, or "paper", those of its paper; see ``recipes`` of the method's config.
        lr: peak learning rate.
        optimizer: "adamw" or "adam".
        weight_decay: of the optimiser.
        warmup: share of the run in which the rate rises linearly.
        decay_power: power of the polynomial decay after that; 0 keeps the rate.
        clip: largest gradient norm.
        ce_weight: weight of the cross entropy (paper: 1).
        dice_weight: weight of the Dice loss (paper: 0.8).
        iou_weight: weight of the squared error of the IoU estimate.
        synthesis: train on synthetic slices as well.
        synthetic_count: size of the synthetic set.
        synthesis_config: its settings, see :class:`SAMAdaptLib.synthesis.config.SynthesisConfig`.
        real_share: share of exemplars as they are, when synthesis is on.
        empty_share: share of slices without the prompted object.
        known_slices: slices a step for the loss on whole slices, where the method has one.
        known_weight: weight of that loss.
        found_share: share of prompts that are boxes found by the model itself, where the method finds objects, once a
            third of the run is over; before that it finds nothing of use.
        validation: "auto", "none" or the share of patients held out.
        checkpoint_seconds: wall time between checkpoints.
        precision: of the encoder.
        device: see :func:`SAMAdaptLib.inference.load.pick_device`.
        seed: of everything random.
    """

    model: str = "lite_medsam"
    method: str = "lora"
    method_config: dict[str, Any] = field(default_factory=dict)
    input_size: int | None = None
    steps: int | None = None
    budget_minutes: float | None = None
    batch_size: int = 2
    prompts_per_slice: int = 4
    prompts: str = DEFAULT_PROMPTS
    corrections: float = 0.25
    recipe: str = RECIPES[0]
    lr: float | None = None
    optimizer: str | None = None
    weight_decay: float | None = None
    warmup: float | None = None
    decay_power: float | None = None
    clip: float = 1.0
    ce_weight: float = 1.0
    dice_weight: float = 0.8
    iou_weight: float = 0.1
    synthesis: bool = True
    synthetic_count: int = 1000
    synthesis_config: dict[str, Any] = field(default_factory=dict)
    real_share: float = 0.5
    empty_share: float = 0.1
    known_slices: int = 4
    known_weight: float = 1.0
    found_share: float = 0.5
    validation: str | float = "auto"
    checkpoint_seconds: float = 30.0
    precision: str = "auto"
    device: str = "auto"
    seed: int = 0

    def validate(self) -> None:
        """Raises InputError naming the first setting that cannot be."""
        check_kinds(self)
        if self.steps is None and self.budget_minutes is None:
            raise InputError("A run needs a length", None, "Give --steps, --budget-minutes or both")
        for name, known in (("recipe", RECIPES), ("optimizer", (*OPTIMIZERS, None))):
            if getattr(self, name) not in known:
                choice = " or ".join(one for one in known if one)
                raise InputError(f"{name} is {getattr(self, name)!r}", None, f"Give {choice}")
        positive = ("batch_size", "prompts_per_slice", "lr", "clip", "synthetic_count", "known_slices")
        for name in positive + ("steps", "budget_minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} is {value}", None, "It must be above 0")
        for name in ("warmup", "real_share", "empty_share", "corrections", "found_share"):
            if not 0 <= (getattr(self, name) or 0) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}", None, "It must lie between 0 and 1")
        at_least_0 = ("seed", "weight_decay", "decay_power", "ce_weight", "dice_weight", "iou_weight", "known_weight")
        for name in at_least_0:
            if (getattr(self, name) or 0) < 0:
                raise InputError(f"{name} is {getattr(self, name)}", None, "It must be 0 or more")
        if self.validation not in ("auto", "none"):
            try:
                inside = 0 < float(self.validation) < 1
            except ValueError:
                inside = False
            if not inside:
                raise InputError(f"validation is {self.validation!r}", None, "Give auto, none or a share such as 0.2")

    def with_recipe(self) -> TrainConfig:
        """These settings with those of the recipe where nothing else is given.

        Raises:
            InputError: a setting that cannot be, or an unknown method.
        """
        self.validate()
        recipe = asdict(get_method(self.method).Config.recipes[self.recipe])
        return replace(self, **{name: value for name, value in recipe.items() if getattr(self, name) is None})

    def to_dict(self) -> dict[str, Any]:
        """Plain values by field name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Read what :meth:`to_dict` wrote; raises InputError for an unknown field."""
        names = [f.name for f in fields(cls)]
        for name in values:
            if name not in names:
                raise unknown_setting("Unknown training setting", name, names)
        return cls(**values)


# What a declared type takes, and how to ask for it. A whole number will do for a number.
_KINDS = {
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a finite number"),
    "str": ((str,), "a text"),
    "dict": ((dict,), "names and values"),
}


def check_kinds(config: Any) -> None:
    """Raises InputError naming the first field of a dataclass whose value is not of its declared type, or not finite.

    Args:
        config: with the types of _KINDS, optional or several with ``|``.
    """
    for one in fields(config):
        value, declared = getattr(config, one.name), [kind.partition("[")[0] for kind in one.type.split(" | ")]
        if value is None and "None" in declared:
            continue
        kinds, wanted = zip(*(_KINDS[kind] for kind in declared if kind != "None"), strict=True)
        kinds = sum(kinds, ())
        # True is an int to Python, and to nobody else.
        fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
        if not fits or (isinstance(value, float) and not isfinite(value)):
            raise InputError(f"{one.name} is {value!r}", None, f"Give {' or '.join(wanted)}")
