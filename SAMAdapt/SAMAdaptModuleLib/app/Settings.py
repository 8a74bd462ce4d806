"""What belongs to the computer rather than to a scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.defaults import DEVICE
from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.service.link.remote import Server

PREFIX = "SAMAdapt/"


class Settings:
    """Folders and the device, kept in the application's settings; each folder has a default in the user's own ones.

    A folder need not exist: who writes into it makes it. Setting one to None goes back to the default.

    >>> Settings().runFolder = "/data/runs"

    Args:
        store: something like a ``qt.QSettings``, which it is by default.
        dataFolder: where the defaults lie; by default the application's data folder of the user.
        cacheFolder: where the embeddings lie by default; the application's cache folder of the user.
    """

    def __init__(self, store: Any = None, dataFolder: Path | None = None, cacheFolder: Path | None = None) -> None:
        import qt

        place = qt.QStandardPaths.writableLocation
        self._store = qt.QSettings() if store is None else store
        self._apart = dataFolder is not None
        self._data = Path(dataFolder or place(qt.QStandardPaths.AppDataLocation)) / "SAMAdapt"
        # Apart from the data, since users and systems clean that place.
        self._cache = Path(cacheFolder or place(qt.QStandardPaths.CacheLocation)) / "SAMAdapt"

    @property
    def exemplarLibrary(self) -> Path:
        """The library of labelled slices."""
        return self._folder("exemplarLibrary", self._data / "exemplars")

    @exemplarLibrary.setter
    def exemplarLibrary(self, folder: str | Path | None) -> None:
        self._setFolder("exemplarLibrary", folder)

    @property
    def adapterShelf(self) -> Path:
        """Finished adapters, a folder each; by default those that the command line finds by their names, too."""
        return self._folder("adapterShelf", self._usualShelf())

    @adapterShelf.setter
    def adapterShelf(self, folder: str | Path | None) -> None:
        self._setFolder("adapterShelf", folder)

    @property
    def runFolder(self) -> Path:
        """Training runs, a folder each."""
        return self._folder("runFolder", self._data / "runs")

    @runFolder.setter
    def runFolder(self, folder: str | Path | None) -> None:
        self._setFolder("runFolder", folder)

    @property
    def embeddingFolder(self) -> Path:
        """Embeddings of slices, which can be computed again."""
        return self._folder("embeddingFolder", self._cache / "embeddings")

    @embeddingFolder.setter
    def embeddingFolder(self, folder: str | Path | None) -> None:
        self._setFolder("embeddingFolder", folder)

    @property
    def device(self) -> str:
        """What networks run on: "auto", "cpu", "mps", "cuda" or "cuda:1"."""
        return self._store.value(PREFIX + "device") or DEVICE

    @device.setter
    def device(self, name: str | None) -> None:
        self._set("device", name)

    @property
    def devices(self) -> dict[str, str]:
        """What was there when a worker looked last: name to title; empty before."""
        try:
            return dict(json.loads(self._store.value(PREFIX + "devices") or "{}"))
        except (TypeError, ValueError):
            return {}

    @devices.setter
    def devices(self, found: dict[str, str]) -> None:
        self._set("devices", json.dumps(found))

    @property
    def server(self) -> str:
        """Address "host:port" of a server that segments in place of this computer; empty for none."""
        return self._store.value(PREFIX + "server") or ""

    @server.setter
    def server(self, address: str | None) -> None:
        self._set("server", (address or "").strip() or None)

    @property
    def tokenFile(self) -> str:
        """File with the token that the server knows; empty where none is chosen."""
        return self._store.value(PREFIX + "tokenFile") or ""

    @tokenFile.setter
    def tokenFile(self, path: str | Path | None) -> None:
        self._set("tokenFile", str(path or "") or None)

    @property
    def study(self) -> dict[str, str]:
        """What was chosen for the last study: "description", "index" and "output"."""
        try:
            return dict(json.loads(self._store.value(PREFIX + "study") or "{}"))
        except ValueError:
            return {}

    @study.setter
    def study(self, chosen: dict[str, str]) -> None:
        self._set("study", json.dumps(chosen))

    @property
    def published(self) -> str:
        """Where published adapters were listed last: a folder or an address; empty before."""
        return self._store.value(PREFIX + "published") or ""

    @published.setter
    def published(self, place: str | None) -> None:
        self._set("published", place or None)

    def remote(self) -> Server | None:
        """The server as a place for workers; None without.

        Raises:
            InputError: there is no such address or token.
        """
        if not self.server:
            return None
        if not self.tokenFile:
            raise InputError(
                _("The server needs a token"), self.server, _("Choose the file with its token at This computer")
            )
        from SAMAdaptLib.service.link.remote import Server

        return Server(self.server, self.tokenFile)

    def cacheSize(self) -> int:
        """Bytes of the embeddings on disk."""
        cache = self._embeddings()
        return 0 if cache is None else cache.stats.disk_bytes

    def clearCache(self) -> int:
        """Delete the embeddings on disk, and nothing else there; returns the bytes that this gave back.

        Raises:
            InputError: the folder cannot be written to.
        """
        cache = self._embeddings()
        if cache is None:
            return 0
        before = self.cacheSize()
        try:
            cache.clear()
        except OSError as error:
            raise InputError(
                _("Cannot delete the embeddings ({error})").format(error=error.strerror or error),
                self.embeddingFolder,
                _("Check the folder's permissions"),
            ) from error
        return before - self.cacheSize()

    def _embeddings(self) -> EmbeddingCache | None:
        from SAMAdaptLib.sam.cache import EmbeddingCache

        return EmbeddingCache(folder=self.embeddingFolder) if self.embeddingFolder.is_dir() else None

    def _usualShelf(self) -> Path:
        from SAMAdaptLib.adapters.shelf import default_shelf

        # Versions before the shelf was shared kept it in the application's own folder.
        own, shared = self._data / "adapters", default_shelf()
        return own if self._apart or (own.is_dir() and not shared.is_dir()) else shared

    def _folder(self, name: str, default: Path) -> Path:
        return Path(self._store.value(PREFIX + name) or default)

    def _setFolder(self, name: str, folder: str | Path | None) -> None:
        self._set(name, None if folder is None else str(folder))

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._store.remove(PREFIX + name)
        else:
            self._store.setValue(PREFIX + name, value)
