"""Masks reach segments through the segment editor: masking, overwrite mode, intensity range and undo hold."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")
SHAPE = (6, 12, 14)


@pytest.fixture
def writer():
    from SAMAdaptModuleLib.scene import SegmentWriter

    return SegmentWriter


@pytest.fixture
def planeOfIndex():
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    return planeOfIndex


class Case:
    """Two touching segments on an oblique volume: liver fills rows below 6, spleen the rest, on slices 1 to 4."""

    def __init__(self, scenes, shared=True):
        self.scenes = scenes
        self.volume = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
        self.node = scenes.segmentation(self.volume, "liver", "spleen")
        self.masks = {name: np.zeros(SHAPE, bool) for name in ("liver", "spleen")}
        self.masks["liver"][1:5, 2:6, 2:12] = True
        self.masks["spleen"][1:5, 6:10, 2:12] = True
        for name, mask in self.masks.items():
            scenes.fill(self.node, name, mask, self.volume)
        if shared:
            self.node.GetSegmentation().CollapseBinaryLabelmaps(False)
        else:
            self.node.GetSegmentation().SeparateSegmentLabelmap("spleen")

    def now(self, name):
        return self.scenes.segmentArray(self.node, name, self.volume)

    def on(self, plane, mask):
        """A plane's mask as voxels, by the library's own view of slices."""
        from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

        from SAMAdaptLib.volume.planes import PlaneStack

        out = np.zeros(SHAPE, bool)
        PlaneStack(volumeGeometry(self.volume), plane.axis).view(out)[plane.index] = mask
        return out


def settings(**given):
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    for name, value in given.items():
        getattr(node, f"Set{name}")(value)
    return node


def replace(case, writer, plane, old, new, node=None, segment="liver"):
    with writer.LogicEditor(case.node, segment, case.volume, node) as editor:
        writer.SegmentWriter(editor).replace(plane, old, new)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("axis, index", [("axial", 3), ("coronal", 5), ("sagittal", 2)])
def test_a_slice_is_replaced_and_takes_voxels_from_its_neighbour(scenes, writer, planeOfIndex, shared, axis, index):
    case = Case(scenes, shared)
    plane = planeOfIndex(case.volume, axis, index)
    old = plane.fromSegmentation(case.node, "liver")
    assert np.array_equal(case.on(plane, old), case.masks["liver"] & case.on(plane, np.ones(plane.shape, bool)))
    new = np.zeros(plane.shape, bool)
    new[1:-2, 1:-1] = True
    replace(case, writer, plane, old, new)
    here = case.on(plane, np.ones(plane.shape, bool))
    voxels = case.on(plane, new)
    assert np.array_equal(case.now("liver"), np.where(here, voxels, case.masks["liver"]))
    assert np.array_equal(case.now("spleen"), case.masks["spleen"] & ~voxels)


@pytest.mark.parametrize("shared", [False, True])
def test_overwriting_none_lets_segments_overlap(scenes, writer, planeOfIndex, shared):
    import slicer

    case = Case(scenes, shared)
    plane = planeOfIndex(case.volume, "axial", 2)
    new = np.ones(plane.shape, bool)
    node = settings(OverwriteMode=slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    replace(case, writer, plane, plane.fromSegmentation(case.node, "liver"), new, node)
    assert np.array_equal(case.now("liver"), case.masks["liver"] | case.on(plane, new))
    assert np.array_equal(case.now("spleen"), case.masks["spleen"])


def test_overwriting_visible_segments_spares_hidden_ones(scenes, writer, planeOfIndex):
    import slicer

    case = Case(scenes)
    case.node.GetDisplayNode().SetSegmentVisibility("spleen", False)
    plane = planeOfIndex(case.volume, "axial", 2)
    node = settings(OverwriteMode=slicer.vtkMRMLSegmentEditorNode.OverwriteVisibleSegments)
    replace(case, writer, plane, np.zeros(plane.shape, bool), np.ones(plane.shape, bool), node)
    assert np.array_equal(case.now("spleen"), case.masks["spleen"])


def test_the_editable_area_holds_and_gets_only_what_left_the_segment(scenes, writer, planeOfIndex):
    """Inside the spleen: liver may grow only there, and what is taken from liver goes to the spleen, nothing else."""
    import slicer

    case = Case(scenes)
    plane = planeOfIndex(case.volume, "axial", 2)
    node = settings(MaskMode=slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment, MaskSegmentID="spleen")
    old = plane.fromSegmentation(case.node, "liver")
    added = np.zeros(plane.shape, bool)
    added[:, 3:6] = True
    replace(case, writer, plane, old, old | added, node)
    gained = case.on(plane, added) & case.masks["spleen"]
    assert gained.any()
    assert np.array_equal(case.now("liver"), case.masks["liver"] | gained)
    assert np.array_equal(case.now("spleen"), case.masks["spleen"] & ~gained)
    replace(case, writer, plane, plane.fromSegmentation(case.node, "liver"), old, node)
    assert np.array_equal(case.now("liver"), case.masks["liver"])
    assert np.array_equal(case.now("spleen"), case.masks["spleen"])


def test_the_intensity_range_holds_for_adding_and_removing(scenes, writer, planeOfIndex):
    import slicer

    case = Case(scenes)
    editable = (slicer.util.arrayFromVolume(case.volume) >= 0) & (slicer.util.arrayFromVolume(case.volume) <= 150)
    node = settings(SourceVolumeIntensityMask=True)
    node.SetSourceVolumeIntensityMaskRange(0, 150)
    plane = planeOfIndex(case.volume, "axial", 4)
    old = plane.fromSegmentation(case.node, "liver")
    new = np.roll(old, 2, axis=0)
    replace(case, writer, plane, old, new, node)
    removed, gained = case.on(plane, old & ~new) & editable, case.on(plane, new & ~old) & editable
    assert removed.any() and gained.any()
    assert np.array_equal(case.now("liver"), (case.masks["liver"] & ~removed) | gained)


def test_undo_brings_both_segments_back(scenes, writer, planeOfIndex):
    case = Case(scenes)
    plane = planeOfIndex(case.volume, "sagittal", 4)
    with writer.LogicEditor(case.node, "liver", case.volume) as editor:
        editor._logic.SetMaximumNumberOfUndoStates(3)
        editor.saveState()
        writer.SegmentWriter(editor).replace(plane, np.zeros(plane.shape, bool), np.ones(plane.shape, bool))
        assert not np.array_equal(case.now("spleen"), case.masks["spleen"])
        editor._logic.Undo()
    for name, mask in case.masks.items():
        assert np.array_equal(case.now(name), mask)


def test_writing_only_the_difference_calls_the_editor_only_for_it(scenes, writer, planeOfIndex):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    case = Case(scenes)
    calls = []

    class Recorder(writer.Editor):
        segmentationNode, segmentID = case.node, "liver"

        def modify(self, labelmap, mode, segmentID=None):
            calls.append((mode, labelmap.GetExtent()))

    plane = planeOfIndex(case.volume, "axial", 2)
    one, two = np.zeros(plane.shape, bool), np.zeros(plane.shape, bool)
    one[3:6, 3:6] = two[3:6, 4:7] = True
    recorder = writer.SegmentWriter(Recorder())
    recorder.replace(plane, one, one)
    assert calls == []
    recorder.replace(plane, one, two)
    assert [mode for mode, _ in calls] == [writer.REMOVE, writer.ADD]
    sizes = [[b - a + 1 for a, b in zip(e[::2], e[1::2], strict=True)] for _, e in calls]
    assert [sorted(size) for size in sizes] == [[1, 1, 3], [1, 1, 3]]


def test_a_segmentation_below_another_transform(scenes, writer, planeOfIndex):
    """Each written voxel's centre, through the nodes' own transforms, lies in a pixel of the mask, and all do."""
    import slicer

    volume = scenes.volume(SHAPE, scenes.GRIDS["oblique"])
    segmentation = scenes.segmentation(volume, "new")
    turn = scenes.affine(scenes.rotation([0, 0, 1], 7), origin=(1, -2, 2))
    segmentation.SetAndObserveTransformNodeID(scenes.linear(turn).GetID())
    plane = planeOfIndex(volume, "axial", 3)
    mask = np.zeros(plane.shape, bool)
    mask[4:9, 3:9] = True
    with writer.LogicEditor(segmentation, "new", volume) as editor:
        writer.SegmentWriter(editor).replace(plane, np.zeros_like(mask), mask)
    image = slicer.vtkOrientedImageData()
    segmentation.GetBinaryLabelmapRepresentation("new", image)
    found = scenes.voxels(image, SHAPE)
    ras = scenes.throughTransforms(scenes.apply(scenes.GRIDS["oblique"], scenes.indices(SHAPE)), segmentation, volume)
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    x, y, z = PlaneStack(volumeGeometry(volume), "axial").ras_to_pixel(ras).T
    expected = (x > 2.5) & (x < 8.5) & (y > 3.5) & (y < 8.5) & (z > 2.5) & (z < 3.5)
    assert np.array_equal(found.ravel(), expected) and 10 < expected.sum()


def test_the_console_leaves_nothing_behind(scenes, writer):
    import slicer

    case = Case(scenes)
    # Slicer makes this one at the first edit, for the whole scene.
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    count = slicer.mrmlScene.GetNumberOfNodes()
    editors = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentEditorNode")
    first = writer.LogicEditor(case.node, "liver", case.volume)
    second = writer.LogicEditor(case.node, "spleen", case.volume)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentEditorNode") == editors + 2
    first.close()
    first.close()
    second.modify(everything(scenes), writer.REMOVE)
    second.close()
    assert slicer.mrmlScene.GetNumberOfNodes() == count
    mine = settings()
    writer.LogicEditor(case.node, "liver", case.volume, mine).close()
    assert mine.GetScene() is slicer.mrmlScene
    for wrong in ((None, "liver", case.volume), (case.node, "none", case.volume), (case.node, "liver", None)):
        with pytest.raises(InputError):
            writer.LogicEditor(*wrong)
    assert slicer.mrmlScene.GetNumberOfNodes() == count + 1
    assert not case.now("spleen").any() and np.array_equal(case.now("liver"), case.masks["liver"])


def everything(scenes):
    """All voxels of the segmentation's grid, made without the module."""
    import slicer
    import vtk

    image = slicer.vtkOrientedImageData()
    image.SetExtent(0, SHAPE[2] - 1, 0, SHAPE[1] - 1, 0, SHAPE[0] - 1)
    image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(scenes.GRIDS["oblique"]))
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(1)
    return image


