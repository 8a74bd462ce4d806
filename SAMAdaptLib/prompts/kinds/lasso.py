"""Lassos."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds.base import Kind
from SAMAdaptLib.prompts.lines import enclosed
from SAMAdaptLib.prompts.markup import Markup
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.masks import bounds


class Lasso(Kind):
    """A closed line drawn around the object on one slice: its box, and for models that take masks what it encloses."""

    name = "lasso"
    shown = "R,A,S,R,A,S,R,A,S,..."
    help = "closed line around the object through positions in RAS mm, on one slice"
    remedy = "Write three or more corners R0,A0,S0,R1,A1,S1,R2,A2,S2,... in mm; the last is joined to the first"
    least = 3
    box = True
    flat = True
    line = True
    markups = ("ClosedCurve",)

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """See :func:`lassoed`."""
        return lassoed(pixels, shape)

    def read(self, markup: Markup) -> Iterable[tuple[Double, int]]:
        """Its control points; its name does not matter."""
        return [(at, 1) for at, _ in super().read(markup)]

    def outline(self, pixels: Double) -> Double:
        """Back to its beginning."""
        return np.concatenate([pixels, pixels[:1]])


def lassoed(line: Double, shape: tuple[int, int]) -> Prompt:
    """A closed line for a model: the box of the pixels that it encloses, and itself, cut at the borders of the slice.

    Args:
        line: its corners (x, y) [N, 2] in pixels; the last one is joined to the first.
        shape: (H, W) of the slice.

    Raises:
        InputError: it goes around no pixel of the slice.
    """
    box = bounds(enclosed(line, shape))
    if box is None:
        raise InputError("The lasso encloses no pixel of the image", None, "Draw it around the object")
    rows, columns = box
    corners = [columns.start, rows.start, columns.stop - 1, rows.stop - 1]
    return Prompt(box=np.array(corners), outline=np.clip(line, -0.5, np.array(shape[::-1]) - 0.5))
