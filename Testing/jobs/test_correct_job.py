"""Mending what is there in a scan, with a predictor that thresholds, so that the right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import correct
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.volume.volume import Volume
from Testing.jobs.test_segment import GEOMETRY, MAP, Thresholder, ellipsoid


@pytest.fixture
def scan() -> Volume:
    noise = np.random.default_rng(0).integers(0, 40, GEOMETRY.shape)
    return Volume((ellipsoid() * 800 + noise).astype(np.int16), GEOMETRY, "ellipsoid")


def clicks(*ijkl) -> RasPrompts:
    """Points (i, j, k, label)."""
    return RasPrompts(GEOMETRY.to_ras(np.array([one[:3] for one in ijkl], float)), [one[3] for one in ijkl])


def box(i0, j0, i1, j1, k) -> RasPrompts:
    return RasPrompts(boxes=[GEOMETRY.to_ras(np.array([[i0, j0, k], [i1, j1, k]], float)).ravel()])


def mend(scan, present, prompts, model=None, **options):
    known = present.copy()
    given = {"it": present, "other": ~present}
    found = correct(scan, LoadedModel(model or Thresholder()), given, {"it": prompts}, intensity=MAP, **options)["it"]
    assert np.array_equal(present, known)
    return found


def half() -> np.ndarray:
    """The ellipsoid without what lies beyond its middle column."""
    mask = ellipsoid()
    mask[:, :, 25:] = False
    return mask


def test_a_click_mends_its_slice_and_what_follows_from_it(scan: Volume) -> None:
    model = Thresholder()
    found = mend(scan, half(), clicks((32, 20, 12, 1)), model)
    # Towards the poles the ellipsoid shrinks by more than the rules allow, as with any propagation.
    reached = [record["index"] for record in found.slices]
    assert reached == [*range(min(reached), max(reached) + 1)] and len(reached) > 10
    assert np.array_equal(found.mask[reached], ellipsoid()[reached])
    others = np.setdiff1d(np.arange(24), reached)
    assert np.array_equal(found.mask[others], half()[others])
    # This model takes masks: of the slice itself and, on the way, of the one before.
    assert model.masked == model.decoded


def test_only_the_slices_of_the_prompts_without_propagation(scan: Volume) -> None:
    found = mend(scan, half(), clicks((32, 20, 12, 1), (32, 20, 15, 1)), through=False)
    expected = half()
    expected[[12, 15]] = ellipsoid()[[12, 15]]
    assert np.array_equal(found.mask, expected)
    assert [record["index"] for record in found.slices] == [12, 15]


def test_accepted_slices_never_change(scan: Volume) -> None:
    present = half()
    # One pixel less than the model finds there.
    present[[10, 14]] = ellipsoid()[[10, 14]]
    present[[10, 14], 20, 24] = False
    found = mend(scan, present, clicks((32, 20, 12, 1)), accepted=[10, 14])
    expected = present.copy()
    expected[11:14] = ellipsoid()[11:14]
    assert np.array_equal(found.mask, expected)


def test_along_another_axis_the_slices_are_those_of_that_axis(scan: Volume) -> None:
    present = ellipsoid()
    present[:, 20:] = False
    found = mend(scan, present, clicks((24, 22, 12, 1)), axis="sagittal", through=False)
    index = found.slices[0]["index"]
    assert found.axis == "sagittal" and np.array_equal(np.flatnonzero((found.mask ^ present).any(axis=(0, 1))), [24])
    assert np.array_equal(found.mask[:, :, 24], ellipsoid()[:, :, 24]) and index in (24, 48 - 1 - 24)


def test_a_box_says_what_all_of_the_object_is(scan: Volume) -> None:
    """What was drawn beside it goes; a click would have left it."""
    present = half()
    present[12, 2:5, 2:5] = True
    found = mend(scan, present, box(10, 10, 38, 30, 12), through=False)
    assert np.array_equal(found.mask[12], ellipsoid()[12])
    found = mend(scan, present, clicks((32, 20, 12, 1)), through=False)
    assert found.mask[12, 2:5, 2:5].all()


def test_a_box_with_depth_ends_what_changes(scan: Volume) -> None:
    corners = GEOMETRY.to_ras(np.array([[2, 2, 10], [46, 37, 14]], float))
    found = mend(scan, half(), RasPrompts(boxes=[corners.ravel()]))
    expected = half()
    expected[10:15] = ellipsoid()[10:15]
    assert np.array_equal(found.mask, expected)


def test_a_negative_click_alone_takes_out_what_it_lies_in(scan: Volume) -> None:
    present = ellipsoid()
    present[12, 2:9, 2:9] = True
    found = mend(scan, present, clicks((5, 5, 12, 0)), through=False)
    assert np.array_equal(found.mask, ellipsoid())


def test_bad_input(scan: Volume) -> None:
    for prompts, options, words in (
        (clicks((24, 20, 12, 1)), {"accepted": [12]}, "Slice 12 is accepted"),
        (clicks((24, 20, 12, 1)), {"accepted": [24]}, "no such slice.*24.*0 to 23"),
        (clicks((24, 20, 12, 1)), {"accepted": [4.0]}, "whole number: 4.0"),
        (clicks((24, 20, 12, 1)), {"accepted": "4"}, "whole number: '4'"),
        (clicks((24, 20, 12, 1)), {"tile": "64"}, "whole number of pixels: '64'"),
        (clicks((24, 20, 1, 0)), {}, "nothing on slice 1"),
        (clicks((24, 20, 12, 1)), {"rules": {"first": 3, "last": 99}}, "slice range"),
        (clicks((24, 20, 12, 1)), {"rules": {"memory": True}}, "by masks, not by a memory"),
    ):
        with pytest.raises(InputError, match=words):
            mend(scan, half(), prompts, **options)
    model = LoadedModel(Thresholder())
    with pytest.raises(InputError, match="no such object.*liver.*it"):
        correct(scan, model, {"it": half()}, {"liver": clicks((24, 20, 12, 1))})
    with pytest.raises(InputError, match="another grid"):
        correct(scan, model, {"it": half()[1:]}, {"it": clicks((24, 20, 12, 1))})
