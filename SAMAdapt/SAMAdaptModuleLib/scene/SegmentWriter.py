"""Masks into segments, only through the segment editor: masking, overwrite mode and undo hold as for any effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.scene.AcceptedSlices import spared
from SAMAdaptModuleLib.scene.Frames import PointMap
from SAMAdaptModuleLib.scene.Plane import ViewPlane, planeMatrix
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, volumeGeometry
from SAMAdaptModuleLib.scene.SegmentGrid import orientedImage, referenceGrid
from SAMAdaptModuleLib.scene.VoxelTransfer import scatter

# Tag of a segment: which model has written into it last.
MODEL_TAG = "SAMAdapt.Model"
# Names of the modes, the same in the effect and in the logic.
ADD = "ModificationModeAdd"
REMOVE = "ModificationModeRemove"


class Editor(Protocol):
    """Where masks go."""

    @property
    def segmentationNode(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The segmentation, or None."""

    @property
    def segmentID(self) -> str | None:
        """The segment, or None."""

    def modify(self, labelmap: slicer.vtkOrientedImageData, mode: str, segmentID: str | None = None) -> None:
        """Change the segment, or another one, by a labelmap; ``mode`` is ADD or REMOVE."""

    def saveState(self) -> None:
        """Make an undo state of what the segmentation is now."""


class Chooser(Protocol):
    """What knows which model answers."""

    @property
    def choice(self) -> ModelChoice | None:
        """The model, None before one is chosen."""


