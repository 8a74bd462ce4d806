"""Volumes and segmentations of the scene as the library gets them."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")


@pytest.fixture
def sceneVolume():
    from SAMAdaptModuleLib.scene import SceneVolume

    return SceneVolume


def test_what_is_no_scalar_3d_volume_is_refused(scenes, sceneVolume):
    import slicer
    import vtk

    def add(className, image=None):
        node = slicer.mrmlScene.AddNewNodeByClass(className, className)
        if image is not None:
            node.SetAndObserveImageData(image)
        return node

    vectors = vtk.vtkImageData()
    vectors.SetDimensions(3, 3, 3)
    vectors.AllocateScalars(vtk.VTK_FLOAT, 3)
    bad = [
        None,
        add("vtkMRMLScalarVolumeNode"),
        add("vtkMRMLVectorVolumeNode", vectors),
        add("vtkMRMLModelNode"),
        add("vtkMRMLSequenceNode"),
    ]
    for node in bad:
        with pytest.raises(InputError):
            sceneVolume.checkVolume(node)
    for shape in ((1, 5, 4), (2, 3, 4)):
        sceneVolume.checkVolume(scenes.volume(shape))
    flat = scenes.volume()
    flat.SetIJKToRASDirections(1, 0, 0, 1, 0, 0, 0, 0, 1)
    with pytest.raises(InputError, match="Image"):
        sceneVolume.checkVolume(flat)


@pytest.mark.parametrize("grid", ["straight", "oblique", "left-handed", "sagittal"])
def test_a_volume_keeps_voxels_and_grid(scenes, sceneVolume, grid):
    array = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    node = scenes.volume(matrix=scenes.GRIDS[grid], array=array)
    node.SetAndObserveTransformNodeID(scenes.linear(scenes.affine(scenes.rotation([0, 0, 1], 40))).GetID())
    found = sceneVolume.libraryVolume(node)
    assert np.array_equal(found.array, array) and found.geometry.size == (4, 3, 2) and found.name == "Image"
    assert np.allclose(found.geometry.ijk_to_ras, scenes.GRIDS[grid], atol=1e-12)
    assert np.shares_memory(sceneVolume.volumeArray(node), found.array)


def test_the_modality_of_what_came_from_dicom(scenes, sceneVolume):
    import slicer

    node = scenes.volume()
    assert sceneVolume.libraryVolume(node).modality == ""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    # As Slicer's DICOM reader notes it on the series.
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    assert sceneVolume.libraryVolume(node).modality == ""
    hierarchy.SetItemAttribute(item, "DICOM.Modality", "MR")
    assert sceneVolume.libraryVolume(node).modality == "MR"


def test_the_key_follows_voxels_and_grid_and_nothing_else(scenes, sceneVolume):
    import slicer

    node = scenes.volume()
    keys = [sceneVolume.volumeKey(node)]
    node.SetName("renamed")
    node.GetDisplayNode().SetWindow(17)
    node.SetAndObserveTransformNodeID(scenes.linear(np.eye(4)).GetID())
    assert sceneVolume.volumeKey(node) == keys[0] and hash(keys[0]) == hash(sceneVolume.volumeKey(node))
    slicer.util.arrayFromVolume(node)[0, 0, 0] += 1
    slicer.util.arrayFromVolumeModified(node)
    keys.append(sceneVolume.volumeKey(node))
    node.SetSpacing(0.9, 0.9, 2.6)
    keys.append(sceneVolume.volumeKey(node))
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5), np.int16))
    keys.append(sceneVolume.volumeKey(node))
    keys.append(sceneVolume.volumeKey(scenes.volume()))
    assert len(set(keys)) == 5


def test_the_window_is_that_of_the_display(scenes, sceneVolume):
    import slicer

    from SAMAdaptLib.volume.intensity import Intensity

    node = scenes.volume()
    display = node.GetDisplayNode()
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(350.5, -20)
    assert sceneVolume.displayedWindow(node) == "window:-20/350.5"
    assert Intensity.parse(sceneVolume.displayedWindow(node)).bounds(slicer.util.arrayFromVolume(node)) == (
        -195.25,
        155.25,
    )
    display.SetWindowLevel(0, 10)
    with pytest.raises(InputError):
        sceneVolume.displayedWindow(node)
    node.SetAndObserveDisplayNodeID(None)
    with pytest.raises(InputError):
        sceneVolume.displayedWindow(node)


def two_segments(scenes, overlap):
    node = scenes.volume((6, 10, 12), scenes.GRIDS["oblique"])
    masks = np.zeros((2, 6, 10, 12), bool)
    masks[0, 1:4, 0:6, 2:9] = True
    masks[1, 3 if overlap else 4 :, 3:10, 5:12] = True
    segmentation = scenes.segmentation(node, "liver", "spleen")
    for name, mask in zip(("liver", "spleen"), masks, strict=True):
        scenes.fill(segmentation, name, mask, node)
    return node, segmentation, masks


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_segments_become_labels_on_the_volume(scenes, sceneVolume, overlap, shared):
    node, segmentation, masks = two_segments(scenes, overlap)
    if shared:
        segmentation.GetSegmentation().CollapseBinaryLabelmaps(False)
    labels = sceneVolume.segmentationLabels(segmentation, node)
    assert labels.names == {"liver": 1, "spleen": 2} and labels.geometry.size == (12, 10, 6)
    assert bool(labels.masks) == overlap
    for name, mask in zip(("liver", "spleen"), masks, strict=True):
        assert np.array_equal(labels.mask(name), mask)
    chosen = sceneVolume.segmentationLabels(segmentation, node, ["spleen"])
    assert chosen.names == {"spleen": 1} and np.array_equal(chosen.mask("spleen"), masks[1])


def test_names_must_be_told_apart(scenes, sceneVolume):
    node, segmentation, _ = two_segments(scenes, False)
    segmentation.GetSegmentation().GetSegment("spleen").SetName("liver")
    with pytest.raises(InputError, match="liver"):
        sceneVolume.segmentationLabels(segmentation, node)
    assert sceneVolume.segmentationLabels(segmentation, node, ["spleen"]).names == {"liver": 1}
    with pytest.raises(InputError):
        sceneVolume.segmentationLabels(segmentation, node, ["no such segment"])


@pytest.mark.parametrize("bent", [False, True])
def test_labels_follow_the_transforms_of_both(scenes, sceneVolume, bent):
    """Voxel by voxel through the nodes' own transforms; voxels within a hair of a border may go either way."""
    node, segmentation, masks = two_segments(scenes, False)
    top = scenes.linear(scenes.affine(scenes.rotation([1, 0, 2], 20), origin=(3, -2, 5)))
    mover = scenes.warp(2.0) if bent else scenes.linear(scenes.affine(scenes.rotation([0, 1, 1], -4), (1.05, 1, 1)))
    mover.SetAndObserveTransformNodeID(top.GetID())
    segmentation.SetAndObserveTransformNodeID(mover.GetID())
    node.SetAndObserveTransformNodeID(top.GetID())
    labels = sceneVolume.segmentationLabels(segmentation, node)
    matrix = scenes.GRIDS["oblique"]
    ras = scenes.throughTransforms(scenes.apply(matrix, scenes.indices(masks[0].shape)), node, segmentation)
    at = scenes.apply(np.linalg.inv(matrix), ras)
    clear = (np.abs(at - np.floor(at) - 0.5) > 1e-3).all(axis=1)
    index = np.floor(at + 0.5).astype(int)
    inside = ((index >= 0) & (index < (12, 10, 6))).all(axis=1)
    expected = np.zeros(len(at), int)
    for value, mask in enumerate(masks, start=1):
        expected[inside] += value * mask[tuple(index[inside].T[::-1])]
    found = labels.array.ravel().astype(int)
    assert np.array_equal(found[clear], expected[clear]) and clear.mean() > 0.95
    assert 40 < (found == 1).sum() != masks[0].sum()


