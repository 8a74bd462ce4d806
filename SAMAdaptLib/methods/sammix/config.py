"""Settings of SAM-Mix."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.settings import setting

# The classifier's map is smaller than its input by this factor.
STRIDE = 16


@dataclass(frozen=True)
class SamMixConfig(MethodConfig):
    """SAM-Mix (Ward 2024, section 2). What the paper leaves open is marked.

    The paper's classifier, which learns from thousands of slices, is ``features="image"``, ``strongest=1``,
    ``outlines=0``, ``classifier_depth=38``, ``classifier_width=64``. The defaults are for a handful of slices: after a
    dozen from two patients it told tumours from none, but its boxes did not meet them, while residual units on SAM's
    embedding found them on other patients after thirty steps (see Resources/results/methods.md).

    The paper's learning rate is 1e-3, which both recipes have; it states no optimiser, and no schedule for its model.
    """

    what: ClassVar[str] = "setting of sammix"

    rank: int = setting(8, "rank of the low-rank updates in the image encoder", low=1)
    decoder: str = setting(
        "lora",
        "what is trained of mask decoder and prompt encoder, open in the paper: as by the method lora, all of the "
        "decoder, or none",
        choices=("lora", "all", "none"),
    )
    stages: str = setting(
        "joint",
        "how classifier and SAM are trained: joint, at once, as SAM-Mix; two, the classifier in the first half of the "
        "run and SAM in the second, as the paper's SAM-PP; frozen, the classifier alone, as its SAM-PP-0",
        choices=("joint", "two", "frozen"),
    )
    classes: int = setting(1, "logits of the classifier, one for each class of the library", low=1, filled_in=True)
    features: str = setting(
        "embedding",
        "what the classifier sees: image, the slice itself, as in the paper, or embedding, SAM's embedding of it, "
        "through which no gradient goes back to the encoder",
        choices=("embedding", "image"),
    )
    # The paper's average pooling is 1; with it, what is to be on a slice at all must be seen on much of it.
    strongest: float = setting(
        0.004, "share of an activation map's places whose mean is a class's logit; 1 in the paper", above=0, high=1
    )
    outlines: float = setting(
        1.0, "weight of a loss of the maps on slices whose objects are outlined; 0 as in the paper", low=0
    )
    classifier_depth: int = setting(
        18, "layers of a classifier that sees the image; the paper has 38", choices=(18, 34, 38)
    )
    # With the paper's 64 channels 38 layers have more parameters than SAM's ViT-B; half of it with 18 layers trains on
    # a CPU in minutes.
    classifier_width: int = setting(32, "channels of that classifier's first layer; the paper has 64", low=1)
    classifier_size: int = setting(
        256, "side of that classifier's square input", low=STRIDE, multiple=STRIDE, unit="pixels"
    )
    alpha: float = setting(0.25, "factor of the focal loss, eq. 3; open, here that of Lin 2017", above=0)
    gamma: float = setting(2.0, "exponent of the focal loss, eq. 3; open, here that of Lin 2017", low=0)
    threshold: float = setting(
        0.5,
        "share of an activation map's maximum from which on a pixel belongs to an object, omega of eq. 6",
        above=0,
        high=1,
    )
    smallest: float = setting(
        0.2,
        "regions with a smaller share of the largest one's area are left out; the paper has no such rule",
        above=0,
        high=1,
    )
    margin: float = setting(0.0, "share of a box's side by which it grows at each end; the paper has none", low=0)

    @property
    def finds(self) -> bool:
        """See :attr:`MethodConfig.finds`."""
        return True

    @property
    def idle(self) -> tuple[str, ...]:
        """See :attr:`MethodConfig.idle`: of a SAM that stays as it is nothing is trained."""
        return ("rank", "decoder") if self.stages == "frozen" else ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str | os.PathLike[str] | None = None) -> SamMixConfig:
        """See :meth:`Settings.from_dict`; ``decoder`` was once whether all of it is trained."""
        if isinstance(values, Mapping) and isinstance(values.get("decoder"), bool):
            values = {**values, "decoder": "all" if values["decoder"] else "none"}
        return super().from_dict(values, where)
