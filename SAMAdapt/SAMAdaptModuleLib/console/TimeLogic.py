"""The part of the console for images over time: sequences of volumes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import AXIS
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.console.SegmentingLogic import SegmentingLogic
from SAMAdaptModuleLib.console.SliceSegmentation import PATIENCE_SECONDS, startingPrompts
from SAMAdaptModuleLib.console.TimeWay import FrameRow, Step, TimeWay, TimeWish
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation, segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, intensityText
from SAMAdaptModuleLib.scene.SegmentWriter import LogicEditor, SegmentWriter
from SAMAdaptModuleLib.scene.Sequences import checkedBrowser, followFrames, keptFrame

Progress = Callable[[int, int | None], None]


class TimeLogic(SegmentingLogic):
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`."""

    def followFrames(
        self, volumeNode: slicer.vtkMRMLScalarVolumeNode, segmentationNode: slicer.vtkMRMLSegmentationNode
    ) -> slicer.vtkMRMLSequenceNode:
        """Give each frame of a volume's sequence a segmentation of its own, see
        :func:`SAMAdaptModuleLib.scene.Sequences.followFrames`.

        Returns:
            the sequence of segmentations.

        Raises:
            InputError: the volume is none of a sequence; no segment.
        """
        checkSegmentation(segmentationNode)
        return followFrames(segmentationNode, checkedBrowser(volumeNode))

    def propagateTime(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentName: str,
        axis: str = AXIS,
        through: bool = True,
        progress: Progress | None = None,
        intensity: str | None = None,
        **rules: Any,
    ) -> slicer.vtkMRMLTableNode:
        """Carry a segment from the frames of a sequence with prompts to all others, earlier and later, and add what is
        found to it there. Each frame has a segmentation of its own afterwards, see :meth:`followFrames`.

        Along time it is carried on the slices with prompts, by boxes; where the frame at hand has none, on those that
        the segment is on. ``through`` carries it through the volume of the frames with prompts first, then all slices
        that it is on there along time, and on each frame on to slices beside these.

        Args:
            volumeNode: the volume that a sequence browser shows.
            segmentationNode: with the segment.
            segmentName: of the segment.
            axis: "axial", "coronal" or "sagittal".
            through: carry it through the volume of each frame, too.
            progress: called with (frames done, frames in all).
            intensity: as for :meth:`segmentSlice`.
            **rules: fields of ``SAMAdaptLib.propagation.rules.PropagationRules``, which hold along time as along
                slices; a range, ``first`` and ``last``, is one of slices.

        Returns:
            a table with a row for each frame: "Frame" from 1, its time, and "Volume (mL)".

        Raises:
            InputError: the volume is none of a sequence; see :meth:`propagate`.
        """
        checkVolume(volumeNode)
        checkSegmentation(segmentationNode)
        segmentID = segmentByName(segmentationNode, segmentName)
        browser = checkedBrowser(volumeNode)
        wish = intensityText(intensity, volumeNode)
        with self._looking(volumeNode, intensity) as session, keptFrame(browser) as here:
            startingPrompts(volumeNode, segmentationNode, segmentID, axis)
            followFrames(segmentationNode, browser)

            def write(labelmap: slicer.vtkOrientedImageData) -> None:
                with LogicEditor(segmentationNode, segmentID, volumeNode) as editor:
                    SegmentWriter(editor, session).add(labelmap)

            way = TimeWay(session, browser, (volumeNode, segmentationNode, segmentID), axis, wish, write)
            steps, answer = way.steps(here, TimeWish(rules, through)), None
            with contextlib.suppress(StopIteration):
                while True:
                    event = steps.send(answer)
                    answer = event.result(PATIENCE_SECONDS) if isinstance(event, Reply) else None
                    if progress is not None and isinstance(event, Step) and event.frame is not None:
                        progress(event.frame + 1, way.count)
        return _table(_("{name} over time").format(name=segmentName), browser.GetMasterSequenceNode(), way.rows)


def _table(name: str, sequence: slicer.vtkMRMLSequenceNode, rows: list[FrameRow]) -> Any:
    """A new table of the frames; Slicer saves it as .csv, too."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    node.SetUseColumnTitleAsColumnHeader(True)
    unit = sequence.GetIndexUnit()
    time = f"{sequence.GetIndexName()} ({unit})" if unit else sequence.GetIndexName()
    kinds = (vtk.vtkIntArray, vtk.vtkStringArray, vtk.vtkDoubleArray)
    for place, (title, kind) in enumerate(zip((_("Frame"), time, _("Volume (mL)")), kinds, strict=True)):
        array = kind()
        array.SetName(title)
        for row in rows:
            array.InsertNextValue(row[place])
        node.AddColumn(array)
    return node
