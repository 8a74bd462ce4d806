"""What clients have sent, each content once: volumes in shared memory, adapters as folders."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from SAMAdaptLib.adapters.info import INFO, WEIGHTS, check_weights, read_adapter_info, without_paths
from SAMAdaptLib.adapters.parcel import MAX_BYTES
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import part_folder, patiently, private_folder, sweep
from SAMAdaptLib.locks import changing
from SAMAdaptLib.service.contents import ADAPTER, PIECE_BYTES, VOLUME, Offer
from SAMAdaptLib.service.link.shared import Segment
from SAMAdaptLib.service.link.upload import volume_head
from SAMAdaptLib.service.packed import inflated

# Volumes that nobody uses at present are kept up to so many bytes, and adapters that nobody has asked for lately.
SPARE_BYTES = 4 << 30
ADAPTER_BYTES = 8 << 30
# For how long a worker may be reading an adapter that was asked for.
READ_S = 600.0
_KEY = re.compile(r"[0-9a-f]{64}")
_MAX_ADAPTER = sum(MAX_BYTES.values())


class Store:
    """Contents by key.

    Args:
        folder: of adapters; made where needed. Several servers may share it.
        spare_bytes: of volumes that nobody uses.
    """

    def __init__(self, folder: Path, spare_bytes: int = SPARE_BYTES) -> None:
        self._folder, self._spare_bytes = folder, spare_bytes
        # The one used last comes last.
        self._volumes: dict[str, Segment] = {}
        self._users: Counter[str] = Counter()

    def volume(self, key: str) -> Segment | None:
        """A volume that is here."""
        return self._volumes.get(key)

    def adapter(self, key: str) -> Path | None:
        """The folder of an adapter that is here, and stays for as long as a worker may be reading it.

        Raises:
            InputError: the folder of all adapters cannot be opened.
        """
        folder = self._folder / key
        if not _KEY.fullmatch(key) or not _is_whole(folder):
            return None
        with changing(self._folder):
            # Another server may just have made room.
            if not _is_whole(folder):
                return None
            # The time of change serves as time of last use.
            with contextlib.suppress(OSError):
                os.utime(folder)
        return folder

    def use(self, key: str) -> None:
        """Keep a volume until :meth:`release`."""
        self._users[key] += 1

    def release(self, key: str) -> None:
        """One user fewer; what nobody uses may be forgotten."""
        self._users[key] -= 1
        if self._users[key] <= 0:
            del self._users[key]
        if key in self._volumes:
            self._volumes[key] = self._volumes.pop(key)
        self._make_room(self._spare_bytes)

    def receive(self, offer: Offer) -> Incoming | None:
        """Take in what is offered; None where it is here already.

        Raises:
            InputError: it is no content that a worker could use, or there is no room for it.
        """
        if not (isinstance(offer.key, str) and _KEY.fullmatch(offer.key) and isinstance(offer.size, int)):
            raise InputError("The content that was offered has no proper name", None, "Update SAMAdapt")
        if offer.kind == VOLUME:
            return None if offer.key in self._volumes else self._incoming_volume(offer)
        if offer.kind == ADAPTER and 8 < offer.size <= _MAX_ADAPTER:
            if self.adapter(offer.key):
                return None
            with self._room(offer.size) as spare:
                return _IncomingAdapter(offer, self, spare.parent)
        raise InputError("The content that was offered is none that a server takes", None, "Update SAMAdapt")

    def keep(self, key: str, volume: Segment) -> None:
        """Take a volume over that is whole."""
        if key in self._volumes:
            volume.close()
        else:
            self._volumes[key] = volume

    def keep_adapter(self, key: str, whole: Path, size: int) -> None:
        """Take an adapter's folder of so many bytes over; where the same is here already, that one stays.

        Raises:
            InputError: there is no room for it any more.
            OSError: it cannot be moved.
        """
        if self.adapter(key):
            return
        target = self._folder / key
        with self._room(size) as spare:
            if not _is_whole(target):
                # Of one that was deleted, and not to the end.
                with contextlib.suppress(FileNotFoundError):
                    patiently(os.rename, target, spare / "rest")
                patiently(os.rename, whole, target)

    def close(self) -> None:
        """Forget all volumes."""
        for volume in self._volumes.values():
            volume.close()
        self._volumes.clear()

    def _incoming_volume(self, offer: Offer) -> Incoming:
        try:
            return _IncomingVolume(offer, self)
        except InputError:
            self._make_room(0)
        return _IncomingVolume(offer, self)

    @contextlib.contextmanager
    def _room(self, more: int) -> Iterator[Path]:
        """Keep other servers waiting, with room for so many bytes more; gives a folder for what is to be deleted.

        What is deleted is moved there first: who is killed in between leaves no half of an adapter.
        """
        folder = private_folder(self._folder)
        sweep(folder)
        spare = part_folder(folder)
        try:
            with changing(folder):
                self._forget_adapters(more, spare)
                yield spare
        finally:
            shutil.rmtree(spare, ignore_errors=True)

    def _forget_adapters(self, more: int, spare: Path) -> None:
        """Move those away that were not asked for longest, so that so many bytes more come to no more than
        ADAPTER_BYTES; one that a worker may be reading stays."""
        sizes = {}
        for folder in self._folder.iterdir():
            # `samadapt cache clear` may be at it.
            with contextlib.suppress(OSError):
                if _KEY.fullmatch(folder.name):
                    sizes[folder] = folder.stat().st_mtime, sum(file.stat().st_size for file in folder.iterdir())
        left = more + sum(size for _, size in sizes.values())
        for folder in sorted(sizes, key=lambda one: sizes[one][0]):
            if left > ADAPTER_BYTES and time.time() - sizes[folder][0] > READ_S:
                with contextlib.suppress(OSError):
                    patiently(os.rename, folder, spare / folder.name)
                    left -= sizes[folder][1]
        if left > ADAPTER_BYTES:
            raise InputError("The server has no room for another adapter at present", None, "Try again in some minutes")

    def _make_room(self, spare_bytes: int) -> None:
        spare = [key for key in self._volumes if key not in self._users]
        left = sum(self._volumes[key].nbytes for key in spare)
        for key in spare:
            if left > spare_bytes:
                left -= self._volumes[key].nbytes
                self._volumes.pop(key).close()


class Incoming:
    """A content that is being sent.

    Args:
        offer: what it is.
        head: what its hash begins with.

    Attributes:
        offer: as given.
        size: bytes that are here.
    """

    def __init__(self, offer: Offer, head: bytes = b"") -> None:
        self.offer, self.size = offer, 0
        self._hash = hashlib.sha256(head)

    def take(self, data: bytes) -> bool:
        """Take in the next part, compressed; returns whether the content is whole and kept.

        Raises:
            InputError: it is not what was offered, or cannot be kept; to be dropped.
        """
        try:
            part = inflated("A part of the content", data, 1, min(PIECE_BYTES, self.offer.size - self.size))
        except ValueError as error:
            raise InputError(str(error), None, "Try again") from error
        self._hash.update(part)
        try:
            self._write(part)
            self.size += len(part)
            if self.size < self.offer.size:
                return False
            if self._hash.hexdigest() != self.offer.key:
                raise InputError("The content has changed while it was sent", None, "Try again")
            self._keep()
        except OSError as error:
            raise _full(error) from error
        return True

    def drop(self) -> None:
        """It will not become whole; no harm where it has."""
        raise NotImplementedError

    def _write(self, part: bytes) -> None:
        raise NotImplementedError

    def _keep(self) -> None:
        raise NotImplementedError


class _IncomingVolume(Incoming):
    def __init__(self, offer: Offer, store: Store) -> None:
        self._segment = Segment(offer.shape, offer.dtype)
        super().__init__(offer, volume_head(offer.shape, offer.dtype))
        self._store, self._kept = store, False
        try:
            if offer.size != self._segment.nbytes:
                raise InputError("The volume that was offered has another size", None, "Give a 3D scalar volume")
            self._segment.reserve()
        except InputError:
            self.drop()
            raise

    def drop(self) -> None:
        if not self._kept:
            self._segment.close()

    def _write(self, part: bytes) -> None:
        self._segment.write(self.size, part)

    def _keep(self) -> None:
        self._store.keep(self.offer.key, self._segment)
        self._kept = True


class _IncomingAdapter(Incoming):
    def __init__(self, offer: Offer, store: Store, folder: Path) -> None:
        super().__init__(offer)
        self._store, self._folder = store, folder
        try:
            self._whole = tempfile.TemporaryFile(dir=folder)
        except OSError as error:
            raise _full(error) from error

    def drop(self) -> None:
        self._whole.close()

    def _write(self, part: bytes) -> None:
        self._whole.write(part)

    def _keep(self) -> None:
        self._whole.seek(0)
        size = int.from_bytes(self._whole.read(8), "little")
        if size > MAX_BYTES[INFO]:
            raise InputError("What was sent is no adapter", None, "Choose another one")
        made = part_folder(private_folder(self._folder))
        try:
            part = made / "adapter"
            part.mkdir(0o700)
            (part / INFO).write_bytes(self._whole.read(size))
            with open(part / WEIGHTS, "wb") as weights:
                shutil.copyfileobj(self._whole, weights)
            try:
                info = read_adapter_info(part)
                check_weights(part, info)
            except InputError as error:
                # Without the place, which says nothing to who has sent it.
                raise InputError(error.what, None, error.remedy) from error
            if without_paths(info) != info:
                raise InputError("The adapter names a folder of another computer", None, "Update SAMAdapt there")
            self._store.keep_adapter(self.offer.key, part, self.size)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (INFO, WEIGHTS))


def _full(error: OSError) -> InputError:
    what = f"The server cannot keep the content ({error.strerror or error})"
    return InputError(what, None, "Make room there")
