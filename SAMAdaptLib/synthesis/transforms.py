"""The transformation T of arXiv 2308.14133: one affine map and one change of intensity, drawn at random.

Pixels are (row, column), centres at whole numbers; images are float32 in [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from SAMAdaptLib.synthesis.config import SynthesisConfig

# Widths in the config are given for slices of this many pixels along the longer side.
REFERENCE_SIZE = 256
# Below this intensity the offset fades to nothing.
BLACK = 0.1
# Pixels beyond the border of an image that are still taken to be on it.
EDGE = np.float32(1e-3)


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
        angle, aspect = math.radians(self.degrees), pixel_spacing[1] / pixel_spacing[0]
        down, across = (-self.scale if flip else self.scale for flip in (self.flip_vertical, self.flip_horizontal))
        return np.array([
            [down * math.cos(angle), -across * math.sin(angle) * aspect],
            [down * math.sin(angle) / aspect, across * math.cos(angle)],
        ])  # fmt: skip


@dataclass(frozen=True)
class Tone:
    """Blur, then ``clip(gain * image ** gamma + offset * min(1, image / 0.1))``; ``blur`` is a width in pixels."""

    blur: float = 0.0
    gain: float = 1.0
    offset: float = 0.0
    gamma: float = 1.0

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Return float32 [H, W], or of several channels [H, W, C], in [0, 1] from such an image."""
        if self.blur > 0:
            image = blurred(image, self.blur, "edge")
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


def blurred(image: np.ndarray, sigma: float, beyond: Literal["edge", "symmetric"]) -> np.ndarray:
    """Convolve with a Gaussian, cut off at three widths.

    For the few taps of narrow ones, whole-array sums are several times as fast as scipy's, which go pixel by pixel.

    Args:
        image: float32 [H, W], or of several channels [H, W, C].
        sigma: width in pixels.
        beyond: what lies beyond the border, in numpy's words: its pixel, or the mirrored image.

    Returns:
        float32, of the same shape.
    """
    radius = int(3.0 * sigma + 0.5)
    taps = np.exp(-0.5 * (np.arange(radius + 1) / sigma) ** 2)
    taps = (taps / (2 * taps.sum() - 1)).astype(np.float32)
    for axis, size in enumerate(image.shape[:2]):
        # Padding the places is cheaper than padding the image.
        padded = image.take(_padded(size, radius, beyond), axis=axis)
        parts = [
            padded[begin : begin + size] if axis == 0 else padded[:, begin : begin + size]
            for begin in range(2 * radius + 1)
        ]
        image = parts[radius] * taps[0]
        for away in range(1, radius + 1):
            pair = parts[radius - away] + parts[radius + away]
            pair *= taps[away]
            image += pair
    return image


@lru_cache(maxsize=64)
def _padded(size: int, radius: int, beyond: Literal["edge", "symmetric"]) -> np.ndarray:
    """The places 0 to size - 1, with those that stand in for what lies beyond."""
    places: np.ndarray = np.pad(np.arange(size), radius, mode=beyond)
    return places


class Resampling:
    """Where the pixels of a result lie on an image, found once for everything that moves alike.

    scipy's affine_transform gives the same to rounding; it is several times as slow, and finds the places anew for
    each image.

    Args:
        shape: (h, w) of the images, whose first pixel is the slice's pixel ``source``.
        affine: the map from old to new places.
        centre: (row, column) about which it acts.
        pixel_spacing: (row mm, column mm).
        source: (row, column) of the first pixel of an image in the slice.
        target: (row, column) of the first pixel of the result in the slice.
        target_shape: of the result; ``shape`` by default.

    Attributes:
        within: bool, of the result's shape: what lies on the image; what does not takes its nearest pixel.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        affine: Affine,
        centre: np.ndarray,
        pixel_spacing: tuple[float, float] = (1.0, 1.0),
        source: tuple[int, int] = (0, 0),
        target: tuple[int, int] = (0, 0),
        target_shape: tuple[int, int] | None = None,
    ) -> None:
        inverse = np.linalg.inv(affine.matrix(pixel_spacing))
        offset = inverse @ (np.array(target) - centre - affine.shift) + centre - source
        height, width = target_shape or shape
        self._places, self.within = [], np.ones((height, width), bool)
        for axis in (0, 1):
            down = (inverse[axis, 0] * np.arange(height) + offset[axis]).astype(np.float32)
            across = (inverse[axis, 1] * np.arange(width)).astype(np.float32)
            place, last = down[:, None] + across, np.float32(shape[axis] - 1)
            # A rounding error beyond the border is none.
            self.within &= (place >= -EDGE) & (place <= last + EDGE)
            self._places.append(np.clip(place, 0, last, out=place))
        self._shape = shape

    def nearest(self, image: np.ndarray) -> np.ndarray:
        """The nearest pixels of an image [h, w], in its type."""
        found: np.ndarray = image.ravel().take(self._next)
        return found

    def linear(self, image: np.ndarray) -> np.ndarray:
        """Of an image float32 [h, w], or of several channels [h, w, C], between the four pixels around each place."""
        if image.ndim > 2:
            return np.stack([self.linear(image[..., place]) for place in range(image.shape[2])], axis=-1)
        corner, below, beside = self._corner
        flat = image.ravel()
        upper, lower = (self._between(flat, first, beside) for first in (corner, corner + below))
        lower -= upper
        lower *= self._shares[0]
        upper += lower
        return upper

    def _between(self, flat: np.ndarray, first: np.ndarray, beside: int) -> np.ndarray:
        left, right = flat.take(first), flat.take(first + beside)
        right -= left
        right *= self._shares[1]
        left += right
        return left

    @cached_property
    def _next(self) -> np.ndarray:
        """Index of the nearest pixel in the flat image."""
        rows, columns = ((place + np.float32(0.5)).astype(np.intp) for place in self._places)
        index: np.ndarray = rows * self._shape[1] + columns
        return index

    @cached_property
    def _first(self) -> list[np.ndarray]:
        """Row and column of the first of the four pixels around each place, whole numbers in float32."""
        return [
            np.minimum(np.floor(place), np.float32(max(side - 2, 0)))
            for place, side in zip(self._places, self._shape, strict=True)
        ]

    @cached_property
    def _shares(self) -> list[np.ndarray]:
        """How much of the next row and column each place takes."""
        return [place - first for place, first in zip(self._places, self._first, strict=True)]

    @cached_property
    def _corner(self) -> tuple[np.ndarray, int, int]:
        """Index of that pixel in the flat image, and the steps to the next row and column, where there are any."""
        (rows, columns), (height, width) = (one.astype(np.intp) for one in self._first), self._shape
        return rows * width + columns, width if height > 1 else 0, 1 if width > 1 else 0
