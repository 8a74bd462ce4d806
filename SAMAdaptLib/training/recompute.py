"""Less memory for more time: blocks of the encoder that are computed a second time on the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.sam.build import SamModel


def adapt(model: SamModel, method: Method[Any], config: MethodConfig, memory: str, seed: int = 0) -> None:
    """Apply a method in a memory mode.

    Args:
        model: built, not adapted yet; changed in place.
        method: to be applied.
        config: of the method.
        memory: see :attr:`SAMAdaptLib.training.config.TrainConfig.memory`.
        seed: of the new layers' random start.
    """
    # A method may put others in their places, which are to be found again.
    blocks = model.family.attention_blocks(model.sam.image_encoder)
    method.apply(model, config, seed)
    if memory == "low":
        compute_twice(block.holder[block.place] for block in blocks)


def compute_twice(blocks: Iterable[nn.Module]) -> None:
    """Keep of each of these, in place, only what it was given until its gradient is wanted (Chen 2016, 1604.06174).

    Values and gradients stay what they are, to the bit, since nothing in an encoder is random.
    """
    for block in blocks:
        vars(block)["forward"] = partial(_twice, block.forward)


def _twice(forward: Callable[..., torch.Tensor], *given: torch.Tensor) -> torch.Tensor:
    if not torch.is_grad_enabled():
        return forward(*given)
    result: torch.Tensor = checkpoint(forward, *given, use_reentrant=False, preserve_rng_state=False)
    return result