def test_a_segment_that_is_only_a_surface_is_read_and_stays_one(scenes, sceneVolume):
    """A sphere of triangles against its equation."""
    import slicer
    import vtk

    node = scenes.volume((30, 40, 40), scenes.affine(np.diag([-1, -1, 1]), (1, 1, 1.3), (20, 20, -20)))
    segmentation = scenes.segmentation(node)
    segmentation.SetSourceRepresentationToClosedSurface()
    sphere = vtk.vtkSphereSource()
    sphere.SetRadius(9)
    sphere.SetCenter(2, -3, -1)
    sphere.SetThetaResolution(80)
    sphere.SetPhiResolution(80)
    sphere.Update()
    segmentation.AddSegmentFromClosedSurfaceRepresentation(sphere.GetOutput(), "ball", [1, 0, 0], "ball")
    found = sceneVolume.segmentationLabels(segmentation, node).mask("ball").ravel()
    ras = scenes.apply(scenes.affine(np.diag([-1, -1, 1]), (1, 1, 1.3), (20, 20, -20)), scenes.indices((30, 40, 40)))
    distance = np.linalg.norm(ras - [2, -3, -1], axis=1)
    assert found[distance < 8.3].all() and not found[distance > 9.7].any()
    name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    assert not segmentation.GetSegmentation().ContainsRepresentation(name)
