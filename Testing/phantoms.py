"""Scans made of nested ellipsoids, with the values that textbooks give for what they stand for."""

from __future__ import annotations

import numpy as np

SHAPE = (16, 48, 40)


def _inside(shape: tuple[int, int, int], part: float) -> np.ndarray:
    """bool: the ellipsoid whose half-axes are ``part`` of the volume's."""
    axes = np.meshgrid(*(np.linspace(-1, 1, count) for count in shape), indexing="ij")
    return sum(axis**2 for axis in axes) <= part**2


def ct(shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """float64, HU: air -1000, fat -100, soft tissue 50, bone 700, with noise of 12 HU."""
    values = np.full(shape, -1000.0)
    for part, level in ((0.9, -100.0), (0.8, 50.0), (0.2, 700.0)):
        values[_inside(shape, part)] = level
    return values + np.random.default_rng(seed).normal(0, 12, shape)


def mr(shape: tuple[int, int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """float64, arbitrary unit: air about 15, fat 900, muscle 350, bone 40; never negative, as magnitudes are."""
    values = np.zeros(shape)
    for part, level in ((0.9, 900.0), (0.8, 350.0), (0.2, 40.0)):
        values[_inside(shape, part)] = level
    noise = np.random.default_rng(seed).normal(0, 12, (2, *shape))
    return np.hypot(values + noise[0], noise[1])
