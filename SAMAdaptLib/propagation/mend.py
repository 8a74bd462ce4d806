"""A mask that is there already, changed where clicks ask for it and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.prompts.boxes import bounding_box
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.geometry import nearest_index

# Times by which what a click changes is opened, so that a rim by which answer and mask differ all around does not come
# with it.
OPENING = 2


def prompt_of_mask(mask: np.ndarray, clicks: Prompt) -> Prompt:
    """What to ask a model so that it mends a mask: the clicks, and the box of the mask and of those on the object.

    Args:
        mask: bool [H, W], not empty.
        clicks: points without a box, in pixels.
    """
    low, high = np.reshape(bounding_box(mask), (2, 2)).astype(float)
    inside = clicks.points[clicks.labels == 1]
    box = np.concatenate([np.minimum(low, inside.min(0, initial=np.inf)), np.maximum(high, inside.max(0, initial=0))])
    return replace(clicks, box=box)


def changed_on(mask: np.ndarray, answer: np.ndarray, change: np.ndarray, opening: int = OPENING) -> Mask:
    """A mask with what a change on the slice beside it means here: the connected parts (8 neighbours) of the difference
    between the model's answer and the mask that touch the change. All else stays.

    Args:
        mask: bool [H, W], what is there.
        answer: bool [H, W], the model's.
        change: bool [H, W], what has become another on the slice beside.
        opening: times by which differences are opened.
    """
    differs = answer ^ mask
    parts, _ = ndimage.label(ndimage.binary_opening(differs, iterations=opening), np.ones((3, 3)))
    touched = np.unique(parts[change & (parts > 0)])
    found: Mask = mask.copy()
    if len(touched):
        part = ndimage.binary_dilation(np.isin(parts, touched), iterations=2 * opening, mask=differs)
        found[part] = answer[part]
    return found


def mended(mask: np.ndarray, answer: np.ndarray, clicks: Prompt, opening: int = OPENING) -> Mask:
    """A mask in which each click holds, by the part of the model's answer around it.

    A click that the mask contradicts brings in, or takes out, the connected part (8 neighbours) of the difference
    between answer and mask that it lies in; of an answer that contradicts it as well, its own pixel. All else stays.

    Args:
        mask: bool [H, W], what is there.
        answer: bool [H, W], the model's, see :func:`prompt_of_mask`.
        clicks: with points in pixels of the slice.
        opening: times by which differences are opened.
    """
    found: Mask = mask.copy()
    last = np.array(mask.shape[::-1]) - 1
    for (x, y), label in zip(nearest_index(clicks.points).clip(0, last), clicks.labels == 1, strict=True):
        if mask[y, x] == label:
            continue
        differs = (answer == label) & (mask != label)
        differs[y, x] = True
        core = ndimage.binary_opening(differs, iterations=opening)
        core[y, x] = True
        parts, _ = ndimage.label(core, np.ones((3, 3)))
        # Twice as far back, since opening takes the tips of what it leaves.
        part = ndimage.binary_dilation(parts == parts[y, x], iterations=2 * opening, mask=differs)
        found[part] = label
    return found
