"""Boxes of objects, exact ones and such as users draw.

Boxes are (x0, y0, x1, y1) in slice pixels, pixel centres at whole numbers, with the first and the last column and row
of the object, both inclusive. Masks are bool [H, W]; every function of one raises InputError for an empty one.
"""

from __future__ import annotations

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.masks import bounds

MAX_JITTER = 0.5
MAX_GROWTH = 1.0
# Longer side of the picture whose pixels those of box_in_pixels are: SAM's.
PIXEL_FRAME = 1024
# Directions in which a box with a stated IoU is looked for, and halvings of the way in each of them.
BOX_TRIES = 50
BOX_HALVINGS = 40
BOX_TOLERANCE = 1e-3


def plane(mask: np.ndarray) -> np.ndarray:
    """A mask as bool [H, W]; raises ValueError for another number of dimensions."""
    mask = np.asarray(mask, dtype=bool)
    if mask.ndim != 2:
        raise ValueError(f"a mask of one slice has 2 dimensions, not {mask.ndim}")
    return mask


def require_object(mask: np.ndarray) -> np.ndarray:
    """A mask as bool [H, W]; raises InputError for an empty one."""
    mask = plane(mask)
    bounding_box(mask)
    return mask


def bounding_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of the object in pixels, both corners inclusive."""
    box = bounds(plane(mask))
    if box is None:
        raise InputError("There is nothing to prompt: the mask is empty", None, "Choose a slice that shows the object")
    rows, columns = box
    return columns.start, rows.start, columns.stop - 1, rows.stop - 1


def box_overlap(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """IoU [N] of boxes [N, 4] with one box [4], (x0, y0, x1, y1) with both corners inside."""
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    both = np.prod(np.clip(high - low + 1, 0, None), axis=1)
    sizes = np.prod(boxes[:, 2:] - boxes[:, :2] + 1, axis=1)
    result: np.ndarray = both / (sizes + np.prod(box[2:] - box[:2] + 1) - both)
    return result


def box(mask: np.ndarray, rng: np.random.Generator | None = None, jitter: float = 0.0) -> Prompt:
    """The object's box, as a hurried user would draw it.

    Args:
        mask: bool [H, W].
        rng: the source of chance; not needed without jitter.
        jitter: each of the four coordinates moves by a uniform amount of up to this fraction of the box's side
            (in pixels, counting both end pixels) to either direction, then is clipped to the image.

    Raises:
        InputError: an empty mask, or a jitter outside 0 to 0.5.
    """
    check_jitter(jitter)
    corners = np.array(bounding_box(mask), dtype=np.float64)
    if jitter:
        if rng is None:
            raise ValueError("a jittered box needs a generator")
        side = corners[2:] - corners[:2] + 1.0
        corners += rng.uniform(-jitter, jitter, 4) * np.concatenate([side, side])
        height, width = mask.shape
        corners = np.clip(corners, 0.0, [width - 1, height - 1, width - 1, height - 1])
        # On objects of a pixel or two the corners can pass each other.
        corners = np.concatenate([np.minimum(corners[:2], corners[2:]), np.maximum(corners[:2], corners[2:])])
    return Prompt(box=corners)


def box_grown(mask: np.ndarray, rng: np.random.Generator | None = None, growth: float = 0.0) -> Prompt:
    """The object's box made larger by a stated share, the same in every draw, clipped to the image.

    Args:
        mask: bool [H, W].
        rng: not needed; as the other boxes have it.
        growth: every side moves outwards by this fraction of the box's extent across it (in pixels, counting both end
            pixels): with 0.1 a box of 20 x 10 pixels ends 2 further out at the left and right, and 1 at top and bottom.
            Ranem et al. 2023 (arXiv 2310.00504, table 4) test 0, 0.05, 0.1 and 0.2 of a box made larger without saying
            of what; their public code multiplies coordinates, so that it depends on where in the image the box lies.

    Raises:
        InputError: an empty mask, or a growth outside 0 to 1.
    """
    check_growth(growth)
    exact = np.array(bounding_box(mask), dtype=np.float64)
    moved = growth * (exact[2:] - exact[:2] + 1.0)
    return Prompt(box=_outwards(exact, moved, moved, mask.shape))


def box_in_pixels(mask: np.ndarray, rng: np.random.Generator, most: float) -> Prompt:
    """The object's box with every side moved outwards by a uniform amount, clipped to the image.

    Args:
        mask: bool [H, W].
        rng: the source of chance.
        most: the largest amount, in pixels of the slice scaled to a longer side of 1024. DB-SAM (Qin et al. 2024,
            section 3) states 0 to 20 pixels without their frame; in MedSAM, which it follows, they are of that one.

    Raises:
        InputError: an empty mask, or an amount below 0.
    """
    check_pixels(most)
    exact = np.array(bounding_box(mask), dtype=np.float64)
    moved = rng.uniform(0.0, most, 4) * (max(mask.shape) / PIXEL_FRAME)
    return Prompt(box=_outwards(exact, moved[:2], moved[2:], mask.shape))


def box_of_overlap(mask: np.ndarray, rng: np.random.Generator, iou: float) -> Prompt:
    """A box that meets the object's own box with a stated IoU, as :func:`box_overlap` counts it.

    "Boxes with stated overlap" are used to test adapters; Wu et al. 2023 do not say how one is drawn. Here the four
    sides move together in a random direction, so that the box is shifted and scaled, and are clipped to the image,
    until the IoU has fallen to the stated value: it is that value, to a thousandth, not only at least. Corners lie
    between pixels. Only where the image leaves no such box (an object of a pixel or two that fills it) is the IoU
    larger, the least that was found.

    Args:
        mask: bool [H, W].
        rng: the source of chance.
        iou: above 0, up to 1.

    Raises:
        InputError: an empty mask, or an IoU out of range.
    """
    check_iou(iou)
    exact = np.array(bounding_box(mask), dtype=np.float64)
    sides = np.tile(exact[2:] - exact[:2] + 1.0, 2)
    ends = np.tile(np.array(mask.shape[::-1]) - 1.0, 2)
    found, least = exact, 1.0
    for _ in range(BOX_TRIES):
        if least - iou < BOX_TOLERANCE:
            break
        direction = rng.uniform(-1.0, 1.0, 4)
        direction *= sides / np.abs(direction).max()
        # The IoU falls all along the way: at its end the fastest side is at the image's border or past the other one.
        near, far = 0.0, float((ends + 1).max() / sides.min())
        for _ in range(BOX_HALVINGS):
            middle = (near + far) / 2
            inside = _overlap_with(np.clip(exact + middle * direction, 0.0, ends), exact) >= iou
            near, far = (middle, far) if inside else (near, middle)
        drawn = np.clip(exact + near * direction, 0.0, ends)
        if _overlap_with(drawn, exact) < least:
            found, least = drawn, _overlap_with(drawn, exact)
    return Prompt(box=found)


def _outwards(exact: np.ndarray, low: np.ndarray, high: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A box [4] with its lower corner moved out by ``low`` (x, y) and its upper one by ``high``, within [H, W]."""
    last = np.array(shape[::-1]) - 1.0
    return np.concatenate([np.maximum(exact[:2] - low, 0.0), np.minimum(exact[2:] + high, last)])


