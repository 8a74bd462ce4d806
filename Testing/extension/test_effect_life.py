"""From activation to the end of the scene: nothing is left behind, nothing is lost that should stay."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.extension.effect_tools import claimed, plane_of
from Testing.extension.test_effect_gestures import on_plane
from Testing.harness.scenes import middle, segmentArray


def actors(application):
    found = 0
    for name in ("Red", "Green", "Yellow"):
        renderers = application.view(name).sliceView.renderWindow().GetRenderers()
        for index in range(renderers.GetNumberOfItems()):
            found += renderers.GetItemAsObject(index).GetViewProps().GetNumberOfItems()
    return found


def test_leaving_the_effect_takes_actors_and_observers_away(application, editor, volume_node, session):
    editor.setActiveEffect(None)
    before = actors(application)
    for _time in range(3):
        editor.setActiveEffect("SAM Adapt")
        application.view("Red").clickAt(middle(volume_node))
        assert actors(application) > before
        editor.setActiveEffect(None)
        assert actors(application) == before
    assert not session.failed._listeners and not session.died._listeners


def test_activated_twice(application, editor, segmentation_node, volume_node):
    editor.effect.activate()
    application.view("Red").clickAt(middle(volume_node))
    editor.effect.activate()
    assert len(editor.effect.workbench.controller.drafts) == 1
    application.view("Red").key("Return")
    assert segmentArray(segmentation_node, "liver", volume_node).any()


def test_clones_have_lives_of_their_own(application, editor, segmentation_node, volume_node):
    other = application.segmentEditor(segmentation_node, volume_node, "spleen")
    clones = [one.effectByName("SAM Adapt").self() for one in (editor, other)]
    assert clones[0] is not clones[1] and clones[0].options is not clones[1].options
    other.close()
    assert clones[1].options is None and clones[0].options is not None


@pytest.mark.parametrize("what", ["volume", "segmentation", "segment", "scene"])
def test_deleted_in_mid_prompt(application, editor, segmentation_node, volume_node, session, what):
    import slicer

    session.warm = False
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    workbench = editor.effect.workbench
    assert workbench.controller.waiting
    if what == "volume":
        slicer.mrmlScene.RemoveNode(volume_node)
    elif what == "segmentation":
        slicer.mrmlScene.RemoveNode(segmentation_node)
    elif what == "segment":
        segmentation_node.GetSegmentation().RemoveSegment("liver")
    else:
        slicer.mrmlScene.Clear(0)
    session.answer()
    application.pump()
    assert not workbench.controller.drafts
    view.key("Return")


def test_other_voxels_make_the_prompts_pointless(application, editor, volume_node):
    import slicer

    application.view("Red").clickAt(middle(volume_node))
    slicer.util.arrayFromVolume(volume_node)[:] += 1
    slicer.util.arrayFromVolumeModified(volume_node)
    assert not editor.effect.workbench.controller.drafts


def test_placing_markups_works_beside_it(application, editor, volume_node):
    import slicer

    view = application.view("Red")
    view.clickAt(middle(volume_node))
    node = slicer.app.applicationLogic().GetInteractionNode()
    node.SetCurrentInteractionMode(node.Place)
    view.clickAt(middle(volume_node) + [3, 0, 0])
    node.SetCurrentInteractionMode(node.ViewTransform)
    assert len(editor.effect.workbench.controller.drafts[0].prompts.points) == 1


def test_prompts_and_settings_survive_the_scene_file(application, editor, segmentation_node, volume_node, tmp_path):
    import slicer

    ui = editor.effect.options.ui
    ui.minIoUSpinBox.value = 0.75
    ui.intensityComboBox.setEditText("window:50/350")
    ui.intensityComboBox.lineEdit().editingFinished.emit()
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    view.clickAt(point + [6, 0, 0], ctrl=True)
    view.key("Return")
    plane = plane_of(application, volume_node)
    written = on_plane(plane, segmentation_node)
    segment = segmentation_node.GetSegmentation().GetSegment("liver")
    copy = slicer.vtkSegment()
    copy.DeepCopy(segment)
    segmentation_node.GetSegmentation().AddSegment(copy, "copy")
    assert editor.node.GetAttribute("SAM Adapt.MinIoU") == "0.75"
    assert editor.node.GetAttribute("SAM Adapt.Intensity") == "window:50/350"
    editor.setCurrentSegmentID("spleen")
    editor.setCurrentSegmentID("copy")
    controller = editor.effect.workbench.controller
    assert [one.prompts.labels for one in controller.stored] == [[1, 0]]
    view.clickAt(point + [0, 6, 0], ctrl=True)
    new = controller.drafts[0].mask
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node, "copy"), new)
    assert (written & ~new).any()


def test_a_hidden_segment_is_asked_about(application, editor, segmentation_node, volume_node):
    segmentation_node.GetDisplayNode().SetSegmentVisibility("liver", False)
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    assert not editor.effect.workbench.controller.drafts
    view.clickAt(middle(volume_node))
    assert editor.effect.workbench.controller.drafts


def test_a_slice_at_rest_is_encoded_once(application, editor, volume_node, session):
    session.warm = False
    session.log.clear()
    view = application.view("Red")
    for _step in range(3):
        view.sliceLogic.SetSliceOffset(view.sliceLogic.GetSliceOffset() + 2.5)
    application.pump(until=lambda: any(entry[0] == "encode" for entry in session.log), seconds=5)
    assert [entry[0] for entry in session.log].count("encode") == 1
    assert session.log[-1][1] == plane_of(application, volume_node).key


def test_a_late_answer_busy_sign_and_cancel(application, editor, segmentation_node, volume_node, session):
    session.warm = False
    view, ui = application.view("Red"), editor.effect.options.ui
    view.clickAt(middle(volume_node))
    assert not editor.effect.options.busy
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    view.key("Return")
    session.answer()
    assert not editor.effect.options.busy
    assert segmentArray(segmentation_node, "liver", volume_node).any()
    view.clickAt(middle(volume_node))
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    ui.stopButton.click()
    assert session.log[-1] == ("cancel", "Predict") and not editor.effect.options.busy


def test_errors_stand_in_the_frame(application, editor, volume_node, session):
    from SAMAdaptLib.errors import InputError

    session.warm = False
    application.view("Red").clickAt(middle(volume_node))
    session.fail(InputError("The weights are missing", "lite_medsam.pth", "Choose another model"))
    label = editor.effect.options.ui.statusLabel
    assert label.text == "The weights are missing: lite_medsam.pth. Choose another model."
    assert "InputError" in label.toolTip
    assert not application.dialogs.shown


def test_escape_is_kept_from_the_editors_shortcut_only_while_needed(application, editor, volume_node):
    import qt

    view = application.view("Red")
    view.enter()
    assert not claimed(view, qt.Qt.Key_Escape)
    view.clickAt(middle(volume_node))
    assert claimed(view, qt.Qt.Key_Escape)
    view.key("Escape")
    assert not claimed(view, qt.Qt.Key_Escape)


def test_a_slice_becomes_an_exemplar(application, editor, segmentation_node, volume_node, tmp_path):
    from SAMAdaptModuleLib.app.Settings import Settings

    from SAMAdaptLib.exemplars.library import Library

    folder = tmp_path / "library"
    Settings().exemplarLibrary = folder
    application.view("Red").clickAt(middle(volume_node))
    editor.effect.options.ui.exemplarButton.click()
    label = editor.effect.options.ui.statusLabel
    assert "exemplar library" in label.text, label.text
    assert segmentArray(segmentation_node, "liver", volume_node).any()
    assert len(Library.open(folder)) == 1
    editor.effect.options.ui.exemplarButton.click()
    assert "already, with the same outlines" in label.text and not label.styleSheet
    assert "face" not in label.text


def test_who_adds_a_slice_of_a_head_is_told_of_the_face(application, editor, segmentation_node, volume_node, tmp_path):
    from SAMAdaptModuleLib.app.Settings import Settings

    Settings().exemplarLibrary = tmp_path / "library"
    application.view("Red").clickAt(middle(volume_node))
    segmentation_node.GetSegmentation().GetSegment("liver").SetName("Brainstem")
    editor.effect.options.ui.exemplarButton.click()
    label = editor.effect.options.ui.statusLabel
    added, head = label.text.splitlines()
    assert "is in the exemplar library" in added and not label.styleSheet
    assert head.startswith("The scan shows a head, as Brainstem is outlined in it, and its pixels can show a face")


def test_a_model_chosen_elsewhere_is_taken_over(application, editor, session):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    editor.setActiveEffect(None)
    session.choice = ModelChoice(model="mobile_sam")
    session.log.clear()
    editor.setActiveEffect("SAM Adapt")
    assert editor.effect.options.ui.modelComboBox.currentData == "mobile_sam"
    assert not [entry for entry in session.log if entry[0] == "model"]
    combo = editor.effect.options.ui.modelComboBox
    combo.currentIndex = combo.findData("sam_vit_b")
    assert session.log[-2][1].model == "sam_vit_b" or session.log[-1][1].model == "sam_vit_b"
