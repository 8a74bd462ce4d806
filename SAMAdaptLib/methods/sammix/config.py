"""Settings of SAM-Mix."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods.base import MethodConfig

FEATURES = ("embedding", "image")
DEPTHS = (18, 34, 38)
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

    Attributes:
        rank: of the low-rank updates in the image encoder.
        decoder: train the mask decoder; open in the paper.
        classes: logits of the classifier, one for each class of the library; set when a training begins.
        features: what the classifier sees: "image", the slice itself, as in the paper, or "embedding", SAM's embedding
            of it, through which no gradient goes back to the encoder.
        strongest: share of an activation map's places whose mean is a class's logit. The paper's average pooling is 1;
            with it, what is to be on a slice at all must be seen on much of it.
        outlines: weight of a loss of the maps on slices whose objects are outlined; 0 as in the paper.
        classifier_depth: 18, 34 or 38 layers; the paper has 38. For "image", as is ``classifier_size``.
        classifier_width: channels of the classifier's first layer. The paper has 64, with which 38 layers have more
            parameters than SAM's ViT-B; half of it with 18 layers trains on a CPU in minutes.
        classifier_size: side of the classifier's square input in pixels, a multiple of 16.
        alpha: factor of the focal loss, eq. 3; open, here that of Lin 2017.
        gamma: exponent of the focal loss, eq. 3; open, here that of Lin 2017.
        threshold: share of an activation map's maximum from which on a pixel belongs to an object, omega of eq. 6.
        smallest: regions with a smaller share of the largest one's area are left out; the paper has no such rule.
        margin: share of a box's side by which it grows at each end; the paper has none.
    """

    filled_in: ClassVar[tuple[str, ...]] = ("classes",)

    rank: int = 8
    decoder: bool = True
    classes: int = 1
    features: str = "embedding"
    strongest: float = 0.004
    outlines: float = 1.0
    classifier_depth: int = 18
    classifier_width: int = 32
    classifier_size: int = 256
    alpha: float = 0.25
    gamma: float = 2.0
    threshold: float = 0.5
    smallest: float = 0.2
    margin: float = 0.0

    def validate(self) -> None:
        """Raises InputError naming the first setting that cannot be."""
        for name in ("rank", "classes", "classifier_width"):
            _require(name, self, _is_whole(getattr(self, name)), "a whole number of 1 or more")
        _require("features", self, self.features in FEATURES, " or ".join(FEATURES))
        _require("classifier_depth", self, self.classifier_depth in DEPTHS, "18, 34 or 38")
        size = self.classifier_size
        _require("classifier_size", self, _is_whole(size) and size % STRIDE == 0, f"a multiple of {STRIDE}")
        _require("decoder", self, isinstance(self.decoder, bool), "true or false")
        _require("alpha", self, _is_number(self.alpha) and self.alpha > 0, "a number above 0")
        for name in ("gamma", "margin", "outlines"):
            value = getattr(self, name)
            _require(name, self, _is_number(value) and value >= 0, "a number of 0 or more")
        for name in ("threshold", "smallest", "strongest"):
            value = getattr(self, name)
            _require(name, self, _is_number(value) and 0 < value <= 1, "a share above 0, up to 1")


def _require(name: str, config: SamMixConfig, fits: bool, wanted: str) -> None:
    if not fits:
        raise InputError(f"{name} is {getattr(config, name)!r}", None, f"Give {wanted}")


def _is_whole(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
