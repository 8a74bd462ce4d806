"""Prompts in, masks out: the inference worker as panel, effect and console share it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, SAMAdaptError
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
    SliceMask,
    Stopped,
)
from SAMAdaptModuleLib.Installation import Installation
from SAMAdaptModuleLib.ModelChoice import ModelChoice, noModel
from SAMAdaptModuleLib.Requests import STATE, Request, Requests
from SAMAdaptModuleLib.SceneVolume import checkVolume, volumeArray, volumeGeometry, volumeKey
from SAMAdaptModuleLib.Settings import Settings
from SAMAdaptModuleLib.Signal import Signal
from SAMAdaptModuleLib.ViewPlane import ViewPlane, planeOfIndex
from SAMAdaptModuleLib.VolumeWatch import VolumeWatch

if TYPE_CHECKING:
    from SAMAdaptLib.propagation.rules import PropagationRules

__all__ = ["InferenceSession", "ModelChoice"]


class InferenceSession:
    """One worker that stays warm, its model and its volume. Use it on the main thread only.

    Requests return at once and are answered by callbacks from the event loop, never from inside the call. The newest
    prompt wins: ``onError`` of an older one gets ``Cancelled``, and so does that of one that was cancelled, or whose
    slice, model or volume is not the chosen one any more. When the worker dies, ``onError`` of everything pending gets
    its last words, and the next request starts another worker with the same model and volume.

    Args:
        client: by default made at first use, with what ``installation`` says.
        installation: asked before a worker is started for the first time.
        settings: say where embeddings are kept.
        timerFactory: see :class:`SAMAdaptModuleLib.Polling.Polling`.

    Attributes:
        ready: signal (); the model is loaded and warm, ``info`` says what it is.
        busyChanged: signal (bool); something has been pending for 300 ms, or nothing is any more.
        failed: signal (str); a model or volume cannot be used, or a request without ``onError`` has failed.
        died: signal (str); the worker ended by itself: how, and its last words.
        logged: signal (str); something the user should read, such as a device with too little memory.
        planeReady: signal (key); the embedding of the plane with that key is there.
        downloadProgress: signal (done, total) in bytes; total is None where it is not known.
        info: the ``Ready`` answer of the model in use (device, model, adapter), None before.
        choice: the model in use or being loaded, None before.
        lastId: the newest prompt's or propagation's id.
    """

    _shared: InferenceSession | None = None

    def __init__(
        self,
        client: Client | None = None,
        installation: Installation | None = None,
        settings: Settings | None = None,
        timerFactory: Callable[[], Any] | None = None,
    ) -> None:
        self._requests = Requests(self._hear, self._onLost, timerFactory)
        self.busyChanged, self.failed = self._requests.busyChanged, self._requests.failed
        self.ready, self.died, self.logged = Signal(), Signal(), Signal()
        self.planeReady, self.downloadProgress = Signal(), Signal()
        self.info: Ready | None = None
        self.choice: ModelChoice | None = None
        self.lastId = 0
        self._client, self._installation, self._settings = client, installation, settings
        self._planes: set[Hashable] = set()
        # Whether the worker has been told the model, and about which volume; it is lost when the worker ends.
        self._told = False
        self._volumeKey: Hashable = None
        self._mayRestart = True
        self._volumeNode = self._intensity = None
        self._watch = VolumeWatch(self.clearVolume)

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

    @property
    def stageLog(self) -> list[dict[str, Any]]:
        """Of the last 200 prompts: "id", and ms for queue, encode, decode, pack, transfer, total and what was noted."""
        return list(self._requests.stages.entries)

    @property
    def busy(self) -> bool:
        """What ``busyChanged`` told last."""
        return self._requests.busy

    # What answers, and about what

    def useModel(self, choice: ModelChoice) -> None:
        """Choose the model; ``ready`` or ``failed`` follows. Nothing happens where it is in use already.

        Raises:
            InputError: no or a wrong adapter; packages are missing and may not be installed.
        """
        if choice == self.choice and self._told:
            return
        choice.check()
        self._connect()
        self.choice = choice
        self._tellModel()

    def useVolume(self, volumeNode: Any, intensity: str | None = None) -> None:
        """Choose the volume and its intensity mapping as text; None lets the adapter decide, else percentiles.

        Its voxels are copied to the worker bit by bit from the event loop. Nothing happens where it is in use already
        and has not changed; without a model it is remembered.

        Raises:
            InputError: not a scalar volume, or no memory for a copy.
        """
        if volumeNode is None:
            self.clearVolume()
            return
        same = volumeNode is self._volumeNode and intensity == self._intensity
        if same and (not self._told or self._volumeKey == volumeKey(volumeNode)):
            return
        checkVolume(volumeNode)
        self._watch.watch(volumeNode)
        self._volumeNode, self._intensity = volumeNode, intensity
        if self._told:
            self._tellVolume()

    def clearVolume(self) -> None:
        """Give the copy of the volume back; what is pending for it is cancelled."""
        self._watch.watch(None)
        self._volumeNode = self._volumeKey = self._intensity = None
        self._requests.reasons.pop("volume", None)
        self._forgetPlanes()
        if self._client is not None:
            self._client.clear_volume()

    # Requests

    def encode(self, plane: ViewPlane) -> None:
        """Prepare the viewed plane and its neighbours ahead of the first prompt; cancels work on other planes."""
        if self.choice is None or not (self._told or self._mayRestart):
            return
        self._update(plane.volumeNode)
        key = plane.key
        # The worker would drop a prompt that waits in favour of a newer request for the same plane.
        if key in self._planes or any(r.key == key and not r.replaced for r in self._requests.pending.values()):
            return
        self._requests.add(self._client.encode(plane.message()), "encode", key=key)

    def isReady(self, plane: ViewPlane) -> bool:
        """Whether a prompt on this plane needs no encoding."""
        return plane.key in self._planes

    def predict(
        self,
        plane: ViewPlane,
        prompt: Prompt,
        multimask: bool = False,
        onAnswer: Callable[[Predicted], Any] | None = None,
        onError: Callable[[Exception], Any] | None = None,
    ) -> int:
        """Answer a prompt in the plane's pixels; returns the request's id.

        Raises:
            InputError: no model is chosen, or the plane's volume cannot be used.
        """
        self._update(plane.volumeNode, again=True)
        self.lastId = self._client.predict(plane.message(), prompt, multimask)
        self._requests.replace("predict")
        return self._requests.add(self.lastId, "predict", key=plane.key, onAnswer=onAnswer, onError=onError)

    def predictWithin(
        self,
        plane: ViewPlane,
        prompt: Prompt,
        multimask: bool,
        seconds: float,
        onAnswer: Callable[[Predicted], Any] | None = None,
        onError: Callable[[Exception], Any] | None = None,
    ) -> Predicted | None:
        """Like :meth:`predict`, but wait for the answer so long at most, without running the event loop.

        Returns:
            The answer, for which ``onAnswer`` is not called; None where it comes by a callback, as an error always
            does. No callback runs meanwhile. ``lastId`` is the request's id.
        """
        return self._requests.answerWithin(self.predict(plane, prompt, multimask, onAnswer, onError), seconds)

    def propagate(
        self,
        axis: str,
        prompts: Mapping[int, Prompt],
        rules: PropagationRules | None = None,
        onSlice: Callable[[SliceMask], Any] | None = None,
        onProgress: Callable[[int, int], Any] | None = None,
        onDone: Callable[[Done], Any] | None = None,
        onError: Callable[[Exception], Any] | None = None,
    ) -> int:
        """Carry an object through the volume in use; returns the request's id.

        ``onSlice`` gets each slice as it is found (tentative), then all that are kept once more; ``onDone`` comes last,
        after :meth:`cancel` too, with what was found until then.

        Args:
            axis: "axial", "coronal" or "sagittal".
            prompts: by voxel index along the axis, in pixels of that slice.
            rules: when to stop; the model's own by default.

        Raises:
            InputError: no model or volume is chosen.
        """
        if self._volumeNode is None:
            raise InputError(_("No volume is chosen"), None, _("Choose a volume first"))
        self._update(self._volumeNode, again=True)
        self.lastId = self._client.propagate(prompts, axis, rules)
        return self._requests.add(
            self.lastId, "propagate", onAnswer=onDone, onError=onError, onSlice=onSlice, onProgress=onProgress
        )

    def cancel(self, request: int) -> None:
        """Give a request up; where the worker does not let go of it, the worker is ended with all its processes."""
        self._requests.cancel(request)

    def cancelAll(self) -> None:
        """Give up all prompts, propagations and encodings."""
        for request, found in list(self._requests.pending.items()):
            if found.kind not in STATE:
                self._requests.cancel(request)

    def cancelLoading(self) -> None:
        """Stop loading or downloading a model by ending the worker, and with it all that is pending; the next prompt
        tries again."""
        if any(found.kind == "load" for found in self._requests.pending.values()):
            self._requests.stop()
            self._onLost()

    def wait(self, request: int, seconds: float | None = None) -> Any:
        """For scripts: work without the event loop until a request is answered.

        Returns:
            ``Predicted`` or ``Done``.

        Raises:
            SAMAdaptError: it failed; ``Cancelled`` where it was cancelled or a newer one replaced it.
            TimeoutError: no answer within ``seconds``; the request goes on.
            KeyError: no such request, or it was answered long ago.
        """
        return self._requests.wait(request, seconds)

    def waitUntilReady(self, seconds: float | None = None) -> Ready:
        """For scripts: work without the event loop until model and volume are in use; raises as :meth:`wait`."""
        end = time.monotonic() + (float("inf") if seconds is None else seconds)
        error: Exception | None = None
        while states := [r for r, found in self._requests.pending.items() if found.kind in STATE]:
            try:
                self.wait(states[-1], end - time.monotonic())
            except SAMAdaptError as raised:
                error = raised
        error = next(iter(self._requests.reasons.values()), error)
        if self.info is None or self._requests.reasons:
            raise error or noModel()
        return self.info

    def note(self, stage: str, ms: float, request: int | None = None) -> None:
        """Add a stage, such as "write" or "render", to an answered prompt, by default the last one."""
        self._requests.stages.note(stage, ms, request)

    def pump(self) -> None:
        """Pass on what the worker has said, as the timer does."""
        self._requests.pump()

    def close(self) -> None:
        """End the worker with all its processes, and give the shared memory back; what is pending is cancelled."""
        self._watch.watch(None)
        self.choice = self._volumeNode = self._intensity = None
        self._requests.stop()
        self._onLost()
        self._requests.reasons.clear()
        self._mayRestart = True

    # Inside

    def _connect(self) -> None:
        if self._requests.client is not None:
            return
        self._installation = self._installation or Installation()
        self._installation.ensure()
        if self._client is None:
            self._client = Client(self._installation.pythonExecutable(), self._installation.environment())
        self._requests.client = self._client

    def _tellModel(self) -> None:
        self._settings = self._settings or Settings()
        self._forgetPlanes()
        self._requests.reasons.pop("load", None)
        self.info = None
        request = self._client.load(
            self.choice.model,
            checkpoint=self.choice.checkpoint,
            adapter=self.choice.adapter,
            input_size=self.choice.inputSize,
            device=self.choice.device,
            entry=self.choice.entry,
            cache_folder=self._settings.embeddingFolder,
        )
        self._told = True
        self._requests.add(request, "load", onProgress=self.downloadProgress.emit)
        if self._volumeNode is not None and self._volumeKey is None:
            self._tellVolume()

    def _tellVolume(self) -> None:
        node, key = self._volumeNode, volumeKey(self._volumeNode)
        self._volumeKey = None
        self._forgetPlanes()
        self._requests.reasons.pop("volume", None)
        request = self._client.set_volume(
            volumeArray(node), volumeGeometry(node), key, intensity=self._intensity, name=node.GetName()
        )
        self._volumeKey = key
        self._requests.add(request, "volume")

    def _update(self, volumeNode: Any, again: bool = False) -> None:
        """Bring the worker up to date before a request; ``again``: with another try for what failed before."""
        if self.choice is None:
            raise noModel()
        if again and "volume" in self._requests.reasons:
            self._volumeKey = None
        if not self._told or (again and "load" in self._requests.reasons):
            self._tellModel()
        self.useVolume(volumeNode, self._intensity if volumeNode is self._volumeNode else None)

    def _forgetPlanes(self) -> None:
        self._planes.clear()
        self._requests.replace("encode", "predict")

    def _hear(self, event: Answer, request: Request | None) -> None:
        if isinstance(event, Died):
            how = "" if event.exit_code is None else _("Exit code {code}").format(code=event.exit_code) + "\n"
            self.died.emit(how + event.last_words)
        elif isinstance(event, Log):
            self.logged.emit(event.text)
        elif isinstance(event, Prefetched):
            self._onPrefetched(event)
        elif request is None:
            return
        elif isinstance(event, Ready):
            self.info = event
            self.ready.emit()
        elif isinstance(event, (Encoded, Predicted)) and not request.replaced:
            self._onPlane(request.key)
        elif isinstance(event, Stopped) and request.kind == "load":
            self._told = self._mayRestart = False

    def _onPlane(self, key: Hashable) -> None:
        if key not in self._planes:
            self._planes.add(key)
            self.planeReady.emit(key)

    def _onPrefetched(self, event: Prefetched) -> None:
        # It may be of the model or volume before.
        settled = all(request.kind not in STATE for request in self._requests.pending.values())
        if self._volumeKey is not None and settled:
            self._onPlane(planeOfIndex(self._volumeNode, event.axis, event.index).key)

    def _onLost(self) -> None:
        """The worker is gone. One that never got ready is not started again for a mere change of slice."""
        self._mayRestart = self.info is not None
        self._told, self._volumeKey, self.info = False, None, None
        self._forgetPlanes()
