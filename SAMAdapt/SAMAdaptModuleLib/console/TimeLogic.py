"""The part of the console for images over time: sequences of volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import AXIS
from SAMAdaptLib.jobs.policy import time_rules
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.volume.measures import millilitres
from SAMAdaptModuleLib.console.SegmentingLogic import SegmentingLogic
from SAMAdaptModuleLib.console.SliceSegmentation import (
    PATIENCE_SECONDS,
    addFound,
    segmentBoxes,
    startingPrompts,
    storedPrompts,
)
from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation, segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, intensityText, segmentationLabels
from SAMAdaptModuleLib.scene.Sequences import checkedBrowser, followFrames, keptFrame
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

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
            way = _Way(session, browser, volumeNode, segmentationNode, segmentID, axis, wish)
            asked = way.alongTime(way.givenPrompts(here, rules, through), rules)
            rows = []
            for frame in range(way.count):
                way.show(frame)
                if asked[frame]:
                    way.write(asked[frame], rules, through)
                rows.append((frame + 1, way.time(frame), way.millilitres()))
                if progress is not None:
                    progress(frame + 1, way.count)
        return _table(_("{name} over time").format(name=segmentName), browser.GetMasterSequenceNode(), rows)


class _Way:
    """A segment on the frames of a sequence, of which the browser shows one at a time."""

    def __init__(
        self,
        session: InferenceSession,
        browser: slicer.vtkMRMLSequenceBrowserNode,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentID: str,
        axis: str,
        intensity: str | None,
    ) -> None:
        self._session, self._browser, self._volume, self._axis = session, browser, volumeNode, axis
        self._segmentation, self._segment, self._intensity = segmentationNode, segmentID, intensity
        self.count = browser.GetNumberOfItems()

    def show(self, frame: int) -> None:
        """Show a frame, and have the session look at it."""
        self._browser.SetSelectedItemNumber(frame)
        self._session.useVolume(self._volume, self._intensity)

    def time(self, frame: int) -> str:
        """As the sequence has it."""
        value: str = self._browser.GetMasterSequenceNode().GetNthIndexValue(frame)
        return value

    def givenPrompts(self, here: int, rules: Mapping[str, Any], through: bool) -> list[dict[int, Prompt]]:
        """The prompts that are kept with the segment on each frame, by slice; on the one at hand at least its boxes,
        and with ``through`` boxes of all slices of frames with prompts, through which it is carried first."""
        nodes = self._volume, self._segmentation, self._segment, self._axis
        found = []
        for frame in range(self.count):
            self._browser.SetSelectedItemNumber(frame)
            given = startingPrompts(*nodes) if frame == here else storedPrompts(*nodes)
            if through and any(prompt.starts for prompt in given.values()):
                self.show(frame)
                self.write(given, rules, through)
                given = {**segmentBoxes(*nodes), **given}
            found.append(given)
        return found

    def alongTime(self, given: list[dict[int, Prompt]], rules: Mapping[str, Any]) -> list[dict[int, Prompt]]:
        """The prompts of each frame, by slice: those that are given, and boxes that what was found on the frame before
        gave."""
        from SAMAdaptLib.propagation.propagate import finish, propagate

        wanted = time_rules({**rules, "use_mask": False, "memory": False})
        asked: list[dict[int, Prompt]] = [{} for _frame in given]
        for index in sorted({index for one in given for index, prompt in one.items() if prompt.starts}):
            told: dict[int, Prompt] = {}

            def predict(frame: int, prompt: Prompt, index: int = index, told: dict[int, Prompt] = told) -> SliceResult:
                self.show(frame)
                told[frame] = prompt
                answer = self._session.predict(planeOfIndex(self._volume, self._axis, index), prompt)
                found = answer.result(PATIENCE_SECONDS)
                best = int(np.argmax(found.iou))
                return SliceResult(found.masks[best].full(), np.zeros((1, 1), np.float32), float(found.iou[best]))

            prompts = {frame: one[index] for frame, one in enumerate(given) if index in one}
            shape = planeOfIndex(self._volume, self._axis, index).shape
            found = finish(propagate(predict, prompts, self.count, shape, wanted))
            for frame in np.flatnonzero(found.mask.any(axis=(1, 2))):
                asked[frame][index] = told[int(frame)]
        return asked

    def write(self, prompts: dict[int, Prompt], rules: Mapping[str, Any], through: bool) -> None:
        """Add what these prompts give to the segment of the frame that is shown."""
        nodes = self._volume, self._segmentation, self._segment
        if through:
            addFound(self._session, nodes, self._axis, prompts, rules)
        else:
            ends = {"first": min(prompts), "last": max(prompts)}
            addFound(self._session, nodes, self._axis, prompts, {**rules, **ends}, only={*prompts})

    def millilitres(self) -> float:
        """Of the segment on the frame that is shown."""
        labels = segmentationLabels(self._segmentation, self._volume, [self._segment])
        return millilitres(labels.array > 0, labels.geometry)


def _table(name: str, sequence: slicer.vtkMRMLSequenceNode, rows: list[tuple[int, str, float]]) -> Any:
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
