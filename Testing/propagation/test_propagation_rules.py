"""The prompt for the next slice and the stop rules, by hand-counted masks."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.propagation.rules import PropagationRules, SliceResult, broken_rule, next_prompt, overlap

RULES = PropagationRules()
BLOCK = np.zeros((50, 100), dtype=bool)
BLOCK[10:30, 20:60] = True
LOGITS = np.array([[-30.0, -6.9, 0.5], [3.0, 6.9, 30.0]], np.float32)


def test_next_prompt_grows_the_box_by_its_side():
    prompt = next_prompt(BLOCK, LOGITS, BLOCK.shape, RULES)
    assert prompt.box == pytest.approx([20 - 1, 10 - 0.5, 59 + 1, 29 + 0.5])
    assert prompt.mask_logits == pytest.approx(np.array([[-6.9, -6.9, 0.5], [3.0, 6.9, 6.9]]))
    assert len(prompt.points) == 0


def test_next_prompt_stays_on_the_image():
    prompt = next_prompt(np.ones((50, 100), dtype=bool), LOGITS, (50, 100), RULES)
    assert prompt.box.tolist() == [0, 0, 99, 49]


def test_next_prompt_with_one_kind_only():
    assert next_prompt(BLOCK, LOGITS, BLOCK.shape, PropagationRules(use_mask=False)).mask_logits is None
    assert next_prompt(BLOCK, LOGITS, BLOCK.shape, PropagationRules(use_box=False)).box is None


def test_overlap():
    other = np.zeros_like(BLOCK)
    other[10:30, 40:80] = True
    assert overlap(BLOCK, other) == pytest.approx(1 / 3)
    assert overlap(BLOCK, np.zeros_like(BLOCK)) == 0 == overlap(np.zeros_like(BLOCK), np.zeros_like(BLOCK))


@pytest.mark.parametrize(
    "columns, iou, words",
    [
        (slice(20, 60), 0.5, None),
        (slice(20, 60), 0.49, "expects"),
        (slice(20, 40), 0.9, None),
        (slice(20, 39), 0.9, "IoU with the slice before"),
        (slice(0, 0), 0.9, "nothing"),
    ],
)
def test_limits_of_the_rules(columns, iou, words):
    mask = np.zeros_like(BLOCK)
    mask[10:30, columns] = True
    reason = broken_rule(SliceResult(mask, LOGITS, iou), BLOCK, RULES)
    assert reason is None if words is None else words in reason


@pytest.mark.parametrize("width, kept", [(15, False), (16, True), (40, True), (79, True), (100, True), (101, False)])
def test_area_ratio_of_two_fifths_to_five_halves(width, kept):
    previous, mask = np.zeros((20, 120), dtype=bool), np.zeros((20, 120), dtype=bool)
    previous[:, :40] = True
    mask[:, :width] = True
    reason = broken_rule(SliceResult(mask, LOGITS, 0.9), previous, PropagationRules(min_iou=0.0))
    assert (reason is None) == kept and (kept or "area" in reason)


@pytest.mark.parametrize(
    "rule",
    [
        {"box_growth": -0.1},
        {"box_growth": float("nan")},
        {"logit_clip": 0.0},
        {"min_iou": 1.5},
        {"area_ratio": (1.5, 2.5)},
        {"area_ratio": (0.4, 0.9)},
        {"min_predicted_iou": -1.0},
        {"max_missing": 0},
        {"use_mask": False, "use_box": False},
    ],
)
def test_rules_without_sense_are_named(rule):
    with pytest.raises(InputError) as caught:
        PropagationRules(**rule)
    assert next(iter(rule)) in str(caught.value)
