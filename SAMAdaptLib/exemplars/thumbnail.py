"""Small pictures of exemplars, to choose from by eye."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.volume.colours import class_colours
from SAMAdaptLib.volume.intensity import in_colour

TINT = 0.35


def thumbnail(exemplar: Exemplar, side: int = 96) -> np.ndarray:
    """The slice in its true proportions on a black square, its labels as a tint with a line around it.

    Colours are those of :func:`SAMAdaptLib.volume.colours.class_colours` by label value, so a class has the same one on
    every exemplar of its library. Grey levels are means over the area that a pixel of the picture covers. A class too
    small to fill such a pixel shows where it fills most of one.

    Args:
        exemplar: with its pixels.
        side: of the square, in pixels.

    Returns:
        uint8 [side, side, 3].
    """
    extent = np.array(exemplar.labels.shape) * exemplar.info.pixel_spacing
    height, width = np.maximum(1, np.round(side * extent / extent.max()).astype(int))
    rows, columns = (_means(n, m) for n, m in zip(exemplar.labels.shape, (height, width), strict=True))
    # Matrix products of stacks: channels come first.
    seen = rows @ np.moveaxis(in_colour(exemplar.image).astype(np.float32), 2, 0) @ columns.T
    labels = _shrunk(exemplar.labels, rows, columns)
    colours = class_colours(int(labels.max()))[labels].astype(np.float32)
    share = np.where(_border(labels), 1.0, TINT * (labels > 0))[..., None]
    picture = np.zeros((side, side, 3), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    mixed = (1 - share) * np.moveaxis(seen, 0, 2) + share * colours
    picture[top : top + height, left : left + width] = np.clip(np.round(mixed), 0, 255)
    return picture


def _means(count: int, wanted: int) -> np.ndarray:
    """[wanted, count]: share of every pixel in each of ``wanted`` equal pieces of the row; each piece sums to 1."""
    edges = np.linspace(0, count, wanted + 1)
    pixels = np.arange(count)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    result: np.ndarray = (np.clip(overlap, 0, None) * (wanted / count)).astype(np.float32)
    return result


def _shrunk(labels: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Label values [height, width]: of the class that covers most, where classes cover half of the pixel or more."""
    values = [int(value) for value in np.unique(labels) if value]
    if not values:
        return np.zeros((len(rows), len(columns)), int)
    shares = np.stack([rows @ (labels == value).astype(np.float32) @ columns.T for value in values])
    shown = np.where(shares.sum(axis=0) >= 0.5, np.array(values)[shares.argmax(axis=0)], 0)
    for value, share in zip(values, shares, strict=True):
        if not (shown == value).any():
            shown.flat[share.argmax()] = value
    return shown


def _border(labels: np.ndarray) -> np.ndarray:
    """Labelled pixels beside another label; the edge of the picture is no border."""
    around = np.pad(labels, 1, mode="edge")
    neighbours = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
    result: np.ndarray = (labels > 0) & np.logical_or.reduce([labels != other for other in neighbours])
    return result
