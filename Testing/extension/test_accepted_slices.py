"""Slices that were accepted: kept with the segment, and written to by nothing of ours, on any grid."""

from __future__ import annotations

import numpy as np
import pytest
from vtk.util.numpy_support import vtk_to_numpy

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")
SHAPE = (6, 12, 14)


@pytest.fixture
def kept():
    from SAMAdaptModuleLib.scene import AcceptedSlices

    return AcceptedSlices


@pytest.fixture(params=["straight", "oblique", "sagittal"])
def case(scenes, request):
    volume = scenes.volume(SHAPE, scenes.GRIDS[request.param])
    return volume, scenes.segmentation(volume, liver=np.zeros(SHAPE, bool))


def along(volume, axis, index):
    """The voxels of a slice, bool [K, J, I], by the library's own view of slices."""
    from SAMAdaptModuleLib.scene.SceneVolume import volumeGeometry

    from SAMAdaptLib.volume.planes import PlaneStack

    out = np.zeros(SHAPE, bool)
    PlaneStack(volumeGeometry(volume), axis).view(out)[index] = True
    return out


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_what_is_written_and_removed_leaves_accepted_slices_alone(scenes, kept, case, axis):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
    from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter

    volume, node = case
    kept.acceptSlices(node, "liver", volume, axis, [1, 3])
    planes = {index: planeOfIndex(volume, axis, index) for index in range(5)}
    full = {index: np.ones(plane.shape, bool) for index, plane in planes.items()}
    none = {index: ~mask for index, mask in full.items()}
    free = along(volume, axis, 0) | along(volume, axis, 2) | along(volume, axis, 4)
    with LogicEditor(node, "liver", volume) as editor:
        writer = SegmentWriter(editor)
        writer.replaceSlices(volume, axis, none, full)
        assert np.array_equal(scenes.segmentArray(node, "liver", volume), free)
        kept.acceptSlices(node, "liver", volume, axis, [1, 3], accepted=False)
        writer.replace(planes[1], none[1], full[1])
        kept.acceptSlices(node, "liver", volume, axis, [1, 0])
        writer.replaceSlices(volume, axis, full, none)
    assert np.array_equal(
        scenes.segmentArray(node, "liver", volume), along(volume, axis, 1) | along(volume, axis, 0)
    )


def test_they_are_told_along_their_axis_alone_and_released_one_by_one(kept, case):
    volume, node = case
    kept.acceptSlices(node, "liver", volume, "coronal", [2, 5, 7])
    kept.acceptSlices(node, "liver", volume, "coronal", [5])
    kept.acceptSlices(node, "liver", volume, "axial", [5])
    kept.acceptSlices(node, "liver", volume, "coronal", [2, 9], accepted=False)
    assert kept.acceptedAlong(node, "liver", volume, "coronal") == {5, 7}
    assert kept.acceptedAlong(node, "liver", volume, "axial") == {5}
    assert kept.acceptedAlong(node, "liver", volume, "sagittal") == set() and len(kept.readAccepted(node, "liver")) == 3
    kept.acceptSlices(node, "liver", volume, "coronal", [5, 7], accepted=False)
    kept.acceptSlices(node, "liver", volume, "axial", [5], accepted=False)
    assert not node.GetSegmentation().GetSegment("liver").HasTag(kept.TAG)


def test_they_follow_the_transforms_of_volume_and_segmentation(scenes, kept, case):
    """Both below a turn and a stretch, or only the segmentation, and then moved away together."""
    volume, node = case
    turn = scenes.linear(scenes.affine(scenes.rotation([1, 0, 2], 33), (1.0, 2.0, 0.5), (3, -2, 40)))
    for nodes in ([volume, node], [node]):
        for one in (volume, node):
            one.SetAndObserveTransformNodeID(turn.GetID() if one in nodes else None)
        kept.acceptSlices(node, "liver", volume, "axial", [4])
        assert kept.acceptedAlong(node, "liver", volume, "axial") == {4}
        kept.acceptSlices(node, "liver", volume, "axial", [4], accepted=False)
    with pytest.raises(InputError, match="bends slices"):
        node.SetAndObserveTransformNodeID(scenes.warp().GetID())
        kept.acceptSlices(node, "liver", volume, "axial", [4])


@pytest.mark.parametrize("factor", [2, 0.5])
def test_on_a_finer_or_coarser_grid_the_voxels_of_the_slice_are_spared(scenes, kept, factor):
    """By hand: straight axes, slices 2 mm apart at 0, 2, ...; slice 2 reaches from 3 to 5 mm."""
    volume = scenes.volume(SHAPE, scenes.affine(spacing=(1, 1, 2)))
    fine = scenes.volume((int(6 * factor), 12, 14), scenes.affine(spacing=(1, 1, 2 / factor)), name="other")
    node = scenes.segmentation(fine, "liver")
    kept.acceptSlices(node, "liver", volume, "axial", [2])
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
    from SAMAdaptModuleLib.scene.SegmentWriter import stackLabelmap

    count = int(6 * factor)
    masks = {index: np.ones(planeOfIndex(fine, "axial", index).shape, bool) for index in range(count)}
    left = kept.spared(stackLabelmap(fine, "axial", masks, node), node, "liver")
    shape = left.GetDimensions()[::-1]
    array = vtk_to_numpy(left.GetPointData().GetScalars()).reshape(shape).astype(bool)
    assert shape[0] == count
    # A centre half-way between two slices belongs to the upper one: of those at 3, 4 and 5 mm the first two.
    gone = {2: [3, 4], 0.5: [1]}[factor]
    assert np.flatnonzero(~array.any(axis=(1, 2))).tolist() == gone
    assert array.all(axis=(1, 2)).sum() == count - len(gone)


def test_they_come_back_from_a_file_and_with_a_copy(kept, case, tmp_path):
    import slicer

    volume, node = case
    slicer.util.updateSegmentBinaryLabelmapFromArray(np.ones(SHAPE, np.uint8), node, "liver", volume)
    kept.acceptSlices(node, "liver", volume, "axial", [1, 4])
    node.GetSegmentation().GetSegment("liver").SetName("hepar")
    path = str(tmp_path / "one.seg.nrrd")
    assert slicer.util.saveNode(node, path)
    again = slicer.util.loadSegmentation(path)
    found = again.GetSegmentation().GetNthSegmentID(0)
    assert kept.acceptedAlong(again, found, volume, "axial") == {1, 4}
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    other.GetSegmentation().CopySegmentFromSegmentation(node.GetSegmentation(), "liver")
    assert kept.readAccepted(other, "liver") == kept.readAccepted(node, "liver")


def test_what_the_first_version_kept_is_read_and_damage_counts_as_none(kept, case):
    _volume, node = case
    segment = node.GetSegmentation().GetSegment("liver")
    text = '{"version":1,"slices":[[[1.0,2.0,3.5],[0.0,0.0,1.0],2.5]]}'
    segment.SetTag(kept.TAG, text)
    assert kept.readAccepted(node, "liver") == [kept.AcceptedSlice((1.0, 2.0, 3.5), (0.0, 0.0, 1.0), 2.5)]
    for damage in (text.replace(":1,", ":2,"), text.replace(",2.5]", "]"), text.replace("2.5", "0.0"), "no JSON"):
        segment.SetTag(kept.TAG, damage)
        assert kept.readAccepted(node, "liver") == []
