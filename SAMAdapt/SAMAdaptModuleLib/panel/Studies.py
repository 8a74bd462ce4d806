"""A part of step 4: studies, which compare models on many scans, beside the application."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.study.shipped import presets
from SAMAdaptModuleLib.app.Downloads import confirmDownload
from SAMAdaptModuleLib.app.Messages import durationText
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TaskButton import TaskButton

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Progress
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

OWN = ""
# A training writes a checkpoint within that time.
GRACE_SECONDS = 60.0


class Studies(Step):
    """What is compared on which scans, a bar, and the way to the report. A study outlives the scene."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        for name in sorted(presets()):
            ui.studySelector.addItem(name, name)
        ui.studySelector.addItem(_("a description of your own"), OWN)
        ui.studySelector.connect("currentIndexChanged(int)", self.onDesign)
        self._job = TaskButton(ui.studyButton, logic.newTasks(), self.onRun, self._onEnd, GRACE_SECONDS)
        self._report = TaskButton(ui.studyReportButton, logic.newTasks(), self.onReport)
        # Beyond the reading of its description.
        self._begun = False
        ui.studyBar.visible = False
        self._tell("")
        self._recall()
        # A box that is collapsed shows again later what is hidden meanwhile.
        ui.studyBox.collapsed = True

    def cleanup(self) -> None:
        """End what is going on; a study goes on from there the next time."""
        self._job.close()
        self._report.close()
        self.ui.studySelector.disconnect("currentIndexChanged(int)", self.onDesign)

    def onDesign(self, _index: int = 0) -> None:
        """A preset was chosen, or a description of one's own."""
        own = self.ui.studySelector.currentData == OWN
        self.ui.studyFile.visible = self.ui.studyFileLabel.visible = own

    def onRun(self) -> None:
        """Do what is left of the study, once what it needs is known."""
        arguments = self._chosen()
        self.logic.installation.ensure()
        self._tell(_("The description is being read."))
        self._job.start("study_models", functools.partial(self._start, arguments), **arguments)

    def onReport(self) -> None:
        """Write the report of what is there, and show it."""
        folder = self._folder()
        self.logic.installation.ensure()
        self._report.start("study_report", self._showPage, folder=folder)

    def _start(self, arguments: dict[str, Any], models: list[str]) -> None:
        self._tell("")
        for name in models:
            confirmDownload(self.logic.models.choice(name))
        self._tell(_("The scans are being read."))
        self._job.start("study", self._onDone, self._onProgress, **arguments)
        self._begun = True
        self.ui.studyBar.maximum = 0
        self.ui.studyBar.visible = True

    def _chosen(self) -> dict[str, Any]:
        ui = self.ui
        description = ui.studySelector.currentData or ui.studyFile.currentPath.strip()
        if not description:
            raise InputError(_("No description is chosen"), None, _("Choose a preset or a file (TOML)"))
        index = ui.studyIndex.currentPath.strip()
        if not index and ui.studySelector.currentData != OWN:
            raise InputError(
                _("No scans are chosen"), None, _("Choose a table (CSV) with the columns image, labels, patient, split")
            )
        chosen = {"description": description, "index": index, "output": self._folder()}
        self.logic.settings.study = chosen
        return {**chosen, "index": index or None}

    def _folder(self) -> str:
        folder: str = self.ui.studyFolder.currentPath.strip()
        if not folder:
            raise InputError(_("No output folder is chosen"), None, _("Choose a new one, or that of an earlier study"))
        return str(Path(folder).absolute())

    def _recall(self) -> None:
        ui, chosen = self.ui, self.logic.settings.study
        description = chosen.get("description", "")
        place = ui.studySelector.findData(description)
        if description:
            ui.studySelector.setCurrentIndex(place if place >= 0 else ui.studySelector.findData(OWN))
            ui.studyFile.currentPath = "" if place >= 0 else description
        ui.studyIndex.currentPath = chosen.get("index", "")
        ui.studyFolder.currentPath = chosen.get("output", "")
        self.onDesign()

    def _onProgress(self, event: Progress) -> None:
        bar, values = self.ui.studyBar, event.values
        bar.maximum = event.total or 0
        bar.value = event.done
        left = values["seconds_left"]
        if not event.total or left is None:
            self._tell(_("The scans are being read: {doing}.").format(doing=values["doing"]))
            return
        text = _("Cell {number} of {count}: {row}. About {left} left.")
        words = text.format(number=event.done + 1, count=event.total, row=values["row"], left=durationText(left))
        self._tell("\n".join(filter(None, [words, values["doing"]])))

    def _onDone(self, found: dict[str, Any]) -> None:
        text = _("The study is done: {count} cells.").format(count=found["cells"])
        if found["failed"]:
            failed = _("{failed} of {count} cells failed, the first: {error}. The next run tries them again.")
            text = failed.format(failed=len(found["failed"]), count=found["cells"], error=found["failed"][0])
        self._tell(text)
        self._showPage(found["report"])

    def _onEnd(self) -> None:
        """Whichever way it has ended; what is done says so afterwards."""
        self._tell(_("Not finished. The next run goes on where this one was.") if self._begun else "")
        self._begun = False
        self.ui.studyBar.visible = False

    def _showPage(self, path: str) -> None:
        if not qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(path)):
            raise InputError(_("No web browser opens the report"), path, _("Open this file in one"))

    def _tell(self, text: str) -> None:
        self.ui.studyStatus.text = text
        self.ui.studyStatus.visible = bool(text)
