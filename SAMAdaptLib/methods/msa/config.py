"""Settings of the Medical SAM Adapter."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig

MAX_DEPTH = 32


@dataclass(frozen=True)
class MsaConfig(MethodConfig):
    """Medical SAM Adapter (Wu 2023, section 2.2).

    Attributes:
        ratio: inner width of an adapter over its outer width; the paper leaves it open, the public code has 0.25.
        scale: factor s of the adapters beside an MLP; the paper leaves it open, the public code has 0.5.
        depth: slices of a stack that the encoder sees together, odd or even; 1 for single slices. More than one adds
            the paper's depth branch to every attention block of the encoder.
        encoder: adapt the image encoder.
        decoder: adapt the first block of the mask decoder and train the rest of it.
    """

    ratio: float = 0.25
    scale: float = 0.5
    depth: int = 1
    encoder: bool = True
    decoder: bool = True

    def validate(self) -> None:
        """Raises InputError naming the first setting that cannot be."""
        if not (_is_number(self.ratio) and 0 < self.ratio <= 1):
            raise InputError(f"The ratio of the adapters is {self.ratio!r}", None, "Choose a ratio above 0, up to 1")
        if not (_is_number(self.scale) and self.scale > 0):
            raise InputError(f"The scale of the adapters is {self.scale!r}", None, "Choose a scale above 0, say 0.5")
        if type(self.depth) is not int or not 1 <= self.depth <= MAX_DEPTH:
            raise InputError(
                f"The depth of a stack is {self.depth!r}", None, f"Choose a whole number of 1 to {MAX_DEPTH} slices"
            )
        for name in ("encoder", "decoder"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} is {getattr(self, name)!r}", None, "Give true or false")
        if not (self.encoder or self.decoder):
            raise InputError("MSA with encoder and decoder switched off trains nothing", None, "Switch one on")
        if self.depth > 1 and not self.encoder:
            raise InputError(
                f"Stacks of {self.depth} slices need an adapted encoder",
                None,
                "Switch the encoder on or set depth to 1",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
