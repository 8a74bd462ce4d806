"""The volume that the worker prepares in idle time."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import slicer

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptModuleLib.scene.Channels import furtherVolumes, mayResample
from SAMAdaptModuleLib.scene.SceneVolume import toldOf, volumeKey
from SAMAdaptModuleLib.scene.VolumeWatch import VolumeWatch


class NextVolume:
    """Tells a client of it, and gives its memory back when it leaves the scene."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._watch = VolumeWatch(self.clear)

    def use(
        self,
        client: Client,
        volumeNode: slicer.vtkMRMLScalarVolumeNode | None,
        planes: Sequence[SlicePlane],
        intensity: str | None,
    ) -> None:
        """Prepare this one, see :meth:`Client.set_next`; None prepares none. What cannot be prepared is left alone."""
        self._client = client
        # Nobody shall wait for the resampling of what nobody has asked for.
        if volumeNode is None or (furtherVolumes(volumeNode) and mayResample(volumeNode)):
            self.clear()
            return
        self._watch.watch(volumeNode)
        try:
            client.set_next(key=volumeKey(volumeNode), planes=planes, intensity=intensity, **toldOf(volumeNode))
        except InputError as error:
            # Nobody has asked for it.
            logging.debug("%s", error)
            self.clear()

    def clear(self) -> None:
        """Prepare none any more."""
        self._watch.watch(None)
        if self._client is not None:
            self._client.clear_next()
