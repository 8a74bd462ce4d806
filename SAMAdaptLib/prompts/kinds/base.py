"""What every kind of mark on an object says of itself."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.markup import Markup
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.geometry import Geometry, nearest_index
from SAMAdaptLib.volume.planes import PlaneStack

# First and last slice, both inclusive.
Depth = tuple[int, int]


class Kind:
    """A kind of mark: positions in RAS mm [N, 3] become what a model takes, a :class:`Prompt` in pixels of a slice.

    A subclass sets the attributes, defines :meth:`prompt`, and overrides what else differs.

    Attributes:
        name: in marks, of the option of ``samadapt segment``, and where segments keep their prompts.
        shown: what is written behind the option.
        help: of the option.
        remedy: how one is written, for errors.
        least, most: number of positions; ``most`` is None where there is no end.
        negative: whether it may say what is not the object.
        box: whether it gives a box, of which a slice has one.
        flat: whether it belongs on one slice as a whole; otherwise each position goes to the slice nearest to it.
        line: whether it is drawn by hand, as a line through any number of positions.
        markups: the types of Slicer's markups that it is read from.
    """

    name: str
    shown: str
    help: str
    remedy: str
    least: int = 1
    most: int | None = None
    negative: bool = False
    box: bool = False
    flat: bool = False
    line: bool = False
    markups: tuple[str, ...] = ()

    def spread(self, at: Double) -> Double:
        """The positions [M, 3] (RAS mm) that go to slices, of those that a user gave [N, 3]."""
        return at

    def prompt(self, pixels: Double, label: int, shape: tuple[int, int]) -> Prompt:
        """What it is for the model.

        Args:
            pixels: (x, y) [M, 2] of what was spread, in pixels of one slice.
            label: 1 = the object, 0 = not the object.
            shape: (H, W) of the slice.
        """
        raise NotImplementedError

    def outline(self, pixels: Double) -> Double:
        """The line (x, y) [L, 2] by which it is shown on a slice, of what was spread [M, 2]; of none, with L = 0."""
        return pixels

    def inside(self, pixels: Double, shape: tuple[int, int]) -> bool:
        """Whether a slice of (H, W) holds what was spread, (x, y) [M, 2]."""
        index = nearest_index(pixels)
        return bool(((index >= 0) & (index < shape[::-1])).all())

    def on_slices(
        self, at: Double, label: int, stack: PlaneStack, called: str
    ) -> tuple[dict[int, Prompt], Depth | None]:
        """Put one on the slices of a stack.

        Args:
            at: float64 [N, 3], RAS mm.
            label: 1 = the object, 0 = not the object.
            stack: the slices.
            called: what it is called in errors, such as "Point 2".

        Returns:
            slice index to prompt, and the slices that the object may reach where it says so.

        Raises:
            InputError: a position outside the volume, or on another slice than the others of a flat kind.
        """
        ras = self.spread(at)
        places = stack.ras_to_pixel(ras)
        held = stack.contains(places)
        if not held.all():
            raise outside(called, ras[~held][0], stack.geometry)
        slices = nearest_index(places[:, 2])
        if self.flat and len(np.unique(slices)) > 1:
            raise InputError(
                f"{called} crosses {stack.axis} slices",
                f"{slices.min()} to {slices.max()}",
                "Choose the axis of the view that it was drawn in",
            )
        xy = np.clip(places[:, :2], 0.0, [stack.shape[1] - 1, stack.shape[0] - 1])
        return {int(i): self.prompt(xy[slices == i], label, stack.shape) for i in np.unique(slices)}, None

    def read(self, markup: Markup) -> Iterable[tuple[Double, int]]:
        """What a markup of one of its types holds: positions [N, 3] (RAS mm) and label of each; nothing if not placed.

        Raises:
            InputError: numbers missing or not finite.
        """
        at = np.array([markup.position(point) for point in markup.placed])
        return [(at, 0 if markup.negative else 1)] if len(at) >= self.least else []


def outside(called: str, ras: Double, geometry: Geometry) -> InputError:
    """The error for something at ``ras``, positions in mm, that no slice holds."""
    ends = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in geometry.size])).reshape(3, -1).T
    corners = geometry.to_ras(ends)
    extent = ", ".join(
        f"{letter} {low:.1f} to {high:.1f}"
        for letter, low, high in zip("RAS", corners.min(axis=0), corners.max(axis=0), strict=True)
    )
    remedy = f"The volume reaches over {extent} mm; check the signs (RAS)"
    return InputError(f"{called} lies outside the volume", written(ras), remedy)


def written(ras: Double) -> str:
    """Positions (RAS mm) as the command line has them."""
    return ",".join(f"{value:.10g}" for value in ras.ravel())
