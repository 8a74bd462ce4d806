"""Scores: what two masks have in common does not depend on how they lie in memory, nor on who measures it how."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation

from SAMAdaptLib.evaluation import surfaces
from SAMAdaptLib.evaluation.figures import label_result
from SAMAdaptLib.evaluation.metrics import METRICS, score
from SAMAdaptLib.jobs.scoring import evaluate_oracle, parse_slices
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume import evidence
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SAMAdaptLib.volume.volume import Volume
from Testing.faults.mutations import tries
from Testing.tiny import scan

# Distances are of 32 bits, and means of areas add up in another order.
ROUNDING = 1e-6
TURNS = [*itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3))]


@st.composite
def pairs(draw, least: int = 1) -> tuple[np.ndarray, np.ndarray, tuple[float, ...], float]:
    """Two masks bool [Z, Y, X] with smooth or ragged outlines, some empty or of one layer; spacing, tolerance, mm."""
    # Layers of one, where surfaces are measured in two dimensions, are not left to luck.
    shape = draw(st.tuples(*[st.one_of(st.just(least), st.integers(least, 14))] * 3))
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    width = draw(st.sampled_from([0.0, 1.0, 2.5]))
    noise = [ndimage.gaussian_filter(chance.normal(size=shape), width) for _ in range(2)]
    alike = draw(st.sampled_from([0.0, 0.7, 1.0]))
    share = draw(st.sampled_from([0.02, 0.3, 0.7]))
    masks = [one >= np.quantile(one, 1 - share) for one in (noise[0], alike * noise[0] + (1 - alike) * noise[1])]
    for mask in masks:
        mask &= draw(st.integers(0, 9)) > 0
    spacing = draw(st.tuples(*[st.sampled_from([0.3, 0.7, 1.0, 1.1, 5.0])] * 3))
    return *masks, spacing, draw(st.sampled_from([0.0, 0.7, 1.0, 2.0, 11.0]))


def turned(array: np.ndarray, order: tuple[int, ...], signs: tuple[int, ...], memory: str = "C") -> np.ndarray:
    """With its axes in another order and some the other way round, and laid down in memory anew in numpy's orders "C"
    or "F", or "K", as it was."""
    view = array.transpose(order)[tuple(slice(None, None, sign) for sign in signs)]
    return view if memory == "K" else np.array(view, order=memory)


def same(one: dict, other: dict) -> None:
    """To the rounding; counts and words to the letter."""
    assert one.keys() == other.keys() and METRICS.keys() <= one.keys()
    for key, value in one.items():
        wanted = value if value is None or isinstance(value, str) else pytest.approx(value, rel=ROUNDING, abs=1e-12)
        assert other[key] == wanted, key


@tries(60)
@given(pairs(), st.sampled_from(TURNS), st.sampled_from("CFK"))
def test_however_the_axes_run_the_figures_are_the_same(pair, turn, memory) -> None:
    truth, prediction, spacing, tolerance = pair
    again = [turned(mask, *turn, memory) for mask in (truth, prediction)]
    same(score(truth, prediction, spacing, tolerance), score(*again, [spacing[axis] for axis in turn[0]], tolerance))
    # Of two dimensions as well.
    flat = [mask[0] for mask in (truth, prediction)]
    again = [turned(mask, (1, 0), turn[1][:2], memory) for mask in flat]
    same(score(*flat, spacing[1:], tolerance), score(*again, spacing[:0:-1], tolerance))


@tries(40)
@given(st.integers(1, 254), st.sampled_from(TURNS), st.tuples(*[st.floats(0.05, 12)] * 3))
def test_so_is_the_surface_of_each_corner(code, turn, spacing) -> None:
    """Of all that the eight voxels which meet there can be; by random masks some are never seen."""
    order, _ = turn
    corner = np.unpackbits(np.uint8(code)).reshape(2, 2, 2)
    other = int(np.packbits(turned(corner, *turn).ravel())[0])
    one = surfaces.surface_areas(spacing)[code]
    assert surfaces.surface_areas(tuple(spacing[axis] for axis in order))[other] == pytest.approx(one, rel=1e-5)
    assert one > 0


@tries(40)
@given(pairs(), st.sampled_from([1, 7, 60, 400, 3000]), st.sampled_from([1, 50, 1000, 1 << 16]), st.data())
def test_in_other_portions_and_parts_the_figures_are_the_same(pair, around, together, data) -> None:
    truth, prediction, spacing, tolerance = pair
    whole = score(truth, prediction, spacing, tolerance)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surfaces, "AROUND", around)
        patch.setattr(surfaces, "TOGETHER", together)
        surfaces._around.cache_clear()
        same(whole, score(truth, prediction, spacing, tolerance))
    surfaces._around.cache_clear()
    # A part of the stack that holds both, told of what it was cut from.
    places = np.argwhere(truth | prediction)
    if len(places):
        low, high = places.min(0), places.max(0) + 1
        low = [data.draw(st.integers(0, int(one))) for one in low]
        high = [data.draw(st.integers(int(one), size)) for one, size in zip(high, truth.shape, strict=True)]
        part = tuple(map(slice, low, high))
        same(whole, score(truth[part], prediction[part], spacing, tolerance, cut_from=truth.shape))


@tries(8)
@given(st.lists(pairs(), min_size=8, max_size=12))
def test_measured_by_four_threads_at_once_the_figures_are_the_same(several) -> None:
    alone = [score(*one) for one in several]
    surfaces._around.cache_clear()
    surfaces.surface_areas.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        assert [*threads.map(lambda one: score(*one), several)] == alone


@tries(40)
@given(st.tuples(*[st.integers(1, 19)] * 3), st.sampled_from(TURNS), st.integers(0, 10**6))
def test_so_is_what_is_looked_at_to_tell_grey_levels(shape, turn, seed) -> None:
    """Or a model would be shown another picture. Of large scans some voxels are looked at; of these ones, too."""
    chance = np.random.default_rng(seed)
    array = np.where(chance.random(shape) < 0.3, -2000, chance.integers(-80, 300, shape)).astype(np.int16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "SIDE", 6)
        seen, again = (np.sort(evidence.sample(one)) for one in (array, turned(array, *turn)))
    assert np.array_equal(seen, again) and len(seen) == np.prod(np.minimum(shape, 6))
    # Along each axis as far apart as can be, from end to end.
    line = evidence._places(1000)
    assert len(line) == evidence.SIDE and [*line[[0, -1]]] == [0, 999] and np.ptp(np.diff(line)) <= 1


def lying(geometry: Geometry, order: tuple[int, ...], signs: tuple[int, ...]) -> tuple[Geometry, tuple]:
    """The same voxels of the patient as another file has them, and the axes [K, J, I] of that file's array."""
    # Columns of the matrix are i, j, k; the array's axes k, j, i.
    columns = [2 - axis for axis in order][::-1]
    matrix, size = np.eye(4), [geometry.size[column] for column in columns]
    matrix[:3, :3] = geometry.ijk_to_ras[:3, columns] * signs[::-1]
    last = [0 if sign > 0 else count - 1 for sign, count in zip(signs[::-1], size, strict=True)]
    matrix[:3, 3] = geometry.ijk_to_ras[:3, 3] - matrix[:3, :3] @ last
    return Geometry(tuple(size), matrix), (order, signs)


