"""Figures on exemplars of patients that the training does not see."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch

from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.sam.build import SamModel
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.training.data import TrainingData, TrainingItem
from SAMAdaptLib.training.step import encode_batch

STRATEGIES = ("point", "box")


@torch.no_grad()
def validate(model: SamModel, data: TrainingData, dtype: torch.dtype) -> dict[str, float]:
    """Mean Dice over held-out slices and classes, by prompt strategy, and "dice", the mean of those."""
    scores = defaultdict(list)
    for exemplar in data.validation:
        image, labels = exemplar.image, exemplar.labels
        frame = data.frame(image, exemplar.info.pixel_spacing)
        embedding = encode_batch(model, [TrainingItem(image, frame, [], np.empty(0))], dtype)
        for name in exemplar.info.classes:
            truth = labels == data.library.classes.index(name) + 1
            for strategy in STRATEGIES:
                low_res, _ = decode(model.sam, embedding, [parse_strategy(strategy)(truth, None)], frame)
                mask = (frame.logits_to_slice(low_res)[0, 0] > 0).cpu().numpy()
                scores[strategy].append(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))
    figures = {strategy: float(np.mean(values)) for strategy, values in scores.items()}
    return figures | {"dice": float(np.mean(list(figures.values())))}
