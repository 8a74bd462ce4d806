"""Figures on exemplars of patients that the training does not see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import torch

from SAMAdaptLib.prompts.strategies import generator, parse_strategy
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.training.data import TRIAL, TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.prompting import asks_by_text, neighbour

STRATEGIES = ("point", "box")
# Exemplars and prompts a slice that decide whether mask prompts help.
TRIAL_SLICES = 6
TRIAL_PROMPTS = 4


@torch.no_grad()
def validate(model: SamModel, data: TrainingData, embeddings_of: Embeddings) -> dict[str, float]:
    """Mean Dice over held-out slices and classes, by prompt strategy, and "dice", the mean of those.

    Where the training asks by text, the class's name is a strategy as well.
    """
    scores = defaultdict(list)
    for exemplar in data.validation:
        image, labels = data.image(exemplar), exemplar.labels
        frame = data.frame(image, exemplar.info.pixel_spacing)
        embedding = embeddings_of([image], [frame])
        for name in exemplar.info.classes:
            truth = labels == data.library.classes.index(name) + 1
            prompts = {strategy: parse_strategy(strategy)(truth, None) for strategy in STRATEGIES}
            if asks_by_text(data.mix):
                prompts["text"] = Prompt(text=name)
            for strategy, prompt in prompts.items():
                low_res, _ = decode(model.sam, embedding, [prompt], frame)
                mask = (frame.logits_to_slice(low_res)[0, 0] > 0).cpu().numpy()
                scores[strategy].append(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))
    figures = {strategy: float(np.mean(values)) for strategy, values in scores.items()}
    return figures | {"dice": float(np.mean(list(figures.values())))}


@torch.no_grad()
def mask_prompts_help(model: SamModel, data: TrainingData, embeddings_of: Embeddings) -> bool:
    """Whether the trained model segments at least as well from box and mask of a neighbouring slice as from the box.

    A short run may not have taught mask prompts to a base model that never saw any; propagation then does better
    without. Tried on held-out exemplars where there are some, else on those of the training.
    """
    exemplars = (data.validation or data.exemplars)[:TRIAL_SLICES]
    with_mask, without = [], []
    for number, exemplar in enumerate(exemplars):
        image, labels = data.image(exemplar), exemplar.labels
        frame = data.frame(image, exemplar.info.pixel_spacing)
        embedding = embeddings_of([image], [frame])
        truth = labels == data.library.classes.index(exemplar.info.classes[0]) + 1
        rng = generator(data.config.seed, TRIAL, number)
        prompts = [neighbour(truth, rng, frame, data.low_res_size) for _ in range(TRIAL_PROMPTS)]
        for group, scores in ((prompts, with_mask), ([replace(p, mask_logits=None) for p in prompts], without)):
            low_res, _ = decode(model.sam, embedding, group, frame)
            masks = (frame.logits_to_slice(low_res)[:, 0] > 0).cpu().numpy()
            scores += [2 * (mask & truth).sum() / (mask.sum() + truth.sum()) for mask in masks]
    return float(np.mean(with_mask)) >= float(np.mean(without))
