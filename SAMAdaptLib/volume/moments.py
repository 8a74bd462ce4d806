"""Images over time: which of their frames is meant, and when each was taken."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Sequence
from typing import Literal, NamedTuple
from urllib.parse import unquote

from SAMAdaptLib.errors import InputError

# Frames by their numbers, counted from 1, as those of DICOM are; all of them; or none named, where there is one only.
Moment = int | tuple[int, ...] | Literal["all"] | None
_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3}
# By either letter that is a micro.
_SECONDS |= dict.fromkeys(("us", "\u00b5s", "\u03bcs"), 1e-6)


class NoFrameNamed(InputError):
    """An image over time where one of its frames is wanted, and none named."""


class Times(NamedTuple):
    """When the frames of an image were taken.

    Attributes:
        values: one for each, as the file says them.
        unit: of them, such as "s" or "ms"; empty where the file does not say it.
    """

    values: tuple[float, ...]
    unit: str = ""

    @property
    def seconds(self) -> tuple[float, ...] | None:
        """The same in seconds; None where the unit is not known."""
        scale = _SECONDS.get(self.unit.lower())
        return None if scale is None else tuple(value * scale for value in self.values)


def chosen_moments(count: int, frame: Moment, path: str | os.PathLike[str]) -> Sequence[int]:
    """Which frames of an image are meant, by indices from 0.

    Args:
        count: how many it has; 1 of an image that is none over time.
        frame: the numbers of some, all, or None.
        path: of the image, for errors.

    Raises:
        NoFrameNamed: none named of several.
        InputError: one that is not there; one of an image that has none.
    """
    if count == 1:
        if frame is not None:
            raise InputError("This is a single volume, without frames to choose from", path, "Leave out --frame")
        return range(1)
    if frame == "all":
        return range(count)
    if frame is None:
        what = f"The image holds {count} frames (volumes or pictures over time)"
        remedy = f"Choose one of them with --frame, from 1 to {count}, or split the image into volumes"
        raise NoFrameNamed(what, path, remedy)
    return indices_of((frame,) if isinstance(frame, int) else frame, count, path)


def indices_of(numbers: Sequence[int], count: int, path: str | os.PathLike[str] | None = None) -> list[int]:
    """The indices from 0 of frames by their numbers; raises InputError for one that is not there."""
    for number in numbers:
        if not 1 <= number <= count:
            raise InputError(f"There is no frame {number} among {count}", path, f"Count from 1, up to {count}")
    return [number - 1 for number in numbers]


class ListAxis(NamedTuple):
    """What an NRRD header says of an axis along which its frames lie.

    Attributes:
        values: of each frame, as text; empty where it says none.
        unit: of them.
    """

    values: tuple[str, ...]
    unit: str


def list_axis(lines: Sequence[str]) -> ListAxis | None:
    """The axis of frames in the header of an NRRD file, as Slicer writes sequences: the last one, of kind "list", and
    in older files the first one, or one of kind "vector"; None where there is none, or where it holds layers of a
    segmentation.

    Args:
        lines: of the header, of any file.
    """
    if not lines or not lines[0].startswith("NRRD"):
        return None
    told: dict[str, str] = {}
    for line in lines[1:]:
        key, _, value = line.partition(":")
        told[key.strip().lower()] = value.removeprefix("=").strip()
    values = told.get("axis 3 index values", told.get("axis 0 index values", ""))
    kinds = told.get("kinds", "").lower().split()
    if not {"segment0_extent", "segment0_layer"}.isdisjoint(told):
        return None
    at = kinds.index("list") if "list" in kinds else 0 if values and kinds[:1] == ["vector"] else None
    if at is None:
        return None
    try:
        units = shlex.split(told.get("units", ""))
    except ValueError:
        units = []
    unit = units[at] if at < len(units) else ""
    return ListAxis(tuple(unquote(value) for value in values.split()), unit)


def times_of(values: Sequence[str | float], unit: str, count: int) -> Times | None:
    """The times that a header gives by these values; None where they are none for each frame, or no rising numbers."""
    try:
        numbers = tuple(float(value) for value in values)
    except ValueError:
        return None
    rising = all(a < b for a, b in zip(numbers, numbers[1:], strict=False))
    return Times(numbers, unit) if len(numbers) == count and rising and all(map(math.isfinite, numbers)) else None
