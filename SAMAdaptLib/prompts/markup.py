"""One markup of a file that 3D Slicer writes.

Facts of the format, from Slicer's published schema (versions 1.0.0 to 1.0.4): ``coordinateSystem`` is "LPS" or "RAS"
for each markup on its own and LPS when absent; old files hold "1" for LPS and "0" for RAS; ``coordinateUnits`` is mm
(default) or um; ``positionStatus`` is "defined" (default), "preview" or "undefined"; the columns of an ROI's
``orientation`` (9 numbers, row by row) are its axes; ``center`` may be left out when the first control point gives it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import FARTHEST_MM

TO_RAS = {"LPS": (-1.0, -1.0, 1.0), "1": (-1.0, -1.0, 1.0), "RAS": (1.0, 1.0, 1.0), "0": (1.0, 1.0, 1.0)}
MM = {"mm": 1.0, "um": 1e-3}
REMEDY = "Save the points or the ROI again from 3D Slicer"


@dataclass(frozen=True)
class Markup:
    """A markup as it stands in a file; what is asked of it raises InputError where it is damaged.

    Attributes:
        raw: its fields.
        path: the file, for errors.
    """

    raw: dict[str, Any]
    path: str | os.PathLike[str]

    @cached_property
    def scale(self) -> Double:
        """The factors [3] from its coordinates to RAS mm."""
        system = str(self.raw.get("coordinateSystem", "LPS"))
        if system not in TO_RAS:
            what = f"Unknown coordinate system {system!r} in the markups"
            raise InputError(what, self.path, "Save the markups as LPS or RAS")
        unit = self.raw.get("coordinateUnits", "mm")
        # A DICOM code in place of a word: [code, scheme, meaning].
        unit = str(unit[0] if isinstance(unit, list) and unit else unit)
        if unit not in MM:
            raise InputError(f"Unknown unit {unit!r} in the markups", self.path, "Save the markups in mm")
        return np.array(TO_RAS[system]) * MM[unit]

    @cached_property
    def placed(self) -> list[dict[str, Any]]:
        """The fields of the control points that were placed."""
        points = self.raw.get("controlPoints", [])
        if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
            raise InputError("The control points of the markups are damaged", self.path, REMEDY)
        return [point for point in points if point.get("positionStatus", "defined") == "defined"]

    @property
    def negative(self) -> bool:
        """Whether its name or description says that it is not the object."""
        return is_negative(self.raw)

    def position(self, point: dict[str, Any]) -> Double:
        """Where a control point is, RAS mm [3]."""
        return self.numbers(point.get("position"), 3, "a position") * self.scale

    def numbers(self, values: Any, count: int, what: str) -> Double:
        """Values of a field as so many numbers, float64 [count]; ``what`` says in errors what they are."""
        told = isinstance(values, list) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        # JSON knows whole numbers that are too large for any kind of array.
        if not told or len(values) != count or not all(abs(value) < FARTHEST_MM for value in values):
            raise InputError(f"The markups hold {what} that is not {count} finite numbers", self.path, REMEDY)
        return np.array(values, dtype=np.float64)


def is_negative(item: dict[str, Any]) -> bool:
    """Whether name, label or description of a markup or a control point begins with "-" or says "neg" or
    "background"."""
    texts = [str(item.get(key) or "").strip().lower() for key in ("name", "label", "description")]
    return any(text.startswith("-") or "neg" in text or "background" in text for text in texts)
