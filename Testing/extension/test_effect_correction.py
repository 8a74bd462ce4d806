"""A segment that is there already, gone on with in the effect: what is asked, written, accepted and taken back."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.extension.effect_tools import conclude, edit_inside_spleen, plane_of, status
from Testing.extension.test_effect_slices import listed
from Testing.extension.test_effect_slices import propagated as propagate
from Testing.harness.scenes import fill, middle, segmentArray

SHAPE = (20, 30, 40)
# As Paint would leave it.
DRAWN = np.zeros(SHAPE, bool)
DRAWN[4:16, 8:20, 10:24] = True
MENDED = np.zeros(SHAPE[1:], bool)
MENDED[6:22, 12:30] = True


def now(node, volume, name="liver"):
    return segmentArray(node, name, volume).astype(bool)


def slices(volume, array):
    """An array as slices of the axial stack, by the library's own view of them."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    return PlaneStack(volumeGeometry(volume), "axial").view(array)


def tell(session, indices, mask=MENDED, tentative=True):
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import SliceMask

    for index in indices:
        source = "propagated" if mask.any() else "cleared"
        iou = 0.9 if mask.any() else None
        session.correction[6].tell(SliceMask(99, "axial", index, PackedMask.of(mask), iou, source, tentative))


def done(session, **values):
    from SAMAdaptLib.service.protocol import Done

    conclude(session.correction[6], Done(99, values))


def expected(volume, changed, mask=MENDED):
    """What was drawn, with another mask on some slices."""
    array = DRAWN.copy()
    slices(volume, array)[list(changed)] = mask
    return array


def gestures(node, name="liver"):
    """The labels of the clicks that are kept as having mended the segment, by plane."""
    from SAMAdaptModuleLib.scene.SegmentPrompts import MENDS, readPrompts

    return [one.labels for one in readPrompts(node, name, MENDS)]


@pytest.fixture(name="begun")
def continued_from_what_was_drawn(application, editor, segmentation_node, volume_node):
    """The Red view, at the tenth slice, with gestures that mend the liver."""
    fill(segmentation_node, "liver", DRAWN, volume_node)
    editor.effect.options.ui.continueButton.click()
    assert editor.effect.options.ui.continueButton.checked and plane_of(application, volume_node).index == 10
    return application.view("Red")


def test_a_click_asks_with_the_mask_that_is_there_and_all_is_one_undo_state(
    editor, begun, session, segmentation_node, volume_node
):
    workbench = editor.effect.workbench
    begun.clickAt(middle(volume_node))
    axis, present, prompts, accepted, rules, through, _reply = session.correction
    assert axis == "axial" and through and accepted == [] and set(present) == set(range(20))
    assert np.array_equal(np.stack([present[k] for k in range(20)]), slices(volume_node, DRAWN))
    assert list(prompts) == [10] and prompts[10].box is None and prompts[10].labels.tolist() == [1]
    assert (rules["first"], rules["last"], rules["max_missing"]) == (0, 19, 2)
    assert not workbench.controller.drafts and workbench.running
    tell(session, [10, 11])
    correction, plane = workbench.correction, workbench.subject.plane
    assert np.array_equal(correction.maskOn(plane), MENDED) and len(correction.promptsOn(plane)) == 1
    # The first is written at once, and others within a second or in the end.
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10]))
    tell(session, [10, 11, 12], tentative=False)
    done(session)
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 11, 12]))
    assert status(editor) == "3 slices changed, 10 to 12." and not workbench.running
    assert not workbench.controller.stored and workbench.correction.active
    rows = ["Axial 10  0.90  prompts", "Axial 11  0.90", "Axial 12  0.90"]
    assert listed(editor) == rows and gestures(segmentation_node) == [[1]]
    editor.undo()
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN) and gestures(segmentation_node) == []
    editor.redo()
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 11, 12]))
    assert listed(editor) == rows and gestures(segmentation_node) == [[1]]


