"""Start, files, pictures, views, dialogs and the event loop of the stand-in."""

from __future__ import annotations

import sys

import numpy as np
import pytest


def test_only_what_the_application_has(application):
    import slicer
    import slicer.util

    assert not hasattr(slicer, "arrayFromVolume") and hasattr(slicer.util, "arrayFromVolume")
    import mrml
    import vtkSegmentationCorePython

    assert vtkSegmentationCorePython.vtkSegment is slicer.vtkSegment
    assert mrml.vtkMRMLScene is slicer.vtkMRMLScene
    with pytest.raises(AttributeError):
        slicer.app.noSuchMember  # noqa: B018
    assert slicer.util.mainWindow() is None
    assert slicer.modules.segmentations.logic() is slicer.util.getModuleLogic("Segmentations")


def test_mrb_keeps_parameters_and_segment_tags(application, segmentation_node, volume_node, tmp_path):
    import slicer
    import vtk

    segment = segmentation_node.GetSegmentation().GetSegment("liver")
    segment.SetTag("SAMAdapt.Prompts", '[{"points": [[1.5, -2, 3]]}]')
    mask = np.zeros((20, 30, 40), np.uint8)
    mask[3:6, 4:9, 5:15] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation_node, "liver", volume_node)
    editor = application.segmentEditor(segmentation_node, volume_node)
    editor.node.SetAttribute("Dot.Radius", "7")
    voxels = slicer.util.arrayFromVolume(volume_node).copy()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    application.resetScene()
    assert not slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")

    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    loaded, volume = slicer.util.getNode("Segmentation"), slicer.util.getNode("Tiny")
    assert loaded is not segmentation_node
    tag = vtk.mutable("")
    assert loaded.GetSegmentation().GetSegment("liver").GetTag("SAMAdapt.Prompts", tag)
    assert str(tag) == '[{"points": [[1.5, -2, 3]]}]'
    assert np.array_equal(slicer.util.arrayFromVolume(volume), voxels)
    assert np.array_equal(slicer.util.arrayFromSegmentBinaryLabelmap(loaded, "liver", volume), mask)
    assert application.segmentEditor().node.GetAttribute("Dot.Radius") == "7"


@pytest.mark.parametrize("suffix", ["nrrd", "nii.gz"])
def test_volume_round_trip(application, volume_node, tmp_path, suffix):
    import slicer
    import vtk

    assert slicer.util.saveNode(volume_node, str(tmp_path / f"v.{suffix}"))
    loaded = slicer.util.loadVolume(str(tmp_path / f"v.{suffix}"))
    assert np.array_equal(slicer.util.arrayFromVolume(loaded), slicer.util.arrayFromVolume(volume_node))
    matrices = [vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()]
    for node, matrix in zip((volume_node, loaded), matrices, strict=True):
        node.GetIJKToRASMatrix(matrix)
    assert np.allclose(*map(slicer.util.arrayFromVTKMatrix, matrices), atol=1e-4)
    with pytest.raises(RuntimeError):
        slicer.util.loadVolume(str(tmp_path / "absent.nrrd"))


@pytest.mark.parametrize("name", ["Red", "Yellow", "Green"])
def test_picture_shows_volume_and_segment_where_they_are(application, segmentation_node, volume_node, name, tmp_path):
    import slicer
    import vtk

    mask = np.zeros((20, 30, 40), np.uint8)
    mask[6:14, 12:18, 12:20] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation_node, "liver", volume_node)
    matrix = vtk.vtkMatrix4x4()
    volume_node.GetIJKToRASMatrix(matrix)
    ijk_to_ras = slicer.util.arrayFromVTKMatrix(matrix)
    view = application.view(name)
    view.show(volume_node)
    view.jumpTo((ijk_to_ras @ [15.3, 14.3, 9.3, 1])[:3])
    pixels = view.render(tmp_path / f"{name}.png").astype(int)
    assert (tmp_path / f"{name}.png").stat().st_size > 1000
    height, width, _ = pixels.shape
    rows, columns = np.mgrid[0:height, 0:width]
    # Where each pixel lies in the volume, by the matrices alone.
    xy_to_ras = slicer.util.arrayFromVTKMatrix(view.sliceNode.GetXYToRAS())
    xy = np.stack([columns, height - 1 - rows, 0 * rows, np.ones_like(rows)], -1)
    ijk = (xy @ (np.linalg.inv(ijk_to_ras) @ xy_to_ras).T)[..., :3]
    i, j, k = np.moveaxis(np.clip(np.floor(ijk + 0.5).astype(int), 0, [39, 29, 19]), -1, 0)
    outside = ((ijk < -1) | (ijk > [40, 30, 20])).any(-1)
    border = np.abs(ijk + 0.5 - np.round(ijk + 0.5)).min(-1) < 0.15
    red = pixels[..., 0] - pixels[..., 1] > 30
    expected = (mask[k, j, i] > 0) & ~outside
    assert expected.sum() > 500 and not pixels[outside].any()
    assert (red == expected)[~border].mean() > 0.999
    bright = (slicer.util.arrayFromVolume(volume_node)[k, j, i] == 200) & ~outside & ~expected & ~border
    if name == "Red":
        assert np.median(pixels[bright]) > 200


