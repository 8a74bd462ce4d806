"""From the scene into an exemplar library, and a look at what synthesis makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from SAMAdaptModuleLib.SceneVolume import displayedWindow, libraryVolume, segmentationLabels, volumeGeometry

# Side of the shrunk slice by which "diverse" compares.
DIVERSE_SIDE = 16
SHEET_COLUMNS = 4


def addExemplar(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode | None,
    index: int,
    axis: str,
    folder: Path,
    subject: str | None,
    intensity: str | None,
    background: bool,
) -> str:
    """See ``SAMAdaptLogic.addExemplar``."""
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.volume.intensity import Intensity, suggest_intensity

    volume = libraryVolume(volumeNode)
    labels = _labels(segmentationNode, volumeNode)
    library = Library.open_or_create(folder)
    if intensity == "displayed":
        mapping = Intensity.parse(displayedWindow(volumeNode))
    elif intensity is not None:
        mapping = Intensity.parse(intensity)
    elif len(library):
        mapping = Intensity.parse(library.infos()[0].intensity)
    else:
        mapping = suggest_intensity(volume.array)
    return library.add(volume, labels, axis, index, mapping, subject=subject or None, background=background).id


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
    from SAMAdaptLib.volume.planes import PlaneStack

    volume = libraryVolume(volumeNode)
    slices = PlaneStack(volume.geometry, axis).view(volume.array)

    def appearance(index: int) -> np.ndarray:
        rows, columns = (np.linspace(0, n, DIVERSE_SIDE + 1).astype(int)[:-1] for n in slices.shape[1:])
        tall = np.add.reduceat(slices[index].astype(np.float64), np.unique(rows), axis=0)
        return np.add.reduceat(tall, np.unique(columns), axis=1)

    return suggest(volume, _labels(segmentationNode, volumeNode), axis, count, strategy, seed, appearance)


def writePreview(folder: Path, count: int, seed: int, config: Mapping[str, Any] | None) -> Path:
    """See ``SAMAdaptLogic.writePreview``."""
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.synthesis.config import SynthesisConfig
    from SAMAdaptLib.synthesis.dataset import SyntheticSet
    from SAMAdaptLib.synthesis.preview import preview_sheet

    dataset = SyntheticSet(Library.open(folder), count, seed, SynthesisConfig.from_dict(dict(config or {})))
    rows = min(len({dataset.source(index)[1].id for index in range(count)}), -(-count // (SHEET_COLUMNS - 1)))
    path = Path(slicer.util.tempDirectory(key="SAMAdapt")) / "preview.png"
    return preview_sheet(dataset, path, rows=rows, columns=1 + -(-count // rows))


def _labels(segmentationNode: slicer.vtkMRMLSegmentationNode | None, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Any:
    if segmentationNode is not None:
        return segmentationLabels(segmentationNode, volumeNode)
    from SAMAdaptLib.volume.segmentation import Labels

    geometry = volumeGeometry(volumeNode)
    return Labels(np.zeros(geometry.shape, np.uint8), geometry, {})