class EffectEditor:
    """Edits the segment that is selected in a Segment Editor effect.

    Args:
        scriptedEffect: the effect's ``self.scriptedEffect``.
    """

    def __init__(self, scriptedEffect: slicer.qSlicerSegmentEditorScriptedEffect) -> None:
        self._effect = scriptedEffect

    @property
    def segmentationNode(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The segmentation in the editor, or None."""
        node = self._effect.parameterSetNode()
        return None if node is None else node.GetSegmentationNode()

    @property
    def segmentID(self) -> str | None:
        """The selected segment, or None; one that was removed may be called selected for a while."""
        node, segmentation = self._effect.parameterSetNode(), self.segmentationNode
        if node is None or segmentation is None:
            return None
        found = node.GetSelectedSegmentID()
        return found if found and segmentation.GetSegmentation().GetSegment(found) is not None else None

    @property
    def segmentName(self) -> str:
        """Its name; "" without a segment."""
        node, segmentID = self.segmentationNode, self.segmentID
        return node.GetSegmentation().GetSegment(segmentID).GetName() if node is not None and segmentID else ""

    def modify(self, labelmap: slicer.vtkOrientedImageData, mode: str, segmentID: str | None = None) -> None:
        """Change the selected segment, or another one, by a ``vtkOrientedImageData``; ``mode`` is ADD or REMOVE.

        Whatever is selected and shown in the segments table stays so: a segment that the table's filter hides cannot
        be selected, and trying to would leave the effect.
        """
        if segmentID not in (None, self.segmentID):
            labelmap = self._editable(labelmap, segmentID)
        modes = slicer.qSlicerSegmentEditorAbstractEffect
        self._effect.modifySegmentByLabelmap(
            self.segmentationNode, segmentID or self.segmentID or "", labelmap, getattr(modes, mode)
        )

    def _editable(self, labelmap: slicer.vtkOrientedImageData, segmentID: str) -> slicer.vtkOrientedImageData:
        """What of a labelmap masking lets through into a segment that is not selected.

        The application masks as well, but takes the selected segment for the edited one, which an area "outside all
        segments" does not exclude. So it lets nothing onto what the segment has already; there is nothing to be added.
        """
        node = self._effect.parameterSetNode()
        if node.GetMaskMode() == slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere:
            return labelmap
        area = node.GetMaskMode(), node.GetMaskSegmentID() or ""
        return _within(node.GetSegmentationNode(), labelmap, segmentID, *area)

    def saveState(self) -> None:
        """Make an undo state of what the segmentation is now."""
        self._effect.saveStateForUndo()


class LogicEditor:
    """Edits a segment from the console, without a Segment Editor on the screen.

    It has settings of its own, not those of the Segment Editor module: everything may be edited, at any intensity, and
    a voxel given to the segment is taken from all others. Give ``editorNode`` to edit by the settings of that node.

    Args:
        segmentationNode: where to write; gets a binary labelmap representation if it has none.
        segmentID: the segment.
        volumeNode: the volume that the segmentation belongs to.
        editorNode: ``vtkMRMLSegmentEditorNode`` with the settings to use; left selected as given here.

    Raises:
        InputError: unusable volume, no such segment, or one that cannot become a labelmap.
    """

    def __init__(
        self,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentID: str,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        editorNode: slicer.vtkMRMLSegmentEditorNode | None = None,
    ) -> None:
        checkVolume(volumeNode)
        if segmentationNode is None or segmentationNode.GetSegmentation().GetSegment(segmentID) is None:
            raise InputError(_("No such segment"), segmentID, _("Choose a segment of the segmentation"))
        self.segmentationNode, self.segmentID = segmentationNode, segmentID
        self._scene = segmentationNode.GetScene()
        self._ownNode = None if editorNode is not None else self._newNode()
        referenceGrid(segmentationNode, volumeNode)
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._logic.SetMRMLScene(self._scene)
        self._logic.SetSegmentEditorNode(self._ownNode if editorNode is None else editorNode)
        # Nobody could go back to one.
        self._logic.SetMaximumNumberOfUndoStates(0)
        self._logic.SetSegmentationNode(segmentationNode)
        self._logic.SetSourceVolumeNode(volumeNode)
        self._logic.SetCurrentSegmentID(segmentID)
        name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
        stored = segmentationNode.GetSegmentation().GetSourceRepresentationName()
        if stored != name and not self._logic.SetSourceRepresentationToBinaryLabelMap():
            self.close()
            raise InputError(_("The segment cannot be edited"), segmentID, _("Convert it to a binary labelmap"))

    def __enter__(self) -> LogicEditor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def modify(self, labelmap: slicer.vtkOrientedImageData, mode: str, segmentID: str | None = None) -> None:
        """Change the segment, or another one, by a ``vtkOrientedImageData``; ``mode`` is ADD or REMOVE."""
        self._logic.ModifySegmentByLabelmap(
            self.segmentationNode, segmentID or self.segmentID, labelmap, getattr(self._logic, mode), True, False
        )

    def saveState(self) -> None:
        """Make an undo state of what the segmentation is now."""
        self._logic.SaveStateForUndo()

    def close(self) -> None:
        """Leave nothing behind in the scene; may be called more than once."""
        if self._ownNode is not None:
            self._scene.RemoveNode(self._ownNode)
            self._ownNode = None

    def _newNode(self) -> slicer.vtkMRMLSegmentEditorNode:
        node = slicer.vtkMRMLSegmentEditorNode()
        # Several editors may be open at once, each with a singleton of its own.
        node.SetSingletonTag(self._scene.GenerateUniqueName("SAMAdaptConsole"))
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        return self._scene.AddNode(node)


class SegmentWriter:
    """Writes masks into the segment of an editor, but on its accepted slices.

    Args:
        editor: of the segment.
        session: whose ``choice`` answers; its title is kept with what is added.
    """

    def __init__(self, editor: Editor, session: Chooser | None = None) -> None:
        self._editor, self._session = editor, session

    def replace(self, plane: ViewPlane, old: np.ndarray, new: np.ndarray) -> None:
        """Turn one mask on a plane into another, bool [H, W] both, by their difference; makes no undo state.

        Only the difference is touched, since under "Editable area: inside a segment" the editor hands every voxel that
        is removed to that segment.
        """
        with slicer.util.RenderBlocker():
            self.remove(plane.toSegmentation(old & ~new, self._editor.segmentationNode))
            self.add(plane.toSegmentation(new & ~old, self._editor.segmentationNode))

    def replaceSlices(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        axis: str,
        old: Mapping[int, np.ndarray],
        new: Mapping[int, np.ndarray],
        free: bool = False,
    ) -> None:
        """The same for the slices of ``new``, bool [H, W] by voxel index; ``old`` has them, too. ``free``: take nothing
        from other segments, whatever the editor would, so that all of it can be taken back."""
        node, segment = self._editor.segmentationNode, self._editor.segmentID
        if node is None or not segment:
            return
        with slicer.util.RenderBlocker():
            gone = {index: old[index] & ~mask for index, mask in new.items()}
            self.remove(stackLabelmap(volumeNode, axis, gone, node))
            come = {index: mask & ~old[index] for index, mask in new.items()}
            found = stackLabelmap(volumeNode, axis, come, node)
            if free and found is not None:
                found = _within(node, found, segment, node.EditAllowedOutsideAllSegments)
            self.add(found)

    def add(self, labelmap: slicer.vtkOrientedImageData | None, segmentID: str | None = None) -> None:
        """Add the voxels of a ``vtkOrientedImageData``; None adds nothing.

        Args:
            labelmap: the voxels.
            segmentID: another segment than the editor's own.
        """
        self._modify(labelmap, ADD, segmentID)

    def remove(self, labelmap: slicer.vtkOrientedImageData | None) -> None:
        """Remove the voxels of a ``vtkOrientedImageData``; None removes nothing."""
        self._modify(labelmap, REMOVE)

    def _modify(self, labelmap: slicer.vtkOrientedImageData | None, mode: str, segmentID: str | None = None) -> None:
        node, edited = self._editor.segmentationNode, segmentID or self._editor.segmentID
        if node is not None and edited:
            labelmap = spared(labelmap, node, edited)
        if labelmap is not None:
            with slicer.util.RenderBlocker():
                self._editor.modify(labelmap, mode, segmentID)
            if mode == ADD and self._session is not None:
                self._sign(self._session.choice, segmentID)

    def _sign(self, choice: ModelChoice | None, segmentID: str | None = None) -> None:
        node, name = self._editor.segmentationNode, segmentID or self._editor.segmentID
        if choice is None or node is None or not name:
            return
        segment = node.GetSegmentation().GetSegment(name)
        if segment is not None and modelOf(segment) != choice.title:
            segment.SetTag(MODEL_TAG, choice.title)


def _within(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    labelmap: slicer.vtkOrientedImageData,
    segmentID: str,
    maskMode: int,
    maskSegmentID: str = "",
) -> slicer.vtkOrientedImageData:
    """What of a labelmap lies in the editable area of a segment."""
    excluded, found = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    segmentationNode.GenerateEditMask(excluded, maskMode, labelmap, segmentID, maskSegmentID)
    found.DeepCopy(labelmap)
    slicer.vtkOrientedImageDataResample.ApplyImageMask(found, excluded, 0, True)
    return found


def modelOf(segment: slicer.vtkSegment) -> str:
    """Which model has written into a segment last; "" for none."""
    found = vtk.reference("")
    return str(found) if segment.GetTag(MODEL_TAG, found) else ""


def stackLabelmap(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    axis: str,
    masks: Mapping[int, np.ndarray],
    segmentationNode: slicer.vtkMRMLSegmentationNode,
) -> slicer.vtkOrientedImageData | None:
    """Masks on many voxel slices as voxels of the segmentation's reference grid.

    Args:
        volumeNode: the volume.
        axis: "axial", "coronal" or "sagittal".
        masks: voxel index along the slice axis to bool [H, W].
        segmentationNode: gives the grid, see :meth:`ViewPlane.toSegmentation`.

    Returns:
        ``vtkOrientedImageData``, uint8, of the joint extent only; None where nothing is covered.

    Raises:
        InputError: unusable volume or another axis.
    """
    checkVolume(volumeNode)
    stack = PlaneStack(volumeGeometry(volumeNode), axis)
    masks = {index: mask for index, mask in sorted(masks.items()) if mask.any()}
    if not masks:
        return None
    grid = referenceGrid(segmentationNode, volumeNode)
    parents = segmentationNode.GetParentTransformNode(), volumeNode.GetParentTransformNode()
    toPlane = PointMap.between(*parents).preceded(grid.matrix).followed(planeMatrix(stack))
    fromPlane = PointMap.between(*parents[::-1]).preceded(np.linalg.inv(planeMatrix(stack)))
    fromPlane = fromPlane.followed(np.linalg.inv(grid.matrix))
    found = scatter(list(masks), np.stack(list(masks.values())), toPlane, fromPlane, grid, False)
    return None if found is None else orientedImage(*found, grid.matrix)
