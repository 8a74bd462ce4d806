"""The transformation T of arXiv 2308.14133: one affine map and one change of intensity, drawn at random.

Pixels are (row, column), centres at whole numbers; images are float32 in [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SAMAdaptLib.synthesis.config import SynthesisConfig

# Widths in the config are given for slices of this many pixels along the longer side.
REFERENCE_SIZE = 256
# Below this intensity the offset fades to nothing.
BLACK = 0.1


@dataclass(frozen=True)
class Affine:
    """Scale, mirror, turn, then shift, about a point.

    Attributes:
        scale: factor on size.
        degrees: turn, counter-clockwise as displayed (rows running down).
        flip_horizontal: mirror left to right before the turn.
        flip_vertical: mirror top to bottom before the turn.
        shift: (rows, columns) in pixels.
    """

    scale: float = 1.0
    degrees: float = 0.0
    flip_horizontal: bool = False
    flip_vertical: bool = False
    shift: tuple[float, float] = (0.0, 0.0)

    def matrix(self, pixel_spacing: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
        """float64 [2, 2] on (row, column) offsets; turns in mm, so that oblong pixels do not shear the anatomy."""
        angle = math.radians(self.degrees)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        mirror = np.diag([-1.0 if self.flip_vertical else 1.0, -1.0 if self.flip_horizontal else 1.0])
        spacing = np.diag(pixel_spacing)
        matrix: np.ndarray = self.scale * np.linalg.inv(spacing) @ turn @ spacing @ mirror
        return matrix


@dataclass(frozen=True)
class Tone:
    """Blur, then ``clip(gain * image ** gamma + offset * min(1, image / 0.1))``; ``blur`` is a width in pixels."""

    blur: float = 0.0
    gain: float = 1.0
    offset: float = 0.0
    gamma: float = 1.0

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Return float32 [H, W] in [0, 1] from such an image."""
        if self.blur > 0:
            image = ndimage.gaussian_filter(image, self.blur, mode="nearest", truncate=3.0)
        image = np.clip(image, 0.0, 1.0)
        toned = self.gain * image ** np.float32(self.gamma) + self.offset * np.minimum(1.0, image / BLACK)
        return np.asarray(np.clip(toned, 0.0, 1.0), dtype=np.float32)


def draw_affine(
    rng: np.random.Generator,
    config: SynthesisConfig,
    shape: tuple[int, int],
    pixel_spacing: tuple[float, float],
    share: float = 1.0,
    flip: bool = True,
) -> Affine:
    """Draw an affine map.

    Args:
        rng: the source of chance.
        config: the ranges.
        shape: (H, W) of the slice, of which the shift is a fraction.
        pixel_spacing: (row mm, column mm), in which its length is bounded.
        share: shrinks all ranges towards no change.
        flip: whether mirroring may be drawn.
    """
    low, high = (1.0 + share * (value - 1.0) for value in config.scale)
    scale, degrees = rng.uniform(low, high), rng.uniform(-1.0, 1.0) * share * config.rotation_degrees
    mirrors = rng.random(2) < (config.flip_horizontal, config.flip_vertical)
    shift = rng.uniform(-1.0, 1.0, 2) * share * config.shift * np.array(shape)
    shift *= min(1.0, share * config.shift_mm / max(1e-9, float(np.hypot(*(shift * pixel_spacing)))))
    return Affine(scale, degrees, bool(flip and mirrors[0]), bool(flip and mirrors[1]), tuple(shift.tolist()))


def draw_tone(rng: np.random.Generator, config: SynthesisConfig, shape: tuple[int, int], share: float = 1.0) -> Tone:
    """Draw a change of intensity; arguments as for :func:`draw_affine`."""
    blur, offset = (rng.uniform(*bounds) * share for bounds in (config.blur_sigma, config.offset))
    gain, gamma = (1.0 + share * (rng.uniform(*bounds) - 1.0) for bounds in (config.gain, config.gamma))
    return Tone(blur * relative_width(shape), gain, offset, gamma)


def relative_width(shape: tuple[int, int]) -> float:
    """Pixels on a slice of ``shape`` for one pixel on a slice of 256."""
    return max(shape) / REFERENCE_SIZE


def warp(
    image: np.ndarray,
    affine: Affine,
    centre: np.ndarray,
    pixel_spacing: tuple[float, float] = (1.0, 1.0),
    order: int = 1,
    mode: str = "nearest",
    source: tuple[int, int] = (0, 0),
    target: tuple[int, int] = (0, 0),
    target_shape: tuple[int, int] | None = None,
) -> np.ndarray:
    """Resample an image, or a crop of it into another crop.

    Args:
        image: [h, w], whose first pixel is the slice's pixel ``source``.
        affine: the map from old to new places.
        centre: (row, column) about which it acts.
        pixel_spacing: (row mm, column mm).
        order: 0 nearest, 1 linear.
        mode: scipy's rule for what lies outside: "nearest" or "constant" (0).
        source: (row, column) of the first pixel of ``image`` in the slice.
        target: (row, column) of the first pixel of the result in the slice.
        target_shape: of the result; that of ``image`` by default.

    Returns:
        an array of ``target_shape``, in the type of ``image``.
    """
    inverse = np.linalg.inv(affine.matrix(pixel_spacing))
    offset = inverse @ (np.array(target) - centre - affine.shift) + centre - source
    moved: np.ndarray = ndimage.affine_transform(
        image, inverse, offset, target_shape or image.shape, order=order, mode=mode
    )
    return moved
