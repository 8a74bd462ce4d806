"""Auto and Find in the effect: what they ask, what they write, how they end; slices are told by the test itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from Testing.extension.effect_tools import conclude
from Testing.harness.scenes import middle, segmentArray

SHAPE = (20, 30, 40)


def model(session, **able):
    """Have the session say what the loaded model can do."""
    from SAMAdaptLib.service.protocol import Ready

    session.info = Ready(1, "cpu", "test", None, {}, **able)
    session.ready.emit()


def ball(centre, radius):
    """bool [K, J, I] on the grid of the small volume."""
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (3 * (k - centre[0])) ** 2 + (j - centre[1]) ** 2 + (i - centre[2]) ** 2 <= radius**2


def tell(session, volume, masks, tentative=False, axis="axial"):
    """Say what was found, as the worker does: slices that are not empty, held as radiologists do."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import SliceMask
    from SAMAdaptLib.volume.planes import PlaneStack

    stack = PlaneStack(volumeGeometry(volume), axis)
    for name, mask in masks.items():
        for index, on_slice in enumerate(stack.view(mask)):
            if on_slice.any():
                found = SliceMask(88, axis, index, PackedMask.of(on_slice), None, "found", tentative, name)
                session.segmentation[1].tell(found)


def finish(application, session, editor):
    from SAMAdaptLib.service.protocol import Done

    conclude(session.segmentation[1], Done(88, {}))
    application.pump(until=lambda: not editor.effect.workbench.running, seconds=10)


def names(segmentation):
    segments = segmentation.GetSegmentation()
    return [segments.GetNthSegment(i).GetName() for i in range(segments.GetNumberOfSegments())]


def test_every_class_goes_to_the_segment_of_its_name_in_one_undo_state(
    application, editor, segmentation_node, volume_node, session
):
    import slicer
    import vtk

    model(session, finds=True)
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[3, 4:7, 4:9] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(drawn, segmentation_node, "spleen", volume_node)
    editor.effect.options.ui.autoButton.click()
    assert session.segmentation[0] is None
    masks = {"spleen": ball((10, 8, 10), 7), "left kidney": ball((10, 20, 30), 6)}
    tell(session, volume_node, {"spleen": ball((4, 8, 10), 9)}, tentative=True)
    assert not editor.effect.options.ui.autoButton.enabled
    assert segmentArray(segmentation_node, "spleen", volume_node).sum() == 15
    tell(session, volume_node, masks)
    finish(application, session, editor)
    # The existing segment keeps what was drawn, the other one is new; "liver", which was not found, stays empty.
    assert names(segmentation_node) == ["liver", "spleen", "left kidney"]
    assert np.array_equal(segmentArray(segmentation_node, "spleen", volume_node), masks["spleen"] | (drawn > 0))
    assert np.array_equal(segmentArray(segmentation_node, "left kidney", volume_node), masks["left kidney"])
    assert editor.currentSegmentID() == "liver" and not segmentArray(segmentation_node, "liver", volume_node).any()
    terminology = vtk.reference("")
    kidney = segmentation_node.GetSegmentation().GetNthSegment(2)
    assert kidney.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology)
    assert "64033007" in str(terminology) and "7771000" in str(terminology)
    slices = [int(masks[name].any(axis=(1, 2)).sum()) for name in masks]
    text = editor.effect.options.ui.statusLabel.text
    assert text == f"Found: spleen on {slices[0]} slices, left kidney on {slices[1]} slices."
    editor.undo()
    assert names(segmentation_node) == ["liver", "spleen"]
    assert np.array_equal(segmentArray(segmentation_node, "spleen", volume_node), drawn > 0)
    editor.redo()
    assert np.array_equal(segmentArray(segmentation_node, "left kidney", volume_node), masks["left kidney"])
    assert editor.effect.options.ui.autoButton.enabled


def test_words_go_to_the_selected_segment(application, editor, segmentation_node, volume_node, session):
    model(session, texts=True)
    ui, mask = editor.effect.options.ui, ball((10, 14, 20), 8)
    assert ui.textEdit.placeholderText == "liver"
    ui.findButton.click()
    assert session.segmentation[0] == {"liver": "liver"}
    tell(session, volume_node, {"liver": mask}, axis="coronal")
    finish(application, session, editor)
    assert np.array_equal(segmentArray(segmentation_node, "liver", volume_node), mask)
    assert len(names(segmentation_node)) == 2
    ui.textEdit.text = " the large organ "
    ui.textEdit.returnPressed.emit()
    assert session.segmentation[0] == {"the large organ": "the large organ"}
    more = ball((10, 20, 20), 8)
    tell(session, volume_node, {"the large organ": more})
    finish(application, session, editor)
    assert (
        np.array_equal(segmentArray(segmentation_node, "liver", volume_node), mask | more)
        and len(names(segmentation_node)) == 2
    )
    # Words of one segment are not those of another.
    editor.setCurrentSegmentID("spleen")
    assert ui.textEdit.text == "" and ui.textEdit.placeholderText == "spleen"
    segmentation_node.GetSegmentation().GetSegment("spleen").SetName("milt")
    assert ui.textEdit.placeholderText == "milt"