@tries(30)
@given(pairs(least=2), st.sampled_from(TURNS), st.sampled_from(sorted(AXES)), st.integers(0, 10**6), st.data())
def test_of_a_file_in_another_orientation_the_figures_are_the_same(pair, turn, axis, seed, data) -> None:
    truth, prediction, spacing, tolerance = pair
    matrix = np.eye(4)
    # Tilted by less than what would make another axis the nearest.
    tilt = Rotation.from_rotvec(np.random.default_rng(seed).uniform(-0.2, 0.2, 3)).as_matrix()
    matrix[:3, :3] = tilt * spacing[::-1]
    geometry = Geometry(truth.shape[::-1], matrix)
    other, way = lying(geometry, *turn)
    stack, again = PlaneStack(geometry, axis), PlaneStack(other, axis)
    views = [stack.view(mask) for mask in (truth, prediction)]
    turned_views = [again.view(turned(mask, *way)) for mask in (truth, prediction)]
    chosen = data.draw(st.lists(st.integers(0, stack.count - 1), min_size=1, unique=True).map(sorted))
    # The index along the axis runs as the file does.
    back = again.pixel_to_ras(np.array([[0, 0, 0]])) @ np.array(AXES[axis][2])
    forth = stack.pixel_to_ras(np.array([[0, 0, 0]])) @ np.array(AXES[axis][2])
    mirrored = not np.isclose(back, forth) if stack.count > 1 else False
    slices = sorted(stack.count - 1 - index for index in chosen) if mirrored else chosen
    one = label_result(stack, *views, chosen, {}, tolerance).figures
    same(one, label_result(again, *turned_views, slices, {}, tolerance).figures)


@tries(4)
@given(st.sampled_from(TURNS), st.integers(0, 3))
def test_a_model_is_scored_the_same_on_a_file_in_another_orientation(tiny_model, turn, seed) -> None:
    volume, labels = scan(seed)
    geometry, way = lying(volume.geometry, *turn)
    other = Volume(turned(volume.array, *way), geometry, volume.name)
    others = Labels(turned(labels.array, *way), geometry, labels.names)
    one, two = (
        evaluate_oracle(
            VolumePredictor(Predictor(tiny_model), image), outlines, parse_strategy("box"), parse_slices(None)
        )
        for image, outlines in ((volume, labels), (other, others))
    )
    assert {*one} == {*two} == {"disc", "bean"}
    for name, found in one.items():
        assert found.figures["predicted_voxels"] > 0
        same(found.figures, two[name].figures)
