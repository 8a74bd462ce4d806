"""Where a mask is, and how much two of them have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def bounds(mask: np.ndarray) -> tuple[slice, ...] | None:
    """The smallest box around a mask, bool of any number of axes: a slice for each axis, None for an empty mask."""
    box = []
    for _ in range(mask.ndim):
        found = np.flatnonzero(mask.any(axis=tuple(range(1, mask.ndim))))
        if not len(found):
            return None
        box.append(slice(int(found[0]), int(found[-1]) + 1))
        # What is left to find shows in the projection.
        mask = np.asarray(mask[box[-1]].any(axis=0))
    return tuple(box)


def largest_part(parts: np.ndarray) -> np.ndarray:
    """The largest of numbered parts, as a mask; of equal ones the first.

    Args:
        parts: int of any number of axes, 0 outside, at least one part.
    """
    part: np.ndarray = parts == 1 + np.bincount(parts.ravel())[1:].argmax()
    return part


def depth_in(mask: np.ndarray) -> np.ndarray:
    """Distance of each pixel of a mask, bool [H, W], from anything outside, in pixels, where beyond the image is
    outside: float64 [H, W]."""
    from scipy import ndimage

    depth: np.ndarray = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return depth


def joined(*boxes: tuple[slice, ...] | None) -> tuple[slice, ...]:
    """The smallest box around those that are not None; at least one has to be."""
    known = [box for box in boxes if box is not None]
    return tuple(slice(min(s.start for s in sides), max(s.stop for s in sides)) for sides in zip(*known, strict=True))


class Region(NamedTuple):
    """Where a label value lies.

    Attributes:
        box: the smallest box around it.
        centre: mean index of its pixels along each axis, float64.
        area: number of its pixels.
    """

    box: tuple[slice, ...]
    centre: np.ndarray
    area: int


def regions(labels: np.ndarray) -> dict[int, Region]:
    """Where each value above 0 of a label map lies, whole numbers of any number of axes."""
    from scipy import ndimage

    found = {}
    for value, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None:
            places = np.nonzero(labels[box] == value)
            centre = np.array([side.start + place.mean() for side, place in zip(box, places, strict=True)])
            found[value] = Region(box, centre, len(places[0]))
    return found


def dice(one: np.ndarray, other: np.ndarray, empty: float = 1.0) -> float:
    """2|A and B| / (|A| + |B|) of two masks, bool of one shape; ``empty`` where both are."""
    size = int(np.count_nonzero(one)) + int(np.count_nonzero(other))
    return 2 * int(np.count_nonzero(one & other)) / size if size else empty
