"""How well a prediction agrees with the truth, and what counts when one of them is empty.

A metric is a function of :class:`Pair` and a line in :data:`METRICS`; reports, tables and plots ask there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import listed
from SAMAdaptLib.evaluation.surfaces import corners, distances, rim, surface_areas
from SAMAdaptLib.volume.masks import bounds, dice, joined

BOTH_EMPTY = "both empty"


class Pair(NamedTuple):
    """Truth and prediction of one structure.

    Attributes:
        truth: bool [Z, Y, X], or [Y, X] of a single slice.
        prediction: bool, of the same shape.
        spacing: voxel size in mm in the order of the array's axes.
        tolerance_mm: surface distance that is forgiven, mm.
    """

    truth: np.ndarray
    prediction: np.ndarray
    spacing: tuple[float, ...]
    tolerance_mm: float


@dataclass(frozen=True)
class Metric:
    """A figure of how well two masks agree, by its key in :data:`METRICS`.

    Attributes:
        name: for people.
        measure: from two masks that both hold something, cut to the box around them.
        unit: "" of a share from 0 to 1.
        empty: where truth and prediction are both empty.
        missed: of a structure that is missed, or found where there is none; None for the diagonal of the volume in mm.
        full_name: for people, where the diagonal is told of.
        surfaces: whether it is measured on surfaces, so that slices with gaps between them have it slice by slice only.
        forgives: whether distances up to the tolerance are forgiven.
        by_slice: whether its mean over slices is among the means over labels and scans, too.
    """

    name: str
    measure: Callable[[Pair], float]
    unit: str = ""
    empty: float = 1.0
    missed: float | None = 0.0
    full_name: str = ""
    surfaces: bool = False
    forgives: bool = False
    by_slice: bool = False

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


def iou(pair: Pair) -> float:
    """|A and B| / |A or B|, 0..1."""
    both = int(np.count_nonzero(pair.truth & pair.prediction))
    return both / int(np.count_nonzero(pair.truth | pair.prediction))


def hd95(pair: Pair) -> float:
    """Greater of the two directed 95th percentiles of surface distances, mm, between the centres of surface voxels
    (those with a face neighbour outside), as MONAI takes them."""
    ends = rim(pair.prediction), rim(pair.truth)
    both = (distances(one, other, pair.spacing, share=0.95) for one, other in (ends, ends[::-1]))
    return max(float(np.percentile(one, 95)) for one in both)


def nsd(pair: Pair) -> float:
    """Normalised surface Dice at the tolerance, 0..1; surface elements between voxels are weighed by their area
    (Nikolov et al., arXiv 1809.04430), both ways at once."""
    areas = surface_areas(pair.spacing)
    codes = corners(pair.prediction), corners(pair.truth)
    # Where all or none of the voxels that meet in a corner are of the mask there is no surface.
    ends = [code - np.uint8(1) < len(areas) - 2 for code in codes]
    near, whole = 0.0, 0.0
    for code, one, other in zip(codes, ends, ends[::-1], strict=True):
        reached = distances(one, other, pair.spacing, limit=pair.tolerance_mm) <= np.float32(pair.tolerance_mm)
        of, forgiven = (np.bincount(found, minlength=len(areas)) for found in (code[one], code[one][reached]))
        near, whole = near + float(forgiven @ areas), whole + float(of @ areas)
    return near / whole


METRICS: dict[str, Metric] = {
    "dice": Metric("Dice", lambda pair: dice(pair.truth, pair.prediction), by_slice=True),
    "iou": Metric("IoU", iou),
    "hd95_mm": Metric("HD95", hd95, "mm", 0.0, None, "95th-percentile Hausdorff distance", surfaces=True),
    "nsd": Metric("NSD", nsd, surfaces=True, forgives=True, by_slice=True),
}


def over_slices() -> dict[str, str]:
    """Metrics that are also measured slice by slice: the field of their mean over slices to the metric's own."""
    return {f"slice_{key}": key for key, metric in METRICS.items() if metric.by_slice or metric.surfaces}


def averaged() -> list[str]:
    """Fields of which means over labels and scans are taken."""
    return [*METRICS, *(field for field, key in over_slices().items() if METRICS[key].by_slice)]


def titles() -> dict[str, str]:
    """Those fields to what tables call them, with units; "in 2D" is a mean over slices."""
    flat = {field: f"{METRICS[key].title} in 2D" for field, key in over_slices().items()}
    known = {key: metric.title for key, metric in METRICS.items()} | flat
    return {field: known[field] for field in averaged()}


def decimals(field: str) -> int:
    """So many decimals one of those fields has where people read it: three of a share, one of millimetres."""
    return 1 if METRICS[over_slices().get(field, field)].unit else 3


def figure_text(mean: float | None, sd: float | None, digits: int) -> str:
    """A figure as people read it, with so many decimals: its mean, where several spread ± their standard deviation; "-"
    where there is none."""
    if mean is None:
        return "-"
    return f"{mean:.{digits}f}" + ("" if sd is None else f" ± {sd:.{digits}f}")


