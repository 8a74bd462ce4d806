"""Which slices are worth labelling by hand, or worth taking as exemplars and backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SAMAdaptLib.defaults import AXIS, STRATEGY, SUGGESTIONS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars import get_strategy
from SAMAdaptLib.volume.intensity import to_uint8
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume

# arXiv 2308.14133, section 3.1 counts a slice as a tumour slice from 10 pixels on.
MIN_AREA_PX = 10
# A slice of air or of the table has little contrast beside one of the body.
BODY_STD_SHARE = 0.5
# Along each side of a slice, by which the appearance of slices is compared.
BLOCKS = 16


@dataclass(frozen=True, eq=False)
class Candidates:
    """What a rule chooses from.

    Attributes:
        volume: the scan.
        axis: of the slices.
        slices: indices int64 [N] of those that may be chosen, ascending, at least one.
        areas: labelled pixels of every slice of the stack and class, int64 [slices, classes].
        count: how many are wanted, 1 to N.
        seed: of rules that draw.
    """

    volume: Volume
    axis: str
    slices: np.ndarray
    areas: np.ndarray
    count: int
    seed: int

    @property
    def ranked(self) -> list[int]:
        """The slices, those with the most classes first, of equally many the one with the most labelled pixels."""
        total, classes = self.areas.sum(axis=1), (self.areas > 0).sum(axis=1)
        return sorted(self.slices.tolist(), key=lambda index: (-classes[index], -total[index], index))


def suggest(
    volume: Volume,
    labels: Labels,
    axis: str = AXIS,
    count: int = SUGGESTIONS,
    strategy: str = STRATEGY,
    seed: int = 0,
) -> list[int]:
    """Suggest labelled slices of one volume as exemplars; for n per volume call it for each volume.

    Only slices with at least 10 labelled pixels are considered; where none has that many, all with a label.

    Args:
        volume: the scan.
        labels: its segmentation on the same grid.
        axis: "axial", "coronal" or "sagittal".
        count: how many; where fewer slices hold a label, all of them are returned.
        strategy: name of a rule of :data:`SAMAdaptLib.exemplars.STRATEGIES`.
        seed: of rules that draw.

    Returns:
        Slice indices along the axis, in the order of the rule.

    Raises:
        InputError: unknown axis or strategy, count below 1, or grids differ.
    """
    choose = get_strategy(strategy)
    areas = _areas(volume, labels, axis, count)
    total = areas.sum(axis=1)
    slices = np.flatnonzero(total >= MIN_AREA_PX)
    if not len(slices):
        slices = np.flatnonzero(total)
    if not len(slices):
        return []
    return choose(Candidates(volume, axis, slices, areas, min(count, len(slices)), seed))


def most_labels(among: Candidates) -> list[int]:
    """Most classes first, then most labelled area (arXiv 2308.14133, section 3.2, Synapse), but spread: chosen slices
    keep a gap, which is halved until there are enough. Best first."""
    ranked, chosen = among.ranked, list[int]()
    gap = max(1, (max(ranked) - min(ranked) + 1) // (2 * among.count))
    while len(chosen) < among.count:
        for index in ranked:
            if len(chosen) < among.count and all(abs(index - other) >= gap for other in chosen):
                chosen.append(index)
        gap = max(1, gap // 2)
    return chosen


def diverse(among: Candidates) -> list[int]:
    """Farthest-point selection on grey levels summed over 16 x 16 blocks (Euclidean distance), from the best slice of
    :func:`most_labels` on: an application has no network at hand where it asks. Best first."""
    ranked = among.ranked
    features = _appearances(among.volume, among.axis, ranked)
    chosen = [0]
    distance = np.linalg.norm(features - features[0], axis=1)
    while len(chosen) < among.count:
        # Equal features leave distances at 0; a chosen one must never win again.
        distance[chosen] = -1.0
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(features - features[chosen[-1]], axis=1))
    return [ranked[index] for index in chosen]


def uniform(among: Candidates) -> list[int]:
    """Equal steps through the labelled slices, ascending."""
    places = ((np.arange(among.count) + 0.5) * len(among.slices) / among.count).astype(int)
    return [int(index) for index in among.slices[places]]


def drawn(among: Candidates) -> list[int]:
    """Drawn by the seed (arXiv 2308.14133, section 3.2, BraTS), ascending."""
    lot = np.random.default_rng(among.seed).choice(among.slices, among.count, replace=False)
    return sorted(int(index) for index in lot)


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
    spread = PlaneStack(volume.geometry, axis).view(volume.channel(0).array).std(axis=(1, 2), dtype=np.float64)
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


def _appearances(volume: Volume, axis: str, indices: list[int]) -> np.ndarray:
    """Grey levels of slices, shrunk, float64 [N, D]."""
    bounds = choose_intensity(volume).bounds(volume.array, volume.name or None)
    slices = PlaneStack(volume.geometry, axis).view(volume.array)
    rows, columns = (np.unique(np.arange(BLOCKS) * n // BLOCKS) for n in slices.shape[1:3])
    grey = (to_uint8(slices[index], bounds).astype(np.float64) for index in indices)
    blocks = [np.add.reduceat(np.add.reduceat(one, rows, axis=0), columns, axis=1) for one in grey]
    return np.reshape(blocks, (len(indices), -1))
