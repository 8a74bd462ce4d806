"""Clicks, boxes and keys in a slice view, and what they leave in the segment."""

from __future__ import annotations

import numpy as np

from Testing.extension.effect_tools import RADIUS, answer_to, disc, plane_of
from Testing.harness.scenes import middle, segmentArray


def on_plane(plane, segmentation, segment="liver"):
    return plane.fromSegmentation(segmentation, segment)


def test_a_click_previews_and_enter_writes_exactly_the_answer(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    plane = plane_of(application, volume_node)
    clicked = np.array(view.rasOf(view.xyOf(point)))
    expected = disc(plane, clicked, RADIUS)  # of three candidates the one with the highest expected IoU
    assert not on_plane(plane, segmentation_node).any()
    assert np.array_equal(editor.effect.workbench.controller.drafts[0].mask, expected)
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), expected)
    assert segmentArray(segmentation_node, "liver", volume_node).sum() == expected.sum()


def test_one_undo_state_a_gesture(application, editor, segmentation_node, volume_node):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    view.key("Return")
    assert segmentArray(segmentation_node, "liver", volume_node).any()
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    editor.redo()
    assert segmentArray(segmentation_node, "liver", volume_node).any()


def test_ctrl_click_and_the_toggle_mark_background(application, editor, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    view.clickAt(point + [3, 0, 0], ctrl=True)
    editor.effect.options.ui.negativeButton.click()
    view.clickAt(point + [0, 3, 0])
    view.clickAt(point + [0, -3, 0], ctrl=True)
    assert editor.effect.workbench.controller.drafts[0].prompts.labels == [1, 0, 0, 1]


def test_a_drag_is_a_box_and_a_shaky_click_is_none(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.drag(point - [6, 4, 0], point + [6, 4, 0])
    draft = editor.effect.workbench.controller.drafts[0]
    plane = plane_of(application, volume_node)
    prompt = draft.prompts.toPrompt(plane)
    assert np.array_equal(draft.mask, answer_to(prompt, plane.shape))
    size = (prompt.box[2:] - prompt.box[:2]) * plane.pixelSpacing[::-1]
    turned = 0.3  # the fixture's in-plane rotation: opposite corners of the drag, along the volume's own axes
    expected = np.abs([12 * np.cos(turned) + 8 * np.sin(turned), 8 * np.cos(turned) - 12 * np.sin(turned)])
    assert np.abs(np.sort(size) - np.sort(expected)).max() < 1.0
    view.key("Escape")
    x, y = view.xyOf(point)
    view.drag((x, y), (x + 3, y + 2))
    assert editor.effect.workbench.controller.drafts[0].prompts.box is None


def test_backspace_takes_gestures_back_one_by_one(application, editor, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    controller = editor.effect.workbench.controller
    view.clickAt(point)
    first = controller.drafts[0].mask
    view.clickAt(point + [6, 0, 0])
    assert not np.array_equal(controller.drafts[0].mask, first)
    view.key("BackSpace")
    assert controller.drafts[0].prompts.labels == [1]
    assert np.array_equal(controller.drafts[0].mask, disc(plane, np.array(view.rasOf(view.xyOf(point)))))
    view.key("BackSpace")
    assert not controller.drafts
    view.key("BackSpace")
    assert not controller.drafts


def test_escape_drops_and_writes_nothing(application, editor, segmentation_node, volume_node):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    view.key("Escape")
    view.key("Return")
    assert not editor.effect.workbench.controller.drafts
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


def test_without_preview_each_gesture_replaces_its_own_voxels_only(application, editor, segmentation_node, volume_node):
    import slicer

    earlier = np.zeros((20, 30, 40), np.uint8)
    earlier[:, 12:15, 16:40] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(earlier, segmentation_node, "liver", volume_node)
    editor.effect.options.ui.livePreviewCheckBox.click()
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    before = on_plane(plane, segmentation_node)
    view.clickAt(point)
    draft = editor.effect.workbench.controller.drafts[0]
    assert np.array_equal(on_plane(plane, segmentation_node), before | draft.mask)
    view.clickAt(point + [4, 0, 0], ctrl=True)
    assert (before & ~draft.mask).any()
    assert np.array_equal(on_plane(plane, segmentation_node), before | draft.mask)
    view.key("BackSpace")
    view.key("BackSpace")
    assert np.array_equal(on_plane(plane, segmentation_node), before)
    for _gesture in range(4):
        editor.undo()
    assert np.array_equal(on_plane(plane, segmentation_node), before)


def test_a_further_click_on_an_accepted_set_goes_on_with_it(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    view.clickAt(point)
    view.key("Return")
    view.clickAt(point + [3, 0, 0], ctrl=True)
    draft = editor.effect.workbench.controller.drafts[0]
    assert draft.prompts.labels == [1, 0]
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), draft.mask)


def test_after_an_undo_the_connected_part_is_replaced(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    view.clickAt(point)
    view.key("Return")
    view.clickAt(point + [3, 0, 0], ctrl=True)
    view.key("Return")
    editor.undo()
    stored = editor.effect.workbench.controller.stored
    assert [one.written for one in stored] == [None] and stored[0].prompts.labels == [1]
    view.clickAt(point + [0, 3, 0], ctrl=True)
    draft = editor.effect.workbench.controller.drafts[0]
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), draft.mask)


def test_new_object_leaves_the_first_one_alone(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    view.clickAt(point - [6, 0, 0])
    first = editor.effect.workbench.controller.drafts[0].mask
    editor.effect.options.ui.newObjectButton.click()
    view.clickAt(point + [6, 0, 0])
    second = editor.effect.workbench.controller.drafts[0].mask
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), first | second)
    assert len(editor.effect.workbench.controller.stored) == 2


def test_masks_are_chosen_by_size(application, editor, session, volume_node):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    draft = editor.effect.workbench.controller.drafts[0]
    areas = []
    for index in (1, 2, 3, 0):
        editor.effect.options.ui.candidateComboBox.currentIndex = index
        areas.append(int(draft.mask.sum()))
    assert areas[0] < areas[1] < areas[2] and areas[3] == areas[1]
    assert sum(entry[0] == "predict" for entry in session.log) == 1


def test_shift_right_and_3d_clicks_are_left_to_the_application(application, editor, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point, shift=True)
    view.clickAt(point, button="Right")
    view.clickAt(point, button="Middle")
    assert not editor.effect.workbench.controller.drafts


def test_a_click_beside_the_volume_says_so(application, editor, volume_node):
    view = application.view("Red")
    view.clickAt((3, 3))
    assert not editor.effect.workbench.controller.drafts
    assert "outside" in editor.effect.options.ui.statusLabel.text