def policy() -> str:
    """What counts when truth or prediction is empty, in words."""
    empty, missed, farthest = (
        listed([metric.full_name or metric.name for metric in METRICS.values() if counts(metric)])
        for counts in (lambda m: m.empty == 1, lambda m: m.missed == 0, lambda m: m.missed is None)
    )
    return (
        "Scores are per volume, surface distances in mm and in 3D where nothing else is said, slice by slice where"
        " labelled ones between the tested are left out; where truth and"
        f" prediction are both empty, {empty} are 1, flagged and left out of the means. A missed or a falsely found"
        f" structure scores {missed} 0, and the diagonal of the volume as its {farthest}; both are counted."
    )


def conventions() -> dict[str, str]:
    """What each figure of a label on a scan is, and its unit."""
    whole, by_slice = {}, {}
    for key, metric in METRICS.items():
        scale = (metric.unit or "0 to 1") + " at tolerance_mm" * metric.forgives
        pooled = f"{scale}, of all voxels of the scored slices together"
        in_space = f'{scale}; of surfaces in space where surfaces is "3D", else the same as slice_{key}'
        whole[key] = in_space if metric.surfaces else pooled
        by_slice[f"slice_{key}"] = (
            f"{scale}, mean over the scored slices that show the label, each measured by itself in 2D"
            + "; a miss on a slice counts as the slice's diagonal" * (metric.missed is None)
        )
    left_out = '"3D", or "slices" where slices of the label between the scored ones were left out or one was scored'
    return whole | {field: by_slice[field] for field in over_slices()} | {"surfaces": left_out}


def score(
    truth: np.ndarray,
    prediction: np.ndarray,
    spacing_zyx: ArrayLike,
    tolerance_mm: float = TOLERANCE_MM,
    cut_from: tuple[int, ...] | None = None,
) -> dict[str, Any]:
    """Compare two masks by :func:`policy`.

    A stack of one slice is measured as a 2D picture, because in 3D each of its voxels would be surface; so is one that
    has a single voxel along another axis, as such a slice has it when it is seen from the side. However the axes run,
    the figures are the same.

    Args:
        truth: bool [Z, Y, X] or [Y, X].
        prediction: bool, of the same shape.
        spacing_zyx: voxel size in mm in the order of the array's axes; of three numbers a 2D mask takes the last two.
        tolerance_mm: surface distance that NSD forgives, mm.
        cut_from: shape of the stack or slice that the masks are a part of, outside of which both are empty there; by
            default they are the whole of it.

    Returns:
        a number for each of :data:`METRICS`; truth_voxels and predicted_voxels, the sizes of the two; status: "ok",
        "missed" (prediction empty), "false positive" (truth empty) or "both empty".
    """
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape or truth.dtype != bool or prediction.dtype != bool:
        raise ValueError(
            f"wanted bool masks of one shape, got {truth.dtype} {truth.shape}, {prediction.dtype} {prediction.shape}"
        )
    spacing = np.asarray(spacing_zyx, dtype=np.float64)[-truth.ndim :]
    if truth.ndim not in (2, 3) or spacing.shape != (truth.ndim,) or not (spacing > 0).all() or not tolerance_mm >= 0:
        raise ValueError(f"a mask of {truth.ndim} axes with spacing {spacing} and tolerance {tolerance_mm}")
    whole = cut_from or truth.shape
    layers = [axis for axis in range(3) if truth.ndim == 3 and whole[axis] == 1]
    if layers:
        # The thickest of several, whichever comes first.
        layer = max(layers, key=lambda axis: float(spacing[axis]))
        truth, prediction = (np.asarray(mask.any(axis=layer)) for mask in (truth, prediction))
        spacing, whole = np.delete(spacing, layer), (*whole[:layer], *whole[layer + 1 :])
    sizes = int(np.count_nonzero(truth)), int(np.count_nonzero(prediction))
    if sizes == (0, 0):
        status, values = BOTH_EMPTY, {key: metric.empty for key, metric in METRICS.items()}
    elif 0 in sizes:
        diagonal = float(np.linalg.norm(np.array(whole) * spacing))
        status = "missed" if sizes[1] == 0 else "false positive"
        values = {key: diagonal if m.missed is None else m.missed for key, m in METRICS.items()}
    else:
        box = joined(bounds(truth), bounds(prediction))
        pair = Pair(truth[box], prediction[box], tuple(spacing.tolist()), float(tolerance_mm))
        status, values = "ok", {key: metric.measure(pair) for key, metric in METRICS.items()}
    return {**values, "truth_voxels": sizes[0], "predicted_voxels": sizes[1], "status": status}


def mean_scores(scores: Sequence[dict[str, Any]], fields: Iterable[str]) -> dict[str, Any]:
    """Means of these fields over the scores that are not "both empty", of each over those that have it (not None).

    Returns:
        those (None when nothing is left), ``n`` = scores that went into them, ``n_missed``, ``n_false_positive`` and
        ``n_both_empty``.
    """
    counted = [one for one in scores if one["status"] != BOTH_EMPTY]
    return {
        **{field: mean(one[field] for one in counted) for field in fields},
        "n": len(counted),
        "n_missed": sum(one["status"] == "missed" for one in scores),
        "n_false_positive": sum(one["status"] == "false positive" for one in scores),
        "n_both_empty": len(scores) - len(counted),
    }


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of what is not None, None where nothing is left."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
