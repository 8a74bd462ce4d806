"""Clicks, editing, masking, undo and the order of calls, by the least effect that edits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

EFFECT = Path(__file__).parent / "dot_effect" / "SegmentEditorDotEffect.py"
NORMAL_DOT = 27  # voxels of a cube of radius 1


@pytest.fixture
def editor(application, segmentation_node, volume_node):
    application.registerEffect(EFFECT)
    application.view("Red").show(volume_node)
    editor = application.segmentEditor(segmentation_node, volume_node, "liver")
    dot = editor.effectByName("Dot").self()
    dot.calls.clear()
    dot.clicked.clear()
    editor.setActiveEffect("Dot")
    yield editor
    application.forgetEffects()


def voxels(segmentation_node, segment, volume_node):
    import slicer

    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation_node, segment, volume_node)


def ras_of(volume_node, i, j, k):
    import slicer
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume_node.GetIJKToRASMatrix(matrix)
    return (slicer.util.arrayFromVTKMatrix(matrix) @ [i, j, k, 1])[:3]


@pytest.mark.parametrize("name", ["Red", "Yellow", "Green"])
@pytest.mark.parametrize("turn", [None, (25, (1, 0.3, 0.2)), (140, (0.1, 1, -0.4))])
def test_click_in_ras_comes_back_through_the_effect(application, editor, volume_node, name, turn):
    view = application.view(name)
    view.show(volume_node)
    if turn:
        view.rotate(*turn)
    target = ras_of(volume_node, 17, 12, 9) + [0.11, -0.23, 0.31]
    view.clickAt(target)
    pixel = view.sliceNode.GetFieldOfView()[0] / view.sliceNode.GetDimensions()[0]
    # Half a pixel along both axes of the view, and float32 of QVector3D.
    assert np.linalg.norm(np.subtract(editor.effect.clicked[-1], target)) <= 0.5 * pixel * 2**0.5 + 1e-4
    assert abs(view.distance(target)) < 1e-6


def test_click_writes_the_voxel_under_it_and_undo_and_redo_restore(application, editor, segmentation_node, volume_node):
    view = application.view("Red")
    view.clickAt(ras_of(volume_node, 17, 12, 9))
    expected = np.zeros((20, 30, 40), np.uint8)
    expected[8:11, 11:14, 16:19] = 1
    assert np.array_equal(voxels(segmentation_node, "liver", volume_node), expected)
    view.clickAt(ras_of(volume_node, 30, 20, 9))
    counts = [2 * NORMAL_DOT]
    for step in (editor.undo, editor.undo, editor.redo, editor.redo):
        step()
        counts.append(int(voxels(segmentation_node, "liver", volume_node).sum()))
    assert counts == [54, 27, 0, 27, 54]
    view.clickAt(ras_of(volume_node, 30, 20, 9), ctrl=True)
    assert np.array_equal(voxels(segmentation_node, "liver", volume_node), expected)


def test_without_undo_states_nothing_is_kept(application, editor, segmentation_node, volume_node):
    editor.setMaximumNumberOfUndoStates(0)
    application.view("Red").clickAt(ras_of(volume_node, 17, 12, 9))
    assert not editor.logic.CanUndo()


def test_masking_modes_hold(application, editor, segmentation_node, volume_node):
    import slicer

    view, node = application.view("Red"), editor.node
    spleen = np.zeros((20, 30, 40), np.uint8)
    spleen[:, :, :20] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(spleen, segmentation_node, "spleen", volume_node)
    # The click at i = 19 reaches over the border of the spleen at i = 20.
    place = ras_of(volume_node, 19, 5, 15)

    def added():
        view.clickAt(place)
        counts = [int(voxels(segmentation_node, name, volume_node).sum()) for name in ("liver", "spleen")]
        editor.undo()
        return counts[0], int(spleen.sum()) - counts[1]

    assert added() == (27, 18)
    node.SetOverwriteMode(node.OverwriteNone)
    assert added() == (27, 0)
    node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    assert added() == (9, 0)
    node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    node.SetMaskSegmentID("spleen")
    assert added() == (18, 0)
    node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere)
    array = slicer.util.arrayFromVolume(volume_node)
    inside = int((array[14:17, 4:7, 18:21] >= 50).sum())
    node.SetSourceVolumeIntensityMaskRange(50, 1000)
    node.SetSourceVolumeIntensityMask(True)
    assert added() == (inside, 0)


def test_extent_limits_a_change(application, editor, segmentation_node, volume_node):
    from vtk.util.numpy_support import vtk_to_numpy

    effect = editor.activeEffect()
    labelmap = effect.defaultModifierLabelmap()
    vtk_to_numpy(labelmap.GetPointData().GetScalars())[:] = 1
    labelmap.Modified()
    effect.modifySelectedSegmentByLabelmap(labelmap, effect.ModificationModeAdd, [0, 3, 0, 3, 0, 3])
    assert int(voxels(segmentation_node, "liver", volume_node).sum()) == 64
    with pytest.raises(ValueError):
        effect.modifySelectedSegmentByLabelmap(labelmap, effect.ModificationModeAdd, [0, 3])


def test_an_event_that_the_effect_uses_reaches_nobody_else(application, editor):
    seen = []
    interactor = application.view("Red").interactor
    # Between the editor (1.0) and the view's own style (0.0), which may also end an event.
    events = ("LeftButtonPressEvent", "MouseMoveEvent")
    tags = [interactor.AddObserver(name, lambda o, e: seen.append(e), 0.5) for name in events]
    application.view("Red").clickAt((200, 160))
    for tag in tags:
        interactor.RemoveObserver(tag)
    assert seen == ["MouseMoveEvent"]


def test_calls_come_in_the_order_of_the_application(application, editor, volume_node):
    import slicer

    calls = editor.effect.calls
    assert calls == ["updateGUIFromMRML", "activate"]
    del calls[:]
    editor.activeEffect().setParameter("Radius", 2)
    editor.activeEffect().setParameter("Radius", 2)
    assert calls == ["updateGUIFromMRML"]
    assert editor.node.GetAttribute("Dot.Radius") == "2"
    del calls[:]
    application.view("Red").sliceNode.SetSliceOffset(-17)
    assert calls == ["processViewNodeEvents"]
    del calls[:]
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    assert calls[-1] == "layoutChanged" and slicer.app.layoutManager().sliceViewNames() == ("Red",)
    del calls[:]
    other = slicer.modules.volumes.logic().CloneVolume(volume_node, "other")
    editor.setSourceVolumeNode(other)
    assert calls == ["sourceVolumeNodeChanged"]
    assert application.view("Red").widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == other.GetID()
    del calls[:]
    editor._interaction.SetCurrentInteractionMode(editor._interaction.Place)
    assert calls == ["deactivate"] and editor.effect is None
    del calls[:]
    editor.setActiveEffect("Dot")
    assert editor._interaction.GetCurrentInteractionMode() == editor._interaction.ViewTransform
    editor.setSegmentationNode(None)
    assert calls == ["updateGUIFromMRML", "activate", "deactivate"]
    del calls[:]
    editor.close()
    assert calls == ["cleanup"]


def test_clones_of_two_editors_are_apart(application, editor, segmentation_node, volume_node):
    second = application.segmentEditor()
    assert second.effectByName("Dot") is not editor.effectByName("Dot")
    assert second.effectByName("Dot").self() is not editor.effectByName("Dot").self()
    assert second.node is editor.node  # one node with the module's tag


def test_what_the_application_only_prints_is_a_fault(application, editor):
    effect = editor.activeEffect()
    assert effect.parameter("Nothing") == "" and effect.integerParameter("Nothing") == 0
    assert len(application.takeFaults()) == 3
    with pytest.raises(TypeError):
        effect.setParameter("Radius", True)
    with pytest.raises(AttributeError):
        effect.radius = 3
    with pytest.raises(AttributeError):
        effect.addSelfObserver  # noqa: B018
    effect.setParameter("Fraction", 1 / 3)
    assert effect.doubleParameter("Fraction") == 0.333333


def test_hidden_segment_asks(application, editor, segmentation_node):
    effect = editor.activeEffect()
    assert effect.confirmCurrentSegmentVisible() == effect.ConfirmedWithoutDialog
    segmentation_node.GetDisplayNode().SetSegmentVisibility("liver", False)
    application.dialogs.answers["confirmCurrentSegmentVisible"] = "cancel"
    assert effect.confirmCurrentSegmentVisible() == effect.NotConfirmed
    application.dialogs.answers["confirmCurrentSegmentVisible"] = "yes"
    assert effect.confirmCurrentSegmentVisible() == effect.ConfirmedWithDialog
    assert segmentation_node.GetDisplayNode().GetSegmentVisibility("liver")


def test_scene_closed_under_an_active_effect(application, editor):
    import slicer

    slicer.mrmlScene.Clear(0)
    assert editor.effect is None and editor.segmentationNode() is None
    assert editor.node.GetScene() is slicer.mrmlScene and editor.node.GetAttribute("Dot.Radius") == "1"


def test_an_effect_file_takes_the_place_of_its_package(application, tmp_path):
    """Slicer runs the file as a module named like its folder, which then has no `__path__`."""
    import sys

    folder = tmp_path / "SegmentEditorProbeLib"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "Neighbour.py").write_text("")
    (folder / "SegmentEditorEffect.py").write_text(
        "import importlib\n"
        "try:\n"
        "    importlib.import_module('SegmentEditorProbeLib.Neighbour')\n"
        "    found = True\n"
        "except ImportError:\n"
        "    found = False\n"
        "class SegmentEditorEffect:\n"
        "    def __init__(self, scriptedEffect):\n"
        "        scriptedEffect.name = 'Probe'\n"
    )
    from Testing.harness.effects import ScriptedEffect

    sys.path.insert(0, str(tmp_path))
    try:
        effect = ScriptedEffect(None)
        assert effect.setPythonSource(str(folder / "SegmentEditorEffect.py")) and effect.name == "Probe"
        assert sys.modules["SegmentEditorProbeLib"].found is False
        assert not effect.setPythonSource(str(folder / "Absent.py"))
        assert len(application.takeFaults()) == 1
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules["SegmentEditorProbeLib"]
