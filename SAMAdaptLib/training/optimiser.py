"""Optimisers of torch without its compiler."""

from __future__ import annotations

import inspect
from typing import TypeVar

import torch

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """An optimiser whose calls do not load torch's compiler, which takes longer than a step and compiles nothing here.

    torch wraps some of its methods into words for the compiler, and loads it for them. What is wrapped is called
    instead; where nothing is, nothing changes.
    """
    own = {name: inspect.unwrap(getattr(kind, name)) for name in ("add_param_group", "zero_grad", "step")}
    # One of the wrappers sees to this as well.
    made: type[Kind] = type(kind.__name__, (kind,), {**own, "step": torch.no_grad()(own["step"])})
    return made
