"""Boxes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds.base import Depth, Kind, outside, written
from SAMAdaptLib.prompts.markup import Markup
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.planes import AXES, PlaneStack

# A box thinner than this many slices was drawn on one slice; it says nothing about how far the object reaches.
THICK_SLICES = 1.5
# A hundredth of a micrometre; below it a side is flat.
FLAT_MM = 1e-5
# Millionths of a pixel come from products of matrices and must not decide whether a pixel's centre is inside.
EDGE = 1e-6


class Box(Kind):
    """Two opposite corners around the object, along R, A and S in the patient and along rows and columns on a plane.

    In a volume it becomes the columns and rows whose pixel centres it holds, first and last inclusive, and at least the
    column and row nearest to its middle; so a box along the outer edges of pixels and one through their centres are the
    same. What reaches beyond the volume is cut off. It lies on the slice in the middle of its (cut) depth; one deeper
    than 1.5 slices also limits the object to the slices that it holds. On an oblique grid the box is turned with the
    grid around its centre, so that a flat one stays on one slice.
    """

    name = "box"
    shown = "R0,A0,S0,R1,A1,S1"
    help = "two opposite corners in RAS mm"
    remedy = "Write two corners R0,A0,S0,R1,A1,S1 in mm"
    least = most = 2
    box = True
    markups = ("ROI",)

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """The box between two corners, cut at the borders of the slice."""
        return Prompt(box=np.clip(np.sort(pixels, axis=0), 0, np.array(shape[::-1]) - 1).ravel())

    def outline(self, pixels: Double) -> Double:
        """Along rows and columns, as the model gets it."""
        (x0, y0), (x1, y1) = pixels
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])

    def inside(self, pixels: Double, shape: tuple[int, int]) -> bool:
        """Whether some of it is."""
        low, high = np.sort(pixels, axis=0)
        return bool((high >= -0.5).all() and (low <= np.array(shape[::-1]) - 0.5).all())

    def on_slices(
        self, at: Double, label: int, stack: PlaneStack, called: str
    ) -> tuple[dict[int, Prompt], Depth | None]:
        """On the slice in the middle of its depth; the depth where it has one.

        Raises:
            InputError: wholly outside the volume, or without area on these slices.
        """
        low, high = np.sort(at, axis=0)
        axes = [int(np.abs(direction).argmax()) for direction in AXES[stack.axis]]
        size = (high - low)[axes]
        if (size[:2] < FLAT_MM).any():
            what, remedy = f"{called} has no area on {stack.axis} slices", "Give two corners that differ in the plane"
            raise InputError(what, written(np.array([low, high])), remedy)
        height, width = stack.pixel_spacing
        half = size / np.array([width, height, stack.step]) / 2
        middle = stack.ras_to_pixel((low + high) / 2)[0]
        count = np.array([stack.shape[1], stack.shape[0], stack.count])
        start = np.maximum(middle - half, -0.5)
        end = np.minimum(middle + half, count - 0.5)
        if (start > end + EDGE).any():
            raise outside(called, np.array([low, high]), stack.geometry)
        center = np.clip(nearest_index((start + end) / 2), 0, count - 1)
        first = np.minimum(np.ceil(start - EDGE).astype(np.int64), center)
        last = np.maximum(np.floor(end + EDGE).astype(np.int64), center)
        first, last = np.maximum(first, 0), np.minimum(last, count - 1)
        found = Prompt(box=np.array([first[0], first[1], last[0], last[1]]))
        thick = 2 * half[2] > THICK_SLICES
        return {int(center[2]): found}, (int(first[2]), int(last[2])) if thick else None

    def read(self, markup: Markup) -> Iterable[tuple[Double, int]]:
        """The range in R, A and S that holds all of an ROI, however it is turned; its name does not matter."""
        size = np.abs(markup.numbers(markup.raw.get("size", [0, 0, 0]), 3, "an ROI size"))
        center = markup.raw.get("center", markup.placed[0].get("position") if markup.placed else None)
        if not size.any() or center is None:
            return []
        turn = markup.raw.get("orientation", np.eye(3).ravel().tolist())
        reach = np.abs(markup.numbers(turn, 9, "an ROI orientation").reshape(3, 3)) @ size / 2
        middle = markup.numbers(center, 3, "an ROI center")
        return [(np.stack([middle - reach, middle + reach]) * markup.scale, 1)]
