"""Ways to make a prompt from a known mask: for training, and to evaluate without a person who clicks.

All are functions of a mask (bool [H, W]) and, where chance takes part, of a numpy generator; they change nothing.
Points are (x, y) = (column, row), pixel centres at whole numbers. Boxes hold the first and the last column and row of
the object, both inclusive. Every function raises InputError for an empty mask, unless it says otherwise.
The set follows Ranem et al. 2023 (arXiv 2310.00504) and Feng et al. 2023 (arXiv 2308.14133), whose test prompt is the
point farthest from the border; centroid and box centre may lie outside an object that is not convex. Clicks that mend
an earlier answer follow Wu et al. 2023 (arXiv 2304.12620), strokes Wong et al. 2024 (arXiv 2312.07381).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.boxes import (
    bounding_box,
    box,
    box_grown,
    box_in_pixels,
    box_of_overlap,
    check_growth,
    check_iou,
    check_jitter,
    check_pixels,
    plane,
    require_object,
)
from SAMAdaptLib.prompts.strokes import center_stroke, check_lasso, lasso, negative_stroke, positive_stroke
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume.masks import depth_in

# Pixels right at the border are labelled by taste; a negative point there would teach the annotator's hand.
RING_GAP = 1.5
MAX_POINTS = 1000
MAX_CLICKS = 50

# From a mask and the source of chance, and for some a number.
Draw = Callable[..., Prompt]
Number = TypeVar("Number", int, float)


def generator(seed: int, *numbers: int) -> np.random.Generator:
    """A generator for one place in a run, such as (seed, epoch, index): the same in whatever order workers reach it.

    Raises:
        InputError: a negative number.
    """
    if min((seed, *numbers)) < 0:
        raise InputError("A seed cannot be negative", str(seed), "Give a whole number of 0 or more")
    # As plain entropy (1,) and (1, 0) would be one seed, because numpy fills up with zeros; a spawn key is not filled.
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=numbers))


def center_point(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    """The pixel of the object farthest from anything outside it, where beyond the image is outside.

    Of several equally far ones, the first in reading order.
    """
    return _points([_innermost(require_object(mask))], [1])


def random_point(mask: np.ndarray, rng: np.random.Generator) -> Prompt:
    """One pixel of the object, each equally likely."""
    return random_points(mask, rng, positives=1)


def random_points(mask: np.ndarray, rng: np.random.Generator, positives: int, negatives: int = 0) -> Prompt:
    """Pixels of the object, each at most once where it has enough of them, and :func:`negative_points` after them."""
    positive = _draw(require_object(mask), rng, positives)
    negative = negative_points(mask, rng, negatives).points
    return _points([*positive, *negative], [1] * len(positive) + [0] * len(negative))


def negative_points(mask: np.ndarray, rng: np.random.Generator, count: int, width: float | None = None) -> Prompt:
    """Points that are not the object, from a ring around it: far away they would teach little. Ranem et al. 2023 draw
    theirs from all pixels of another label.

    Args:
        mask: bool [H, W].
        rng: the source of chance.
        count: how many points.
        width: outer distance of the ring from the object in pixels; by default a quarter of the square root of the
            object's area and at least 3. Where the ring has no pixel, the whole outside is used.

    Returns:
        ``count`` points with label 0; none where the object fills the image.
    """
    mask = require_object(mask)
    if width is None:
        width = max(3.0, 0.25 * float(np.sqrt(mask.sum())))
    distance = ndimage.distance_transform_edt(~mask)
    ring = (distance > RING_GAP) & (distance <= width)
    points = _draw(ring if ring.any() else ~mask, rng, count)
    return _points(points, [0] * len(points))


def half_half(mask: np.ndarray, rng: np.random.Generator, count: int) -> Prompt:
    """``count`` points, half of them on the object and half in the ring around it; an odd one is on the object."""
    return random_points(mask, rng, positives=count - count // 2, negatives=count // 2)


def box_center(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    """The middle of the object's box, which may lie between pixels and outside the object."""
    x0, y0, x1, y1 = bounding_box(mask)
    return _points([((x0 + x1) / 2, (y0 + y1) / 2)], [1])


