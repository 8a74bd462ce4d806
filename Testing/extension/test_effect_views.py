"""Oblique and light-box views, transforms, other grids, masking, and what is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.extension.effect_tools import disc, edit_inside_spleen, plane_of
from Testing.extension.test_effect_gestures import on_plane
from Testing.harness.scenes import middle, segmentArray


def transform(linear):
    import slicer
    import vtk

    if linear:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        turn = vtk.vtkTransform()
        turn.Translate(5, -3, 4)
        turn.RotateZ(20)
        node.SetMatrixTransformToParent(turn.GetMatrix())
        return node
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    spline = vtk.vtkThinPlateSplineTransform()
    source, target = vtk.vtkPoints(), vtk.vtkPoints()
    for corner in np.ndindex(2, 2, 2):
        point = np.array(corner) * 100.0 - 50
        source.InsertNextPoint(point)
        target.InsertNextPoint(point)
    source.InsertNextPoint(0, 0, 0)
    target.InsertNextPoint(4, -3, 2)
    spline.SetSourceLandmarks(source)
    spline.SetTargetLandmarks(target)
    spline.SetBasisToR()
    node.SetAndObserveTransformToParent(spline)
    return node


def world_middle(node):
    import slicer
    import vtk

    to_world = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(node.GetParentTransformNode(), None, to_world)
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    size = node.GetImageData().GetDimensions()
    return np.array(to_world.TransformPoint(matrix.MultiplyPoint((*[(n - 1) // 2 for n in size], 1))[:3]))


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("where", ["volume", "segmentation", "both"])
def test_clicks_land_where_they_are_seen_below_transforms(
    application, editor, segmentation_node, volume_node, linear, where
):
    node = transform(linear)
    if where in ("volume", "both"):
        volume_node.SetAndObserveTransformNodeID(node.GetID())
    if where in ("segmentation", "both"):
        segmentation_node.SetAndObserveTransformNodeID(node.GetID())
    application.pump()
    view, point = application.view("Red"), world_middle(volume_node)
    view.clickAt(point)
    drafts = editor.effect.workbench.controller.drafts
    assert len(drafts) == 1
    clicked = np.array(view.rasOf(view.xyOf(point)))
    assert np.array_equal(drafts[0].mask, disc(drafts[0].plane, clicked))
    view.key("Return")
    plane = plane_of(application, volume_node, clicked)
    written = on_plane(plane, segmentation_node)
    expected = disc(plane, clicked)
    # On another grid the border may move by half a voxel.
    assert written[tuple(np.round(plane.worldToPixel(clicked[None])[0][::-1]).astype(int))]
    overlap = (written & expected).sum() / (written | expected).sum()
    assert overlap == 1 if where == "both" and linear else overlap > 0.75


def test_an_oblique_view(application, editor, segmentation_node, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.rotate(35, (1, 0, 0))
    view.clickAt(point)
    draft = editor.effect.workbench.controller.drafts[0]
    assert draft.plane.index is None
    view.key("Return")
    written = on_plane(draft.plane, segmentation_node)
    # A voxel takes the pixel nearest to its centre, so that the border may move by a pixel.
    assert (written & draft.mask).sum() / (written | draft.mask).sum() > 0.85
    editor.effect.options.ui.bothButton.click()
    assert not editor.effect.options.ui.bothButton.enabled
    assert "oblique" in editor.effect.options.ui.bothButton.toolTip


def test_light_box_tiles_are_their_own_slices(application, editor, segmentation_node, volume_node):
    view = application.view("Red")
    view.lightbox(2, 2)
    application.pump()
    for xy in ((100, 240), (300, 240), (100, 80), (300, 80)):
        view.clickAt(xy)
    drafts = editor.effect.workbench.controller.drafts
    first = drafts[0].plane.index
    assert [abs(draft.plane.index - first) for draft in drafts] == [0, 1, 2, 3]
    view.key("Return")
    array = segmentArray(segmentation_node, "liver", volume_node)
    assert set(np.flatnonzero(array.any(axis=(1, 2)))) == {draft.plane.index for draft in drafts}
    editor.undo()
    assert not segmentArray(segmentation_node, "liver", volume_node).any()


def test_a_segmentation_on_a_finer_grid(application, editor, volume_node):
    import slicer

    fine = slicer.util.addVolumeFromArray(np.zeros((50, 60, 80), np.uint8), None, "Fine")
    matrix = slicer.util.arrayFromVTKMatrix(_ijk_to_ras(volume_node)) @ np.diag([0.5, 0.5, 0.4, 1])
    fine.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(fine)
    node.GetSegmentation().AddEmptySegment("fine", "fine", [0, 0, 1])
    editor.setSegmentationNode(node)
    editor.setSourceVolumeNode(volume_node)
    editor.setCurrentSegmentID("fine")
    editor.setActiveEffect("SAM Adapt")
    view, point = application.view("Red"), middle(volume_node)
    view.clickAt(point)
    view.key("Return")
    plane = plane_of(application, volume_node)
    expected = disc(plane, np.array(view.rasOf(view.xyOf(point))))
    assert np.array_equal(on_plane(plane, node, "fine"), expected)


def _ijk_to_ras(node):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return matrix


def test_masking_is_honoured(application, editor, segmentation_node, volume_node):
    view, plane = application.view("Red"), plane_of(application, volume_node)
    block = edit_inside_spleen(editor, segmentation_node, volume_node)
    view.clickAt(middle(volume_node))
    mask = editor.effect.workbench.controller.drafts[0].mask
    view.key("Return")
    spleen = plane.fromSegmentation(segmentation_node, "spleen")
    assert (mask & ~spleen).any()
    assert np.array_equal(on_plane(plane, segmentation_node), mask & spleen)
    assert np.array_equal(segmentArray(segmentation_node, "spleen", volume_node), block > 0)


def test_the_intensity_range_is_honoured_and_a_refusal_is_told(application, editor, segmentation_node, volume_node):
    editor.node.SetSourceVolumeIntensityMask(True)
    editor.node.SetSourceVolumeIntensityMaskRange(1000, 2000)
    view = application.view("Red")
    view.clickAt(middle(volume_node))
    view.key("Return")
    assert not segmentArray(segmentation_node, "liver", volume_node).any()
    assert "masking" in editor.effect.options.ui.statusLabel.text


def test_prompts_and_preview_are_drawn_where_they_belong(application, editor, volume_node):
    view, point = application.view("Red"), middle(volume_node)
    view.picture()
    view.clickAt(point)
    shown = view.picture().astype(int)
    green = view.pixel(shown, np.array(view.rasOf(np.array(view.xyOf(point)) + (3, 3))))
    assert green[1] > green[0] + 60 and green[1] > green[2] + 60
    red = view.pixel(shown, point + [2.6, 0, 0])
    assert red[0] > red[1] + 40
    view.wheel(1)
    application.pump()
    away = view.picture().astype(int)
    assert not ((away[..., 1] - away[..., 0] > 60) & (away[..., 1] - away[..., 2] > 60)).any()
    view.wheel(-1)
    view.key("Escape")
    gone = view.picture()
    assert np.ptp(gone.astype(int), axis=2).max() == 0


@pytest.mark.parametrize("holes", [False, True])
def test_the_outline_encloses_the_mask(application, holes):
    from SegmentEditorSAMAdaptLib.view.MarkerShapes import filling, outline

    mask = np.zeros((12, 15), bool)
    mask[0:9, 3:15] = True
    if holes:
        mask[3:6, 6:10] = False
    border = outline(mask)
    triangles = filling(border)
    area = sum(triangles.GetCell(index).ComputeArea() for index in range(triangles.GetNumberOfCells()))
    # The contour runs halfway between pixels and cuts 1/8 of a pixel off at each corner of the object, and adds as much
    # at each corner of a hole.
    assert area == pytest.approx(mask.sum() - 4 / 8 + (4 / 8 if holes else 0))
    assert border.GetBounds()[:4] == (2.5, 14.5, -0.5, 8.5)
