"""Convolution branches beside the frozen encoder, and the decoder trained (DB-SAM)."""

from __future__ import annotations

import torch

from SAMAdaptLib.methods import require_fit
from SAMAdaptLib.methods.base import Method
from SAMAdaptLib.methods.dbsam.config import SIZES, DbSamConfig
from SAMAdaptLib.methods.dbsam.encoder import DualBranchEncoder
from SAMAdaptLib.sam.build import SamModel


class DbSam(Method[DbSamConfig]):
    """DB-SAM (Qin 2024): convolution branches beside the frozen encoder, and the mask decoder trained as it is.

    Parameters on ViT-B with four stages:

    ========================================  ==========  ==========  ==========
    part                                            lean       paper        full
    ========================================  ==========  ==========  ==========
    channel attention, 4 of 893,184            3,572,736   3,572,736   3,572,736
    cross-attention, 8, without their FFN     10,372,224  10,372,224  11,701,056
    their FFN, 768 to 192 or 3,072             2,366,976  37,779,456  38,025,216
    convolution branches, 1 or 4                 195,008   1,910,528   8,243,968
    fusion                                       199,040     199,040   7,186,304
    SAM's neck                                         -           -     787,456
    mask decoder                               4,058,340   4,058,340   4,058,340
    in all                                    20,764,324  57,892,324  73,575,076
    ========================================  ==========  ==========  ==========

    "paper" is the text, in the widths of the public code. "full" is the configuration that the code was released with,
    73.6 M, which goes beyond the text by 15,682,752: four convolution branches on four image sizes for the one in text
    and figure (6,330,368; with their level embeddings 3,072; and 1,328,832 to attend to four maps, 2,360,064 to join
    them), a depth-wise convolution in every FFN of the cross-attention (245,760), an FFN after the fusion with another
    gate (4,625,664), a norm before SAM's neck (1,536) and the neck itself (787,456), where the paper calls the encoder
    frozen. The modules that the code names but does not contain are taken to be their released relatives. Where the
    paper has a block after each attention block, the code has one after each of four stages; ``stages`` can be either.

    "full" differs from the code in what training from SAM's own answers asks for: the norm before the neck takes only
    what the fusion adds (see :class:`PlaceChannelFusion`; without the fusion there is none), the last layers of the
    cross-attention to the encoder and of the channel attention start at zero, and batch norms are group norms (see
    :class:`ConvolutionBranch`). The neck is trained in every row of the paper's table 3 but the first, which is MedSAM:
    there nothing but the decoder is.

    The last stage has cross-attention one way only where no fusion reads the other. All training here is in eval mode,
    so the paper's dropout and drop path of 0.4 have no part in it.

    Prompts: the paper trains with boxes perturbed by 0 to 20 pixels and does not say of which frame. Its public code
    moves every side outwards by 0 to 19 pixels of a 256-pixel image, up to 76 at SAM's 1024, and tests with boxes too
    large by 9 (36 at 1024) on every side. ``--prompts box-px:20`` is the paper's figure, taken at 1024 as in MedSAM,
    ``box-px:76`` that of the code. The paper's rate is the recipe "paper", see
    :class:`DbSamConfig`.
    """

    name = "dbsam"
    Config = DbSamConfig

    def apply(self, model: SamModel, config: DbSamConfig, seed: int = 0) -> None:
        """See :meth:`Method.apply`; raises InputError for a base model that it does not fit."""
        require_fit(self.name, model.base)
        sam = model.sam
        encoder = sam.image_encoder
        sam.requires_grad_(False)
        if config.channel_attention or config.bilateral or config.fusion:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                sam.image_encoder = DualBranchEncoder(model.family, encoder, model.embedding_size, config)
            model.family.neck(encoder).requires_grad_(SIZES[config.size].neck)
        sam.mask_decoder.requires_grad_(True)
        sam.eval().to(model.device)
