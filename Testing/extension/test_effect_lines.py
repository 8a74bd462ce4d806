"""Scribbles and lassos in slice views, and what they leave in the segment."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.prompts.lines import enclosed, points_along
from SAMAdaptLib.prompts.types import Prompt
from Testing.extension.effect_tools import answer_to, edit_inside_spleen, plane_of, status
from Testing.extension.test_effect_gestures import on_plane
from Testing.harness.scenes import middle, segmentArray

# Around the middle of the volume, in mm.
BEND = [(-6, -4, 0), (-2, 0, 0), (2, 1, 0), (6, 5, 0)]
LOOP = [(-6, -5, 0), (6, -6, 0), (7, 4, 0), (0, 2, 0), (-5, 6, 0)]


def trace(view, places, release=True, **keys):
    """Press at the first place (RAS or pixels of the view), go on through the others, release at the last."""
    view.move(places[0], **keys)
    view.event("LeftButtonPressEvent", places[0], **keys)
    for place in places[1:]:
        view.event("MouseMoveEvent", place, **keys)
    if release:
        view.event("LeftButtonReleaseEvent", places[-1], **keys)


def around(volume, offsets):
    return [middle(volume) + offset for offset in offsets]


def seen(view, plane, places):
    """Where the events were, in pixels of the plane."""
    return plane.worldToPixel(np.array([view.rasOf(view.xyOf(place)) for place in places]))


def draft(editor):
    (found,) = editor.effect.workbench.controller.drafts
    return found


def test_a_scribble_is_points_along_what_the_mouse_has_drawn(application, editor, segmentation_node, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    places = around(volume_node, BEND)
    editor.effect.options.ui.scribbleButton.click()
    trace(view, places)
    wanted = points_along(seen(view, plane, places), plane.shape)
    prompt = draft(editor).prompts.toPrompt(plane)
    assert prompt.points == pytest.approx(wanted, abs=0.05) and (prompt.labels == 1).all() and prompt.box is None
    assert np.array_equal(draft(editor).mask, answer_to(prompt, plane.shape))
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), answer_to(prompt, plane.shape))
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    editor.redo()
    assert np.array_equal(on_plane(plane, segmentation_node), answer_to(prompt, plane.shape))


def test_ctrl_and_the_button_draw_what_is_not_the_object_and_clicks_stay_points(application, editor, volume_node):
    view = application.view("Red")
    ui = editor.effect.options.ui
    view.key("s")
    assert ui.scribbleButton.checked and not ui.boxButton.checked
    trace(view, around(volume_node, BEND))
    trace(view, around(volume_node, [(-6, 6, 0), (0, 8, 0)]), ctrl=True)
    ui.negativeButton.click()
    trace(view, around(volume_node, [(6, -6, 0), (6, -8, 0)]))
    trace(view, around(volume_node, [(0, 0, 0), (2, 0, 0), (4, 0, 0)]), ctrl=True)
    view.clickAt(middle(volume_node))
    view.key("s")
    assert ui.boxButton.checked
    view.drag(middle(volume_node) - [6, 4, 0], middle(volume_node) + [6, 4, 0])
    marks = [(mark.kind, mark.label) for mark in draft(editor).prompts.marks]
    assert marks == [*(("scribble", label) for label in (1, 0, 0, 1)), ("point", 0), ("box", 1)]
    for left in range(len(marks) - 1, 0, -1):
        view.key("BackSpace")
        assert [(mark.kind, mark.label) for mark in draft(editor).prompts.marks] == marks[:left]


def test_a_lasso_closes_itself_and_takes_the_place_of_the_box(application, editor, segmentation_node, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    view.drag(middle(volume_node) - [3, 3, 0], middle(volume_node) + [3, 3, 0])
    view.key("l")
    assert editor.effect.options.ui.lassoButton.checked
    places = around(volume_node, LOOP)
    trace(view, places)
    line = seen(view, plane, places)
    held = enclosed(line, plane.shape)
    rows, columns = np.nonzero(held)
    prompt = draft(editor).prompts.toPrompt(plane)
    assert prompt.box.tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]
    assert np.array_equal(enclosed(prompt.outline, plane.shape), held)
    assert [mark.kind for mark in draft(editor).prompts.marks] == ["lasso"]
    view.key("BackSpace")
    assert [mark.kind for mark in draft(editor).prompts.marks] == ["box"]


def test_what_means_nothing_is_refused_and_not_kept(application, editor, volume_node):
    view, controller = application.view("Red"), editor.effect.workbench.controller
    view.key("l")
    trace(view, around(volume_node, [(-6, 0, 0), (0, 0, 0), (6, 0, 0)]))
    assert "encloses no pixel" in status(editor) and not controller.drafts
    trace(view, [(2, 2), (12, 2), (12, 12)])
    assert "outside the volume" in status(editor) and not controller.drafts
    trace(view, around(volume_node, LOOP))
    assert draft(editor).mask.any() and not editor.effect.options.ui.statusLabel.visible


def test_a_line_over_the_border_is_cut_at_it(application, editor, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    view.key("s")
    trace(view, around(volume_node, [(0, 0, 0), (10, 0, 0), (60, 0, 0)]))
    points = draft(editor).prompts.toPrompt(plane).points
    assert len(points) > 2 and plane.containsPixel(points).all()


def test_lines_are_kept_with_the_segment_and_gone_on_with(application, editor, segmentation_node, volume_node):
    from SAMAdaptModuleLib.scene.SegmentPrompts import readPrompts

    view, plane = application.view("Red"), plane_of(application, volume_node)
    view.key("l")
    trace(view, around(volume_node, LOOP))
    view.key("s")
    trace(view, around(volume_node, [(-6, 6, 0), (0, 8, 0)]), ctrl=True)
    drawn, first = draft(editor).prompts, draft(editor).mask
    view.key("Return")
    (kept,) = readPrompts(segmentation_node, "liver")
    assert [(mark.kind, mark.label) for mark in kept.marks] == [("lasso", 1), ("scribble", 0)]
    assert np.allclose(kept.toPrompt(plane).outline, drawn.toPrompt(plane).outline, atol=1e-4)
    assert np.allclose(kept.toPrompt(plane).points, drawn.toPrompt(plane).points, atol=1e-4)
    # As after a saved scene: nothing is known but what the segment keeps.
    editor.effect.workbench.controller.reload()
    view.clickAt(middle(volume_node) + [0, 0, 0], ctrl=True)
    assert [mark.kind for mark in draft(editor).prompts.marks] == ["lasso", "scribble", "point"]
    view.key("Return")
    assert on_plane(plane, segmentation_node).sum() < first.sum()


@pytest.mark.parametrize("key, offsets", [("s", BEND), ("l", LOOP)])
def test_an_oblique_view(application, editor, segmentation_node, volume_node, key, offsets):
    view = application.view("Red")
    view.jumpTo(middle(volume_node))
    view.rotate(35, (1, 0, 0))
    x, y = view.xyOf(middle(volume_node))
    view.key(key)
    # Pixels of the view, some six of them a mm.
    places = [(x + 8 * r, y + 8 * a) for r, a, _ in offsets]
    trace(view, places)
    plane = draft(editor).plane
    line = seen(view, plane, places)
    prompt = draft(editor).prompts.toPrompt(plane)
    assert plane.index is None
    if key == "s":
        assert prompt.points == pytest.approx(points_along(line, plane.shape), abs=0.05)
    else:
        assert np.array_equal(enclosed(prompt.outline, plane.shape), enclosed(line, plane.shape))
    view.key("Return")
    written = on_plane(plane, segmentation_node)
    wanted = answer_to(prompt, plane.shape)
    assert (written & wanted).sum() / (written | wanted).sum() > 0.85


def test_masking_is_honoured(application, editor, segmentation_node, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    edit_inside_spleen(editor, segmentation_node, volume_node)
    view.key("l")
    trace(view, around(volume_node, LOOP))
    mask = draft(editor).mask
    view.key("Return")
    spleen = plane.fromSegmentation(segmentation_node, "spleen")
    assert (mask & ~spleen).any()
    assert np.array_equal(on_plane(plane, segmentation_node), mask & spleen)


@pytest.mark.parametrize("key, offsets, ctrl", [("s", BEND, False), ("s", BEND, True), ("l", LOOP, False)])
def test_ink_is_seen_while_it_is_drawn_and_afterwards(application, editor, volume_node, key, offsets, ctrl):
    view = application.view("Red")
    places = around(volume_node, offsets)
    view.jumpTo(places[0])
    view.key(key)
    before = view.picture().astype(int)
    trace(view, places, release=False, ctrl=ctrl)
    half = (np.array(view.rasOf(view.xyOf(places[1]))) + view.rasOf(view.xyOf(places[2]))) / 2
    red, green, blue = _around(view, view.picture().astype(int), half).T
    # Yellow around the object, red beside it, green on it.
    found = np.minimum(red, green) - blue if key == "l" else red - green if ctrl else green - red
    assert found.max() > 60
    assert not editor.effect.workbench.controller.drafts
    view.key("Escape")
    assert np.array_equal(view.picture(), before)
    trace(view, places, ctrl=ctrl)
    assert (_around(view, view.picture().astype(int), half) != _around(view, before, half)).any()


def _around(view, picture, world):
    """The colours [N, 3] of the pixels near a place."""
    x, y = view.xyOf(world)
    row = picture.shape[0] - 1 - y
    return picture[row - 5 : row + 6, x - 5 : x + 6].reshape(-1, 3)


def test_propagation_starts_from_lines(application, editor, session, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    view.key("l")
    trace(view, around(volume_node, LOOP))
    editor.effect.options.ui.bothButton.click()
    axis, prompts, _rules, _reply = session.propagation
    (given,) = prompts.values()
    assert axis == plane.axis and [*prompts] == [plane.index] and isinstance(given, Prompt)
    assert given.outline is not None and given.box is not None
