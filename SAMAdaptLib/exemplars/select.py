"""Which slices are worth labelling by hand, or worth taking as exemplars and backgrounds."""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.intensity import to_uint8
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume

STRATEGIES = ("random", "most-labels", "diverse", "uniform")
# arXiv 2308.14133, section 3.1 counts a slice as a tumour slice from 10 pixels on.
MIN_AREA_PX = 10
# A slice of air or of the table has little contrast beside one of the body.
BODY_STD_SHARE = 0.5
# Along each side of a slice, by which "diverse" compares.
BLOCKS = 16


def suggest(
    volume: Volume,
    labels: Labels,
    axis: str,
    count: int,
    strategy: str,
    seed: int = 0,
) -> list[int]:
    """Suggest labelled slices of one volume as exemplars; for n per volume call it for each volume.

    Only slices with at least 10 labelled pixels are considered; where none has that many, all with a label.

    Args:
        volume: the scan.
        labels: its segmentation on the same grid.
        axis: "axial", "coronal" or "sagittal".
        count: how many; where fewer slices hold a label, all of them are returned.
        strategy: "random", drawn by ``seed`` (arXiv 2308.14133, section 3.2, BraTS);
            "most-labels", most classes first, then most labelled area (the same, Synapse), but spread: chosen slices
            keep a gap, which shrinks until there are enough;
            "diverse", farthest-point selection on grey levels summed over 16 x 16 blocks (Euclidean distance), starting
            from the most-labels slice: an application has no network at hand where it asks;
            "uniform", equal steps through the labelled slices.
        seed: for "random".

    Returns:
        Slice indices along the axis; best first for "most-labels" and "diverse", else ascending.

    Raises:
        InputError: unknown axis or strategy, count below 1, or grids differ.
    """
    if strategy not in STRATEGIES:
        raise InputError("Unknown selection strategy", strategy, f"Choose one of {', '.join(STRATEGIES)}")
    areas = _areas(volume, labels, axis, count)
    total = areas.sum(axis=1)
    slices = np.flatnonzero(total >= MIN_AREA_PX)
    if not len(slices):
        slices = np.flatnonzero(total)
    count = min(count, len(slices))
    if count == 0:
        return []
    if strategy == "random":
        return sorted(np.random.default_rng(seed).choice(slices, count, replace=False).tolist())
    if strategy == "uniform":
        return slices[((np.arange(count) + 0.5) * len(slices) / count).astype(int)].tolist()
    classes = (areas > 0).sum(axis=1)
    ranked = sorted(slices.tolist(), key=lambda index: (-classes[index], -total[index], index))
    if strategy == "most-labels":
        return _spread(ranked, count)
    return _farthest(ranked, count, _appearances(volume, axis, ranked))


def background_indices(volume: Volume, labels: Labels, axis: str, count: int, seed: int = 0) -> list[int]:
    """Choose slices without any label to paste organs onto; those that show the body near the organs come first.

    A slice counts as body when its standard deviation reaches half of the labelled slices' median (of all slices'
    largest, where nothing is labelled). Near are the third of the body slices closest to a labelled one: an organ
    pasted there lies among what usually surrounds it. Slices of a single value are never returned.

    Args:
        volume: the scan.
        labels: its segmentation on the same grid.
        axis: "axial", "coronal" or "sagittal".
        count: how many; fewer are returned where there are fewer.
        seed: of the random choice among near slices.

    Returns:
        Slice indices along the axis: near body slices in random order, the other ones by distance, then slices that
        hardly show the body by falling contrast.

    Raises:
        InputError: unknown axis, count below 1, or grids differ.
    """
    labelled = _areas(volume, labels, axis, count).any(axis=1)
    spread = PlaneStack(volume.geometry, axis).view(volume.array).std(axis=(1, 2), dtype=np.float64)
    reference = np.median(spread[labelled]) if labelled.any() else spread.max()
    free = np.flatnonzero(~labelled & (spread > 0))
    body = free[spread[free] >= BODY_STD_SHARE * reference]
    others = np.setdiff1d(free, body)
    if labelled.any():
        away = np.abs(body[:, None] - np.flatnonzero(labelled)).min(axis=1)
        body = body[np.argsort(away, kind="stable")]
        near = max(count, len(body) // 3)
    else:
        near = len(body)
    body = [*np.random.default_rng(seed).permutation(body[:near]), *body[near:]]
    ordered = [*body, *others[np.argsort(-spread[others], kind="stable")]]
    return [int(index) for index in ordered[:count]]


def _areas(volume: Volume, labels: Labels, axis: str, count: int) -> np.ndarray:
    """Labelled pixels per slice and class, int64 [slices, classes]."""
    if count < 1:
        raise InputError("At least one slice must be asked for", str(count), "Give a count of 1 or more")
    if not labels.geometry.same_grid(volume.geometry):
        raise InputError("The labels lie on another grid than the image", None, "Resample the labels to the image")
    stack = PlaneStack(volume.geometry, axis)
    areas = np.zeros((stack.count, len(labels.names)), dtype=np.int64)
    for column, name in enumerate(labels.names):
        areas[:, column] = np.count_nonzero(stack.view(labels.mask(name)), axis=(1, 2))
    return areas


def _spread(ranked: list[int], count: int) -> list[int]:
    """Take the best ones that keep a gap; halve the gap until there are ``count``."""
    chosen: list[int] = []
    gap = max(1, (max(ranked) - min(ranked) + 1) // (2 * count))
    while len(chosen) < count:
        for index in ranked:
            if len(chosen) < count and all(abs(index - other) >= gap for other in chosen):
                chosen.append(index)
        gap = max(1, gap // 2)
    return chosen


def _appearances(volume: Volume, axis: str, indices: list[int]) -> np.ndarray:
    """Grey levels of slices, shrunk, float64 [N, D]."""
    bounds = choose_intensity(volume).bounds(volume.array, volume.name or None)
    slices = PlaneStack(volume.geometry, axis).view(volume.array)
    rows, columns = (np.unique(np.arange(BLOCKS) * n // BLOCKS) for n in slices.shape[1:])
    grey = (to_uint8(slices[index], bounds).astype(np.float64) for index in indices)
    blocks = [np.add.reduceat(np.add.reduceat(one, rows, axis=0), columns, axis=1) for one in grey]
    return np.reshape(blocks, (len(indices), -1))


def _farthest(ranked: list[int], count: int, features: np.ndarray) -> list[int]:
    chosen = [0]
    distance = np.linalg.norm(features - features[0], axis=1)
    while len(chosen) < count:
        # Equal features leave distances at 0; a chosen one must never win again.
        distance[chosen] = -1.0
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(features - features[chosen[-1]], axis=1))
    return [ranked[index] for index in chosen]