def test_it_is_written_on_the_way_twice_a_second_at_most_and_takes_nothing_from_others_before_the_end(
    application, editor, begun, session, segmentation_node, volume_node, monkeypatch
):
    import time

    from SegmentEditorSAMAdaptLib.edit.Correction import WRITE_MS

    other = np.zeros(SHAPE, bool)
    other[:, :, 26:] = True
    fill(segmentation_node, "spleen", other, volume_node)
    written, replace = [], editor.effect.workbench.controller.writer.replaceSlices
    monkeypatch.setattr(
        editor.effect.workbench.controller.writer,
        "replaceSlices",
        lambda *given: written.append(time.monotonic()) or replace(*given),
    )
    begun.clickAt(middle(volume_node))
    for index in (10, 11, 12, 13):
        tell(session, [index])
        later = time.monotonic() + 0.36
        application.pump(until=lambda later=later: time.monotonic() > later)
    assert len(written) == 2 and written[1] - written[0] >= WRITE_MS / 1000 >= 1
    here = expected(volume_node, [10, 11, 12, 13]) & ~(other & ~DRAWN)
    assert np.array_equal(now(segmentation_node, volume_node), here)
    assert np.array_equal(now(segmentation_node, volume_node, "spleen"), other)
    tell(session, [10, 11, 12, 13], tentative=False)
    done(session)
    assert len(written) == 3
    after = expected(volume_node, [10, 11, 12, 13])
    assert np.array_equal(now(segmentation_node, volume_node), after)
    assert np.array_equal(now(segmentation_node, volume_node, "spleen"), other & ~after)
    editor.undo()
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN)
    assert np.array_equal(now(segmentation_node, volume_node, "spleen"), other)


@pytest.mark.parametrize("end", ["Escape", "failed", "left"])
def test_what_ends_before_it_is_done_leaves_the_segment_as_it_was(
    editor, begun, session, segmentation_node, volume_node, end
):
    from SAMAdaptLib.service.protocol import Failed

    begun.clickAt(middle(volume_node))
    tell(session, [9, 10])
    editor.effect.workbench.correction._writeSome()
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [9, 10]))
    if end == "Escape":
        begun.key("Escape")
        assert ("cancel", "Correct") in session.log and editor.effect.workbench.correction.active
    elif end == "failed":
        conclude(session.correction[6], Failed(99, "There is too little memory", None, "Close something"))
        assert "too little memory" in status(editor)
    else:
        editor.setActiveEffect(None)
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN)
    done(session)
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN)


def test_stop_keeps_what_was_found(editor, begun, session, segmentation_node, volume_node):
    begun.clickAt(middle(volume_node))
    tell(session, [9, 10, 11])
    editor.effect.workbench.correction._writeSome()
    editor.effect.options.ui.stopButton.click()
    assert ("cancel", "Correct") in session.log
    # Slice 11 was not kept in the end.
    tell(session, [9, 10], tentative=False)
    done(session, cancelled=True)
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [9, 10]))
    editor.undo()
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN)


def test_a_click_on_the_way_begins_it_anew_with_both(editor, begun, session, segmentation_node, volume_node):
    step = np.array([0, 0, volume_node.GetSpacing()[2]])
    begun.clickAt(middle(volume_node))
    first = session.correction
    tell(session, [10, 14])
    editor.effect.workbench.correction._writeSome()
    begun.clickAt(middle(volume_node) + [4, 0, 0], ctrl=True)
    begun.clickAt(middle(volume_node) + 2 * step)
    prompts, present = session.correction[2], session.correction[1]
    assert sorted(prompts) == [10, 12] and prompts[10].labels.tolist() == [1, 0]
    assert np.array_equal(np.stack(list(present.values())), slices(volume_node, DRAWN))
    # Of the first nothing is heard any more.
    reply, session.correction = session.correction[6], first
    tell(session, [3], tentative=False)
    done(session)
    session.correction = (*first[:6], reply)
    tell(session, [10, 12], tentative=False)
    done(session)
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 12]))
    editor.undo()
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN)


def test_slices_with_gestures_and_prompts_are_kept_by_later_corrections(
    application, editor, session, segmentation_node, volume_node
):
    view, step = application.view("Red"), np.array([0, 0, volume_node.GetSpacing()[2]])
    view.clickAt(middle(volume_node))
    propagate(editor, session)
    ui = editor.effect.options.ui
    ui.continueButton.click()
    ui.carryCheckBox.click()
    view.clickAt(middle(volume_node) + 2 * step)
    assert session.correction[3] == [10] and session.correction[5] is False
    tell(session, [12], tentative=False)
    done(session)
    ui.carryCheckBox.click()
    # They are kept with the segment, whatever is chosen meanwhile.
    ui.continueButton.click()
    editor.setCurrentSegmentID("spleen")
    editor.setCurrentSegmentID("liver")
    ui.continueButton.click()
    view.clickAt(middle(volume_node) + 4 * step)
    assert session.correction[3] == [10, 12] and session.correction[5] is True