def test_actor_of_an_effect_is_drawn_over_the_image(application, volume_node):
    import vtk

    from Testing.harness.effects import ScriptedEffect

    view = application.view("Red")
    view.show(volume_node)
    disc, mapper, actor = vtk.vtkRegularPolygonSource(), vtk.vtkPolyDataMapper2D(), vtk.vtkActor2D()
    disc.SetCenter(100, 200, 0)
    disc.SetRadius(8)
    mapper.SetInputConnection(disc.GetOutputPort())
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(0, 0, 1)
    effect = ScriptedEffect(None)
    before = view.picture()
    effect.addActor2D(view.widget, actor)
    pixels = view.picture()
    assert pixels[320 - 1 - 200, 100].tolist() == [0, 0, 255]
    effect.removeActor2D(view.widget, actor)
    assert np.array_equal(view.picture(), before)


def test_lightbox_position_has_the_tile_as_z(application, volume_node):
    view = application.view("Red")
    view.show(volume_node)
    first = np.array(view.rasOf((200, 160)))
    spacing = view.sliceNode.GetFieldOfView()[2] / view.sliceNode.GetDimensions()[2]
    view.lightbox(2, 3)
    # 400 x 320 pixels: tiles of 133 x 160; the middle of the tile below on the right is the sixth.
    x, y, z = view.sliceView.convertDeviceToXYZ((2 * 133 + 66, 80))
    assert (x, y, z) == (66, 80, 5)
    ras = view.sliceView.convertXYZToRAS((x, y, z))
    assert abs(view.distance(ras)) == pytest.approx(5 * spacing)
    assert view.xyOf(ras) == (2 * 133 + 66, 80)
    assert first.shape == (3,)


def test_wheel_scrolls_by_one_slice(application, volume_node):
    view = application.view("Red")
    view.show(volume_node)
    before = view.sliceLogic.GetSliceOffset()
    view.wheel(2)
    assert abs(view.sliceLogic.GetSliceOffset() - before) == pytest.approx(5.0)


def test_dialogs_are_recorded_and_answered(application):
    import slicer

    slicer.util.errorDisplay("broken")
    assert slicer.util.confirmOkCancelDisplay("sure?") is True
    application.dialogs.answers["confirmOkCancelDisplay"] = False
    assert slicer.util.confirmOkCancelDisplay("sure?") is False
    slicer.util.pip_install(["one", "two"])
    with pytest.raises(ZeroDivisionError), slicer.util.tryWithErrorDisplay("Failed", waitCursor=True):
        1 / 0  # noqa: B018
    assert application.dialogs.texts("errorDisplay") == ["broken", "Failed\n\ndivision by zero"]
    assert application.dialogs.pip == ["one two"]


def test_render_blocker_settings_and_folders(application):
    import qt
    import slicer

    with slicer.util.RenderBlocker():
        assert slicer.app._renderPaused == 1
    assert slicer.app._renderPaused == 0
    slicer.app.settings().setValue("SAMAdapt/Folder", "here")
    assert slicer.util.settingsValue("SAMAdapt/Folder", "", settings=slicer.app.userSettings()) == "here"
    assert slicer.util.tempDirectory().startswith(slicer.app.temporaryPath)
    assert slicer.util.startupEnvironment()["PATH"]
    assert isinstance(qt.QSettings().fileName(), str)


