"""All of SAM trained as it is (the fully tuned SAM of Medical SAM Adapter's tables)."""

from __future__ import annotations

from SAMAdaptLib.methods.base import Retraining
from SAMAdaptLib.methods.full.config import FullConfig
from SAMAdaptLib.sam.build import SamModel


class Full(Retraining[FullConfig]):
    """Image encoder, prompt encoder and mask decoder, and no layer added (Wu 2023, section 3.2).

    ViT-B: 93,735,472 parameters, of which 89,670,912 are in the encoder, 6,220 in the prompt encoder and 4,058,340 in
    the decoder; an adapter of 375 MB. Statistics of batch norm stay those of the base.

    The work that Wu 2023 cites for its row tuned the decoder alone in its first version and encoder and decoder in
    later ones; the row's name is followed here.
    """

    name = "full"
    Config = FullConfig

    def apply(self, model: SamModel, config: FullConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`; nothing here is random."""
        model.sam.image_encoder.requires_grad_(config.encoder)
        model.sam.prompt_encoder.requires_grad_(config.prompts)
        model.sam.mask_decoder.requires_grad_(True)