def test_who_cannot_is_told_why(application, editor, session):
    ui = editor.effect.options.ui
    widgets = (ui.autoButton, ui.textEdit, ui.findButton)
    tips = [widget.toolTip for widget in widgets]
    assert not any(widget.enabled for widget in widgets) and set(tips) == {"The model is not loaded yet."}
    model(session)
    assert not any(widget.enabled for widget in widgets)
    assert "method sammix" in ui.autoButton.toolTip and "trained with texts" in ui.findButton.toolTip
    model(session, finds=True)
    assert [widget.enabled for widget in widgets] == [True, False, False] and "no click" in ui.autoButton.toolTip
    model(session, texts=True)
    assert [widget.enabled for widget in widgets] == [False, True, True]


@pytest.mark.parametrize("what", ["outside other segments", "intensity range", "overwrite none"])
def test_masking_holds(application, editor, segmentation_node, volume_node, session, what):
    import slicer

    model(session, finds=True)
    other = ball((10, 14, 16), 6)
    slicer.util.updateSegmentBinaryLabelmapFromArray(other.astype(np.uint8), segmentation_node, "spleen", volume_node)
    node = editor.node
    if what == "outside other segments":
        node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    elif what == "intensity range":
        node.SourceVolumeIntensityMaskOn()
        node.SetSourceVolumeIntensityMaskRange(150, 250)
    else:
        node.SetOverwriteMode(node.OverwriteNone)
    editor.effect.options.ui.autoButton.click()
    mask = ball((10, 14, 22), 7)
    tell(session, volume_node, {"liver": mask, "mass": mask})
    finish(application, session, editor)
    liver, spleen, mass = (segmentArray(segmentation_node, name, volume_node) for name in ("liver", "spleen", "mass"))
    bright = slicer.util.arrayFromVolume(volume_node) == 200
    if what == "outside other segments":
        # What the first class has taken is not free for the second.
        assert np.array_equal(liver, mask & ~other) and np.array_equal(spleen, other) and not mass.any()
    elif what == "intensity range":
        assert np.array_equal(mass, mask & bright) and np.array_equal(spleen, other & ~(mask & bright))
        assert not liver.any() and mass.any()
    else:
        assert np.array_equal(liver, mask) and np.array_equal(mass, mask) and np.array_equal(spleen, other)


def test_stop_keeps_escape_drops_and_errors_are_shown(application, editor, segmentation_node, volume_node, session):
    from SAMAdaptLib.service.protocol import Failed, Progress

    model(session, finds=True)
    view, ui = application.view("Red"), editor.effect.options.ui
    mask = ball((10, 14, 20), 8)
    ui.autoButton.click()
    tell(session, volume_node, {"liver": mask}, tentative=True)
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    session.segmentation[1].tell(Progress(88, 7, 20))
    assert (ui.busyBar.value, ui.busyBar.maximum) == (7, 20)
    view.clickAt(middle(volume_node))
    assert "Prompts have to wait" in ui.statusLabel.text and not editor.effect.workbench.controller.drafts
    view.key("Escape")
    tell(session, volume_node, {"liver": mask})
    assert session.log[-1] == ("cancel", "SegmentVolume") and not editor.effect.options.busy
    assert not editor.effect.workbench.running and not segmentArray(segmentation_node, "liver", volume_node).any()
    ui.autoButton.click()
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    ui.stopButton.click()
    assert session.log[-1] == ("cancel", "SegmentVolume") and editor.effect.workbench.running
    tell(session, volume_node, {"liver": mask})
    finish(application, session, editor)
    assert np.array_equal(segmentArray(segmentation_node, "liver", volume_node), mask)
    ui.autoButton.click()
    conclude(session.segmentation[1], Failed(88, "The text model is missing", "clip", "Put it there"))
    assert ui.statusLabel.text == "The text model is missing: clip. Put it there."
    ui.autoButton.click()
    finish(application, session, editor)
    assert ui.statusLabel.text == "Nothing was found on any slice."
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


