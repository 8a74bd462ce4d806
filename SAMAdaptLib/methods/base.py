"""What every adaptation method is: a name, a config, and a change to a built model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import nn

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.frames import ModelFrame

C = TypeVar("C", bound=MethodConfig)


class Shown(NamedTuple):
    """What is on a slice.

    Attributes:
        present: bool [C], which classes are on it.
        outlines: bool [C, H, W], where they are; None where nobody outlined them.
    """

    present: np.ndarray
    outlines: np.ndarray | None


class Lesson(NamedTuple):
    """What a step minimises.

    Attributes:
        masks: the loss of answers to prompts.
        slices: that on whole slices, where the method has one.
    """

    masks: bool = True
    slices: bool = True


@dataclass(frozen=True, eq=False)
class KnownSlices:
    """B slices of which it is known what is on them.

    Attributes:
        images: uint8 [H, W] each, of any shapes.
        frames: how each lies in the model input.
        shown: what is on each.
    """

    images: list[np.ndarray]
    frames: list[ModelFrame]
    shown: list[Shown]


class Method(ABC, Generic[C]):
    """An adaptation method. ``apply`` changes a model in place so that its output is still the base model's."""

    name: ClassVar[str]
    Config: type[C]
    # Whether slice_rows and slice_loss have something to say.
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

    def lesson(self, config: C, progress: float) -> Lesson:
        """What a step minimises at a progress of 0..1 of the run."""
        return Lesson()

    def small_steps(self, config: C) -> int:
        """How many steps what :meth:`slice_loss` trains does for each step of the run."""
        return 1

    def slice_rows(
        self, model: SamModel, slices: KnownSlices, encode: Callable[[], torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """What :meth:`slice_loss` is to know of slices, in a form that the training can keep.

        Args:
            model: adapted by this method.
            slices: B of them, and what is known.
            encode: gives their embeddings [B, 256, g, g], without gradient; the encoder runs only where it is called.

        Returns:
            tensors [B, ...] by name, none of which depends on what the loss trains, with "present", [B, C], 0 or 1;
            they may come back in half precision.
        """
        raise NotImplementedError(f"{self.name} learns from outlines only")

    def slice_loss(self, model: SamModel, rows: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """A loss on whole slices, for methods that learn from what is on a slice without knowing where.

        Args:
            model: adapted by this method.
            rows: of B slices, see :meth:`slice_rows`.

        Returns:
            the mean over the slices, with gradient to parameters that no other loss reaches.
        """
        raise NotImplementedError(f"{self.name} learns from outlines only")

    def between(
        self, start: Mapping[str, torch.Tensor], trained: Mapping[str, torch.Tensor], share: float
    ) -> dict[str, torch.Tensor] | None:
        """Trainable tensors with which every weight of the model lies between the base's and the adapted one's.

        Args:
            start: the tensors with which the model is the base.
            trained: the adapted ones.
            share: 0..1 of the way to the adapted ones.

        Returns:
            None where the method is no change of weights, whatever the tensors.
        """
        return None

    def merge(self, model: SamModel) -> bool:
        """Fold the adapter into the base weights where that is exact; returns whether it was done.

        Who writes through ``Parameter.data`` says so, see :func:`SAMAdaptLib.sam.fast.cast`.
        """
        return False


class Retraining(Method[C]):
    """A method that trains weights of the base as they are and adds no layer."""

    def between(
        self, start: Mapping[str, torch.Tensor], trained: Mapping[str, torch.Tensor], share: float
    ) -> dict[str, torch.Tensor] | None:
        """See :meth:`Method.between`."""
        return {name: torch.lerp(start[name], tensor, share) for name, tensor in trained.items()}

    def merge(self, model: SamModel) -> bool:
        """The adapted model is a plain SAM with other weights already."""
        model.sam.requires_grad_(False)
        return True


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