def test_a_surface_can_be_edited_from_the_console(scenes, writer, planeOfIndex):
    import vtk

    volume = scenes.volume((20, 30, 30), scenes.affine(np.diag([-1, -1, 1]), origin=(15, 15, -10)))
    node = scenes.segmentation(volume)
    node.SetSourceRepresentationToClosedSurface()
    sphere = vtk.vtkSphereSource()
    sphere.SetRadius(5)
    sphere.SetThetaResolution(40)
    sphere.SetPhiResolution(40)
    sphere.Update()
    node.AddSegmentFromClosedSurfaceRepresentation(sphere.GetOutput(), "ball", [1, 0, 0], "ball")
    plane = planeOfIndex(volume, "axial", 10)
    old = plane.fromSegmentation(node, "ball")
    assert abs(int(old.sum()) - np.pi * 25) < 12
    with writer.LogicEditor(node, "ball", volume) as editor:
        writer.SegmentWriter(editor).replace(plane, old, np.zeros_like(old))
    assert not plane.fromSegmentation(node, "ball").any()
    assert planeOfIndex(volume, "axial", 9).fromSegmentation(node, "ball").sum() > 50


EFFECT = """
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Plain"
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)

    def clone(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects
        copy = effects.qSlicerSegmentEditorScriptedEffect(None)
        copy.setPythonSource(__file__.replace("\\\\", "/"))
        return copy
"""


def test_an_effect_writes_into_its_selected_segment_with_undo(application, scenes, writer, planeOfIndex, tmp_path):
    case = Case(scenes)
    path = tmp_path / "SegmentEditorPlainLib" / "SegmentEditorEffect.py"
    path.parent.mkdir()
    path.write_text(EFFECT)
    application.registerEffect(path)
    editor = application.segmentEditor(case.node, case.volume, "spleen")
    editor.setActiveEffectByName("Plain")
    adapter = writer.EffectEditor(editor.activeEffect())
    assert adapter.segmentationNode is case.node and adapter.segmentID == "spleen"
    plane = planeOfIndex(case.volume, "axial", 3)
    old = plane.fromSegmentation(case.node, "spleen")
    new = np.roll(old, -2, axis=0)
    adapter.saveState()
    writer.SegmentWriter(adapter).replace(plane, old, new)
    assert np.array_equal(plane.fromSegmentation(case.node, "spleen"), new)
    assert np.array_equal(case.now("liver"), case.masks["liver"] & ~case.on(plane, new))
    editor.undo()
    for name, mask in case.masks.items():
        assert np.array_equal(case.now(name), mask)
    application.forgetEffects()
