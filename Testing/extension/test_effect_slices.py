"""The slices that have prompts or are in doubt: noted with the segment, listed, and gone to by keys."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.propagation.propagate import Stop
from Testing.extension.effect_tools import answer_to, conclude, plane_of, status
from Testing.extension.test_effect_shortcuts import unused
from Testing.harness.scenes import middle

# Expected IoU by slice index; the known session's lone points expect 0.9.
FOUND = {5: 0.95, 6: 0.7, 7: 0.91, 9: 0.85, 10: 0.9, 12: 0.99}
# Neither is between slices that were kept.
STOPS = [
    Stop(index, way, f"{how}: overlap")._asdict() | {"axis": "axial"}
    for index, way, how in ((8, "down", "missing"), (3, "down", "stopped"), (14, "up", "stopped"))
]


def propagated(editor, session, found=FOUND, stops=STOPS):
    """A propagation that keeps slices with their expected IoU, and leaves out others."""
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import Done, SliceMask

    editor.effect.options.ui.bothButton.click()
    axis, prompts, _rules, reply = session.propagation
    mask = PackedMask.of(answer_to(next(iter(prompts.values())), (30, 40)))
    for index, iou in found.items():
        reply.tell(SliceMask(77, axis, index, mask, iou, "test", False))
    conclude(reply, Done(77, {"stops": list(stops)}))


def listed(editor):
    items = editor.effect.options.ui.sliceList
    return [items.item(row).text() for row in range(items.count)]


@pytest.fixture(name="carried")
def carried_from_the_middle(application, editor, session, volume_node):
    """An object that has been carried on from the middle slice, which is the tenth."""
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    assert plane_of(application, volume_node).index == 10
    propagated(editor, session)
    return view


def test_prompted_found_and_missed_slices_are_listed_with_what_the_model_expected(editor, carried):
    assert listed(editor) == [
        "Axial 5  0.95",
        "Axial 6  0.70",
        "Axial 7  0.91",
        "Axial 8  nothing kept",
        "Axial 9  0.85",
        "Axial 10  0.90  prompts",
        "Axial 12  0.99",
    ]
    ui = editor.effect.options.ui
    assert not ui.slicesGroupBox.collapsed and ui.slicesGroupBox.enabled


def test_a_bar_is_as_long_as_the_expected_overlap_and_orange_below_the_limit(editor, carried):
    import qt

    from Testing.harness.qtgate.convert import unwrap

    items = editor.effect.options.ui.sliceList
    for row, (share, sure) in {0: (0.95, True), 1: (0.7, False), 3: (0, False), 6: (0.99, True)}.items():
        image = unwrap(items.item(row).icon().pixmap(qt.QSize(64, 10))).toImage()
        pixels = [image.pixelColor(x, 5).getRgb()[:3] for x in range(image.width())]
        ends = pixels[0] if share else None
        assert sum(colour != (190, 190, 190) for colour in pixels) == round(64 * share)
        assert ends in ((39, 174, 71),) if sure else ends in ((222, 120, 20), None)


def test_brackets_go_from_stop_to_stop_in_this_view_alone(application, editor, carried, volume_node):
    view, other = carried, application.view("Green")
    before = other.sliceNode.GetSliceOffset()
    scale = view.sliceNode.GetFieldOfView()

    def here():
        return plane_of(application, volume_node).index

    passed = []
    for _step in range(3):
        assert not unused(view, "bracketleft")
        passed.append(here())
    # Missed, in doubt; then there is no other.
    assert passed == [8, 6, 6] and "No further slice" in status(editor)
    for _step in range(3):
        view.key("bracketright")
        passed.append(here())
    assert passed[3:] == [8, 10, 10]
    assert other.sliceNode.GetSliceOffset() == before and view.sliceNode.GetFieldOfView() == scale


def test_without_doubt_the_least_sure_slice_is_gone_to(application, editor, session, volume_node):
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    propagated(editor, session, {9: 0.95, 10: 0.99, 11: 0.97, 12: 0.96}, ())
    view.key("bracketleft")
    assert plane_of(application, volume_node).index == 9


def test_brackets_are_the_applications_where_nothing_is_listed(application, editor, volume_node):
    view = application.view("Red")
    assert unused(view, "bracketleft") and unused(view, "bracketright")
    view.clickAt(middle(volume_node))
    assert not unused(view, "bracketleft")
    view.key("Escape")
    assert unused(view, "bracketleft") and not listed(editor)
    assert editor.effect.options.ui.slicesGroupBox.collapsed


def test_a_click_on_a_row_goes_there_along_its_axis(application, editor, carried, volume_node):
    from Testing.harness.qtgate.convert import unwrap

    items = editor.effect.options.ui.sliceList
    before = application.view("Yellow").sliceNode.GetSliceOffset()
    items.setCurrentRow(1)
    unwrap(items).itemClicked.emit(unwrap(items.item(1)))
    assert plane_of(application, volume_node).index == 6
    assert application.view("Yellow").sliceNode.GetSliceOffset() == before


def test_a_corrected_slice_is_noted_anew_and_the_others_stay(editor, carried, session, volume_node):
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import Done, SliceMask

    before = listed(editor)
    carried.clickAt(middle(volume_node) - [0, 0, 4 * volume_node.GetSpacing()[2]])
    # Until it is done, what is known is what the propagation has told.
    assert listed(editor) == before
    axis, present, *_others, reply = session.correction
    reply.tell(SliceMask(99, axis, 6, PackedMask.of(~present[6]), 0.9, "prompted", False))
    conclude(reply, Done(99, {}))
    assert listed(editor) == [*before[:1], "Axial 6  0.90  prompts", *before[2:]]
    editor.undo()
    assert listed(editor) == before


def test_undo_and_redo_hold_for_the_list(application, editor, carried):
    full = listed(editor)
    editor.undo()
    assert listed(editor) == []
    editor.redo()
    assert listed(editor) == full


def test_the_list_is_that_of_the_segment_and_comes_back_with_a_saved_scene(
    application, editor, carried, segmentation_node, volume_node, tmp_path
):
    import slicer
    from SAMAdaptModuleLib.scene.SegmentSlices import readSlices

    full = listed(editor)
    editor.setCurrentSegmentID("spleen")
    assert listed(editor) == []
    editor.setCurrentSegmentID("liver")
    assert listed(editor) == full
    kept = readSlices(segmentation_node, "liver")
    path = str(tmp_path / "one.seg.nrrd")
    assert slicer.util.saveNode(segmentation_node, path)
    again = slicer.util.loadSegmentation(path)
    assert readSlices(again, "liver") == kept and len(kept) == len(FOUND) + 1


def test_what_the_first_version_kept_is_read(application, segmentation_node):
    from SAMAdaptModuleLib.scene.SegmentSlices import SliceNote, readSlices

    text = '{"version":1,"slices":[[[1.0,2.0,3.5],[0.0,0.0,1.0],0.875],[[1.0,2.0,4.5],[0.0,0.0,1.0],null]]}'
    segment = segmentation_node.GetSegmentation().GetSegment("liver")
    segment.SetTag("SAMAdapt.Slices", text)
    first = SliceNote((1.0, 2.0, 3.5), (0.0, 0.0, 1.0), 0.875)
    assert readSlices(segmentation_node, "liver") == [first, SliceNote((1.0, 2.0, 4.5), (0.0, 0.0, 1.0), None)]
    segment.SetTag("SAMAdapt.Slices", text.replace('"version":1', '"version":2'))
    assert readSlices(segmentation_node, "liver") == []


def test_notes_follow_the_transforms_of_their_segmentation(application, segmentation_node, volume_node):
    import slicer
    import vtk
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
    from SAMAdaptModuleLib.scene.SegmentSlices import SliceNote, readSlices, writeSlices

    note = SliceNote(*planeOfIndex(volume_node, "axial", 4).pose(), 0.5)
    writeSlices(segmentation_node, "liver", [note])
    turn = vtk.vtkTransform()
    turn.Translate(3, -2, 7)
    turn.RotateX(30)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    node.SetMatrixTransformToParent(turn.GetMatrix())
    segmentation_node.SetAndObserveTransformNodeID(node.GetID())
    (moved,) = readSlices(segmentation_node, "liver")
    assert np.allclose(moved.origin, turn.TransformPoint(note.origin), atol=1e-4)
    assert np.allclose(moved.normal, turn.TransformVector(note.normal), atol=1e-6)
    writeSlices(segmentation_node, "liver", [note])
    assert np.allclose(readSlices(segmentation_node, "liver")[0].origin, note.origin, atol=1e-4)


def test_the_notes_are_read_when_they_change_and_not_at_every_click(
    application, editor, carried, segmentation_node, monkeypatch
):
    import slicer
    from SegmentEditorSAMAdaptLib.edit import SliceNotes

    asked, read = [], SliceNotes.readSlices
    monkeypatch.setattr(SliceNotes, "readSlices", lambda *values: asked.append(values) or read(*values))
    for _time in range(5):
        editor.effect.workbench.refresh()
    assert len(asked) <= 1
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    segmentation_node.SetAndObserveTransformNodeID(node.GetID())
    for shift in (400, 0):
        matrix = slicer.util.vtkMatrixFromArray(np.eye(4))
        matrix.SetElement(2, 3, shift)
        node.SetMatrixTransformToParent(matrix)
        editor.effect.workbench.refresh()
        assert bool(listed(editor)) == (shift == 0)


@pytest.mark.parametrize("text", ["[]", '{"version":9,"slices":[]}', '{"version":1,"slices":[[1,2]]}', "no JSON"])
def test_a_tag_that_cannot_be_read_counts_as_none(application, editor, segmentation_node, volume_node, text):
    from SAMAdaptModuleLib.scene.SegmentSlices import TAG

    segmentation_node.GetSegmentation().GetSegment("liver").SetTag(TAG, text)
    editor.effect.workbench.refresh()
    assert listed(editor) == []
    application.view("Red").clickAt(middle(volume_node))
    assert listed(editor) == ["Axial 10  prompts"]
