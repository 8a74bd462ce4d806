"""Settings of the LoRA method."""

from __future__ import annotations

from dataclasses import dataclass

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig


@dataclass(frozen=True)
class LoraConfig(MethodConfig):
    """Cheap Lunch (Feng 2023, section 2.2).

    Attributes:
        rank: of every low-rank update; the scale is 1, as in the paper (alpha = rank).
        encoder: adapt q and v of every attention of the image encoder.
        decoder: adapt q and v of the mask decoder's seven attentions.
        heads: train the decoder outside its transformer (tokens, upscaling, hypernetworks, IoU head).
        prompts: train the prompt encoder's embeddings.
    """

    rank: int = 4
    encoder: bool = True
    decoder: bool = True
    heads: bool = True
    prompts: bool = True

    def validate(self) -> None:
        """Raises InputError for a rank below 1 or nothing to train."""
        if self.rank < 1:
            raise InputError(f"LoRA rank {self.rank} is below 1", None, "Choose a rank of 1 to 64")
        if not (self.encoder or self.decoder or self.heads or self.prompts):
            raise InputError("LoRA with every part switched off trains nothing", None, "Switch a part on")
