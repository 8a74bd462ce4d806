"""Segmentations of volumes from the DICOM database, saved as DICOM segmentations (SEG) beside their series.

The plugin of Quantitative Reporting does it where it is there, as Slicer's own dialogue for export would have it, else
the library by highdicom. What a plugin is given, and what it answers: ``examineForExport`` takes the item of the
subject hierarchy; ``export`` takes what that gave, with a folder to write to, and returns a text, empty where all went
well.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
from pathlib import Path
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError, in_words
from SAMAdaptLib.files import atomic_path
from SAMAdaptModuleLib.console.Evaluation import packedLabels
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, segmentationLabels
from SAMAdaptModuleLib.scene.SegmentWriter import modelOf

PLUGIN = "DICOMSegmentationPlugin"
INSTANCES = "DICOM.instanceUIDs"
# By which the plugin knows that a segment was not drawn by hand.
ALGORITHM_TYPE, ALGORITHM_NAME = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"


class DicomExport:
    """One segmentation on its way into the database.

    Args:
        segmentationNode: what is saved; its reference volume has to come from the database.

    Attributes:
        name: of the segmentation.

    Raises:
        InputError: no segmentation, or one without a segment; it belongs to no volume, lies under another transform
            than that, or has names that DICOM cannot hold; a volume that did not come from the DICOM database, or
            whose files have gone from there; nothing is installed that could write it.
    """

    def __init__(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
        checkSegmentation(segmentationNode)
        assert segmentationNode is not None
        self.name = segmentationNode.GetName()
        self._node, self._volume = segmentationNode, _referenceVolume(segmentationNode)
        self._files = _filesOf(self._volume)
        # With it comes what reads DICOM, and pictures, for which a panel shall not wait.
        from SAMAdaptLib.volume.dicom_write import check_segment_names

        check_segment_names([segment.GetName() for segment in self._segments()])
        self._plugin = getattr(slicer.modules, "dicomPlugins", {}).get(PLUGIN)
        if self._plugin is None and importlib.util.find_spec("highdicom") is None:
            what = _("Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom")
            remedy = _(
                "Install Quantitative Reporting in the Extensions Manager and restart the application, or type "
                'slicer.util.pip_install("highdicom") in the Python console'
            )
            raise InputError(what, None, remedy)
        self._folder = Path(slicer.util.tempDirectory(key="SAMAdaptDicom"))

    @property
    def byPlugin(self) -> bool:
        """Whether Quantitative Reporting writes it, which takes place in the application itself."""
        return self._plugin is not None

    def writeByPlugin(self) -> Path:
        """Have Quantitative Reporting write it, which also puts it into the database; returns the file.

        Raises:
            InputError: it could not, with its own words.
        """
        from SAMAdaptLib.volume.dicom_write import MAKER

        for segment in self._segments():
            if modelOf(segment) and not segment.HasTag(ALGORITHM_TYPE):
                segment.SetTag(ALGORITHM_TYPE, "SEMIAUTOMATIC")
                segment.SetTag(ALGORITHM_NAME, MAKER)
        try:
            told = self._exported()
        except Exception as error:
            # Whatever its parts raise that are not there, or of another version.
            logging.exception("Quantitative Reporting failed")
            told = in_words(error)
        written = sorted(self._folder.glob("*.dcm"))
        if told or not written:
            self._discard()
            what = _("Quantitative Reporting could not save the segmentation ({told})").format(
                told=" ".join((told or _("it wrote no file")).split())
            )
            raise InputError(what, self.name, _("The application log tells more; or save it as .seg.nrrd"))
        return written[0]

    def _exported(self) -> str:
        """What the plugin says; empty where all went well."""
        assert self._plugin is not None
        plugin = self._plugin()
        item = slicer.mrmlScene.GetSubjectHierarchyNode().GetItemByDataNode(self._node)
        exportables = plugin.examineForExport(item)
        for exportable in exportables:
            exportable.directory = str(self._folder)
        return str(plugin.export(exportables)) if exportables else _("it does not take this segmentation")

    def arguments(self) -> dict[str, Any]:
        """What the task "dicom_segmentation" takes to write it.

        Raises:
            InputError: two segments of one name.
        """
        labels = segmentationLabels(self._node, self._volume)
        segments = self._segments()
        return {
            "path": str(self._folder / "segmentation.dcm"),
            "size": labels.geometry.size,
            "ijk_to_ras": labels.geometry.ijk_to_ras,
            "labels": packedLabels(labels),
            "files": self._files,
            "volume": self._volume.GetName(),
            "entries": {one.GetName(): (_terminology(one), tuple(one.GetColor())) for one in segments},
            "manual": [one.GetName() for one in segments if not modelOf(one)],
        }

    def finish(self, written: Path, path: str | Path | None = None) -> Path:
        """Put what was written into the database, where it is not there yet, and delete it elsewhere.

        Args:
            written: the file.
            path: where a copy is wanted.

        Returns:
            the copy, or the file in the database.

        Raises:
            InputError: the database did not take it; the copy cannot be written.
        """
        import pydicom

        try:
            uid = str(pydicom.dcmread(written, stop_before_pixels=True).SOPInstanceUID)
            database = slicer.dicomDatabase
            if not database.fileForInstance(uid):
                database.prepareInsert()
                database.insert(str(written))
            kept = database.fileForInstance(uid)
            if not kept:
                what = _("The DICOM database did not take the segmentation")
                raise InputError(what, self.name, _("Check the database in the module DICOM; or save it as .seg.nrrd"))
            if path is None:
                return Path(kept)
            with atomic_path(path) as temporary:
                shutil.copyfile(written, temporary)
            return Path(path)
        finally:
            self._discard()

    def _discard(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _segments(self) -> list[slicer.vtkSegment]:
        segmentation = self._node.GetSegmentation()
        return [segmentation.GetNthSegment(number) for number in range(segmentation.GetNumberOfSegments())]


def _terminology(segment: slicer.vtkSegment) -> str:
    found = vtk.reference("")
    segment.GetTag(segment.GetTerminologyEntryTagName(), found)
    return str(found)


def _referenceVolume(segmentationNode: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLScalarVolumeNode:
    volumeNode = segmentationNode.GetNodeReference(segmentationNode.GetReferenceImageGeometryReferenceRole())
    name = segmentationNode.GetName()
    if volumeNode is None:
        what = _("The segmentation does not say on which volume it was made")
        remedy = _(
            "Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor"
        )
        raise InputError(what, name, remedy)
    checkVolume(volumeNode)
    if segmentationNode.GetParentTransformNode() is not volumeNode.GetParentTransformNode():
        what = _("The segmentation lies under another transform than its volume")
        raise InputError(what, name, _("Put both under the same one, or take it from both"))
    return volumeNode


def _filesOf(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """The files in the DICOM database that the volume was loaded from."""
    uids = (volumeNode.GetAttribute(INSTANCES) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if not uids or database is None or not database.isOpen:
        what = _("The volume was not loaded from the DICOM database")
        remedy = _("Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd")
        raise InputError(what, volumeNode.GetName(), remedy)
    files = [database.fileForInstance(uid) for uid in uids]
    there = [file for file in files if file and Path(file).is_file()]
    if len(there) < len(files):
        what = _("The DICOM database has only {there} of {total} files of the volume").format(
            there=len(there), total=len(files)
        )
        raise InputError(what, volumeNode.GetName(), _("Import its series in the module DICOM once more"))
    return there
