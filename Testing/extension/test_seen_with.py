"""Several volumes as channels in session, effect, panel and console, from the choice to the answer."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.volume.channels import join_channels
from Testing.extension.effect_tools import active_editor, known_session, status  # noqa: F401
from Testing.extension.panel_job import make_patient
from Testing.extension.test_inference_session import POINT, choice, reference, sessions, warm  # noqa: F401
from Testing.harness.qtgate import unwrap
from Testing.service.conftest import weights  # noqa: F401
from Testing.service.peers import PATIENCE, SEGMENTS, segments
from Testing.tiny import scan

MAPPING = "minmax"


@pytest.fixture
def pair(application):
    """Two scans on one grid as nodes, the second noted on the first."""
    import slicer
    from SAMAdaptModuleLib.scene.Channels import setFurther

    nodes = []
    for seed in range(2):
        volume, _ = scan(seed, slices=12)
        nodes.append(slicer.util.addVolumeFromArray(volume.array.copy(), volume.geometry.ijk_to_ras, f"scan{seed}"))
    setFurther(nodes[0], nodes[1:])
    return nodes


def wanted(reference, *volumes):  # noqa: F811
    """What the model answers, in this process."""
    joined = join_channels(volumes)
    mapping = " + 0.2*".join([MAPPING] * len(volumes))
    return VolumePredictor(reference, joined, "axial", mapping).predict(4, [POINT]).masks[0, 0]


def test_a_session_asks_about_both_and_follows_them(warm, choice, pair, reference, application):  # noqa: F811
    import slicer
    from SAMAdaptModuleLib.scene.Channels import furtherVolumes
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    first, second = pair
    scans = [scan(seed, slices=12)[0] for seed in range(2)]

    def answer():
        asked = warm.predict(planeOfIndex(first, "axial", 4), POINT)
        return asked.result(PATIENCE).masks[0].full()

    warm.useModel(choice)
    warm.useVolume(first, MAPPING)
    np.testing.assert_array_equal(answer(), wanted(reference, *scans))
    assert warm._client._volume.shape == (12, 40, 56, 2)
    copies = warm._client.copies
    warm.useVolume(first, MAPPING)
    assert warm._client.copies == copies
    # The second one's voxels change: nothing that was made of the earlier ones answers.
    ready = planeOfIndex(first, "axial", 4)
    assert warm.isReady(ready)
    slicer.util.arrayFromVolume(second)[:] = scans[0].array
    slicer.util.arrayFromVolumeModified(second)
    assert not warm.isReady(planeOfIndex(first, "axial", 4))
    np.testing.assert_array_equal(answer(), wanted(reference, scans[0], scans[0]))
    assert warm._client.copies == copies + 1
    # It goes: the memory is given back at once, and the first one is asked about alone.
    slicer.mrmlScene.RemoveNode(second)
    assert len(segments()) == 0 or not SEGMENTS.is_dir()
    assert furtherVolumes(first) == []
    warm.useVolume(first, MAPPING)
    np.testing.assert_array_equal(answer(), wanted(reference, scans[0]))
    assert warm._client._volume.shape == (12, 40, 56)


def test_a_session_refuses_what_lies_elsewhere_until_it_may_resample(warm, choice, pair):  # noqa: F811
    from SAMAdaptModuleLib.scene.Channels import setFurther
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    first, second = pair
    told = []
    warm.logged.connect(told.append)
    second.SetOrigin(3, 0, 0)
    warm.useModel(choice)
    for _again in range(2):
        with pytest.raises(InputError, match="scan1 lies on another grid than scan0"):
            warm.predict(planeOfIndex(first, "axial", 4), POINT)
    setFurther(first, [second], resample=True)
    assert warm.predict(planeOfIndex(first, "axial", 4), POINT).result(PATIENCE).masks
    assert "was resampled" in told[-1]
    warm.logged.disconnect(told.append)
    warm.clearVolume()


# The effect


@pytest.fixture
def beside(application, editor, volume_node):
    """Another volume on the grid of the editor's."""
    import slicer
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    array = np.random.default_rng(3).integers(0, 100, (20, 30, 40)).astype(np.int16)
    return slicer.util.addVolumeFromArray(array, volumeGeometry(volume_node).ijk_to_ras, "T2")


