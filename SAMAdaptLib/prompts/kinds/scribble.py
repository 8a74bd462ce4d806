"""Scribbles."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.prompts.kinds.base import Kind
from SAMAdaptLib.prompts.lines import points_along
from SAMAdaptLib.prompts.types import Prompt


class Scribble(Kind):
    """A line drawn on one slice over the object, or over what is not the object: points evenly along it, as many as
    :func:`SAMAdaptLib.prompts.lines.points_along` says."""

    name = "scribble"
    shown = "R,A,S,R,A,S,...[,-]"
    help = "line through positions in RAS mm, on one slice; with ,- outside the object"
    remedy = "Write the positions of its bends R0,A0,S0,R1,A1,S1,... in mm, and ,- behind them outside the object"
    least = 2
    negative = True
    flat = True
    line = True
    markups = ("Curve",)

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """Its points."""
        points = points_along(pixels, shape)
        return Prompt(points, np.full(len(points), label))
