"""Where a mask is, and how much two of them have in common."""

from __future__ import annotations

import numpy as np


def bounds(mask: np.ndarray) -> tuple[slice, ...] | None:
    """The smallest box around a mask, bool of any number of axes: a slice for each axis, None for an empty mask."""
    box = []
    for axis in range(mask.ndim):
        found = np.flatnonzero(mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis)))
        if not len(found):
            return None
        box.append(slice(int(found[0]), int(found[-1]) + 1))
    return tuple(box)


def dice(one: np.ndarray, other: np.ndarray, empty: float = 1.0) -> float:
    """2|A and B| / (|A| + |B|) of two masks, bool of one shape; ``empty`` where both are."""
    size = int(np.count_nonzero(one)) + int(np.count_nonzero(other))
    return 2 * int(np.count_nonzero(one & other)) / size if size else empty
