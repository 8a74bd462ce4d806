"""The kinds of marks by which a user points at an object, and marks themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds.base import Kind, written
from SAMAdaptLib.prompts.kinds.box import Box
from SAMAdaptLib.prompts.kinds.lasso import Lasso
from SAMAdaptLib.prompts.kinds.point import Point
from SAMAdaptLib.prompts.kinds.scribble import Scribble

Position = tuple[float, float, float]

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Point(), Box(), Scribble(), Lasso())}


@dataclass(frozen=True, init=False)
class Mark:
    """Something that a user marked on or beside one object.

    Args:
        kind: "point", "box" (two opposite corners), "scribble" (a line through positions), "lasso" (the corners of a
            closed line) or another of KINDS.
        at: positions [N, 3] or, of a single one, [3], in RAS mm.
        label: 1 = the object, 0 = not the object.

    Attributes:
        kind: see above.
        at: N positions.
        label: see above.

    Raises:
        InputError: an unknown kind, positions too few, too many or not finite, or a kind that cannot say what is not
            the object.
    """

    kind: str
    at: tuple[Position, ...]
    label: int

    def __init__(self, kind: str, at: ArrayLike, label: int = 1) -> None:
        known = KINDS.get(kind)
        if known is None:
            raise InputError("Unknown kind of prompt", kind, f"Choose one of {', '.join(KINDS)}")
        values = np.asarray(at, np.float64).ravel()
        count, rest = divmod(values.size, 3)
        if rest or count < known.least or (known.most and count > known.most) or not np.isfinite(values).all():
            wanted = f"{3 * known.least}{'' if known.most == known.least else ' or more'}"
            raise InputError(f"A {kind} needs {wanted} finite numbers", written(values), known.remedy)
        if not (label or known.negative):
            raise InputError(f"A {kind} cannot say what is not the object", None, "Give a point there")
        positions = tuple((float(r), float(a), float(s)) for r, a, s in values.reshape(-1, 3))
        for name, value in (("kind", kind), ("at", positions), ("label", int(bool(label)))):
            object.__setattr__(self, name, value)

    @property
    def spread(self) -> Double:
        """The positions that go to slices: float64 [M, 3], RAS mm."""
        return KINDS[self.kind].spread(np.array(self.at))


def parse(kind: str, text: str) -> Mark:
    """Read what stands behind an option of the command line: positions ``R,A,S,...`` in mm.

    A kind that may be negative is so with ``,-`` at the end; ``,+`` is allowed.

    Raises:
        InputError: anything else, and numbers that are not finite.
    """
    parts, label = [part.strip() for part in text.split(",")], 1
    if KINDS[kind].negative and len(parts) % 3 == 1 and parts[-1] in ("+", "-"):
        label = int(parts.pop() == "+")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise InputError(f"Cannot read the {kind}", text, KINDS[kind].remedy) from error
    return Mark(kind, numbers, label)
