"""SAM Adapt in the Segment Editor: what the application tells the effect, handed on to those who act on it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import qt
import slicer
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

if __name__ == "SegmentEditorSAMAdaptLib":
    # The application loads this file under the name of its folder, which then is no package any more. With a path it
    # is one again, and its neighbours can be imported.
    __path__ = [os.path.dirname(__file__)]

from SegmentEditorSAMAdaptLib.edit.Reporting import reported

if TYPE_CHECKING:
    # What the effect is made of is read when an editor is shown, not at each start of the application.
    from SegmentEditorSAMAdaptLib.view.EffectOptions import EffectOptions
    from SegmentEditorSAMAdaptLib.view.FrameChoice import FrameChoice
    from SegmentEditorSAMAdaptLib.view.ViewDrawings import Drag
    from SegmentEditorSAMAdaptLib.Workbench import Workbench

# What Qt itself counts as the start of a drag, in pixels of the desktop.
DRAG_PIXELS = 6


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
    """Prompts in slice views, masks in the selected segment."""

    def __init__(self, scriptedEffect: Any) -> None:
        scriptedEffect.name = "SAM Adapt"  # not translated: parameters and scripts go by it
        scriptedEffect.title = _("SAM Adapt")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        self.options: EffectOptions | None = None
        self.frames: FrameChoice | None = None
        self.workbench: Workbench | None = None
        self._press: tuple[Any, Drag] | None = None
        self._dragging = self._cursorLost = False
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)

    def clone(self) -> Any:
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        clonedEffect = effects.qSlicerSegmentEditorScriptedEffect(None)
        clonedEffect.setPythonSource(__file__.replace("\\", "/"))
        return clonedEffect

    def icon(self) -> qt.QIcon:
        return qt.QIcon(os.path.join(os.path.dirname(__file__), "SegmentEditorEffect.png"))

    def helpText(self) -> str:
        from SegmentEditorSAMAdaptLib.view.Shortcuts import listed

        return _(
            """<html>