def centroid(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    """The mean of the object's pixels, which may lie between pixels and outside the object."""
    return _points([np.argwhere(require_object(mask)).mean(axis=0)[::-1]], [1])


def quadrants(mask: np.ndarray, rng: np.random.Generator) -> Prompt:
    """One random pixel of the object in each quarter of its box that holds any; 1 to 4 points.

    A middle column or row belongs to the left or upper quarter.
    """
    mask = require_object(mask)
    x0, y0, x1, y1 = bounding_box(mask)
    right = np.arange(mask.shape[1]) > (x0 + x1) / 2
    lower = np.arange(mask.shape[0])[:, None] > (y0 + y1) / 2
    quarters = [mask & (lower == down) & (right == across) for down in (False, True) for across in (False, True)]
    points = [point for quarter in quarters for point in _draw(quarter, rng, 1)]
    return _points(points, [1] * len(points))


def correction_point(
    mask: np.ndarray, prediction: np.ndarray, rng: np.random.Generator | None = None
) -> tuple[tuple[int, int], int] | None:
    """The click that a user would make next to mend a prediction.

    It lies in the largest connected (8 neighbours) region that is missed throughout or false throughout; of two equally
    large ones, in the missed one. Without ``rng`` it is that region's innermost pixel, with it any of its pixels.

    Args:
        mask: bool [H, W], the truth; may be empty.
        prediction: bool [H, W].
        rng: chance for training.

    Returns:
        ((x, y), label), label 1 for a missed region and 0 for a false one; None where there is no error.
    """
    mask, prediction = plane(mask), plane(prediction)
    region, size, label = None, 0, 1
    for wrong, wanted in ((mask & ~prediction, 1), (prediction & ~mask, 0)):
        parts, _ = ndimage.label(wrong, structure=np.ones((3, 3)))
        sizes = np.bincount(parts.ravel())[1:]
        if sizes.size and sizes.max() > size:
            region, size, label = parts == sizes.argmax() + 1, sizes.max(), wanted
    if region is None:
        return None
    x, y = _innermost(region) if rng is None else _draw(region, rng, 1)[0]
    return (int(x), int(y)), label


def next_click(
    prompt: Prompt,
    mask: np.ndarray,
    prediction: np.ndarray,
    logits: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
) -> Prompt | None:
    """A prompt with one click more, into the error of its answer (Wu et al. 2023, arXiv 2304.12620, section 2.3).

    Args:
        prompt: what was asked.
        mask: bool [H, W], the truth.
        prediction: bool [H, W], the answer.
        logits: float32 [h, w] of the answer, for the mask prompt; None for a model that has no use for one.
        rng: as for :func:`correction_point`.

    Returns:
        all of the prompt, the click after its points and ``logits`` in place of its mask prompt; None where the answer
        has no error.
    """
    click = correction_point(mask, prediction, rng)
    if click is None:
        return None
    point, label = click
    points = np.concatenate([prompt.points, np.asarray(point, np.float32)[None]])
    return replace(prompt, points=points, labels=np.append(prompt.labels, label), mask_logits=logits)


@dataclass(frozen=True)
class Strategy:
    """A named way to prompt, as chosen on the command line; can be sent to worker processes.

    Attributes:
        name: the words that choose it.
        parts: functions of (mask, rng); their points are put together, and at most one of them gives a box.
        clicks: how often :func:`next_click` follows; whoever holds the model does that.
    """

    name: str
    parts: tuple[Draw, ...]
    clicks: int = 0

    @property
    def points(self) -> bool:
        """Whether its prompts hold points, at once or by clicks that follow."""
        return not all(_gives_box(word) for word in self.name.split("+"))

    def __call__(self, mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
        """First prompt for a mask, bool [H, W]; ``rng`` may be left out where chance takes no part."""
        return reduce(Prompt.joined, (part(mask, rng) for part in self.parts))


def parse_strategy(text: str, chance: bool = False, also: Sequence[str] = ()) -> Strategy:
    """Read a strategy as users write it: one of :func:`words`, or several joined by ``+`` such as ``point+box:0.1``.

    ``clicks:N`` alone is N clicks in all, a first one on the object and the others into what the answers got wrong;
    joined to something else, as in ``box+clicks:2``, it is N clicks after that.

    Args:
        text: what the user wrote.
        chance: begin ``clicks:N`` with any pixel of the object, as in training, rather than the innermost.
        also: what else the user could have written, for the error.

    Raises:
        InputError: an unknown word, a number out of range, two boxes, or nothing that says where the object is.
    """
    parts = [word.strip().lower() for word in text.split("+")]
    if sum(_gives_box(word) for word in parts) > 1:
        raise InputError("A prompt holds one box", text, "Name only one box")
    clicks = [_count(word[7:], text, MAX_CLICKS) for word in parts if word.startswith("clicks:")]
    if len(clicks) > 1:
        raise InputError("Clicks are named twice", text, "Add up their numbers")
    first = [word for word in parts if not word.startswith("clicks:")]
    if clicks and not first:
        first, clicks = ["random-point" if chance else "point"], [clicks[0] - 1]
    if all(word in WAYS and WAYS[word].negative for word in first):
        what = "The prompt says nowhere what is the object"
        raise InputError(what, text, "Join it to one that does, such as box+scribble:neg")
    return Strategy("+".join(parts), tuple(_part(word, text, also) for word in first), sum(clicks))


def _part(word: str, text: str, also: Sequence[str]) -> Draw:
    name, colon, value = (word, "", "") if word in WAYS else word.partition(":")
    way = WAYS.get(name)
    if way is not None and not colon and way.alone:
        return way.draw
    if way is not None and colon and way.number:
        return partial(way.draw, **{way.number: way.read(value, text)})
    others = f"; or {', '.join(also)}" if also else ""
    raise InputError(
        "Unknown prompt strategy", text, f"Choose one of {', '.join(words())}, or several joined by +{others}"
    )


def _gives_box(word: str) -> bool:
    way = WAYS.get(word.partition(":")[0])
    return way is not None and way.box


def _number(value: str, kind: type[Number], text: str) -> Number:
    try:
        return kind(value)
    except ValueError as error:
        raise InputError("Not a number in the prompt strategy", text, f"Write one of {', '.join(words())}") from error


def _count(value: str, text: str, most: int = MAX_POINTS) -> int:
    count = _number(value, int, text)
    if not 1 <= count <= most:
        raise InputError("The number of points is out of range", text, f"Choose 1 to {most}")
    return count


def _within(check: Callable[[float], None], value: str, text: str) -> float:
    number = _number(value, float, text)
    check(number)
    return number


def _innermost(mask: np.ndarray) -> tuple[int, int]:
    depth = depth_in(mask)
    row, column = np.unravel_index(np.argmax(depth), depth.shape)
    return int(column), int(row)


def _draw(mask: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    pixels = np.argwhere(mask)[:, ::-1]
    if not len(pixels) or not count:
        return np.zeros((0, 2), np.int64)
    # Every sample of a batch needs as many points as the others, however small its object is.
    return pixels[rng.choice(len(pixels), count, replace=count > len(pixels))]


def _points(points: ArrayLike, labels: ArrayLike) -> Prompt:
    return Prompt(points=np.array(points, dtype=np.float32).reshape(-1, 2), labels=np.array(labels, dtype=np.int64))


@dataclass(frozen=True)
class Way:
    """A way to draw a prompt, by the word that users write for it in :data:`WAYS`.

    Attributes:
        draw: from a mask and the source of chance to a prompt.
        alone: whether the word may stand without a number.
        number: the keyword by which ``draw`` takes the number behind the word and a colon; "" where it takes none.
        shown: what that number is called for users.
        read: that number, from what the user wrote for it and in all; raises InputError.
        box: whether the prompt holds a box; a strategy has at most one.
        negative: whether it only says what is not the object, so that another part has to start something.
    """

    draw: Draw
    alone: bool = True
    number: str = ""
    shown: str = ""
    read: Callable[[str, str], float] = _count
    box: bool = False
    negative: bool = False


WAYS: dict[str, Way] = {
    "point": Way(center_point),
    "random-point": Way(random_point),
    "points": Way(random_points, False, "positives", "K"),
    "centroid": Way(centroid),
    "box-center": Way(box_center),
    "quadrants": Way(quadrants),
    "half": Way(half_half, False, "count", "K"),
    "box": Way(box, True, "jitter", "JITTER", partial(_within, check_jitter), box=True),
    "box-grow": Way(box_grown, False, "growth", "SHARE", partial(_within, check_growth), box=True),
    "box-px": Way(box_in_pixels, False, "most", "PIXELS", partial(_within, check_pixels), box=True),
    "box-iou": Way(box_of_overlap, False, "iou", "IOU", partial(_within, check_iou), box=True),
    "scribble": Way(center_stroke),
    "scribble:pos": Way(positive_stroke),
    "scribble:neg": Way(negative_stroke, negative=True),
    "lasso": Way(lasso, True, "jitter", "JITTER", partial(_within, check_lasso), box=True),
}


def words() -> list[str]:
    """What users can write for a strategy."""
    found = []
    for name, way in WAYS.items():
        found += [name] * way.alone + [f"{name}:{way.shown}"] * bool(way.number)
    return [*found, "clicks:N"]
