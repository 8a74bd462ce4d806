"""Masks: whatever is asked, they lie within the volume, and on their slices; what lies outside is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import propagate, segment
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import Load, Picture, Predict, Propagate, SetVolume, SlicePlane
from SAMAdaptLib.service.worker.engine import Engine
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import Volume
from Testing.faults.mutations import tries
from Testing.properties.test_always_places import grids
from Testing.tiny import TINY_VIT, build, scan

AXIS = st.sampled_from(sorted(AXES))
# Of the volume's sides: within it, its borders to the last bit, and from before it to behind it.
WITHIN = st.one_of(*[st.floats(0.05, 0.95)] * 7, st.sampled_from([0.0, 1.0, -1e-9, 1 - 1e-9]))
SHARES = st.one_of(WITHIN, st.floats(-1, 2))
INSIDE, PLACES = st.tuples(*[WITHIN] * 3), st.tuples(*[SHARES] * 3)
POINTS = st.one_of(st.lists(INSIDE, min_size=1, max_size=3), st.lists(PLACES, max_size=2))
BEYOND = st.tuples(st.floats(1.1, 3), SHARES, SHARES)
BOX = st.one_of(st.tuples(INSIDE, PLACES), st.tuples(BEYOND, BEYOND))
BOXES = st.one_of(st.just([]), st.lists(BOX, max_size=2))
# Most show more than one grey level everywhere.
GRIDS = st.one_of(grids(least=3), grids())
# Any answer is kept, so that masks go as far as they can.
LOOSE = {"min_iou": 0.0, "min_predicted_iou": 0.0, "area_ratio": (0.0, 1e9)}


class Guarded:
    """A volume in the middle of a larger array, all of which is known."""

    def __init__(self, grid, seed: int) -> None:
        self.around = np.random.default_rng(seed).integers(0, 1000, [n + 4 for n in grid.shape]).astype(np.int16)
        self.before = self.around.copy()
        self.inner = self.around[2:-2, 2:-2, 2:-2]
        self.volume = Volume(self.inner, grid, "guarded")

    def changed(self, written: np.ndarray) -> bool:
        """Whether just these voxels, bool [K, J, I], are other ones than before; puts them back."""
        wanted = np.zeros(self.around.shape, bool)
        wanted[2:-2, 2:-2, 2:-2] = written
        right = np.array_equal(self.around != self.before, wanted)
        self.around[:] = self.before
        return right


def pasted(guarded: Guarded, stack: PlaneStack, found) -> None:
    """An object is of the grid's shape; written slice by slice into the volume it changes its own voxels only."""
    assert found.mask.shape == stack.geometry.shape and found.mask.dtype == bool
    assert guarded.changed(np.zeros(stack.geometry.shape, bool))
    shown, target = stack.view(found.mask), stack.view(guarded.inner)
    for index in np.flatnonzero(shown.any(axis=(1, 2))):
        target[index][shown[index]] += 5000
    assert guarded.changed(found.mask)


def where(grid, prompts: RasPrompts) -> tuple[bool, bool]:
    """Whether all marks are well within the volume, and whether one lies wholly outside, by its corners alone."""
    inside, outside = [], []
    for place in grid.to_ijk(prompts.points) if len(prompts.points) else ():
        inside.append(((place > -0.49) & (place < np.array(grid.size) - 0.51)).all())
        outside.append(((place < -0.51) | (place > np.array(grid.size) - 0.49)).any())
    ends = grid.to_ras(np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in grid.size])).reshape(3, -1).T)
    straight = (np.abs(grid.ijk_to_ras[:3, :3]) > 1e-9 * grid.spacing).sum() == 3
    for low, high in (box.reshape(2, 3) for box in prompts.boxes):
        inside.append(False)
        # On an oblique grid a box is turned with it around its middle: only spheres around both tell for certain.
        middle, reach = (low + high) / 2, np.linalg.norm(high - low) / 2
        far = np.linalg.norm(middle - ends.mean(0)) > reach + np.linalg.norm(np.ptp(ends, axis=0)) / 2
        slack = 0.02 * grid.spacing.max()
        apart = (low > ends.max(0) + slack) | (high < ends.min(0) - slack)
        outside.append(apart.any() if straight else far)
    return all(inside), any(outside)


@tries(150)
@given(GRIDS, AXIS, st.integers(0, 99), POINTS, BOXES)
def test_on_their_slices_they_are_within_the_volume(tiny_model, grid, axis, seed, points, boxes) -> None:
    guarded, stack = Guarded(grid, seed), PlaneStack(grid, axis)
    ras = [grid.to_ras(np.reshape(part, (-1, 3)) * np.array(grid.size) - 0.5) for part in (points, boxes)]
    prompts = RasPrompts(points=ras[0], boxes=ras[1].reshape(-1, 6))
    inside, outside = where(grid, prompts)
    model = LoadedModel(Predictor(tiny_model, "fp32"))
    try:
        found = segment(guarded.volume, model, {"it": prompts}, axis=axis, intensity="minmax")["it"]
    except InputError as error:
        assert guarded.changed(np.zeros(grid.shape, bool))
        assert not inside or not prompts.marks or "constant" in str(error)
        return
    assert not outside
    pasted(guarded, stack, found)
    on = {one["index"] for one in found.slices}
    assert {*np.flatnonzero(stack.view(found.mask).any(axis=(1, 2))).tolist()} <= on
    if inside:
        assert on == {*stack.ras_to_pixel(ras[0])[:, 2].round().astype(int).tolist()} or any(
            abs(z % 1 - 0.5) < 1e-3 for z in stack.ras_to_pixel(ras[0])[:, 2]
        )


