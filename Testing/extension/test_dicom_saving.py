"""Segmentations saved as DICOM SEG from the scene: by Quantitative Reporting where it is, else by the library."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from SAMAdaptLib.errors import InputError
from Testing.dicom_files import series
from Testing.harness import scenes

hd = pytest.importorskip("highdicom", reason="highdicom, which writes the segmentations, is not installed")

SHAPE = (5, 12, 16)
EMPTY = ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber")
SCANNED = {"SliceThickness": "2.5", "Manufacturer": "x", "ReferringPhysicianName": "", **dict.fromkeys(EMPTY, "")}
LIVER = (
    "Segmentation category and type - DICOM master list~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^"
    "~Anatomic codes - DICOM master list~^^~^^"
)


def masks():
    k, j, i = np.indices(SHAPE)
    return {"by model": (k > 1) & (j > 2) & (i < 9), "by hand": (k == 3) & (j > 6), "empty": np.zeros(SHAPE, bool)}


@pytest.fixture
def scene(application, tmp_path, monkeypatch):
    """A volume from the database and a segmentation of it, whose first segment a model has drawn."""
    import slicer
    from SAMAdaptModuleLib.scene.SegmentWriter import MODEL_TAG

    from SAMAdaptLib.volume.volume import read_volume
    from Testing.harness.dicom import Database

    values = np.random.default_rng(0).integers(0, 900, SHAPE).astype(np.int16)
    places = [np.array([-10.0, 20, 5 + 2.5 * k]) for k in range(SHAPE[0])]
    folder = series(tmp_path / "scan", values, places, **SCANNED)
    volume = read_volume(folder)
    files = sorted(folder.iterdir())
    uids = [str(pydicom.dcmread(file).SOPInstanceUID) for file in files]
    # As an import that copies nothing leaves them: in two folders, beside another series.
    series(tmp_path / "beside", values + 1, places, uid="2", **SCANNED)
    files = [*files[:3], *(file.rename(tmp_path / "beside" / f"moved {file.name}") for file in files[3:])]
    monkeypatch.setattr(slicer, "dicomDatabase", Database(tmp_path / "database", files), raising=False)
    node = scenes.volume(matrix=volume.geometry.ijk_to_ras, array=volume.array, name="scan")
    node.SetAttribute("DICOM.instanceUIDs", " ".join(uids))
    made = scenes.segmentation(node, **masks())
    segment = made.GetSegmentation().GetSegment("by model")
    segment.SetTag(MODEL_TAG, "lite_medsam")
    segment.SetTag(segment.GetTerminologyEntryTagName(), LIVER)
    segment.SetColor(1.0, 0.5, 0.25)
    # As the application does by itself.
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    for each in (node, made):
        hierarchy.CreateItem(hierarchy.GetSceneItemID(), each)
    yield node, made, uids
    # It keeps items by the addresses of nodes, which those of later tests may have.
    hierarchy.RemoveAllItems()


@pytest.fixture
def plugin(monkeypatch):
    """Quantitative Reporting is installed."""
    import slicer

    from Testing.harness.dicom import SegmentationPlugin

    class Plugin(SegmentationPlugin):
        pass

    monkeypatch.setattr(slicer.modules, "dicomPlugins", {"DICOMSegmentationPlugin": Plugin}, raising=False)
    return Plugin


def check(path, uids):
    """By highdicom: each segment on the slices that its frames refer to, and what is said of it."""
    segmentation = hd.seg.segread(path)
    planes = segmentation.get_pixels_by_source_instance(
        uids, combine_segments=False, assert_missing_frames_are_empty=True
    )
    wanted = [mask for mask in masks().values() if mask.any()]
    assert planes.shape[-1] == len(wanted)
    for number, mask in enumerate(wanted):
        np.testing.assert_array_equal(planes[..., number].astype(bool), mask)
    described = segmentation.SegmentSequence
    assert [one.SegmentLabel for one in described] == ["by model", "by hand"]
    assert [one.SegmentAlgorithmType for one in described] == ["SEMIAUTOMATIC", "MANUAL"]
    assert described[0].SegmentAlgorithmName == "SAMAdapt"
    # What the user says in Slicer that it is, whatever its name.
    assert described[0].SegmentedPropertyTypeCodeSequence[0].CodeValue == "10200004"
    assert segmentation.PatientID == "4711"
    return segmentation


def test_the_library_writes_where_nothing_else_is(scene, logic, tmp_path):
    import slicer

    node, made, uids = scene
    saved = logic.exportDicom(made)
    assert saved.parent == tmp_path / "database"
    found = check(saved, uids)
    lab = np.array(found.SegmentSequence[0].RecommendedDisplayCIELabValue, float)
    from skimage.color import rgb2lab

    np.testing.assert_allclose(lab / 65535 * [100, 255, 255] - [0, 128, 128], rgb2lab([1.0, 0.5, 0.25]), atol=1)
    copy = logic.exportDicom(made, tmp_path / "out.dcm")
    assert copy == tmp_path / "out.dcm"
    uid = check(copy, uids).SOPInstanceUID
    assert slicer.dicomDatabase.fileForInstance(uid)


def test_quantitative_reporting_writes_where_it_is(scene, plugin, logic, tmp_path):
    import slicer

    node, made, uids = scene
    before = len(slicer.dicomDatabase._files)
    saved = logic.exportDicom(made)
    check(saved, uids)
    # It puts the file into the database itself, and once is enough.
    assert saved.parent == tmp_path / "database" and len(slicer.dicomDatabase._files) == before + 1
    plugin.told = "dcmqi\n  is not there"
    with pytest.raises(InputError, match=r"\(dcmqi is not there\)"):
        logic.exportDicom(made)
    plugin.export = lambda *_: None.nothing
    with pytest.raises(InputError, match="AttributeError.*nothing"):
        logic.exportDicom(made)


def test_what_cannot_be_saved_is_told_before_anything_is_written(scene, logic, monkeypatch):
    import importlib.util

    import slicer

    node, made, uids = scene
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "highdicom" else real(name))
    with pytest.raises(InputError, match="Quantitative Reporting, or the Python package highdicom"):
        logic.exportDicom(made)
    monkeypatch.undo()
    with pytest.raises(InputError, match="not loaded from the DICOM database"):
        logic.exportDicom(made)
    monkeypatch.setattr(slicer, "dicomDatabase", None, raising=False)
    with pytest.raises(InputError, match="not loaded from the DICOM database"):
        logic.exportDicom(made)


def test_a_series_that_is_not_whole_or_moved_is_refused(scene, logic):
    import slicer

    node, made, uids = scene
    transform = scenes.linear(np.eye(4))
    made.SetAndObserveTransformNodeID(transform.GetID())
    with pytest.raises(InputError, match="another transform than its volume"):
        logic.exportDicom(made)
    made.SetAndObserveTransformNodeID(None)
    made.GetSegmentation().GetSegment("empty").SetName("a\\b")
    with pytest.raises(InputError, match="backslash"):
        logic.exportDicom(made)
    made.GetSegmentation().GetSegment("empty").SetName("empty")
    # Of the volume, one slice is left out: it does not lie on the grid of the others.
    node.SetAttribute("DICOM.instanceUIDs", " ".join(uids[1:]))
    with pytest.raises(InputError, match="scan"):
        logic.exportDicom(made)
    del slicer.dicomDatabase._files[uids[2]]
    with pytest.raises(InputError, match="only 3 of 4 files"):
        logic.exportDicom(made)
    made.RemoveNodeReferenceIDs(made.GetReferenceImageGeometryReferenceRole())
    with pytest.raises(InputError, match="on which volume"):
        logic.exportDicom(made)


@pytest.mark.parametrize("there", [True, False])
def test_the_panel_saves_all_that_was_found(there, request, scene, panel, logic, application):
    from SAMAdaptModuleLib.console.VolumeTable import DONE, Case

    if there:
        request.getfixturevalue("plugin")
    node, made, uids = scene
    lone = scenes.segmentation(scenes.volume(SHAPE, name="other"), name="of no series", something=masks()["by hand"])
    cases = [Case(node, "other"), Case(node, "scan")]
    for case, segmentation in zip(cases, (lone, made), strict=True):
        case.state, case.segmentationNode, case.found = DONE, segmentation, {"something": None}
    logic.manyVolumes.cases = cases
    panel.ui.allDicomButton.click()
    application.pump(lambda: "in the DICOM database: 1" in panel.ui.allDicomLabel.text, 30)
    # One that cannot be saved costs no other.
    assert "of no series: The volume was not loaded" in panel.ui.allDicomLabel.text
    assert panel.ui.allDicomButton.enabled and panel.ui.allDicomButton.text == "Save them as DICOM SEG"
    import slicer

    (saved,) = [file for uid, file in slicer.dicomDatabase._files.items() if uid not in uids]
    check(saved, uids)


def test_a_panel_without_a_segmentation_says_so(application, panel):
    panel.ui.dicomButton.click()
    assert "No segmentation is selected" in application.dialogs.texts("errorDisplay")[-1]


def test_a_new_segmentation_lies_in_the_study_of_its_volume(scene):
    import slicer
    from SAMAdaptModuleLib.scene.SceneSegments import newSegmentation

    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    volume = hierarchy.GetItemByDataNode(scene[0])
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    hierarchy.SetItemParent(volume, study)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(newSegmentation(scene[0]))) == study