def choose(editor, node, which="second"):
    """As a user chooses an entry of the list."""
    getattr(editor.effect.options.channels.ui, f"{which}ChannelSelector").setCurrentNode(node)


def test_the_effects_row_notes_it_and_drops_what_was_of_another_picture(
    application, editor, session, volume_node, beside, scenes
):
    import slicer
    from SAMAdaptModuleLib.scene.Channels import furtherVolumes, setFurther

    view, controller = application.view("Red"), editor.effect.workbench.controller
    ui = editor.effect.options.channels.ui
    assert unwrap(ui.resampleCheckBox).isHidden()
    beside.CreateDefaultDisplayNodes()
    for place, node in enumerate((volume_node, beside)):
        node.GetDisplayNode().SetAutoWindowLevel(False)
        node.GetDisplayNode().SetWindowLevel(100 + place, 50)
    editor.node.SetAttribute("SAM Adapt.Intensity", "displayed")

    def click():
        view.clickAt(scenes.middle(volume_node))
        assert controller.hasPreview

    click()
    choose(editor, beside)
    assert furtherVolumes(volume_node) == [beside] and not controller.hasPreview
    assert session.log[-1] == ("volume", "Tiny", "window:50/100 + 0.2*window:50/101")
    assert not unwrap(ui.resampleCheckBox).isHidden()
    click()
    slicer.util.arrayFromVolume(beside)[0, 0, 0] += 1
    slicer.util.arrayFromVolumeModified(beside)
    assert not controller.hasPreview
    click()
    beside.SetName("renamed")
    assert controller.hasPreview
    # A volume of its own is none beside itself, and what is shown stays what is noted.
    choose(editor, volume_node, "third")
    assert "seen twice: Tiny" in status(editor) and furtherVolumes(volume_node) == [beside]
    assert ui.thirdChannelSelector.currentNode() is None
    setFurther(volume_node, [])
    assert ui.secondChannelSelector.currentNode() is None and unwrap(ui.resampleCheckBox).isHidden()
    assert not controller.hasPreview
    setFurther(volume_node, [beside])
    click()
    slicer.mrmlScene.RemoveNode(beside)
    assert ui.secondChannelSelector.currentNode() is None and not controller.hasPreview
    assert session.log[-1] == ("volume", "Tiny", "window:50/100")
    click()


def test_another_source_volume_brings_its_own(application, editor, volume_node, beside):
    from SAMAdaptModuleLib.scene.Channels import furtherVolumes, setFurther

    ui = editor.effect.options.channels.ui
    setFurther(volume_node, [beside])
    editor.setSourceVolumeNode(beside)
    application.pump()
    assert ui.secondChannelSelector.currentNode() is None
    choose(editor, volume_node, "third")
    assert furtherVolumes(beside) == [volume_node] and furtherVolumes(volume_node) == [beside]
    editor.setSourceVolumeNode(volume_node)
    application.pump()
    assert ui.secondChannelSelector.currentNode() is beside and ui.thirdChannelSelector.currentNode() is None


def test_another_grid_is_told_and_a_box_allows_it(application, editor, session, volume_node, beside):
    from SAMAdaptModuleLib.scene.Channels import mayResample

    beside.SetOrigin(1, 2, 3)
    choose(editor, beside)
    assert "T2 lies on another grid than Tiny" in status(editor)
    editor.effect.options.channels.ui.resampleCheckBox.click()
    assert mayResample(volume_node)


# Panel and console


