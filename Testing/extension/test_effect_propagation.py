"""Propagation from the effect: where it starts, what it writes, how it ends. And once with a real worker."""

from __future__ import annotations

import numpy as np
import pytest

import SAMAdaptLib as sa
from SAMAdaptLib.jobs.correction import corrected
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.protocol import Ready
from Testing.extension.effect_tools import answer_to, conclude, effect, plane_of
from Testing.harness.scenes import middle, segmentArray
from Testing.tiny import TINY_VIT


def masks_for(session, indices, tentative=False):
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import SliceMask

    axis, prompts, _rules, reply = session.propagation
    mask = answer_to(next(iter(prompts.values())), (30, 40))
    for index in indices:
        reply.tell(SliceMask(77, axis, index, PackedMask.of(mask), 0.9, "test", tentative))
    return mask


def mend(session, index, radius):
    """The correction under way makes a slice a disc about its click."""
    from SAMAdaptLib.service.protocol import Done
    from Testing.extension.test_effect_correction import tell

    tell(session, [index], answer_to(session.correction[2][index], (30, 40), radius), tentative=False)
    conclude(session.correction[6], Done(99, {}))


def done(session, **values):
    from SAMAdaptLib.service.protocol import Done

    conclude(session.propagation[3], Done(77, values))


def test_one_undo_state_for_all_slices(application, editor, segmentation_node, volume_node, session):
    view, ui = application.view("Red"), editor.effect.options.ui
    view.clickAt(middle(volume_node))
    index = plane_of(application, volume_node).index
    ui.bothButton.click()
    axis, prompts, rules = session.propagation[:3]
    assert axis == "axial" and list(prompts) == [index] and (rules["first"], rules["last"]) == (0, 19)
    masks_for(session, range(20), tentative=True)
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    mask = masks_for(session, range(5, 12))
    done(session)
    written = segmentArray(segmentation_node, "liver", volume_node)
    assert np.flatnonzero(written.any(axis=(1, 2))).tolist() == list(range(5, 12))
    assert written.sum() == 7 * mask.sum()
    controller = editor.effect.workbench.controller
    assert not controller.drafts and len(controller.stored) == 1
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


def test_a_corrected_slice_takes_the_place_of_what_was_added(
    application, editor, segmentation_node, volume_node, session, tmp_path
):
    from SAMAdaptModuleLib.app.Settings import Settings

    from SAMAdaptLib.exemplars.library import Library

    Settings().exemplarLibrary = folder = tmp_path / "library"
    view, ui, centre = application.view("Red"), editor.effect.options.ui, middle(volume_node)
    view.clickAt(centre)
    first = plane_of(application, volume_node).index
    ui.bothButton.click()
    masks_for(session, range(5, 15))
    done(session)
    other = centre + (0, 0, 2 * volume_node.GetSpacing()[2])
    view.clickAt(other)
    view.key("x", ctrl=True)
    assert not folder.exists()
    view.key("x")
    assert not folder.exists() and "is under way" in ui.statusLabel.text
    mend(session, first + 2, radius=8)
    view.key("x")
    (one,) = Library.open(folder)
    np.testing.assert_array_equal(one.labels > 0, segmentArray(segmentation_node, "liver", volume_node)[first + 2])
    view.clickAt(other + (4, 0, 0))
    mend(session, first + 2, radius=6)
    view.key("x")
    (corrected,) = Library.open(folder)
    assert corrected.info.id != one.info.id and "in the place of its earlier" in ui.statusLabel.text
    np.testing.assert_array_equal(
        corrected.labels > 0, segmentArray(segmentation_node, "liver", volume_node)[first + 2]
    )
    ui.promptedButton.click()
    assert "2 slices" in ui.statusLabel.text and len(Library.open(folder)) == 2


@pytest.mark.parametrize(
    ("button", "reach", "first", "last"), [("upButton", 0, 9, 19), ("downButton", 0, 0, 9), ("bothButton", 3, 6, 12)]
)
def test_range(application, editor, volume_node, session, button, reach, first, last):
    view, ui = application.view("Red"), editor.effect.options.ui
    ui.reachSpinBox.value = reach
    matrix_up = plane_of(application, volume_node).index
    view.clickAt(middle(volume_node))
    getattr(ui, button).click()
    rules = session.propagation[2]
    shift = matrix_up - 9
    ends = (first, last) if first == 0 or last == 19 else (first + shift, last + shift)
    expected = (matrix_up if first == 9 else ends[0], matrix_up if last == 9 else ends[1])
    assert (rules["first"], rules["last"]) == expected


def test_by_the_memory_of_a_model_that_has_one(application, editor, volume_node, session):
    view, ui = application.view("Red"), editor.effect.options.ui
    view.clickAt(middle(volume_node))
    for memory in (True, False):
        session.info = Ready(1, "cpu", "sam2_tiny", None, {}, memory=memory)
        editor.effect.workbench.refresh()
        assert ui.memoryCheckBox.enabled == memory and ("Only with a model" in ui.memoryCheckBox.toolTip) != memory
        if memory:
            ui.bothButton.click()
            assert "memory" not in session.propagation[2]
            view.key("Escape")
            view.clickAt(middle(volume_node))
            ui.memoryCheckBox.click()
            assert editor.effect.scriptedEffect.integerParameter("Memory") == 1
        ui.bothButton.click()
        assert session.propagation[2].get("memory", False) == memory
        view.key("Escape")
        view.clickAt(middle(volume_node))


