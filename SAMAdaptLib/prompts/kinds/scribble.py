"""Scribbles."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.prompts.kinds.base import Kind
from SAMAdaptLib.prompts.types import Prompt

SPACING_MM = 10.0
# SAM was trained with up to nine points of an object, one and eight that follow (Kirillov et al. 2023, appendix A).
MOST = 9


class Scribble(Kind):
    """A line drawn over the object, or over what is not the object: points evenly along it, from end to end.

    They are 10 mm apart or, where the line is long, nine in all.
    """

    name = "scribble"
    shown = "R,A,S,R,A,S,...[,-]"
    help = "line through positions in RAS mm; with ,- outside the object"
    remedy = "Write the positions of its bends R0,A0,S0,R1,A1,S1,... in mm, and ,- behind them outside the object"
    least = 2
    negative = True
    markups = ("Curve",)

    def spread(self, at: Double) -> Double:
        """Positions [M, 3] evenly along the line through ``at`` [N, 3]."""
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=1))])
        count = min(MOST, max(2, round(along[-1] / SPACING_MM) + 1))
        places = np.linspace(0.0, along[-1], count)
        return np.stack([np.interp(places, along, one) for one in at.T], axis=1)

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """Its points."""
        return Prompt(pixels, np.full(len(pixels), label))
