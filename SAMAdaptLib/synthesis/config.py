"""How far the synthesis may move, bend and tint what it pastes."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from SAMAdaptLib.errors import InputError

_LIMITS = {
    "blur_sigma": (0.0, 10.0),
    "gain": (0.1, 3.0),
    "offset": (-1.0, 1.0),
    "gamma": (0.2, 5.0),
    "scale": (0.2, 3.0),
    "rotation_degrees": (0.0, 180.0),
    "shift": (0.0, 0.5),
    "shift_mm": (0.0, 1000.0),
    "outside_share": (0.0, 1.0),
    "bone_share": (0.0, 1.0),
    "flip_horizontal": (0.0, 1.0),
    "flip_vertical": (0.0, 1.0),
    "organ_probability": (0.0, 1.0),
    "background_share": (0.0, 1.0),
    "feather": (0.0, 10.0),
    "whole_slice_share": (0.0, 1.0),
}


@dataclass(frozen=True)
class SynthesisConfig:
    """Ranges of the transformations T of arXiv 2308.14133, eq. 1-3.

    The paper names blur, intensity, scale, flip and rotation but gives no ranges: these are ours. Pairs are the lowest
    and the highest value of a uniform draw. Intensities are those of images in [0, 1].

    Attributes:
        blur_sigma: Gaussian blur, pixels on a slice of 256; grows with the longer side. 0 to 10.
        gain: factor on intensity. 0.1 to 3.
        offset: added to intensity, less so to what is nearly black: air stays black in every scan. -1 to 1.
        gamma: exponent on intensity. 0.2 to 5.
        scale: size of an organ, 1 = as it is. 0.2 to 3.
        rotation_degrees: largest turn either way. 0 to 180.
        shift: largest shift along each side as a fraction of that side. 0 to 0.5.
        shift_mm: no shift is longer than this, whatever the size of the slice (ours; 1000 leaves it to ``shift``).
        outside_share: largest share of an organ that may come to lie outside the body (ours; 1 pastes anywhere, as the
            paper does). 0 to 1.
        bone_share: largest share of an organ that may come to lie on bone of the background, in CT, without the organ
            being moved to where less of it does (ours; 1 pastes anywhere, as the paper does). 0 to 1.
        flip_horizontal: probability that an organ is mirrored left to right about its own centre. 0 to 1. The slice as
            a whole is never mirrored: a liver on the left, or a left kidney called right, would be wrong anatomy.
        flip_vertical: the same top to bottom; off, since no patient is scanned that way.
        organ_probability: probability that a class of the exemplar is pasted; one always is. 0 to 1.
        background_share: how far the background moves, as a share of the ranges above (never mirrored). 0 to 1.
        feather: Gaussian width of the seam outside the organ, pixels on a slice of 256. 0 to 10.
        whole_slice_share: share of samples that are the whole exemplar slice under one joint transformation, which
            keeps an organ's true surroundings (ours; 0 gives the paper's set). 0 to 1.

    Raises:
        InputError: a value outside its limits; names the field.
    """

    blur_sigma: tuple[float, float] = (0.0, 0.8)
    gain: tuple[float, float] = (0.75, 1.25)
    offset: tuple[float, float] = (-0.08, 0.08)
    gamma: tuple[float, float] = (0.65, 1.5)
    scale: tuple[float, float] = (0.8, 1.25)
    rotation_degrees: float = 20.0
    shift: float = 0.03
    shift_mm: float = 15.0
    outside_share: float = 0.0
    bone_share: float = 0.0
    flip_horizontal: float = 0.25
    flip_vertical: float = 0.0
    organ_probability: float = 0.9
    background_share: float = 0.5
    feather: float = 0.8
    whole_slice_share: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            pair = isinstance(field.default, tuple)
            values = tuple(value) if pair and isinstance(value, (tuple, list)) else (value,)
            low, high = _LIMITS[field.name]
            good = len(values) == (2 if pair else 1) and all(_is_number(v) and low <= v <= high for v in values)
            if not good or list(values) != sorted(values):
                wanted = f"Give two numbers, lower first, from {low:g} to {high:g}"
                remedy = wanted if pair else f"Give a number from {low:g} to {high:g}"
                raise InputError("Unusable synthesis setting", field.name, remedy)
            object.__setattr__(self, field.name, tuple(map(float, values)) if pair else float(value))

    @classmethod
    def identity(cls, **changes: Any) -> SynthesisConfig:
        """A config that changes nothing: every organ is pasted as it is, where it is."""
        still = {
            "blur_sigma": (0, 0), "gain": (1, 1), "offset": (0, 0), "gamma": (1, 1), "scale": (1, 1),
            "rotation_degrees": 0, "shift": 0, "outside_share": 1, "bone_share": 1, "flip_horizontal": 0,
            "flip_vertical": 0, "organ_probability": 1, "feather": 0, "whole_slice_share": 0,
        }  # fmt: skip
        return cls(**{**still, **changes})

    def to_dict(self) -> dict[str, Any]:
        """As plain lists and numbers, for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SynthesisConfig:
        """The inverse of :meth:`to_dict`; fields left out take their defaults.

        Raises:
            InputError: not a mapping, an unknown field, or a value outside its limits.
        """
        if not isinstance(data, dict):
            raise InputError("The synthesis settings are not a mapping", None, "Give name: value pairs")
        known = {field.name for field in fields(cls)}
        for name in data:
            if name not in known:
                raise InputError("Unknown synthesis setting", name, f"Choose from {', '.join(sorted(known))}")
        return cls(**data)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
