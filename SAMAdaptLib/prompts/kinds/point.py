"""Points."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import note
from SAMAdaptLib.prompts.kinds.base import Kind
from SAMAdaptLib.prompts.markup import Markup, is_negative
from SAMAdaptLib.prompts.types import Prompt


class Point(Kind):
    """A place on the object, or one that is not; it goes to the nearest slice and keeps its place between pixels."""

    name = "point"
    shown = "R,A,S[,-]"
    help = "point in RAS mm; with ,- outside the object"
    remedy = "Write R,A,S in mm, and R,A,S,- for a point outside the object"
    most = 1
    negative = True
    markups = ("Fiducial", "PointList")

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """The point itself."""
        return Prompt(pixels, np.full(len(pixels), label))

    def outline(self, pixels: Double) -> Double:
        """None: it is shown by a sign."""
        return pixels[:0]

    def read(self, markup: Markup) -> Iterable[tuple[Double, int]]:
        """Each point of a list; those that are not selected are left out with a note."""
        chosen = [point for point in markup.placed if point.get("selected", True) is not False]
        off = len(markup.placed) - len(chosen)
        if off:
            what = f"{off} of the points are not selected and were left out"
            note(what, markup.path, "Select them in 3D Slicer to use them")
        return [
            (markup.position(point)[None], 0 if markup.negative or is_negative(point) else 1) for point in chosen
        ]
