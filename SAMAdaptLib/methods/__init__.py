"""Adaptation methods; a method is a folder here and a line in the registry."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.methods.base import Method


class MethodEntry(NamedTuple):
    """Where a method is, and what it is called for people.

    Attributes:
        module: imported at first use, since it needs torch and peft.
        class_name: of the method, in that module.
        title: one line.
    """

    module: str
    class_name: str
    title: str


METHODS = {
    "lora": MethodEntry("SAMAdaptLib.methods.lora.model", "Lora", "LoRA on encoder and decoder (Cheap Lunch)"),
    "msa": MethodEntry("SAMAdaptLib.methods.msa.model", "Msa", "Adapters in encoder and decoder (Medical SAM Adapter)"),
    "dbsam": MethodEntry("SAMAdaptLib.methods.dbsam.model", "DbSam", "Convolution branch beside the encoder (DB-SAM)"),
    "sammix": MethodEntry("SAMAdaptLib.methods.sammix.model", "SamMix", "LoRA with boxes from a classifier (SAM-Mix)"),
    "decoder": MethodEntry("SAMAdaptLib.methods.decoder.model", "Decoder", "Mask decoder alone (SAM ablations)"),
}


def get_method(name: str) -> Method:
    """The method of this name.

    Raises:
        InputError: unknown name.
    """
    if name not in METHODS:
        raise InputError("Unknown method", name, f"Choose one of {', '.join(METHODS)}")
    entry = METHODS[name]
    return getattr(import_module(entry.module), entry.class_name)()
