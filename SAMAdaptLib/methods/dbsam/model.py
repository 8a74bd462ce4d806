"""A convolution branch beside the frozen encoder, and the decoder trained (DB-SAM)."""

from __future__ import annotations

import torch

from SAMAdaptLib.methods.base import Method, MethodConfig
from SAMAdaptLib.methods.dbsam.config import DbSamConfig
from SAMAdaptLib.methods.dbsam.encoder import DualBranchEncoder
from SAMAdaptLib.sam.build import SamModel


class DbSam(Method):
    """DB-SAM (Qin 2024): a convolution branch beside the frozen encoder, and the mask decoder trained as it is.

    Parameters on ViT-B with four stages:

    ========================================  ==========  ==========
    part                                            lean        full
    ========================================  ==========  ==========
    channel attention, 4 of 893,184            3,572,736   3,572,736
    cross-attention, 8, without their FFN     10,372,224  10,372,224
    their FFN, 768 to 192 or 3,072             2,366,976  37,779,456
    convolution branch                           195,008   1,910,528
    fusion                                       199,040     199,040
    mask decoder                               4,058,340   4,058,340
    in all                                    20,764,324  57,892,324
    ========================================  ==========  ==========

    The public code trains 73.6 M, 15,682,752 more than "full", because it goes beyond its paper: four convolution
    branches on four image sizes for the one in text and figure (6,330,368; with their level embeddings 3,072; and
    1,328,832 to attend to four maps, 2,360,064 to join them), a depth-wise convolution in every FFN (245,760), an FFN
    after the fusion with another gate (4,625,664), a norm before SAM's neck (1,536) and the neck itself (787,456),
    where the paper calls the encoder frozen. Its missing modules are counted as their released relatives. Where the
    paper has a block after each attention block, the code has one after each of four stages; ``stages`` can be either.

    The last stage has cross-attention one way only where no fusion reads the other. All training here is in eval mode,
    so the paper's dropout and drop path of 0.4 have no part in it.

    Prompts: the paper trains with boxes perturbed by 0 to 20 pixels and does not say of which frame. Its public code
    moves every side outwards by 0 to 19 pixels of a 256-pixel image, up to 76 at SAM's 1024, and tests with boxes too
    large by 9 (36 at 1024) on every side. ``--prompts box-px:20`` is the paper's figure, taken at 1024 as in MedSAM,
    ``box-px:76`` that of the code. The paper's rate is 1e-4 (``lr``), falling polynomially over 12 epochs.
    """

    name = "dbsam"
    paper = "Qin et al. 2024, arXiv 2410.04172"
    Config = DbSamConfig

    def apply(self, model: SamModel, config: MethodConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`."""
        config.validate()
        sam = model.sam
        encoder = sam.image_encoder
        if config.channel_attention or config.bilateral or config.fusion:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                encoder = DualBranchEncoder(encoder, model.embedding_size, config)
        sam.requires_grad_(False)
        sam.mask_decoder.requires_grad_(True)
        sam.image_encoder = encoder
        sam.eval().to(model.device)
