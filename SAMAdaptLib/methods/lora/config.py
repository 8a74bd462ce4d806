"""Settings of the LoRA method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.settings import setting


@dataclass(frozen=True)
class LoraConfig(MethodConfig):
    """Cheap Lunch (Feng 2023, section 2.2), and with ``head="classes"`` SAMed, which that paper compares with.

    Both recipes are the paper's: AdamW at 1e-3 with warm-up and what it calls exponential decay, which in SAMed is the
    power 0.9 of the remaining share; weight decay, which the paper leaves open, is SAMed's 0.1.
    """

    what: ClassVar[str] = "setting of lora"

    rank: int = setting(4, "rank of every low-rank update; the scale is 1, as in the paper (alpha = rank)", low=1)
    encoder: bool = setting(True, "adapt q and v of every attention of the image encoder")
    # What lies before the first of them is computed once a slice, see docs/performance.md.
    last_blocks: int | None = setting(
        None,
        "how many of the image encoder's blocks with attention are adapted, counted from its end; None for all, as in "
        "the paper. The fewer, the cheaper a step",
        low=1,
    )
    decoder: bool = setting(True, "adapt q and v of the mask decoder's seven attentions")
    heads: bool = setting(True, "train the decoder outside its transformer (tokens, upscaling, hypernetworks, IoU)")
    prompts: bool = setting(True, "train the prompt encoder's embeddings")
    head: str = setting(
        "prompts",
        "what the mask decoder answers: prompts, as SAM does; or classes, a label map of the whole slice without any "
        "prompt, as SAMed does",
        choices=("prompts", "classes"),
    )
    classes: int = setting(1, "classes of the library, for that label map", low=1, filled_in=True)

    @property
    def finds(self) -> bool:
        """See :attr:`MethodConfig.finds`."""
        return self.head == "classes"

    @property
    def prompted(self) -> bool:
        """See :attr:`MethodConfig.prompted`."""
        return self.head != "classes"

    def check(self) -> None:
        """Raises InputError where nothing is left to train, classes have nothing to tell them apart, or blocks of an
        encoder are meant that is left alone."""
        if not (self.encoder or self.decoder or self.heads or self.prompts):
            raise InputError("LoRA with every part switched off trains nothing", None, "Switch a part on")
        if self.finds and not self.heads:
            what = "head is classes and heads is off, so that nothing would tell the classes apart"
            raise InputError(what, None, "Switch heads on")
        if self.last_blocks is not None and not self.encoder:
            remedy = "Switch encoder on or leave last_blocks out"
            raise InputError(f"last_blocks is {self.last_blocks} and encoder is off", None, remedy)
