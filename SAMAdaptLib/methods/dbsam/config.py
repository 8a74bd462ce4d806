"""Settings of DB-SAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig


class Size(NamedTuple):
    """How wide the added layers are inside.

    Attributes:
        ffn: inner width of a feed-forward network over its outer width.
        stem: channels of the convolution branch after its first and its second 3x3 convolution.
    """

    ffn: float
    stem: tuple[int, int]


SIZES = {"lean": Size(0.25, (64, 128)), "full": Size(4.0, (256, 512))}


@dataclass(frozen=True)
class DbSamConfig(MethodConfig):
    """DB-SAM (Qin 2024, section 2). The rows of its table 3 are, from the top: all three parts off, channel attention
    alone, channel attention and bilateral cross-attention, all three.

    Attributes:
        size: "lean", for few exemplars and one machine, or "full", with the widths of the public code.
        channel_attention: equation 1 at the end of every stage.
        bilateral: cross-attention between the branches, both ways, at the end of every stage.
        fusion: equation 2 after the last stage.
        stages: how many equal parts the encoder's blocks are divided into. The paper speaks of every block, its public
            code has four stages.
    """

    size: str = "lean"
    channel_attention: bool = True
    bilateral: bool = True
    fusion: bool = True
    stages: int = 4

    def validate(self) -> None:
        """Raises InputError naming the first setting that cannot be; whether the encoder has as many blocks as stages
        are wanted shows when it is adapted."""
        if self.size not in SIZES:
            raise InputError(f"The size of DB-SAM is {self.size!r}", None, f"Choose one of {', '.join(SIZES)}")
        for name in ("channel_attention", "bilateral", "fusion"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} is {getattr(self, name)!r}", None, "Give true or false")
        if type(self.stages) is not int or self.stages < 1:
            raise InputError(f"The number of stages is {self.stages!r}", None, "Choose a whole number of 1 or more")
