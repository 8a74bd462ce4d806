"""Figures on held-out exemplars, with a decoder whose answers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from SAMAdaptLib.training import validation
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from Testing.tiny import make_library


@pytest.fixture
def data(tmp_path):
    library = make_library(tmp_path / "library", patients=3, indices=(1, 3))
    return TrainingData(library, TrainConfig(steps=1, synthesis=False), 64, 16)


def blank(images, frames):
    return torch.zeros(len(images))


def answering(monkeypatch, cover):
    """Every prompt is answered with its box filled where ``cover(prompt)`` says so, else with nothing."""

    def decode(sam, embedding, prompts, frame):
        masks = np.full((len(prompts), 1, 64, 64), -5.0, np.float32)
        for row, prompt in enumerate(prompts):
            if cover(prompt):
                x0, y0, x1, y1 = np.round(frame.points_to_model(prompt.box.reshape(2, 2)).reshape(4)).astype(int)
                masks[row, 0, y0 : y1 + 1, x0 : x1 + 1] = 5.0
        return torch.from_numpy(masks), torch.zeros(len(prompts), 1)

    monkeypatch.setattr(validation, "decode", decode)
    return SimpleNamespace(sam=None)


@pytest.mark.parametrize("with_mask, without, helps", [(True, False, True), (False, True, False), (True, True, True)])
def test_masks_are_recommended_only_where_they_do_no_harm(data, monkeypatch, with_mask, without, helps) -> None:
    model = answering(monkeypatch, lambda p: without if p.mask_logits is None else with_mask)
    assert validation.mask_prompts_help(model, data, blank) is helps


def test_figures_are_means_over_held_out_slices_by_strategy(data, monkeypatch) -> None:
    """Points are answered with nothing and score 0; boxes are filled, and score as a filled box does."""
    model = answering(monkeypatch, lambda p: p.box is not None)
    figures = validation.validate(model, data, blank)
    expected = []
    for exemplar in data.validation:
        for name in exemplar.info.classes:
            truth = exemplar.labels == data.library.classes.index(name) + 1
            rows, columns = np.nonzero(truth)
            filled = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
            expected.append(2 * truth.sum() / (truth.sum() + filled))
    assert figures["point"] == 0
    assert figures["box"] == pytest.approx(np.mean(expected), abs=0.05)
    assert figures["dice"] == pytest.approx(figures["box"] / 2)
