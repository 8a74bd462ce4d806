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
    return SimpleNamespace(sam=None, find=None, labels=False)


@pytest.mark.parametrize("with_mask, without, helps", [(True, False, True), (False, True, False), (True, True, True)])
def test_masks_are_recommended_only_where_they_do_no_harm(data, monkeypatch, with_mask, without, helps) -> None:
    model = answering(monkeypatch, lambda p: without if p.mask_logits is None else with_mask)
    assert validation.mask_prompts_help(model, data, blank) is helps


def filled(exemplar, data):
    """Dice of each class's box filled, which is what a box is answered with."""
    for name in exemplar.info.classes:
        truth = exemplar.labels == data.library.classes.index(name) + 1
        rows, columns = np.nonzero(truth)
        area = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        yield name, 2 * truth.sum() / (truth.sum() + area)


def of_mix(tmp_path, prompts, **settings):
    library = make_library(tmp_path / "mix", patients=3, indices=(1, 3), backgrounds=(0,))
    config = TrainConfig(steps=1, synthesis=False, prompts=prompts, **settings)
    return TrainingData(library, config, 64, 16)


def test_figures_are_those_of_the_prompts_of_the_mix_by_their_shares(tmp_path, monkeypatch) -> None:
    """Points are answered with nothing and score 0; boxes are filled, and score as a filled box does."""
    data = of_mix(tmp_path, "random-point=1,points:3=1,box=6")
    model = answering(monkeypatch, lambda p: p.box is not None)
    figures = validation.validate(model, data, blank)
    expected = np.mean([dice for exemplar in data.validation for _, dice in filled(exemplar, data)])
    assert list(figures) == ["random-point", "points:3", "box", "dice"]
    assert figures["random-point"] == figures["points:3"] == 0
    assert figures["box"] == pytest.approx(expected, abs=0.05)
    assert figures["dice"] == pytest.approx(figures["box"] * 6 / 8)


def test_a_run_of_boxes_is_not_judged_by_points(tmp_path, monkeypatch) -> None:
    data = of_mix(tmp_path, "box-px:20=0.5,box-grow:0.1=0.5")
    asked = []

    def note(prompt):
        asked.append(prompt)
        return True

    figures = validation.validate(answering(monkeypatch, note), data, blank)
    assert list(figures) == ["box-px:20", "box-grow:0.1", "dice"]
    assert asked and all(prompt.box is not None and not len(prompt.points) for prompt in asked)
    # What chance makes of a prompt is the same at every validation, or they could not be compared.
    first, asked = [prompt.box for prompt in asked], []
    validation.validate(answering(monkeypatch, lambda p: asked.append(p) or True), data, blank)
    assert np.array_equal(first, [prompt.box for prompt in asked])


def test_clicks_of_the_mix_are_given_into_the_error(tmp_path, monkeypatch) -> None:
    data = of_mix(tmp_path, "box+clicks:2=1,box=1")
    # Only the second click helps: until then nothing is found.
    model = answering(monkeypatch, lambda p: len(p.points) == 2)
    figures = validation.validate(model, data, blank)
    expected = np.mean([dice for exemplar in data.validation for _, dice in filled(exemplar, data)])
    assert figures["box"] == 0 and figures["box+clicks:2"] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_model_that_finds_objects_is_judged_by_what_it_finds(tmp_path, monkeypatch, share) -> None:
    """It finds every disc in two halves, and a bean on every slice, whether there is one or not."""
    data = of_mix(tmp_path, "point", method="sammix", found_share=share)
    expected, here = [], iter(data.validation)

    def find(image, frame, encode):
        exemplar = next(here)
        assert image is exemplar.image and encode().shape == (1,)
        rows, columns = np.nonzero(exemplar.labels == 1)
        low, middle, high = columns.min(), columns.min() + 3, columns.max()
        halves = [[low, rows.min(), middle, rows.max()], [middle + 1, rows.min(), high, rows.max()]]
        dice = dict(filled(exemplar, data))
        expected.append(dice["disc"])
        # Of a bean that is not there nothing can be right.
        expected.append(dice["bean"] if "bean" in dice else 0.0)
        at = np.nonzero(exemplar.labels == 2) if "bean" in dice else ([4, 9], [4, 9])
        bean = [[min(at[1]), min(at[0]), max(at[1]), max(at[0])]]
        return [np.array(halves, np.float32), np.array(bean, np.float32)]

    model = answering(monkeypatch, lambda p: p.box is not None)
    model.find = find
    figures = validation.validate(model, data, blank)
    assert 0.0 in expected and max(expected) > 0.5
    assert list(figures) == ["point", "found", "dice"] and figures["point"] == 0
    assert figures["found"] == pytest.approx(np.mean(expected), abs=0.05)
    assert figures["dice"] == pytest.approx(share * figures["found"])
