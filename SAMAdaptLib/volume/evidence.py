"""What the voxels themselves tell: whether they are CT numbers, and which of them are only fill."""

from __future__ import annotations

import numpy as np

# Voxels along each axis that are looked at, an even number: landmarks of a scan are shares of its volume, for which
# these are plenty.
SIDE = 96
# What scanners of these kinds write is never in Hounsfield units. Others may be: cone-beam CT comes as XA, too.
WITHOUT_CT_NUMBERS = ("MR", "PT", "NM", "US")
# A value that fewer voxels share is not taken for fill.
FILL_SHARE = 0.001
# Percentile of what is above the fill, and how far below it the fill lies, as a part of the range from there to the
# 99.5th percentile. Of 51 scans without fill none comes over 0.06 and 0.4. The second finds a fill that interpolation
# has blended with its neighbours.
APART = ((0.5, 0.15), (5.0, 0.5))
# A tenth of the way down from the others towards the fill, blends of the two begin.
BLEND = 0.1


def sample(array: np.ndarray) -> np.ndarray:
    """Evenly spaced voxels of an array of any shape, float64 [N]; the same ones whatever the order of the axes is, and
    from whichever end they run."""
    seen: np.ndarray = array[np.ix_(*map(_places, array.shape))].astype(np.float64).ravel()
    return seen


def _places(count: int) -> np.ndarray:
    if count <= SIDE:
        return np.arange(count)
    first = np.rint(np.arange(SIDE // 2) * (count - 1) / (SIDE - 1)).astype(np.int64)
    return np.concatenate([first, count - 1 - first[::-1]])


def fill_limit(values: np.ndarray) -> float | None:
    """The value up to which voxels are fill, as resampling and gantry correction leave beyond the scanned field.

    Fill is the lowest value where it is negative, many voxels share it and it lies far below all others. The air of a
    CT does not: values go on from it without a gap. A background of 0 never counts as fill: what is cut out of an MR so
    still wants to be told from what is dark in it.

    Args:
        values: see :func:`sample`.

    Returns:
        None where there is no fill.
    """
    lowest = values.min()
    others = values[values > lowest]
    if lowest >= 0 or not len(others) or len(values) - len(others) < FILL_SHARE * len(values):
        return None
    top = np.percentile(others, 99.5)
    for percent, apart in APART:
        edge = np.percentile(others, percent)
        if edge - lowest > apart * (top - edge):
            return float(edge - BLEND * (edge - lowest))
    return None


def has_ct_numbers(values: np.ndarray, modality: str = "") -> bool:
    """Whether values are in Hounsfield units.

    Known by landmarks, not by the number type: air or lung between -1100 and -700 and less from there to the tissues,
    or at least more there than as far above water, where phase and subtraction images have as much as below; tissues
    mostly within -200 and 300, around water; hardly anything below air. Where air is cut away or replaced by a fill of
    -900 or below, fat around -100 must show beside a trace of air or the fill.

    Not recognised: CT cut so tightly that no air is left, CT scaled to another range (0 to 1), and CT numbers stored
    without their offset (air at 0), see :func:`lacks_ct_offset`.

    Args:
        values: see :func:`sample`.
        modality: as DICOM spells it, empty where unknown. "CT" is believed unless the values contradict, as those of a
            file without its rescale intercept do.
    """
    if modality in WITHOUT_CT_NUMBERS:
        return False
    limit = fill_limit(values)
    seen = values if limit is None else values[values > limit]

    def share(low: float, high: float) -> float:
        return float(((seen >= low) & (seen < high)).mean())

    if modality == "CT":
        wide = np.subtract(*np.percentile(seen, (99.5, 0.5))) > 20
        return bool(wide and (share(-np.inf, -50) >= 0.01 or share(700, np.inf) <= 0.05))
    tissue = seen[seen >= -200]
    if not len(tissue) or share(-np.inf, -1100) > 0.01 or (tissue < 300).mean() < 0.5:
        return False
    if not -150 <= np.median(tissue) <= 150:
        return False
    air, between = share(-1100, -700), share(-700, -200)
    if air >= 0.005:
        return (air > between or share(200, 700) < 0.75 * between) and between <= 0.3 * len(tissue) / len(seen)
    trace = air > 0 or (limit is not None and values.min() <= -900)
    return trace and between <= 0.05 and share(-150, -50) >= 0.03


def lacks_ct_offset(values: np.ndarray, modality: str = "") -> bool:
    """Whether values are CT numbers that are too high by 1024 (or 1000): stored numbers, without their intercept."""
    return has_ct_numbers(values - 1024, "" if modality == "CT" else modality)
