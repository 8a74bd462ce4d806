"""Prompts in, masks out: the inference worker as panel, effect and console share it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import slicer

from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.protocol import Done, Predicted, Ready, SliceMask
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice, noModel
from SAMAdaptModuleLib.scene.FindPlane import ViewPlane
from SAMAdaptModuleLib.worker.Requests import STATE
from SAMAdaptModuleLib.worker.SessionState import SessionState

if TYPE_CHECKING:
    from SAMAdaptLib.propagation.rules import PropagationRules

__all__ = ["InferenceSession", "ModelChoice"]


class InferenceSession(SessionState):
    """One worker that stays warm, its model and its volume. Use it on the main thread only.

    Requests return at once and are answered by callbacks from the event loop, never from inside the call. The newest
    prompt wins: ``onError`` of an older one gets ``Cancelled``, and so does that of one that was cancelled, or whose
    slice, model or volume is not the chosen one any more. When the worker dies, ``onError`` of everything pending gets
    its last words, and the next request starts another worker with the same model and volume.

    Arguments and attributes are those of :class:`SAMAdaptModuleLib.worker.SessionState.SessionState`.
    """

    _shared: InferenceSession | None = None

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

    @property
    def loading(self) -> bool:
        """Whether the worker may be reading a model's files; once it is not, it has let go of those it read."""
        return any(found.kind == "load" for found in self._requests.pending.values())

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
        self._updateVolume()
        self.lastId = self._client.propagate(prompts, axis, rules)
        return self._requests.add(
            self.lastId, "propagate", onAnswer=onDone, onError=onError, onSlice=onSlice, onProgress=onProgress
        )

    def segmentVolume(
        self,
        texts: Mapping[str, str] | None = None,
        axis: str | None = None,
        clean: bool = True,
        onSlice: Callable[[SliceMask], Any] | None = None,
        onProgress: Callable[[int, int], Any] | None = None,
        onDone: Callable[[Done], Any] | None = None,
        onError: Callable[[Exception], Any] | None = None,
    ) -> int:
        """Segment the volume in use slice by slice, without prompts on any; returns the request's id.

        The callbacks are those of :meth:`propagate`; each slice names its object, and ``onDone`` tells "names", "axis",
        "slices" (looked at) and "cancelled". Whether the model can do it is told by ``info.finds`` and ``info.texts``;
        where it cannot, ``onError`` says so.

        Args:
            texts: of each object by its name; None for all that the adapter finds by itself.
            axis: of the slices; the adapter's by default.
            clean: drop what is found on a single slice only.

        Raises:
            InputError: no model or volume is chosen.
        """
        self._updateVolume()
        self.lastId = self._client.segment_volume(texts, axis, clean)
        return self._requests.add(
            self.lastId, "segment", onAnswer=onDone, onError=onError, onSlice=onSlice, onProgress=onProgress
        )

    def cancel(self, request: int) -> None:
        """Give a request up; where the worker does not let go of it, the worker is ended with all its processes."""
        self._requests.cancel(request)

    def cancelAll(self) -> None:
        """Give up everything but the choice of a model and a volume."""
        for request, found in list(self._requests.pending.items()):
            if found.kind not in STATE:
                self._requests.cancel(request)

    def cancelLoading(self) -> None:
        """Stop loading or downloading a model by ending the worker, and with it all that is pending; the next prompt
        tries again."""
        if self.loading:
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
