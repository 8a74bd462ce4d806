"""Marks, answers and segments of the page, without page and worker."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.view.board import Answer, Board, Placed, box_between, pixel_at
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import AXES

# A grid of three spacings, left-handed, whose axes run against those of the views.
GRID = Geometry.from_lps((20, 16, 9), (0.7, 1.9, 3.3), (5, -8, 2), (0, -1, 0, 1, 0, 0, 0, 0, 1))
PLANE = SlicePlane(4, "axial")
SHAPE = Board(GRID).stacks["axial"].shape


def found(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[rows, columns] = True
    return mask


def answer(board: Board, mask: np.ndarray, plane: SlicePlane = PLANE) -> None:
    board.answered(plane, Answer(board.on(plane), (PackedMask.of(mask),), (0.9,)))


def clicked(mask: np.ndarray, masks=None) -> Board:
    board = Board(GRID, masks)
    board.mark(Placed(PLANE, "point", ((3.0, 2.0),)))
    answer(board, mask)
    return board


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.7])
@pytest.mark.parametrize("spacing", [(1.0, 1.0), (3.0, 0.75)])
def test_a_click_in_the_middle_of_a_pixel_is_its_centre_whatever_zoom_and_proportion(zoom, spacing) -> None:
    rows, columns, (tall, wide) = 12, 30, spacing
    frame = (17.5, 40.25, columns * wide * zoom, rows * tall * zoom)
    for x, y in ((0, 0), (29, 11), (7, 3)):
        at = (17.5 + (x + 0.5) * wide * zoom, 40.25 + (y + 0.5) * tall * zoom)
        np.testing.assert_allclose(pixel_at(at, frame, (rows, columns)), (x, y), atol=1e-12)
    # A quarter of a pixel's height above its centre; beyond the edges the centres of the outer pixels.
    at = (17.5 + 7.5 * wide * zoom, 40.25 + 3.25 * tall * zoom)
    np.testing.assert_allclose(pixel_at(at, frame, (rows, columns)), (7, 2.75), atol=1e-12)
    np.testing.assert_array_equal(pixel_at((-999, 9999), frame, (rows, columns)), (0, 11))


@pytest.mark.parametrize("frame", [(0, 0, 0, 10), (0, 0, float("nan"), 10), (0, 0, 10)])
def test_a_position_that_is_none_is_refused(frame) -> None:
    with pytest.raises(ValueError):
        pixel_at((1, 1), frame, (4, 4))


def test_a_box_holds_the_pixels_at_both_ends_in_any_order() -> None:
    wanted = ((2.0, 1.0), (6.0, 4.0))
    for one, other in (((2.4, 0.6), (5.7, 4.4)), ((5.7, 0.6), (2.4, 4.4)), ((6.4, 4.2), (1.6, 1.2))):
        assert box_between(np.array(one), np.array(other)) == wanted
    with pytest.raises(InputError, match="less than two pixels"):
        box_between(np.array((2.4, 1.0)), np.array((1.6, 9.0)))


@pytest.mark.parametrize("axis", AXES)
def test_marks_say_to_a_model_what_the_same_marks_in_millimetres_say(axis) -> None:
    board = Board(GRID)
    stack, plane = board.stacks[axis], SlicePlane(3, axis)
    clicks, corners = [((2.25, 1.5), 1), ((5.0, 3.75), 0)], ((1.0, 1.0), (6.0, 4.0))
    for at, label in clicks:
        board.mark(Placed(plane, "point", (at,), label))
    board.mark(Placed(plane, "box", corners))
    ras = [(stack.pixel_to_ras([(*at, 3)])[0], label) for at, label in clicks]
    marks = [Mark("point", at, label) for at, label in ras]
    marks.append(Mark("box", stack.pixel_to_ras([(*corner, 3) for corner in corners])))
    wanted = on_slices(RasPrompts(marks=marks), stack).prompts
    assert list(wanted) == [3] and list(board.prompts(axis)) == [3]
    given = board.prompts(axis)[3]
    np.testing.assert_allclose(given.points, wanted[3].points, atol=1e-5)
    np.testing.assert_array_equal(given.labels, [1, 0])
    np.testing.assert_allclose(given.box, wanted[3].box, atol=1e-5)


def test_what_is_accepted_lies_where_it_was_shown_and_can_be_taken_away_and_back() -> None:
    board = clicked(found(slice(2, 6), slice(3, 9)))
    board.accept()
    view = board.stacks["axial"].view(board.work.segments[0].mask)
    assert view[4].sum() == view.sum() == 24 and view[4, 2:6, 3:9].all()
    assert board.work.segments[0].ml == pytest.approx(24 * 0.7 * 1.9 * 3.3 / 1000)
    assert not board.work.marks and not board.work.answers
    board.mark(Placed(PLANE, "point", ((3.0, 2.0),)))
    answer(board, found(slice(5, 8), slice(0, 99)))
    board.accept(remove=True)
    assert board.stacks["axial"].view(board.work.segments[0].mask)[4, 5].sum() == 0
    board.undo()
    view = board.stacks["axial"].view(board.work.segments[0].mask)
    assert view.sum() == 24 and len(board.work.marks) == 1 and not board.can_undo


def test_an_answer_to_other_marks_is_not_taken_and_each_slice_is_waited_for() -> None:
    board = Board(GRID)
    board.mark(Placed(PLANE, "point", ((3.0, 2.0),)))
    early = board.on(PLANE)
    other = SlicePlane(2, "coronal")
    board.mark(Placed(other, "point", ((1.0, 1.0),)))
    board.mark(Placed(PLANE, "point", ((5.0, 2.0),), 0))
    board.mark(Placed(SlicePlane(6), "point", ((5.0, 2.0),), 0))
    board.answered(PLANE, Answer(early, (PackedMask.of(found(slice(1), slice(1))),), (0.5,)))
    # Of the last one nothing can be found: it says only where the object is not.
    assert not board.work.answers and list(board.waiting()) == [PLANE, other]
    with pytest.raises(InputError, match="still to come"):
        board.accept()
    board.refused(other)
    answer(board, found(slice(2), slice(2)))
    assert list(board.waiting()) == [] and board.on(other) == ()
    board.undo()
    assert SlicePlane(6) not in {one.plane for one in board.work.marks}


def test_a_new_box_takes_the_place_of_the_old_one_and_marks_that_fail_go_alone() -> None:
    board = Board(GRID)
    board.mark(Placed(PLANE, "box", ((1.0, 1.0), (4.0, 4.0))))
    board.mark(Placed(SlicePlane(5), "box", ((1.0, 1.0), (4.0, 4.0))))
    board.mark(Placed(PLANE, "box", ((2.0, 2.0), (5.0, 5.0))))
    assert board.prompt(PLANE).box.tolist() == [2, 2, 5, 5] and len(board.work.marks) == 2
    answer(board, found(slice(3), slice(3)))
    board.mark(Placed(PLANE, "point", ((3.0, 2.0),)))
    board.refused(PLANE)
    assert [one.kind for one in board.on(PLANE)] == ["box"] and PLANE in board.work.answers


def test_a_propagation_replaces_the_answers_of_its_axis_and_is_one_step() -> None:
    board = clicked(found(slice(2, 6), slice(3, 9)))
    masks = {index: (PackedMask.of(found(slice(index), slice(4))), None) for index in (3, 4, 5)}
    board.carried("axial", masks)
    sizes = {plane.index: one.masks[0].full().sum() for plane, one in board.work.answers.items()}
    assert sizes == {3: 12, 4: 16, 5: 20}
    board.undo()
    assert [plane for plane in board.work.answers] == [PLANE]
    assert board.work.answers[PLANE].masks[0].full().sum() == 24


def test_unsaved_is_what_would_be_lost() -> None:
    board = Board(GRID)
    board.rename("liver")
    assert not board.unsaved
    board.mark(Placed(PLANE, "point", ((3.0, 2.0),)))
    assert board.unsaved
    answer(board, found(slice(2), slice(2)))
    board.accept()
    assert board.unsaved
    board.saved(board.work.segments)
    assert not board.unsaved
    board.undo()
    assert board.unsaved
    assert not Board(GRID, {"liver": np.ones(GRID.shape, bool)}).unsaved


def test_segments_have_names_and_colours_of_their_own_and_no_answer_goes_into_another_one() -> None:
    board = clicked(found(slice(2), slice(2)), {"liver": np.zeros(GRID.shape, bool)})
    for change in (board.add, lambda: board.select(0)):
        with pytest.raises(InputError, match="belongs to another segment: liver"):
            change()
    board.accept()
    board.add()
    board.add()
    assert [one.name for one in board.work.segments] == ["liver", "Segment_1", "Segment_2"]
    assert len({one.colour for one in board.work.segments}) == 3 and board.work.current == 2
    for name in ("liver", "  ", "a\tb"):
        with pytest.raises(InputError, match="printable name of its own"):
            board.rename(name)
    board.rename(" spleen ")
    board.select(0)
    assert board.work.segments[2].name == "spleen" and board.work.segments[board.work.current].name == "liver"