@pytest.mark.parametrize("what", ["volume", "segmentation", "scene", "effect", "voxels"])
def test_what_goes_away_in_mid_run(application, editor, segmentation_node, volume_node, session, what):
    import slicer

    model(session, finds=True)
    editor.effect.options.ui.autoButton.click()
    workbench, mask = editor.effect.workbench, ball((10, 14, 20), 8)
    tell(session, volume_node, {"liver": mask})
    segments = segmentation_node.GetSegmentation()
    if what == "volume":
        slicer.mrmlScene.RemoveNode(volume_node)
    elif what == "segmentation":
        slicer.mrmlScene.RemoveNode(segmentation_node)
    elif what == "scene":
        slicer.mrmlScene.Clear(0)
    elif what == "effect":
        editor.setActiveEffect(None)
    else:
        slicer.util.arrayFromVolume(volume_node)[:] += 1
        slicer.util.arrayFromVolumeModified(volume_node)
    assert ("cancel", "SegmentVolume") in session.log and not workbench.running
    from SAMAdaptLib.service.protocol import Done

    conclude(session.segmentation[1], Done(88, {}))
    application.pump()
    label = segments.GetSegment("liver").GetRepresentation("Binary labelmap") if segments else None
    assert label is None or not any(label.GetDimensions()) or label.GetScalarRange()[1] == 0


def test_another_segment_may_be_selected_meanwhile(application, editor, segmentation_node, volume_node, session):
    model(session, finds=True, texts=True)
    ui, mask = editor.effect.options.ui, ball((10, 14, 20), 8)
    ui.autoButton.click()
    editor.setCurrentSegmentID("spleen")
    tell(session, volume_node, {"liver": mask})
    finish(application, session, editor)
    assert np.array_equal(segmentArray(segmentation_node, "liver", volume_node), mask)
    assert editor.currentSegmentID() == "spleen" and not segmentArray(segmentation_node, "spleen", volume_node).any()
    # What is looked for in words is the selected segment's.
    ui.findButton.click()
    editor.setCurrentSegmentID("liver")
    assert not editor.effect.workbench.running and ("cancel", "SegmentVolume") in session.log


def test_what_comes_in_is_shown_on_its_slices(application, editor, segmentation_node, volume_node, session):
    from Testing.extension.test_effect_gestures import plane_of

    model(session, finds=True)
    application.view("Red").jumpTo(middle(volume_node))
    plane = plane_of(application, volume_node)
    editor.effect.options.ui.autoButton.click()
    run = editor.effect.workbench.volumeSegmentation
    assert run.maskOn(plane) is None
    one, two = ball((plane.index, 8, 10), 6), ball((plane.index, 20, 30), 6)
    tell(session, volume_node, {"liver": one}, tentative=True)
    first = run.maskOn(plane)
    tell(session, volume_node, {"spleen": two}, tentative=True)
    both = run.maskOn(plane)
    assert np.array_equal(first, one[plane.index]) and np.array_equal(both, (one | two)[plane.index])
    # Drawn again and again while nothing new comes in.
    assert run.maskOn(plane) is both


def test_points_to_a_model_that_knows_boxes_only(application, editor, volume_node, session):
    model(session, points=False)
    view, label = application.view("Red"), editor.effect.options.ui.statusLabel
    view.clickAt(middle(volume_node))
    assert "Grown from the point" in label.text and "draw a box" in label.text and not label.styleSheet
    view.drag(middle(volume_node) - [6, 4, 0], middle(volume_node) + [6, 4, 0])
    assert label.text == ""
    view.clickAt(middle(volume_node) + [2, 0, 0])
    assert label.text == ""


def test_a_point_of_which_such_a_model_expects_little_asks_for_a_box(
    application, editor, volume_node, session, monkeypatch
):
    model(session, points=False)
    predicted = session._predicted
    monkeypatch.setattr(session, "_predicted", lambda *asked: replace(predicted(*asked), iou=[0.5, 0.6, 0.79]))
    application.view("Red").clickAt(middle(volume_node))
    assert "nothing stands out here: draw a box" in editor.effect.options.ui.statusLabel.text