<p>Segment by clicks, boxes and lines with a Segment Anything model, adapted to your data where an adapter is chosen.
Works in all slice views, oblique ones too.</p>
<ul style="margin: 0">
{shortcuts}
<li><b>New object:</b> begin another one on the same slice.
</ul>
<p>Accepted prompts are kept with the segment; further clicks on that slice go on with them. Propagate carries the
object from all slices with prompts through the volume. What may be written is set under <i>Masking</i>.</p>
<p>Adapters trained for it segment the whole volume without prompts: <b>Auto</b> everything that they know, each class
into the segment of its name; <b>Find</b> what you name in words, into the selected segment.</p>
</html>"""
        ).format(shortcuts=listed())

    def createCursor(self, _widget: Any) -> qt.QCursor:
        return qt.QCursor(qt.Qt.CrossCursor)

    # Options

    def setupOptionsFrame(self) -> None:
        from SegmentEditorSAMAdaptLib.view.EffectOptions import EffectOptions
        from SegmentEditorSAMAdaptLib.view.FrameChoice import FrameChoice

        self.options = EffectOptions(self.scriptedEffect)
        form = slicer.util.findChild(self.options.widget, "formLayout")
        self.frames = FrameChoice(self.scriptedEffect, form, self.tell, self.toNextFrame, self.toAllFrames)

    def setMRMLDefaults(self) -> None:
        from SegmentEditorSAMAdaptLib.view.EffectOptions import PARAMETERS

        for name, value in PARAMETERS.items():
            self.scriptedEffect.setParameterDefault(name, value)

    @reported
    def updateGUIFromMRML(self) -> None:
        if self.options is not None and self.scriptedEffect.parameterSetNode() is not None:
            self.options.showParameters()
        self._followFrames()
        if self.workbench is not None:
            self.workbench.followParameters()

    @reported
    def updateMRMLFromGUI(self) -> None:
        if self.options is not None and self.scriptedEffect.parameterSetNode() is not None:
            self.options.storeParameters()

    def _followFrames(self) -> None:
        if self.frames is not None:
            self.frames.follow()

    @reported
    def toNextFrame(self) -> None:
        """Show the next frame of a sequence, prompted with what the segment is on this one."""
        if self.workbench is not None:
            from SegmentEditorSAMAdaptLib.edit.NextFrame import carryToNext

            carryToNext(self.workbench.controller, self.workbench.subject)
            self.workbench.refresh()

    @reported
    def toAllFrames(self) -> None:
        """Carry the segment from this frame of a sequence to all others."""
        if self.workbench is not None and not self.workbench.running:
            self.workbench.followParameters(asked=True)
            self.workbench.alongTime.start(self.scriptedEffect.parameter("Intensity"))

    def tell(self, message: Any) -> None:
        """Show a text or an Exception to the user."""
        if self.options is not None:
            self.options.setStatus(message)

    # Life

    @reported
    def activate(self) -> None:
        if self.workbench is None and self.options is not None:
            from SegmentEditorSAMAdaptLib.Workbench import Workbench

            self.workbench = Workbench(self.scriptedEffect, self.options)
        if self.workbench is not None:
            self.workbench.followParameters()

    def deactivate(self) -> None:
        workbench, self.workbench, self._press = self.workbench, None, None
        if workbench is not None:
            workbench.close()

    def cleanup(self) -> None:
        with contextlib.ExitStack() as steps:
            steps.callback(AbstractScriptedSegmentEditorEffect.cleanup, self)
            if self.options is not None:
                options, self.options = self.options, None
                steps.callback(options.close)
            if self.frames is not None:
                frames, self.frames = self.frames, None
                steps.callback(frames.close)
            steps.callback(self.deactivate)

    @reported
    def sourceVolumeNodeChanged(self) -> None:
        if self.options is not None and self.scriptedEffect.parameterSetNode() is not None:
            self.options.followVolume()
        self._followFrames()
        if self.workbench is not None:
            self.workbench.followParameters()

    @reported
    def referenceGeometryChanged(self) -> None:
        if self.workbench is not None:
            self.workbench.controller.reload()

    @reported
    def layoutChanged(self) -> None:
        if self.workbench is not None:
            self.workbench.removeViews()

    @reported
    def interactionNodeModified(self, _interactionNode: Any) -> None:
        # The base class would leave the effect in any other mouse mode, and the prompts would be lost. Placing and
        # adjusting the window work beside it, since the mouse is then left alone.
        self._dropPress()
        self._cursorLost = True

    # Events

    def processInteractionEvents(self, callerInteractor: Any, eventId: int, viewWidget: Any) -> bool:
        return bool(self._onEvent(callerInteractor, eventId, viewWidget))

    @reported
    def _onEvent(self, callerInteractor: Any, eventId: int, viewWidget: Any) -> bool:
        workbench = self.workbench
        if workbench is None or viewWidget.className() != "qMRMLSliceWidget":
            return False
        own = _mouseIsOwn(viewWidget)
        if own and self._cursorLost:
            self._setCursors()
        if eventId == vtk.vtkCommand.LeftButtonPressEvent:
            return own and self._onPress(workbench, callerInteractor, viewWidget)
        if eventId == vtk.vtkCommand.MouseMoveEvent:
            return self._onMove(workbench, callerInteractor, viewWidget)
        if eventId == vtk.vtkCommand.LeftButtonReleaseEvent:
            return self._onRelease(workbench, callerInteractor)
        if eventId == vtk.vtkCommand.LeftButtonDoubleClickEvent:
            # It would maximise the view, in the middle of quick clicking.
            return own
        if eventId == vtk.vtkCommand.KeyPressEvent:
            return self._onKey(workbench, callerInteractor, viewWidget)
        if eventId == vtk.vtkCommand.EnterEvent:
            workbench.viewEntered(viewWidget)
        return False

    @reported
    def processViewNodeEvents(self, callerViewNode: Any, _eventId: int, viewWidget: Any) -> None:
        if self.workbench is not None and callerViewNode is not None and callerViewNode.IsA("vtkMRMLSliceNode"):
            self.workbench.viewMoved(viewWidget)

    def _onPress(self, workbench: Workbench, interactor: Any, viewWidget: Any) -> bool:
        if interactor.GetShiftKey() or interactor.GetAltKey():
            return False
        position, held = tuple(interactor.GetEventPosition()), _leftIsDown()
        if not workbench.canPrompt():
            return True
        confirmed = self.scriptedEffect.confirmCurrentSegmentVisible()
        # After a question, whoever has asked, the mouse is no longer where it was pressed, and its release went to the
        # dialogue. Where the button has not been down before, a script has clicked.
        released = held and not _leftIsDown()
        if confirmed == slicer.qSlicerSegmentEditorAbstractEffect.ConfirmedWithoutDialog and not released:
            from SegmentEditorSAMAdaptLib.view.ViewDrawings import Drag

            drag = Drag(workbench.options.tool, [position], _isPositive(workbench, interactor))
            self._press, self._dragging = (viewWidget, drag), False
        return True

    def _onMove(self, workbench: Workbench, interactor: Any, viewWidget: Any) -> bool:
        if self._press is None:
            workbench.hovered(viewWidget, _isPositive(workbench, interactor))
            return False
        pressed, drag = self._press
        here, start = tuple(interactor.GetEventPosition()), drag.path[0]
        reach = DRAG_PIXELS * slicer.app.devicePixelRatio()
        self._dragging = self._dragging or max(abs(here[0] - start[0]), abs(here[1] - start[1])) >= reach
        drag.to(here)
        if self._dragging:
            workbench.drawings.showDrag(pressed, drag)
        return True

    def _onRelease(self, workbench: Workbench, interactor: Any) -> bool:
        if self._press is None:
            return False
        pressed, drag = self._press
        self._press = None
        if self._dragging:
            drag.to(tuple(interactor.GetEventPosition()))
            workbench.draw(pressed, drag)
        else:
            workbench.addPoint(pressed, drag.path[0], _isPositive(workbench, interactor))
        return True

    def _onKey(self, workbench: Workbench, interactor: Any, viewWidget: Any) -> bool:
        from SegmentEditorSAMAdaptLib.view.Shortcuts import pressed

        key = interactor.GetKeySym()
        if key == "Escape" and self._dropPress():
            return True
        return pressed(workbench, viewWidget, key, bool(interactor.GetControlKey()))

    def _dropPress(self) -> bool:
        """Forget a button that is down; False when none is."""
        if self._press is None or self.workbench is None:
            return False
        self._press = None
        self.workbench.drawings.showDrag(None)
        return True

    def _setCursors(self) -> None:
        """The toolbar of the mouse modes has given the views a plain arrow on the way back to this effect."""
        manager = slicer.app.layoutManager()
        for name in manager.sliceViewNames() if manager is not None else ():
            widget = manager.sliceWidget(name)
            if self.scriptedEffect.segmentationDisplayableInView(widget.mrmlSliceNode()):
                widget.sliceView().setViewCursor(self.createCursor(widget))
                widget.sliceView().setDefaultViewCursor(self.createCursor(widget))
        self._cursorLost = False


def _isPositive(workbench: Workbench, interactor: Any) -> bool:
    """Whether the mouse marks the object now, and not what does not belong to it."""
    return bool(interactor.GetControlKey()) == workbench.options.negative


def _mouseIsOwn(viewWidget: Any) -> bool:
    """Whether clicks in a view are for effects; in other modes they place markups, adjust the window and so on."""
    node = viewWidget.mrmlSliceNode().GetInteractionNode()
    return node is None or node.GetCurrentInteractionMode() == node.ViewTransform


def _leftIsDown() -> bool:
    return bool(int(qt.QApplication.mouseButtons()) & qt.Qt.LeftButton)
