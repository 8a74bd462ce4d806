"""The panel's last part: what belongs to this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.DeviceSelector import fillDevices
from SAMAdaptModuleLib.app.Downloads import megabytes
from SAMAdaptModuleLib.app.Messages import errorsShown, explain
from SAMAdaptModuleLib.panel.Step import Step

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic


class ComputerStep(Step):
    """The device, the server that works in its place, and what is kept on disk; nothing of it belongs to a scene."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._tasks = logic.newTasks()
        self._asked = False
        self._connections = (
            (ui.computerButton, "contentsCollapsed(bool)", self.refresh),
            (ui.deviceSelector, "currentIndexChanged(int)", self.onDevice),
            (ui.clearCacheButton, "clicked(bool)", self.onClear),
            (ui.serverEdit, "editingFinished()", self.onServer),
            (ui.tokenPath, "currentPathChanged(QString)", self.onServer),
        )
        for widget, signal, slot in self._connections:
            widget.connect(signal, slot)

    def cleanup(self) -> None:
        """Let go of the widgets."""
        self._tasks.close()
        for widget, signal, slot in self._connections:
            widget.disconnect(signal, slot)

    def refresh(self) -> None:
        """Show what there is now; looks for devices once, beside the application."""
        if self.ui.computerButton.collapsed:
            return
        self._showServer()
        fillDevices(self.ui.deviceSelector, self.logic.settings)
        size = self.logic.settings.cacheSize()
        self.ui.cacheSizeLabel.text = megabytes(size)
        self.ui.clearCacheButton.enabled = size > 0
        if not self._asked and not self.logic.installation.missing():
            self._asked = True
            with errorsShown():
                self._tasks.ask("devices").on_done(self._onDevices)

    def onDevice(self) -> None:
        """A device was chosen: what is loaded moves there at once, a training at its next start."""
        self.logic.settings.device = self.ui.deviceSelector.currentData
        with errorsShown():
            self.logic.useDevice()

    def onServer(self) -> None:
        """Another server or token: prompts go there from the next one on."""
        settings = self.logic.settings
        told = self.ui.serverEdit.text.strip(), self.ui.tokenPath.currentPath
        if told == (settings.server, settings.tokenFile):
            return
        settings.server, settings.tokenFile = told
        self.logic.inference.changePlace()
        self._showServer()

    def onClear(self) -> None:
        """Delete the embeddings."""
        with errorsShown():
            self.logic.settings.clearCache()
        self.refresh()

    def _showServer(self) -> None:
        settings = self.logic.settings
        self.ui.serverEdit.text, self.ui.tokenPath.currentPath = settings.server, settings.tokenFile
        try:
            settings.remote()
        except InputError as error:
            text = explain(error).replace("\n\n", " ")
        else:
            text = _("Prompts go to {server}.").format(server=settings.server) if settings.server else ""
        self.ui.serverStateLabel.text = text
        self.ui.serverStateLabel.visible = bool(text)

    def _onDevices(self, reply: Reply[Done]) -> None:
        if reply.error is not None:
            words = _("The devices could not be listed: {error}")
            self.ui.deviceSelector.toolTip = words.format(error=reply.error)
            return
        self.logic.settings.devices = reply.result().values["result"]
        self.refresh()
