"""Corrections of an object in synthetic volumes whose answer is known, with a predictor that thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.between import between, distances
from SAMAdaptLib.propagation.correct import correct
from SAMAdaptLib.propagation.mend import mended, prompt_of_mask
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules

COUNT, SHAPE = 20, (40, 50)
ROWS, COLUMNS = np.ogrid[: SHAPE[0], : SHAPE[1]]


def disc(radius, y=20, x=25):
    return (ROWS - y) ** 2 + (COLUMNS - x) ** 2 <= radius**2


TUBE = np.repeat(disc(8)[None], COUNT, axis=0)


class Threshold:
    """Everything bright that is connected to something bright in the box; counts its work."""

    def __init__(self, volume=TUBE, iou=lambda index: 0.9):
        self.volume, self.iou, self.asked = volume, iou, []

    def __call__(self, index, prompt):
        self.asked.append(index)
        parts, _ = ndimage.label(self.volume[index])
        x0, y0, x1, y1 = np.rint(prompt.box).astype(int)
        mask = np.isin(parts, np.setdiff1d(parts[y0 : y1 + 1, x0 : x1 + 1], [0]))
        return SliceResult(mask, np.zeros((4, 4), np.float32), self.iou(index))


def answer(mask):
    return SliceResult(mask, np.zeros((4, 4), np.float32), 0.9)


def run(present, changed, fixed=(), predictor=None, rules=None, **options):
    predictor = predictor or Threshold()
    before = present.copy()
    found = finish(correct(predictor, present, changed, fixed, rules, **options))
    assert np.array_equal(present, before)
    return found, predictor


def wrong(slices, mask):
    """The tube with another mask on some slices."""
    present = TUBE.copy()
    present[slices] = mask
    return present


def test_a_correction_runs_on_until_old_and_new_agree():
    """Wrong from 6 to 12, mended on 9: the tube is whole, and goes on where it was right."""
    present = wrong(slice(6, 13), disc(4, 20, 20))
    found, predictor = run(present, {9: answer(TUBE[9])})
    assert np.array_equal(found.mask, TUBE)
    assert sorted(predictor.asked) == [6, 7, 8, 10, 11, 12]
    assert [record.index for record in found.records] == [*range(6, 13)]
    assert {record.index for record in found.records if record.source == "prompted"} == {9}
    assert not found.stops


def test_what_agrees_stays_as_it_is_and_so_does_all_behind_it():
    """The tube widens at 12. One pixel more is agreement (Dice 0.998); what is wrong behind it is left for another
    correction. Below, what is there goes on from the new mask, and is not even asked about."""
    volume, present = TUBE.copy(), wrong(slice(14, 18), disc(3))
    volume[12:] = present[12:14] = disc(10)
    present[12, 0, 0] = True
    changed = {9: answer(TUBE[9]), 10: answer(TUBE[10]), 11: answer(TUBE[11])}
    found, predictor = run(present, changed, predictor=Threshold(volume))
    assert np.array_equal(found.mask, present)
    assert predictor.asked == [12]


@pytest.mark.parametrize("fixed", [(), (3,)])
def test_beyond_the_known_slices_what_another_has_drawn_is_taken_up_where_it_goes_on(fixed):
    """A tube half of which was missing from 8 to 12, in an image in which the model leaks everywhere but near there. A
    box on 10 mends what is wrong, and what was right stays; towards a known slice an answer has to agree with it."""
    volume = np.ones_like(TUBE)
    volume[7:14] = TUBE[7:14]
    half = disc(8) & (COLUMNS < 25)
    found, predictor = run(wrong(slice(8, 13), half), {10: answer(TUBE[10])}, fixed, Threshold(volume))
    asked = [9, 8, 7] if fixed else [9, 8]
    assert predictor.asked == [*asked, 11, 12]
    assert np.array_equal(found.mask, TUBE)


def test_an_answer_that_fits_less_than_what_is_there_is_not_taken():
    """Above, what is there lies two pixels beside the tube (Dice 0.84); on 12 the model leaks (0.77)."""
    volume, present = TUBE.copy(), TUBE.copy()
    volume[12] = disc(10)
    present[9:11], present[11:] = disc(3), disc(8, 20, 27)
    found, predictor = run(present, {10: answer(TUBE[10])}, [8], Threshold(volume))
    assert predictor.asked == [9, 11, 12]
    expected = present.copy()
    expected[9:12] = TUBE[9]
    assert np.array_equal(found.mask, expected)


def test_what_is_wrong_alike_on_all_slices_does_not_go_on_from_a_new_mask():
    """A tube too thin by a quarter (Dice 0.73): like itself it is by more than that."""
    found, predictor = run(wrong(slice(0, COUNT), disc(6)), {10: answer(TUBE[10])})
    assert np.array_equal(found.mask, TUBE) and len(predictor.asked) == COUNT - 1


def test_fixed_slices_end_the_way_and_never_change():
    present = wrong(slice(0, COUNT), disc(4))
    present[[6, 12]] = TUBE[6]
    found, predictor = run(present, {9: answer(TUBE[9])}, fixed=[6, 12])
    assert sorted(predictor.asked) == [7, 8, 10, 11]
    expected = present.copy()
    expected[7:12] = TUBE[7:12]
    assert np.array_equal(found.mask, expected)


def test_between_known_slices_an_answer_counts_that_is_like_the_shape_between_theirs():
    """The known discs move by 6 and grow from 7 to 10 over three slices. On the first slice between the model finds the
    disc; on the second one it leaks into all of the slice, and the shape stands: a disc of radius 9 on its way."""
    volume = wrong(slice(0, COUNT), disc(4))
    volume[9], volume[10], volume[11], volume[12] = disc(7), disc(8, 20, 27), True, disc(10, 20, 31)
    present = wrong(slice(0, COUNT), disc(4))
    present[12] = volume[12]
    found, predictor = run(present, {9: answer(volume[9])}, fixed=[8, 12], predictor=Threshold(volume))
    assert predictor.asked == [10, 11]
    assert np.array_equal(found.mask[10], volume[10])
    overlap = 2 * (found.mask[11] & disc(9, 20, 29)).sum() / (found.mask[11].sum() + disc(9, 20, 29).sum())
    assert overlap > 0.95
    assert {record.index: record.from_index for record in found.records} == {9: None, 10: 9, 11: 10}


def test_a_known_slice_without_the_object_lies_at_the_end_of_a_plain_way():
    present = wrong(slice(0, COUNT), disc(4))
    present[12] = False
    found, predictor = run(present, {9: answer(TUBE[9])}, fixed=[8, 12])
    assert predictor.asked == [10, 11] and np.array_equal(found.mask[9:12], TUBE[9:12])
    assert not found.mask[12].any()


@pytest.mark.parametrize(("share", "radius"), [(0.0, 6), (0.25, 7), (0.5, 8), (0.75, 9), (1.0, 10)])
def test_between_two_discs_around_one_place_lies_one_of_the_radius_between(share, radius):
    found = between(distances(disc(6)), distances(disc(10)), share)
    assert np.array_equal(found & ~disc(radius + 0.75), np.zeros(SHAPE, bool)) and (found | ~disc(radius - 0.75)).all()
    assert share not in (0.0, 1.0) or np.array_equal(found, disc(radius))


def test_between_what_has_no_place_in_common_may_be_nothing():
    assert not between(distances(disc(2, 8, 8)), distances(disc(2, 30, 40)), 0.5).any()


def test_two_corrections_share_what_lies_between_them():
    """Each slice between is asked once, from the nearer one; the middle one from below."""
    present = wrong(slice(0, COUNT), disc(5))
    found, predictor = run(present, {4: answer(TUBE[4]), 8: answer(TUBE[8])}, fixed=[0, 12])
    assert predictor.asked == [3, 2, 1, 5, 6, 7, 9, 10, 11]
    assert {record.index: record.from_index for record in found.records if 4 < record.index < 8} == {5: 4, 6: 5, 7: 8}


def test_a_slice_that_breaks_a_rule_keeps_what_it_had_and_two_end_the_way():
    present = wrong(slice(0, COUNT), disc(5))
    doubtful = Threshold(iou=lambda index: 0.1 if index in (12, 14, 15) else 0.9)
    found, predictor = run(present, {9: answer(TUBE[9])}, fixed=[8], predictor=doubtful)
    assert predictor.asked == [10, 11, 12, 13, 14, 15]
    expected = present.copy()
    expected[[9, 10, 11, 13]] = TUBE[9]
    assert np.array_equal(found.mask, expected)
    assert [(stop.index, stop.reason.split(":")[0]) for stop in found.stops] == [
        (12, "missing"), (14, "missing"), (15, "stopped")
    ]  # fmt: skip


def test_an_object_that_had_ended_goes_on_where_the_correction_finds_it():
    present = TUBE.copy()
    present[12:] = False
    found, _ = run(present, {12: answer(TUBE[12])})
    assert np.array_equal(found.mask, TUBE)


@pytest.mark.parametrize(
    ("fixed", "left"), [([5], slice(0, 12)), ([15], slice(13, COUNT)), ([5, 15], None), ([], None)]
)
def test_an_empty_correction_ends_the_object_where_nothing_holds_it(fixed, left):
    """Away from the side that is known to be right; where both are, or neither, only the slice itself is empty."""
    found, predictor = run(TUBE, {12: answer(np.zeros(SHAPE, bool))}, fixed=fixed)
    expected = TUBE.copy()
    expected[12] = False
    if left is not None:
        expected = np.zeros_like(TUBE)
        expected[left] = TUBE[left]
    assert np.array_equal(found.mask, expected)
    assert not predictor.asked


def test_a_part_that_touches_nothing_of_the_correction_is_dropped():
    """Beside the tube lies something on two slices that the widened box reaches, and the model finds."""
    volume = TUBE.copy()
    volume[10:12] |= disc(1, 20, 35)
    volume[10:12, :, 34] = False
    present = wrong(slice(0, COUNT), disc(5))
    rules = PropagationRules(box_growth=0.2)
    found, _ = run(present, {8: answer(TUBE[8])}, predictor=Threshold(volume), rules=rules)
    assert volume[10, 20, 35] and not found.mask[10, 20, 35]
    assert np.array_equal(found.mask, TUBE)


def test_the_rules_range_and_a_stop_by_the_user():
    present = wrong(slice(0, COUNT), disc(5))
    found, predictor = run(present, {9: answer(TUBE[9])}, rules=PropagationRules(first=8, last=10))
    assert sorted(predictor.asked) == [8, 10] and not found.cancelled
    stopping = Threshold()
    found, predictor = run(
        present, {9: answer(TUBE[9])}, predictor=stopping, cancelled=lambda: len(stopping.asked) == 2
    )
    assert found.cancelled and predictor.asked == [8, 7]
    assert np.array_equal(found.mask[7:10], TUBE[7:10]) and np.array_equal(found.mask[10:], present[10:])
    with pytest.raises(InputError, match="slice range"):
        run(present, {9: answer(TUBE[9])}, rules=PropagationRules(last=COUNT))


def test_progress_reaches_its_total():
    steps = []
    present = wrong(slice(6, 13), disc(4, 20, 20))
    finish(correct(Threshold(), present, {9: answer(TUBE[9])}), steps.append)
    assert steps[-1].done == steps[-1].total == COUNT
    assert [step.done for step in steps] == sorted({step.done for step in steps})


def test_from_a_mended_slice_its_change_is_carried_on_and_nothing_else():
    """A bite on slices 6 to 12, mended on 9, and everywhere a bump that the model knows nothing of, and an island."""
    bump, island, bite = disc(3, 20, 33) & ~disc(8), disc(2, 5, 5), disc(4, 20, 18) & disc(8)
    present = TUBE | bump | island
    present[6:13] &= ~bite
    start = present[9] | bite
    found, predictor = run(present, {9: answer(start)}, mended=[9])
    assert np.array_equal(found.mask, TUBE | bump | island)
    assert sorted(predictor.asked) == [5, 6, 7, 8, 10, 11, 12, 13]
    assert [record.index for record in found.records] == [*range(6, 13)]
    # What a box has said all of is carried on as it is.
    assert not (run(present, {9: answer(TUBE[9])})[0].mask & (bump | island))[10].any()


def test_a_change_that_leaves_nothing_of_a_slice_ends_its_way_there():
    """A blob beside the tube is taken out on 9; on 10 and 11 there is nothing but the blob."""
    blob = disc(3, 20, 42)
    present = TUBE.copy()
    present[9] |= blob
    present[10:12] = blob
    found, predictor = run(present, {9: answer(TUBE[9])}, mended=[9], fixed=[8])
    assert predictor.asked == [10] and not found.mask[10].any()
    assert np.array_equal(found.mask[11:], present[11:])


def test_the_next_slice_is_asked_with_what_this_one_is_and_not_with_the_answer():
    present = wrong(slice(6, 13), disc(8) & ~disc(4, 20, 18))
    present[:, 20, 33] = True
    known = []

    def logits_of(mask):
        known.append(mask)
        return np.full((4, 4), len(known), np.float32)

    class Seeing(Threshold):
        def __call__(self, index, prompt):
            seen.append(float(prompt.mask_logits.max()))
            return super().__call__(index, prompt)

    seen: list[float] = []
    start = answer(present[9] | TUBE[9])
    found, _ = run(present, {9: start}, predictor=Seeing(), mended=[9], fixed=[8], logits_of=logits_of)
    assert np.array_equal(np.stack(known), found.mask[10:14]) and known[0][20, 33]
    assert seen == [0, 1, 2, 3]


def click(*at):
    """Clicks (x, y, label)."""
    return Prompt(points=[place[:2] for place in at], labels=[place[2] for place in at])


def test_a_click_changes_the_part_that_it_lies_in_and_nothing_else():
    """Two bites and two bumps; each click mends its own, the other ones and the rest stay to the pixel."""
    truth = disc(15)
    bites, bumps = [disc(4, 20, 12), disc(4, 20, 38)], [disc(4, 4, 25), disc(4, 36, 25)]
    mask = (truth & ~bites[0] & ~bites[1]) | bumps[0] | bumps[1]
    found = mended(mask, truth, click((12, 20, 1), (25, 2, 0)))
    near = bites[0] | bumps[0]
    assert np.array_equal(found & ~near, mask & ~near)
    assert np.array_equal(found & near, truth & near)


def test_clicks_that_the_mask_agrees_with_change_nothing_whatever_the_model_says():
    mask = disc(10)
    assert np.array_equal(mended(mask, disc(3), click((25, 20, 1), (2, 2, 0), (33, 20, 1))), mask)


def test_a_thin_rim_does_not_come_with_a_part():
    """The answer is one pixel wider all around, and has a bay filled; the click is in the bay."""
    mask = disc(12) & ~disc(5, 20, 34)
    found = mended(mask, disc(13), click((34, 20, 1)))
    assert found[20, 34] and np.array_equal(found & (COLUMNS < 25), mask & (COLUMNS < 25))


def test_a_click_holds_even_where_the_answer_contradicts_it():
    found = mended(disc(8), disc(8), click((45, 5, 1), (25, 20, 0)))
    assert found[5, 45] and not found[20, 25]
    assert np.count_nonzero(found ^ disc(8)) == 2


def test_the_box_to_ask_by_holds_mask_and_positive_clicks():
    asked = prompt_of_mask(disc(8), click((40, 20, 1), (3, 3, 0)))
    assert asked.box.tolist() == [17, 12, 40, 28]
    assert asked.labels.tolist() == [1, 0]
    assert prompt_of_mask(disc(8), click((3, 3, 0))).box.tolist() == [17, 12, 33, 28]
