"""Clicks until all is right, with fake models whose answers to a click are known."""

import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.clicks import effort
from SAMAdaptLib.jobs.evaluate import Scoring, evaluate
from SAMAdaptLib.jobs.interaction import click_in_space, click_on_slices
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.scoring import parse_slices
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.prompts.types import PROPAGATION, SliceResult
from SAMAdaptLib.sam.predictor import Prediction, Predictor
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from Testing.tiny import Alone, scan

pytestmark = pytest.mark.slow

TEN = parse_strategy("clicks:10")


def bar():
    """Slices 2-4 have six columns of 4 pixels, slices 5-7 four of them; "none" is nowhere."""
    geometry = Geometry.from_lps((20, 16, 10), (0.5, 1.0, 3.0), (0, 0, 0), np.eye(3).ravel())
    array = np.zeros(geometry.shape, np.uint8)
    array[2:5, 4:8, 5:11] = 1
    array[5:8, 4:8, 5:9] = 1
    return Labels(array, geometry, {"bar": 1, "none": 3})


class ClickedColumns:
    """Answers with the clicked columns of the bar."""

    predictor = Alone(mask_prompts=True)
    stack = PlaneStack(bar().geometry, "axial")

    def predict(self, index, prompts):
        masks = np.zeros((len(prompts), 1, *self.stack.shape), bool)
        for mask, prompt in zip(masks, prompts, strict=True):
            for (x, _), label in zip(prompt.points.astype(int), prompt.labels, strict=True):
                mask[0, :, x] = label * (bar().array[index, :, x] == 1)
        return Prediction(masks, masks.astype(np.float32), np.ones((len(prompts), 1)), masks.astype(np.float32))


class CarriesNoFarther:
    """Answers a click with the bar as it is, and when it is carried on, from slice 5 on with nothing."""

    predictor = Alone(mask_prompts=True)
    stack = PlaneStack(bar().geometry, "axial")

    def __call__(self, index, prompt):
        lost = prompt.origin == PROPAGATION and index >= 5
        mask = (bar().array[index] == 1) & (not lost)
        return SliceResult(mask, np.where(mask, 5.0, -5.0).astype(np.float32), 0.9)


def test_on_slices_every_click_is_scored():
    found = click_on_slices(ClickedColumns(), bar(), TEN, parse_slices(None))
    # A column each time, on slices with six and on slices with four.
    sizes = [3 * 4 * (min(k, 6) + min(k, 4)) for k in range(1, 11)]
    assert [one["dice"] for one in found.after["bar"]] == pytest.approx([2 * size / (120 + size) for size in sizes])
    result = found.results["bar"]
    assert result.figures == found.after["bar"][-1] and result.figures["dice"] == 1.0
    # Nobody clicks where nothing is wrong any more.
    assert {i: len(one.points) for i, one in result.prompts.items()} == {2: 6, 3: 6, 4: 6, 5: 4, 6: 4, 7: 4}
    assert [one["status"] for one in found.after["none"]] == ["both empty"] * 10


def test_in_space_the_worst_slice_is_clicked_and_all_is_carried_on_anew():
    told = []
    found = click_in_space(CarriesNoFarther(), bar(), TEN, progress=lambda done, total: told.append((done, total)))
    # First slices 2-4 from slice 2, then one more of 16 pixels with each click.
    sizes = [72, 88, 104, *[120] * 7]
    assert [one["dice"] for one in found.after["bar"]] == pytest.approx([2 * size / (120 + size) for size in sizes])
    given = found.results["bar"].prompts
    assert {index: prompt.labels.tolist() for index, prompt in given.items()} == {2: [1], 5: [1], 6: [1], 7: [1]}
    assert all(4 <= y < 8 and 5 <= x < 9 for index in (5, 6, 7) for x, y in given[index].points)
    assert told == sorted(told) and {total for _, total in told} == {2 * 10 * 10}
    # The rule of the literature: what never gets there counts with all its clicks.
    dice = [one["dice"] for one in found.after["bar"]]
    assert [effort([dice], goal) for goal in (0.8, 0.85, 0.9)] == [(2, 1, 1), (3, 1, 1), (3, 1, 1)]
    assert effort([dice, dice[:1] * 10], 0.9) == (6.5, 1, 2) and effort([dice], 0.75, first=0).clicks == 0
    assert effort([], 0.9) is None


def test_a_stop_between_slices():
    for act, model in ((click_on_slices, ClickedColumns()), (click_in_space, CarriesNoFarther())):
        more = [parse_slices(None)] if act is click_on_slices else []
        with pytest.raises(Cancelled):
            act(model, bar(), TEN, *more, cancelled=lambda: True)


def test_the_figures_are_those_of_as_many_clicks_asked_at_once(tiny_model):
    model = LoadedModel(Predictor(tiny_model, "fp32"), None)
    cases = [scan()]
    report = evaluate(cases, model, prompt="each-click:3")
    after = report["cases"][0]["after"]
    for place, prompt in enumerate(("point", "clicks:2", "clicks:3")):
        labels = evaluate(cases, model, prompt=prompt)["cases"][0]["labels"]
        assert {name: figures[place] for name, figures in after.items()} == labels
    dice = [[one["dice"] for one in figures] for figures in after.values()]
    assert report["clicks"]["first"] == 1 and report["clicks"]["dice"] == pytest.approx(np.mean(dice, axis=0))
    boxed = evaluate(cases, model, prompt="box+each-click:1", propagate=True)
    assert boxed["clicks"]["first"] == 0
    first = evaluate(cases, model, prompt="box", propagate=True)["cases"][0]["labels"]
    assert {name: figures[0] for name, figures in boxed["cases"][0]["after"].items()} == first


def test_what_cannot_be_read_is_refused():
    for prompt in ("each-click:x", "each-click:0", "each-click:51", "each-click:"):
        with pytest.raises(InputError, match=f": {prompt}[.]"):
            Scoring(prompt)
    with pytest.raises(InputError, match="each-click:N"):
        Scoring("each-clik:3")
