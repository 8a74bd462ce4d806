"""Families of base models; a family is a file here and a line in the registry."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from SAMAdaptLib.sam.families.base import Family


class FamilyEntry(NamedTuple):
    """Where a family is: a module, imported at first use since it needs torch, and the class in it."""

    module: str
    class_name: str


FAMILIES = {
    "vit": FamilyEntry("SAMAdaptLib.sam.families.vit", "VitFamily"),
    "tiny_vit": FamilyEntry("SAMAdaptLib.sam.families.tiny_vit", "TinyVitFamily"),
}


@cache
def get_family(name: str) -> Family[nn.Module, nn.Module]:
    """The family of this name, always the same object.

    Raises:
        InputError: unknown name.
    """
    if name not in FAMILIES:
        raise InputError("Unknown family of base models", name, f"Choose one of {', '.join(FAMILIES)}")
    entry = FAMILIES[name]
    family: Family[nn.Module, nn.Module] = getattr(import_module(entry.module), entry.class_name)()
    return family
