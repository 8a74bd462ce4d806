"""Volumes that a sequence browser shows one frame of at a time, and segmentations that follow them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError


def browserOf(node: slicer.vtkMRMLNode | None) -> slicer.vtkMRMLSequenceBrowserNode | None:
    """The browser that shows a frame of its sequence in this node; None where there is none."""
    if node is None:
        return None
    browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForProxyNode(node)
    return browser if browser is not None and browser.GetMasterSequenceNode() is not None else None


def firstFrame(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The first frame of the sequence that a volume shows one of; None of any other volume."""
    browser = browserOf(volumeNode)
    sequence = None if browser is None else browser.GetSequenceNode(volumeNode)
    return None if sequence is None else sequence.GetNthDataNode(0)


def checkedBrowser(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLSequenceBrowserNode:
    """The browser of a volume.

    Raises:
        InputError: the volume is none that a browser shows; it shows no frame, or plays them.
    """
    browser = browserOf(volumeNode)
    name = volumeNode.GetName()
    if browser is None:
        remedy = _("Load images over time as a sequence, and choose its volume")
        raise InputError(_("The volume is not one of a sequence"), name, remedy)
    if browser.GetSelectedItemNumber() < 0 or browser.GetPlaybackActive() or browser.GetRecordingActive():
        remedy = _("Stop it at the frame with the prompts")
        raise InputError(_("The sequence shows no frame, or is playing"), name, remedy)
    return browser


def follows(
    segmentationNode: slicer.vtkMRMLSegmentationNode | None, browser: slicer.vtkMRMLSequenceBrowserNode
) -> bool:
    """Whether each frame has a segmentation of its own, which this node shows and changes."""
    sequence = None if segmentationNode is None else browser.GetSequenceNode(segmentationNode)
    return sequence is not None and browser.GetSaveChanges(sequence)


def followFrames(
    segmentationNode: slicer.vtkMRMLSegmentationNode, browser: slicer.vtkMRMLSequenceBrowserNode
) -> slicer.vtkMRMLSequenceNode:
    """Give each frame a segmentation of its own, which the node shows and whose changes are kept: what is there now is
    that of the frame at hand, and on the others the same segments are empty. Frames that have one keep it.

    Returns:
        the sequence of segmentations.
    """
    master = browser.GetMasterSequenceNode()
    sequence = browser.GetSequenceNode(segmentationNode)
    own = sequence is None
    if sequence is None:
        sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", f"{segmentationNode.GetName()} sequence")
        sequence.SetIndexName(master.GetIndexName())
        sequence.SetIndexUnit(master.GetIndexUnit())
        sequence.SetIndexType(master.GetIndexType())
    here, empty = browser.GetSelectedItemNumber(), _emptied(segmentationNode)
    for number in range(master.GetNumberOfDataNodes()):
        value = master.GetNthIndexValue(number)
        if sequence.GetDataNodeAtValue(value, True) is None:
            sequence.SetDataNodeAtValue(segmentationNode if number == here and own else empty, value)
    # At once: without the second the browser would copy segments into the node, which takes those away that are there.
    with slicer.util.NodeModify(browser):
        if own:
            browser.AddSynchronizedSequenceNodeID(sequence.GetID())
        browser.SetSaveChanges(sequence, True)
        if own:
            browser.AddProxyNode(segmentationNode, sequence, False)
    return sequence


@contextmanager
def keptFrame(browser: slicer.vtkMRMLSequenceBrowserNode) -> Iterator[int]:
    """The index of the frame at hand, to which the browser returns in the end."""
    here = browser.GetSelectedItemNumber()
    try:
        yield here
    finally:
        browser.SetSelectedItemNumber(here)


def _emptied(segmentationNode: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLSegmentationNode:
    """A copy outside of the scene, with the same segments and nothing in them, nor anything that is kept with them."""
    node = slicer.vtkMRMLSegmentationNode()
    node.CopyContent(segmentationNode, True)
    segmentation = node.GetSegmentation()
    terms = slicer.vtkSegment.GetTerminologyEntryTagName()
    for segmentID in list(segmentation.GetSegmentIDs()):
        segment = segmentation.GetSegment(segmentID)
        name, color, text = segment.GetName(), segment.GetColor(), vtk.reference("")
        told = str(text) if segment.GetTag(terms, text) else ""
        segmentation.RemoveSegment(segmentID)
        segmentation.AddEmptySegment(segmentID, name, color)
        if told:
            segmentation.GetSegment(segmentID).SetTag(terms, told)
    return node
