"""Colours of label values."""

from __future__ import annotations

import colorsys

import numpy as np


def class_colours(count: int) -> np.ndarray:
    """Colours of label values, uint8 [count + 1, 3]; black for 0, and neighbours in the list well apart."""
    # Steps of the golden ratio around the hue circle keep neighbours apart for any number of classes.
    rows = [colorsys.hsv_to_rgb(i * 0.618033988749895 % 1.0, (0.85, 0.5)[i % 2], 1.0) for i in range(count)]
    return np.round(255 * np.array([(0, 0, 0), *rows])).astype(np.uint8)
