"""The application's end of the inference worker."""

from __future__ import annotations

import os
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.defaults import WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.service.link.place import Place, VolumeCopy
from SAMAdaptLib.service.naming import check_grid, naming
from SAMAdaptLib.service.next_volume import NextVolume
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.peer import CANCEL_SECONDS, POLL_SECONDS, Peer
from SAMAdaptLib.service.protocol import (
    Correct,
    Died,
    Done,
    Encode,
    Encoded,
    Failed,
    Final,
    ForgetVolume,
    Load,
    Message,
    Plane,
    Predict,
    Predicted,
    Propagate,
    Ready,
    SegmentVolume,
    SetNext,
    SetVolume,
    SlicePlane,
    Stopped,
    Superseded,
    VolumeReady,
    supersedes,
)
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from SAMAdaptLib.sam.registry import BaseModel

# A propagation ends after its slice, which a large model on a CPU takes long for, and gives what it has.
CANCEL_PROPAGATION_SECONDS = 60.0


class Client(Peer):
    """Prompts in, masks out, by a worker that stays warm.

    The newest request wins, see :func:`SAMAdaptLib.service.protocol.supersedes`. Where the model or the volume cannot
    be used, every request fails for that reason. When the worker dies, the next request starts it again, with the model
    and the volume that were last set.

    While a volume is being copied, :meth:`poll` takes some 20 ms, otherwise some 10 ms at most. What is said in idle
    time (``Prefetched``) and the copy of the next volume need polling, too, a few times a second.

    Attributes:
        copies: how many volumes have been copied so far.
    """

    module = "SAMAdaptLib.service.worker.inference"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.copies = 0
        self._load: Reply[Ready] | None = None
        self._volume: VolumeCopy | None = None
        self._volume_key: Hashable = None
        self._set: Reply[VolumeReady] | None = None
        self._next: NextVolume | None = None
        self._lost: set[Hashable] = set()
        self._held: list[Message] = []

    def load(
        self,
        model: str | None = None,
        *,
        checkpoint: str | Path | None = None,
        adapter: str | Path | None = None,
        input_size: int | None = None,
        device: str = "auto",
        precision: str = "auto",
        entry: BaseModel | None = None,
        cache_folder: str | Path | None = None,
        prefetch: int = 4,
        weights: str = WEIGHTS,
    ) -> Reply[Ready]:
        """Choose the model; it is ready when it is loaded and warm, with progress in bytes while it is downloaded.

        Args:
            model: see :func:`SAMAdaptLib.jobs.load.load_model`, as for the arguments up to ``precision``.
            entry: a ``BaseModel`` of one's own, with which ``model`` is its name.
            cache_folder: keeps embeddings between sessions.
            prefetch: neighbours on each side that are encoded in idle time, of the viewed slice and then of the planes
                of :meth:`set_next`; 0 leaves both alone.
            weights: see :func:`SAMAdaptLib.jobs.load.load_model`.
        """
        if not prefetch:
            self.clear_next()
        return self._ask(
            Load(
                self._new_id(),
                model if entry is None else entry.name,
                _absolute(checkpoint),
                _absolute(adapter),
                input_size,
                device,
                precision,
                None if entry is None else asdict(entry),
                _absolute(cache_folder),
                prefetch,
                weights,
            )
        )

    def set_volume(
        self,
        array: np.ndarray,
        geometry: Geometry,
        key: Hashable,
        *,
        intensity: str | None = None,
        name: str = "",
        modality: str = "",
        colour: bool = False,
    ) -> Reply[VolumeReady]:
        """Choose the volume. It is copied to shared memory bit by bit in :meth:`poll`; leave it unchanged until the
        answer, which tells the values that become black and white.

        Args:
            array: [K, J, I], or of several channels [K, J, I, C].
            geometry: its grid.
            key: compared with that of the volume in use; where equal, nothing is copied.
            intensity: mapping as text, by default that of the adapter, else one that suits the values.
            name: for error messages.
            modality: of the first channel as DICOM spells it, where it is known.
            colour: whether the channels are red, green and blue.

        Raises:
            InputError: no 3D volume, too many channels, another grid, or no memory.
        """
        check_grid(array, geometry, name)
        if self._volume is None or key != self._volume_key:
            self._drop_volume()
            self._volume, self._volume_key = self._copied(key), key
            if self._volume is None:
                self._volume = self._place.share(array)
                self.copies += 1
        return self._ask(naming(self._new_id(), self._volume, geometry, intensity, name, modality, colour))

    def clear_volume(self) -> None:
        """Give all shared copies back; what is pending for the volume in use is answered ``Superseded``."""
        self.clear_next()
        self._drop_volume()

    def set_next(
        self,
        array: np.ndarray,
        geometry: Geometry,
        key: Hashable,
        planes: Sequence[SlicePlane],
        *,
        intensity: str | None = None,
        name: str = "",
        modality: str = "",
        colour: bool = False,
    ) -> None:
        """Choose the volume that is likely to be chosen next. While nothing is pending it is copied to a second shared
        memory, in :meth:`poll`, and slices of it are encoded, after the neighbours of the slice in view. Chosen by
        :meth:`set_volume` with the same key it needs no copy, and finds these slices encoded.

        It takes only the room of the memory for embeddings that is left; without any, and without a ``cache_folder``,
        it ends there. Nothing happens where ``prefetch`` of :meth:`load` is 0, or with the volume in use.

        Args:
            array: as for :meth:`set_volume`; leave it unchanged until it has been copied. One that was
                changed under another key is copied anew.
            geometry: as for :meth:`set_volume`, like ``key``, ``intensity``, ``name``, ``modality`` and ``colour``.
            planes: that are likely to be looked at first, the likeliest first.

        Raises:
            InputError: see :meth:`set_volume`; too little memory for a second copy; a server; the worker died at it.
        """
        check_grid(array, geometry, name)
        if self._volume is not None and key == self._volume_key:
            self.clear_next()
            return
        if key in self._lost:
            raise InputError(
                "The worker has ended while it prepared this volume", name or None, "Choose it when it is needed"
            )
        if self._load is not None and isinstance(self._load.message, Load) and not self._load.message.prefetch:
            return
        wanted = tuple(planes)
        if self._next is not None and self._next.key != key:
            self.clear_next()
        copy = self._place.share_ahead(array) if self._next is None else self._next.copy
        told = naming(0, copy, geometry, intensity, name, modality, colour)
        if self._next is None:
            self.copies += 1
            self._next = NextVolume(key, copy, told, wanted)
        self._next.wish(told, wanted)

    def clear_next(self) -> None:
        """Give the copy of the next volume back; what was encoded of it is kept."""
        if self._next is not None:
            self._next.copy.close()
            if self._next.told and self.alive:
                self._send(SetNext(0))
            self._next = None

    def encode(self, plane: Plane) -> Reply[Encoded]:
        """Encode a plane ahead of prompts, and its neighbours after it."""
        return self._ask(Encode(self._new_id(), plane))

    def predict(
        self, plane: Plane, prompt: Prompt, multimask: bool = False, want_logits: bool = False
    ) -> Reply[Predicted]:
        """Answer a prompt in the plane's pixels."""
        return self._ask(Predict(self._new_id(), plane, prompt, multimask, want_logits))

    def propagate(
        self,
        prompts: Mapping[int, Prompt],
        axis: str = "axial",
        rules: Mapping[str, Any] | None = None,
        all_axes: bool = False,
    ) -> Reply[Done]:
        """Carry an object through the volume; tells progress and each slice as it is found (tentative), then the final
        slices along ``axis``, and is done with values "stops", "cancelled" and "ended_at_once", as ``Segmented`` words
        it. Prompts on single planes are answered meanwhile.

        Args:
            prompts: by voxel index along the axis, in pixels of that slice.
            axis: of the slices.
            rules: fields of :class:`PropagationRules` that are not to be as suits the model.
            all_axes: see :func:`SAMAdaptLib.jobs.segment.propagate`.

        Raises:
            InputError: no such rule, or one that makes no sense.
        """
        chosen = dict(rules or {})
        PropagationRules.from_dict(chosen)
        return self._ask(Propagate(self._new_id(), axis, sorted(prompts.items()), chosen, all_axes))

    def correct(
        self,
        present: Mapping[int, np.ndarray],
        prompts: Mapping[int, Prompt],
        axis: str = "axial",
        accepted: Collection[int] = (),
        rules: Mapping[str, Any] | None = None,
        through: bool = True,
    ) -> Reply[Done]:
        """Mend an object that is there already, and carry it on, as :func:`SAMAdaptLib.jobs.segment.correct`; tells
        progress and each slice that changes as it is found (tentative), then the final ones of all that have changed.
        The rest is as for :meth:`propagate`.

        Args:
            present: what is there by voxel index along the axis, bool [H, W]; nothing on slices that are not named.
            prompts: as for :meth:`propagate`; negative ones will do where the object is.
            axis: of the slices.
            accepted: slices that never change.
            rules: as for :meth:`propagate`.
            through: change other slices than those of the prompts, too.

        Raises:
            InputError: no such rule, or one that makes no sense.
        """
        chosen = dict(rules or {})
        PropagationRules.from_dict(chosen)
        packed = [(int(index), PackedMask.of(mask)) for index, mask in sorted(present.items()) if mask.any()]
        given, kept = sorted(prompts.items()), sorted({int(index) for index in accepted})
        return self._ask(Correct(self._new_id(), axis, packed, given, kept, chosen, through))

    def segment_volume(
        self, texts: Mapping[str, str] | None = None, axis: str | None = None, clean: bool = True
    ) -> Reply[Done]:
        """Segment the volume slice by slice: what the adapter finds by itself, or what ``texts`` name; see
        ``SegmentVolume``. Tells progress and tentative slices with the names of the objects, then the final ones, of
        which there are none for empty slices, and is done with values "names", "axis", "slices" and "cancelled"."""
        return self._ask(SegmentVolume(self._new_id(), None if texts is None else dict(texts), axis, clean))

    def cancel(self, reply: Reply[Any], seconds: float = CANCEL_SECONDS) -> None:
        """See :meth:`Reply.cancel`."""
        held = [message for message in self._held if message.id == reply.id]
        if held:
            self._held.remove(held[0])
            self._answer(Stopped(reply.id))
        else:
            goes_on = isinstance(reply.message, (Correct, Propagate))
            super().cancel(reply, CANCEL_PROPAGATION_SECONDS if goes_on else seconds)

    def close(self) -> None:
        """End the worker and give the shared memory back; pending requests are answered ``Stopped``."""
        super().close()
        self.clear_volume()
        self._load = None
        self._held.clear()

    def _drop_volume(self) -> None:
        forget = ForgetVolume(0)
        self._supersede(forget)
        if self._volume is not None:
            self._volume.close()
            if self.alive:
                self._send(forget)
        self._volume = self._volume_key = self._set = None

    def _copied(self, key: Hashable) -> VolumeCopy | None:
        """The copy of the next volume if it is that one; otherwise its memory is given back, which may be needed."""
        if self._next is None or self._next.key != key:
            self.clear_next()
            return None
        copy, self._next = self._next.copy, None
        return copy

    def _ask(self, message: Message) -> Reply[Any]:
        self._supersede(message)
        self._held.append(message)
        reply = self._know(message)
        self._forward()
        return reply

    def _know(self, message: Message) -> Reply[Any]:
        reply = self._reply_to(message)
        if isinstance(message, Load):
            self._load = reply
        elif isinstance(message, SetVolume):
            self._set = reply
        return reply

    def _supersede(self, new: Message) -> None:
        for reply in self.pending:
            if supersedes(new, reply.message):
                self._answer(Superseded(reply.id))
        self._held = [message for message in self._held if message.id in self._replies]

    def _forward(self) -> None:
        """Send what is due, in the order model, volume, requests; what needs the volume waits for its copy."""
        if self._start():
            # Requests for a worker that was lost have been answered; what they stood on is told anew.
            lost = [reply.message for reply in (self._load, self._set) if reply is not None and reply.done()]
            anew = [replace(message, id=self._new_id()) for message in lost]
            for message in anew:
                self._know(message)
            self._held[:0] = anew
        copying = self._volume is not None and not self._volume.complete
        waits = copying and any(isinstance(message, SetVolume) for message in self._held)
        due = [message for message in self._held if isinstance(message, Load) or not waits]
        for message in sorted(due, key=lambda message: not isinstance(message, Load)):
            self._send(message)
            self._held.remove(message)

    def _answer(self, answer: Final) -> None:
        reply = self._replies.get(answer.id)
        if isinstance(answer, Failed) and reply is not None and not isinstance(reply.message, (Load, SetVolume)):
            # Not that there is no model, but why there is none.
            state = (each.answer for each in (self._load, self._set) if each is not None)
            why = next((found for found in state if isinstance(found, Failed)), answer)
            answer = replace(why, id=answer.id)
        super()._answer(answer)

    def _listen(self) -> None:
        if self._volume is not None and not self._volume.complete:
            self._volume.fill(POLL_SECONDS)
        super()._listen()
        if self.alive:
            self._forward()
        if self._next is not None and self.alive and not self.pending:
            due = self._next.due(POLL_SECONDS)
            if due is not None:
                self._send(due)

    def _sleep(self, seconds: float) -> None:
        if self._volume is None or not self._volume.busy:
            super()._sleep(seconds)

    def _on_death(self, died: Died) -> None:
        self._held.clear()
        if self._next is not None:
            # Its memory may be what the worker died of.
            self._lost |= {self._next.key} if self._next.told else set()
            self.clear_next()
        super()._on_death(died)


def _absolute(path: str | Path | None) -> str | None:
    """The worker runs in another folder."""
    return None if path is None else os.path.abspath(path)
