"""The inference worker, its model and its volume: what all requests stand on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.protocol import Answer, Died, Encoded, Log, Predicted, Prefetched, Ready, Stopped
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice, noModel
from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, volumeArray, volumeGeometry, volumeKey, volumeModality
from SAMAdaptModuleLib.scene.VolumeWatch import VolumeWatch
from SAMAdaptModuleLib.worker.Requests import STATE, Request, Requests


class SessionState:
    """One worker with the model and the volume that it has been told; how it is used says
    :class:`SAMAdaptModuleLib.worker.InferenceSession.InferenceSession`.

    Args:
        client: by default made at first use, with what ``installation`` says.
        installation: asked before a worker is started for the first time.
        settings: say where embeddings are kept.
        timerFactory: see :class:`SAMAdaptModuleLib.app.Polling.Polling`.

    Attributes:
        ready: signal (); the model is loaded and warm, ``info`` says what it is.
        busyChanged: signal (bool); something has been pending for 300 ms, or nothing is any more.
        failed: signal (str); a model or volume cannot be used, or a request without ``onError`` has failed.
        died: signal (str); the worker ended by itself: how, and its last words.
        logged: signal (str); something the user should read, such as a device with too little memory.
        planeReady: signal (key); the embedding of the plane with that key is there.
        downloadProgress: signal (done, total) in bytes; total is None where it is not known.
        info: the ``Ready`` answer of the model in use (device, model, adapter, what it understands), None before.
        choice: the model in use or being loaded, None before.
        lastId: the newest request's id, be it a prompt or what goes through the volume.
    """

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
        """Choose the volume and its intensity mapping as text; None lets the adapter decide, else the values.

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

    @property
    def loading(self) -> bool:
        """Whether a model is being fetched or built."""
        return any(found.kind == "load" for found in self._requests.pending.values())

    @property
    def missing(self) -> list[str]:
        """Python packages that would have to be installed before a worker can be started."""
        self._installation = self._installation or Installation()
        return [] if self._requests.client is not None else self._installation.missing()

    def install(self) -> None:
        """Install what a worker needs, after a question; to be called upon a click or by a script.

        Raises:
            InputError: see :meth:`Installation.ensure`.
        """
        self._installation = self._installation or Installation()
        if self._requests.client is None:
            self._installation.ensure()

    # Inside

    def _connect(self) -> None:
        if self._requests.client is not None:
            return
        self.install()
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
            volumeArray(node),
            volumeGeometry(node),
            key,
            intensity=self._intensity,
            name=node.GetName(),
            modality=volumeModality(node),
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

    def _updateVolume(self) -> None:
        """The same before a request about the volume in use."""
        if self._volumeNode is None:
            raise InputError(_("No volume is chosen"), None, _("Choose a volume first"))
        self._update(self._volumeNode, again=True)

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
            # Other windows offer them, too.
            self._settings.devices = event.devices
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
