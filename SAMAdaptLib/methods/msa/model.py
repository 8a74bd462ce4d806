"""Bottleneck adapters in encoder and decoder (Medical SAM Adapter), for slices and for stacks of them."""

from __future__ import annotations

from dataclasses import replace

import torch

from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.layers import AdaptedBlock, AdaptedTwoWayBlock
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.text import TextEncoder, TextPrompter, text_width


class Msa(Method[MsaConfig]):
    """Adapters in a frozen SAM (Wu 2023, section 2.2); the decoder's second block and heads trained as they are.

    ViT-B: 7,100,928 parameters in two adapters a block, 10,651,392 with the third that stacks need; in the decoder
    115,712 in the adapters of the first block and 2,478,820 in everything after it. TinyViT has adapters in its blocks
    with attention, none in its convolutions.

    For a depth D > 1 the image encoder takes [B*D, 3, S, S] and returns [B*D, 256, g, g], where each run of D images
    is one stack; ``SamModel.depth`` says so to whoever feeds it. Attention over depth knows no order, so every place of
    a stack is treated alike: ``predict`` decides which of the embeddings are used (``SamModel.whole_stacks``), changes
    no parameter, and a loss on one place trains all.

    With a text model (section 2.3) a text is a prompt as well: CLIP's embedding of it goes through one linear layer of
    its own into prompt tokens, with CLIP's width w and T tokens 256 T (w + 1) parameters. CLIP stays as it is and
    outside the adapter. The paper has its texts written by a language model and lets one text name several objects;
    here the training makes a text of one class's name, see :mod:`SAMAdaptLib.training.prompting`.

    The paper also trains the encoder beforehand on other medical images, in ways that it names but does not specify;
    here it starts from the base model's weights. The public code passes all parameters to its optimiser.
    """

    name = "msa"
    Config = MsaConfig

    def apply(self, model: SamModel, config: MsaConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`."""
        sam = model.sam
        sam.requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if config.encoder:
                for block in model.family.attention_blocks(sam.image_encoder):
                    block.holder[block.place] = AdaptedBlock(model.family, block, config)
            if config.decoder:
                sam.mask_decoder.requires_grad_(True)
                layers = sam.mask_decoder.transformer.layers
                layers[0] = AdaptedTwoWayBlock(layers[0].requires_grad_(False), config)
            if config.text is not None:
                width = config.text_width or text_width(config.text)
                sam.text_prompter = TextPrompter(
                    config.text, width, config.text_tokens, model.family.width, config.text_hash
                )
        sam.eval().to(model.device)
        model.depth = config.depth
        model.whole_stacks = config.predict == "all"

    def for_classes(self, config: MsaConfig, count: int) -> MsaConfig:
        """With width and hash of the text model, so that the adapter holds what another one is told by.

        Raises:
            InputError: the text model is not to be found, not usable, or not the one of ``text_hash``.
        """
        if config.text is None:
            return config
        found = TextEncoder(config.text, config.text_hash)
        return replace(config, text_width=found.width, text_hash=found.sha256)
