"""Step 1 of the panel: a library of labelled slices."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, notes_to
from SAMAdaptLib.exemplars import STRATEGIES
from SAMAdaptModuleLib.app.Messages import errorsShown, explain
from SAMAdaptModuleLib.app.Pictures import pixmap
from SAMAdaptModuleLib.app.Titles import showTitles, titleOf
from SAMAdaptModuleLib.console.ExemplarLogic import addedText
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.scene.FindPlane import showPlane, viewsAlong
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume

if TYPE_CHECKING:
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.exemplars.manifest import ExemplarInfo
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

THUMBNAIL = 96
# Of a caption: about as wide as its picture, and no higher than half of it.
LETTERS, LINES = 17, 4


class ExemplarStep(Step):
    """Folder, new exemplars, suggestions, thumbnails.

    Args:
        logic, ui: see :class:`Step`.
        onChanged: called without arguments after the library has changed.
    """

    def __init__(self, logic: SAMAdaptLogic, ui: Any, onChanged: Callable[[], None]) -> None:
        super().__init__(logic, ui)
        self._onChanged = onChanged
        self._pictures: dict[str, Any] = {}
        ui.libraryPath.currentPath = str(logic.libraryFolder())
        ui.libraryPath.connect("currentPathChanged(QString)", self.onLibraryChanged)
        ui.addExemplarButton.connect("clicked(bool)", self.onAdd)
        ui.addBackgroundButton.connect("clicked(bool)", self.onAddBackground)
        ui.suggestButton.connect("clicked(bool)", self.onSuggest)
        ui.addSuggestedButton.connect("clicked(bool)", self.onAddSuggested)
        ui.suggestionList.connect("currentRowChanged(int)", self.onSuggestionSelected)
        ui.exemplarList.connect("itemSelectionChanged()", self.onSelectionChanged)
        ui.removeExemplarsButton.connect("clicked(bool)", self.onRemove)
        ui.suggestionList.visible = False
        ui.strategySelector.toolTip = " ".join(f"{name}: {rule.tip}." for name, rule in STRATEGIES.items())

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Suggestions are of the volume that was chosen before."""
        super().setParameterNode(parameterNode)
        for combo in (self.ui.axisSelector, self.ui.intensitySelector):
            showTitles(combo)
        self._setSuggestions([])
        self._tell("")

    def refresh(self) -> None:
        """Show what the library folder holds now."""
        from SAMAdaptLib.exemplars.library import Library
        from SAMAdaptLib.exemplars.manifest import MANIFEST

        folder = self.logic.libraryFolder()
        self.ui.exemplarList.clear()
        if not (folder / MANIFEST).exists():
            self.ui.libraryLabel.text = _("The library is empty. Add a labelled slice to start it.")
            return
        try:
            library = Library.open(folder)
        except InputError as error:
            self.ui.libraryLabel.text = explain(error)
            return
        counts = ", ".join(f"{name} {count}" for name, count in library.counts().items() if count)
        backgrounds = sum(not info.classes for info in library.infos())
        text = _("{count} exemplars: {classes}").format(count=len(library) - backgrounds, classes=counts or _("none"))
        if backgrounds:
            text += _("; {count} backgrounds").format(count=backgrounds)
        self.ui.libraryLabel.text = text
        for info in library.infos():
            self._addThumbnail(library, info)
        self.onSelectionChanged()

    def onLibraryChanged(self, path: str) -> None:
        """Another folder was chosen."""
        if path and Path(path) != self.logic.libraryFolder():
            self.logic.settings.exemplarLibrary = path
            self._pictures.clear()
            self._tell("")
            self._changed()

    def onAdd(self) -> None:
        """Add the slice that a view shows."""
        self._addShown(background=False)

    def onAddBackground(self) -> None:
        """Add the slice that a view shows as a background."""
        self._addShown(background=True)

    def onSuggest(self) -> None:
        """List slices that are worth adding."""
        with errorsShown():
            node = self.node
            found = self.logic.suggestExemplars(
                node.volume, node.segmentation, node.suggestionCount, node.strategy, node.axis, node.seed
            )
            self._setSuggestions(found)
            if not found:
                raise InputError(
                    _("No slice of the volume has a label"), node.segmentation.GetName(), _("Paint in a segment first")
                )

    def onAddSuggested(self) -> None:
        """Add the ticked suggestions."""
        items = [self.ui.suggestionList.item(row) for row in range(self.ui.suggestionList.count)]
        indices = [int(item.data(qt.Qt.UserRole)) for item in items if item.checkState() == qt.Qt.Checked]
        with errorsShown():
            self._add(indices)
            self._setSuggestions([])
        self._changed()

    def onSuggestionSelected(self, row: int) -> None:
        """Show the suggested slice in the views along its axis."""
        node = self._parameterNode
        if row < 0 or node is None or node.volume is None:
            return
        with errorsShown():
            index = int(self.ui.suggestionList.item(row).data(qt.Qt.UserRole))
            showPlane(node.volume, node.axis, index)

    def onSelectionChanged(self) -> None:
        """Exemplars were selected or deselected."""
        self.ui.removeExemplarsButton.enabled = len(self.ui.exemplarList.selectedItems()) > 0

    def onRemove(self) -> None:
        """Delete the selected exemplars."""
        chosen = [item.data(qt.Qt.UserRole) for item in self.ui.exemplarList.selectedItems()]
        question = _("Delete {count} exemplars from the library folder? This cannot be undone.")
        if not slicer.util.confirmOkCancelDisplay(question.format(count=len(chosen))):
            return
        with errorsShown():
            from SAMAdaptLib.exemplars.library import Library

            library = Library.open(self.logic.libraryFolder())
            for exemplarID in chosen:
                library.remove(exemplarID)
        self._changed()

    def _addShown(self, background: bool) -> None:
        with errorsShown():
            self._add([self._shownIndex()], background)
        self._changed()

    def _add(self, indices: list[int], background: bool = False) -> None:
        node = self.node
        intensity = "displayed" if node.intensity == "displayed" else None
        notes: list[str] = []
        with notes_to(notes.append):
            added = self.logic.addExemplars(
                node.volume,
                node.segmentation,
                indices,
                node.axis,
                subject=node.subject or None,
                intensity=intensity,
                background=background,
                neighbours=node.neighbours,
                replace=True,
                blankedMm=node.defaceMm or None,
            )
        self._tell("\n".join([addedText(added, node.axis), *notes]))

    def _tell(self, text: str) -> None:
        self.ui.addedLabel.text = text
        self.ui.addedLabel.visible = bool(text)

    def _shownIndex(self) -> int:
        """Index of the slice that the first view along the chosen axis shows."""
        node = self.node
        checkVolume(node.volume)
        for _sliceNode, plane in viewsAlong(node.volume, node.axis):
            return plane.index
        raise InputError(
            _("No view shows {axis} slices of the volume").format(axis=titleOf(node.axis)),
            node.volume.GetName(),
            _("Choose that orientation in a slice view, and rotate the view to the volume plane"),
        )

    def _setSuggestions(self, indices: list[int]) -> None:
        self.ui.suggestionList.clear()
        for index in indices:
            item = qt.QListWidgetItem(_("Slice {index}").format(index=index))
            item.setData(qt.Qt.UserRole, index)
            item.setCheckState(qt.Qt.Checked)
            self.ui.suggestionList.addItem(item)
        self.ui.suggestionList.visible = len(indices) > 0
        self.ui.addSuggestedButton.enabled = len(indices) > 0

    def _addThumbnail(self, library: Library, info: ExemplarInfo) -> None:
        from SAMAdaptLib.exemplars.thumbnail import thumbnail

        names = ", ".join(info.classes) or _("background")
        item = qt.QListWidgetItem("\n".join(textwrap.wrap(names, LETTERS, max_lines=LINES, placeholder=" ...")))
        item.setData(qt.Qt.UserRole, info.id)
        item.setToolTip(f"{names}\n{info.axis}, {info.shape[1]} x {info.shape[0]}, {info.intensity}, {info.id}")
        try:
            if info.id not in self._pictures:
                self._pictures[info.id] = pixmap(thumbnail(library.load(info.id), THUMBNAIL))
            item.setIcon(qt.QIcon(self._pictures[info.id]))
        except InputError as error:
            item.setText(_("damaged"))
            item.setToolTip(explain(error))
        self.ui.exemplarList.addItem(item)

    def _changed(self) -> None:
        self.refresh()
        self._onChanged()
