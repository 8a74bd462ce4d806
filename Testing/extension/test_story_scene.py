"""What a user does with the scene around the effect: saves and loads it, masks, shows surfaces, has no window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from Testing.extension.effect_tools import EFFECT, KnownSession, disc, effect, plane_of
from Testing.extension.test_effect_gestures import on_plane
from Testing.harness import scenes
from Testing.harness.scenes import middle, segmentArray


def options(editor):
    return editor.effect.options.ui


def status(editor):
    return options(editor).statusLabel.text


def test_a_saved_scene_is_taken_up_where_it_was_left(
    application, editor, session, segmentation_node, volume_node, tmp_path
):
    import slicer

    options(editor).minIoUSpinBox.value = 0.65
    options(editor).intensityComboBox.setEditText("window:50/350")
    options(editor).intensityComboBox.lineEdit().editingFinished.emit()
    options(editor).reachSpinBox.value = 7
    view, point = application.view("Red"), middle(volume_node)
    places = [point - [4, 0, 0], point + [4, 0, 0], point + [0, 5, 0]]
    view.clickAt(places[0])
    view.clickAt(places[1])
    view.key("Return")
    clicked = [np.array(view.rasOf(view.xyOf(place))) for place in places]
    before = segmentArray(segmentation_node, "liver", volume_node)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    application.pump()
    session.log.clear()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))

    volume, segmentation = slicer.util.getNode("Tiny"), slicer.util.getNode("Segmentation")
    assert volume is not volume_node
    assert np.array_equal(segmentArray(segmentation, "liver", volume), before)
    # The editor finds its node in the loaded scene, and with it nodes, segment, effect and settings.
    assert editor.effect is not None and editor.currentSegmentID() == "liver"
    assert options(editor).minIoUSpinBox.value == 0.65 and options(editor).reachSpinBox.value == 7
    assert ("volume", "Tiny", "window:50/350") in session.log
    controller = editor.effect.workbench.controller
    assert [one.prompts.labels for one in controller.stored] == [[1, 1]]
    view.show(volume)
    view.clickAt(places[2])
    draft = controller.drafts[0]
    assert draft.prompts.labels == [1, 1, 1]
    assert np.abs(np.array(draft.prompts.points) - clicked).max() < 1e-3
    view.key("Return")
    plane = plane_of(application, volume)
    expected = np.logical_or.reduce([disc(plane, place) for place in clicked])
    assert np.array_equal(on_plane(plane, segmentation), expected)
    editor.undo()
    assert np.array_equal(segmentArray(segmentation, "liver", volume), before)


@pytest.mark.parametrize("mode", ["outside", "overwrite all", "overwrite none", "intensity"])
def test_masking_modes(application, editor, segmentation_node, volume_node, mode):
    """What is expected comes from the arrays alone."""
    import slicer

    voxels = slicer.util.arrayFromVolume(volume_node)
    spleen = np.zeros(voxels.shape, bool)
    spleen[:, :, 20:] = True
    slicer.util.updateSegmentBinaryLabelmapFromArray(spleen.astype(np.uint8), segmentation_node, "spleen", volume_node)
    if mode == "outside":
        editor.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    if mode == "overwrite none":
        editor.node.SetOverwriteMode(editor.node.OverwriteNone)
    if mode == "intensity":
        editor.node.SetSourceVolumeIntensityMask(True)
        editor.node.SetSourceVolumeIntensityMaskRange(40, 300)
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    draft = editor.effect.workbench.controller.drafts[0]
    answer = np.zeros(voxels.shape, bool)
    i, j, k = _voxel(volume_node, np.array(view.rasOf(view.xyOf(point))))
    rows, columns = np.mgrid[: voxels.shape[1], : voxels.shape[2]]
    answer[round(k)] = (columns - i) ** 2 + (rows - j) ** 2 <= 25
    assert (answer & spleen).any() and answer.sum() == draft.mask.sum()
    view.key("Return")
    allowed = {"outside": ~spleen, "intensity": (voxels >= 40) & (voxels <= 300)}.get(mode, True)
    liver = answer & allowed
    assert np.array_equal(segmentArray(segmentation_node, "liver", volume_node), liver)
    left = spleen if mode in ("outside", "overwrite none") else spleen & ~liver
    assert np.array_equal(segmentArray(segmentation_node, "spleen", volume_node), left)
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    assert np.array_equal(segmentArray(segmentation_node, "spleen", volume_node), spleen)


def _voxel(volume, world):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetRASToIJKMatrix(matrix)
    return matrix.MultiplyPoint((*world, 1))[:3]


def test_two_segments_that_touch(application, editor, segmentation_node, volume_node):
    """The later one takes what both claim; going on with the earlier one gives it back what its prompts claim."""
    view, point = application.view("Red"), middle(volume_node)
    plane = plane_of(application, volume_node)
    view.clickAt(point)
    view.key("Return")
    first = on_plane(plane, segmentation_node)
    editor.setCurrentSegmentID("spleen")
    view.clickAt(point + [5, 0, 0])
    second = editor.effect.workbench.controller.drafts[0].mask
    assert (first & second).any()
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), first & ~second)
    assert np.array_equal(on_plane(plane, segmentation_node, "spleen"), second)
    assert len(editor.effect.workbench.controller.stored) == 1
    editor.setCurrentSegmentID("liver")
    view.clickAt(point - [5, 0, 0])
    third = editor.effect.workbench.controller.drafts[0].mask
    assert np.array_equal(third & first, first)
    view.key("Return")
    assert np.array_equal(on_plane(plane, segmentation_node), third)
    assert np.array_equal(on_plane(plane, segmentation_node, "spleen"), second & ~third)
    editor.undo()
    assert np.array_equal(on_plane(plane, segmentation_node, "spleen"), second)


def test_the_closed_surface_follows(application, editor, segmentation_node, volume_node):
    segmentation_node.CreateClosedSurfaceRepresentation()

    def surface():
        data = segmentation_node.GetClosedSurfaceInternalRepresentation("liver")
        return data.GetBounds() if data is not None and data.GetNumberOfPoints() else None

    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    view.key("Return")
    first = surface()
    # A disc of 11 pixels of 0.8 mm, turned by 0.3 rad, on one slice of 2.5 mm; smoothing takes something off.
    assert first is not None and 3 < first[1] - first[0] <= 9.5 and 0 < first[5] - first[4] <= 5.1
    view.clickAt(point + [8, 0, 0])
    view.key("Return")
    second = surface()
    assert second[1] > first[1] + 5 and second[0] == pytest.approx(first[0], abs=0.5)
    editor.undo()
    assert surface() == pytest.approx(first)
    editor.redo()
    assert surface() == pytest.approx(second)


def test_without_windows(application, session, segmentation_node, volume_node):
    """With --no-main-window there is an editor, and no view."""
    application.registerEffect(EFFECT)
    application.headless()
    try:
        editor = application.segmentEditor(segmentation_node, volume_node, "liver")
        editor.setActiveEffect("SAM Adapt")
        assert ("volume", "Tiny", None) in session.log
        options(editor).bothButton.click()
        assert "slice" in status(editor)
        editor.effect.layoutChanged()
        editor.setActiveEffect(None)
    finally:
        application.forgetEffects()


def test_3d_views_are_left_to_the_application(application, editor, volume_node):
    import slicer

    application.view("Red").clickAt(middle(volume_node))
    interactor = slicer.app.layoutManager().threeDWidget(0).threeDView().interactor()
    passed = []
    names = ("LeftButtonPressEvent", "MouseMoveEvent", "LeftButtonReleaseEvent", "KeyPressEvent")
    for name in names:
        interactor.AddObserver(name, lambda _caller, event: passed.append(event), -1.0)
    interactor.SetEventInformation(20, 20, 0, 0, "\r", 0, "Return")
    for name in names:
        interactor.InvokeEvent(name)
    assert passed == list(names)
    draft = editor.effect.workbench.controller.drafts[0]
    assert len(draft.prompts.points) == 1 and editor.effect.workbench.controller.hasPreview


def test_a_volume_of_one_slice(application, editor, session):
    """It can be clicked at from the front and from the side; there is nothing to propagate to."""

    array = np.random.default_rng(0).integers(0, 100, (1, 30, 40)).astype(np.int16)
    volume = scenes.volume(matrix=np.diag([0.8, 0.8, 3.0, 1.0]), array=array, name="One")
    segmentation = scenes.segmentation(volume, "one")
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    editor.setCurrentSegmentID("one")
    editor.setActiveEffect("SAM Adapt")
    view = application.view("Red")
    view.show(volume)
    view.clickAt((20.3 * 0.8, 12.2 * 0.8, 0.0))
    options(editor).upButton.click()
    axis, prompts, rules = session.propagation[:3]
    assert (axis, list(prompts), rules["first"], rules["last"]) == ("axial", [0], 0, 0)
    view.key("Escape")
    view.key("Return")
    found = segmentArray(segmentation, "one", volume)
    i, j = np.array(view.rasOf(view.xyOf((20.3 * 0.8, 12.2 * 0.8, 0.0))))[:2] / 0.8
    rows, columns = np.mgrid[:30, :40]
    assert np.array_equal(found[0], (columns - i) ** 2 + (rows - j) ** 2 <= 25)
    editor.undo()
    side = application.view("Yellow")
    side.show(volume)
    side.clickAt((20.3 * 0.8, 12.2 * 0.8, 0.0))
    side.key("Return")
    found = segmentArray(segmentation, "one", volume)
    assert np.flatnonzero(found.any(axis=(0, 1))).tolist() == [20]
    assert 10 <= found.sum() <= 11


def test_a_colour_volume_is_refused(application, editor, segmentation_node):
    import slicer
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    from SAMAdaptLib.errors import InputError

    picture = slicer.util.addVolumeFromArray(np.zeros((4, 8, 8, 3), np.int16), nodeClassName="vtkMRMLVectorVolumeNode")
    picture.CreateDefaultDisplayNodes()
    editor.setSourceVolumeNode(picture)
    view = application.view("Red")
    view.show(picture)
    view.clickAt(middle(picture))
    assert "3 values in each voxel" in status(editor)
    assert not editor.effect.workbench.controller.drafts
    with pytest.raises(InputError, match="3 values in each voxel"):
        SAMAdaptLogic().segmentSlice(picture, points=[(*middle(picture), 1)])


def test_packages_may_be_refused_and_agreed_to_later(application, segmentation_node, volume_node):
    """Nothing is lost by a refusal, and the next click asks again."""
    from SAMAdaptLib.errors import InputError

    asked = []

    class Asks(KnownSession):
        agreed = False

        def useModel(self, choice):
            asked.append(choice.model)
            if not self.agreed:
                raise InputError("SAM Adapt needs Python packages that are not installed", "peft", "Try again")

    session = Asks()
    with effect(application, session, segmentation_node, volume_node, "liver") as editor:
        view, point = application.view("Red"), middle(volume_node)
        editor.node.SetOverwriteMode(editor.node.OverwriteNone)
        options(editor).reachSpinBox.value = 3
        assert asked == ["lite_medsam"] and "not installed: peft" in status(editor)
        view.clickAt(point)
        assert len(asked) == 2 and "not installed: peft" in status(editor)
        assert not editor.effect.workbench.controller.drafts
        session.agreed = True
        view.clickAt(point)
        assert len(asked) == 3 and "not installed" not in status(editor)
        view.key("Return")
        assert segmentArray(segmentation_node, "liver", volume_node).any()


def test_what_a_gesture_imports_is_there_at_once():
    """The event loop stands still meanwhile, for half a second with scipy alone."""
    modules = ("propagation.rules", "service.protocol", "adapters.info", "adapters.shelf", "volume.intensity")
    code = "import sys; " + "".join(f"import SAMAdaptLib.{name}; " for name in modules)
    code += "print([name for name in ('scipy', 'torch', 'SimpleITK', 'skimage', 'matplotlib') if name in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
