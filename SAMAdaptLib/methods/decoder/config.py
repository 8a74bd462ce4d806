"""Settings of the decoder method."""

from __future__ import annotations

from dataclasses import dataclass

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig


@dataclass(frozen=True)
class DecoderConfig(MethodConfig):
    """Training of the mask decoder alone (Ranem 2023, section 3).

    Attributes:
        prompts: train the prompt encoder's embeddings too; the paper freezes them.
    """

    prompts: bool = False

    def validate(self) -> None:
        """Raises InputError for a switch that is neither true nor false."""
        if not isinstance(self.prompts, bool):
            raise InputError(f"prompts is {self.prompts!r}", None, "Give true or false")
