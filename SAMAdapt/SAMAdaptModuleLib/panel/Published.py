"""A part of step 4: adapters that others have published, their cards, and fetching one beside the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.adapters.signature import UNSIGNED, Signed
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Downloads import megabytes
from SAMAdaptModuleLib.panel.SignedText import signedText
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TaskButton import TaskButton

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Progress
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

# Column of the table.
CLASSES = 2
# A stopped download ends at its next block, or with the server's next word.
GRACE_SECONDS = 5.0


class Published(Step):
    """The list of a folder or a server, the card of the selected adapter, and the way onto the shelf.

    Args:
        fetched: called with the name of an adapter that has come onto the shelf.
    """

    def __init__(self, logic: SAMAdaptLogic, ui: Any, fetched: Callable[[str], None]) -> None:
        super().__init__(logic, ui)
        self._fetched = fetched
        # What is listed, and where it was found.
        self._adapters: list[dict[str, Any]] = []
        self._place = ""
        self._list = TaskButton(ui.browseButton, logic.newTasks(), self.onBrowse)
        self._job = TaskButton(ui.fetchButton, logic.newTasks(), self.onFetch, self._onEnd, GRACE_SECONDS)
        ui.publishedPlace.text = logic.settings.published
        ui.publishedPlace.connect("returnPressed()", ui.browseButton.click)
        ui.publishedFolderButton.connect("clicked(bool)", self.onFolder)
        ui.publishedTable.connect("itemSelectionChanged()", self.updateSelected)
        header = ui.publishedTable.horizontalHeader()
        header.setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(CLASSES, qt.QHeaderView.Stretch)
        ui.publishedTable.verticalHeader().visible = False
        ui.publishedBar.visible = False
        self._tell("")
        self.updateSelected()
        # A box that is collapsed shows again later what is hidden meanwhile.
        ui.publishedBox.collapsed = True

    def cleanup(self) -> None:
        """End what is going on; a download goes on from there the next time."""
        self._list.close()
        self._job.close()

    def onFolder(self) -> None:
        """Choose a folder, and list what is published in it."""
        folder = qt.QFileDialog.getExistingDirectory(
            slicer.util.mainWindow(), _("Published adapters"), self.ui.publishedPlace.text
        )
        if folder:
            self.ui.publishedPlace.text = folder
            if self.ui.browseButton.text == _("Browse"):
                self.ui.browseButton.click()

    def onBrowse(self) -> None:
        """List what is published; the list comes when it is there."""
        place = self.ui.publishedPlace.text.strip()
        if not place:
            raise InputError(_("No place is given"), None, _("Type an address that begins with https://, or a folder"))
        self._show([], "")
        self._tell("")

        def listed(found: dict[str, Any]) -> None:
            # One that was of use, for the next time.
            self.logic.settings.published = place
            self._show(found["adapters"], place)
            self._tell("\n".join(found["notes"] if found["adapters"] else [_("Nothing is published there.")]))

        self._list.start("published_adapters", listed, source=place)

    def onFetch(self) -> None:
        """Have the selected adapter come onto the shelf."""
        chosen = self._selected()
        if chosen is None:
            raise InputError(_("No adapter is selected"), None, _("Browse a place, and select one of its adapters"))
        self._tell(_("{name} is being fetched.").format(name=chosen["name"]))
        self.ui.publishedBar.value = 0
        self.ui.publishedBar.visible = True
        self._job.start(
            "fetch_adapter",
            self._onFetched,
            self._onProgress,
            source=self._place,
            adapter=chosen["name"],
            shelf=str(self.logic.shelf.folder),
            signed=bool(self.ui.publishedTrustedBox.checked),
        )

    def updateSelected(self) -> None:
        """Show the card of the selected adapter, and who says to have signed it."""
        chosen = self._selected()
        self.ui.publishedCard.visible = self.ui.publishedSigner.visible = chosen is not None
        self.ui.fetchButton.enabled = self._job.running or (chosen is not None and not chosen["error"])
        if chosen is None:
            return
        self.ui.publishedCard.setMarkdown(chosen["card"])
        signed = Signed(**chosen["signed"])
        said = signedText(signed)
        if signed.state != UNSIGNED:
            said = _("As is said there, and checked when it is fetched: {said}").format(said=said)
        terms = _("Licence: {licence}").format(licence=chosen["licence"]) if chosen["licence"] else ""
        self.ui.publishedSigner.text = "\n".join(filter(None, [said, terms]))

    def _selected(self) -> dict[str, Any] | None:
        row = self.ui.publishedTable.currentRow()
        return self._adapters[row] if 0 <= row < len(self._adapters) else None

    def _show(self, adapters: list[dict[str, Any]], place: str) -> None:
        self._adapters, self._place = adapters, place
        table = self.ui.publishedTable
        table.clearContents()
        table.setRowCount(len(adapters))
        for row, one in enumerate(adapters):
            tip = one["error"] or _("{method} on {base}, {size}").format(
                method=one["method"], base=one["base"], size=megabytes(one["bytes"])
            )
            dice = "" if one["dice"] is None else f"{one['dice']:.3f}"
            for column, text in enumerate((one["name"], one["method"], ", ".join(one["classes"]), dice)):
                item = qt.QTableWidgetItem(text)
                item.setToolTip(tip)
                table.setItem(row, column, item)
        if adapters:
            table.selectRow(0)
        self.updateSelected()

    def _onProgress(self, event: Progress) -> None:
        self.ui.publishedBar.value = 1000 * event.done // (event.total or event.done or 1)

    def _onFetched(self, found: dict[str, Any]) -> None:
        text = _("{name} is on this computer now.").format(name=found["name"])
        self._tell("\n".join([text, signedText(Signed(**found["signed"]))]))
        self._fetched(found["name"])

    def _onEnd(self) -> None:
        """Whichever way it has ended; what has come says so afterwards."""
        self._tell("")
        self.ui.publishedBar.visible = False
        self.updateSelected()

    def _tell(self, text: str) -> None:
        self.ui.publishedStatus.text = text
        self.ui.publishedStatus.visible = bool(text)