def test_a_click_where_the_segment_was_carried_to_mends_it_and_elsewhere_begins_prompts(
    application, editor, session, segmentation_node, volume_node
):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    view, step = application.view("Red"), np.array([0, 0, volume_node.GetSpacing()[2]])
    workbench = editor.effect.workbench
    view.clickAt(middle(volume_node))
    view.clickAt(middle(volume_node) + 5 * step)
    view.key("Return")
    # From elsewhere the slab of a prompt is no object, where nothing is one begins, and on its own slice it goes on.
    across = planeOfIndex(volume_node, "coronal", 15)
    assert across.fromSegmentation(segmentation_node, "liver").any() and not workbench.correction.wants(across)
    for place in (3 * step, 0 * step):
        view.clickAt(middle(volume_node) + place)
        assert session.correction is None and workbench.controller.drafts
        view.key("Escape")
    propagate(editor, session, dict.fromkeys(range(8, 16), 0.9), ())
    view.clickAt(middle(volume_node) + 2 * step, ctrl=True)
    assert [*session.correction[2]] == [12] and session.correction[3] == [10, 15] and not workbench.controller.drafts
    tell(session, [12], tentative=False)
    done(session)
    assert gestures(segmentation_node) == [[0]] and not editor.effect.options.ui.continueButton.checked
    assert workbench.correction.wants(across)
    editor.effect.options.ui.newObjectButton.click()
    view.clickAt(middle(volume_node) + 2 * step)
    assert len(workbench.controller.drafts) == 1


def test_backspace_takes_back_one_gesture_after_the_other(editor, begun, session, segmentation_node, volume_node):
    ui, step = editor.effect.options.ui, np.array([0, 0, volume_node.GetSpacing()[2]])
    begun.clickAt(middle(volume_node))
    tell(session, [10, 11], tentative=False)
    done(session)
    begun.clickAt(middle(volume_node) + 2 * step)
    begun.clickAt(middle(volume_node) + 4 * step, ctrl=True)
    tell(session, [12])
    # Of two that are under way the last one: the first is asked about again, from what was there before both.
    assert ui.undoPromptButton.enabled
    begun.key("BackSpace")
    _axis, present, prompts, kept, *_others = session.correction
    assert [*prompts] == [12] and kept == [10]
    assert np.array_equal(np.stack([*present.values()]), slices(volume_node, expected(volume_node, [10, 11])))
    tell(session, [12, 13], tentative=False)
    done(session)
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, range(10, 14)))
    assert gestures(segmentation_node) == [[1], [1]]
    ui.undoPromptButton.click()
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 11]))
    assert gestures(segmentation_node) == [[1]] and listed(editor) == ["Axial 10  0.90  prompts", "Axial 11  0.90"]
    begun.key("BackSpace")
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN) and gestures(segmentation_node) == []
    assert not ui.undoPromptButton.enabled
    begun.key("BackSpace")
    editor.undo()
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 11]))
    # What somebody else has changed since is not put back.
    begun.key("BackSpace")
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [10, 11]))


def test_h_shows_what_a_click_would_make_of_the_slice(editor, begun, session, segmentation_node, volume_node):
    from Testing.extension.test_effect_hover import hold, release

    workbench = editor.effect.workbench
    before = begun.picture()
    begun.enter()
    begun.move(middle(volume_node))
    hold(begun)
    axis, present, prompts, _accepted, _rules, through, _reply = session.correction
    assert axis == "axial" and through is False and [*prompts] == [10] and [*present] == [10]
    assert np.array_equal(present[10], slices(volume_node, DRAWN)[10])
    tell(session, [10])
    done(session)
    assert np.array_equal(workbench.hover.maskOn(workbench.subject.plane), MENDED)
    assert not np.array_equal(begun.picture(), before)
    release(begun)
    assert np.array_equal(now(segmentation_node, volume_node), DRAWN) and not workbench.controller.canUndo


