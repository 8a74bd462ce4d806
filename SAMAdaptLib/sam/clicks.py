"""Clicks for models that were trained with boxes only, such as MedSAM and LiteMedSAM: a point is noise to them, which
finds nothing alone and spoils the answer to a box.

A point without a box is grown into boxes: of regions of like grey level around it at several tolerances (region
growing, Adams and Bischof 1994), and squares. The model answers all of them at once, and the answer is taken of which
it expects most: the predicted IoU, times the IoU of the answer with what the clicks make of it. Of an answer the parts
count in which clicks lie: a large box holds a liver and a spleen, and a click means one of them.

A click that the answer to a box contradicts changes the answer near the click. Its logits are taken for the prior mean
of a Gaussian process, and the click for an observation of it (Zhou et al. 2023, Interactive Segmentation as Gaussian
Process Classification, arXiv 2302.14578, where the kernel is learnt). Here the kernel of a click is a bell, the wider
the farther the click lies from the outline that it moves; where bells meet, the higher counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from SAMAdaptLib.prompts.boxes import bounding_box, box_overlap
from SAMAdaptLib.prompts.types import PROPAGATION, Prompt
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.volume.intensity import in_grey

# Longest side of the picture in which regions grow; more pixels make no better box.
SIDE = 256
# Grey levels of 255 by which a pixel of the region may differ from the click.
TOLERANCES = (7, 12, 20, 33, 55)
# Sides of squares around the click, as shares of the slice's longer side.
SQUARES = (0.1, 0.2, 0.4)
# Regions are opened by so many pixels besides, so that they do not leak through thin bridges.
OPENING = 2
# The IoU from which on the answer of a model that has learnt points is taken as it is.
SURE_ENOUGH = 0.9
# The power to which the IoU of such an answer with that to a grown box counts beside what is expected of the latter. At
# 1 small answers chose small boxes: on other patients' organs a point had Dice 0.01 to 0.08 less (docs/prompts.md).
LIKENESS = 0.25
# A region of fewer pixels is noise, and boxes that overlap more ask for the same.
LEAST, ALIKE = 12, 0.7
# Logit that a click asks for, and the standard deviation of its bell as a multiple of its distance from the outline.
SURE, WIDTH = 1.0, 1.0
# The least of it in pixels of the logits, so that what is left in the slice's own pixels obeys the click, too.
NARROW = 2.0
# Standard deviations that lie at least between a click and the next one of the other kind.
APART = 3.0


def grown_boxes(image: np.ndarray, prompt: Prompt) -> np.ndarray:
    """Boxes of what the positive points of a prompt may mean.

    Args:
        image: uint8 [H, W], the slice after intensity mapping; of several channels [H, W, 3], of which the mean of grey
            levels is looked at.
        prompt: in slice pixels, with a positive point.

    Returns:
        float32 [N, 4] as (x0, y0, x1, y1) in slice pixels, N at least 3, the squares last; no two of regions are
        much alike.
    """
    image = in_grey(image)
    shape = np.array(image.shape[::-1], np.float64)
    scale = min(1.0, SIDE / shape.max())
    width, height = (max(1, round(float(n * scale))) for n in shape)
    picture = Image.fromarray(np.ascontiguousarray(image)).resize((width, height), Image.Resampling.BILINEAR)
    factor = shape / (width, height)
    smooth = ndimage.gaussian_filter(np.asarray(picture, np.float32), 1.0)
    points = prompt.points[prompt.labels == 1].astype(np.float64)
    seeds = np.clip(np.floor((points + 0.5) / factor), 0, (width - 1, height - 1)).astype(int)
    levels = smooth[seeds[:, 1], seeds[:, 0]]
    kept = np.zeros((0, 4))
    for opening in (0, OPENING):
        for tolerance in TOLERANCES:
            like = (smooth >= levels.min() - tolerance) & (smooth <= levels.max() + tolerance)
            region = _around(like, seeds, opening)
            if np.count_nonzero(region) < LEAST:
                continue
            low_x, low_y, high_x, high_y = bounding_box(region)
            found = np.array([low_x, low_y, high_x + 1, high_y + 1]) * np.tile(factor, 2) - [0, 0, 1, 1]
            covers = np.prod(found[2:] - found[:2] + 1) > 0.8 * np.prod(shape)
            if not covers and (box_overlap(kept, found) < ALIKE).all():
                kept = np.concatenate([kept, found[None]])
    half = np.array(SQUARES)[:, None] * shape.max() / 2
    squares = np.concatenate([points.min(axis=0) - half, points.max(axis=0) + half], axis=1)
    return np.concatenate([kept, np.clip(squares, 0, np.tile(shape - 1, 2))]).astype(np.float32)


def _around(like: np.ndarray, seeds: np.ndarray, opening: int) -> np.ndarray:
    """The parts of a mask in which the seeds (x, y) lie, after an opening."""
    if opening:
        like = ndimage.binary_erosion(like, iterations=opening)
    parts, _ = ndimage.label(like)
    found = parts[seeds[:, 1], seeds[:, 0]]
    region = np.isin(parts, found[found > 0])
    return ndimage.binary_dilation(region, iterations=opening) if opening and region.any() else region


def corrected(logits: np.ndarray, places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logits that agree with clicks, changed near those which they contradict.

    Args:
        logits: float32 [h, w], > 0 inside.
        places: int [N, 2], (x, y) of the pixels that they lie in.
        labels: int [N]; 1 = the object, 0 = not the object.

    Returns:
        float32 [h, w]; the same where no click contradicts.
    """
    signs = np.where(labels == 1, 1.0, -1.0)
    there = logits[places[:, 1], places[:, 0]]
    against = np.flatnonzero(signs * there <= 0)
    if not len(against):
        return logits
    inside = logits > 0
    # Far from the object, or without one, nothing is known of the size of what a click means.
    most = np.sqrt(np.count_nonzero(inside) / np.pi)
    depths = ndimage.distance_transform_edt(inside) + ndimage.distance_transform_edt(~inside)
    rows, columns = np.indices(logits.shape)
    changes = np.zeros((len(against), *logits.shape))
    for change, click in zip(changes, against, strict=True):
        x, y = places[click]
        others = np.hypot(*(places[signs != signs[click]] - places[click]).T)
        width = max(NARROW, WIDTH * min(depths[y, x], most))
        width = max(NARROW / 4, min([width, *others / APART]))
        bell = np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / width**2)
        change[:] = (SURE * signs[click] - there[click]) * bell
    result: np.ndarray = logits + changes.max(axis=0, initial=0.0) + changes.min(axis=0, initial=0.0)
    return result.astype(np.float32)


