"""Scans with labels for a first try, in the Sample Data module."""

from __future__ import annotations

from pathlib import Path

CATEGORY = "SAM Adapt"
# Case liver_100 of the Medical Segmentation Decathlon (CC BY-SA 4.0), as Slicer's own sample data carries it.
SCAN = "https://github.com/Slicer/SlicerTestingData/releases/download/SHA256/"
SCAN_SHA256 = "e16eae0ae6fefa858c5c11e58f0f1bb81834d81b7102e021571056324ef6f37e"
LABELS = "https://github.com/PerkLab/SlicerSandbox/releases/download/TestingData/CTLiverSegmentation.seg.nrrd"
LABELS_SHA256 = "ce9a7182a666788a2556f6cf4f59ad5dadd944171cc279e80c164496729a7032"


def registerSampleData(icons: Path) -> None:
    """Register the data of this extension.

    Args:
        icons: folder that holds the thumbnail.
    """
    import SampleData

    thumbnail = icons / "SAMAdaptCTLiver.png"
    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName="SAMAdaptCTLiver",
        thumbnailFileName=str(thumbnail) if thumbnail.is_file() else None,
        uris=[SCAN + SCAN_SHA256, LABELS],
        fileNames=["CTLiver.nrrd", "CTLiverSegmentation.seg.nrrd"],
        checksums=[f"SHA256:{SCAN_SHA256}", f"SHA256:{LABELS_SHA256}"],
        nodeNames=["CTLiver", "CTLiverSegmentation"],
        loadFileTypes=["VolumeFile", "SegmentationFile"],
    )
