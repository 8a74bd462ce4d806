"""How far the synthesis may move, bend and tint what it pastes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from SAMAdaptLib.settings import Settings, setting


@dataclass(frozen=True)
class SynthesisConfig(Settings):
    """Ranges of the transformations T of arXiv 2308.14133, eq. 1-3.

    The paper names blur, intensity, scale, flip and rotation but gives no ranges: these are ours, as are the settings
    that keep organs where they can be: ``shift_mm`` of 1000, ``outside_share`` and ``bone_share`` of 1 and a
    ``whole_slice_share`` of 0 leave the paper's set. Pairs are the ends of a uniform draw. Intensities are those of
    images in [0, 1].
    """

    what: ClassVar[str] = "synthesis setting"

    blur_sigma: tuple[float, float] = setting(
        (0.0, 0.8),
        "width of a Gaussian blur on a slice of 256 pixels; grows with the longer side",
        low=0,
        high=10,
        unit="pixels",
    )
    gain: tuple[float, float] = setting((0.75, 1.25), "factor on the grey levels", low=0.1, high=3)
    offset: tuple[float, float] = setting(
        (-0.08, 0.08),
        "added to the grey levels, which run from 0 to 1; less so to what is nearly black: air stays black in every "
        "scan",
        low=-1,
        high=1,
    )
    gamma: tuple[float, float] = setting((0.65, 1.5), "exponent on the grey levels", low=0.2, high=5)
    scale: tuple[float, float] = setting((0.8, 1.25), "size of an organ; 1 leaves it as it is", low=0.2, high=3)
    rotation_degrees: float = setting(20.0, "largest turn either way", low=0, high=180, unit="degrees")
    shift: float = setting(0.03, "largest shift along each side, as a share of that side", low=0, high=0.5)
    shift_mm: float = setting(
        15.0, "no shift is longer than this, whatever the size of the slice", low=0, high=1000, unit="mm"
    )
    outside_share: float = setting(
        0.0, "largest share of an organ that may come to lie outside the body; 1 pastes anywhere", low=0, high=1
    )
    bone_share: float = setting(
        0.0,
        "largest share of an organ that may come to lie on bone of the background, in CT, before it is moved to where "
        "less of it does; 1 pastes anywhere",
        low=0,
        high=1,
    )
    # The slice as a whole is never mirrored: a liver on the left, or a left kidney called right, would be wrong.
    flip_horizontal: float = setting(
        0.25,
        "probability that an organ is mirrored left to right about its own centre; 0 for organs that lie on one side",
        low=0,
        high=1,
    )
    flip_vertical: float = setting(
        0.0,
        "probability that an organ is mirrored top to bottom; off, since no patient is scanned that way",
        low=0,
        high=1,
    )
    organ_probability: float = setting(
        0.9, "probability that a class of the exemplar is pasted; one always is", low=0, high=1
    )
    background_share: float = setting(
        0.5, "how far the background moves, as a share of the ranges above; it is never mirrored", low=0, high=1
    )
    feather: float = setting(
        0.8, "width of the seam around a pasted organ on a slice of 256 pixels", low=0, high=10, unit="pixels"
    )
    whole_slice_share: float = setting(
        0.5,
        "share of slices that are an exemplar as a whole, transformed in one piece, which keeps an organ's true "
        "surroundings",
        low=0,
        high=1,
    )

    @classmethod
    def identity(cls, **changes: Any) -> SynthesisConfig:
        """A config that changes nothing: every organ is pasted as it is, where it is."""
        still = {
            "blur_sigma": (0, 0), "gain": (1, 1), "offset": (0, 0), "gamma": (1, 1), "scale": (1, 1),
            "rotation_degrees": 0, "shift": 0, "outside_share": 1, "bone_share": 1, "flip_horizontal": 0,
            "flip_vertical": 0, "organ_probability": 1, "feather": 0, "whole_slice_share": 0,
        }  # fmt: skip
        return cls(**{**still, **changes})
