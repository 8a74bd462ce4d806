"""Prompts in, masks out: the inference worker as panel, effect and console share it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, InputError, notes_to
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.protocol import (
    Answer,
    Died,
    Done,
    Encoded,
    Log,
    Predicted,
    Prefetched,
    Ready,
    SlicePlane,
    VolumeReady,
)
from SAMAdaptLib.service.reply import Reply
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice, noModel
from SAMAdaptModuleLib.app.Polling import Pump, errorOf
from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane, planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, toldOf, volumeKey
from SAMAdaptModuleLib.scene.VolumeWatch import VolumeWatch
from SAMAdaptModuleLib.worker.NextVolume import NextVolume
from SAMAdaptModuleLib.worker.Session import Session
from SAMAdaptModuleLib.worker.StageLog import StageLog
from SAMAdaptModuleLib.worker.Workplace import Workplace


class InferenceSession(Session):
    """One worker that stays warm, with the model and the volume that it has been told. Use it on the main thread only.

    A request gives a :class:`SAMAdaptLib.service.reply.Reply`, whose callbacks come from the event loop. The newest
    prompt wins: an older one ends in ``Cancelled``, and so does one that was cancelled, or whose slice, model or volume
    is not the chosen one any more. Where the model or the volume cannot be used, every prompt fails for that reason.
    When the worker dies, everything pending fails with its last words, and the next request starts another worker with
    the same model and volume.

    Args:
        client: by default made at first use, with what ``installation`` says.
        installation: asked before a worker is started for the first time.
        settings: say where embeddings are kept, and which server works in place of this computer.

    Attributes:
        ready: signal (); the model is loaded and warm, ``info`` says what it is.
        busyChanged: signal (bool); something has been pending for 300 ms, or nothing is any more.
        failed: signal (str); a model or volume cannot be used.
        died: signal (str); the worker ended by itself: how, and its last words.
        logged: signal (str); something the user should read, such as a device with too little memory.
        planeReady: signal (key); the embedding of the plane with that key is there.
        downloadProgress: signal (done, total) in bytes; total is None where it is not known.
        choice: the model in use or being loaded, None before.
    """

    _shared: InferenceSession | None = None

    def __init__(
        self,
        client: Client | None = None,
        installation: Installation | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._stages = StageLog()
        self._pump = Pump(self._stages.say)
        self.ready, self.busyChanged, self.failed = Signal(), self._pump.busyChanged, Signal()
        self.died, self.logged = Signal(), Signal()
        self.planeReady, self.downloadProgress = Signal(), Signal()
        self.choice: ModelChoice | None = None
        self._client, self._workplace = client, Workplace(installation, settings)
        # What the worker has been told; None where it has not, or has ended.
        self._model: Reply[Ready] | None = None
        self._volume: Reply[VolumeReady] | None = None
        self._volumeKey: Hashable = None
        self._mayRestart = True
        self._volumeNode: slicer.vtkMRMLScalarVolumeNode | None = None
        self._intensity: str | None = None
        self._planes: set[Hashable] = set()
        self._asked: tuple[Hashable, Reply[Any]] | None = None
        self._watch, self._next = VolumeWatch(self.clearVolume), NextVolume()

    @classmethod
    def instance(cls) -> InferenceSession:
        """The session that all of the application shares; it ends with the application."""
        if cls._shared is None:
            cls._shared = cls()
            slicer.app.connect("aboutToQuit()", cls.closeInstance)
        return cls._shared

    @classmethod
    def closeInstance(cls) -> None:
        """End the shared session; the next :meth:`instance` is a new one."""
        if cls._shared is not None:
            slicer.app.disconnect("aboutToQuit()", cls.closeInstance)
            cls._shared.close()
            cls._shared = None

    # Model and volume

    @property
    def info(self) -> Ready | None:
        """What the model in use is (device, model, adapter, what it understands); None before it is ready."""
        answer = None if self._model is None else self._model.answer
        return answer if isinstance(answer, Ready) else None

    @property
    def busy(self) -> bool:
        """What ``busyChanged`` told last."""
        return self._pump.busy

    @property
    def loading(self) -> bool:
        """Whether the worker may be reading a model's files; once it is not, it has let go of those it read."""
        return self._model is not None and not self._model.done()

    @property
    def missing(self) -> list[str]:
        """Python packages that would have to be installed before a worker can be started."""
        return [] if self._pump.client is not None else self._workplace.missing

    def install(self) -> None:
        """Install what a worker needs, after a question; to be called upon a click or by a script.

        Raises:
            InputError: see :meth:`Installation.ensure`.
        """
        if self._pump.client is None:
            self._workplace.install()

    def useModel(self, choice: ModelChoice) -> Reply[Ready]:
        """Choose the model; ``ready`` or ``failed`` follows. Nothing happens where it is in use already.

        Raises:
            InputError: no or a wrong adapter; packages are missing and may not be installed.
        """
        if choice == self.choice and self._model is not None:
            return self._model
        choice.check()
        self._connect()
        self.choice = choice
        return self._tellModel(choice)

    def useVolume(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None, intensity: str | None = None) -> None:
        """Choose the volume, with those noted on it as further channels, and its intensity mapping as text; None lets
        the adapter decide, else the values. Its voxels are copied to the worker bit by bit from the event loop.
        Nothing happens where it is in use already and has not changed; without a model it is remembered.

        Raises:
            InputError: see :func:`SAMAdaptModuleLib.scene.SceneVolume.libraryVolume`; no memory for a copy.
        """
        if volumeNode is None:
            self.clearVolume()
            return
        same = volumeNode is self._volumeNode and intensity == self._intensity
        if same and (self._model is None or self._volumeKey == volumeKey(volumeNode)):
            return
        checkVolume(volumeNode)
        self._watch.watch(volumeNode)
        self._volumeNode, self._intensity = volumeNode, intensity
        if self._model is not None:
            self._tellVolume(volumeNode)

    def useNext(
        self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None, planes: Sequence[SlicePlane], intensity: str | None
    ) -> None:
        """Prepare another volume in idle time, see :meth:`SAMAdaptLib.service.client.Client.set_next`; None: none. What
        cannot be prepared, for want of memory or on a server, is left alone."""
        if self._client is not None and self._model is not None:
            self._next.use(self._client, volumeNode, planes, intensity)

    def clearVolume(self) -> None:
        """Give the copy of the volume back; what is pending for it is cancelled."""
        self._watch.watch(None)
        self._volumeNode = self._volumeKey = self._volume = self._intensity = None
        self._planes = set()
        if self._client is not None:
            self._client.clear_volume()

    # Requests

    def isReady(self, plane: ViewPlane) -> bool:
        """Whether a prompt on this plane needs no encoding."""
        return plane.key in self._planes

    def encode(self, plane: ViewPlane) -> None:
        """Prepare the viewed plane and its neighbours ahead of the first prompt; cancels work on other planes."""
        if self.choice is None or (self._model is None and not self._mayRestart):
            return
        client = self._update(plane.volumeNode)
        # A prompt that waits on the same plane would be superseded.
        underWay = self._asked is not None and self._asked[0] == plane.key and not self._asked[1].done()
        if plane.key not in self._planes and not underWay:
            self._onPlaneDone(plane.key, client.encode(plane.message()))

    def predict(self, plane: ViewPlane, prompt: Prompt, multimask: bool = False) -> Reply[Predicted]:
        """Answer a prompt in the plane's pixels.

        Raises:
            InputError: no model is chosen, or the plane's volume cannot be used.
        """
        client = self._update(plane.volumeNode, again=True)
        reply = client.predict(plane.message(), prompt, multimask)
        self._onPlaneDone(plane.key, reply)
        return reply

    def propagate(
        self, axis: str, prompts: Mapping[int, Prompt], rules: Mapping[str, Any] | None = None, allAxes: bool = False
    ) -> Reply[Done]:
        """Carry an object through the volume in use, see :meth:`SAMAdaptLib.service.client.Client.propagate`.

        Raises:
            InputError: no model or volume is chosen, or a rule that makes no sense.
        """
        return self._pump.follow(self._updateVolume().propagate(prompts, axis, rules, allAxes))

    def correct(
        self,
        axis: str,
        present: Mapping[int, np.ndarray],
        prompts: Mapping[int, Prompt],
        accepted: Collection[int] = (),
        rules: Mapping[str, Any] | None = None,
        through: bool = True,
    ) -> Reply[Done]:
        """Mend an object in the volume in use, see :meth:`SAMAdaptLib.service.client.Client.correct`."""
        client = self._updateVolume()
        return self._pump.follow(client.correct(present, prompts, axis, accepted, rules, through))

    def segmentVolume(
        self, texts: Mapping[str, str] | None = None, axis: str | None = None, clean: bool = True
    ) -> Reply[Done]:
        """Segment the volume in use slice by slice, without prompts on any.

        Slices are told as by :meth:`propagate`; each names its object, and the answer tells "names", "axis", "slices"
        (looked at) and "cancelled". Whether the model can do it is told by ``info.finds`` and ``info.texts``; where it
        cannot, the error says so.

        Args:
            texts: of each object by its name; None for all that the adapter finds by itself.
            axis: of the slices; the adapter's by default.
            clean: drop what is found on a single slice only.

        Raises:
            InputError: no model or volume is chosen.
        """
        return self._pump.follow(self._updateVolume().segment_volume(texts, axis, clean))

    def cancelLoading(self) -> None:
        """Stop loading or downloading a model by ending the worker, and with it all that is pending; the next prompt
        tries again."""
        if self.loading:
            self._end()

    @property
    def stageLog(self) -> list[dict[str, Any]]:
        """Of the last 200 prompts: "id", and ms for queue, encode, decode, pack, transfer, total and what was noted."""
        return list(self._stages.entries)

    def note(self, stage: str, ms: float, request: int | None = None) -> None:
        """Add a stage, such as "write" or "render", to an answered prompt, by default the last one."""
        self._stages.note(stage, ms, request)

    def changePlace(self) -> None:
        """The settings name another server, or none: what is pending is cancelled, and the next prompt goes there."""
        self._end()
        self._client = self._pump.client = None
        self._mayRestart = False

    def close(self) -> None:
        """End the worker with all its processes, and give the shared memory back; what is pending is cancelled."""
        self._watch.watch(None)
        self._next.clear()
        self.choice = self._volumeNode = self._intensity = None
        self._end()
        self._stages.say(everything=True)
        self._mayRestart = True

    # Inside

    def _connect(self) -> Client:
        if self._pump.client is None:
            self.install()
            self._client = client = self._client or Client(self._workplace.place())
            client.hear, client.error_of = self._hear, errorOf
            self._pump.client = client
        return self._pump.client

    def _tellModel(self, choice: ModelChoice) -> Reply[Ready]:
        client = self._connect()
        self._planes = set()
        self._model = client.load(
            choice.model,
            checkpoint=choice.checkpoint,
            adapter=choice.adapter,
            input_size=choice.inputSize,
            device=self._workplace.device(choice.device),
            entry=choice.entry,
            cache_folder=self._workplace.settings.embeddingFolder,
            weights=choice.weights,
        )
        self._model.on_progress(lambda progress: self.downloadProgress.emit(progress.done, progress.total))
        self._model.on_done(self._onState)
        if self._volumeNode is not None and self._volumeKey is None:
            self._tellVolume(self._volumeNode)
        return self._pump.follow(self._model)

    def _tellVolume(self, node: slicer.vtkMRMLScalarVolumeNode) -> None:
        key = volumeKey(node)
        self._volumeKey = self._volume = None
        self._planes = set()
        with notes_to(self.logged.emit):
            told = toldOf(node)
        self._volume = self._connect().set_volume(key=key, intensity=self._intensity, **told)
        self._volume.on_done(self._onState)
        self._volumeKey = key
        self._pump.follow(self._volume)

    def _update(self, volumeNode: slicer.vtkMRMLScalarVolumeNode, again: bool = False) -> Client:
        """Bring the worker up to date before a request; ``again``: with another try for what failed before."""
        if self.choice is None:
            raise noModel()
        if again and self._volume is not None and self._volume.error is not None:
            self._volumeKey = None
        if self._model is None or (again and self._model.error is not None):
            self._tellModel(self.choice)
        self.useVolume(volumeNode, self._intensity if volumeNode is self._volumeNode else None)
        return self._connect()

    def _updateVolume(self) -> Client:
        """The same before a request about the volume in use."""
        if self._volumeNode is None:
            raise InputError(_("No volume is chosen"), None, _("Choose a volume first"))
        return self._update(self._volumeNode, again=True)

    def _hear(self, event: Answer) -> None:
        if isinstance(event, Died):
            self._onLost()
            if event.what:
                how = "" if event.exit_code is None else _("Exit code {code}").format(code=event.exit_code) + "\n"
                self.died.emit(how + event.last_words or event.what)
        elif isinstance(event, Log):
            self.logged.emit(event.text)
        elif isinstance(event, Prefetched) and not event.next:
            # It may be of the model or volume before.
            if self.info is not None and self._volume is not None and self._volume.done():
                self._onPlane(planeOfIndex(self._volumeNode, event.axis, event.index).key)

    def _onState(self, reply: Reply[Any]) -> None:
        """The model or the volume is in use, or cannot be."""
        if reply not in (self._model, self._volume):
            return
        if isinstance(reply.answer, Ready):
            # Other windows offer them, too.
            self._workplace.remember(reply.answer.devices)
            self.ready.emit()
        elif reply.error is not None and not isinstance(reply.error, Cancelled):
            self.failed.emit(str(reply.error))

    def _onPlaneDone(self, key: Hashable, reply: Reply[Any]) -> None:
        """Of the embedding that an encoding or a prompt asks for."""

        planes = self._planes

        def done(reply: Reply[Any]) -> None:
            if isinstance(reply.answer, Predicted):
                self._stages.add(reply.id, reply.answer.ms)
            # Another model or volume may have come in between.
            if isinstance(reply.answer, (Encoded, Predicted)) and planes is self._planes:
                self._onPlane(key)

        self._asked = key, reply
        self._pump.follow(reply).on_done(done)

    def _onPlane(self, key: Hashable) -> None:
        if key not in self._planes:
            self._planes.add(key)
            self.planeReady.emit(key)

    def _end(self) -> None:
        self._onLost()
        if self._client is not None:
            self._client.close()
            self._pump.turn()

    def _onLost(self) -> None:
        """The worker is gone. One that never got ready is not started again for a mere change of slice."""
        self._mayRestart = self.info is not None
        self._model = self._volume = self._volumeKey = None
        self._planes = set()
