"""A worker sees a slice that is much larger than its model's input in parts, as the library does."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from SAMAdaptLib.jobs.correction import corrected
from SAMAdaptLib.jobs.slices import propagated
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles
from SAMAdaptLib.service.protocol import SliceMask, SlicePlane
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.service.peers import PATIENCE, heard_of

pytestmark = pytest.mark.slow
SHAPE = (3, 190, 260)
EASY = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9), min_predicted_iou=0.0, max_missing=99, use_mask=False)


@pytest.fixture(scope="module")
def large(client, reference):
    """The slices in parts in this process; the worker has the same volume."""
    values = np.random.default_rng(0).integers(0, 90, SHAPE).astype(np.int16)
    values[:, 90:110, 180:205] += 150
    volume = Volume(values, Geometry(SHAPE[::-1], np.diag([-1.0, -1.0, 2.0, 1.0])), "large")
    client.set_volume(values, volume.geometry, "large", intensity="minmax", name="large").result(PATIENCE)
    slices = VolumePredictor(reference, volume, "axial", Intensity.parse("minmax"))
    return Tiles(slices, reference.model.input_size)


def test_answers_of_a_worker_are_those_of_the_parts(client, large):
    assert large.ask(1, Prompt(box=[180, 90, 204, 109]))[0].shape == (128, 128)
    for prompt in (Prompt([[190, 100]], [1]), Prompt(box=[180, 90, 204, 109]), Prompt([[3, 4], [9, 9]], [1, 0])):
        part, wanted = large.ask(1, prompt, multimask=True)
        answer = client.predict(SlicePlane(1), prompt, multimask=True).result(PATIENCE)
        for packed, mask in zip(answer.masks, wanted.masks[0], strict=True):
            full = np.zeros(SHAPE[1:], bool)
            part.of(full)[:] = mask
            np.testing.assert_array_equal(packed.full(), full)
        np.testing.assert_allclose(answer.iou, wanted.iou[0], atol=1e-5)
        assert wanted.masks.any() and answer.low_res is None


def kept(request, mask):
    """A mask with what a request makes of it."""
    found, mask = heard_of(request), mask.copy()
    request.result(PATIENCE)
    for event in found:
        if isinstance(event, SliceMask) and not event.tentative:
            mask[event.index] = event.mask.full()
    return mask


def test_a_worker_carries_on_and_mends_in_parts(client, large):
    prompts = {1: Prompt(box=[180, 90, 204, 109])}
    wanted = finish(propagated(lambda axis: large, "axial", "", prompts, EASY)).mask
    mask = kept(client.propagate(prompts, "axial", asdict(EASY)), np.zeros(SHAPE, bool))
    np.testing.assert_array_equal(mask, wanted)
    assert mask[[0, 2]].any()
    other = {1: Prompt(box=[170, 80, 200, 100])}
    mended = finish(corrected(large, "", wanted, other, (), EASY)).mask
    assert (mended != wanted).any()
    present = dict(enumerate(wanted))
    np.testing.assert_array_equal(kept(client.correct(present, other, rules=asdict(EASY)), wanted), mended)
