"""From the scene into an exemplar library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer

from SAMAdaptModuleLib.scene.SceneVolume import displayedWindow, libraryVolume, segmentationLabels, volumeGeometry


def addExemplar(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode | None,
    index: int,
    axis: str,
    folder: Path,
    subject: str | None,
    intensity: str | None,
    background: bool,
    neighbours: int,
) -> str:
    """See ``SAMAdaptLogic.addExemplar``."""
    from SAMAdaptLib.jobs.exemplars import add_exemplar

    return add_exemplar(
        folder,
        libraryVolume(volumeNode),
        _labels(segmentationNode, volumeNode),
        index,
        axis=axis,
        background=background,
        intensity=displayedWindow(volumeNode) if intensity == "displayed" else intensity,
        subject=subject,
        neighbours=neighbours,
    ).id


def suggestExemplars(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    count: int,
    strategy: str,
    axis: str,
    seed: int,
) -> list[int]:
    """See ``SAMAdaptLogic.suggestExemplars``."""
    from SAMAdaptLib.exemplars.select import suggest

    return suggest(libraryVolume(volumeNode), _labels(segmentationNode, volumeNode), axis, count, strategy, seed)


def _labels(segmentationNode: slicer.vtkMRMLSegmentationNode | None, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Any:
    if segmentationNode is not None:
        return segmentationLabels(segmentationNode, volumeNode)
    from SAMAdaptLib.volume.labels import Labels

    geometry = volumeGeometry(volumeNode)
    return Labels(np.zeros(geometry.shape, np.uint8), geometry, {})
