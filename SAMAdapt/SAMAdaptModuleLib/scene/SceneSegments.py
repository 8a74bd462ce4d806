"""Segments by name, as the console speaks of them."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.scene.Terminology import applyTerminology


def newSegmentation(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLSegmentationNode:
    """An empty segmentation on the volume's grid, under the volume's transform and in the study that it belongs to."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volumeNode.GetName()} segmentation")
    node.CreateDefaultDisplayNodes()
    # Before the geometry, which is taken relative to the transforms of both.
    node.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
    node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
    hierarchy = slicer.mrmlScene.GetSubjectHierarchyNode()
    item = 0 if hierarchy is None else hierarchy.GetItemByDataNode(volumeNode)
    if item:
        # The node has an item already, which moves there.
        hierarchy.CreateItem(hierarchy.GetItemParent(item), node)
    return node


def checkSegmentation(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
    """Raises InputError where there is no segmentation, or one without a segment."""
    if segmentationNode is None:
        raise InputError(_("No segmentation is selected"), None, _("Select or create a segmentation of the volume"))
    if segmentationNode.GetSegmentation().GetNumberOfSegments() == 0:
        raise InputError(
            _("The segmentation has no segment"), segmentationNode.GetName(), _("Add a segment and paint in it")
        )


def segmentByName(segmentationNode: slicer.vtkMRMLSegmentationNode, name: str, create: bool = False) -> str:
    """ID of the segment of this name.

    Args:
        segmentationNode: where to look.
        name: of the segment.
        create: add one, with terminology and colour, where there is none.

    Raises:
        InputError: no such segment, and ``create`` is off.
    """
    segmentation = segmentationNode.GetSegmentation()
    found = segmentation.GetSegmentIdBySegmentName(name)
    if found:
        return found
    if not create:
        listed = [segmentation.GetNthSegment(i).GetName() for i in range(segmentation.GetNumberOfSegments())]
        raise InputError(
            _("No such segment"),
            name,
            _("Choose one of those present: {names}").format(names=", ".join(listed)) if listed else _("Add a segment"),
        )
    segmentID = segmentation.AddEmptySegment("", name)
    applyTerminology(segmentation.GetSegment(segmentID), name)
    return segmentID
