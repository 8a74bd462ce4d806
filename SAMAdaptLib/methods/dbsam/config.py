"""Settings of DB-SAM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from SAMAdaptLib.methods.config import MethodConfig, Recipe
from SAMAdaptLib.settings import setting

# Channels, side of the kernel, stride.
Convolution = tuple[int, int, int]


class Size(NamedTuple):
    """What is added, and how wide it is inside.

    Attributes:
        ffn: inner width of the cross-attention's feed-forward network over its outer width.
        depthwise: whether that network has a depth-wise convolution.
        stems: the convolutions of every branch but its last, which has the channels of the encoder.
        gate: which fusion: "element", equation 2 with a number a place and channel, or "place-channel", with the sum
            of a number a place and a number a channel, a join of the branches before and a feed-forward network after.
        neck: whether the encoder's neck is trained wherever anything is added before it.
    """

    ffn: float
    depthwise: bool
    stems: tuple[tuple[Convolution, ...], ...]
    gate: str
    neck: bool


# Order and strides are the public code's everywhere. Its four branches see SAM's 1024 pixels at 1024, 512, 256 and 128;
# the third is the paper's one.
_NARROW = ((64, 3, 2), (64, 1, 1), (128, 3, 2), (128, 1, 1))
_WIDE = ((256, 3, 2), (256, 1, 1), (512, 3, 2), (512, 1, 1))
_COARSE = ((256, 3, 2), (256, 1, 1), (512, 3, 1), (512, 1, 1))
SIZES = {
    "lean": Size(0.25, False, (_NARROW,), "element", False),
    "paper": Size(4.0, False, (_WIDE,), "element", False),
    "full": Size(4.0, True, (((128, 7, 4), *_WIDE), ((128, 3, 2), *_WIDE), _WIDE, _COARSE), "place-channel", True),
}


@dataclass(frozen=True)
class DbSamConfig(MethodConfig):
    """DB-SAM (Qin 2024, section 2). The rows of its table 3 are, from the top: all three parts off, channel attention
    alone, channel attention and bilateral cross-attention, all three.

    The recipe "paper" is AdamW at 1e-4, falling polynomially; what the paper leaves open is the public code's weight
    decay of 0.01 and the default warm-up and power. It is meant for 12 epochs of 161,857 images; the default for runs
    of minutes has three times the rate.
    """

    what: ClassVar[str] = "setting of dbsam"
    recipes: ClassVar[Mapping[str, Recipe]] = {"short": Recipe(3e-4), "paper": Recipe(1e-4, weight_decay=0.01)}

    size: str = setting(
        "lean",
        "what is added: lean, for few exemplars and one machine; paper, what the paper's text has, in the widths of "
        "its public code; or full, as that code was released, 73.6 M on ViT-B",
        choices=SIZES,
    )
    channel_attention: bool = setting(True, "equation 1 at the end of every stage")
    bilateral: bool = setting(True, "cross-attention between the branches, both ways, at the end of every stage")
    fusion: bool = setting(True, "equation 2 after the last stage")
    # Whether the encoder has as many blocks shows when it is adapted.
    stages: int = setting(
        4,
        "equal parts that the encoder's blocks are divided into; the paper speaks of every block, its public code has "
        "four stages",
        low=1,
    )