def check_iou(iou: float) -> None:
    """Raise InputError for an IoU that :func:`box_of_overlap` does not take."""
    if not 0.0 < iou <= 1.0:
        raise InputError("The IoU of the box is out of range", f"{iou:g}", "Choose a number above 0, up to 1")


def _overlap_with(drawn: np.ndarray, exact: np.ndarray) -> float:
    """:func:`box_overlap`; 0 for corners that passed each other."""
    return float(box_overlap(drawn[None], exact)[0]) if (drawn[:2] <= drawn[2:]).all() else 0.0


def check_jitter(jitter: float) -> None:
    """Raise InputError for a jitter that :func:`box` does not take."""
    if not 0.0 <= jitter <= MAX_JITTER:
        raise InputError(
            "The box jitter is out of range", f"{jitter:g}", f"Choose 0 to {MAX_JITTER} (a fraction of the box's side)"
        )


def check_growth(growth: float) -> None:
    """Raise InputError for a growth that :func:`box_grown` does not take."""
    if not 0.0 <= growth <= MAX_GROWTH:
        raise InputError(
            "The growth of the box is out of range",
            f"{growth:g}",
            f"Choose 0 to {MAX_GROWTH:g} (a fraction of the box's side, such as 0.1)",
        )


def check_pixels(most: float) -> None:
    """Raise InputError for a largest amount that :func:`box_in_pixels` does not take."""
    if not 0.0 <= most <= PIXEL_FRAME:
        raise InputError("The box's pixels are out of range", f"{most:g}", f"Choose 0 to {PIXEL_FRAME}")
