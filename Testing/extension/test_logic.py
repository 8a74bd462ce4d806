"""The console: from nodes to nodes, by real processes and a small model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.prompts.types import Prompt
from Testing.clip import make_clip
from Testing.extension.panel_job import SETTINGS, make_patient, rows
from Testing.harness import scenes
from Testing.harness.scenes import segmentArray
from Testing.tiny import TINY_VIT, scan
from Testing.untrained import make_finder, make_planted, make_reader, segmented

CENTRE = (-18.0, -18.0, 6.0)


def world(volume_node, ijk):
    """World position of a voxel, by VTK."""
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume_node.GetIJKToRASMatrix(matrix)
    position = matrix.MultiplyPoint([*ijk, 1.0])[:3]
    transform = vtk.vtkGeneralTransform()
    import slicer

    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(volume_node.GetParentTransformNode(), None, transform)
    return transform.TransformPoint(position)


def test_the_whole_job(logic, patient):
    volume, labels = patient
    before = set(sys.modules)
    logic.activateAdapter(None, TINY_VIT.name)
    found = logic.segmentSlice(volume, segmentName="liver", points=[(*world(volume, (18, 18, 2)), 1)])
    assert found.GetSegmentation().GetNthSegment(0).GetName() == "liver"
    mask = segmentArray(found, "liver", volume)
    assert mask[2].any() and not mask[[0, 1, 3, 4, 5]].any()
    # Terminology: the liver of Slicer's General Anatomy list.
    import slicer
    import vtk

    terminology = vtk.reference("")
    assert found.GetSegmentation().GetNthSegment(0).GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology)
    assert "10200004" in str(terminology)
    from SAMAdaptModuleLib.scene.SegmentWriter import modelOf

    steps = []
    logic.propagate(volume, found, "liver", progress=lambda done, total: steps.append(done))
    carried = segmentArray(found, "liver", volume)
    assert steps and (carried[2] == mask[2]).all()
    assert modelOf(found.GetSegmentation().GetNthSegment(0)) == TINY_VIT.name
    chosen = logic.suggestExemplars(volume, labels, count=2)
    assert len(chosen) == 2 and set(chosen) <= {1, 2, 3, 4}
    for index in chosen:
        logic.addExemplar(volume, labels, index)
    told = []
    adapter = logic.fineTune(name="organs", model=TINY_VIT.name, progress=told.append, **SETTINGS)
    assert [entry.name for entry in logic.shelf.list()] == ["organs"] and adapter == logic.shelf.list()[0].path
    assert told[-1]["step"] == told[-1]["steps"] == 4 and 0 <= told[-1]["dice"] <= 1
    choice = logic.activateAdapter("organs")
    assert Path(choice.adapter) == adapter
    again = logic.segmentSlice(
        volume, segmentName="disc", box=(world(volume, (10, 10, 2)), world(volume, (27, 26, 2))), index=2
    )
    assert logic.inference.info.adapter["weights_sha256"] == logic.shelf.list()[0].info.weights_sha256
    table = logic.evaluate(again, labels, volume)
    (disc, bean) = rows(table)
    truth, predicted = segmentArray(labels, "disc", volume), segmentArray(again, "disc", volume)
    dice = 2 * (truth & predicted).sum() / (truth.sum() + predicted.sum())
    assert disc["Structure"] == "disc" and disc["Dice"] == pytest.approx(dice, abs=1e-4)
    assert (disc["Model"] == "organs") == predicted.any() and bean["Model"] == ""
    assert bean["Status"] == "missed" and bean["Dice"] == 0
    # Other tests of this process may have loaded it; the job itself must not.
    assert not {"torch", "SAMAdaptLib.training.finetune"} & (set(sys.modules) - before)


def test_prompts_and_masks_follow_transforms(logic, patient):
    import slicer
    import vtk

    volume, _ = patient
    logic.activateAdapter(None, TINY_VIT.name)
    inside = (18, 18, 3)
    plain = segmentArray(logic.segmentSlice(volume, points=[(*world(volume, inside), 1)]), "Segment", volume)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    turn = vtk.vtkTransform()
    turn.Translate(100, -50, 7)
    turn.RotateZ(90)
    transform.SetAndObserveTransformToParent(turn)
    volume.SetAndObserveTransformNodeID(transform.GetID())
    moved = logic.segmentSlice(volume, points=[(*world(volume, inside), 1)])
    assert (segmentArray(moved, "Segment", volume) == plain).all() and plain[3].any()


def test_a_volume_without_prompts(logic, patient, settings, tiny_weights, tmp_path):
    """What the library finds in the same volume, in segments by name; what was there stays."""
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume

    volume, labels = patient
    finder = make_finder(settings.adapterShelf / "finder", tiny_weights)
    reader = make_reader(settings.adapterShelf / "reader", tiny_weights, make_clip(tmp_path / "clip"))
    wanted = segmented(tiny_weights, finder, libraryVolume(volume))
    steps = []
    found = logic.segmentAutomatically(
        volume, adapter="finder", progress=lambda done, total: steps.append((done, total))
    )
    assert steps == [(index + 1, 6) for index in range(6)]
    # A voxel belongs to one segment, that of the later class, as in the Segment Editor.
    assert (segmentArray(found, "bean", volume) == wanted["bean"]).all() and wanted["bean"].any()
    assert (segmentArray(found, "disc", volume) == wanted["disc"] & ~wanted["bean"]).all() and wanted["disc"].any()
    before = segmentArray(labels, "bean", volume)
    assert logic.segmentAutomatically(volume, labels) is labels
    assert (segmentArray(labels, "bean", volume) == (before & ~wanted["disc"] | wanted["bean"])).all()
    assert labels.GetSegmentation().GetNumberOfSegments() == 2
    texts = {"A": "disc", "B": "the bean"}
    named = logic.segmentByText(volume, texts, adapter="reader", axis="axial", cleanup=False)
    wanted = segmented(tiny_weights, reader, libraryVolume(volume), texts, clean=False)
    assert (segmentArray(named, "B", volume) == wanted["B"]).all() and wanted["B"].any()
    assert (segmentArray(named, "A", volume) == wanted["A"] & ~wanted["B"]).all()
    only = logic.segmentByText(volume, "the bean")
    assert only.GetSegmentation().GetNthSegment(0).GetName() == "the bean"
    with pytest.raises(InputError, match="does not find objects by itself"):
        logic.segmentAutomatically(volume)
    logic.activateAdapter(None, TINY_VIT.name)
    with pytest.raises(InputError, match="no text prompts: disc"):
        logic.segmentByText(volume, "disc")


def test_a_second_answer_replaces_the_slice_unless_asked_to_add(logic, patient):
    from SAMAdaptModuleLib.scene.SegmentPrompts import readPrompts

    volume, _ = patient
    logic.activateAdapter(None, TINY_VIT.name)

    def boxed(low, high):
        return {"box": (world(volume, (*low, 2)), world(volume, (*high, 2)))}

    first = segmentArray(logic.segmentSlice(volume, **boxed((2, 2), (20, 20))), "Segment", volume)
    second_node = logic.segmentSlice(volume, **boxed((30, 10), (50, 35)))
    second = segmentArray(second_node, "Segment", volume)
    assert (first != second).any()
    logic.segmentSlice(volume, second_node, "Segment", **boxed((2, 2), (20, 20)))
    assert (segmentArray(second_node, "Segment", volume) == first).all()
    logic.segmentSlice(volume, second_node, "Segment", add=True, **boxed((30, 10), (50, 35)))
    assert (segmentArray(second_node, "Segment", volume) == (first | second)).all()
    segment_id = second_node.GetSegmentation().GetSegmentIdBySegmentName("Segment")
    assert len(readPrompts(second_node, segment_id)) == 2


def test_a_mapping_is_asked_for_one_call(logic, patient):
    """The Segment Editor asks the same session on the same volume, and goes by its own choice."""
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    volume, _ = patient
    logic.activateAdapter(None, TINY_VIT.name)
    prompt = {"points": [(*world(volume, (18, 18, 2)), 1)]}
    usual = segmentArray(logic.segmentSlice(volume, **prompt), "Segment", volume)[2]
    other = segmentArray(logic.segmentSlice(volume, **prompt, intensity="window:60/60"), "Segment", volume)[2]
    assert (other != usual).any()
    with pytest.raises(InputError, match="mapping.*rainbow"):
        logic.segmentSlice(volume, **prompt, intensity="rainbow")
    answer = logic.inference.predict(planeOfIndex(volume, "axial", 2), Prompt([(18, 18)], [1])).result(60)
    np.testing.assert_array_equal(answer.masks[0].full(), usual)


def test_a_correction_is_that_of_the_library_and_leaves_accepted_slices_alone(
    logic, patient, tiny_weights, monkeypatch
):
    """Of what another tool has drawn, by a negative click on one slice and a box on another."""
    import slicer
    from SAMAdaptModuleLib.scene.SceneVolume import libraryVolume
    from SAMAdaptModuleLib.scene.SegmentPrompts import MENDS, readPrompts

    import SAMAdaptLib as sa
    from SAMAdaptLib.sam.registry import MODELS

    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
    volume, _ = patient
    logic.activateAdapter(None, TINY_VIT.name)
    drawn = np.zeros((6, 40, 56), bool)
    drawn[0:5, 8:30, 10:40] = True
    rules = {"min_iou": 0.0, "area_ratio": (0.0, 1e9), "min_predicted_iou": 0.0, "max_missing": 9}
    model = sa.load_model(TINY_VIT.name, checkpoint=tiny_weights, device="cpu")
    point, corners = world(volume, (18, 18, 2)), [world(volume, (14, 12, 4)), world(volume, (30, 28, 4))]
    given = sa.RasPrompts([point], [0], boxes=[np.ravel(corners)])
    options = {"accepted": [1, 5], "rules": rules}
    for through in (True, False):
        found = scenes.segmentation(volume, liver=drawn)
        wanted = sa.correct(libraryVolume(volume), model, {"a": drawn}, {"a": given}, through=through, **options)
        assert logic.acceptSlices(volume, found, "liver", [1]) == [1]
        steps = []
        changed = logic.correct(
            volume, found, "liver", [(*point, 0)], corners, accepted=[5], through=through,
            progress=lambda *step, told=steps: told.append(step), **rules,
        )  # fmt: skip
        mask = segmentArray(found, "liver", volume).astype(bool)
        np.testing.assert_array_equal(mask, wanted["a"].mask)
        assert changed == np.flatnonzero((mask != drawn).any(axis=(1, 2))).tolist() and 2 in changed
        assert not {1, 5} & {*changed} and steps[-1][0] == steps[-1][1]
        kept = {one.box is not None: one.labels for one in readPrompts(found, "liver", MENDS)}
        assert kept == {False: [0], True: []}
    # Masking: only inside another segment, over which nothing is written.
    found = scenes.segmentation(volume, liver=drawn, other=np.ones_like(drawn))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    logic.correct(volume, found, "liver", box=corners, through=False, editorNode=node)
    assert not (segmentArray(found, "liver", volume).astype(bool) & ~drawn).any()
    assert segmentArray(found, "other", volume).all()


def test_a_propagation_that_ends_at_once_is_noted(logic, patient):
    volume, _ = patient
    logic.activateAdapter(None, TINY_VIT.name)
    found = logic.segmentSlice(volume, segmentName="liver", points=[(*world(volume, (18, 18, 2)), 1)])
    before = segmentArray(found, "liver", volume)
    words = "^liver: propagation ended at once: at slice 1, .*; at slice 3, .* Try a box in place of points.*adapter.$"
    with pytest.warns(Note, match=words):
        logic.propagate(volume, found, "liver", min_iou=1.0, max_missing=1)
    np.testing.assert_array_equal(segmentArray(found, "liver", volume), before)


def test_evaluation_of_known_masks(logic, patient):
    """A box against the same box shifted by a voxel: Dice and distance by hand; a second case joins the table."""
    volume, _ = patient
    masks = {name: np.zeros((6, 40, 56), bool) for name in ("a", "b", "c")}
    masks["a"][1:5, 10:20, 10:30] = True
    masks["b"][1:5, 10:20, 11:31] = True
    masks["c"][:] = masks["a"]
    reference = scenes.segmentation(volume, **{"box": masks["a"], "same": masks["c"]})
    found = scenes.segmentation(volume, **{"box": masks["b"], "same": masks["c"]})
    found.SetName("case 1")
    table = logic.evaluate(found, reference, volume, toleranceMm=1.0)
    box, same = rows(table)
    assert box["Case"] == "case 1" and box["Dice"] == pytest.approx(19 / 20)
    assert box["IoU"] == pytest.approx(19 / 21, abs=1e-4) and box["HD95 (mm)"] == pytest.approx(1.0)
    assert same["Dice"] == 1 and same["HD95 (mm)"] == 0 and same["NSD"] == 1
    found.SetName("case 2")
    assert logic.evaluate(found, reference, volume, tableNode=table) is table
    assert [row["Case"] for row in rows(table)] == ["case 1"] * 2 + ["case 2"] * 2


def test_two_models_have_rows_and_boxes_of_their_own(logic, patient):
    from SAMAdaptModuleLib.console import Evaluation
    from SAMAdaptModuleLib.scene.SegmentWriter import MODEL_TAG

    volume, _ = patient
    truth, near = np.zeros((6, 40, 56), bool), np.zeros((6, 40, 56), bool)
    truth[1:5, 10:20, 10:30], near[1:5, 10:20, 11:31] = True, True
    reference, found = scenes.segmentation(volume, **{"box": truth}), scenes.segmentation(volume, **{"box": near})
    segment, table = found.GetSegmentation().GetNthSegment(0), None
    for model in ("base", "adapter", "base"):
        segment.SetTag(MODEL_TAG, model)
        table = logic.evaluate(found, reference, volume, tableNode=table)
    assert sorted(row["Model"] for row in rows(table)) == ["adapter", "base"]
    boxes = Evaluation.plotted(table)["dice"]
    assert sorted(box[:2] for box in boxes) == [("box", "adapter"), ("box", "base")]
    assert [box[2] for box in boxes] == [[pytest.approx(19 / 20)]] * 2


def test_preview_is_a_colour_volume(logic, patient):
    import slicer

    volume, labels = patient
    for index in (1, 4):
        logic.addExemplar(volume, labels, index)
    node = logic.previewSynthesis(count=4, config={"rotation_degrees": 5})
    pixels = slicer.util.arrayFromVolume(node)
    assert node.GetClassName() == "vtkMRMLVectorVolumeNode" and pixels.shape[0] == 1 and pixels.shape[-1] == 3
    assert len(np.unique(pixels)) > 50


def test_exemplars_share_the_grey_levels_of_their_library(logic, patient):
    from SAMAdaptLib.exemplars.library import Library

    volume, labels = patient
    logic.addExemplar(volume, labels, 1, intensity="window:40/400")
    logic.addExemplar(volume, labels, 3, subject="Mrs X")
    infos = Library.open(logic.libraryFolder()).infos()
    assert {info.intensity for info in infos} == {"window:40/400"}
    assert "Mrs X" not in (logic.libraryFolder() / "library.json").read_text()
    other, _ = scan(0)
    assert (Library.open(logic.libraryFolder()).load(infos[0].id).pixels == other.array[1]).all()


def vector_volume():
    import slicer

    return slicer.util.addVolumeFromArray(np.zeros((2, 8, 8, 3), np.uint8), nodeClassName="vtkMRMLVectorVolumeNode")


def test_what_is_missing_is_named(logic, patient):
    import slicer

    volume, labels = patient
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "nothing")
    logic.activateAdapter(None, TINY_VIT.name)
    cases = [
        (lambda: logic.segmentSlice(None), "olume"),
        (lambda: logic.segmentSlice(vector_volume(), points=[(0, 0, 0, 1)]), "."),
        (lambda: logic.segmentSlice(volume), "No prompt"),
        (lambda: logic.segmentSlice(volume, points=[(999, 0, 0, 1)]), "beside the image"),
        (lambda: logic.segmentSlice(volume, points=[(0, 0, 999, 1)]), "outside the volume"),
        (lambda: logic.propagate(volume, labels, "none"), "No such segment: none"),
        (lambda: logic.propagate(volume, empty, "none"), "no segment"),
        (lambda: logic.propagate(volume, labels, "disc", direction="sideways"), "direction"),
        (lambda: logic.correct(volume, labels, "disc"), "No prompt"),
        (lambda: logic.correct(volume, labels, "none", [(0, 0, 0, 1)]), "No such segment: none"),
        (lambda: logic.correct(volume, labels, "disc", [(0, 0, 999, 1)]), "outside the volume"),
        (lambda: logic.correct(volume, scenes.segmentation(volume, "disc"), "disc", [(*CENTRE, 1)]), "empty"),
        (lambda: logic.acceptSlices(volume, labels, "disc", [99]), "no axial slice 99"),
        (lambda: logic.addExemplar(volume, None, 1), "No segmentation"),
        (lambda: logic.addExemplar(volume, empty, 1), "no segment"),
        (lambda: logic.addExemplar(volume, labels, 0), "holds no label"),
        (lambda: logic.addExemplar(volume, labels, 77), "77"),
        (lambda: logic.fineTune(library=logic.settings.runFolder, name="x"), "No exemplar library"),
        (lambda: logic.fineTune(name="x", resume=True), "No stopped training"),
        (lambda: logic.activateAdapter("nothing"), "No adapter"),
        (lambda: logic.activateAdapter(None, "gpt"), "gpt"),
        (lambda: logic.evaluate(labels, scenes.segmentation(volume, other=np.ones((6, 40, 56))), volume), "name"),
    ]
    for job, words in cases:
        with pytest.raises(InputError, match=words) as caught:
            job()
        assert caught.value.remedy


def test_a_volume_of_one_slice(logic):
    volume, labels = make_patient(3, slices=3)
    import slicer

    array = slicer.util.arrayFromVolume(volume)[1:2].copy()
    one = slicer.util.addVolumeFromArray(array, slicer.util.arrayFromVTKMatrix(_matrix(volume)), "one")
    logic.activateAdapter(None, TINY_VIT.name)
    found = logic.segmentSlice(one, points=[(*world(one, (18, 18, 0)), 1)])
    assert segmentArray(found, "Segment", one).shape == (1, 40, 56)
    logic.propagate(one, found, "Segment")


def _matrix(volume):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix


def test_an_adapter_of_another_model_is_refused(logic, patient, tiny_weights, tmp_path):
    volume, labels = patient
    logic.addExemplar(volume, labels, 2)
    logic.shelf.add(make_planted(tmp_path / "planted", tiny_weights), "mine")
    with pytest.raises(InputError, match="trained on test_tiny_vit, not on sam_vit_b.*model test_tiny_vit"):
        logic.activateAdapter("mine", model="sam_vit_b")
    with pytest.raises(InputError, match="name is taken"):
        logic.fineTune(name="mine", model=TINY_VIT.name, **SETTINGS)


def test_missing_weights_without_a_network(logic, patient, monkeypatch):
    volume, _ = patient
    monkeypatch.setenv("SAMADAPT_CACHE", str(logic.settings.runFolder))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(InputError) as caught:
        logic.segmentSlice(volume, points=[(*world(volume, (18, 18, 2)), 1)], model="mobile_sam")
    assert caught.value.remedy


def test_refused_packages(logic, patient, monkeypatch):
    volume, _ = patient

    def refuse(ask=True):
        raise InputError("Packages are missing", "peft", "Install them when asked")

    monkeypatch.setattr(logic.installation, "ensure", refuse)
    for job in (
        lambda: logic.segmentSlice(volume, points=[(0, 0, 0, 1)]),
        lambda: logic.fineTune(name="x"),
        lambda: logic.previewSynthesis(),
    ):
        with pytest.raises(InputError, match="Packages are missing: peft. Install"):
            job()
