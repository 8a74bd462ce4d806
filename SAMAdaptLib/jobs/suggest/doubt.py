"""How unsure a model is of a slice, told by its own answers: no truth is needed.

It is asked for each structure with a box, and then again: with boxes and a point drawn from its own answer, on the
slice turned left to right, and with the base's weights in place of the adapter's. A model that knows the structure
answers the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from SAMAdaptLib.defaults import BASE
from SAMAdaptLib.jobs.suggest.anatomy import box_of
from SAMAdaptLib.jobs.suggest.sight import Shown
from SAMAdaptLib.prompts.boxes import bounding_box, box, box_grown
from SAMAdaptLib.prompts.strategies import center_point, generator
from SAMAdaptLib.prompts.types import BOX, Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.masks import dice

# By how much the sides of drawn boxes move at most, and by how much a box grows, of a side.
JITTER, GROWTH = 0.15, 0.2
DRAWN = 2
# Names of the doubts.
PROMPTS = "prompts"
TURNED = "turned"
WEIGHTS = "weights"
IOU = "iou"


def boxes_on(scan: Shown, index: int, expected: np.ndarray | None) -> dict[str, np.ndarray]:
    """Where structures may be on a slice, without a user's prompt: where they were segmented before, else where an
    adapter that finds objects finds them, else where the slice looks like what exemplars have outlined.

    Args:
        scan: the scan.
        index: of the slice.
        expected: how much its parts look like each structure, [P, n, n], or None.

    Returns:
        float32 [4] (x0, y0, x1, y1) in slice pixels of each structure that may be there, the largest of several.
    """
    on, found = scan.on, dict[str, np.ndarray]()
    if scan.labels is not None:
        masks = {name: on.stack.view(scan.labels.mask(name))[index] for name in scan.labels.names}
        found = {name: np.array(bounding_box(mask), np.float32) for name, mask in masks.items() if mask.any()}
    if not found and on.predictor.model.find is not None:
        own = enumerate(on.find(index))
        found = {str(row): max(boxes, key=_area) for row, boxes in own if len(boxes)}
    if not found and expected is not None:
        likely = {str(row): box_of(one, on.stack.shape) for row, one in enumerate(expected)}
        found = {name: one for name, one in likely.items() if one is not None}
    return found


def doubts(on: VolumePredictor, index: int, boxes: Mapping[str, np.ndarray], seed: Sequence[int]) -> dict[str, float]:
    """Doubts about a slice, each 0..1, means over its structures; empty without a box.

    Args:
        on: the model on the slices; its base is asked where it is kept.
        index: of the slice.
        boxes: float32 [4] (x0, y0, x1, y1) in slice pixels of each structure, where it is expected.
        seed: of the drawn boxes.

    Returns:
        "prompts": 1 - mean Dice of the answer and those to other prompts; "turned": 1 - Dice of the answer and that on
        the turned slice; "weights": 1 - Dice of the answer and the base's; "iou": 1 - the model's own estimate.
    """
    if not boxes:
        return {}
    asked = [Prompt(box=one) for one in boxes.values()]
    found = on.predict(index, asked)
    masks = found.masks[:, 0]
    told: dict[str, list[float]] = {IOU: [1 - min(1.0, max(0.0, float(one))) for one in found.iou[:, 0]]}
    told[PROMPTS] = [_among_prompts(on, index, mask, [*seed, row]) for row, mask in enumerate(masks)]
    turned = _turned(on, index, asked)
    if turned is not None:
        told[TURNED] = _apart(masks, turned)
    base = on.predictor.kept.get(BASE)
    if base is not None:
        told[WEIGHTS] = _apart(masks, on.under(base).predict(index, asked).masks[:, 0])
    return {name: float(np.mean(values)) for name, values in told.items()}


def _among_prompts(on: VolumePredictor, index: int, mask: np.ndarray, seed: Sequence[int]) -> float:
    if not mask.any():
        return 1.0
    rng = generator(*seed)
    again = [box(mask, rng, JITTER) for _ in range(DRAWN)]
    again += [box_grown(mask, growth=GROWTH), center_point(mask)]
    return 1 - float(np.mean([dice(one, mask) for one in on.predict(index, again).masks[:, 0]]))


def _turned(on: VolumePredictor, index: int, asked: Sequence[Prompt]) -> np.ndarray | None:
    """Answers on the slice turned left to right, turned back, bool [P, H, W]; None for a model with depth."""
    predictor: Predictor = on.predictor.answering(BOX)
    if predictor.model.depth > 1:
        return None
    image = np.ascontiguousarray(on.image(index)[:, ::-1])
    last = image.shape[1] - 1
    boxes = [one.box[[2, 1, 0, 3]] * [-1, 1, -1, 1] + [last, 0, last, 0] for one in asked if one.box is not None]
    embedding = predictor.encode(image, on.frame)
    answer = partial(predictor.decode, embedding, frame=on.frame, image=image)
    found: np.ndarray = answer([Prompt(box=one) for one in boxes]).masks[:, 0, :, ::-1]
    return found


def _area(box: np.ndarray) -> float:
    return float(np.prod(box[2:] - box[:2] + 1))


def _apart(masks: np.ndarray, others: np.ndarray) -> list[float]:
    return [1 - dice(one, other) for one, other in zip(masks, others, strict=True)]
