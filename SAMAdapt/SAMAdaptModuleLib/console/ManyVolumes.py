"""Volumes of the scene segmented one after the other, beside whatever else is done in the application."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError, in_words, notes_to
from SAMAdaptLib.jobs.policy import require_finder
from SAMAdaptLib.service.protocol import Done, SliceMask
from SAMAdaptLib.volume.planes import AXES
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.console.SliceSegmentation import storedPrompts
from SAMAdaptModuleLib.console.VolumeTable import DONE, FAILED, RUNNING, STOPPED, WAITING, Case, measured
from SAMAdaptModuleLib.console.WholeVolume import FoundObjects, addObjects
from SAMAdaptModuleLib.scene.SceneSegments import newSegmentation
from SAMAdaptModuleLib.scene.SceneVolume import intensityText

if TYPE_CHECKING:
    from SAMAdaptLib.prompts.types import Prompt
    from SAMAdaptLib.service.reply import Reply
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession


@dataclass(frozen=True)
class Wish:
    """What is done with each volume.

    Attributes:
        texts: what to look for, by the name of its segment; None: all that the adapter finds by itself.
        prompted: carry what has prompts in the volume's own segmentations through it, in place of either.
        axis: of the slices; the adapter's, or that of the prompts, by default.
        clean: drop what is found on a single slice only.
        intensity: as for ``SAMAdaptLogic.segmentSlice``.
    """

    texts: Mapping[str, str] | None = None
    prompted: bool = False
    axis: str | None = None
    clean: bool = True
    intensity: str | None = None


class ManyVolumes:
    """One run at a time, with a worker of its own: whoever works in the Segment Editor meanwhile is not disturbed.

    A volume that fails costs no other. What is found of one is written when all of it is there, into a segmentation of
    its own; nothing is written of one that is stopped.

    Args:
        newSession: makes the worker's session, which ends with the run.

    Attributes:
        cases: of the last run.
        changed: signal (case); something has become of it.
        ended: signal (); the run is over.
    """

    def __init__(self, newSession: Callable[[], InferenceSession]) -> None:
        self.cases: list[Case] = []
        self.changed, self.ended = Signal(), Signal()
        self._newSession = newSession
        self._session: InferenceSession | None = None
        self._reply: Reply[Any] | None = None
        self._wish = Wish()
        self._left: list[_Request] = []
        self._stopping = False

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._session is not None

    def start(self, volumeNodes: Sequence[slicer.vtkMRMLScalarVolumeNode], choice: ModelChoice, wish: Wish) -> None:
        """Begin; the rest comes from the event loop, or from :meth:`wait`.

        Raises:
            InputError: a run is going on; no volume; a model that cannot be used.
        """
        if self.running:
            raise InputError(_("Volumes are being segmented already"), None, _("Wait for them, or stop it first"))
        if not volumeNodes:
            raise InputError(_("There is no volume to segment"), None, _("Load one"))
        session = self._newSession()
        reply = session.useModel(choice)
        self._session, self._wish, self._stopping = session, wish, False
        self.cases = [Case(node, node.GetName()) for node in volumeNodes]
        self._follow(reply, self._onModel)

    def stop(self) -> None:
        """End it; the volume at hand and those after it are left as they are."""
        if self.running:
            self._stopping = True
            self._end()

    def wait(self) -> None:
        """For scripts: wait for the end of the run."""
        while (reply := self._reply) is not None:
            # What has failed is told by its case.
            with contextlib.suppress(SAMAdaptError):
                reply.result()
            if reply is self._reply:
                raise RuntimeError("an answer came, and nothing came of it")

    def _follow(self, reply: Reply[Any], then: Callable[[Reply[Any]], None]) -> None:
        self._reply = reply
        reply.on_done(then)

    def _onModel(self, reply: Reply[Any]) -> None:
        try:
            ready = reply.result()
            if not self._wish.prompted and self._wish.texts is None:
                require_finder(ready.finds)
            if not self._wish.prompted and self._wish.texts is not None and not ready.texts:
                remedy = _("Choose an adapter that was trained with texts")
                raise InputError(_("This model reads no words"), None, remedy)
        except SAMAdaptError as error:
            for case in self.cases:
                self._conclude(case, FAILED, in_words(error))
            self._end()
            return
        self._next()

    def _next(self) -> None:
        """Begin with the next volume that can be begun with."""
        while not self._stopping:
            case = next((case for case in self.cases if case.state == WAITING), None)
            if case is None:
                self._end()
                return
            if self._begun(case):
                return

    def _begun(self, case: Case) -> bool:
        case.state = RUNNING
        self.changed.emit(case)
        try:
            node, wish = case.volumeNode, self._wish
            if node.GetScene() is None:
                raise InputError(_("The volume is no longer in the scene"), None, _("Load it again"))
            self._left = _promptedRequests(node, wish.axis) if wish.prompted else [_Request(wish)]
            assert self._session is not None
            self._session.useVolume(node, intensityText(wish.intensity, node))
            self._ask(case)
        except Exception as error:
            self._conclude(case, FAILED, in_words(error))
            return False
        return True

    def _ask(self, case: Case) -> None:
        assert self._session is not None
        request = next(request for request in self._left if not request.answered)
        reply = request.ask(self._session)

        def progress(step: Any) -> None:
            case.done, case.total = step.done, step.total
            self.changed.emit(case)

        reply.on_progress(progress)
        self._follow(reply, lambda done: self._onDone(case, request, done))

    def _onDone(self, case: Case, request: _Request, reply: Reply[Done]) -> None:
        if self._stopping:
            return
        try:
            reply.result()
            request.answered = True
            if not all(each.answered for each in self._left):
                self._ask(case)
                return
            self._write(case)
            self._conclude(case, DONE)
        except Cancelled:
            # Not by :meth:`stop`: its volume, or one that is seen together with it, has gone.
            self._conclude(case, FAILED, _("The volume was removed from the scene meanwhile"))
        except Exception as error:
            self._conclude(case, FAILED, in_words(error))
        self._next()

    def _write(self, case: Case) -> None:
        node = case.volumeNode
        notes: list[str] = []
        with notes_to(notes.append), slicer.util.RenderBlocker():
            case.segmentationNode = newSegmentation(node)
            assert self._session is not None
            for request in self._left:
                addObjects(request.found, node, case.segmentationNode, self._session)
            # All at once would lie over each other.
            case.segmentationNode.GetDisplayNode().SetVisibility(False)
            case.found = measured(node, case.segmentationNode)
        if not case.found:
            notes.append(_("Nothing was found on any slice"))
        case.reason = "; ".join(notes)

    def _conclude(self, case: Case, state: str, reason: str = "") -> None:
        case.state, case.reason = state, reason or case.reason
        self.changed.emit(case)

    def _end(self) -> None:
        session, self._session, reply = self._session, None, self._reply
        self._reply, self._left = None, []
        if reply is not None and not reply.done():
            reply.abandon()
        for case in self.cases:
            if case.state in (WAITING, RUNNING):
                self._conclude(case, STOPPED)
        if session is not None:
            session.close()
        self.ended.emit()


class _Request:
    """Something that is asked about a volume, and what is found.

    Args:
        wish: asks for what is found without prompts.
        name: of the segment that is carried through the volume instead.
        axis: of its prompts.
        prompts: by voxel index along it.
    """

    def __init__(
        self, wish: Wish | None, name: str = "", axis: str = "", prompts: Mapping[int, Prompt] | None = None
    ) -> None:
        self.found, self.answered = FoundObjects(), False
        self._wish, self._name, self._axis, self._prompts = wish, name, axis, prompts or {}

    def ask(self, session: InferenceSession) -> Reply[Done]:
        """Ask it about the volume in use."""
        if self._wish is not None:
            reply = session.segmentVolume(self._wish.texts, self._wish.axis, self._wish.clean)
            reply.on_slice(self.found.take)
        else:
            reply = session.propagate(self._axis, self._prompts)
            reply.on_slice(self._take)
        return reply

    def _take(self, found: SliceMask) -> None:
        self.found.take(replace(found, name=self._name))


def _promptedRequests(volumeNode: slicer.vtkMRMLScalarVolumeNode, axis: str | None) -> list[_Request]:
    """One for each segment with prompts of the segmentations that were made on a volume, along the axis that most of
    its prompts lie on.

    Raises:
        InputError: there is none.
    """
    requests = []
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is not volumeNode:
            continue
        segmentation = node.GetSegmentation()
        for segmentID in segmentation.GetSegmentIDs():
            along = {one: storedPrompts(volumeNode, node, segmentID, one) for one in ([axis] if axis else AXES)}
            chosen = max(along, key=lambda one: len(along[one]))
            if along[chosen]:
                requests.append(_Request(None, segmentation.GetSegment(segmentID).GetName(), chosen, along[chosen]))
    if not requests:
        what = _("No segmentation of this volume has prompts")
        raise InputError(what, None, _("Give some with the effect SAM Adapt, on one slice of each object"))
    return requests
