"""Strokes and closed lines as a user would draw them, from a known mask.

Wong et al. 2024 (arXiv 2312.07381) simulate three kinds of strokes: straight lines between two pixels of the
object, centre lines, and contours inside it; each is bent by chance, and what leaves the object is cut off. They give
the model the stroke as a picture, in pieces broken by noise; here each is one piece, as a hand draws it, and becomes
points.

Masks are bool [H, W]; lines (x, y) [N, 2] in pixels, x = column, y = row. Every function raises InputError for an empty
mask, and changes nothing.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from SAMAdaptLib.arrays import Double
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import require_object
from SAMAdaptLib.prompts.kinds.lasso import lassoed
from SAMAdaptLib.prompts.lines import along, lengths, points_along
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.geometry import nearest_index
from SAMAdaptLib.volume.masks import bounds, depth_in, largest_part

# Distance of a lasso from the object without chance, and by default the most with it, as shares of the square root of
# its area.
LOOSE, LOOSEST = 0.05, 0.5
# A stroke is bent by up to so much of its length.
BEND = 0.08
# Shares of a centre line and of a contour that are drawn.
PART, ARC = (0.3, 1.0), (0.15, 0.5)
# A contour inside the object lies at such shares of its depth.
CONTOUR = (0.2, 0.7)
# Outside, a stroke runs at such a distance from the object, in pixels and as shares of the root of its area.
BESIDE = 2.0, (0.1, 0.4)


def center_stroke(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    """One stroke through the middle of the object, from end to end; no chance."""
    return _stroke(_center_line(_largest(require_object(mask))), mask.shape, 1)


def positive_stroke(mask: np.ndarray, rng: np.random.Generator) -> Prompt:
    """One stroke over the object, drawn by chance: a straight line, a part of the centre line or of a contour, bent."""
    part = _largest(require_object(mask))
    kind = rng.integers(3)
    if kind == 0:
        pixels = np.argwhere(part)[:, ::-1]
        line = pixels[rng.integers(len(pixels), size=2)].astype(np.float64)
    elif kind == 1:
        line = _piece(_center_line(part), rng, PART)
    else:
        depth = np.pad(depth_in(part), 1)
        line = _piece(_contour(depth, rng.uniform(*CONTOUR) * depth.max()) - 1.0, rng, ARC)
    return _stroke(_drawn(line, part, rng), mask.shape, 1)


def negative_stroke(mask: np.ndarray, rng: np.random.Generator) -> Prompt:
    """One stroke beside the object: a part of a contour around it, bent; nothing where the object fills the image."""
    mask = require_object(mask)
    if mask.all():
        return Prompt()
    least, shares = BESIDE
    outside = ndimage.distance_transform_edt(~mask)
    far = min(least + rng.uniform(*shares) * math.sqrt(np.count_nonzero(mask)), 0.9 * float(outside.max()))
    return _stroke(_drawn(_piece(_contour(outside, far), rng, ARC), ~mask, rng), mask.shape, 0)


def lasso(mask: np.ndarray, rng: np.random.Generator | None = None, jitter: float = 0.0) -> Prompt:
    """A closed line around the object and its box.

    Args:
        mask: bool [H, W].
        rng: the source of chance; not needed without jitter.
        jitter: 0 for a line at a distance of 0.05 of the square root of the object's area, at least a pixel. Above, a
            share of that root, up to 0.5: the distance wanders smoothly along the line between a quarter of it inside
            the object and all of it outside.

    Raises:
        InputError: an empty mask, or a jitter outside 0 to 0.5.
    """
    check_lasso(jitter)
    mask = require_object(mask)
    size = math.sqrt(np.count_nonzero(mask))
    margin = math.ceil(max(jitter, LOOSE) * size) + 3
    padded = np.pad(mask, margin)
    # Below 0 inside, halfway between pixels at the border.
    away = ndimage.distance_transform_edt(~padded) - ndimage.distance_transform_edt(padded)
    away -= 0.5 * np.sign(away)
    distance: Double | float = max(1.0, LOOSE * size)
    if jitter:
        if rng is None:
            raise ValueError("a jittered lasso needs a generator")
        noise = ndimage.gaussian_filter(rng.standard_normal(padded.shape), max(1.0, size / 4), mode="wrap")
        share = (noise - noise.min()) / np.ptp(noise)
        distance = size * jitter * (1.25 * share - 0.25)
    inside = ndimage.binary_fill_holes(away < distance)
    if ndimage.label(inside, np.ones((3, 3)))[1] != 1:
        from skimage.morphology import convex_hull_image

        inside = convex_hull_image(inside if inside.any() else padded)
    line = _contour(inside.astype(np.float64), 0.5) - margin
    return lassoed(line, mask.shape)


def check_lasso(jitter: float) -> None:
    """Raise InputError for a jitter that :func:`lasso` does not take."""
    if not 0.0 <= jitter <= LOOSEST:
        what = f"Choose 0 to {LOOSEST:g} (a share of the root of the object's area, such as 0.2)"
        raise InputError("The lasso's jitter is out of range", f"{jitter:g}", what)


def _stroke(line: Double, shape: tuple[int, ...], label: int) -> Prompt:
    points = points_along(line, (shape[0], shape[1]))
    return Prompt(points, np.full(len(points), label))


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part (8 neighbours)."""
    return largest_part(ndimage.label(mask, np.ones((3, 3)))[0])


