"""What every adaptation method is: a name, a config, and a change to a built model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.frames import ModelFrame

C = TypeVar("C", bound=MethodConfig)


@dataclass(frozen=True, eq=False)
class KnownSlices:
    """B slices of which it is known what is on them.

    Attributes:
        images: uint8 [H, W] each, of any shapes.
        frames: how each lies in the model input.
        present: bool [B, C], which classes are on each.
        outlines: bool [C, H, W] for each, where the classes are; None where nobody outlined them.
    """

    images: list[np.ndarray]
    frames: list[ModelFrame]
    present: np.ndarray
    outlines: list[np.ndarray | None]


class Method(ABC, Generic[C]):
    """An adaptation method. ``apply`` changes a model in place so that its output is still the base model's."""

    name: ClassVar[str]
    Config: type[C]
    # Whether slice_loss has something to say.
    learns_slices: ClassVar[bool] = False

    @abstractmethod
    def apply(self, model: SamModel, config: C, seed: int = 0) -> None:
        """Add the method's layers and set ``requires_grad`` on exactly the parameters to be trained.

        Args:
            model: built, not adapted yet.
            config: of this method.
            seed: of the new layers' random start.
        """

    def for_classes(self, config: C, count: int) -> C:
        """The config for a library of ``count`` classes, for methods with a part a class."""
        return config

    def rate(self, config: C, name: str) -> float:
        """How many times the run's learning rate a trainable parameter gets, by its name."""
        return 1.0

    def slice_loss(self, model: SamModel, slices: KnownSlices, encode: Callable[[], torch.Tensor]) -> torch.Tensor:
        """A loss on whole slices, for methods that learn from what is on a slice without knowing where.

        Args:
            model: adapted by this method.
            slices: what is known.
            encode: gives their embeddings [B, 256, g, g], without gradient; the encoder runs only where it is called.

        Returns:
            the mean over the slices, with gradient.
        """
        raise NotImplementedError(f"{self.name} learns from outlines only")

    def merge(self, model: SamModel) -> bool:
        """Fold the adapter into the base weights where that is exact; returns whether it was done."""
        return False


def trainable(module: nn.Module) -> dict[str, nn.Parameter]:
    """Trainable parameters by name, in the order of the model; the names that adapter files use.

    peft's adapter name is left out, as in its own files: ``lora_A.default.weight`` becomes ``lora_A.weight``.
    """
    return {n.replace(".default.", "."): p for n, p in module.named_parameters() if p.requires_grad}


def load_trainable(module: nn.Module, state: dict[str, torch.Tensor], where: Any = None) -> None:
    """Copy tensors into the trainable parameters of the same names.

    Raises:
        InputError: a tensor missing, unknown or of another shape.
    """
    wanted = trainable(module)
    wrong = sorted(set(wanted) ^ set(state))
    wrong += [n for n, p in wanted.items() if n in state and state[n].shape != p.shape]
    if wrong:
        raise InputError(
            f"The adapter does not fit this model and method ({len(wrong)} tensors differ, first {wrong[0]!r})",
            where,
            "Use it with the base model and the version that it was trained with",
        )
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(state[name])
