"""Settings of the LoRA method."""

from __future__ import annotations

from dataclasses import dataclass

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig


@dataclass(frozen=True)
class LoraConfig(MethodConfig):
    """Cheap Lunch (Feng 2023, section 2.2).

    Both recipes are the paper's: AdamW at 1e-3 with warm-up and what it calls exponential decay, which in SAMed is the
    power 0.9 of the remaining share; weight decay, which the paper leaves open, is SAMed's 0.1.

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
        """Raises InputError naming the first setting that cannot be."""
        if type(self.rank) is not int or self.rank < 1:
            raise InputError(f"LoRA rank {self.rank!r} is no whole number above 0", None, "Choose a rank of 1 to 64")
        parts = ("encoder", "decoder", "heads", "prompts")
        for name in parts:
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} is {getattr(self, name)!r}", None, "Give true or false")
        if not any(getattr(self, name) for name in parts):
            raise InputError("LoRA with every part switched off trains nothing", None, "Switch a part on")
