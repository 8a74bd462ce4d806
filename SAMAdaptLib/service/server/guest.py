"""One application that has called a server, and the worker that runs for it."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from SAMAdaptLib.defaults import DEVICE
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.contents import VOLUME, Held, Offer, Piece, Ping, Pong, Refused
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.process import ChildProcess
from SAMAdaptLib.service.link.remote import INFERENCE
from SAMAdaptLib.service.protocol import (
    Cancel,
    Correct,
    Encode,
    Failed,
    Final,
    ForgetVolume,
    Hello,
    Load,
    Message,
    Predict,
    Propagate,
    SegmentVolume,
    SetVolume,
)
from SAMAdaptLib.service.server.audit import Visit
from SAMAdaptLib.service.server.limits import Pace, Pending
from SAMAdaptLib.service.server.store import Incoming, Store

# What a worker is told as it came; it names nothing of the machine.
_PASSED = (Cancel, Correct, Encode, ForgetVolume, Predict, Propagate, SegmentVolume)
_UNANSWERED = (Cancel, ForgetVolume)
TURN_SECONDS = 0.005
# Answers for an application that does not listen are held back in the worker beyond that, and nothing more is heard of
# it; nor is of one whose worker does not listen.
MOST_WAITING = 64 << 20
# Applications ask every few seconds whether the server is there; one that has not for so long is gone.
SILENCE_SECONDS = 600.0


class Guest:
    """Passes messages on between an application and its worker, which ends with it.

    No path of the application is opened here: volumes and adapters are named by their content, models by their names.
    An application that says more than :mod:`SAMAdaptLib.service.server.limits` allows is heard later, and others are
    not kept waiting.

    Args:
        connection: to the application.
        store: of what applications have sent.
        device: what networks run on where the application leaves that open.

    Attributes:
        connection: as given.
        visit: what has come of it.
    """

    def __init__(self, connection: Connection, store: Store, device: str = DEVICE) -> None:
        self.connection = connection
        self.visit = Visit(connection.name)
        self._pace, self._pending = Pace(), Pending()
        self._store, self._device = store, device
        self._child = ChildProcess(INFERENCE, [sys.executable])
        # One of each kind.
        self._incoming: dict[str, Incoming] = {}
        self._volume = ""
        self._greeted = self._told_end = False
        self._heard = time.monotonic()

    def fileno(self) -> int:
        """Of the worker; -1 after its end."""
        return self._child.fileno()

    @property
    def behind(self) -> bool:
        """Whether the worker has not taken yet what it was told."""
        return self._child.waiting > 0

    @property
    def hearing(self) -> bool:
        """Whether the application is heard at present."""
        return max(self.connection.waiting, self._child.waiting) < MOST_WAITING and self._pace.ready

    def turn(self) -> bool:
        """Pass on what both sides have said; returns whether the application is still there."""
        now = time.monotonic()
        for message in self._heard_now():
            self._heard = now
            self._hear(message)
        if self.connection.hung_up and not self.connection.more:
            self.visit.ended = "gone" if self.connection.fault is None else self.connection.fault.what
            return False
        if now - self._heard > SILENCE_SECONDS:
            self.visit.ended = "silent"
            return False
        if self.connection.waiting < MOST_WAITING:
            for message in self._child.poll(TURN_SECONDS):
                if isinstance(message, Final):
                    self._pending.answered(message.id)
                self.connection.send(message)
        if self._child.pid is not None and not self._greeted:
            self._greeted = True
            self.connection.send(Hello(0, self._child.pid))
        if self._child.ended is not None and not self._told_end:
            self._told_end = True
            self.connection.send(self._child.ended)
        return True

    def close(self) -> None:
        """End the worker, and hang up."""
        self._child.kill()
        self.connection.close()
        for kind in list(self._incoming):
            self._drop(kind)
        self._use("")

    def _heard_now(self) -> list[Message]:
        if self.hearing:
            return self.connection.poll(TURN_SECONDS)
        # What waits for it leaves all the same.
        self.connection.shake()
        return []

    def _hear(self, message: Message) -> None:
        if not isinstance(message, Piece):
            # How much comes of a content was agreed on when it was offered.
            self._pace.take()
        try:
            if isinstance(message, Ping):
                self.connection.send(Pong(0))
            elif isinstance(message, Offer):
                self._receive(message)
            elif isinstance(message, Piece):
                self._take(message)
            else:
                self._pass_on(message)
        except SAMAdaptError as error:
            self.connection.send(Failed(message.id, error.what, error.where, error.remedy))

    def _pass_on(self, message: Message) -> None:
        self.visit.requests[type(message).__name__] += 1
        if isinstance(message, Load):
            message = self._resolved(message)
        elif isinstance(message, SetVolume):
            message = self._found(message)
        elif not isinstance(message, _PASSED):
            what = f"A server does not do this ({type(message).__name__})"
            raise InputError(what, None, "Do it on this computer")
        if isinstance(message, _UNANSWERED):
            self._child.send(message)
        else:
            self._pending.check()
            self._pending.add(message.id, self._child.send(message))

    def _receive(self, offer: Offer) -> None:
        self._drop(offer.kind)
        try:
            incoming = self._store.receive(offer)
        except SAMAdaptError as error:
            self._refuse(offer.key, error)
            return
        if incoming is not None:
            self._incoming[offer.kind] = incoming
        if offer.kind == VOLUME:
            # From now on it stays until another one comes.
            self._use(offer.key)
        self.connection.send(Held(0, offer.key, offer.size if incoming is None else 0))

    def _take(self, piece: Piece) -> None:
        incoming = next((each for each in self._incoming.values() if each.offer.key == piece.key), None)
        if incoming is None:
            # What was still on its way of a content that was refused or replaced.
            return
        try:
            whole = incoming.take(np.ascontiguousarray(piece.data).tobytes())
        except SAMAdaptError as error:
            self._drop(incoming.offer.kind)
            self._refuse(piece.key, error)
            return
        if whole:
            self._drop(incoming.offer.kind)
        self.connection.send(Held(0, piece.key, incoming.size))

    def _refuse(self, key: str, error: SAMAdaptError) -> None:
        self.connection.send(Refused(0, key, error.what, error.remedy))

    def _drop(self, kind: str) -> None:
        incoming = self._incoming.pop(kind, None)
        if incoming is not None:
            incoming.drop()

    def _use(self, key: str) -> None:
        if key:
            self._store.use(key)
        if self._volume:
            self._store.release(self._volume)
        self._volume = key

    def _resolved(self, load: Load) -> Load:
        if load.checkpoint is not None or load.entry is not None:
            raise InputError("A server knows base models by name only", None, "Choose one of `samadapt models`")
        device = self._device if load.device == DEVICE else load.device
        if load.adapter is None:
            return replace(load, device=device, cache_folder=None)
        folder = self._store.adapter(load.adapter) if isinstance(load.adapter, str) else None
        if folder is None:
            raise InputError("The server does not have the adapter", None, "Choose it again")
        return replace(load, adapter=str(folder), device=device, cache_folder=None)

    def _found(self, message: SetVolume) -> SetVolume:
        segment = self._store.volume(message.segment) if message.segment == self._volume else None
        if segment is None:
            raise InputError("The server does not have the volume", None, "Choose it again")
        return replace(message, segment=segment.name, shape=segment.shape, dtype=segment.dtype)
