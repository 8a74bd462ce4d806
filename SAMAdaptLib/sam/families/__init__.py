"""Families of base models; a family is a file here and a line in the registry."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import BaseModel

if TYPE_CHECKING:
    from torch import nn

    from SAMAdaptLib.sam.families.base import Family


class FamilyEntry(NamedTuple):
    """Where a family is: a module, imported at first use since it needs torch, and the class in it.

    Attributes:
        memory: whether its models carry an object by what they remember of other slices.
    """

    module: str
    class_name: str
    memory: bool = False


FAMILIES = {
    "vit": FamilyEntry("SAMAdaptLib.sam.families.vit", "VitFamily"),
    "tiny_vit": FamilyEntry("SAMAdaptLib.sam.families.tiny_vit", "TinyVitFamily"),
    "sam2": FamilyEntry("SAMAdaptLib.sam.families.sam2", "Sam2Family", memory=True),
}


def has_memory(base: BaseModel) -> bool:
    """Whether a base model can carry an object by what it remembers of other slices."""
    return FAMILIES[base.family].memory


def require_memory(base: BaseModel) -> None:
    """Raises InputError for a base model that remembers nothing of other slices."""
    if not has_memory(base):
        raise InputError(
            f"{base.name} has no memory of other slices", None, "Choose a SAM 2, such as sam2_tiny, or do without"
        )


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
