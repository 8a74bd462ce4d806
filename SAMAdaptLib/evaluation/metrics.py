"""How well a prediction agrees with the truth, and what counts when one of them is empty."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from SAMAdaptLib.volume.masks import bounds

POLICY = (
    "Scores are per volume, surface distances in mm and in 3D where nothing else is said; where truth and prediction"
    " are both empty, Dice, IoU and NSD are 1, flagged and left out of the means. A missed or a falsely found structure"
    " scores Dice, IoU and NSD 0, and the diagonal of the volume as its 95th-percentile Hausdorff distance; both are"
    " counted."
)

_TOGETHER = "of all voxels of the scored slices together"
_EACH = "mean over the scored slices that show the label, each measured by itself in 2D"
# What each figure of a label on a scan is, and its unit.
CONVENTIONS = {
    "dice": f"0 to 1, {_TOGETHER}",
    "iou": f"0 to 1, {_TOGETHER}",
    "hd95_mm": 'mm; of surfaces in space where surfaces is "3D", else the same as slice_hd95_mm',
    "nsd": '0 to 1 at tolerance_mm; of surfaces in space where surfaces is "3D", else the same as slice_nsd',
    "slice_dice": f"0 to 1, {_EACH}",
    "slice_hd95_mm": f"mm, {_EACH}; a miss on a slice counts as the slice's diagonal",
    "slice_nsd": f"0 to 1 at tolerance_mm, {_EACH}",
    "surfaces": '"3D", or "slices" where slices of the label between the scored ones were left out or one was scored',
}


@dataclass(frozen=True)
class Score:
    """One structure in one volume.

    Attributes:
        dice: 2|A and B| / (|A| + |B|), 0..1.
        iou: |A and B| / |A or B|, 0..1.
        hd95_mm: greater of the two directed 95th percentiles of surface distances, mm; 0 when both are empty.
        nsd: normalised surface Dice at the tolerance, 0..1.
        truth_voxels: size of the truth.
        predicted_voxels: size of the prediction.
        status: "ok", "missed" (prediction empty), "false positive" (truth empty) or "both empty".
    """

    dice: float
    iou: float
    hd95_mm: float
    nsd: float
    truth_voxels: int
    predicted_voxels: int
    status: str


def score(truth: np.ndarray, prediction: np.ndarray, spacing_zyx: Any, tolerance_mm: float = 2.0) -> Score:
    """Compare two masks by :data:`POLICY`.

    A stack of one slice is measured as a 2D picture, because in 3D each of its voxels would be surface. HD95 takes
    surface voxel centres (voxels with a face neighbour outside), as MONAI does; NSD weighs surface elements between
    voxels by their area (Nikolov et al., arXiv 1809.04430), both ways at once.

    Args:
        truth: bool [Z, Y, X] or [Y, X].
        prediction: bool, of the same shape.
        spacing_zyx: voxel size in mm in the order of the array's axes; of three numbers a 2D mask takes the last two.
        tolerance_mm: surface distance that NSD forgives, mm.
    """
    truth, prediction = np.asarray(truth), np.asarray(prediction)
    if truth.shape != prediction.shape or truth.dtype != bool or prediction.dtype != bool:
        raise ValueError(
            f"wanted bool masks of one shape, got {truth.dtype} {truth.shape}, {prediction.dtype} {prediction.shape}"
        )
    spacing = np.asarray(spacing_zyx, dtype=np.float64)[-truth.ndim :]
    if truth.ndim not in (2, 3) or spacing.shape != (truth.ndim,) or not (spacing > 0).all() or not tolerance_mm >= 0:
        raise ValueError(f"a mask of {truth.ndim} axes with spacing {spacing_zyx} and tolerance {tolerance_mm}")
    if truth.ndim == 3 and truth.shape[0] == 1:
        truth, prediction, spacing = truth[0], prediction[0], spacing[1:]

    sizes = (int(np.count_nonzero(truth)), int(np.count_nonzero(prediction)))
    if sizes == (0, 0):
        return Score(1.0, 1.0, 0.0, 1.0, *sizes, "both empty")
    if 0 in sizes:
        diagonal = float(np.linalg.norm(np.array(truth.shape) * spacing))
        return Score(0.0, 0.0, diagonal, 0.0, *sizes, "missed" if sizes[1] == 0 else "false positive")

    window = _joint_box(truth, prediction)
    truth, prediction = truth[window], prediction[window]
    both = int(np.count_nonzero(truth & prediction))
    hd95, nsd = _surfaces(truth, prediction, spacing.tolist(), float(tolerance_mm))
    return Score(2 * both / sum(sizes), both / (sum(sizes) - both), hd95, nsd, *sizes, "ok")


def mean_scores(scores: list[Score]) -> dict[str, float | int | None]:
    """Means of ``dice``, ``iou``, ``hd95_mm`` and ``nsd`` over the scores that are not "both empty".

    Returns:
        those four (None when nothing is left), ``n`` = scores that went into them, ``n_missed``,
        ``n_false_positive`` and ``n_both_empty``.
    """
    counted = [one for one in scores if one.status != "both empty"]
    means = {
        name: float(np.mean([getattr(one, name) for one in counted])) if counted else None
        for name in ("dice", "iou", "hd95_mm", "nsd")
    }
    return {
        **means,
        "n": len(counted),
        "n_missed": sum(one.status == "missed" for one in scores),
        "n_false_positive": sum(one.status == "false positive" for one in scores),
        "n_both_empty": len(scores) - len(counted),
    }


def _joint_box(truth: np.ndarray, prediction: np.ndarray) -> tuple[slice, ...]:
    """The bounding box of both masks with a margin of a voxel; at the border MONAI pads the rim that surfaces need."""
    box = bounds(truth | prediction)
    assert box is not None
    return tuple(slice(max(side.start - 1, 0), side.stop + 1) for side in box)


def _surfaces(truth: np.ndarray, prediction: np.ndarray, spacing: list[float], tolerance: float) -> tuple[float, float]:
    """(HD95 in mm, NSD) of two masks that both hold something."""
    import torch
    from monai.metrics.surface_dice import compute_surface_dice
    from monai.metrics.utils import get_edge_surface_distance

    a, b = torch.from_numpy(prediction.copy()), torch.from_numpy(truth.copy())
    with warnings.catch_warnings():
        # MONAI 1.5 and 1.6 warn about an argument that they pass to themselves.
        warnings.simplefilter("ignore", FutureWarning)
        _, distances, _ = get_edge_surface_distance(a, b, spacing=spacing, symmetric=True)
        nsd = compute_surface_dice(
            a[None, None], b[None, None], [tolerance], include_background=True, spacing=spacing, use_subvoxels=True
        )
    # numpy's percentile, since torch.quantile (behind MONAI's own HD95) refuses more than 16 million distances.
    hd95 = max(float(np.percentile(one.numpy(), 95)) for one in distances)
    return hd95, float(nsd)
