"""What base, adapted and halfway weights make of the same prompts, see :mod:`SAMAdaptLib.adapters.comparison`.

Propagation is asked as ``neighbour`` of the training's mix does, since the neighbours of exemplars have no labels.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.adapters.comparison import PATIENTS, SHARE, SLICES, compare
from SAMAdaptLib.defaults import BASE, HALFWAY
from SAMAdaptLib.methods.base import Method, load_trainable, trainable
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.strategies import center_point, generator, next_click
from SAMAdaptLib.prompts.types import BOX, BOX_CLICK, POINT, PROPAGATION, Prompt
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.training.data import COMPARISON, TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.prompting import neighbour
from SAMAdaptLib.volume.masks import dice

# So many slices and objects are enough to see harm; more would cost training.
MOST_SLICES = 12
MOST_OBJECTS = 24
# Masks of a neighbouring slice for each object.
NEIGHBOURS = 2
# Base, adapted and halfway, which not every method has.
MODELS = 3


@dataclass(frozen=True)
class Measured:
    """Answers of one model.

    Attributes:
        slices: how many held-out slices were asked about, the first ones.
        classes: of the N objects.
        dice: of each object by kind of prompt.
        plain: of the point to each object with no box grown from it; empty where the model grows none beside it.
    """

    slices: int = 0
    classes: list[str] = field(default_factory=list)
    dice: list[dict[str, float]] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


def comparison_cost(data: TrainingData) -> float:
    """What it takes to :func:`measure` all models, in slices of a training step: those go forth and back, and their
    prompts are decoded at once and some again."""
    exemplars = data.compared[:MOST_SLICES]
    if not exemplars:
        return 0.0
    objects = sum(min(len(e.info.classes), _objects(len(exemplars))) for e in exemplars)
    decoded = data.config.prompts_per_slice * (1 + data.config.corrections)
    # The adapted one is asked about plain points besides.
    return (MODELS * (len(exemplars) + objects * (3 + NEIGHBOURS) / decoded) + objects / decoded) / 3


def _objects(slices: int) -> int:
    """How many objects a slice are asked about."""
    return -(-MOST_OBJECTS // slices)


def compared(
    model: SamModel,
    method: Method[Any],
    data: TrainingData,
    embeddings_of: Embeddings,
    untrained: Mapping[str, torch.Tensor],
    seconds: float,
) -> dict[str, Any]:
    """Base, adapted and halfway weights on the held-out slices, as :attr:`AdapterInfo.comparison` has it.

    Args:
        model: adapted; the same again afterwards.
        method: by which it is.
        data: of the run.
        embeddings_of: encodes its slices.
        untrained: tensors with which the model is the base.
        seconds: after so many the adapted model is asked about no other slice.
    """
    adapted = measure(model, data, embeddings_of, seconds)
    if not adapted.dice:
        return {}
    trained = {name: p.detach().clone() for name, p in trainable(model.sam).items()}
    kept = model.mask_prompts, model.points
    # The weights halfway are asked as the base is: points and masks are what an adapter has to learn anew.
    model.mask_prompts, model.points = model.base.mask_prompts, model.base.points
    between = method.between(untrained, trained, SHARE)
    found: dict[str, Measured] = {}
    for way, tensors in ((BASE, untrained), (HALFWAY, between)):
        if tensors is not None:
            load_trainable(model.sam, dict(tensors))
            found[way] = measure(model, data, embeddings_of, math.inf, adapted.slices)
    model.mask_prompts, model.points = kept
    load_trainable(model.sam, trained)
    halfway = found[HALFWAY].dice if HALFWAY in found else ()
    held_out = PATIENTS if data.validation else SLICES
    return compare(found[BASE].dice, adapted.dice, adapted.classes, held_out, halfway, adapted.plain)


@torch.no_grad()
def measure(
    model: SamModel, data: TrainingData, embeddings_of: Embeddings, seconds: float, slices: int = MOST_SLICES
) -> Measured:
    """Ask about objects on the held-out slices ``data.compared``, with the same prompts at every call.

    Args:
        model: base or adapted; its ``mask_prompts`` and ``points`` say how it is asked.
        data: of the run.
        embeddings_of: encodes its slices.
        seconds: after so many no other slice is begun.
        slices: at most.
    """
    begun = time.monotonic()
    exemplars = data.compared[: min(slices, MOST_SLICES)]
    found = Measured()
    asked: Counter[str] = Counter()
    for number, exemplar in enumerate(exemplars):
        if number and time.monotonic() - begun > seconds:
            break
        image, labels = data.image(exemplar), exemplar.labels
        frame = data.frame(labels.shape, exemplar.info.pixel_spacing)
        embedding = embeddings_of([image], [frame])
        # Of many classes those that were asked about least.
        names = sorted(exemplar.info.classes, key=lambda name: asked[name])
        for row, name in enumerate(names[: _objects(len(exemplars))]):
            asked[name] += 1
            truth = labels == data.library.classes.index(name) + 1
            rng = generator(data.config.seed, COMPARISON, number, row)
            carried = [neighbour(truth, rng, frame, data.low_res_size) for _ in range(NEIGHBOURS)]
            found.classes.append(name)
            found.dice.append(_scores(model, exemplar.image, embedding, frame, truth, carried))
            if model.points and model.grown:
                found.plain.append(_plain(model, embedding, frame, truth))
        found = replace(found, slices=number + 1)
    return found


def _scores(
    model: SamModel,
    image: np.ndarray,
    embedding: torch.Tensor,
    frame: ModelFrame,
    truth: np.ndarray,
    carried: list[Prompt],
) -> dict[str, float]:
    """Dice by kind for one object, bool [H, W], on a slice, uint8 [H, W]."""

    def answers(prompts: list[Prompt]) -> tuple[np.ndarray, np.ndarray]:
        found = Predictor(model).decode(embedding, prompts, frame, image=image)
        return found.masks[:, 0], found.low_res[:, 0]

    if not model.mask_prompts:
        carried = [replace(prompt, mask_logits=None) for prompt in carried]
    boxed = box(truth)
    masks, low_res = answers([center_point(truth), boxed, *carried])
    rules = PropagationRules(use_mask=model.mask_prompts)
    clicked = next_click(boxed, truth, masks[1], rules.carried(low_res[1]))
    mended = masks[1] if clicked is None else answers([clicked])[0][0]
    by_kind = {POINT: [masks[0]], BOX: [masks[1]], BOX_CLICK: [mended], PROPAGATION: [*masks[2:]]}
    return {kind: float(np.mean([dice(mask, truth, empty=0.0) for mask in those])) for kind, those in by_kind.items()}


def _plain(model: SamModel, embedding: torch.Tensor, frame: ModelFrame, truth: np.ndarray) -> float:
    """Dice of the point to one object, bool [H, W], with no box grown from it."""
    found = Predictor(replace(model, grown=False)).decode(embedding, [center_point(truth)], frame)
    return dice(found.masks[0, 0], truth, empty=0.0)