@tries(30)
@given(GRIDS, AXIS, st.booleans(), st.integers(0, 99), BOX, st.data())
def test_carried_through_they_are_within_the_volume_and_the_range(
    tiny_model, tmp_path_factory, grid, axis, all_axes, seed, corners, data
) -> None:
    guarded, stack = Guarded(grid, seed), PlaneStack(grid, axis)
    middle = stack.count // 2
    first, last = data.draw(st.integers(0, middle)), data.draw(st.integers(middle, stack.count - 1))
    prompts = RasPrompts(boxes=grid.to_ras(np.array(corners) * np.array(grid.size) - 0.5).ravel())
    model, rules = LoadedModel(Predictor(tiny_model, "fp32")), {**LOOSE, "first": first, "last": last}
    options = {"axis": axis, "intensity": "minmax", "all_axes": all_axes, "rules": rules}
    try:
        found = propagate(guarded.volume, model, {"it": prompts}, **options)["it"]
    except InputError:
        assert guarded.changed(np.zeros(grid.shape, bool))
        return
    assert not where(grid, prompts)[1]
    pasted(guarded, stack, found)
    assert not stack.view(found.mask)[[*range(first), *range(last + 1, stack.count)]].any()
    # What a file keeps of it is the same, on the same grid.
    file = tmp_path_factory.getbasetemp() / "found.seg.nrrd"
    write_segmentation(file, {"it": found.mask}, grid)
    again = read_labels(file)
    assert again.geometry.same_grid(grid) and np.array_equal(again.mask("it"), found.mask)


PIXELS = st.one_of(st.floats(-300, 400), st.sampled_from([-0.5, 0.0, 39.5, 55.5, 55.0, 1e9, -1e9]))


@tries(20)
@given(st.lists(st.tuples(PIXELS, PIXELS), max_size=3), st.none() | st.tuples(*[PIXELS] * 4), st.booleans(), AXIS)
def test_prompts_that_reach_beyond_the_slice_are_answered_within_it(tiny_model, points, box, mask, axis) -> None:
    """By the model itself, to which nobody has cut them."""
    slices = VolumePredictor(Predictor(tiny_model, "fp32"), scan()[0], axis)
    logits = np.full((tiny_model.low_res_size,) * 2, 9.0) if mask else None
    prompt = Prompt(points, np.ones(len(points)), box, logits)
    if prompt.empty:
        with pytest.raises(InputError, match="holds no point, box or mask"):
            slices.predict(2, [prompt])
        return
    found = slices.predict(2, [prompt], multimask=True)
    assert found.masks.shape == (1, 3, *slices.stack.shape) and np.isfinite(found.logits).all()
    assert np.array_equal(found.masks, found.logits > 0)
    assert slices(2, prompt).mask.shape == slices.stack.shape


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Iterator[Engine]:
    """A worker's, with a small model and a scan of 6 slices of 40 x 56."""
    weights: Path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    save_file({name: one.contiguous() for name, one in build("tiny_vit-64").sam.state_dict().items()}, weights)
    engine, (volume, _) = Engine(lambda answer: None), scan()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
        engine.load(Load(1, TINY_VIT.name, str(weights), device="cpu", precision="fp32"))
    shared = SharedVolume(volume.array)
    shared.fill(1.0)
    matrix = volume.geometry.ijk_to_ras
    engine.set_volume(SetVolume(2, shared.name, shared.shape, shared.dtype, matrix, "minmax"))
    yield engine
    engine.forget_volume()
    shared.close()


def beyond(prompt: Prompt, shape: tuple[int, int]) -> bool:
    """Whether a point, or all of the box, lies outside a slice's pixels."""
    ends = np.array(shape[::-1]) - 0.5
    points = ((prompt.points < -0.5) | (prompt.points > ends)).any()
    corners = np.zeros((2, 2)) if prompt.box is None else np.sort(prompt.box.reshape(2, 2), axis=0)
    return bool(points or (corners[1] < -0.5).any() or (corners[0] > ends).any())


@tries(40)
@given(
    st.lists(st.tuples(PIXELS, PIXELS), max_size=2), st.none() | st.tuples(*[PIXELS] * 4), AXIS, st.integers(-3, 60),
    st.booleans(),
)  # fmt: skip
def test_a_worker_refuses_what_lies_outside_and_answers_within(engine, points, box, axis, index, tilted) -> None:
    """Slices of the volume, and planes that are none, whose pixels the application sends."""
    stack = PlaneStack(scan()[0].geometry, axis)
    plane = Picture(np.random.default_rng(3).random(stack.shape).astype(np.float32) * 200, stack.pixel_spacing)
    prompt = Prompt(points, np.ones(len(points)), box)
    shown = plane if tilted else SlicePlane(index, axis)
    if prompt.empty or beyond(prompt, stack.shape) or not (tilted or 0 <= index < stack.count):
        with pytest.raises(InputError):
            engine.predict(Predict(3, shown, prompt))
        if not tilted:
            with pytest.raises(InputError):
                engine.propagate(Propagate(4, axis, [(index, prompt)]), lambda: False)
        return
    (mask,) = engine.predict(Predict(3, shown, prompt)).masks
    assert mask.full().shape == stack.shape
