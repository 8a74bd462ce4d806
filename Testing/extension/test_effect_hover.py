"""What a click would give, shown while H is held: gone with the key, and never in the segment."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.prompts.types import Prompt
from Testing.extension.effect_tools import RADIUS, answer_to, claimed, disc, plane_of, send_key
from Testing.harness.scenes import middle, segmentArray


def hover(editor):
    return editor.effect.workbench.hover


def hold(view):
    """The key goes down; the system repeats it."""
    view.event("KeyPressEvent", key="h")
    view.event("KeyPressEvent", key="h")


def release(view, kind="KeyRelease", repeated=False):
    import qt

    send_key(view.sliceView.VTKWidget(), kind, qt.Qt.Key_H, repeated=repeated)


@pytest.fixture(name="view")
def view_with_the_mouse_over_it(application, editor, volume_node):
    view = application.view("Red")
    view.enter()
    view.move(middle(volume_node))
    return view


def test_it_follows_the_mouse_while_the_key_is_held(application, editor, view, session, segmentation_node, volume_node):
    plane, before = plane_of(application, volume_node), view.picture().copy()
    asked = len(session.log)
    view.move(middle(volume_node) + [4, 0, 0])
    assert len(session.log) == asked and hover(editor).maskOn(plane) is None
    hold(view)
    for offset in ([0, 0, 0], [5, 2, 0], [-6, 3, 0]):
        place = middle(volume_node) + offset
        view.move(place)
        # Of three masks the one of the lone point that is trusted most.
        assert np.array_equal(hover(editor).maskOn(plane), disc(plane, view.rasOf(view.xyOf(place)), RADIUS))
    assert (view.picture() != before).any()
    release(view, repeated=True)
    assert hover(editor).running
    release(view)
    assert hover(editor).maskOn(plane) is None and np.array_equal(view.picture(), before)
    view.move(middle(volume_node))
    controller = editor.effect.workbench.controller
    assert hover(editor).maskOn(plane) is None and not controller.drafts and not controller.stored
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


def test_it_shows_what_a_click_would_make_of_the_prompts_there(application, editor, view, volume_node):
    plane, controller = plane_of(application, volume_node), editor.effect.workbench.controller
    view.drag(middle(volume_node) - [6, 6, 0], middle(volume_node) + [6, 6, 0])
    (draft,) = controller.drafts
    marks, shown = list(draft.prompts.marks), draft.mask
    hold(view)
    for ctrl in (True, False):
        place = middle(volume_node) + [4, 1, 0]
        view.move(place, ctrl=ctrl)
        point = plane.worldToPixel(np.atleast_2d(view.rasOf(view.xyOf(place))))
        wanted = answer_to(Prompt(point, [0 if ctrl else 1], draft.prompts.toPrompt(plane).box), plane.shape)
        assert np.array_equal(hover(editor).maskOn(plane), wanted)
    assert draft.prompts.marks == marks and controller.drafts == [draft] and draft.mask is shown
    view.clickAt(place)
    assert hover(editor).maskOn(plane) is None and np.array_equal(draft.mask, wanted)


def test_one_question_at_a_time_and_then_the_last_place(application, editor, view, session, volume_node):
    plane = plane_of(application, volume_node)
    hold(view)
    session.predict, plain = lambda *values: pending(session, plain, *values), session.predict
    asked = []

    def pending(session, plain, *values):
        session.warm = False
        asked.append(plain(*values))
        session.warm = True
        return asked[-1]

    places = [middle(volume_node) + [step, 0, 0] for step in range(6)]
    for place in places:
        view.move(place)
    assert len(asked) == 1
    session.answer()
    assert len(asked) == 2
    first = disc(plane, view.rasOf(view.xyOf(places[0])))
    assert np.array_equal(hover(editor).maskOn(plane), first)
    session.answer()
    assert len(asked) == 2
    assert np.array_equal(hover(editor).maskOn(plane), disc(plane, view.rasOf(view.xyOf(places[-1]))))
    view.move(middle(volume_node))
    release(view)
    session.answer()
    assert hover(editor).maskOn(plane) is None


def test_nothing_is_asked_before_the_slice_is_encoded_or_while_an_answer_is_due(
    application, editor, view, session, volume_node
):
    plane = plane_of(application, volume_node)
    session.warm = False
    hold(view)
    view.move(middle(volume_node))
    assert not [entry for entry in session.log if entry[0] == "predict"] and hover(editor).maskOn(plane) is None
    view.clickAt(middle(volume_node))
    session.warm = True
    hold(view)
    view.move(middle(volume_node) + [3, 0, 0])
    assert len([entry for entry in session.log if entry[0] == "predict"]) == 1


@pytest.mark.parametrize("how", ["FocusOut", "deactivate", "segment", "another view's keys"])
def test_it_ends_with_whatever_takes_the_key_away(application, editor, view, volume_node, how):
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtGui import QFocusEvent

    from Testing.harness.qtgate.convert import unwrap

    plane, held = plane_of(application, volume_node), hover(editor)
    before = view.picture().copy()
    hold(view)
    view.move(middle(volume_node))
    assert held.maskOn(plane).any() and (view.picture() != before).any()
    if how == "deactivate":
        editor.setActiveEffect(None)
    elif how == "segment":
        editor.setCurrentSegmentID("spleen")
    elif how == "FocusOut":
        QCoreApplication.sendEvent(unwrap(view.sliceView.VTKWidget()), QFocusEvent(QEvent.Type.FocusOut))
    else:
        other = application.view("Green")
        other.enter()
        release(other)
    assert not held.running and held.maskOn(plane) is None
    assert np.array_equal(view.picture(), before)


def test_beside_the_image_nothing_is_shown(application, editor, view, volume_node):
    plane = plane_of(application, volume_node)
    hold(view)
    view.move(middle(volume_node))
    assert hover(editor).maskOn(plane).any()
    view.move((2, 2))
    assert hover(editor).maskOn(plane) is None and not editor.effect.options.ui.statusLabel.styleSheet


def test_the_key_is_no_shortcut_that_would_have_to_be_kept(view):
    import qt

    assert not claimed(view, qt.Qt.Key_H)
