"""What the effect asks of a session with the inference worker; loads nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import slicer

    from SAMAdaptLib.prompts.types import Prompt
    from SAMAdaptLib.service.protocol import Done, Predicted, Ready, SlicePlane
    from SAMAdaptLib.service.reply import Reply
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
    from SAMAdaptModuleLib.app.Signal import Signal
    from SAMAdaptModuleLib.scene.Plane import ViewPlane


class Session(Protocol):
    """See :class:`SAMAdaptModuleLib.worker.InferenceSession.InferenceSession`, which this is a part of.

    Attributes:
        ready: signal (); the model is loaded and warm.
        failed: signal (str); a model or volume cannot be used.
        died: signal (str); the worker ended by itself.
        downloadProgress: signal (done, total) in bytes; total is None where it is not known.
        choice: the model in use or being loaded, None before.
    """

    ready: Signal
    failed: Signal
    died: Signal
    downloadProgress: Signal
    choice: ModelChoice | None

    @property
    def info(self) -> Ready | None:
        """What the model in use is; None before it is ready."""

    @property
    def loading(self) -> bool:
        """Whether a model is being fetched or read."""

    @property
    def missing(self) -> list[str]:
        """Python packages that would have to be installed first."""

    def install(self) -> None:
        """Install what is missing, after a question."""

    def useModel(self, choice: ModelChoice) -> object:
        """Choose the model."""

    def useVolume(self, volumeNode: slicer.vtkMRMLScalarVolumeNode, intensity: str | None = None) -> None:
        """Choose the volume and its intensity mapping."""

    def useNext(
        self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None, planes: Sequence[SlicePlane], intensity: str | None
    ) -> None:
        """Prepare another volume in idle time."""

    def isReady(self, plane: ViewPlane) -> bool:
        """Whether a prompt on this plane needs no encoding."""
        raise NotImplementedError

    def encode(self, plane: ViewPlane) -> None:
        """Prepare the viewed plane ahead of the first prompt."""

    def predict(self, plane: ViewPlane, prompt: Prompt, multimask: bool = False) -> Reply[Predicted]:
        """Answer a prompt in the plane's pixels."""
        raise NotImplementedError

    def propagate(
        self, axis: str, prompts: Mapping[int, Prompt], rules: Mapping[str, Any] | None = None
    ) -> Reply[Done]:
        """Carry an object through the volume in use."""
        raise NotImplementedError

    def correct(
        self,
        axis: str,
        present: Mapping[int, np.ndarray],
        prompts: Mapping[int, Prompt],
        accepted: Collection[int] = (),
        rules: Mapping[str, Any] | None = None,
        through: bool = True,
    ) -> Reply[Done]:
        """Mend an object in the volume in use, and carry it on."""
        raise NotImplementedError

    def segmentVolume(
        self, texts: Mapping[str, str] | None = None, axis: str | None = None, clean: bool = True
    ) -> Reply[Done]:
        """Segment the volume in use without prompts."""
        raise NotImplementedError

    def cancelLoading(self) -> None:
        """Stop loading or downloading a model."""

    def note(self, stage: str, ms: float, request: int | None = None) -> None:
        """Add a stage to an answered prompt, by default the last one."""
