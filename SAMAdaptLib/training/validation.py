"""Figures on exemplars of patients that the training does not see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode, label_map
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.data import TRIAL, VALIDATION, TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.prompting import neighbour
from SAMAdaptLib.training.split import lacks
from SAMAdaptLib.training.step import corrections
from SAMAdaptLib.volume.masks import dice

# What the model found by itself, among the figures.
BY_ITSELF = "found"
# Exemplars and prompts a slice that decide whether mask prompts help.
TRIAL_SLICES = 6
TRIAL_PROMPTS = 4


@torch.no_grad()
def validate(model: SamModel, data: TrainingData, embeddings_of: Embeddings) -> dict[str, float]:
    """Mean Dice over held-out slices and classes, by the prompts of the training's mix, and "dice".

    A strategy of the mix asks here what it asks in the training, once for each class of each slice, with chance and
    clicks that are the same in every validation of a run. A model that finds objects is scored by what it finds as
    well, "found": all boxes of a class together, as when it segments by itself; where the class is known to be absent,
    a find counts as Dice 0. "dice" is the mean of those of the mix by their shares in the training and of "found",
    which has ``found_share``; of a model that labels slices and answers no prompt there is "found" alone.
    """
    scores: dict[str, list[float]] = defaultdict(list)
    for number, exemplar in enumerate(data.validation):
        image, labels = data.image(exemplar), exemplar.labels
        frame = data.frame(labels.shape, exemplar.info.pixel_spacing)
        embedding = embeddings_of([image], [frame])
        truths = {c: labels == data.library.classes.index(c) + 1 for c in exemplar.info.classes}
        for row, (name, truth) in enumerate(() if model.labels else truths.items()):
            masks = _answers(model, data, embedding, frame, name, truth, (number, row))
            for (strategy, _), mask in zip(data.mix, masks, strict=True):
                scores[strategy.name].append(dice(mask, truth, empty=0.0))
        nothing = np.zeros(frame.shape, bool)
        for name, mask in _found(model, data.classes, image, frame, embedding).items():
            if name in truths or (mask is not None and lacks(exemplar.info, name)):
                scores[BY_ITSELF].append(dice(nothing if mask is None else mask, truths.get(name, nothing), empty=0.0))
    found_share = 1.0 if model.labels else data.config.found_share if BY_ITSELF in scores else 0.0
    shares = defaultdict(float, {BY_ITSELF: found_share})
    for strategy, share in data.mix:
        shares[strategy.name] += share * (1 - found_share)
    figures = {name: float(np.mean(values)) for name, values in scores.items()}
    return figures | {"dice": float(np.average([*figures.values()], weights=[shares[name] for name in figures]))}


def _answers(
    model: SamModel,
    data: TrainingData,
    embedding: torch.Tensor,
    frame: ModelFrame,
    name: str,
    truth: np.ndarray,
    place: tuple[int, int],
) -> np.ndarray:
    """The last answers, bool [S, H, W], to the S strategies of the mix about one object."""
    chances = [generator(data.config.seed, VALIDATION, *place, slot) for slot in range(len(data.mix))]
    pairs = list(zip([strategy for strategy, _ in data.mix], chances, strict=True))
    asked = list(enumerate(strategy(truth, rng, frame, data.low_res_size, name) for strategy, rng in pairs))
    clicks = np.array([strategy.clicks for strategy, _ in pairs])
    targets = np.broadcast_to(truth, (len(pairs), *truth.shape))
    masks = np.zeros(targets.shape, bool)
    done = 0
    while asked:
        rows, prompts = zip(*asked, strict=True)
        low_res, _ = decode(model, embedding, prompts, frame)
        logits = frame.logits_to_slice(low_res)
        masks[list(rows)] = (logits[:, 0] > 0).cpu().numpy()
        asked = corrections(targets, asked, logits, low_res, clicks > done, chances)
        done += 1
    return masks


def _found(
    model: SamModel, classes: Sequence[str], image: np.ndarray, frame: ModelFrame, embedding: torch.Tensor
) -> dict[str, np.ndarray | None]:
    """What a model that finds objects takes for each class, bool [H, W]; None where it finds none."""
    if model.labels:
        labels = label_map(model, embedding, frame)
        return {name: labels == value if (labels == value).any() else None for value, name in enumerate(classes, 1)}
    if model.find is None:
        return {}
    boxes = model.find(image, frame, lambda: embedding)
    masks = [_masks(model, embedding, frame, [Prompt(box=box) for box in found]) for found in boxes]
    pairs = zip(classes, masks, strict=True)
    return {name: np.logical_or.reduce(one) if len(one) else None for name, one in pairs}


def _masks(model: SamModel, embedding: torch.Tensor, frame: ModelFrame, prompts: Sequence[Prompt]) -> np.ndarray:
    """Answers to any number of prompts, bool [P, H, W]."""
    if not prompts:
        return np.zeros((0, *frame.shape), bool)
    low_res, _ = decode(model, embedding, prompts, frame)
    return (frame.logits_to_slice(low_res)[:, 0] > 0).cpu().numpy()


def trial_exemplars(data: TrainingData) -> Sequence[Exemplar]:
    """Those on which :func:`mask_prompts_help` tries prompts; one takes less than a slice of a training step does."""
    return (data.validation or data.exemplars)[:TRIAL_SLICES]


@torch.no_grad()
def mask_prompts_help(model: SamModel, data: TrainingData, embeddings_of: Embeddings) -> bool:
    """Whether the trained model segments at least as well from box and mask of a neighbouring slice as from the box; no
    for one that answers neither.

    A short run may not have taught mask prompts to a base model that never saw any; propagation then does better
    without. Tried on held-out exemplars where there are some, else on those of the training.
    """
    if model.labels:
        return False
    with_mask: list[float] = []
    without: list[float] = []
    for number, exemplar in enumerate(trial_exemplars(data)):
        image, labels = data.image(exemplar), exemplar.labels
        frame = data.frame(labels.shape, exemplar.info.pixel_spacing)
        embedding = embeddings_of([image], [frame])
        truth = labels == data.library.classes.index(exemplar.info.classes[0]) + 1
        rng = generator(data.config.seed, TRIAL, number)
        prompts = [neighbour(truth, rng, frame, data.low_res_size) for _ in range(TRIAL_PROMPTS)]
        for group, scores in ((prompts, with_mask), ([replace(p, mask_logits=None) for p in prompts], without)):
            scores += [dice(mask, truth, empty=0.0) for mask in _masks(model, embedding, frame, group)]
    return float(np.mean(with_mask)) >= float(np.mean(without))
