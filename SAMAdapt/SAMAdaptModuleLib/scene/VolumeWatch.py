"""Notices that a volume leaves the scene, or one that is seen together with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk

from SAMAdaptModuleLib.scene.Channels import furtherVolumes


class VolumeWatch:
    """Observes the scene of one volume.

    Args:
        gone: called when the volume or one that a model sees together with it is about to be removed, or its scene to
            be closed.
    """

    def __init__(self, gone: Callable[[], Any]) -> None:
        self._gone = gone
        self._nodes: tuple[Any, ...] = ()
        self._scene: Any = None
        self._tags: list[int] = []

    def watch(self, volumeNode: Any) -> None:
        """Watch this volume instead of the one before; None watches nothing."""
        scene = None if volumeNode is None else volumeNode.GetScene()
        self._nodes = () if volumeNode is None else (volumeNode, *furtherVolumes(volumeNode))
        if scene is self._scene:
            return
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._scene, self._tags = scene, []
        if scene is not None:
            events = {"NodeAboutToBeRemovedEvent": self._onNodeRemoved, "StartCloseEvent": self._onClose}
            self._tags = [scene.AddObserver(getattr(slicer.vtkMRMLScene, e), slot) for e, slot in events.items()]

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeRemoved(self, caller: Any, event: str, node: Any) -> None:
        if node in self._nodes:
            self._gone()

    def _onClose(self, caller: Any, event: str) -> None:
        self._gone()