def parts_at(logits: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Logits of which only the connected parts (8 neighbours) are inside in which places lie; the same where no place
    lies in any.

    Args:
        logits: float32 [h, w], > 0 inside.
        places: int [N, 2], (x, y) of pixels.
    """
    inside = logits > 0
    parts, _ = ndimage.label(inside, np.ones((3, 3)))
    held = parts[places[:, 1], places[:, 0]]
    if not held.any():
        return logits
    return np.where(inside & ~np.isin(parts, held[held > 0]), -logits, logits)


def answer_by_boxes(
    model: SamModel,
    embedding: torch.Tensor,
    prompts: Sequence[Prompt],
    frame: ModelFrame,
    multimask: bool = False,
    image: np.ndarray | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Decode prompts without ever giving a point to the model; the arguments and results are those of :func:`decode`.

    Args:
        image: uint8 [H, W], the slice after intensity mapping. Without it a point without a box stays as it is, as do
            negative points alone, which mean nothing.

    Returns:
        as there; of a grown point M = 3 are the three best answers, and what is expected of them counts what the clicks
        had to change.
    """
    plain = [_without_points(prompt) for prompt in prompts]
    grown = [p for p, one in enumerate(plain) if one.empty and image is not None and prompts[p].labels.any()]
    rest = [p for p in range(len(prompts)) if p not in grown]
    logits, ious = [torch.empty(0)] * len(prompts), [torch.empty(0)] * len(prompts)
    if rest:
        asked = [prompts[p] if plain[p].empty else plain[p] for p in rest]
        for p, *answer in zip(rest, *decode(model, embedding, asked, frame, multimask), strict=True):
            logits[p], ious[p] = answer
            if not plain[p].empty:
                logits[p] = _clicked(logits[p], prompts[p], frame, model)
    for p in grown:
        assert image is not None
        answers, expected = _grown(model, embedding, prompts[p], frame, image)
        best = torch.argsort(expected, descending=True, stable=True)[: 3 if multimask else 1]
        logits[p], ious[p] = answers[best], expected[best]
    return torch.stack(logits), torch.stack(ious)


def answer_or_grow(
    model: SamModel,
    embedding: torch.Tensor,
    prompts: Sequence[Prompt],
    frame: ModelFrame,
    multimask: bool,
    image: np.ndarray,
) -> tuple[torch.Tensor, torch.Tensor]:
    """As :func:`answer_by_boxes`, of a model that has learnt points on top of boxes.

    An answer to points alone of which it expects no more than :data:`SURE_ENOUGH` is meant with that to a box grown
    around them: the mean of both logits, with the box of which the most is expected, times the IoU of both answers to
    the power :data:`LIKENESS`.
    What an adapter has learnt of points in minutes holds on patients like its own; a grown box has another source. Of
    M = 3 answers the best is changed so, and stands first.
    """
    logits, ious = decode(model, embedding, prompts, frame, multimask)
    for p, prompt in enumerate(prompts):
        order = torch.argsort(ious[p], descending=True, stable=True)
        own, hoped = logits[p][order], ious[p][order]
        if not _without_points(prompt).empty or not prompt.labels.any() or hoped[0] > SURE_ENOUGH:
            continue
        answers, expected = _grown(model, embedding, prompt, frame, image)
        alike = _overlaps(answers, own[0])
        best = int((expected * alike**LIKENESS).argmax())
        if alike[best]:
            logits[p], ious[p] = torch.cat([(own[:1] + answers[best]) / 2, own[1:]]), hoped
    return logits, ious


def as_taught(prompt: Prompt, taught: tuple[int, int]) -> Prompt:
    """What of a prompt an adapter is given that has learnt points on a base of boxes; :func:`obeying` does the rest.

    What it learns of points in minutes is what the first of them mean. Of more, its answers become worse from click to
    click, also where clicks were in its training: at Dice 0.60 after ten clicks on each slice of two hippocampi that it
    had not seen, from 0.67 after one, where this way reaches 0.80 (and from a box 0.87 for 0.74). An earlier answer of
    its own, as a mask, holds it back, and is left out with the clicks that came after it.

    Args:
        prompt: in slice pixels.
        taught: see :class:`SAMAdaptLib.sam.build.SamModel`.
    """
    most = taught[1] if prompt.box is not None else max(taught[0], 1)
    if len(prompt.points) <= most:
        return prompt
    kept = np.arange(len(prompt.points)) < most
    if prompt.box is None and not prompt.labels[kept].any():
        # At least where the object is.
        kept = np.arange(len(prompt.points)) == prompt.labels.argmax()
    # What propagation carries on is no answer to these clicks.
    mask = prompt.mask_logits if prompt.kind == PROPAGATION else None
    return replace(prompt, points=prompt.points[kept], labels=prompt.labels[kept], mask_logits=mask)


def obeying(
    logits: torch.Tensor, prompts: Sequence[Prompt], frame: ModelFrame, model: SamModel
) -> torch.Tensor:
    """Answers [P, M, h, h] to prompts, agreeing with the clicks of each."""
    return torch.stack([_clicked(one, prompt, frame, model) for one, prompt in zip(logits, prompts, strict=True)])


def _grown(
    model: SamModel, embedding: torch.Tensor, prompt: Prompt, frame: ModelFrame, image: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """Answers [N, h, h] to the boxes grown around points alone, agreeing with them, and what is expected of each."""
    boxes = [Prompt(box=one) for one in grown_boxes(image, prompt)]
    answers, expected = (one[:, 0] for one in decode(model, embedding, boxes, frame))
    clicked = _clicked(answers, prompt, frame, model)
    places = _pixels(prompt.points, frame, model.low_res_size)[prompt.labels == 1]
    meant = [parts_at(one, places) for one in clicked.float().cpu().numpy()]
    clicked = torch.from_numpy(np.stack(meant)).to(clicked.device)
    return clicked, expected * _overlaps(answers, clicked)


def _overlaps(answers: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """IoU [N] of the masks of logits [N, h, h] with those of others, each with its own or all with one [h, h]; 0 of two
    empty ones."""
    one, other = answers > 0, others > 0
    both, either = (one & other).sum(dim=(1, 2)), (one | other).sum(dim=(1, 2))
    return both / either.clamp(min=1)


def _clicked(logits: torch.Tensor, prompt: Prompt, frame: ModelFrame, model: SamModel) -> torch.Tensor:
    """Answers [M, h, h] to a box, agreeing with the clicks of the prompt."""
    if not len(prompt.points):
        return logits
    places = _pixels(prompt.points, frame, model.low_res_size)
    fixed = [corrected(one, places, prompt.labels) for one in logits.float().cpu().numpy()]
    return torch.from_numpy(np.stack(fixed)).to(logits.device)


def _without_points(prompt: Prompt) -> Prompt:
    return replace(prompt, points=np.zeros((0, 2)), labels=np.zeros(0, np.int64))


def _pixels(points: np.ndarray, frame: ModelFrame, side: int) -> np.ndarray:
    """(x, y) in slice pixels [N, 2] to the pixels int [N, 2] of the decoder's logits in which they lie."""
    inside: np.ndarray = np.clip(frame.points_to_model(points + 0.5) * (side / frame.input_size), 0, side - 1)
    return inside.astype(int)
