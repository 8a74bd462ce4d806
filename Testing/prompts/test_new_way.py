"""A way to prompt is a function and a line: strategies are put together with it, named in errors and trained with."""

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.strategies import WAYS, Way, parse_strategy
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.prompting import OWN, TrainingStrategy, parse_mix, teaches_points

MASK = np.zeros((20, 30), bool)
MASK[5:9, 10:20] = True


def first_pixel(mask, rng=None, down=0):
    """The object's first pixel in reading order, so many rows further down."""
    row, column = np.argwhere(mask)[0]
    return Prompt([[column, row + down]], [1])


def whole_slice(mask, rng, frame, low_res_size, name):
    """A box around everything."""
    return Prompt(box=[0, 0, mask.shape[1] - 1, mask.shape[0] - 1])


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(WAYS, "dummy", Way(first_pixel, True, "down", "ROWS"))
    monkeypatch.setitem(OWN, "everything", TrainingStrategy("everything", whole_slice))


def test_it_is_read_with_and_without_its_number_and_joined_to_others():
    assert parse_strategy("dummy")(MASK).points.tolist() == [[10, 5]]
    both = parse_strategy("dummy:3+box")(MASK)
    assert both.points.tolist() == [[10, 8]] and both.box.tolist() == [10, 5, 19, 8]
    with pytest.raises(InputError, match="point, random-point.*, dummy, dummy:ROWS, clicks:N"):
        parse_strategy("blob")


def test_a_training_mixes_both_kinds():
    rng, frame = np.random.default_rng(0), ModelFrame((20, 30), 64)
    (first, a), (second, b) = parse_mix("dummy:2=3,everything")
    assert (first.name, second.name, a, b) == ("dummy:2", "everything", 0.75, 0.25)
    assert first(MASK, rng, frame, 16).points.tolist() == [[10, 7]]
    assert second(MASK, rng, frame, 16).box.tolist() == [0, 0, 29, 19]
    assert teaches_points("dummy") and not teaches_points("everything")
    with pytest.raises(InputError, match="or neighbour, text, text:varied, everything"):
        parse_mix("blob")
