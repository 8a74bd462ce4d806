"""An active effect: its prompts, its drawings in the views, the session it asks, and what it watches in the scene."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import qt
import slicer
from SAMAdaptModuleLib.app.Downloads import progressText
from SAMAdaptModuleLib.app.Polling import WorkerError
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, intensityText
from SAMAdaptModuleLib.scene.SegmentWriter import EffectEditor
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession
from SAMAdaptModuleLib.worker.Session import Session
from slicer.i18n import tr as _

from SAMAdaptLib.errors import SAMAdaptError
from SegmentEditorSAMAdaptLib.edit.AlongTime import AlongTime
from SegmentEditorSAMAdaptLib.edit.Correction import Correction
from SegmentEditorSAMAdaptLib.edit.EffectController import EffectController
from SegmentEditorSAMAdaptLib.edit.Exemplars import addExemplars
from SegmentEditorSAMAdaptLib.edit.HoverPreview import HoverPreview
from SegmentEditorSAMAdaptLib.edit.MaskChoice import MaskChoice
from SegmentEditorSAMAdaptLib.edit.ModelUse import ModelUse
from SegmentEditorSAMAdaptLib.edit.Propagation import Propagation, chosenIn
from SegmentEditorSAMAdaptLib.edit.Reporting import reported
from SegmentEditorSAMAdaptLib.edit.Subject import Subject
from SegmentEditorSAMAdaptLib.edit.VolumeSegmentation import VolumeSegmentation
from SegmentEditorSAMAdaptLib.view.BusySign import BusySign
from SegmentEditorSAMAdaptLib.view.CorrectionControls import CorrectionControls
from SegmentEditorSAMAdaptLib.view.EffectOptions import EffectOptions
from SegmentEditorSAMAdaptLib.view.KeyFilter import KeyFilter
from SegmentEditorSAMAdaptLib.view.ShortcutSheet import ShortcutSheet
from SegmentEditorSAMAdaptLib.view.SliceTour import SliceTour
from SegmentEditorSAMAdaptLib.view.SliceView import SliceView
from SegmentEditorSAMAdaptLib.view.ViewDrawings import Drag, ViewDrawings
from SegmentEditorSAMAdaptLib.view.WatchedView import WatchedView


class Workbench:
    """Lives from activate() to deactivate().

    Args:
        scriptedEffect: the effect.
        options: its options frame.
        session: who answers; the shared one by default.
    """

    def __init__(self, scriptedEffect: Any, options: EffectOptions, session: Session | None = None) -> None:
        self.scriptedEffect, self.options = scriptedEffect, options
        self.session: Session = session or InferenceSession.instance()
        self._editor = EffectEditor(scriptedEffect)
        self.controller = EffectController(self.session, self._editor, self.refresh, self.tell)
        self.subject = Subject(self.followParameters, self._onVolume, self._onSegment, self._onGone)
        self.propagation = Propagation(self.controller, self.subject, self._onProgress)
        self.volumeSegmentation = VolumeSegmentation(self.controller, self.subject, self._onProgress)
        choice = partial(chosenIn, scriptedEffect)
        self.correction = Correction(self.controller, self.subject, self._onProgress, choice)
        self.alongTime = AlongTime(self.controller, self.subject, self._onProgress, choice)
        self._runs = (self.propagation, self.volumeSegmentation, self.correction, self.alongTime)
        self.hover = HoverPreview(self.controller, self._drawAll)
        self.drawings = ViewDrawings(self.controller, self.subject, *self._runs[:3], self.hover)
        self.masks = MaskChoice(self.controller, self.subject)
        self.tour = SliceTour(self.controller, self.subject, options.ui)
        self.corrections = CorrectionControls(self.correction, self.controller, self.subject, options.ui, self.refresh)
        self._keys = KeyFilter(self._wants, self.hover.end)
        self._model = ModelUse(scriptedEffect, self.session, self.tell)
        self._fetching = self._closed = False
        self._view = WatchedView(
            scriptedEffect, self.session, self.subject, self._keys, self._occupied, self.refresh, self.tell
        )
        self._busySign = BusySign(options)
        self._connections = (
            (self.session.failed, self._onFailed),
            (self.session.died, self._onDied),
            (self.session.downloadProgress, self._onDownload),
            (self.session.ready, self._onReady),
        )
        for signal, slot in self._connections:
            signal.connect(slot)
        options.connectActions(self)
        options.fillAdapters()
        self._model.adopt()
        self._watch(scriptedEffect.parameterSetNode(), None, None, None)

    def close(self) -> None:
        """Leave the views and the scene as they were, and hold nothing of them; what is not accepted is dropped. A step
        that fails keeps none of the others from being taken; its exception is raised in the end."""
        self._closed = True
        with contextlib.ExitStack() as steps:
            steps.callback(self.options.setStatus, None)
            for part in (
                self.hover, self.drawings, self.tour, self.corrections, self._busySign, *self._runs, self._view
            ):  # fmt: skip
                steps.callback(part.close)
            steps.callback(self._keys.remove)
            steps.callback(self.session.useNext, None, (), None)
            steps.callback(self.controller.reset)
            steps.callback(self.subject.stop)
            steps.callback(self.options.disconnectActions)
            for signal, slot in self._connections:
                steps.callback(signal.disconnect, slot)
            # First of all, while it is known what it has written to.
            steps.callback(self.correction.drop)

    @property
    def running(self) -> bool:
        """Whether something goes through the slices of the volume."""
        return any(run.running for run in self._runs)

    # What the user does

    @reported
    def canPrompt(self) -> bool:
        """Whether a click can be a prompt; why not is shown."""
        self.hover.end()
        self.followParameters(asked=True)
        if not self._model.usable:
            return False
        self._volume()
        if not self.controller.editor.segmentID:
            self.tell(_("No segment is selected. Add or select a segment first."))
            return False
        if self.running and not self.correction.running:
            self.tell(_("Prompts have to wait while the model goes through the volume. Stop ends that."))
            return False
        return True

    @reported
    def addPoint(self, viewWidget: Any, xy: tuple[int, int], positive: bool) -> None:
        """A click at a display position."""
        with self._refreshed():
            plane, world = self._view.pointedAt(viewWidget, xy)
            self.controller.addPoint(plane, world, positive)

    @reported
    def draw(self, viewWidget: Any, drag: Drag) -> None:
        """What a drag has drawn."""
        self.drawings.drag = None
        with self._refreshed():
            plane, _world = self._view.pointedAt(viewWidget, drag.path[0])
            view = SliceView(viewWidget)
            self.controller.draw(plane, drag.kind, np.array([*map(view.displayToWorld, drag.path)]), drag.positive)

    @reported
    def drop(self) -> bool:
        """Drop what goes through the volume, else the prompts that are not accepted; False when there is neither."""
        found = self._dropRuns() or self.controller.drop()
        if found:
            self.tell(None)
        self.refresh()
        return found

    @reported
    def hoverAt(self, viewWidget: Any, positive: bool | None = None) -> bool:
        """Show what a click at the mouse would give, until the key is released."""
        if self.subject.volume is not None and not self.running:
            xy = tuple(viewWidget.sliceView().interactor().GetEventPosition())
            with contextlib.suppress(SAMAdaptError):
                plane, world = self._view.pointedAt(viewWidget, xy)
                self.hover.at(plane, world, not self.options.negative if positive is None else positive)
        return True

    def hovered(self, viewWidget: Any, positive: bool) -> None:
        """The mouse has moved, with no button down."""
        if self.hover.running:
            self.hoverAt(viewWidget, positive)

    @reported
    def showShortcuts(self, viewWidget: Any) -> bool:
        """Show what keys and mouse do, over a view."""
        ShortcutSheet(viewWidget)
        return True

    @reported
    def stop(self) -> None:
        """End what goes through the volume with what it has found, or give up waiting."""
        if self.running:
            for run in self._runs:
                run.stop()
        elif self.session.loading:
            self.session.cancelLoading()
            self.controller.cancel()
            self.tell(_("Stopped. A download goes on where it was with the next click."))
            self.refresh()
        else:
            self.controller.cancel()
            self.refresh()

    @reported
    def propagate(self, direction: int) -> None:
        """Carry the object on from the slices with prompts."""
        self.tell(None)
        self.followParameters(asked=True)
        with self._refreshed():
            self._volume()
            self.propagation.start(chosenIn(self.scriptedEffect, direction))

    @reported
    def segmentVolume(self, byText: bool = False) -> None:
        """Segment all slices: what the adapter finds by itself, or what the words in the options name."""
        self.tell(None)
        # A script may have taken the session to another volume.
        self.followParameters(asked=True)
        with self._refreshed():
            self._volume()
            self.volumeSegmentation.start(self.options.text if byText else None)

    @reported
    def addExemplar(self, prompted: bool = False) -> None:
        """Add the slice that was last clicked on or pointed at to the exemplar library, or all that have prompts."""
        self._volume()
        self.tell(addExemplars(self.controller, self.subject, prompted))

    # What the application tells

    def choose(self, *_index: int) -> None:
        """The user has chosen another model or device."""
        self.followParameters(asked=True)

    @reported
    def followParameters(self, asked: bool = False) -> None:
        """Take the nodes, the segment and the choices over from the editor; cheap where nothing changed. ``asked`` as
        in :meth:`ModelUse.follow`."""
        effect, editor = self.scriptedEffect, self.controller.editor
        node = effect.parameterSetNode()
        if slicer.mrmlScene.IsClosing() or self.controller.editing or not self.options.defined:
            return
        volume = node.GetSourceVolumeNode() if node is not None else None
        chosen = (volume, editor.segmentationNode, editor.segmentID)
        if chosen != self.subject.chosen:
            self._watch(node, *chosen)
        self._useChoices(volume, asked)
        self.controller.setLivePreview(effect.integerParameter("LivePreview") != 0)
        candidate = effect.integerParameter("MultiMask")
        if candidate != self.controller.settings.candidate:
            self.controller.choose(candidate)

    def viewEntered(self, viewWidget: Any) -> None:
        """The mouse is over a view: its plane is the one that prompts will come to."""
        self._view.entered(viewWidget)

    def viewMoved(self, viewWidget: Any) -> None:
        """A view shows another slice, or the same one elsewhere."""
        self.drawings.show(viewWidget)
        self._view.moved(viewWidget)

    def removeViews(self) -> None:
        """The layout changed."""
        self._view.forget()
        self.drawings.close()
        self.refresh()

    def refresh(self) -> None:
        """Draw and enable what there is now; nothing once it is closed."""
        if self._closed:
            return
        start = perf_counter()
        self.drawings.showAll()
        if self.controller.drafts:
            self.session.note("render", 1000 * (perf_counter() - start))
        oblique = self.subject.plane is not None and self.subject.plane.index is None
        why = _("Only along the volume's own slices: this view is oblique to them.") if oblique else None
        self.options.enable(self.controller.hasPreview, self.controller.canUndo, self.running, why)
        self.options.enableFor(self.session.info, self.running)
        self.options.setSegmentName(self._editor.segmentName)
        self.tour.refresh()
        self.corrections.refresh(self.running and not self.correction.running)
        self._busySign.follow(self.running or self.controller.waiting or self.session.loading)

    def tell(self, message: Any) -> None:
        """Show a message in the options frame."""
        self.options.setStatus(message)

    # Details

    @contextlib.contextmanager
    def _refreshed(self) -> Iterator[None]:
        """What the user sees follows, whether it has worked or not."""
        try:
            yield
        finally:
            self.refresh()

    def _volume(self) -> Any:
        checkVolume(self.subject.volume)
        return self.subject.volume

    def _useChoices(self, volume: Any, asked: bool) -> None:
        """Tell the session which model and volume; a mistake in them is shown once."""
        effect = self.scriptedEffect
        try:
            if self._model.follow(asked):
                self._view.rest()
                self.refresh()
            if volume is not None:
                checkVolume(volume)
                self.session.useVolume(volume, intensityText(effect.parameter("Intensity"), volume))
        except SAMAdaptError as error:
            self.tell(error)

    def _wants(self, key: int) -> bool:
        """Whether a key that the editor knows, too, is the effect's now."""
        if key == qt.Qt.Key_Escape:
            return self.controller.hasPreview or self.running
        return qt.Qt.Key_0 <= key <= qt.Qt.Key_0 + self.masks.offered

    def _drawAll(self) -> None:
        if not self._closed:
            self.drawings.showAll()

    def _occupied(self) -> bool:
        return self.running or self.controller.waiting

    def _dropRuns(self) -> bool:
        return any([run.drop() for run in self._runs])

    @reported
    def _onProgress(self, done: int, total: int | None) -> None:
        self._busySign.setProgress(done, total)
        self.refresh()

    @reported
    def _onReady(self) -> None:
        if self._fetching:
            self._fetching = False
            self.tell(None)
        self.options.fillDevices()
        self.refresh()

    @reported
    def _onDownload(self, done: int, total: int | None) -> None:
        self._fetching = True
        self.tell(progressText(done, total))
        if self.options.busy:
            self._busySign.setProgress(done // 1000, (total or 0) // 1000)

    def _onFailed(self, words: str) -> None:
        self.tell(SAMAdaptError(words))
        self.refresh()

    @reported
    def _onDied(self, words: str) -> None:
        self.controller.cancel()
        self._dropRuns()
        last = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")
        what = _("The model's process ended by itself ({last})").format(last=last)
        self.tell(WorkerError(what, None, _("Click again, it will be started anew"), words))
        self.refresh()

    # The scene

    def _watch(self, node: Any, volume: Any, segmentation: Any, segment: str | None) -> None:
        sameNodes = self.subject.chosen[:2] == (volume, segmentation)
        self.subject.watch(node, volume, segmentation, segment)
        self.hover.end()
        self.propagation.drop()
        self.correction.leave()
        # What looks for all classes goes to segments by their names, whichever is selected.
        if not (sameNodes and self.volumeSegmentation.automatic):
            self.volumeSegmentation.drop()
        self.controller.reset()
        self.options.clearText()
        self.controller.reload()

    @reported
    def _onVolume(self) -> None:
        if self.alongTime.stepping:
            return
        self._dropRuns()
        self.controller.drop()
        self.followParameters()
        self._view.rest()

    @reported
    def _onSegment(self, there: bool) -> None:
        if self.controller.editing:
            return
        if there:
            self.correction.changedElsewhere()
            self.controller.reload()
        else:
            self.subject.forget()
            self._onGone()

    @reported
    def _onGone(self) -> None:
        self._dropRuns()
        self.correction.leave()
        self.controller.reset()
        self._view.forget()
        self.refresh()
