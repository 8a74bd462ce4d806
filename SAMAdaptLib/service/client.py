"""The application's end of the inference worker."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.link.place import Place, VolumeCopy
from SAMAdaptLib.service.peer import POLL_SECONDS, Peer
from SAMAdaptLib.service.protocol import (
    Cancel,
    Died,
    Encode,
    Final,
    ForgetVolume,
    Load,
    Message,
    Plane,
    Predict,
    Propagate,
    SegmentVolume,
    SetVolume,
    Stopped,
    Superseded,
)
from SAMAdaptLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from SAMAdaptLib.propagation.rules import PropagationRules


class Client(Peer):
    """Prompts in, masks out, by a worker that stays warm.

    Every request method returns an id at once; its answers come from :meth:`poll`. Each request gets exactly one final
    answer: what was asked for, ``Superseded``, ``Stopped`` or ``Failed``. When the worker dies, the next request starts
    it again, with the model and the volume that were last set.

    While a volume is being copied, :meth:`poll` takes some 20 ms, otherwise some 10 ms at most.

    Attributes:
        copies: how many volumes have been copied so far.
    """

    module = "SAMAdaptLib.service.worker.inference"

    def __init__(self, python: str | Sequence[str] | Place, env: Mapping[str, str] | None = None) -> None:
        super().__init__(python, env)
        self.copies = 0
        self._load: Load | None = None
        self._load_due = False
        self._volume: VolumeCopy | None = None
        self._volume_key: Any = None
        self._set: SetVolume | None = None
        self._set_due = False
        self._held: list[Message] = []

    def start(self) -> None:
        """Start the worker ahead of the first request."""
        self._forward()

    def load(
        self,
        model: str | None = None,
        *,
        checkpoint: str | Path | None = None,
        adapter: str | Path | None = None,
        input_size: int | None = None,
        device: str = "auto",
        precision: str = "auto",
        entry: Any = None,
        cache_folder: str | Path | None = None,
        allow_download: bool = True,
        prefetch: int = 4,
    ) -> int:
        """Choose the model; ``Ready`` comes when it is loaded and warm, ``Progress`` (bytes) while it is downloaded.

        Args:
            model: see :func:`SAMAdaptLib.inference.load.load_predictor`, as for the arguments up to ``precision``.
            entry: a ``BaseModel`` of one's own, with which ``model`` is its name.
            cache_folder: keeps embeddings between sessions.
            allow_download: False refuses to fetch weights.
            prefetch: neighbours on each side that are encoded in idle time.
        """
        if self._load is not None and self._load_due:
            self._answer(Superseded(self._load.id))
        self._load = Load(
            self._new_id(),
            model if entry is None else entry.name,
            _absolute(checkpoint),
            _absolute(adapter),
            input_size,
            device,
            precision,
            None if entry is None else asdict(entry),
            _absolute(cache_folder),
            allow_download,
            prefetch,
        )
        self._load_due = True
        self._forward()
        return self._load.id

    def set_volume(
        self,
        array: np.ndarray,
        geometry: Geometry,
        key: Any,
        *,
        intensity: str | None = None,
        name: str = "",
        modality: str = "",
    ) -> int:
        """Choose the volume. It is copied to shared memory bit by bit in :meth:`poll`; leave it unchanged until
        ``VolumeReady``, which tells the values that become black and white.

        Args:
            array: [K, J, I].
            geometry: its grid.
            key: compared with that of the volume in use; where equal, nothing is copied.
            intensity: mapping as text, by default that of the adapter, else one that suits the values.
            name: for error messages.
            modality: as DICOM spells it, where it is known.

        Raises:
            InputError: no 3D scalar volume, another grid, or no memory.
        """
        if array.shape != geometry.shape:
            raise InputError(
                f"The volume has shape {array.shape} on a grid of {geometry.shape}", name or None, "Give a 3D volume"
            )
        if self._volume is None or key != self._volume_key:
            self.clear_volume()
            self._volume, self._volume_key = self._place.share(array), key
            self.copies += 1
        volume = self._volume
        return self._announce(
            SetVolume(0, volume.name, volume.shape, volume.dtype, geometry.ijk_to_ras, intensity, name, modality)
        )

    def set_intensity(self, intensity: str | None) -> int:
        """Choose another intensity mapping for the volume in use; answered by ``VolumeReady``.

        Raises:
            InputError: there is no volume.
        """
        if self._set is None:
            raise InputError("No volume is chosen", None, "Choose a volume first")
        return self._announce(replace(self._set, intensity=intensity))

    def clear_volume(self) -> None:
        """Give the shared copy back; what is pending for it is answered ``Superseded``."""
        loading = self._load.id if self._load is not None else 0
        for request in self.pending:
            if request != loading:
                self._give_up(request, Superseded(request))
        if self._volume is not None:
            self._volume.close()
            if self.alive:
                self._send(ForgetVolume(0))
        self._volume = self._volume_key = self._set = None
        self._set_due = False
        self._held.clear()

    def encode(self, plane: Plane) -> int:
        """Encode a plane ahead of prompts, and its neighbours after it; answered by ``Encoded``."""
        return self._ask(Encode(self._new_id(), plane))

    def predict(self, plane: Plane, prompt: Prompt, multimask: bool = False, want_logits: bool = False) -> int:
        """Answer a prompt in the plane's pixels; answered by ``Predicted``. Older encodings and predictions that wait
        are superseded."""
        return self._ask(Predict(self._new_id(), plane, prompt, multimask, want_logits))

    def propagate(
        self, prompts: Mapping[int, Prompt], axis: str = "axial", rules: PropagationRules | None = None
    ) -> int:
        """Carry an object through the volume; gives ``Progress`` and tentative ``SliceMask`` for each slice, then the
        final ones and ``Done`` (values "stops", "cancelled" and "ended_at_once", as ``Segmented`` words it). Prompts on
        single planes are answered meanwhile."""
        chosen = {} if rules is None else asdict(rules)
        return self._ask(Propagate(self._new_id(), axis, sorted(prompts.items()), chosen))

    def segment_volume(
        self, texts: Mapping[str, str] | None = None, axis: str | None = None, clean: bool = True
    ) -> int:
        """Segment the volume slice by slice: what the adapter finds by itself, or what ``texts`` name; see
        ``SegmentVolume``. Gives ``Progress`` and tentative ``SliceMask`` with the names of the objects, then the final
        ones, of which there are none for empty slices, and ``Done`` (values "names", "axis", "slices", "cancelled")."""
        return self._ask(SegmentVolume(self._new_id(), None if texts is None else dict(texts), axis, clean))

    def cancel(self, request: int) -> None:
        """Give a request up: ``Stopped``; a propagation ends after its slice, the segmentation of a volume before it,
        and both give what they have."""
        held = next((m for m in self._held if m.id == request), None)
        if held is not None:
            self._held.remove(held)
            self._answer(Stopped(request))
        elif request in self._pending and self.alive:
            self._send(Cancel(request))

    def close(self) -> None:
        """End the worker and give the shared memory back; pending requests are answered ``Stopped``."""
        super().close()
        if self._volume is not None:
            self._volume.close()
        self._volume = self._volume_key = self._set = self._load = None
        self._load_due = self._set_due = False
        self._held.clear()

    def _ask(self, message: Message) -> int:
        self._held.append(message)
        self._forward()
        return message.id

    def _announce(self, message: SetVolume) -> int:
        if self._set is not None and self._set_due:
            self._give_up(self._set.id, Superseded(self._set.id))
        self._set, self._set_due = replace(message, id=self._new_id()), True
        self._forward()
        return self._set.id

    def _give_up(self, request: int, answer: Final) -> None:
        if request in self._pending and self.alive:
            self._send(Cancel(request))
        self._answer(answer)

    def _forward(self) -> None:
        """Send what is due, in the order model, volume, requests; what needs the volume waits for its copy."""
        if self._start():
            # Requests for a worker that was lost have been answered; what they stood on is told anew.
            self._load_due, self._set_due = self._load is not None, self._set is not None
            for name in ("_load", "_set"):
                message = getattr(self, name)
                if message is not None and message.id not in self._pending:
                    setattr(self, name, replace(message, id=self._new_id()))
        if self._load_due:
            self._send(self._load)
            self._load_due = False
        if self._set_due and self._volume.complete:
            self._send(self._set)
            self._set_due = False
        if not self._set_due:
            for message in self._held:
                self._send(message)
            self._held.clear()

    def _listen(self) -> None:
        if self._volume is not None and not self._volume.complete:
            self._volume.fill(POLL_SECONDS)
        super()._listen()
        if self.alive:
            self._forward()

    def _sleep(self, seconds: float) -> None:
        if self._volume is None or not self._volume.busy:
            super()._sleep(seconds)

    def _on_death(self, died: Died) -> None:
        self._held.clear()
        super()._on_death(died)


def _absolute(path: str | Path | None) -> str | None:
    """The worker runs in another folder."""
    return None if path is None else os.path.abspath(path)
