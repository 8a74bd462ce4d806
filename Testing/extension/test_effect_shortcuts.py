"""Keys in slice views: what they do, when they are the effect's, and where it is told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from Testing.extension.effect_tools import RADIUS, claimed, disc, plane_of, send_key, status
from Testing.extension.test_effect_gestures import on_plane
from Testing.harness.scenes import middle, segmentArray

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
# By size, as the known session answers a lone point.
RADII = (RADIUS // 2, RADIUS, 2 * RADIUS)


def mask(editor):
    (draft,) = editor.effect.workbench.controller.drafts
    return draft.mask


def unused(view, key, **held):
    """Whether a key gets through to the application's own widgets."""
    heard = []
    tag = view.interactor.AddObserver("KeyPressEvent", lambda *_event: heard.append(key), 0.5)
    view.key(key, **held)
    view.interactor.RemoveObserver(tag)
    return bool(heard)


def test_digits_choose_the_smallest_to_the_largest_mask_of_this_object_alone(application, editor, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    place = middle(volume_node)
    view.clickAt(place)
    for key, radius in (("1", RADII[0]), ("3", RADII[2]), ("2", RADII[1]), ("KP_3", RADII[2]), ("0", RADII[1])):
        assert not unused(view, key)
        assert np.array_equal(mask(editor), disc(plane, view.rasOf(view.xyOf(place)), radius)), key
    view.key("3")
    assert "Mask 3 of 3" in status(editor) and "0.50" in status(editor)
    view.key("Return")
    assert not editor.effect.options.ui.statusLabel.visible
    assert editor.effect.options.ui.candidateComboBox.currentIndex == 0
    view.clickAt(place + [0, 0, 6])
    assert "Mask 2 of 3" in status(editor) and "0.90" in status(editor)


def test_the_chosen_size_is_asked_for_again_when_the_object_gets_another_point(
    application, editor, session, volume_node
):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    view.key("3")
    small = mask(editor)
    view.clickAt(middle(volume_node) + [6, 0, 0])
    assert session.log[-1][2] and (mask(editor) & ~small).any() and "Mask 3 of 3" in status(editor)
    view.key("BackSpace")
    assert np.array_equal(mask(editor), small)


def test_digits_are_the_editors_own_where_there_is_no_choice(application, editor, session, volume_node):
    import qt

    view, keys = application.view("Red"), qt.Qt
    view.enter()
    digits = [keys.Key_0, keys.Key_1, keys.Key_2, keys.Key_3]
    assert not any(claimed(view, digit) for digit in digits) and unused(view, "1") and unused(view, "0")
    session.warm = False
    view.clickAt(middle(volume_node))
    assert not claimed(view, keys.Key_1) and unused(view, "1")
    session.answer()
    assert all(claimed(view, digit) for digit in digits)
    assert not claimed(view, keys.Key_4) and not claimed(view, keys.Key_9) and unused(view, "4")
    # The documentation, and the effects from 11 on.
    assert not claimed(view, keys.Key_1, keys.ControlModifier) and not claimed(
        view, keys.Key_Exclam, keys.ShiftModifier
    )
    assert claimed(view, keys.Key_1, keys.KeypadModifier)
    view.key("Escape")
    assert not any(claimed(view, digit) for digit in digits) and not status(editor)
    view.drag(middle(volume_node) - [6, 6, 0], middle(volume_node) + [6, 6, 0])
    session.answer()
    assert mask(editor).any() and not any(claimed(view, digit) for digit in digits)


def test_another_slice_has_no_choice(application, editor, volume_node):
    import qt

    view = application.view("Red")
    view.clickAt(middle(volume_node))
    assert claimed(view, qt.Qt.Key_1)
    view.jumpTo(middle(volume_node) + [0, 0, 6])
    workbench = editor.effect.workbench
    application.pump(until=lambda: not workbench._view._timer.active, seconds=5)
    assert not claimed(view, qt.Qt.Key_1) and unused(view, "1")


def test_without_a_preview_a_digit_replaces_what_was_written(application, editor, segmentation_node, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    editor.effect.options.ui.livePreviewCheckBox.checked = False
    view.clickAt(middle(volume_node))
    world = view.rasOf(view.xyOf(middle(volume_node)))
    assert np.array_equal(on_plane(plane, segmentation_node), disc(plane, world, RADII[1]))
    view.key("1")
    assert np.array_equal(on_plane(plane, segmentation_node), disc(plane, world, RADII[0]))
    editor.undo()
    assert np.array_equal(on_plane(plane, segmentation_node), disc(plane, world, RADII[1]))
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


def test_help_and_sheet_say_what_the_table_says(application, editor):
    import qt
    from SegmentEditorSAMAdaptLib.view.Shortcuts import shortcuts
    from SegmentEditorSAMAdaptLib.view.ShortcutSheet import ShortcutSheet

    table, view = shortcuts(), application.view("Red")
    help_text = editor.effect.helpText()
    assert not unused(view, "question")
    (sheet,) = view.sliceView.VTKWidget().findChildren(ShortcutSheet) or view.sliceView.VTKWidget().children()
    assert sheet.visible
    for one in table:
        assert f"<b>{one.shown}:</b> {one.what}." in help_text
        assert one.shown in sheet.text and one.what in sheet.text
    send_key(sheet, "KeyPress", qt.Qt.Key_Question)
    application.pump()
    assert not view.sliceView.VTKWidget().children()


def test_the_tutorial_names_every_key_of_the_table(application, editor):
    from SegmentEditorSAMAdaptLib.view.Shortcuts import shortcuts

    rows = [row.split("|")[1] for row in TUTORIAL.read_text("utf-8").splitlines() if row.startswith("| ")]
    named = set(re.split(r"[ ,]+", " ".join(rows)))
    for one in shortcuts():
        if one.symbols:
            assert named.issuperset(re.split(r", | to ", one.shown)), one.shown


def test_no_two_lines_of_the_table_have_a_key_in_common(application, editor):
    from SegmentEditorSAMAdaptLib.view.Shortcuts import shortcuts

    symbols = [symbol for one in shortcuts() for symbol in one.symbols]
    assert len(symbols) == len(set(symbols)) > 10


@pytest.mark.parametrize("key", ["BackSpace", "Return", "Escape", "1", "a"])
def test_a_key_with_nothing_to_do_is_the_applications(application, editor, key):
    assert unused(application.view("Red"), key)


@pytest.mark.parametrize("key", ["x", "s", "l"])
def test_letters_with_ctrl_are_the_applications(application, editor, key):
    assert unused(application.view("Red"), key, ctrl=True)