def test_an_accepted_slice_is_shown_listed_and_never_changed(
    application, editor, begun, session, segmentation_node, volume_node
):
    step = np.array([0, 0, volume_node.GetSpacing()[2]])
    workbench, ui = editor.effect.workbench, editor.effect.options.ui
    before = begun.picture()
    begun.key("k")
    assert status(editor).startswith("Slice 10 is accepted") and listed(editor) == ["Axial 10  accepted"]
    application.pump(until=lambda: ui.acceptSliceButton.checked, seconds=5)
    assert not np.array_equal(begun.picture(), before)
    begun.clickAt(middle(volume_node))
    assert session.correction is None and "is accepted" in status(editor) and not workbench.running
    begun.clickAt(middle(volume_node) + step)
    assert session.correction[3] == [10] and list(session.correction[2]) == [11]
    # Even if the model's process told of it.
    tell(session, [10, 11], tentative=False)
    done(session)
    assert np.array_equal(now(segmentation_node, volume_node), expected(volume_node, [11]))
    begun.jumpTo(middle(volume_node))
    begun.key("k")
    assert status(editor) == "Slice 10 is released." and listed(editor) == ["Axial 11  0.90  prompts"]
    editor.undo()
    assert listed(editor) == ["Axial 10  accepted", "Axial 11  0.90  prompts"]
    editor.setCurrentSegmentID("spleen")
    assert listed(editor) == [] and not ui.continueButton.checked
    begun.clickAt(middle(volume_node))
    assert len(workbench.controller.drafts) == 1


def test_propagation_neither_writes_nor_notes_accepted_slices(
    application, editor, session, segmentation_node, volume_node
):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    view.jumpTo(middle(volume_node) + [0, 0, 2 * volume_node.GetSpacing()[2]])
    view.key("k")
    propagate(editor, session, {9: 0.9, 10: 0.9, 11: 0.9, 12: 0.3}, ())
    assert not now(segmentation_node, volume_node)[12].any() and now(segmentation_node, volume_node)[11].any()
    assert "Axial 12  accepted" in listed(editor) and status(editor) == "3 slices written, 9 to 11."


def test_masking_holds(editor, begun, session, segmentation_node, volume_node):
    block = edit_inside_spleen(editor, segmentation_node, volume_node).astype(bool)
    begun.clickAt(middle(volume_node))
    tell(session, [10])
    editor.effect.workbench.correction._writeSome()
    tell(session, [10], tentative=False)
    done(session)
    # What the segment has itself is always editable.
    wanted = expected(volume_node, [10]) & (block | DRAWN)
    assert np.array_equal(now(segmentation_node, volume_node), wanted)
    # What masking lets nothing of through is told.
    left = np.zeros(SHAPE[1:], bool)
    left[:, :4] = True
    begun.clickAt(middle(volume_node) + [0, 0, volume_node.GetSpacing()[2]])
    only = slices(volume_node, DRAWN)[11] | left
    tell(session, [11], only, tentative=False)
    done(session)
    assert "masking excludes this place" in status(editor)
    assert np.array_equal(now(segmentation_node, volume_node), wanted)


def test_a_slice_may_be_cleared_and_then_is_noted_no_more(editor, begun, session, segmentation_node, volume_node):
    begun.clickAt(middle(volume_node))
    tell(session, [9, 10], tentative=False)
    done(session)
    assert listed(editor) == ["Axial 9  0.90", "Axial 10  0.90  prompts"]
    begun.clickAt(middle(volume_node) + [0, 0, volume_node.GetSpacing()[2]], ctrl=True)
    tell(session, [9, 10, 11], np.zeros(SHAPE[1:], bool), tentative=False)
    done(session)
    assert listed(editor) == ["Axial 10  prompts", "Axial 11  prompts"]
    assert not now(segmentation_node, volume_node)[9:12].any()


def test_what_cannot_be_continued_says_so(application, editor, session, segmentation_node, volume_node):
    ui = editor.effect.options.ui
    ui.continueButton.click()
    assert "empty: there is nothing to continue from: liver" in status(editor) and not ui.continueButton.checked
    fill(segmentation_node, "liver", DRAWN, volume_node)
    ui.acceptSliceButton.click()
    assert "Click on the object first" in status(editor) and not ui.acceptSliceButton.checked
    ui.continueButton.click()
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    done(session)
    assert "Nothing changes" in status(editor)
    ui.newObjectButton.click()
    assert not ui.continueButton.checked
    view.clickAt(middle(volume_node))
    assert editor.effect.workbench.controller.drafts and not editor.effect.workbench.running
