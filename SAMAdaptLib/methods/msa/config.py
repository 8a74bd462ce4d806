"""Settings of the Medical SAM Adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.config import MethodConfig, Recipe
from SAMAdaptLib.settings import setting


@dataclass(frozen=True)
class MsaConfig(MethodConfig):
    """Medical SAM Adapter (Wu 2023, section 2.2).

    The paper states neither optimiser nor rate. The recipe "paper" is its public code, Adam at a constant 1e-4 without
    weight decay, for runs of many epochs.
    """

    what: ClassVar[str] = "setting of msa"
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "short": Recipe(),
        "paper": Recipe(1e-4, "adam", weight_decay=0.0, warmup=0.0, decay_power=0.0),
    }

    # Both are left open by the paper; these are the public code's.
    ratio: float = setting(0.25, "inner width of an adapter over its outer width", above=0, high=1)
    scale: float = setting(0.5, "factor s of the adapters beside an MLP", above=0)
    # More than one slice adds the paper's depth branch to every attention block of the encoder.
    depth: int = setting(
        1,
        "slices that the encoder sees together as a stack, odd or even; exemplars need their neighbours for it, see "
        "`samadapt exemplars add --neighbours`",
        low=1,
        high=32,
    )
    predict: str = setting(
        "middle",
        "which slices of a stack are used: middle, so that every slice is encoded with its nearest neighbours on both "
        "sides, at the cost of one stack a slice; or all, where a volume is cut into stacks and costs one for every "
        "depth slices",
        choices=("middle", "all"),
    )
    encoder: bool = setting(True, "adapt the image encoder")
    decoder: bool = setting(True, "adapt the first block of the mask decoder and train the rest of it")
    text: str | None = setting(
        None,
        "CLIP model that reads text prompts; None for a model that knows no texts. It is named in the adapter, not "
        "part of it",
        form="a local folder or an id on the Hugging Face hub",
    )
    # The paper leaves the number open; a box has two.
    text_tokens: int = setting(2, "prompt tokens that a text becomes", low=1, high=16)
    text_width: int = setting(0, "width of that model's embeddings", low=0, filled_in=True)
    text_hash: str = setting("", "hash of its weights, compared whenever the model is loaded", filled_in=True)

    @property
    def reads(self) -> bool:
        """See :attr:`MethodConfig.reads`."""
        return self.text is not None

    def check(self) -> None:
        """Raises InputError for parts that do not go together."""
        if self.predict == "all" and self.depth == 1:
            raise InputError("A single slice is no stack to predict all of", None, "Set depth to 2 or more")
        if not (self.encoder or self.decoder):
            raise InputError("MSA with encoder and decoder switched off trains nothing", None, "Switch one on")
        if self.depth > 1 and not self.encoder:
            remedy = "Switch the encoder on or set depth to 1"
            raise InputError(f"Stacks of {self.depth} slices need an adapted encoder", None, remedy)
        if self.text is not None and not self.text.strip():
            raise InputError(f"text is {self.text!r}", None, f"Give {self.known()['text'].takes}, or leave text out")
