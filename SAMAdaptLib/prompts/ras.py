"""Prompts in the patient (RAS mm), and the one place where they become pixels of slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.arrays import Double, Index
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.planes import PlaneStack


class RasPrompts:
    """What a user marked on one object, in RAS mm.

    Args:
        points: [N, 3].
        labels: [N]; 1 = the object, 0 = not the object; all 1 where none is given.
        boxes: [M, 6] (R0, A0, S0, R1, A1, S1), two opposite corners in any order.
        marks: of any kind, besides these.

    Attributes:
        marks: all of them, in this order.

    Raises:
        InputError: a position that is not finite.
        ValueError: points and labels of different numbers.
    """

    def __init__(
        self, points: ArrayLike = (), labels: ArrayLike = (), boxes: ArrayLike = (), marks: Iterable[Mark] = ()
    ) -> None:
        places, signs = np.asarray(points, np.float64).reshape(-1, 3), np.asarray(labels, np.int64).ravel()
        if not signs.size:
            signs = np.ones(len(places), np.int64)
        if len(places) != len(signs):
            raise ValueError(f"{len(places)} points with {len(signs)} labels")
        clicks = [Mark("point", at, int(label)) for at, label in zip(places, signs, strict=True)]
        corners = np.asarray(boxes, np.float64).reshape(-1, 2, 3)
        self.marks = (*clicks, *(Mark("box", pair) for pair in corners), *marks)

    @property
    def points(self) -> Double:
        """float64 [N, 3]."""
        return np.array([mark.at[0] for mark in self.marks if mark.kind == "point"]).reshape(-1, 3)

    @property
    def labels(self) -> Index:
        """int64 [N], of the points: 1 = the object, 0 = not the object."""
        return np.array([mark.label for mark in self.marks if mark.kind == "point"], np.int64)

    @property
    def boxes(self) -> Double:
        """float64 [M, 6], the low corner first."""
        corners = [np.sort(mark.at, axis=0).ravel() for mark in self.marks if mark.kind == "box"]
        return np.array(corners).reshape(-1, 6)

    def joined(self, other: RasPrompts) -> RasPrompts:
        """Both together, in order."""
        return RasPrompts(marks=self.marks + other.marks)


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


def on_slices(prompts: RasPrompts, stack: PlaneStack) -> SlicePrompts:
    """Put prompts on the slices of a stack, each mark as its kind says in ``on_slices``.

    What limits the object to some slices, such as a box with depth, leaves it those with a prompt of their own, too.

    Raises:
        InputError: nothing given; something outside the volume; a box without area on these slices; two boxes on one
            slice.
    """
    if not prompts.marks:
        raise InputError("There is no prompt", None, "Give a point or a box")
    found: dict[int, Prompt] = {}
    ends: list[int] = []
    numbers: Counter[str] = Counter()
    for mark in prompts.marks:
        numbers[mark.kind] += 1
        called = f"{mark.kind.capitalize()} {numbers[mark.kind]}"
        parts, depth = KINDS[mark.kind].on_slices(np.array(mark.at), mark.label, stack, called)
        for index, part in parts.items():
            earlier = found.get(index, Prompt())
            if earlier.box is not None and part.box is not None:
                raise InputError(f"Two boxes lie on slice {index}", called.lower(), "Give one box for one object")
            found[index] = earlier.joined(part)
        ends += depth or ()
    found = dict(sorted(found.items()))
    if not ends:
        return SlicePrompts(found)
    ends += [index for index, prompt in found.items() if prompt.starts]
    return SlicePrompts(found, (min(ends), max(ends)))
