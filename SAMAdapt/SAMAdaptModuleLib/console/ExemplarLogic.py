"""The part of the console that adds to a library: from the scene into a folder of exemplars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import AXIS, STRATEGY, SUGGESTIONS
from SAMAdaptModuleLib.app.Titles import titleOf
from SAMAdaptModuleLib.scene.Channels import Volumes, seenAs
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, intensityText, libraryVolume, segmentationLabels

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.exemplars import Added
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


class ExemplarLogic:
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`, which knows where the library is."""

    libraryFolder: Callable[[str | Path | None], Path]

    def addExemplar(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        index: int,
        axis: str = AXIS,
        library: str | Path | None = None,
        subject: str | None = None,
        intensity: str | None = None,
        background: bool = False,
        neighbours: int = 0,
        present: Sequence[str] = (),
        replace: bool = False,
        blankedMm: float | None = None,
        tile: int | None = None,
    ) -> str:
        """Copy a slice and its labels into a library; returns the exemplar's id, of several tiles that of the first.
        The arguments and errors are as for :meth:`addExemplars`.

        Args:
            index: voxel index of the slice along the axis.
        """
        added, *_rest = self.addExemplars(
            volumeNode,
            segmentationNode,
            [index],
            axis,
            library=library,
            subject=subject,
            intensity=intensity,
            background=background,
            neighbours=neighbours,
            present=present,
            replace=replace,
            blankedMm=blankedMm,
            tile=tile,
        )
        return added.info.id

    def addExemplars(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        indices: Sequence[int],
        axis: str = AXIS,
        library: str | Path | None = None,
        subject: str | None = None,
        intensity: str | None = None,
        background: bool = False,
        neighbours: int = 0,
        present: Sequence[str] = (),
        replace: bool = False,
        blankedMm: float | None = None,
        tile: int | None = None,
    ) -> list[Added]:
        """Copy slices and their labels into a library, all or none; returns what became of each.

        Args:
            volumeNode: the scan, or up to three that a model sees together as channels, as
                :meth:`SAMAdaptModuleLib.console.SegmentingLogic.SegmentingLogic.seeTogether` has it.
            segmentationNode: its labels; classes are named as the segments. None with ``present``, and where nothing is
                outlined with ``background``.
            indices: voxel indices of the slices along the axis.
            axis: "axial", "coronal" or "sagittal".
            library: its folder; made where there is none; the one of the settings by default.
            subject: any text that is the same for all scans of a patient; only a salted hash of it is kept.
            intensity: "window:LEVEL/WIDTH", "percentile:LOW/HIGH", "minmax", or "displayed" for the window of the
                views; by default that of the library's scans of its kind (CT or not), else one that suits the values.
            background: take slices without a label.
            neighbours: slices on each side to keep with each, for methods that see several slices.
            present: names of what is on the slices although nobody has outlined it, for methods that learn from that.
            replace: a slice that the library has with other outlines takes the place of what is there.
            blankedMm: blank what is farther from the outlines, since pixels of a head can show a face; by default as it
                was done with the library's slices.
            tile: of larger pictures take the tiles of this side in pixels that show what is outlined, 0: whole ones; by
                default as the library's are.

        Raises:
            InputError: an unusable volume or segmentation, a slice without label, one that the library has already
                (unless ``replace``), a folder that cannot be written to, a full disk.
        """
        from SAMAdaptLib.jobs.exemplars import Chosen, add_exemplars

        volumeNode = seenAs(volumeNode)
        checkVolume(volumeNode)
        if not (background or present):
            checkSegmentation(segmentationNode)
        return add_exemplars(
            self.libraryFolder(library),
            libraryVolume(volumeNode),
            None if segmentationNode is None else segmentationLabels(segmentationNode, volumeNode),
            [Chosen(index, background) for index in indices],
            axis=axis,
            intensity=intensityText(intensity, volumeNode),
            subject=subject,
            present=present,
            neighbours=neighbours,
            replace=replace,
            blanked_mm=blankedMm,
            tile=tile,
        )

    def suggestExemplars(
        self,
        volumeNode: Volumes,
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
        volumeNode: Volumes,
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
        blankedMm: float | None = None,
        tile: int | None = None,
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
            intensity=intensityText(intensity, seenAs(volumeNode)),
            subject=subject,
            neighbours=neighbours,
            blanked_mm=blankedMm,
            tile=tile,
        )
        return [one.info.id for one in added if not one.skipped]


def addedText(added: Sequence[Added], axis: str) -> str:
    """What became of slices along an axis, in a line."""
    # Of a large picture each of its tiles was added.
    slices = {one.chosen.index for one in added}
    replaced = len({one.chosen.index for one in added if one.replaced})
    if len(slices) > 1:
        text = _("{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.")
        plain = _("{count} slices are in the exemplar library.")
        return (text if replaced else plain).format(count=len(slices), replaced=replaced)
    if replaced:
        text = _("Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.")
    elif all(one.skipped for one in added):
        text = _("Slice {index} ({axis}) was in the exemplar library already, with the same outlines.")
    else:
        text = _("Slice {index} ({axis}) is in the exemplar library.")
    return text.format(index=added[0].chosen.index, axis=titleOf(axis))


def _labelled(
    volumeNode: Volumes, segmentationNode: slicer.vtkMRMLSegmentationNode
) -> tuple[Volume, Labels]:
    volumeNode = seenAs(volumeNode)
    checkVolume(volumeNode)
    checkSegmentation(segmentationNode)
    return libraryVolume(volumeNode), segmentationLabels(segmentationNode, volumeNode)
