"""The whole volume without prompts: all that the adapter finds by itself, or what is named in words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import slicer
from SAMAdaptModuleLib.console.WholeVolume import FoundObjects
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, VoxelPlane
from SAMAdaptModuleLib.scene.SceneSegments import segmentByName
from slicer.i18n import tr as _

from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import Done, SliceMask
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.OneShot import OneShot
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeRequest import VolumeRequest


class VolumeSegmentation(VolumeRequest):
    """Looks for objects, see :class:`VolumeRequest`. What is written is added to the segments, so that nothing drawn by
    hand is lost."""

    def __init__(
        self, controller: EffectController, subject: Subject, onProgress: Callable[[int, int | None], None]
    ) -> None:
        super().__init__(controller, subject, onProgress)
        self._segmentID: str | None = None
        self._forget()
        self._timer = OneShot(0, self._prepare)

    @property
    def automatic(self) -> bool:
        """Whether it looks for all classes of the adapter, and not for one segment."""
        return self.running and self._segmentID is None

    def start(self, text: str | None = None) -> None:
        """Look for what ``text`` names and add it to the selected segment; None looks for all that the adapter finds,
        and adds each class to the segment of its name, which is made where there is none.

        Raises:
            InputError: no model is chosen, or the volume cannot be used.
        """
        if self.running:
            return
        controller = self.controller
        self._forget()
        self._segmentID = None if text is None else self.subject.segment
        controller.cancel()
        self._follow(controller.session.segmentVolume(None if text is None else {text: text}))

    def maskOn(self, plane: ViewPlane) -> np.ndarray | None:
        """What has been found so far on a plane, all objects together, bool [H, W]."""
        if not self.running or not isinstance(plane, VoxelPlane) or plane.axis != self._axis:
            return None
        found = self._found.get(plane.index)
        if found and plane.index not in self._unions:
            self._unions[plane.index] = np.logical_or.reduce([mask.full() for mask in found.values()])
        return self._unions.get(plane.index)

    def close(self) -> None:
        """Drop it, and let go of everything."""
        try:
            super().close()
        finally:
            self._timer.close()

    @reported
    def _onSlice(self, found: SliceMask) -> None:
        self._axis = found.axis
        self._final.take(found)
        if found.tentative:
            self._found.setdefault(found.index, {})[found.name] = found.mask
            self._unions.pop(found.index, None)

    def _onDone(self, _done: Done) -> None:
        self._prepare()

    @reported
    def _prepare(self) -> None:
        """Turn one object into voxels of the segmentation, and come back for the next: many of them on a large volume
        would hold the application up."""
        volumeNode, segmentationNode, _segment = self.subject.chosen
        name = next((name for name in self._final.counts if name not in self._labelmaps), None)
        with contextlib.ExitStack() as last:
            last.callback(self._end)
            if name is None:
                self._write()
            else:
                self._labelmaps[name] = self._final.labelmap(name, volumeNode, segmentationNode)
                self._timer.start()
                last.pop_all()

    def _write(self) -> None:
        """All in one go, so that nobody undoes or edits in between.

        The Segment Editor may leave the effect in the middle of it, which forgets all that is kept here.
        """
        controller, slices = self.controller, self._final.counts
        segmentationNode, segmentID = self.subject.segmentation, self._segmentID
        labelmaps = {name: labelmap for name, labelmap in self._labelmaps.items() if labelmap is not None}
        if not labelmaps:
            controller.tell(_("Nothing was found on any slice."))
            return
        with controller.changing(), slicer.util.RenderBlocker():
            controller.editor.saveState()
            for name, labelmap in labelmaps.items():
                controller.writer.add(labelmap, segmentID or segmentByName(segmentationNode, name, create=True))
        counts = [_("{name} on {count} slices").format(name=name, count=slices[name]) for name in labelmaps]
        controller.tell(_("Found: {list}.").format(list=", ".join(counts)))

    def _end(self) -> None:
        self._timer.stop()
        super()._end()

    def _forget(self) -> None:
        self._segmentID = None
        self._axis = ""
        self._found: dict[int, dict[str, PackedMask]] = {}
        self._final = FoundObjects()
        self._unions: dict[int, np.ndarray] = {}
        self._labelmaps: dict[str, Any] = {}
