"""Which volume of the scene comes next, which of its slices, and that a worker prepares it while the user looks."""

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.volume.intensity import Intensity
from Testing.extension.effect_tools import plane_of
from Testing.extension.test_inference_session import (  # noqa: F401
    POINT,
    choice,
    node,
    reference,
    sessions,
    warm,
)
from Testing.service.conftest import weights  # noqa: F401
from Testing.service.peers import PATIENCE, SEGMENTS, segments
from Testing.tiny import scan


def planes(*indices, axis="axial"):
    from SAMAdaptLib.service.protocol import SlicePlane

    return [SlicePlane(index, axis) for index in indices]


def set_modality(volume_node, modality):
    """As Slicer's DICOM reader notes it on the series."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(volume_node) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), volume_node)
    hierarchy.SetItemAttribute(item, "DICOM.Modality", modality)


def test_the_next_scan_is_the_one_after_it_in_the_scene(application, scenes):
    import slicer
    from SAMAdaptModuleLib.scene.NextVolume import nextVolume

    first = scenes.volume(name="first")
    labels = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    slicer.util.updateVolumeFromArray(labels, np.ones((3, 4, 5), np.uint8))
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    scenes.volume((1, 12, 15), name="a single slice")
    hidden, other, second = (scenes.volume(name=name) for name in ("hidden", "other", "second"))
    hidden.SetHideFromEditors(True)
    assert [nextVolume(each) for each in (first, other, second)] == [other, second, None]
    set_modality(first, "CT")
    assert nextVolume(first) is other
    set_modality(other, "MR")
    assert nextVolume(first) is second and nextVolume(other) is second
    set_modality(second, "CT")
    assert nextVolume(first) is second and nextVolume(other) is None


def test_a_view_goes_on_where_it_is_or_in_the_middle(application, scenes):
    from SAMAdaptModuleLib.scene.NextVolume import likelyPlanes

    here, there = scenes.volume((7, 12, 15), np.eye(4)), np.eye(4)
    there[2, 3] = -2
    shifted = scenes.volume((9, 12, 15), there)
    there[2, 3] = 500
    elsewhere = scenes.volume((9, 12, 15), there)
    turned = scenes.volume((9, 12, 15), scenes.affine(scenes.rotation([0, 1, 1], 20), (1, 1, 1), (0, 0, 0)))
    view = application.view("Red")
    view.show(here)
    view.sliceLogic.SetSliceOffset(4.0)
    assert likelyPlanes(view.sliceNode, shifted, "coronal") == planes(6, 4)
    assert likelyPlanes(view.sliceNode, elsewhere, "coronal") == planes(6, axis="coronal")
    assert likelyPlanes(view.sliceNode, turned, "sagittal") == planes(7, axis="sagittal")


def test_the_effect_names_it_when_a_view_rests(application, editor, volume_node, session, scenes):
    from SAMAdaptModuleLib.scene.NextVolume import likelyPlanes

    view = application.view("Red")

    def rest():
        session.next = ()
        view.sliceLogic.SetSliceOffset(view.sliceLogic.GetSliceOffset() + 2.5)
        application.pump(until=lambda: session.next, seconds=5)
        return session.next

    assert rest() == (None, [], None)
    second = scenes.volume(array=np.arange(7 * 12 * 15, dtype=np.int16).reshape(7, 12, 15), name="second")
    axis = plane_of(application, volume_node).axis
    assert rest() == ("second", likelyPlanes(view.sliceNode, second, axis), None)
    second.GetDisplayNode().SetAutoWindowLevel(False)
    second.GetDisplayNode().SetWindowLevel(300, 50)
    editor.node.SetAttribute("SAM Adapt.Intensity", "displayed")
    assert rest()[2] == "window:50/300"
    editor.setActiveEffect(None)
    assert session.next == (None, [], None)


def test_a_session_prepares_it_and_gives_its_memory_back(warm, choice, node, reference, application):  # noqa: F811
    import slicer
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    volume = scan(5, slices=12)[0]
    second = slicer.util.addVolumeFromArray(volume.array.copy(), volume.geometry.ijk_to_ras, "scan5")
    warm.useNext(second, planes(6), "minmax")
    assert warm._client is None
    warm.useVolume(node, "minmax")
    warm.useModel(choice).result(PATIENCE)
    folder = warm._workplace.settings.embeddingFolder
    warm.useNext(second, planes(6), "minmax")
    # The slice and four neighbours on each side that there are.
    application.pump(lambda: len(list(folder.glob("??/*.npy"))) == 9, PATIENCE)
    # These are slices of another volume.
    assert not warm._planes and warm._client.copies == 2
    warm.useVolume(second, "minmax")
    asked = warm.predict(planeOfIndex(second, "axial", 6), POINT)
    answer = asked.result(PATIENCE)
    assert warm._client.copies == 2 and len(list(folder.glob("??/*.npy"))) == 9
    wanted = VolumePredictor(reference, volume, "axial", Intensity.parse("minmax")).predict(6, [POINT])
    np.testing.assert_array_equal(answer.masks[0].full(), wanted.masks[0, 0])
    warm.useNext(node, planes(3), "minmax")
    assert len(segments()) == 2 * SEGMENTS.is_dir()
    slicer.mrmlScene.RemoveNode(node)
    assert len(segments()) == SEGMENTS.is_dir()
    # Without memory for it, it is left out.
    third = slicer.util.addVolumeFromArray(volume.array.copy(), volume.geometry.ijk_to_ras, "scan6")

    def refuse(array):
        raise InputError("Too little memory")

    warm._client._place.share_ahead = refuse
    warm.useNext(third, planes(3), "minmax")
    assert len(segments()) == SEGMENTS.is_dir()
    assert warm.predict(planeOfIndex(second, "axial", 6), Prompt([[9, 5]], [1])).result(PATIENCE).masks
    del warm._client._place.share_ahead
    warm.useNext(third, planes(3), "minmax")
    assert len(segments()) == 2 * SEGMENTS.is_dir()
    warm.close()
    assert not segments()
    # Nor does anything of it follow the scene.
    told = []
    warm._client.clear_next = lambda: told.append(1)
    slicer.mrmlScene.RemoveNode(third)
    assert not told


def test_no_scan_is_prepared_that_has_no_grid(application, scenes, monkeypatch):
    from SAMAdaptModuleLib.scene import NextVolume

    first, second, third = (scenes.volume(name=name) for name in ("first", "second", "third"))

    def check(volumeNode):
        if volumeNode is second:
            raise InputError("directions are unusable")

    monkeypatch.setattr(NextVolume, "checkVolume", check)
    assert NextVolume.nextVolume(first) is third
