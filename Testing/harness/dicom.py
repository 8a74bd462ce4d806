"""What an extension meets of the DICOM module: its database, and the plugin by which Quantitative Reporting exports
segmentations (its DICOMPlugins/DICOMSegmentationPlugin.py, of which Slicer's core has another edition).

The plugin's contract is that of the real one; dcmqi, by which that writes, is replaced by highdicom.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pydicom
import slicer
import vtk

MEMBERS = ("confidence", "directory", "name", "pluginClass", "subjectHierarchyItemID", "tags", "tooltip")


class Database:
    """ctkDICOMDatabase, as far as it is used. What is inserted is copied into ``folder``."""

    def __init__(self, folder: Path, files):
        self.isOpen, self._folder = True, Path(folder)
        self._files = {str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID): str(file) for file in files}
        self._prepared = False

    def fileForInstance(self, sopInstanceUID: str) -> str:
        return self._files.get(sopInstanceUID, "")

    def prepareInsert(self) -> None:
        self._prepared = True

    def insert(self, filePath: str) -> None:
        if type(filePath) is not str:
            raise ValueError(f"called with wrong argument types: {filePath!r}")
        uid = str(pydicom.dcmread(filePath, stop_before_pixels=True).SOPInstanceUID)
        self._folder.mkdir(exist_ok=True)
        self._files[uid] = str(shutil.copyfile(filePath, self._folder / f"{len(self._files)}.dcm"))


class Exportable:
    """qSlicerDICOMExportable: its properties, ``setTag`` and ``tag``."""

    def __init__(self):
        for name in MEMBERS:
            object.__setattr__(self, name, "")
        object.__setattr__(self, "_tags", {})

    def __setattr__(self, name, value):
        if name not in MEMBERS or (name == "directory" and type(value) is not str):
            raise AttributeError(f"qSlicerDICOMExportable: {name} = {value!r}")
        object.__setattr__(self, name, value)

    def setTag(self, name: str, value: str) -> None:
        self._tags[name] = value

    def tag(self, name: str) -> str:
        return self._tags.get(name, "")


class SegmentationPlugin:
    """DICOMSegmentationPluginClass; ``told`` is what the next export answers in place of writing."""

    told = ""

    def examineForExport(self, subjectHierarchyItemID):
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        node = hierarchy.GetItemDataNode(subjectHierarchyItemID)
        if not (node and node.IsA("vtkMRMLSegmentationNode")):
            return []
        exportable = Exportable()
        exportable.subjectHierarchyItemID = subjectHierarchyItemID
        exportable.setTag("SeriesDescription", node.GetName())
        return [exportable]

    def export(self, exportables) -> str:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        for exportable in exportables:
            if self.told:
                return self.told
            node = hierarchy.GetItemDataNode(exportable.subjectHierarchyItemID)
            try:
                path = Path(exportable.directory) / "subject_hierarchy_export.SEG.dcm"
                self._write(node, path, exportable.tag("SeriesDescription"))
                slicer.dicomDatabase.insert(str(path))
            except ValueError as error:
                return str(error)
        return ""

    def _write(self, node, path: Path, description: str) -> None:
        import highdicom as hd

        volume = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
        files = [slicer.dicomDatabase.fileForInstance(uid) for uid in volume.GetAttribute("DICOM.instanceUIDs").split()]
        described, masks, segmentation = [], [], node.GetSegmentation()
        for segmentID in segmentation.GetSegmentIDs():
            mask = slicer.util.arrayFromSegmentBinaryLabelmap(node, segmentID, volume)
            if mask.any():
                described.append(self._described(segmentation.GetSegment(segmentID), len(described) + 1))
                masks.append(mask > 0)
        if not masks:
            raise ValueError("No non empty segments found.")
        hd.seg.Segmentation(
            [pydicom.dcmread(file) for file in files],
            np.stack(masks, axis=-1),
            hd.seg.SegmentationTypeValues.BINARY,
            described,
            hd.UID(), 100, hd.UID(), 1, "QIICR", "Slicer", "0", "0",
            series_description=description,
        ).save_as(path)  # fmt: skip

    def _described(self, segment, number: int):
        import highdicom as hd

        entry = slicer.vtkSlicerTerminologyEntry()
        slicer.vtkSlicerTerminologiesModuleLogic().DeserializeTerminologyEntry(segment.GetTerminology(), entry)
        codes = [
            hd.sr.CodedConcept(one.GetCodeValue(), one.GetCodingSchemeDesignator(), one.GetCodeMeaning())
            for one in (entry.GetCategoryObject(), entry.GetTypeObject())
        ]
        kind = _tag(segment, "DICOM.SegmentAlgorithmType") or "MANUAL"
        name = _tag(segment, "DICOM.SegmentAlgorithmName")
        if kind != "MANUAL" and not name:
            raise ValueError(f"Segment {segment.GetName()} has missing SegmentAlgorithmName")
        by = hd.AlgorithmIdentificationSequence(name, codes[0], "1") if name else None
        return hd.seg.SegmentDescription(number, segment.GetName(), *codes, kind, by)


def _tag(segment, name: str) -> str:
    found = vtk.reference("")
    return str(found) if segment.GetTag(name, found) else ""