def test_pump_names_what_it_waits_for(application):
    import qt

    fired = []
    qt.QTimer.singleShot(5, lambda: fired.append(1))
    application.pump(lambda: fired, 5)
    with pytest.raises(AssertionError, match="the moon"):
        application.pump(lambda: False, 0.05, "the moon")


def test_headless_has_no_views(application, segmentation_node, volume_node):
    import slicer

    application.headless()
    assert slicer.app.layoutManager() is None
    editor = application.segmentEditor(segmentation_node, volume_node)
    editor.setActiveEffect(None)
    slicer.util.setSliceViewerLayers(background=volume_node, fit=True)


def test_errors_of_vtk_and_of_observers_are_faults(application):
    import vtk

    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName("/nowhere/at.all")
    reader.Update()
    assert any("VTK" in fault for fault in application.takeFaults())
    node = vtk.vtkPolyData()
    node.AddObserver("ModifiedEvent", lambda caller, event: 1 / 0)
    node.Modified()
    assert ["ZeroDivisionError" in fault for fault in application.takeFaults()] == [True]


def test_scripted_module_is_loaded_set_up_and_closed(application, tmp_path):
    import slicer

    (tmp_path / "Probe.py").write_text(
        "import qt, slicer\n"
        "from slicer.ScriptedLoadableModule import *\n"
        "log = []\n"
        "class Probe(ScriptedLoadableModule):\n"
        "    def __init__(self, parent):\n"
        "        ScriptedLoadableModule.__init__(self, parent)\n"
        "        self.parent.title = 'Probe'\n"
        "        slicer.app.connect('startupCompleted()', self.started)\n"
        "    def started(self):\n"
        "        log.append('started')\n"
        "class ProbeWidget(ScriptedLoadableModuleWidget):\n"
        "    def setup(self):\n"
        "        ScriptedLoadableModuleWidget.setup(self)\n"
        "        self.logic = 'the logic'\n"
        "        self.button = qt.QPushButton('Go')\n"
        "        self.layout.addWidget(self.button)\n"
        "        self.button.connect('clicked(bool)', lambda: log.append('clicked'))\n"
        "    def cleanup(self):\n"
        "        log.append('cleanup')\n"
    )
    module = application.loadModule(tmp_path / "Probe.py")
    assert slicer.modules.probe.title == "Probe"
    module.widget().button.click()
    module.grab(tmp_path / "probe.png", (300, 200))
    log = module.source.log
    assert log == ["started", "clicked"]
    assert slicer.util.getModuleWidget("Probe") is module.widget()
    assert slicer.util.getModuleLogic("Probe") == "the logic" and slicer.util.modulePath("Probe").endswith("Probe.py")
    application.close()
    assert log[-1] == "cleanup" and not hasattr(slicer.modules, "probe") and "Probe" not in sys.modules


def test_real_ct_with_its_labels(application, ct_node, ct_segmentation, ct_case, shared_data):
    import SimpleITK as sitk
    import slicer
    import vtk

    assert {
        ct_segmentation.GetSegmentation().GetNthSegment(i).GetName()
        for i in range(ct_segmentation.GetSegmentation().GetNumberOfSegments())
    } == set(ct_case["labels_present"].values())
    label = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / ct_case["label"])))
    liver = next(int(k) for k, v in ct_case["labels_present"].items() if v == "liver")
    ids = ct_segmentation.GetSegmentation().GetSegmentIDs()
    name = next(i for i in ids if ct_segmentation.GetSegmentation().GetSegment(i).GetName() == "liver")
    array = slicer.util.arrayFromSegmentBinaryLabelmap(ct_segmentation, name, ct_node)
    assert np.array_equal(array > 0, label == liver)
    # The liver's middle on the screen is tinted with the liver's colour.
    k, j, i = (int(np.median(axis)) for axis in np.nonzero(label == liver))
    if label[k, j, i] == liver:
        matrix = vtk.vtkMatrix4x4()
        ct_node.GetIJKToRASMatrix(matrix)
        view = application.view("Red")
        view.jumpTo(matrix.MultiplyPoint([i, j, k, 1])[:3])
        tint = view.pixel(view.picture().astype(float), matrix.MultiplyPoint([i, j, k, 1])[:3])
        colour = np.array(ct_segmentation.GetSegmentation().GetSegment(name).GetColor())
        assert np.corrcoef(tint, colour)[0, 1] > 0.95
