"""Adaptation methods; a method is a folder here and a line in the registry."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.methods.base import Method

# name: module and class, imported at first use since they need torch and peft.
METHODS = {
    "lora": ("SAMAdaptLib.methods.lora.model", "Lora"),
}


def get_method(name: str) -> Method:
    """The method of this name.

    Raises:
        InputError: unknown name.
    """
    if name not in METHODS:
        raise InputError("Unknown method", name, f"Choose one of {', '.join(METHODS)}")
    module, cls = METHODS[name]
    return getattr(import_module(module), cls)()
