"""What SAM 2 takes from the package transformers, its image encoder and the networks of its memory."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import nn

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import InputError

# The first with SAM 2's video model as it is used here; what pyproject.toml asks for, too.
LEAST = "4.57.1"


class Package(NamedTuple):
    """Classes of transformers.

    Attributes:
        encoder: from ``vision``, with the parts ``backbone`` and ``neck``.
        hiera: settings of the backbone.
        vision: settings of the encoder.
        video: settings of the memory.
        attention: from ``video``; a slice's map looks at what is remembered.
        remembering: from ``video``; a slice's map and mask to what is remembered of it.
    """

    encoder: type[nn.Module]
    hiera: Any
    vision: Any
    video: Any
    attention: type[nn.Module]
    remembering: type[nn.Module]


def package() -> Package:
    """The classes.

    Raises:
        InputError: transformers is missing, too old, or cannot be loaded.
    """
    ensure_torchvision()
    try:
        from transformers import Sam2HieraDetConfig, Sam2VideoConfig, Sam2VisionConfig, Sam2VisionModel
        from transformers.models.sam2_video.modeling_sam2_video import (
            Sam2VideoMemoryAttention,
            Sam2VideoMemoryEncoder,
        )
    except ImportError as error:
        reason = str(error).partition("\n")[0][:200]
        raise InputError(
            f"SAM 2 needs the package transformers, {LEAST} or later, which cannot be loaded ({reason})",
            None,
            f'Install it with: pip install "transformers>={LEAST}", in Slicer\'s console slicer.util.pip_install, or '
            "choose another base model",
        ) from error
    return Package(
        Sam2VisionModel,
        Sam2HieraDetConfig,
        Sam2VisionConfig,
        Sam2VideoConfig,
        Sam2VideoMemoryAttention,
        Sam2VideoMemoryEncoder,
    )
