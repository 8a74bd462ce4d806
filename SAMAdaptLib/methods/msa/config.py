"""Settings of the Medical SAM Adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig
from SAMAdaptLib.methods.recipes import Recipe

MAX_DEPTH = 32
MAX_TOKENS = 16
PREDICTIONS = ("middle", "all")


@dataclass(frozen=True)
class MsaConfig(MethodConfig):
    """Medical SAM Adapter (Wu 2023, section 2.2).

    The paper states neither optimiser nor rate. The recipe "paper" is its public code, Adam at a constant 1e-4 without
    weight decay, for runs of many epochs.

    Attributes:
        ratio: inner width of an adapter over its outer width; the paper leaves it open, the public code has 0.25.
        scale: factor s of the adapters beside an MLP; the paper leaves it open, the public code has 0.5.
        depth: slices of a stack that the encoder sees together, odd or even; 1 for single slices. More than one adds
            the paper's depth branch to every attention block of the encoder.
        predict: which slices of a stack are used: "middle", so that every slice is encoded with its nearest neighbours
            on both sides, at the cost of one stack a slice; or "all", where a volume is cut into stacks and costs one
            for every ``depth`` slices. The paper leaves it open.
        encoder: adapt the image encoder.
        decoder: adapt the first block of the mask decoder and train the rest of it.
        text: CLIP model that reads text prompts, a local folder or an id on the Hugging Face hub; None for a model
            that knows no texts. It is named in the adapter, not part of it.
        text_tokens: prompt tokens that a text becomes; the paper leaves it open, a box has two.
        text_width: width of that model's embeddings; found in it where 0.
        text_hash: of its weights, as :class:`SAMAdaptLib.sam.text.TextEncoder` gives it; written by the training and
            compared whenever the model is loaded.
    """

    filled_in: ClassVar[tuple[str, ...]] = ("text_width", "text_hash")
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "short": Recipe(),
        "paper": Recipe(1e-4, "adam", weight_decay=0.0, warmup=0.0, decay_power=0.0),
    }

    ratio: float = 0.25
    scale: float = 0.5
    depth: int = 1
    predict: str = "middle"
    encoder: bool = True
    decoder: bool = True
    text: str | None = None
    text_tokens: int = 2
    text_width: int = 0
    text_hash: str = ""

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
        if self.predict not in PREDICTIONS:
            raise InputError(f"predict is {self.predict!r}", None, f"Choose one of {', '.join(PREDICTIONS)}")
        if self.predict == "all" and self.depth == 1:
            raise InputError("A single slice is no stack to predict all of", None, "Set depth to 2 or more")
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
        if self.text is not None and not (isinstance(self.text, str) and self.text.strip()):
            raise InputError(f"The text model is {self.text!r}", None, "Name a folder or a hub id, or leave text out")
        if type(self.text_tokens) is not int or not 1 <= self.text_tokens <= MAX_TOKENS:
            raise InputError(
                f"The number of tokens of a text is {self.text_tokens!r}", None, f"Choose 1 to {MAX_TOKENS}"
            )
        if type(self.text_width) is not int or self.text_width < 0:
            raise InputError(f"The width of text embeddings is {self.text_width!r}", None, "Leave text_width out")
        if not isinstance(self.text_hash, str):
            raise InputError(f"The hash of the text model is {self.text_hash!r}", None, "Leave text_hash out")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
