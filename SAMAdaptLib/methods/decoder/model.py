"""The mask decoder trained as it is, on the embeddings of a frozen encoder (SAM ablations, MedSAM's first version)."""

from __future__ import annotations

from SAMAdaptLib.methods.base import Retraining
from SAMAdaptLib.methods.decoder.config import DecoderConfig
from SAMAdaptLib.sam.build import SamModel


class Decoder(Retraining[DecoderConfig]):
    """All 4,058,340 parameters of the mask decoder (Ranem 2023, section 3 and table 2), and no layer added.

    The paper calls what it trains the segmentation head; its figures and its public code mean the whole mask decoder.
    All base models have the same one, so the count is the same for each. With ``prompts`` 6,220 more.
    """

    name = "decoder"
    Config = DecoderConfig

    def apply(self, model: SamModel, config: DecoderConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`; nothing here is random."""
        model.sam.requires_grad_(False)
        model.sam.mask_decoder.requires_grad_(True)
        model.sam.prompt_encoder.requires_grad_(config.prompts)
