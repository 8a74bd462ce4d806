"""Colours of structures and of label values."""

from __future__ import annotations

import colorsys
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from SAMAdaptLib.arrays import Grey

# Red, green, blue in 0..1.
Color: TypeAlias = tuple[float, float, float]

# Bright and saturated, to be told from the grey of the slice that they lie on.
_SATURATIONS, _BRIGHTNESSES, _HUES = (0.85, 0.5, 1.0, 0.65, 0.35), (1.0, 0.82), 36
DARKEST = 45.0  # CIELAB lightness: a darker tint does not show on a dark slice


def class_colours(count: int) -> Grey:
    """Colours of label values, uint8 [count + 1, 3]; black for 0.

    Each is the one farthest from all before it, by CIEDE2000, so that organs of one library differ whatever their
    places in the list, and a class keeps its colour when others are added.
    """
    return np.concatenate([np.zeros((1, 3), np.uint8), _apart(max(count, 16))[:count]])


@lru_cache(maxsize=8)
def _apart(count: int) -> Grey:
    from skimage.color import deltaE_ciede2000, rgb2lab

    grid = np.array([
        colorsys.hsv_to_rgb(hue / _HUES, saturation, brightness)
        for saturation in _SATURATIONS for brightness in _BRIGHTNESSES for hue in range(_HUES)
    ])  # fmt: skip
    lab = rgb2lab(grid)
    grid, lab = grid[lab[:, 0] >= DARKEST], lab[lab[:, 0] >= DARKEST]
    chosen, nearest = [0], np.full(len(grid), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, deltaE_ciede2000(lab, np.broadcast_to(lab[chosen[-1]], lab.shape)))
        chosen.append(int(nearest.argmax()))
    colours: Grey = np.round(255 * grid[chosen]).astype(np.uint8)
    colours.flags.writeable = False
    return colours
