"""Prompts kept with segments: gestures, transforms, files, damage."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import Mark

pytestmark = pytest.mark.usefixtures("application")


@pytest.fixture
def prompts():
    from SAMAdaptModuleLib.scene import SegmentPrompts

    return SegmentPrompts


@pytest.fixture
def case(scenes):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    volume = scenes.volume((6, 12, 14), scenes.GRIDS["oblique"])
    return volume, scenes.segmentation(volume, "liver"), planeOfIndex(volume, "axial", 3)


def some(prompts, plane):
    found = prompts.PromptSet.onPlane(plane)
    for pixel, label in (([4, 5], 1), ([7.5, 2], 0)):
        found.add(Mark("point", plane.pixelToWorld([pixel]), label))
    found.add(Mark("box", plane.pixelToWorld([[9, 8], [2, 1]])))
    return found


def test_gestures_are_taken_back_in_their_order(prompts, case):
    found = prompts.PromptSet.onPlane(case[2])
    assert found.empty and not found.undo()
    found.add(Mark("point", (1, 2, 3)))
    found.add(Mark("box", [(0, 0, 0), (1, 1, 1)]))
    found.add(Mark("box", [(0, 0, 0), (2, 2, 2)]))
    found.add(Mark("point", (4, 5, 6), 0))
    seen = []
    while found.undo():
        seen.append((len(found.points), found.box and found.box[1][0]))
    assert seen == [(1, 2.0), (1, 1.0), (1, None), (0, None)] and found.empty and found.labels == []


def test_a_set_becomes_pixels_of_its_plane(prompts, case):
    prompt = some(prompts, case[2]).toPrompt(case[2])
    assert np.allclose(prompt.points, [[4, 5], [7.5, 2]], atol=1e-5) and prompt.labels.tolist() == [1, 0]
    assert np.allclose(prompt.box, [2, 1, 9, 8], atol=1e-5)


def test_boxes_are_cut_at_the_border_and_points_beside_it_refused(prompts, case):
    plane = case[2]
    found = prompts.PromptSet.onPlane(plane)
    found.add(Mark("box", plane.pixelToWorld([[-5, 3], [4, 99]])))
    assert np.allclose(found.toPrompt(plane).box, [0, 3, 4, 11], atol=1e-5)
    found.add(Mark("box", plane.pixelToWorld([[-5, 3], [-2, 9]])))
    with pytest.raises(InputError):
        found.toPrompt(plane)
    found.undo()
    found.add(Mark("point", plane.pixelToWorld([[14.6, 3]])))
    with pytest.raises(InputError):
        found.toPrompt(plane)


@pytest.mark.parametrize("bent", [False, True])
def test_prompts_follow_the_segmentation(scenes, prompts, case, bent):
    """Volume and segmentation are moved together after the prompts were kept: the same pixels again."""
    volume, segmentation, plane = case
    before = scenes.linear(scenes.affine(scenes.rotation([1, 0, 0], 12)), "before")
    segmentation.SetAndObserveTransformNodeID(before.GetID())
    prompts.writePrompts(segmentation, "liver", [some(prompts, plane)])
    (found,) = prompts.readPrompts(segmentation, "liver")
    assert np.allclose(found.toPrompt(plane).points, [[4, 5], [7.5, 2]], atol=1e-4) and found.liesOn(plane)
    segmentation.SetAndObserveTransformNodeID(None)
    prompts.writePrompts(segmentation, "liver", [some(prompts, plane)])
    mover = scenes.warp(1.5) if bent else scenes.linear(scenes.affine(scenes.rotation([1, 2, 0], 50), (1, 1.3, 2)))
    for node in (volume, segmentation):
        node.SetAndObserveTransformNodeID(mover.GetID())
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    moved = planeOfIndex(volume, "axial", 3)
    (found,) = prompts.readPrompts(segmentation, "liver")
    prompt = found.toPrompt(moved)
    assert np.allclose(prompt.points, [[4, 5], [7.5, 2]], atol=0.01 if bent else 1e-4)
    assert np.allclose(prompt.box, [2, 1, 9, 8], atol=0.01 if bent else 1e-4)
    assert not np.allclose(found.points, some(prompts, plane).points, atol=0.5)
    if not bent:
        assert found.liesOn(moved) and not found.liesOn(planeOfIndex(volume, "axial", 4))


def test_prompts_survive_saving_and_loading(prompts, case, tmp_path):
    import slicer

    _, segmentation, plane = case
    given = [some(prompts, plane), prompts.PromptSet.onPlane(plane), some(prompts, plane)]
    prompts.writePrompts(segmentation, "liver", given)
    path = str(tmp_path / "s.seg.nrrd")
    storage = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(path)
    assert storage.WriteData(segmentation)
    loaded = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "loaded")
    assert storage.ReadData(loaded)
    found = prompts.readPrompts(loaded, loaded.GetSegmentation().GetNthSegmentID(0))
    assert len(found) == 2 and found[0] == found[1]
    assert np.allclose(found[0].points, given[0].points, atol=1e-5) and np.allclose(
        found[0].box, given[0].box, atol=1e-5
    )
    assert found[0].labels == [1, 0]
    while found[0].undo():
        pass
    assert found[0].empty


def test_what_cannot_be_read_counts_as_nothing_and_is_not_touched(prompts, case, caplog):
    _, segmentation, plane = case
    segment = segmentation.GetSegmentation().GetSegment("liver")
    assert prompts.readPrompts(segmentation, "liver") == [] == prompts.readPrompts(segmentation, "none")
    prompts.writePrompts(segmentation, "liver", [some(prompts, plane)])
    good = segment_tag(segment, prompts.TAG)
    for bad in ("{", "[]", '{"version":99,"sets":[]}', good.replace('"labels":[1,0]', '"labels":[1]'), good[:-30]):
        segment.SetTag(prompts.TAG, bad)
        assert prompts.readPrompts(segmentation, "liver") == []
        assert segment_tag(segment, prompts.TAG) == bad
    assert "liver" in caplog.text
    prompts.writePrompts(segmentation, "liver", [])
    assert not segment.HasTag(prompts.TAG)
    with pytest.raises(InputError):
        prompts.writePrompts(segmentation, "none", [])


def segment_tag(segment, name):
    import vtk

    text = vtk.reference("")
    assert segment.GetTag(name, text)
    return str(text)


# As each version of the format has it; never written anew.
FROZEN = {
    1: '{"version":1,"sets":[{"origin":[1.0,2.0,3.0],"normal":[0.0,0.0,1.0],"points":[[4.0,5.0,3.0],[6.5,7.25,3.0]],'
    '"labels":[1,0],"box":[[-1.0,-2.0,3.0],[8.0,9.0,3.0]],'
    '"marks":[["scribble",[[0.0,0.0,3.0],[1.0,1.0,3.0],[2.0,1.5,3.0]],1]]}]}'
}


def test_prompts_of_every_version_so_far_are_read(prompts, case):
    assert {*FROZEN} == {*range(1, prompts.FORMAT_VERSION + 1)}
    node = case[1]
    for text in FROZEN.values():
        node.GetSegmentation().GetSegment("liver").SetTag(prompts.TAG, text)
        (found,) = prompts.readPrompts(node, "liver")
        assert found.origin == (1, 2, 3) and found.points == [(4, 5, 3), (6.5, 7.25, 3)] and found.labels == [1, 0]
        assert found.box == ((-1, -2, 3), (8, 9, 3))
        (scribble,) = [mark for mark in found.marks if mark.kind == "scribble"]
        assert np.allclose(scribble.at, [(0, 0, 3), (1, 1, 3), (2, 1.5, 3)]) and scribble.label == 1
