"""The part of the console that segments: nodes in, nodes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import AXIS, MODEL
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.console.Correction import correctSegment
from SAMAdaptModuleLib.console.ManyVolumes import ManyVolumes, Wish
from SAMAdaptModuleLib.console.ModelChoices import ModelChoices
from SAMAdaptModuleLib.console.SliceSegmentation import propagateSegment, segmentOnSlice
from SAMAdaptModuleLib.console.VolumeTable import Case, volumeTable
from SAMAdaptModuleLib.console.WholeVolume import addObjects, findObjects
from SAMAdaptModuleLib.scene.AcceptedSlices import acceptedAlong, acceptSlices
from SAMAdaptModuleLib.scene.Channels import Volumes, furtherVolumes, mayResample, seenAs, setFurther
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation, newSegmentation, segmentByName
from SAMAdaptModuleLib.scene.SceneVolume import checkTogether, checkVolume, intensityText, scans
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession


class SegmentingLogic:
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`, which chooses models."""

    installation: Installation
    activateAdapter: Callable[..., ModelChoice]
    manyVolumes: ManyVolumes
    models: ModelChoices
    _inference: InferenceSession | None

    def seeTogether(
        self, volumeNodes: Sequence[slicer.vtkMRMLScalarVolumeNode], resample: bool = False
    ) -> slicer.vtkMRMLScalarVolumeNode:
        """Have models see volumes of a patient together, as channels; returns the first, which stands for them from
        now on, here, in the panel and in the Segment Editor, and in a scene that is loaded again.

        Args:
            volumeNodes: one to three, in the order of the adapter's training; a single one is seen alone.
            resample: bring those that lie on another grid onto that of the first.

        Raises:
            InputError: too many, one twice, unusable ones; others grids without ``resample``.
        """
        if not volumeNodes:
            raise InputError(_("No volume is chosen"), None, _("Give one, or up to three"))
        first = volumeNodes[0]
        before = furtherVolumes(first), mayResample(first)
        setFurther(first, volumeNodes[1:], resample)
        try:
            checkTogether(first)
        except InputError:
            setFurther(first, *before)
            raise
        return first

    @property
    def inference(self) -> InferenceSession:
        """The session that answers prompts."""
        if self._inference is None:
            self._inference = InferenceSession.instance()
        return self._inference

    def segmentSlice(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        segmentName: str = "Segment",
        points: Sequence[tuple[float, float, float, int]] = (),
        box: tuple[Sequence[float], Sequence[float]] | None = None,
        axis: str = AXIS,
        index: int | None = None,
        model: str | None = None,
        adapter: str | Path | None = None,
        add: bool = False,
        intensity: str | None = None,
        marks: Sequence[Mark] = (),
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment one object on one slice.

        Args:
            volumeNode: the scan, or up to three that a model sees together as channels, as :meth:`seeTogether` has it.
            segmentationNode: where to write; a new one by default.
            segmentName: the segment; made, with terminology and colour, where there is none of this name.
            points: (R, A, S, label) with label 1 = the object, 0 = not the object.
            box: two opposite corners (R, A, S).
            axis: "axial", "coronal" or "sagittal".
            index: voxel index of the slice along the axis; that of the first prompt by default.
            model: base model; the active one by default.
            adapter: name on the shelf, or folder; the active one by default.
            add: keep what the segment has on this slice; it is replaced otherwise.
            intensity: "window:LEVEL/WIDTH", "percentile:LOW/HIGH", "minmax", or "displayed" for the window of the
                views; by default that of the adapter, else one that suits the values.
            marks: of any kind, besides points and box: ``Mark("lasso", corners)``.

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume, no prompt, a prompt outside the slice, a model that cannot be loaded, a
                mapping that the adapter was not trained with.
        """
        volumeNode = seenAs(volumeNode)
        given = _marks(points, box, marks)
        with self._looking(volumeNode, intensity, model, adapter) as session:
            segmentationNode = segmentationNode or newSegmentation(volumeNode)
            segmentOnSlice(session, volumeNode, segmentationNode, segmentName, given, axis, index, add)
        return segmentationNode

    def propagate(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentName: str,
        axis: str = AXIS,
        direction: str = "both",
        progress: Callable[[int, int | None], None] | None = None,
        allAxes: bool = False,
        intensity: str | None = None,
        **rules: Any,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Carry a segment from the slices where it is on to the others, and add what is found to it.

        Slices with stored prompts are prompted with these; without any, every slice that the segment is on is prompted
        with its box.

        Args:
            volumeNode: as for :meth:`segmentSlice`.
            segmentationNode: with the segment.
            segmentName: of the segment.
            axis: "axial", "coronal" or "sagittal".
            direction: "both", or "up" or "down" for rising or falling slice indices only.
            progress: called with (slices done, slices in all or None).
            allAxes: carry it along the other two axes as well, from what was found along the first, and take what at
                least two of the three find.
            intensity: as for :meth:`segmentSlice`.
            **rules: fields of ``SAMAdaptLib.propagation.rules.PropagationRules``, such as ``min_iou=0.6`` or
                ``max_missing=1``, which hold along all axes; a range, ``first`` and ``last``, along the first only.

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume, no such segment, or one that is empty; no such rule, or one that makes no
                sense; a mapping that the adapter was not trained with.
        """
        volumeNode = seenAs(volumeNode)
        checkVolume(volumeNode)
        checkSegmentation(segmentationNode)
        segmentByName(segmentationNode, segmentName)
        with self._looking(volumeNode, intensity) as session:
            propagateSegment(
                session, volumeNode, segmentationNode, segmentName, axis, direction, rules, allAxes, progress
            )
        return segmentationNode

    def correct(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentName: str,
        points: Sequence[tuple[float, float, float, int]] = (),
        box: tuple[Sequence[float], Sequence[float]] | None = None,
        axis: str = AXIS,
        accepted: Collection[int] = (),
        through: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
        intensity: str | None = None,
        marks: Sequence[Mark] = (),
        editorNode: slicer.vtkMRMLSegmentEditorNode | None = None,
        **rules: Any,
    ) -> list[int]:
        """Mend a segment that is there already, by whatever means: points change its slices around themselves, a box
        says what all of the object is there; and carry that on as far as it changes anything. They are kept with the
        segment: corrections in the Segment Editor leave slices that were mended so as they are.

        Args:
            volumeNode: as for :meth:`segmentSlice`.
            segmentationNode: with the segment.
            segmentName: of the segment.
            points: (R, A, S, label), on as many slices as wanted; label 1 for what is missing, 0 for what is too much.
            box: two opposite corners (R, A, S) on one slice.
            axis: "axial", "coronal" or "sagittal".
            accepted: further slices that must not change, besides those of :meth:`acceptSlices`, by voxel index.
            through: change other slices, too; otherwise only those with prompts change.
            progress: called with (slices done, slices in all).
            intensity: as for :meth:`segmentSlice`.
            marks: as for :meth:`segmentSlice`.
            editorNode: ``vtkMRMLSegmentEditorNode`` whose masking and overwriting hold; by default everything may be
                edited.
            **rules: as for :meth:`propagate`.

        Returns:
            the voxel indices of the slices that have changed.

        Raises:
            InputError: an unusable volume; no such segment, or an empty one; no prompt, one outside the volume or on an
                accepted slice; only negative points on a slice without the segment; a model that cannot be loaded; a
                rule or a mapping as for :meth:`propagate`.
        """
        volumeNode = seenAs(volumeNode)
        checkVolume(volumeNode)
        checkSegmentation(segmentationNode)
        given = _marks(points, box, marks)
        with self._looking(volumeNode, intensity) as session:
            return correctSegment(
                session,
                volumeNode,
                segmentationNode,
                segmentName,
                given,
                axis,
                accepted,
                through,
                progress,
                editorNode,
                rules,
            )

    def acceptSlices(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        segmentName: str,
        indices: Collection[int],
        axis: str = AXIS,
        accepted: bool = True,
    ) -> list[int]:
        """Accept slices of a segment as they are: neither a correction nor anything else here changes them any more.
        They are kept with the segment, in a saved scene as well.

        Args:
            volumeNode: whose slices they are.
            segmentationNode: with the segment.
            segmentName: of the segment.
            indices: voxel indices along the axis; none only asks.
            axis: "axial", "coronal" or "sagittal".
            accepted: accept them, or release them again.

        Returns:
            all accepted slices along the axis.

        Raises:
            InputError: no such segment, axis or slice.
        """
        volumeNode = seenAs(volumeNode)
        segmentID = segmentByName(segmentationNode, segmentName)
        acceptSlices(segmentationNode, segmentID, volumeNode, axis, indices, accepted)
        return sorted(acceptedAlong(segmentationNode, segmentID, volumeNode, axis))

    def segmentAutomatically(
        self,
        volumeNode: Volumes,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        adapter: str | Path | None = None,
        axis: str | None = None,
        cleanup: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
        intensity: str | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment everything that an adapter finds by itself, on all slices.

        Args:
            volumeNode: as for :meth:`segmentSlice`.
            segmentationNode: where to write; a new one by default. What is found of a class is added to the segment of
                its name, which is made, with terminology and colour, where there is none and something was found.
            adapter: name on the shelf, or folder; the active one by default.
            axis: "axial", "coronal" or "sagittal"; that of the adapter's training by default.
            cleanup: drop what is found on a single slice only.
            progress: called with (slices done, slices in all).
            intensity: as for :meth:`segmentSlice`.
            texts: what to look for instead, see :meth:`segmentByText`.

        Returns:
            the segmentation node.

        Raises:
            InputError: an unusable volume; an adapter that does not find objects by itself, or cannot be loaded; a
                mapping that it was not trained with.
        """
        volumeNode = seenAs(volumeNode)
        with self._looking(volumeNode, intensity, adapter=adapter) as session:
            found = findObjects(session, texts, axis, cleanup, progress)
            segmentationNode = segmentationNode or newSegmentation(volumeNode)
            addObjects(found, volumeNode, segmentationNode, session)
        return segmentationNode

    def segmentByText(
        self,
        volumeNode: Volumes,
        texts: str | Mapping[str, str],
        segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
        **options: Any,
    ) -> slicer.vtkMRMLSegmentationNode:
        """Segment what is named in words, on all slices.

        Args:
            volumeNode: as for :meth:`segmentSlice`.
            texts: of each object by the name of its segment, or one text that is both.
            segmentationNode: where to write; a new one by default.
            **options: as for :meth:`segmentAutomatically`.

        Raises:
            InputError: an unusable volume; an adapter that was not trained with texts; an empty or too long text; a
                text model that is missing, or another than that of the training.
        """
        texts = {texts: texts} if isinstance(texts, str) else texts
        return self.segmentAutomatically(volumeNode, segmentationNode, texts=texts, **options)

    def segmentVolumes(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLScalarVolumeNode] | None = None,
        texts: Sequence[str] | Mapping[str, str] | None = None,
        prompted: bool = False,
        adapter: str | Path | None = None,
        axis: str | None = None,
        cleanup: bool = True,
        intensity: str | None = None,
        progress: Callable[[Case], object] | None = None,
    ) -> slicer.vtkMRMLTableNode:
        """Segment many volumes one after the other, each into a hidden segmentation of its own; one that fails costs no
        other.

        Args:
            volumeNodes: the scans; by default all greyscale volumes and pictures of the scene that are not seen
                together with another one.
            texts: what to look for, as for :meth:`segmentByText`; by default all that the adapter finds by itself.
            prompted: carry each segment with prompts of a volume's own segmentations through it instead.
            adapter: name on the shelf, or folder; by default what is in use, the base model where that is nothing.
            axis: of the slices, or of the prompts.
            cleanup: drop what is found on a single slice only.
            intensity: as for :meth:`segmentSlice`.
            progress: called with each volume that something has become of.

        Returns:
            a table with a row for each structure: "Volume", "Structure", "Volume (mL)", "Surface (cm²)", "Pixels" (of
            pictures), "Mean value" (of the first channel), "Slices", "State", "Reason". The segmentations are those of
            ``manyVolumes.cases``.

        Raises:
            InputError: no volume; an adapter that cannot be loaded; another run is going on.
        """
        self.installation.ensure()
        used = self.inference.choice if adapter is None else self.models.withAdapter(adapter)
        named = texts if texts is None or isinstance(texts, Mapping) else {text: text for text in texts}
        many, wish = self.manyVolumes, Wish(named, prompted, axis, cleanup, intensity)
        many.start(scans() if volumeNodes is None else volumeNodes, used or self.models.choice(MODEL), wish)
        if progress is not None:
            many.changed.connect(progress)
        try:
            many.wait()
        finally:
            many.stop()
            if progress is not None:
                many.changed.disconnect(progress)
        return volumeTable(many.cases)

    @contextmanager
    def _looking(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        intensity: str | None,
        model: str | None = None,
        adapter: str | Path | None = None,
    ) -> Iterator[InferenceSession]:
        """The session with a model and a volume, whose mapping is the one that is asked for until the end."""
        checkVolume(volumeNode)
        wish = intensityText(intensity, volumeNode)
        self.installation.ensure()
        if model is not None or adapter is not None or self.inference.choice is None:
            self.activateAdapter(adapter, model)
        self.inference.useVolume(volumeNode, wish)
        try:
            yield self.inference
        finally:
            if wish is not None:
                # The Segment Editor asks the same session, and nobody has asked for this mapping there.
                self.inference.useVolume(volumeNode)


def _marks(
    points: Sequence[tuple[float, float, float, int]],
    box: tuple[Sequence[float], Sequence[float]] | None,
    others: Sequence[Mark],
) -> list[Mark]:
    """All prompts of a script as marks."""
    found = [Mark("point", place, label) for *place, label in points]
    return [*found, *([] if box is None else [Mark("box", box)]), *others]