def test_a_filtered_segments_table_is_no_obstacle(application, editor, segmentation_node, volume_node, session):
    model(session, finds=True)
    # "spleen" has no row any more, and the new segment gets none.
    editor.filterSegments("liv")
    editor.effect.options.ui.autoButton.click()
    masks = {"spleen": ball((10, 8, 10), 7), "left kidney": ball((10, 20, 30), 6)}
    tell(session, volume_node, masks)
    finish(application, session, editor)
    for name, mask in masks.items():
        assert np.array_equal(segmentArray(segmentation_node, name, volume_node), mask)
    assert editor.currentSegmentID() == "liver" and editor.activeEffect() is not None
    assert editor.effect.options.ui.statusLabel.text.startswith("Found: spleen on ")
    editor.undo()
    assert names(segmentation_node) == ["liver", "spleen"]
    assert not segmentArray(segmentation_node, "spleen", volume_node).any()
    # As the table does it to whoever selects what it does not show.
    editor.setCurrentSegmentID("spleen")
    assert editor.currentSegmentID() == "" and editor.activeEffect() is None


def test_all_is_written_though_the_effect_is_left_meanwhile(
    application, editor, segmentation_node, volume_node, session, monkeypatch
):
    model(session, finds=True)
    workbench = editor.effect.workbench
    editor.effect.options.ui.autoButton.click()
    masks = {"spleen": ball((10, 8, 10), 7), "left kidney": ball((10, 20, 30), 6)}
    tell(session, volume_node, masks)
    write = workbench.controller.writer.add

    def addAndLeave(*values):
        write(*values)
        editor.setActiveEffect(None)

    monkeypatch.setattr(workbench.controller.writer, "add", addAndLeave)
    from SAMAdaptLib.service.protocol import Done

    conclude(session.segmentation[1], Done(88, {}))
    application.pump(until=lambda: not workbench.running, seconds=10)
    assert editor.activeEffect() is None
    for name, mask in masks.items():
        assert np.array_equal(segmentArray(segmentation_node, name, volume_node), mask)


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize("mode", ["OutsideAllSegments", "OutsideVisibleSegments", "InsideAllSegments"])
def test_masking_is_that_of_the_segment_written_to(
    application, editor, segmentation_node, volume_node, session, mode, visible
):
    """What is written by itself, "liver" being selected all the time, is what the editor writes with each selected."""
    import slicer
    from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter, stackLabelmap

    model(session, finds=True)
    drawn = {"liver": ball((10, 14, 12), 6), "spleen": ball((10, 14, 25), 6)}
    for name, mask in drawn.items():
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentation_node, name, volume_node)
    segmentation_node.GetDisplayNode().SetSegmentVisibility("liver", visible)
    editor.node.SetMaskMode(getattr(slicer.vtkMRMLSegmentationNode, f"EditAllowed{mode}"))
    found = ball((10, 14, 18), 7)
    assert (found & drawn["liver"]).any() and (found & drawn["spleen"]).any()

    twin = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    twin.Copy(segmentation_node)
    twin.CreateDefaultDisplayNodes()
    twin.GetDisplayNode().SetSegmentVisibility("liver", visible)
    settings = slicer.mrmlScene.AddNode(slicer.vtkMRMLSegmentEditorNode())
    settings.SetMaskMode(editor.node.GetMaskMode())
    with LogicEditor(twin, "spleen", volume_node, settings) as reference:
        slices = {index: found[index] for index in range(SHAPE[0])}
        SegmentWriter(reference).add(stackLabelmap(volume_node, "axial", view_of(volume_node, slices), twin))
    expected = {name: segmentArray(twin, name, volume_node) for name in ("liver", "spleen")}
    slicer.mrmlScene.RemoveNode(twin)

    editor.effect.options.ui.autoButton.click()
    tell(session, volume_node, {"spleen": found})
    finish(application, session, editor)
    for name, mask in expected.items():
        assert np.array_equal(segmentArray(segmentation_node, name, volume_node), mask)
    if mode == "OutsideAllSegments" or (mode == "OutsideVisibleSegments" and visible):
        assert np.array_equal(expected["liver"], drawn["liver"])
        assert np.array_equal(expected["spleen"], drawn["spleen"] | (found & ~drawn["liver"]))
    elif mode == "InsideAllSegments":
        assert np.array_equal(expected["spleen"], drawn["spleen"] | (found & drawn["liver"]))
    else:
        assert np.array_equal(expected["spleen"], drawn["spleen"] | found)


def view_of(volume, slices):
    """Voxel slices [J, I] as axial planes are held."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    whole = np.stack([slices[index] for index in range(SHAPE[0])])
    return dict(enumerate(PlaneStack(volumeGeometry(volume), "axial").view(whole)))
