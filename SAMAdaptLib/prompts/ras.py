"""Prompts in the patient (RAS mm), and the one place where they become pixels of slices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.geometry import Geometry, nearest_index
from SAMAdaptLib.volume.planes import AXES, PlaneStack

# A box thinner than this many slices was drawn on one slice; it says nothing about how far the object reaches.
THICK_SLICES = 1.5
# A hundredth of a micrometre; below it a side is flat.
FLAT_MM = 1e-5
# Millionths of a pixel come from products of matrices and must not decide whether a pixel's centre is inside.
EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class RasPrompts:
    """What a user marked on one object, in RAS mm.

    Attributes:
        points: float64 [N, 3].
        labels: int64 [N]; 1 = the object, 0 = not the object; all 1 where none is given.
        boxes: float64 [M, 6] (R0, A0, S0, R1, A1, S1), the low corner first whatever order was given.
    """

    points: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 6)))

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float64).reshape(-1, 3)
        labels = np.asarray(self.labels, dtype=np.int64).reshape(-1)
        if not labels.size:
            labels = np.ones(len(points), dtype=np.int64)
        corners = np.asarray(self.boxes, dtype=np.float64).reshape(-1, 2, 3)
        if len(points) != len(labels):
            raise ValueError(f"{len(points)} points with {len(labels)} labels")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "boxes", np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1))

    @property
    def empty(self) -> bool:
        """Whether nothing was marked."""
        return len(self.points) == 0 and len(self.boxes) == 0

    def joined(self, other: RasPrompts) -> RasPrompts:
        """Both together, in order."""
        return RasPrompts(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.boxes, other.boxes]),
        )


@dataclass(frozen=True, eq=False)
class SlicePrompts:
    """Prompts on the slices of a stack.

    Attributes:
        prompts: slice index to Prompt in pixels. A slice may hold negative points only: they start nothing, but hold
            for what comes there from another slice.
        limits: first and last slice (inclusive) that the object may reach, given by a box with depth; None without one.
    """

    prompts: dict[int, Prompt]
    limits: tuple[int, int] | None = None


def parse_point(text: str) -> tuple[np.ndarray, int]:
    """Read ``R,A,S`` (mm) as a point on the object, ``R,A,S,-`` as one that is not; ``R,A,S,+`` is allowed.

    Returns:
        (float64 [3] RAS mm, label 1 or 0).

    Raises:
        InputError: anything else, and numbers that are not finite.
    """
    parts = [part.strip() for part in text.split(",")]
    label = 1
    if len(parts) == 4 and parts[3] in ("+", "-"):
        label = int(parts.pop() == "+")
    return _numbers(parts, 3, text, "point", "Write R,A,S in mm, and R,A,S,- for a point outside the object"), label


def parse_box(text: str) -> np.ndarray:
    """Read two opposite corners ``R0,A0,S0,R1,A1,S1`` (mm), in any order.

    Returns:
        float64 [6], the low corner first.

    Raises:
        InputError: anything else, and numbers that are not finite.
    """
    parts = [part.strip() for part in text.split(",")]
    corners = _numbers(parts, 6, text, "box", "Write two corners R0,A0,S0,R1,A1,S1 in mm").reshape(2, 3)
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def on_slices(prompts: RasPrompts, stack: PlaneStack) -> SlicePrompts:
    """Put prompts on the slices of a stack.

    A point goes to the slice nearest to it and keeps its place between pixel centres.

    A box becomes the columns and rows whose pixel centres it holds, first and last inclusive, and at least the column
    and row nearest to its middle; so a box along the outer edges of pixels and one through their centres are the same.
    What reaches beyond the volume is cut off. It lies on the slice in the middle of its (cut) depth; a box deeper than
    1.5 slices also limits the object to the slices that it holds, and to other slices with a prompt of their own.
    On an oblique grid the box is turned with the grid around its centre, so that a flat one stays on one slice.

    Raises:
        InputError: nothing given; a point or a whole box outside the volume; a box without area on these slices; two
            boxes on one slice.
    """
    if prompts.empty:
        raise InputError("There is no prompt", None, "Give a point or a box")
    points: dict[int, list[tuple[np.ndarray, int]]] = {}
    for number, (ras, label) in enumerate(zip(prompts.points, prompts.labels, strict=True), start=1):
        pixel = stack.ras_to_pixel(ras)[0]
        if not stack.contains(pixel)[0]:
            raise _outside(f"Point {number}", ras, stack.geometry)
        xy = np.clip(pixel[:2], 0.0, [stack.shape[1] - 1, stack.shape[0] - 1])
        points.setdefault(int(nearest_index(pixel[2])), []).append((xy, label))
    boxes: dict[int, np.ndarray] = {}
    limits: list[tuple[int, int]] = []
    for number, corners in enumerate(prompts.boxes, start=1):
        index, pixels, depth = _box_on_slice(corners, stack, f"Box {number}")
        if index in boxes:
            raise InputError(f"Two boxes lie on slice {index}", f"box {number}", "Give one box for one object")
        boxes[index] = pixels
        limits += [depth] if depth else []
    found = {
        index: Prompt(
            points=np.array([xy for xy, _ in points.get(index, [])]).reshape(-1, 2),
            labels=np.array([label for _, label in points.get(index, [])], dtype=np.int64),
            box=boxes.get(index),
        )
        for index in sorted({*points, *boxes})
    }
    if not limits:
        return SlicePrompts(found)
    started = [index for index, prompt in found.items() if prompt.box is not None or prompt.labels.any()]
    ends = [end for pair in limits for end in pair] + started
    return SlicePrompts(found, (min(ends), max(ends)))


def _box_on_slice(
    corners: np.ndarray, stack: PlaneStack, name: str
) -> tuple[int, np.ndarray, tuple[int, int] | None]:
    """Return (slice index, pixel box [4], (first, last) or None)."""
    low, high = corners[:3], corners[3:]
    axes = [int(np.abs(direction).argmax()) for direction in AXES[stack.axis]]
    size = (high - low)[axes]
    if (size[:2] < FLAT_MM).any():
        raise InputError(
            f"{name} has no area on {stack.axis} slices", _text(corners), "Give two corners that differ in the plane"
        )
    height, width = stack.pixel_spacing
    half = size / np.array([width, height, stack.step]) / 2
    middle = stack.ras_to_pixel((low + high) / 2)[0]
    count = np.array([stack.shape[1], stack.shape[0], stack.count])
    start = np.maximum(middle - half, -0.5)
    end = np.minimum(middle + half, count - 0.5)
    if (start > end + EDGE).any():
        raise _outside(name, corners, stack.geometry)
    center = np.clip(nearest_index((start + end) / 2), 0, count - 1)
    first = np.minimum(np.ceil(start - EDGE).astype(np.int64), center)
    last = np.maximum(np.floor(end + EDGE).astype(np.int64), center)
    first, last = np.maximum(first, 0), np.minimum(last, count - 1)
    thick = 2 * half[2] > THICK_SLICES
    box = np.array([first[0], first[1], last[0], last[1]])
    return int(center[2]), box, (int(first[2]), int(last[2])) if thick else None


def _numbers(parts: list[str], count: int, text: str, what: str, remedy: str) -> np.ndarray:
    try:
        numbers = np.array([float(part) for part in parts])
    except ValueError as error:
        raise InputError(f"Cannot read the {what}", text, remedy) from error
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise InputError(f"A {what} needs {count} finite numbers", text, remedy)
    return numbers


def _outside(name: str, ras: np.ndarray, geometry: Geometry) -> InputError:
    ends = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in geometry.size])).reshape(3, -1).T
    corners = geometry.to_ras(ends)
    extent = ", ".join(
        f"{letter} {low:.1f} to {high:.1f}"
        for letter, low, high in zip("RAS", corners.min(axis=0), corners.max(axis=0), strict=True)
    )
    return InputError(
        f"{name} lies outside the volume", _text(ras), f"The volume reaches over {extent} mm; check the signs (RAS)"
    )


def _text(ras: np.ndarray) -> str:
    return ",".join(f"{value:.10g}" for value in ras)
