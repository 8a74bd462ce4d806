"""The segment editor: calls an effect in the order in which qMRMLSegmentEditorWidget does."""

from __future__ import annotations

import slicer
import vtk

from Testing.harness.effects import EffectFactory
from Testing.harness.util import Dialogs, Signal, SignalOwner, guarded

BUTTONS = [f"{button}Button{what}Event" for button in ("Left", "Middle", "Right") for what in ("Press", "Release")]
THREED_EVENTS = [
    *BUTTONS,
    *("MouseMoveEvent", "MouseWheelForwardEvent", "MouseWheelBackwardEvent"),
    *("MouseWheelLeftEvent", "MouseWheelRightEvent", "KeyPressEvent", "KeyReleaseEvent", "EnterEvent", "LeaveEvent"),
]
SLICE_EVENTS = [*THREED_EVENTS, *(f"{button}ButtonDoubleClickEvent" for button in ("Left", "Middle", "Right"))]


class SegmentEditor(SignalOwner):
    """qMRMLSegmentEditorWidget without its widgets: its own clones of all effects, the editor node, undo and redo."""

    def __init__(self, dialogs: Dialogs, layoutManager, undoStates: int = 10):
        self.dialogs = dialogs
        self._layoutManager = layoutManager
        self.segmentationNodeChanged, self.sourceVolumeNodeChanged = Signal(), Signal()
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLScene(slicer.mrmlScene)
        self.logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        self.setMaximumNumberOfUndoStates(undoStates)
        self.node = self._segmentation = self._source = self._active = None
        self._filter = self._selectedRow = ""
        self._segmentationTags: list = []
        self._effects: list = []
        self._nodeTags: list = []
        self._viewTags: list = []
        self._frames = None
        self._sceneTags = [
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, self._onStartClose),
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.EndCloseEvent, self._onEndClose),
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.EndImportEvent, self._onEndImport),
            slicer.mrmlScene.AddObserver(slicer.vtkMRMLScene.NodeRemovedEvent, self._onNodeRemoved),
        ]
        self._interaction = slicer.app.applicationLogic().GetInteractionNode()
        self._interactionTag = self._interaction.AddObserver("ModifiedEvent", self._onInteraction)
        if layoutManager:
            layoutManager.connect("layoutChanged(int)", self._onLayoutChanged)
        EffectFactory.effectRegistered.connect(self.updateEffectList)
        self._selectNode()
        self.updateEffectList()

    def close(self) -> None:
        """As when the widget is destroyed."""
        self.removeViewObservations()
        self._observeSegmentation(None)
        for effect in self._effects:
            effect.cleanup()
        EffectFactory.effectRegistered.disconnect(self.updateEffectList)
        if self._layoutManager:
            self._layoutManager.disconnect("layoutChanged(int)", self._onLayoutChanged)
        for tag in self._sceneTags:
            slicer.mrmlScene.RemoveObserver(tag)
        self._interaction.RemoveObserver(self._interactionTag)
        self._observeNode(None)
        self._effects, self._active = [], None

    # --- effects -----------------------------------------------------------------------------------------------------
    def updateEffectList(self, name: str = "") -> None:
        known = [effect.name for effect in self._effects]
        registered = EffectFactory.instance().registeredEffects()
        clones = (prototype._call("clone") for prototype in registered if prototype.name not in known)
        for effect in filter(None, clones):
            effect._editor = self
            effect.setParameterSetNode(self.node)
            effect._call("setMRMLDefaults")
            self._effects.append(effect)
            effect._call("icon")
            effect._call("setupOptionsFrame")
            effect.optionsFrame().setVisible(False)
            self.optionsWidget().layout().addWidget(effect.optionsFrame())

    def optionsWidget(self):
        """A frame with the options of the effects, of which only the active one's are visible; can be grabbed."""
        if self._frames is None:
            import qt

            self._frames = qt.QFrame()
            qt.QVBoxLayout(self._frames)
        return self._frames

    def availableEffectNames(self):
        return tuple(effect.name for effect in self._effects)

    def effectByName(self, name):
        return next((effect for effect in self._effects if effect.name == name), None)

    def activeEffect(self):
        """The active `scriptedEffect`, or None."""
        return self._active

    @property
    def effect(self):
        """The active effect's Python object (its `scriptedEffect` is the stand-in), or None."""
        return self._active.self() if self._active else None

    def setActiveEffectByName(self, name) -> None:
        self.setActiveEffect(self.effectByName(name))

    def setActiveEffect(self, effect) -> None:
        """An effect of this editor, its name, or None."""
        if isinstance(effect, str):
            found = self.effectByName(effect)
            if found is None and effect:
                raise KeyError(f"no effect {effect!r}; there are {self.availableEffectNames()}")
            effect = found
        if self.node:
            self.node.SetActiveEffectName(effect.name if effect else "")

    # --- nodes -------------------------------------------------------------------------------------------------------
    def setMaximumNumberOfUndoStates(self, number) -> None:
        self.logic.SetMaximumNumberOfUndoStates(number)

    def setSegmentationNode(self, node) -> None:
        if self.logic.GetSegmentationNode() is not node:
            self.logic.SetSegmentationNode(node)
            self.setActiveEffect(None)

    def setSourceVolumeNode(self, node) -> None:
        self.logic.SetSourceVolumeNode(node)

    def setCurrentSegmentID(self, segmentID) -> None:
        self.logic.SetCurrentSegmentID(segmentID)

    def currentSegmentID(self) -> str:
        return self.logic.GetCurrentSegmentID()

    def segmentationNode(self):
        return self.logic.GetSegmentationNode()

    def filterSegments(self, text: str) -> None:
        """The text above the segments table: rows of other segments are not there, and cannot be selected."""
        self._filter = text
        self._updateFromMRML()

    def undo(self) -> None:
        self.logic.Undo()

    def redo(self) -> None:
        self.logic.Redo()

    def setMRMLSegmentEditorNode(self, node) -> None:
        self._observeNode(node)
        self.node = node
        self.logic.SetSegmentEditorNode(node)
        self._initializeNode()
        self._updateFromMRML()

    def _selectNode(self) -> None:
        # The Segment Editor module keeps one node of this tag.
        node = slicer.mrmlScene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
            node.UnRegister(None)
            node.SetSingletonTag("SegmentEditor")
            node = slicer.mrmlScene.AddNode(node)
        if node is not self.node:
            self.setMRMLSegmentEditorNode(node)

    def _observeNode(self, node) -> None:
        for tag in self._nodeTags if self.node else ():
            self.node.RemoveObserver(tag)
        self._nodeTags = []
        if node:
            self._nodeTags = [
                node.AddObserver("ModifiedEvent", lambda *_: guarded(self._updateFromMRML)),
                node.AddObserver(node.EffectParameterModified, lambda *_: self._updateGUIs()),
            ]

    def _updateGUIs(self) -> None:
        for effect in self._effects:
            effect.updateGUIFromMRML()

    def _initializeNode(self) -> None:
        was = self.node.StartModify()
        for effect in self._effects:
            effect.setParameterSetNode(self.node)
            effect._call("setMRMLDefaults")
        self.node.EndModify(was)

    def _updateFromMRML(self) -> None:
        if slicer.mrmlScene.IsClosing() or slicer.mrmlScene.IsBatchProcessing() or self.node is None:
            return
        # What is changed meanwhile is heard of in the end.
        node, was = self.node, self.node.StartModify()
        try:
            self._update()
        finally:
            node.EndModify(was)

    def _update(self) -> None:
        segmentation = self.node.GetSegmentationNode()
        if segmentation is not self._segmentation:
            self._observeSegmentation(segmentation)
            if segmentation:
                segmentation.CreateDefaultDisplayNodes()
                if segmentation.GetSegmentation().GetNumberOfSegments() and not self.currentSegmentID():
                    self.setCurrentSegmentID(segmentation.GetSegmentation().GetNthSegmentID(0))
            self.segmentationNodeChanged.emit(segmentation)
        source = self.logic.GetSourceVolumeNode()
        if segmentation and source is not self._source:
            self._source = source
            self._showSource()
            self.sourceVolumeNodeChanged.emit(source)
            for effect in self._effects:
                effect._call("sourceVolumeNodeChanged")
        self._updateTable()
        self._updateActive()

    def _observeSegmentation(self, segmentation) -> None:
        for tag in self._segmentationTags if self._segmentation else ():
            self._segmentation.RemoveObserver(tag)
        self._segmentation, self._segmentationTags = segmentation, []
        if segmentation:
            update = lambda *_: guarded(self._updateFromMRML)  # noqa: E731
            # The table of segments notices at once that a row is gone.
            events = ("ModifiedEvent", slicer.vtkSegmentation.SegmentRemoved)
            self._segmentationTags = [segmentation.AddObserver(event, update) for event in events]

    def _updateTable(self) -> None:
        """Select the row of the selected segment. Where it has none, and another row was selected, no segment is
        selected any more, and an effect that works on one segment is left."""
        wanted = self.node.GetSelectedSegmentID() or ""
        segment = self._segmentation.GetSegmentation().GetSegment(wanted) if self._segmentation and wanted else None
        row = wanted if segment and self._filter.lower() in segment.GetName().lower() else ""
        if row == self._selectedRow:
            return
        self._selectedRow = row
        if row != wanted:
            self.node.SetSelectedSegmentID(None)
            if self._active and self._active.perSegment:
                self.setActiveEffect(None)
            self._updateFromMRML()

    def _updateActive(self) -> None:
        wanted = self.effectByName(self.node.GetActiveEffectName())
        if wanted is self._active:
            return
        if self._active:
            self._active.deactivate()
        if wanted:
            self.setupViewObservations()
            if self._interaction.GetCurrentInteractionMode() != self._interaction.ViewTransform:
                self._interaction.SetCurrentInteractionMode(self._interaction.ViewTransform)
            wanted.activate()
        else:
            self.removeViewObservations()
        if self._interaction.GetCurrentInteractionMode() == self._interaction.ViewTransform:
            self._setCursor(wanted)
        # Only now: an effect that clicks or selects while it is being activated is not active yet.
        self._active = wanted

    def _showSource(self) -> None:
        if self._source is None or self._layoutManager is None:
            return
        for name in self._layoutManager.sliceViewNames():
            composite = self._layoutManager.sliceWidget(name).mrmlSliceCompositeNode()
            if self._source.GetID() not in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID()):
                composite.SetBackgroundVolumeID(self._source.GetID())
                composite.SetForegroundVolumeID(None)
                composite.SetLabelVolumeID(None)

    def _setCursor(self, effect) -> None:
        import qt

        for widget in self._sliceWidgets():
            own = effect and effect.showEffectCursorInSliceView
            cursor = effect.createCursor(widget) if own else qt.QCursor()
            widget.sliceView().setViewCursor(cursor)
            widget.sliceView().setDefaultViewCursor(cursor)

    # --- events ------------------------------------------------------------------------------------------------------
    def _sliceWidgets(self):
        manager = self._layoutManager
        return [manager.sliceWidget(name) for name in manager.sliceViewNames()] if manager else []

    def setupViewObservations(self) -> None:
        self.removeViewObservations()
        manager = self._layoutManager
        threeD = [manager.threeDWidget(i) for i in range(manager.threeDViewCount)] if manager else []
        for widgets, events in ((self._sliceWidgets(), SLICE_EVENTS), (threeD, THREED_EVENTS)):
            for widget in widgets:
                node, interactor = widget.mrmlAbstractViewNode(), widget.viewWidget().interactor()
                if not self.logic.IsSegmentationDisplayableInView(node):
                    continue
                for event in events:
                    self._observe(interactor, event, self._onInteractor(widget, event))
                self._observe(node, "ModifiedEvent", self._onViewNode(widget))

    def _observe(self, what, event, callback) -> None:
        callback.tag = what.AddObserver(event, callback, 1.0)
        self._viewTags.append((what, callback.tag))

    def removeViewObservations(self) -> None:
        for what, tag in self._viewTags:
            what.RemoveObserver(tag)
        self._viewTags = []

    def _onInteractor(self, widget, event):
        number = vtk.vtkCommand.GetEventIdFromString(event)

        def process(interactor, name):
            if self._active is None or slicer.mrmlScene.IsClosing() or self.node is None:
                return
            used = self._active._processInteractionEvents(interactor, number, widget)
            command = interactor.GetCommand(process.tag)
            if command:  # the effect may have been deselected meanwhile
                command.SetAbortFlag(int(used))

        return process

    def _onViewNode(self, widget):
        def process(node, name):
            if self._active is not None and not slicer.mrmlScene.IsClosing() and self.node is not None:
                self._active._call("processViewNodeEvents", node, vtk.vtkCommand.ModifiedEvent, widget)

        return process

    def _onInteraction(self, node, event) -> None:
        if self._active:
            self._active._interactionNodeModified(node)

    def _onLayoutChanged(self, layout) -> None:
        if self._viewTags:
            self.setupViewObservations()
            self._showSource()
            for effect in self._effects:
                effect._call("layoutChanged")

    def notifyReferenceGeometry(self) -> None:
        """`referenceGeometryChanged` to all effects; 5.8 did this by itself, later releases never."""
        for effect in self._effects:
            effect._call("referenceGeometryChanged")

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeRemoved(self, scene, event, node) -> None:
        # The application and its effects hold nodes weakly.
        if node is self._source:
            self._source = None
        if node is self.node:
            self._observeNode(None)
            self.node = None
            for effect in self._effects:
                effect.setParameterSetNode(None)

    def _onStartClose(self, scene, event) -> None:
        self.setSegmentationNode(None)
        self.removeViewObservations()

    def _onEndImport(self, scene, event) -> None:
        self._selectNode()
        self._updateFromMRML()

    def _onEndClose(self, scene, event) -> None:
        self._selectNode()
        self._initializeNode()
        self._updateFromMRML()