def _center_line(part: np.ndarray) -> Double:
    """The way through the middle of a connected part between its two ends, which are the pixels farthest from each
    other along ways inside it, as two sweeps find them; it begins and ends half the greatest depth before them.

    The way is the cheapest one where a pixel costs the inverse square of its depth (minimal paths in a distance map,
    Deschamps and Cohen 2001).
    """
    from skimage.graph import MCP_Geometric

    box = bounds(part)
    assert box is not None  # it has pixels
    depth = depth_in(part[box])
    inside = depth > 0
    end = tuple(np.argwhere(inside)[0])
    for _ in range(2):
        start = end
        far, _steps = MCP_Geometric(np.where(inside, 1.0, np.inf)).find_costs([start])
        end = np.unravel_index(np.where(inside, far, -1.0).argmax(), far.shape)
    cheapest = MCP_Geometric(np.where(inside, np.maximum(depth, 1.0) ** -2.0, np.inf))
    cheapest.find_costs([start], [end])
    line = np.array(cheapest.traceback(end), np.float64)[:, ::-1] + [box[1].start, box[0].start]
    length = float(lengths(line)[-1])
    spared = min(float(depth.max()) / 2, length / 3)
    return along(line, np.linspace(spared, length - spared, max(2, math.ceil(length))))


def _contour(field: Double, level: float) -> Double:
    """The longest line on which a field [H, W] has a value that lies between its least and its greatest."""
    from skimage.measure import find_contours

    line = max(find_contours(field, level), key=lambda one: float(lengths(one)[-1]))
    return np.asarray(line[:, ::-1], np.float64)


def _piece(line: Double, rng: np.random.Generator, shares: tuple[float, float]) -> Double:
    """A part of a line, of a random share of its length; of a closed one across its beginning, too."""
    if (line[0] == line[-1]).all():
        line = np.roll(line[:-1], int(rng.integers(max(1, len(line) - 1))), axis=0)
    length = float(lengths(line)[-1])
    taken = rng.uniform(*shares) * length
    begin = rng.uniform(0.0, length - taken)
    return along(line, np.linspace(begin, begin + taken, max(2, math.ceil(taken))))


def _drawn(line: Double, where: np.ndarray, rng: np.random.Generator) -> Double:
    """A line bent by chance, and cut to what lies on a mask: its longest part, or any pixel where there is none."""
    length = float(lengths(line)[-1])
    dense = along(line, np.linspace(0.0, length, max(2, math.ceil(2 * length))))
    noise = ndimage.gaussian_filter1d(rng.standard_normal(dense.shape), len(dense) / 6, axis=0, mode="nearest")
    moved = noise * (rng.uniform(0.0, BEND) * length / max(float(np.abs(noise).max()), 1e-9))
    for tried in (dense + moved, dense):
        held = _on(tried, where)
        runs, _ = ndimage.label(held)
        if runs.any():
            longest: Double = tried[largest_part(runs)]
            return longest
    return np.array([rng.choice(np.argwhere(where)[:, ::-1])], np.float64)


def _on(line: Double, mask: np.ndarray) -> np.ndarray:
    """bool [N]: whether the pixel nearest to each position is one of the mask."""
    index = nearest_index(line)
    within = ((index >= 0) & (index < mask.shape[::-1])).all(axis=1)
    x, y = np.clip(index, 0, np.array(mask.shape[::-1]) - 1).T
    result: np.ndarray = within & mask[y, x]
    return result
