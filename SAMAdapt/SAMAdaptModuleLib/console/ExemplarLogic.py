"""The part of the console that adds to a library: from the scene into a folder of exemplars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import slicer

from SAMAdaptLib.defaults import AXIS, STRATEGY, SUGGESTIONS
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, intensityText, libraryVolume, segmentationLabels

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


class ExemplarLogic:
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`, which knows where the library is."""

    libraryFolder: Callable[[str | Path | None], Path]

    def addExemplar(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        index: int,
        axis: str = AXIS,
        library: str | Path | None = None,
        subject: str | None = None,
        intensity: str | None = None,
        background: bool = False,
        neighbours: int = 0,
        present: Sequence[str] = (),
    ) -> str:
        """Copy a slice and its labels into a library; returns the exemplar's id.

        Args:
            volumeNode: the scan.
            segmentationNode: its labels; classes are named as the segments. None with ``present``, and where nothing is
                outlined with ``background``.
            index: voxel index of the slice along the axis.
            axis: "axial", "coronal" or "sagittal".
            library: its folder; made where there is none; the one of the settings by default.
            subject: any text that is the same for all scans of a patient; only a salted hash of it is kept.
            intensity: "window:LEVEL/WIDTH", "percentile:LOW/HIGH", "minmax", or "displayed" for the window of the
                views; by default that of the library's scans of its kind (CT or not), else one that suits the values.
            background: take a slice without a label.
            neighbours: slices on each side to keep with it, for methods that see several slices.
            present: names of what is on the slice although nobody has outlined it, for methods that learn from that.

        Raises:
            InputError: an unusable volume or segmentation, a slice without label, one that the library has already, a
                folder that cannot be written to, a full disk.
        """
        from SAMAdaptLib.jobs.exemplars import add_exemplar

        checkVolume(volumeNode)
        if not (background or present):
            checkSegmentation(segmentationNode)
        return add_exemplar(
            self.libraryFolder(library),
            libraryVolume(volumeNode),
            None if segmentationNode is None else segmentationLabels(segmentationNode, volumeNode),
            index,
            axis=axis,
            background=background,
            intensity=intensityText(intensity, volumeNode),
            subject=subject,
            present=present,
            neighbours=neighbours,
        ).id

    def suggestExemplars(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        count: int = SUGGESTIONS,
        strategy: str = STRATEGY,
        axis: str = AXIS,
        seed: int = 0,
    ) -> list[int]:
        """Slice indices that are worth adding; see ``SAMAdaptLib.exemplars.select.suggest`` for the strategies.

        Raises:
            InputError: an unusable volume, no segment, or an unknown strategy.
        """
        from SAMAdaptLib.exemplars.select import suggest

        volume, labels = _labelled(volumeNode, segmentationNode)
        return suggest(volume, labels, axis, count, strategy, seed)

    def addSuggestedExemplars(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        count: int = SUGGESTIONS,
        strategy: str = STRATEGY,
        axis: str = AXIS,
        library: str | Path | None = None,
        subject: str | None = None,
        intensity: str | None = None,
        neighbours: int = 0,
        backgrounds: int | None = None,
        seed: int = 0,
    ) -> list[str]:
        """Copy the slices that :meth:`suggestExemplars` names into a library, and slices without a label to go with
        them; returns the ids of those that the library did not have. The other arguments are as for both.

        Args:
            backgrounds: slices without a label; by default 2 where labels run without a gap, else none, since slices
                that nobody has outlined may still show the object.

        Raises:
            InputError: as :meth:`addExemplar`; no slice with a label.
        """
        from SAMAdaptLib.jobs.exemplars import add_exemplars, suggested

        volume, labels = _labelled(volumeNode, segmentationNode)
        chosen = suggested(
            volume, labels, count=count, strategy=strategy, axis=axis, backgrounds=backgrounds, seed=seed
        )
        added = add_exemplars(
            self.libraryFolder(library),
            volume,
            labels,
            chosen,
            axis=axis,
            intensity=intensityText(intensity, volumeNode),
            subject=subject,
            neighbours=neighbours,
        )
        return [one.info.id for one in added if one.info is not None]


def _labelled(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, segmentationNode: slicer.vtkMRMLSegmentationNode
) -> tuple[Volume, Labels]:
    checkVolume(volumeNode)
    checkSegmentation(segmentationNode)
    return libraryVolume(volumeNode), segmentationLabels(segmentationNode, volumeNode)
