"""Buttons that save segmentations as DICOM SEG: the one chosen at the top, and those of all loaded volumes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, SAMAdaptError, in_words
from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.console.DicomExport import DicomExport
from SAMAdaptModuleLib.console.VolumeTable import DONE
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Done
    from SAMAdaptLib.service.reply import Reply
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic


class DicomSaving(Step):
    """One segmentation after the other: one that cannot be saved costs no other."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._one = _Saving(ui.dicomButton, ui.dicomLabel, logic, self._chosen)
        self._all = _Saving(ui.allDicomButton, ui.allDicomLabel, logic, self._found)

    def cleanup(self) -> None:
        """End what is going on, and let go of the buttons."""
        self._one.close()
        self._all.close()

    def _chosen(self) -> list[slicer.vtkMRMLSegmentationNode]:
        node = self.node.segmentation
        checkSegmentation(node)
        return [node]

    def _found(self) -> list[slicer.vtkMRMLSegmentationNode]:
        done = [case.segmentationNode for case in self.logic.manyVolumes.cases if case.state == DONE and case.found]
        nodes = [node for node in done if node is not None and node.GetScene() is not None]
        if not nodes:
            raise InputError(_("No volume has a segmentation to save"), None, _("Segment the volumes first"))
        return nodes


class _Saving:
    """A button, the label below it that tells what has become of it, and what it is about."""

    def __init__(
        self, button: Any, label: Any, logic: SAMAdaptLogic, nodes: Callable[[], list[slicer.vtkMRMLSegmentationNode]]
    ) -> None:
        self._button, self._label, self._nodes = button, label, nodes
        self._logic, self._tasks, self._text = logic, logic.newTasks(), button.text
        self._saved, self._failed = 0, list[str]()
        label.visible = False
        button.connect("clicked(bool)", self._onClick)

    def close(self) -> None:
        self._tasks.close()
        self._button.disconnect("clicked(bool)", self._onClick)

    def _onClick(self) -> None:
        if self._tasks.running:
            self._tasks.close()
            self._show(False)
            return
        with errorsShown():
            nodes = self._nodes()
            self._saved, self._failed = 0, []
            self._next(nodes)

    def _next(self, left: list[slicer.vtkMRMLSegmentationNode]) -> None:
        """Save one after the other, up to one that a worker writes; the rest comes after its answer."""
        while left:
            node, *left = left
            try:
                if self._begun(node, left):
                    self._show(True)
                    return
            except SAMAdaptError as error:
                self._fail(node.GetName(), error)
        self._show(False)

    def _begun(self, node: slicer.vtkMRMLSegmentationNode, left: list[slicer.vtkMRMLSegmentationNode]) -> bool:
        export = DicomExport(node)
        if export.byPlugin:
            # The wait cursor lets clicks through that came before it.
            self._button.enabled = False
            with slicer.util.WaitCursor():
                export.finish(export.writeByPlugin())
            self._saved += 1
            return False
        self._logic.installation.ensure()
        reply = self._tasks.ask("dicom_segmentation", **export.arguments())
        reply.on_done(functools.partial(self._onWritten, export, left))
        return True

    def _onWritten(self, export: DicomExport, left: list[slicer.vtkMRMLSegmentationNode], reply: Reply[Done]) -> None:
        with errorsShown():
            try:
                export.finish(Path(reply.result().values["result"]))
                self._saved += 1
            except SAMAdaptError as error:
                self._fail(export.name, error)
            self._next(left)

    def _fail(self, name: str, error: SAMAdaptError) -> None:
        self._failed.append(f"{name}: {in_words(error)}")

    def _show(self, running: bool) -> None:
        self._button.enabled = True
        self._button.text = _("Stop") if running else self._text
        lines = [_("Saved in the DICOM database: {count}").format(count=self._saved), *self._failed]
        self._label.text = "\n".join(lines)
        self._label.visible = True
