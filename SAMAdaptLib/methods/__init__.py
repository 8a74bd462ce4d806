"""Adaptation methods; a method is a folder here and a line in the registry."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import BaseModel

if TYPE_CHECKING:
    from SAMAdaptLib.methods.base import Method
    from SAMAdaptLib.methods.config import MethodConfig


class MethodEntry(NamedTuple):
    """What a method's folder holds, and what it is called for people.

    Attributes:
        title: one line.
        paper: where it was published.
        method: name of its class in ``model.py``, imported at first use, since it needs torch and peft.
        config: name of the class of its settings in ``config.py``, which needs neither.
        unfit: families of base models that it does not fit.
    """

    title: str
    paper: str
    method: str
    config: str
    unfit: tuple[str, ...] = ()


METHODS = {
    "lora": MethodEntry(
        "LoRA on encoder and decoder (Cheap Lunch)", "Feng et al. 2023, arXiv 2308.14133", "Lora", "LoraConfig"
    ),
    "msa": MethodEntry(
        "Adapters in encoder and decoder (Medical SAM Adapter)", "Wu et al. 2023, arXiv 2304.12620", "Msa", "MsaConfig"
    ),
    "dbsam": MethodEntry(
        "Convolution branch beside the encoder (DB-SAM)",
        "Qin et al. 2024, arXiv 2410.04172",
        "DbSam",
        "DbSamConfig",
        # Its embedding is made from the ends of all stages, not of the last alone.
        unfit=("sam2",),
    ),
    "sammix": MethodEntry(
        "LoRA with boxes from a classifier (SAM-Mix)", "Ward and Imran 2024, arXiv 2412.08575", "SamMix", "SamMixConfig"
    ),
    "decoder": MethodEntry(
        "Mask decoder alone (SAM ablations)", "Ranem et al. 2023, arXiv 2310.00504", "Decoder", "DecoderConfig"
    ),
    "full": MethodEntry(
        "All of SAM (fully tuned, as MedSAM)", "Wu et al. 2023, arXiv 2304.12620, tables 1 and 2", "Full", "FullConfig"
    ),
}


def get_method(name: str) -> Method[Any]:
    """The method of this name.

    Raises:
        InputError: unknown name.
    """
    method: type[Method[Any]] = _part(name, "model", "method")
    return method()


def get_config(name: str) -> type[MethodConfig]:
    """The class of a method's settings; loads no torch.

    Raises:
        InputError: unknown name.
    """
    config: type[MethodConfig] = _part(name, "config", "config")
    return config


def require_fit(method: str, model: BaseModel) -> None:
    """Raises InputError for a method that the base model's encoder does not take."""
    if method in METHODS and model.family in METHODS[method].unfit:
        fit = [name for name, entry in METHODS.items() if model.family not in entry.unfit]
        raise InputError(f"The method {method} does not fit {model.name}", None, f"Choose one of {', '.join(fit)}")


def _part(name: str, module: str, attribute: str) -> Any:
    if name not in METHODS:
        raise InputError("Unknown method", name, f"Choose one of {', '.join(METHODS)}")
    found = import_module(f"{__name__}.{name}.{module}")
    return getattr(found, getattr(METHODS[name], attribute))
