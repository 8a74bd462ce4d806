"""What puts a model back as it was, where something that was begun on it could not be done whole."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

import torch
from torch import nn

from SAMAdaptLib.sam.build import SamModel


class Undo:
    """A model's parts and settings as they are now.

    Only what is told of is copied; everything else is kept as it is by whoever still holds it, here.

    Args:
        model: that may be changed in place from now on.
    """

    def __init__(self, model: SamModel) -> None:
        self._model, self._fields = model, dict(vars(model))
        self._modules = [
            (module, {name: copy(value) if isinstance(value, dict) else value for name, value in vars(module).items()})
            for module in model.sam.modules()
        ]
        self._trained = {parameter: parameter.requires_grad for parameter in model.sam.parameters()}
        self._values: dict[nn.Parameter, torch.Tensor] = {}

    def keep(self, parameters: Iterable[nn.Parameter]) -> None:
        """Copy the values of those that the model had from the start, before they are written over."""
        for parameter in parameters:
            if parameter in self._trained and parameter not in self._values:
                self._values[parameter] = parameter.detach().clone()

    def put_back(self) -> None:
        """Give the model its parts, settings and the kept values back."""
        vars(self._model).update(self._fields)
        for module, before in self._modules:
            now = vars(module)
            for name in now.keys() - before.keys():
                del now[name]
            for name, value in before.items():
                now[name] = _as_it_was(now.get(name), value)
        for parameter, trained in self._trained.items():
            parameter.requires_grad_(trained)
        with torch.no_grad():
            for parameter, value in self._values.items():
                parameter.copy_(value)


def _as_it_was(now: Any, before: Any) -> Any:
    """In the same dict, where it is one: others may hold on to it."""
    if not isinstance(now, dict) or not isinstance(before, dict):
        return before
    now.clear()
    now.update(before)
    return now