def test_the_panels_row_follows_the_volume_and_its_exemplars_are_of_both(application, panel, logic, pair, scenes):
    from SAMAdaptModuleLib.scene.Channels import furtherVolumes

    from SAMAdaptLib.exemplars.library import Library
    first, second = pair
    ui = panel.channelStep.choice.ui
    panel.ui.volumeSelector.setCurrentNode(second)
    assert ui.secondChannelSelector.currentNode() is None
    panel.ui.volumeSelector.setCurrentNode(first)
    assert ui.secondChannelSelector.currentNode() is second
    ui.thirdChannelSelector.setCurrentNode(first)
    (error,) = application.dialogs.texts("errorDisplay")
    assert "seen twice: scan0" in error and furtherVolumes(first) == [second]
    labels = scan(slices=12)[1]
    segmentation = scenes.segmentation(first, disc=labels.mask("disc"))
    panel.ui.segmentationSelector.setCurrentNode(segmentation)
    view = application.view("Red")
    view.show(first)
    panel.ui.addExemplarButton.click()
    library = Library.open(logic.libraryFolder())
    (info,) = library.infos()
    index = panel.exemplarStep._shownIndex()
    assert info.channels == 2 and len(info.bounds) == 4
    pixels = np.stack([scan(seed, slices=12)[0].array[index] for seed in range(2)], -1)
    np.testing.assert_array_equal(library.load(info.id).pixels, pixels)
    # One alone does not go beside it.
    ui.secondChannelSelector.setCurrentNode(None)
    view.sliceLogic.SetSliceOffset(view.sliceLogic.GetSliceOffset() + 3)
    panel.ui.addExemplarButton.click()
    assert "slices are of 2 channels, and this scan has 1" in application.dialogs.texts("errorDisplay")[-1]


def test_scripts_name_them_in_a_list(logic, application):
    from SAMAdaptModuleLib.scene.Channels import furtherVolumes

    from SAMAdaptLib.exemplars.library import Library
    from Testing.tiny import TINY_VIT

    nodes, labels = zip(*(make_patient(seed) for seed in range(2)), strict=True)
    logic.activateAdapter(None, TINY_VIT.name)
    points = [(-20, -18, 9, 1)]
    found = {}
    for name, given in (("alone", nodes[0]), ("both", list(nodes)), ("again", nodes[0]), ("one", [nodes[0]])):
        asked = logic.segmentSlice(given, segmentName=name, points=points)
        found[name] = asked.GetSegmentation().GetNumberOfSegments()
        shape = logic.inference._client._volume.shape
        assert (len(shape) == 4) == (name in ("both", "again")), name
    assert set(found.values()) == {1} and furtherVolumes(nodes[0]) == []
    ids = [logic.addExemplar(list(nodes), labels[0], index) for index in (2, 3)]
    library = Library.open(logic.libraryFolder())
    assert [library.load(one).pixels.shape for one in ids] == [(40, 56, 2)] * 2
    assert logic.suggestExemplars(list(nodes), labels[0], 1) == logic.suggestExemplars([nodes[0]], labels[0], 1)
    nodes[1].SetOrigin(1, 2, 3)
    with pytest.raises(InputError, match="another grid"):
        logic.seeTogether(nodes)
    assert furtherVolumes(nodes[0]) == []
    assert logic.seeTogether(nodes, resample=True) is nodes[0] and furtherVolumes(nodes[0]) == [nodes[1]]
    with pytest.raises(InputError):
        logic.seeTogether([])


def test_two_patients_are_told_at_the_choice_and_refused_where_dicom_says_it(application, panel, pair):
    import slicer
    from SAMAdaptModuleLib.scene.Channels import setFurther

    first, second = pair
    setFurther(first, [])
    first.SetName("sub-01_T1w"), second.SetName("sub-02_FLAIR")
    panel.ui.volumeSelector.setCurrentNode(first)
    selector = panel.channelStep.choice.ui.secondChannelSelector
    selector.setCurrentNode(second)
    (told,) = application.dialogs.texts("errorDisplay")
    assert "sub-01_T1w and sub-02_FLAIR are of two patients" in told and selector.currentNode() is second
    second.SetName("sub-01_FLAIR")
    # As the module DICOM sorts what it loads.
    hierarchy, names = slicer.mrmlScene.GetSubjectHierarchyNode(), slicer.vtkMRMLSubjectHierarchyConstants
    for node, who in ((first, "4711"), (second, "4712")):
        subject = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), f"subject {node.GetName()}")
        hierarchy.SetItemUID(subject, names.GetDICOMUIDName(), who)
        hierarchy.CreateItem(hierarchy.CreateStudyItem(subject, "study"), node)
    try:
        with pytest.raises(InputError, match="several patients: sub-01_T1w and sub-01_FLAIR"):
            panel.logic.seeTogether([first, second])
    finally:
        # It keeps items by the addresses of nodes, which those of later tests may have.
        hierarchy.RemoveAllItems()