def test_escape_drops_and_stop_keeps(application, editor, segmentation_node, volume_node, session):
    view, ui = application.view("Red"), editor.effect.options.ui
    view.clickAt(middle(volume_node))
    ui.bothButton.click()
    masks_for(session, range(20))
    view.key("Escape")
    done(session)
    assert ("cancel", "Propagate") in session.log
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    assert editor.effect.workbench.controller.drafts
    ui.bothButton.click()
    masks_for(session, range(4))
    ui.stopButton.click()
    done(session)
    assert segmentArray(segmentation_node, "liver", volume_node).any(axis=(1, 2)).sum() == 4


def test_an_end_at_once_is_told_with_its_reason(application, editor, segmentation_node, volume_node, session):
    ui, reason = editor.effect.options.ui, "at slice 8, nothing was found; at slice 10, the area is 9.00 times"
    application.view("Red").clickAt(middle(volume_node))
    ui.bothButton.click()
    done(session, ended_at_once=reason)
    assert reason in ui.statusLabel.text and "a box in place of points" in ui.statusLabel.text
    ui.bothButton.click()
    masks_for(session, [9])
    done(session, ended_at_once=reason)
    assert ui.statusLabel.text.startswith(f"Slice 9 written. Propagation ended at once: {reason}. Try ")
    assert segmentArray(segmentation_node, "liver", volume_node).any(axis=(1, 2)).sum() == 1
    application.view("Red").clickAt(middle(volume_node))
    ui.bothButton.click()
    masks_for(session, range(8, 11))
    done(session, ended_at_once="")
    assert ui.statusLabel.text == "3 slices written, 8 to 10."


def test_starts_from_the_segment_where_there_are_no_prompts(
    application, editor, segmentation_node, volume_node, session
):
    import slicer

    ui = editor.effect.options.ui
    application.view("Red").enter()
    index = plane_of(application, volume_node).index
    application.pump(until=lambda: any(entry[0] == "encode" for entry in session.log) or session.warm, seconds=5)
    application.pump(until=lambda: editor.effect.workbench.subject.plane is not None, seconds=5)
    ui.upButton.click()
    assert session.propagation is None and "nothing to carry on from" in ui.statusLabel.text
    array = np.zeros((20, 30, 40), np.uint8)
    array[index, 5:12, 8:20] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(array, segmentation_node, "liver", volume_node)
    ui.upButton.click()
    box = session.propagation[1][index].box
    assert (box[2] - box[0], box[3] - box[1]) == (11, 6)


def test_with_a_real_worker(application, segmentation_node, volume_node, real, tiny_choice, tiny_weights, monkeypatch):
    """A click becomes a preview within the event once the slice is encoded, and propagation fills other slices. What is
    mended then is what the library makes of it, with the prompted slice kept."""
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume

    with effect(application, real, segmentation_node, volume_node, "liver", tiny_choice) as editor:
        view = application.view("Red")
        view.enter()
        plane = plane_of(application, volume_node)
        label = editor.effect.options.ui.statusLabel
        application.pump(until=lambda: real.isReady(plane) or label.text, seconds=60)
        assert not label.text
        view.drag(middle(volume_node) - [8, 8, 0], middle(volume_node) + [8, 8, 0])
        controller = editor.effect.workbench.controller
        application.pump(until=lambda: not controller.waiting, seconds=20)
        mask = controller.drafts[0].mask
        view.key("Return")
        assert np.array_equal(plane.fromSegmentation(segmentation_node, "liver"), mask)
        editor.effect.options.ui.bothButton.click()
        application.pump(until=lambda: not editor.effect.workbench.propagation.running, seconds=60)
        stages = [entry for entry in real.stageLog if "write" in entry]
        assert stages and {"decode", "transfer", "write"} <= set(stages[0])
        status = editor.effect.options.ui.statusLabel
        assert "error" not in status.text and not status.styleSheet
        before = segmentArray(segmentation_node, "liver", volume_node).astype(bool)
        editor.effect.options.ui.continueButton.click()
        other = middle(volume_node) + [4, 2, 2 * volume_node.GetSpacing()[2]]
        view.jumpTo(other)
        asked, correct = [], real.correct
        monkeypatch.setattr(real, "correct", lambda *given: asked.append(given[2]) or correct(*given))
        view.drag(other - [8, 6, 0], other + [3, 5, 0])
        application.pump(until=lambda: not editor.effect.workbench.correction.running, seconds=60)
        assert "chang" in status.text and not status.styleSheet
        monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
        model = sa.load_model(TINY_VIT.name, checkpoint=tiny_weights, device="cpu")
        slices = VolumePredictor(model.predictor, libraryVolume(volume_node), "axial")
        rules = PropagationRules(min_iou=0.5, max_missing=2)
        # On a tilted grid a box along the slice's own sides is none along the patient's, as sa.correct takes them.
        wanted = finish(corrected(slices, "", slices.stack.view(before), asked[0], [plane.index], rules)).mask
        assert (wanted != before).any()
        np.testing.assert_array_equal(segmentArray(segmentation_node, "liver", volume_node), wanted)
